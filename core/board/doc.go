// Package board owns what people of a network write for each other: the forum
// with its threads, and the topical blogs with their comments; who read what,
// who wants to hear of it, and the moderation of both. A blog's entry is a
// thread of another kind: its first post is the entry, the rest are comments.
// So writing, files, editing, unread marks and moderation are one thing.
//
// It owns board_topic, board_thread, board_post, board_revision, board_file,
// board_mark, board_follow, board_hiding and board_report; only this package
// writes them. Reads join networks, names of people and files.
//
// # Posts are numbered
//
// A post takes the next number of its thread under the lock of the thread's
// row. Nothing takes a number away again (a deleted post stays as a tombstone),
// so a page of a thread is the posts after a number, an address of a post leads
// to its page for ever, and what is unread is a difference of two numbers.
// Lock order: idempotency key → board_thread → board_post → the rest.
//
// # What may change
//
// The author changes or deletes a post for [EditTime] of the domain clock,
// afterwards they can add to it once; an entry of a blog stays theirs to edit.
// Older texts are kept for those who moderate. Whoever moderates hides a post
// with a reason: the author is told at once and may appeal to the centre, which
// upholds or restores; nobody decides about an act of their own. Nothing hidden
// is lost.
//
// A network that is over is read-only: nobody writes. Moderation goes on there
// (hiding, reporting, appeals), because what is unlawful must not stay in sight
// for being old.
//
// Read marks and the wish to follow are a person's own and are not audited.
package board
