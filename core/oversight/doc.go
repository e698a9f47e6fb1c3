// Package oversight tells those who answer for a territory, a programme or the
// country how networks do: whether each meets as often as its rules ask (in
// traffic lights, with the last day on which the next missing meeting can take
// place), a school year by powiat as of a day, and which of the minister's
// directions of education policy networks work on.
//
// It owns network_direction, policy_direction and year_report; only this package writes them. Everything else it
// reads: networks, memberships, meetings with attendance, programmes with their
// rules, and the registers as of a day.
//
// Numbers as of a day follow the register of that day (core/registry), the
// memberships that held at its end, and the meetings that were over by then, so
// that a later import of a register changes none of them.
package oversight
