// Package form is the vocabulary of forms declared as data: a tree of items in
// one closed set of types, with conditions and checks that are data too. It
// reads and lints a form, takes what people typed or a program sent, evaluates
// conditions on the server, validates, and keeps answers comparable between
// revisions. It owns no table and knows no HTTP; package render beside it makes
// the HTML.
//
// The way of a form: [Load] (bytes → Form, or diagnostics) once; per request
// [Step] (state + posted values → new state and what the person asked for), or
// [DecodeAnswers] and [Validate] for programs. A [State] is JSON and is what a
// draft stores: raw texts as typed, so that a wrong value is shown again.
//
// Ids are unique in the whole form, so a condition names an item by its id
// alone. A plain group is layout: its items' answers lie beside it. A repeated
// group holds rows with stable ids, and paths name them: "dzialania[r3f2].od".
// A row of a matrix is "ocena.o1".
package form
