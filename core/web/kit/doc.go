// Package kit is the web server's frame: one Echo instance with its
// middleware, one table of routes with the permission beside each path, and
// [Ctx], through which page handlers read requests and answer. Echo stays
// behind it: rooms of pages (core/web/<room>) export
//
//	func Routes(d Deps) []kit.Route
//
// and see net/http and templ types only. The API (core/api) registers on the
// same Echo and shares the middleware.
//
// A request passes: recover → request id → access log and metrics → client
// address → security headers → body ceiling → deadline 15 s, which
// waits while the body comes in → session or bearer token → access.Actor and
// language in the context → cross-origin protection → route: coarse
// permission, parsed form, idempotency key → handler. An error returned by a handler becomes a page (or, under /api, a
// problem document) in one place, [Server.fail]; nobody else decides a status.
//
// It owns no table. Cookies are its only state: the session's, the language's
// and a message that lives until the next page.
package kit
