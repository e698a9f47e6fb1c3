// Package poll owns polls for the date of a meeting: a coordinator proposes up to
// 20 slots, everybody in the network answers yes, if need be or no for each, and
// one step makes a meeting of the chosen slot.
//
// It owns poll, poll_slot, poll_answer and poll_conflict; only this package
// writes them. Reads join the network, roles and names of its people, their
// institutions' places and the meeting that was made.
//
// # A poll's life
//
// open → chosen (the slot and the meeting made of it), or closed without a
// choice and open again. The date to answer by closes nothing: the coordinator
// is told that it passed, and late answers and changed ones count until the poll
// is closed.
//
// # Which slot is best
//
// See [rank]: (1) as few as possible of those who lead the network and its
// experts cannot come; (2) most people can, "yes" and "if need be" alike; (3)
// most say "yes"; (4) fewest clashes with holidays and breaks; (5) the earliest.
// The page says which of these decided. Nothing is chosen by the machine.
//
// # After the choice
//
// Whoever answered otherwise or falls ill later says so on the poll's page while
// the meeting lies ahead at the chosen time: that is a conflict, told to the
// coordinators at once. They keep the date with a reason, which is audited, or
// move the meeting.
//
// # Many answers at once
//
// An answer is a row of its own, written beside the poll held FOR SHARE: it
// waits for nobody but its closing.
//
// Lock order: idempotency key → network (FOR SHARE) → poll → slots, answers,
// conflicts.
package poll
