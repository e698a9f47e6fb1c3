// Package network owns networks of cooperation and self-education: founding,
// the ways in and out (open, on request, by invitation; seats, waiting list,
// offers), roles in a network, members' proposals with their votes, the
// hand-over of the coordinator's role, the successor of the next school year.
// What is special to a type of network (its stages, goals, plan) a module
// decides; this package asks through core/effect and goes on working while the
// module is down.
//
// It owns network, network_seat, membership, network_invitation, proposal,
// proposal_vote, agenda_item, handover and programme_network (which network was in
// which programme from when to when, and the requests to enter one); only this package writes them. Roles
// are written through core/access in the same transaction. Reads join the names
// of people, institutions and centres.
//
// # Seats, and why 200 answers at once meet no conflict
//
// Every change of memberships runs in one transaction that first locks the
// network's row in network_seat (SELECT … FOR UPDATE) and only then reads what
// it decides upon, in a fresh snapshot. Nothing waits under that lock: no
// module is called and no mail is sent inside, only rows are written. So
// answers queue for milliseconds, none fails, and the capacity is exact (a
// CHECK of the database says so too). The version of the network itself is
// not touched by members coming and going.
//
// Lock order everywhere: idempotency key → network_seat → network → membership,
// invitation, proposal, handover → role_grant.
//
// One person of a school first: with that setting, and until its date, a second
// person of the same school complex does not get a seat but waits behind all
// firsts; when the first one goes, the next of that school becomes a first. A
// freed seat is offered to the head of the waiting list for 48 hours of domain
// time; no answer or a refusal passes it on.
package network
