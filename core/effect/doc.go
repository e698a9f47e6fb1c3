// Package effect is the one place where a module's decisions become changes.
//
// A module never acts: it is asked with a snapshot and answers with diagnostics
// and effects. The [Engine] reads the slices that a decision needs, asks the
// module outside any transaction, checks every effect (catalogue, caps, the
// module's capabilities, the actor's permissions, writable scopes, the owner's
// own rules), and applies all or none in one transaction together with the
// audit entries, the events and the mark that the decision was taken. A decision
// is applied once, however often it is asked.
//
// Contexts take part by registering, before the engine starts:
//   - an [Applier] for each effect kind whose tables they own,
//   - a [SliceReader] for each source of rows that they own,
//   - a [ScopeReader] for each scope kind that they own.
//
// The package owns effect_decision, effect_scope, effect_event, effect_recheck
// and timer; nobody else writes them. core/plugin implements [Modules]; nothing
// in here knows about processes or the wire.
package effect
