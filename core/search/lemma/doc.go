// Package lemma knows the base forms of Polish words: "szkoleniami" is a form
// of "szkolenie". It builds a dictionary from the rules and words of hunspell-pl
// (by Marek Futrega and others; taken under its Apache-2.0 option, [Notice]),
// which the distribution installs, and answers in about a microsecond a word
// without touching the disk. It is a leaf and owns no table.
//
// Words typed without Polish letters are a union: "sad" is the orchard and, for
// somebody without a Polish keyboard, the court ("sąd"); "lodz" can only be
// "łódź".
//
// # The file
//
// One file holds a header with the digest of what it was made from, the base
// forms, the sets of base forms that a written form may have, and a finite state
// transducer (blevesearch/vellum) from form to set. A file of another revision
// of the program or of other sources is built anew.
package lemma

// Notice is the notice of the dictionary, printed where it is built.
const Notice = "Polish dictionary: hunspell-pl, copyright Marek Futrega and others (sjp.pl), used under the Apache License 2.0."
