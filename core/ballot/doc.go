// Package ballot is the urn: one answer a person, and nobody, not even whoever
// holds the database, can tell whose an answer is. Evaluations use it, elections
// can.
//
// It owns ballot, ballot_voter, ballot_paper and ballot_answer; only this
// package writes them.
//
// # The way of an answer
//
// Opening ([Box.Open]) lists who may answer. A person who is on the list takes a
// code ([Box.Issue]): beside their name a yes is noted, and nothing else of it
// is kept. The code is a random number with a message authentication code under
// the ballot's key, so it need not be written down anywhere to be recognised.
// Whoever has the code, signed in or not, writes under it ([Box.SaveDraft]) and
// answers once ([Box.Cast]): a row under the SHA-256 of the code, sealed with
// the ballot's key. Closing ([Box.Close]) opens all papers in one transaction,
// shuffles them, writes them as new rows under random ids, deletes the papers
// and the list of people, and destroys the ballot's key.
//
// # What could tell, and why it does not
//
//   - A link in the data: there is none between a name and a code or an answer.
//     The receipt of a form sent twice is a SHA-256 of a random number that is
//     kept nowhere, and is forgotten within two minutes.
//   - The order of rows, their ids, ctid, xmin: while the ballot is open they
//     tell the order in which sealed papers came, and nothing about what is in
//     them. The answers themselves are all written by one transaction in a random
//     order under random (version 4) ids; the rows that had an order are gone.
//   - Times: no row of the four tables has one, no answer is audited, and
//     neither issuing nor answering leaves an idempotency key behind.
//   - Dead rows, write-ahead log and backups of the open time hold sealed papers
//     and, in the ballot's row, half of their key; the other half is the
//     installation's secret, which never lies in the database. After closing the
//     first half is gone from the database as well.
//   - The length of a paper: papers are padded to 512 bytes.
//
// What remains: whoever has both a backup (or archived log) of the time when the
// ballot was open and the installation's secret, and knows in which order people
// answered, can join the two. And whoever watches a tiny ballot live sees when a
// paper comes. So keep backups and the secret with different people, and let
// results wait for the end: the counts are all that an open ballot tells.
package ballot
