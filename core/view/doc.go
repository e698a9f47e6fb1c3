// Package view is the vocabulary of read-only pages declared as data: fourteen
// node types, typed values, links by name. It reads and lints a view, collects
// and resolves the people and things it names, and gives it as JSON and CSV;
// package render beside it makes HTML and SVG. It owns no table and knows no
// HTTP. No string of a view is markup and none is a URL, except the https
// address of an "ext" link, which is shown with its host.
//
// The way of a view: [Load] (bytes → View, or diagnostics), [Resolve] (one
// batch per kind of thing, through the reader's eyes), then render.HTML,
// [NewDocument] or [WriteCSV].
package view
