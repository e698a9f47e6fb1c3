// Package record keeps the documents of modules: answers to a form of a kind
// that the module declared, beside up to eight typed index fields, with unique
// keys and, where the kind asks for it, every earlier version. Modules write
// through effects (record put, revise, close) and read through slices and
// aggregates; people read the declared columns here when the module is down,
// because kinds and forms are kept from the moment the module is enabled.
//
// It owns record_kind, record_form, record, record_version and record_key;
// nobody else writes them.
//
// An index field of a kind lies in one of the columns n1–n8 (numbers, booleans,
// dates, instants) or t1–t8 (texts, ids); record_kind.slots remembers which, and
// a field that a later version of the module drops keeps its column until
// another field needs it, so that going back to the earlier version loses
// nothing. The SQL of slices is put together from these column names and from
// operators alone; every value is a parameter.
//
// The store is an ordinary one: data are readable by whoever reads the
// database. Kinds flagged as personal data need a store that encrypts, keeps
// apart and forgets; this core has none, so it refuses their records with a
// sentence, whatever capability the module holds.
package record
