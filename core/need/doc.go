// Package need keeps what schools need (requirement 4: networks are made from
// needs): a school reports a topic for a school year, a centre sees the needs of
// its territory in clusters, and founds a network from one in three steps: the
// schools, the network, the invitations.
//
// It owns need and need_plan; only this package writes them.
package need
