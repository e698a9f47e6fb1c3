// Package programme owns programmes, the groups inside programmes and networks
// (teams of local governments, workshop groups) with their members, and the
// indicators of programmes with what was achieved towards them. A programme's
// type belongs to a module; what the core needs to know is here and goes on
// working while the module is down.
//
// It owns programme, programme_project, programme_partner, programme_rule,
// programme_deliverable, programme_deliverable_item, indicator, indicator_achievement, network_group,
// group_member and group_invitation; only this package writes them. Roles in
// groups are written through core/access in the same transaction. Reads join
// the parents of networks (network.programme_id, centre_id, status), the names
// of people and of institutions.
//
// A group lies in exactly one parent, a programme or a network, and reaches the
// programme and centre through it; nothing is copied, so a group that moves
// takes its records and tasks along by its id alone.
//
// What counts towards an indicator counts once per piece of evidence, and, when
// it counts for a group, once per group: a plan handed in again is no second plan.
package programme
