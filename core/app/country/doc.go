// Package country fills an empty installation with an invented country, to
// measure the platform at its real size: registers with valid check digits go
// through the importer, everything else (people, programmes, networks with their
// members, roles, posts, meetings, resources, tasks, needs, notifications, the
// account of changes and the search) straight into the tables by COPY. Everything
// follows from the seed, so two installations of one scale and seed hold the
// same, but for the ids that the importer gives to institutions. It owns no
// table, and it is the one place that writes those of others: it belongs to
// measuring, never to running. Nobody else works on the installation meanwhile:
// its tables are held until the end.
package country
