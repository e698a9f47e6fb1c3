// Package task owns human tasks of the types that modules declare: assigned to
// a person, a group or a network, handed in as answers to the type's form with
// files, returned with remarks anchored to places of the submission and a new
// date, accepted, escalated, cancelled, reopened; every submission and decision
// is kept. Modules make, assign and decide tasks by effects and read them by
// slices; a type that declares one of the core's commands (assign, submit,
// accept, return) is asked before it is done and may refuse, warn or add
// effects. Without such a declaration tasks go on while the module is down.
//
// It owns task, task_form, task_submission, task_author, task_decision and
// task_remark; only this package writes them. Reads join the names of people,
// groups, networks and programmes, and the members of groups and networks.
//
// # Who does a task
//
// person: that person. group: any of its team hands in for all; with a shared
// submission the authors are listed. network: with a shared submission one for
// all; otherwise everybody in the network has an own part. Such a task costs
// one row however large the network is: a member's part is a row of its own
// under the task, made when the member first hands something in, and is from
// then on a task like any other. Who joins later has the task too.
//
// # Who sees what
//
// Whoever left the task's place does no task there and reads only what they
// handed in themselves. Assignees see their tasks, whoever reviews or assigns in the task's scope sees
// all of them, administrators with task:list see titles and states. Submissions
// are seen by assignees and reviewers only: other participants of a network
// have task:list too, and must not read what somebody else handed in.
//
// Lock order: decision → idempotency key → task → the rest.
package task
