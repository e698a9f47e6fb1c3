// Package work runs the job kinds that modules declare: by cron, after an
// event, on demand. A job is run a page at a time: the engine asks the module
// with the continuation of the page before, and applies its effects together
// with the new continuation in one transaction, so a page counts once however
// often it is tried. What is due, pauses, progress, failures and cancelling lie
// in the table; River (core/job) only wakes a node to look.
//
// It owns module_job and module_schedule; only this package writes them. Reads
// list the programmes, networks and groups of a module's types, to spread a cron
// tick over them.
//
// Cron is read in Europe/Warsaw by the domain clock. Ticks missed while nothing
// ran (or jumped over by the demonstration's clock) are made up once, not one by
// one. A tick makes a job for each open scope of the module's types, 200 in a
// transaction; the place is kept, so a crash goes on where it was and makes none
// twice.
//
// A failed page is tried again after 10 s, 40 s, 2.7 min … at most 30 min, as
// often as the kind says, then the job has failed. A module that is down or
// disabled costs no try: its jobs wait.
//
// A job that has to make something for each of many (a task for each of 2,000
// members) is what pages are for: an answer holds at most 500 effects.
package work
