// Package runner starts one plugin process and speaks to it: it owns the
// process, its folder and its socket, and no table.
//
// The story of a start: the binary is copied into a sealed memory file while
// it is hashed, and that memory file is what is executed, so nobody can change
// the bytes between the check and the start. For a plugin in Python the memory
// file is read by a copy of the machine's interpreter. Package sandbox starts it and says
// which layers hold it in. The process gets go-plugin's handshake variables and
// LANG, TZ, GOMEMLIMIT, GOMAXPROCS, nothing else of the host's environment; a
// uid of its own when the host is root; a process group of its own; and a
// private folder for its socket, into which it cannot write once it serves. It
// names a socket in the handshake: only a socket inside that folder is dialled.
// Calls are mutual TLS with certificates made for this one process, messages at
// most 4 MiB.
//
// The story of an end: the process is asked to end, after a grace its whole
// group is killed, and only then go-plugin's own Kill runs, which would
// otherwise wait for a stopped process for ever. When the host dies, the kernel
// kills the process (Pdeathsig, on a thread that lives as long as the child).
package runner
