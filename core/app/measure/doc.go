// Package measure holds the whole program to its figures. Its tests count what
// can be counted, by listening to what the program says to PostgreSQL: round
// trips, statements prepared, writes on reading pages. Its benchmarks take time
// beside a bare counterpart in turns, within one run, and report the ratio;
// nothing asserts a time, because machines differ and are busy.
//
// Other figures lie with their rooms: a decision of access in core/access, a
// decision of a module through the host in core/plugin.
//
// It holds tests only and owns no table.
package measure
