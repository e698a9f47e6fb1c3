// Package library owns resources and good practices: what people share in a
// network or a centre, under which licence and for whom, the versions of their
// files, where they are used, who found them useful, and the dissemination plan
// with which a network ends.
//
// It owns resource, resource_version, resource_file, resource_use,
// resource_useful and dissemination; only this package writes them. Reads join
// names of networks, centres and people. The bytes lie in core/file, attached to
// the version ([FileKind]).
//
// # Who sees a resource
//
// A draft only its author. A shared one those who may see the inside of its
// network (resource:view there), or those of its centre; once published,
// everybody signed in (audience platform) or everybody (public). A published
// resource lives on when its network is closed. A removed one, only those who
// may put it back. The same predicate stands in the WHERE clause of every list
// and of every read ([visible]).
//
// # Publication
//
// Whoever may publish at the place (resource:publish: the centre, ORE, people
// of the centre who found networks) decides at once; a coordinator without that
// right proposes, and the centre answers. Withdrawing takes a reason and leaves
// the address alive: it then says that the resource was withdrawn, and why.
//
// A version is never changed: new files make a new one with a note of what
// changed, and the address of the resource shows the latest.
//
// Kinds, licences and the vocabularies of tags are data (taxonomy.csv, each
// term with its source); what is stored are their codes.
package library
