// Package filling leads a module's form through pages, for every room that has
// such forms: an act in a network, programme or group, the founding of a
// network, a task that is handed in.
//
// What was typed lies in the person's draft, so that any page can be left and
// come back to. Two things can overtake it, and either way the second of two
// editors gets a page with both texts, and for each difference the choice which
// one stays:
//
// Another window of the same person saved the draft. Each page carries the
// version of the draft that it showed, and the mark of its window, which goes
// along with redirects: going back in a window to a page of it that is older
// than the draft is no second editor.
//
// Somebody else saved the record that the form edits. The draft keeps the
// version from which the form was filled; the service compares it inside the
// change and answers [effect.ErrOvertaken].
//
// It owns no table; core/draft keeps the drafts.
package filling
