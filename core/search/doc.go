// Package search is the one index over networks, posts, resources and people.
// The rooms that own them keep it: whoever writes a thing calls [Index.Changed]
// in the same transaction, and the index asks the room's [Source] for the
// document as it is now. A job prepares everything anew, a page at a time and
// resumable, when the dictionary of base forms (core/search/lemma) is another
// one, and when a room is indexed for the first time.
//
// It owns search_doc and search_progress; only this package writes them. Reads
// join titles of networks.
//
// # What is stored of a word
//
// Its spelling without diacritics, marked "~", and its base forms as they are.
// A text thus matches a query in any inflected form, and a name that no
// dictionary has in its spelling. Without a dictionary only the spellings are
// there: whole words are found, and [Index.WholeWords] says so.
//
// # Who finds what
//
// Every statement carries the permission: a document is open to everybody, to
// everybody signed in, or to those who hold its kind's permission in its network
// or centre ([Source].Perm with the actor's grants).
//
// # How it stays fast on a board of a million posts
//
// A rare word is looked up in the inverted index and what it finds is ranked. A
// word that half of the texts hold would there cost a second; such texts are
// walked from the newest on, until a page is full, and come in that order. Which
// way to go is decided by how often the query's words occur, as PostgreSQL's
// statistics count them. Never more than [MaxResults] results are paged through.
package search
