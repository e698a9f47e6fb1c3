// Package access decides who may do what where. Casbin holds role → permission
// (policies/); its verdicts are compiled at load into a table, so that a
// decision costs no allocation. Who has which role where is read by one indexed
// query per request into an [Actor]; nobody's membership is kept in memory, so
// a revocation acts at the next request. Lists carry the permission as a WHERE
// clause built by [Authorizer.Reach].
//
// It owns role_grant; only this package writes it.
package access
