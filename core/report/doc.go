// Package report writes the documents that a network hands in or gives its
// people: the annual report, filled from what the rooms know, and a plain
// attendance note for one person. It owns no table: what only people can say
// (difficulties, conclusions, whether the network goes on) is asked for in the
// summary form of the network's type and stands in the report as they wrote it.
//
// A report is a [document.Document]: the page, the ODT and the tagged PDF say
// the same.
package report
