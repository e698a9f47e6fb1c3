// Package sdk is what the author of a module imports. A module is a Go type
// with a [Describer] and whichever other interfaces it needs; [Serve] makes it
// a process that the platform runs:
//
//	func main() { sdk.Serve(tutoring.Module{}) }
//
// A module decides, the platform does: a call brings everything the answer may
// depend on, and the answer is diagnostics, effects, a view, or a wish for more
// data. A module keeps no state, opens no files and no connections; the same
// request gets the same answer on any process. Calls may run concurrently and
// end after five seconds. A panic becomes an error of that call, not of the
// process.
//
// The package depends on go-plugin, gRPC and protobuf only, never on the
// platform's core.
package sdk
