// Package schedule owns the meetings of networks: their kinds, dates, places and
// agendas, invitations with answers, the programme sent seven days before with
// what became of each letter, reminders, the attendance register and check-in,
// minutes with decisions and action items, and the teaching hours that follow.
// Modules propose and change meetings by effects, see them by slices, and may
// forbid closing one by the guard "meeting:close".
//
// The meetings part owns meeting, meeting_item, meeting_answer,
// meeting_attendance, meeting_code_try, meeting_decision, action_item,
// meeting_delivery, meeting_notice and attendance_rule; only this package writes
// them. Reads join networks, memberships, the names of people and institutions,
// items that wait for an agenda (core/network) and what became of letters
// (core/notify).
//
// # A meeting's life
//
// draft → announced (everybody inside is invited) → held (its end passed by the
// domain clock) → closed (register and minutes are final); cancelled, with a
// reason, from draft and announced. Moving an announced meeting tells everybody
// at once and raises two counters: sequence, what calendars must learn, and
// moved, the time of the meeting that answers and reminders belong to.
//
// # Who is invited
//
// Every active member but those who lead the network. Nothing is written when
// somebody joins or leaves: who is invited is read when it matters.
//
// # Why 200 answers at once meet no conflict
//
// An answer is a row of its own, written beside the meeting held FOR SHARE: it
// waits for nobody but a move or cancellation of that meeting.
//
// # Reminders once and in time
//
// Announcing and moving a meeting plan its notices as rows; a sweep sends those
// that are due by the domain clock under the lock of their meeting, and marks
// them in the same transaction, so any number of nodes send each once. After a
// jump of the clock the latest reminder alone is sent, and none for a meeting
// that has begun; the alarm to send the programme fires however late.
//
// Lock order: decision → idempotency key → network (FOR SHARE) → meeting → the rest.
package schedule
