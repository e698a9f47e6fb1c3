// Package ui holds the pieces that pages are made of: the frame around every
// page ([Layout]) and accessible templ components for headings, lists, tables,
// notices and hand-written forms. It knows texts and markup, never HTTP: what a
// page needs from the request arrives in [Shell], made by core/web/kit.
//
// Texts given to components are already in the reader's language; texts of the
// components themselves come from the catalogue through the context. Nothing
// here writes markup from a string.
package ui
