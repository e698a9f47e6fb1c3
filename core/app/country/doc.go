// Package country fills an empty installation with an invented country, to
// measure the platform at its real size: registers with valid check digits go
// through the importer, people, networks, roles, posts and meetings straight into
// the tables by COPY. Everything follows from the seed, so two installations of
// one scale and seed hold the same. It owns no table, and it is the one place
// that writes those of others: it belongs to measuring, never to running.
package country
