// Package plugin is the catalogue of modules and what makes it so: which
// modules are enabled is rows in PostgreSQL; on each node one reconciler reads
// them and starts, replaces or stops processes. A start of the core, a second
// node and a crash are the same code path. It implements [effect.Modules]: the
// contexts see modules, never processes.
//
// Below it: bundle reads what is delivered, runner starts one process from
// verified bytes, supervisor keeps it alive, facade speaks the wire. Beside it
// conformance tries a bundle for its author, without a database.
//
// It owns module, module_version, module_grant, module_rule, module_process,
// module_log, module_centre, module_config, module_key, module_bundle, module_chunk,
// module_crash, module_hold and module_upgrade.
package plugin
