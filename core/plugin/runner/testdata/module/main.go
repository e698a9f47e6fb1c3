// A module of a few bad habits, chosen when it is linked.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
)

var mode string

type module struct{}

func (module) Describe() *v1.DescribeResponse {
	return &v1.DescribeResponse{ModuleId: "test.runner", Version: "1.0.0"}
}

func (module) Health(context.Context) (bool, string) {
	return true, strings.Join(os.Environ(), "\n")
}

func (module) Decide(_ context.Context, r *sdk.Request) (*sdk.Answer, error) {
	switch r.Name() {
	case "panic":
		panic("as asked")
	case "stop":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		select {} // the signal may arrive after the call that sent it
	case "large":
		a := &sdk.Answer{}
		a.Info("", "large", strings.Repeat("x", 5<<20))
		return a, nil
	case "uid":
		a := &sdk.Answer{}
		a.Info("", "uid", fmt.Sprint(os.Getuid()))
		return a, nil
	}
	return &sdk.Answer{}, nil
}

func main() {
	signal.Ignore(syscall.SIGTERM)
	switch mode {
	case "elsewhere":
		fmt.Println("1|1|unix|/run/somebody/else.sock|grpc|")
		select {}
	case "tcp":
		fmt.Println("1|1|tcp|127.0.0.1:1|grpc|")
		select {}
	case "silent":
		select {}
	case "exit":
		os.Exit(3)
	case "flood":
		fmt.Fprintln(os.Stderr, "first\x1b[31m line\u202e")
		for range 100000 {
			fmt.Fprintln(os.Stderr, "noise")
		}
	}
	sdk.Serve(module{})
}
