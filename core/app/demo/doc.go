// Package demo makes the demonstration: centres, schools, people and networks
// of an invented autumn, in which every kind of user finds something to do.
// Everything is made by the exported operations of the services, as the person
// who would do it and at the moment when it would happen; only the lock between
// two processes is a statement of its own. It owns no table.
//
// The story is a list of scenes in the order of the domain clock, from
// September 2025 to the morning of 24 November 2026. Each scene looks at how
// things stand and does what is missing: a run that was interrupted is
// continued by the next one, and nothing is made twice. The last act of all is
// an account; once that is there the demonstration is complete, and a run
// changes nothing, so that what people did in it stays as they left it.
//
// What is where: cast.go the people, place.go registers, institutions and
// roles; spec.go, task.go, voting.go, gathering.go, words.go, shelf.go and
// asking.go how a network, a task, a vote, a meeting, a thread, a resource, an
// evaluation and a poll are put down; observation.go, observing.go and year.go
// network N1, past.go the whole year of the finished one, others.go the other
// networks, programme.go the teams, guide.go what is told to whoever tries it.
package demo
