// Package access decides who may do what where. Casbin holds role → permission
// (policies/); its verdicts are compiled at load into a table, so that a
// decision costs no allocation; the role map of an enabled module joins the
// table by [Authorizer.SetModule]. Who has which role where is read by one
// indexed query per request into an [Actor]; nobody's membership is kept in
// memory, so a revocation acts at the next request. Lists carry the permission
// as a WHERE clause built by [Authorizer.Reach].
//
// Roles are given in two ways. What follows from something else (a membership,
// a group, the founding of a network) is written by [Give] and [Take] in the
// transaction of the owner of that thing. What people give by hand goes through
// [Service], within policies/delegation.csv: a role whose permissions the giver
// holds, or one that the file declares an appointment; never beyond the giver's
// own place, nor longer than the giver's own grant. Periods of grants are of
// the domain clock.
//
// It owns role_grant; only this package writes it.
package access
