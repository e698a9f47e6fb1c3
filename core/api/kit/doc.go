// Package kit is the frame of the JSON API under /api/v1: huma on the Echo
// instance of core/web/kit, with the same middleware, sessions and deadlines.
// Rooms of operations (core/api/<room>) export
//
//	func Register(a *kit.API, d Deps)
//
// and call [Register] once per operation. The frame checks the coarse
// permission, carries the Idempotency-Key into the context, turns every error
// into an RFC 9457 problem document in the reader's language without echoing
// input, and writes the OpenAPI 3.1 document and its readable page.
//
// Conventions: lists with pages take after and limit ([PageIn], or [AfterIn]
// where a page has a fixed size) and answer items and next ([List]), those
// without say how much they hold ([Op.Most]); ids are UUIDs; times are RFC 3339 in UTC; every change accepts an
// Idempotency-Key of 8 to 64 characters; a stale version is 409.
//
// It owns no table.
package kit
