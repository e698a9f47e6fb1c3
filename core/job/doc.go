// Package job runs durable work on River in PostgreSQL: kinds of the core and
// of modules, retried until done, on any node. A job is inserted in the
// transaction of the change that wants it and may run twice (a node dies after
// the work and before the mark); work that must count once changes data and
// calls [Job.Complete] in one transaction.
//
// It owns River's tables (river_job, river_leader, river_queue, …); nobody
// else writes them. River on lib/pq has no LISTEN and polls: a job starts up to
// [Config].Poll after its transaction commits. Times here are real time, never
// the domain clock: what is due by the domain clock is found by a periodic job
// that asks its own table.
package job
