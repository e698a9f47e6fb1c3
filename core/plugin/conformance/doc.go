// Package conformance tries a bundle the way the platform treats it and reports
// in named cases: what an author runs before handing it in. It owns no table and
// needs no database.
//
// The story of a run: the bundle is opened and verified like any that is handed
// in; its program is started by the host's own runner, in the sandbox of this
// machine; everything that it describes is asked, with people, records and
// answers that are invented from the module's own forms and slices (package-wide
// from one seed, so that a run can be repeated); and each answer is held against
// what the engine would hold it against: the description, the manifest's rights,
// the scopes that were handed out. What was answered once is the measure for the
// cases that ask again: in a dry run, from another process, after a kill.
//
// A command, view or event that fails the first asking is left out of what comes
// later, so that one fault is one fault in the report.
package conformance
