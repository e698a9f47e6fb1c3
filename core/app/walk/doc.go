// Package walk tests the whole program as people and other programs meet it:
// one [app.App] on a fresh database, the real bundle of ore.thematic in its own
// process, the server on a port, a browser without scripts and the JSON API.
// What a room does in detail is tested in the room; here parts meet.
//
// It holds tests only and owns no table.
package walk
