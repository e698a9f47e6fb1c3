// Command misbehave is a module of bad habits, for tests alone: it has no
// manifest and is never delivered. Commands ask it for one; what it does at its
// start and at its end goes by the id under which it is started: "test.exit"
// exits.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"ore.edu.pl/sieci/plugins/sdk"
)

// version is set when the module is linked.
var version = "1.0.0"

// plain is the id of a module without habits at the start and the end.
const plain = "test.misbehave"

// id is what it calls itself: what the platform calls it, but for one that lies.
var id = plain

func main() {
	mode := ""
	if os.Args[0] == "ore.misbehave" { // as what comes with the platform
		id = os.Args[0]
	}
	if name, ok := strings.CutPrefix(os.Args[0], "test."); ok && name != "other" {
		id = os.Args[0]
		mode = strings.TrimPrefix(name, "misbehave")
	}
	begin(mode)
	sdk.Serve(module{})
	if mode == "stubborn" {
		select {} // asked to end, it stays
	}
}

// begin does what is to be done before anybody can call.
func begin(mode string) {
	if mode != "" {
		signal.Ignore(syscall.SIGTERM)
	}
	switch mode {
	case "exit":
		os.Exit(3)
	case "silent":
		forever()
	case "elsewhere":
		fmt.Println("1|1|unix|/run/somebody/else.sock|grpc|")
		forever()
	case "link": // a socket of somebody else's under a name of its own
		dir := os.Getenv("PLUGIN_UNIX_SOCKET_DIR")
		_ = os.Symlink("/run/somebody/else.sock", dir+"/s")
		fmt.Println("1|1|unix|" + dir + "/s|grpc|")
		forever()
	case "tcp":
		fmt.Println("1|1|tcp|127.0.0.1:1|grpc|")
		forever()
	case "other_version":
		fmt.Println("1|7|unix|" + os.Getenv("PLUGIN_UNIX_SOCKET_DIR") + "/s|grpc|")
		forever()
	case "other_protocol":
		fmt.Println("2|1|unix|" + os.Getenv("PLUGIN_UNIX_SOCKET_DIR") + "/s|grpc|")
		forever()
	case "chatter": // a handshake line that never ends
		for {
			fmt.Print(strings.Repeat("x", 1<<16))
		}
	case "flood":
		flood(100_000)
	case "greedy":
		swallow(1 << 30)
	}
}

// forever waits; a Go program that only waits for nothing is ended by its runtime.
func forever() {
	for {
		time.Sleep(time.Hour)
	}
}

// flood writes n lines, and first one that would pass for the host's own.
func flood(n int) {
	fmt.Fprintln(os.Stderr, "first\x1b[31m line\u202e")
	fmt.Fprintln(os.Stderr, "innocent\rlevel=ERROR msg=\"the core stops\"")
	fmt.Fprintln(os.Stderr, "answered by Żaneta Próbna, z.probna@example.org, 44051401359")
	for range n {
		fmt.Fprintln(os.Stderr, "noise")
	}
}

// swallowed keeps what was taken in use.
var swallowed [][]byte

// swallow takes n bytes and touches each page.
func swallow(n int) {
	for got := 0; got < n; got += 1 << 20 {
		b := make([]byte, 1<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		swallowed = append(swallowed, b)
	}
}

type module struct{}

// Health tells what it finds in its environment.
func (module) Health(context.Context) (bool, string) {
	return true, strings.Join(os.Environ(), "\n")
}
