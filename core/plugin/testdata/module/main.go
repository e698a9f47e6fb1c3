// A module for tests of the host: it behaves as its command says.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
)

// version is set when the module is linked.
var version = "1.0.0"

const form = `{"kind":"form","v":1,"id":"note","rev":1,"title":{"pl":"Notatka"},"items":[{"id":"text","type":"text","label":{"pl":"Treść"},"required":true}]}`

type module struct{}

func (module) Describe() *v1.DescribeResponse {
	var commands []*v1.CommandKind
	for _, name := range []string{"pid", "slow", "crash", "hang", "stop", "large", "unknown", "bad_scope", "fail", "error", "panic"} {
		commands = append(commands, &v1.CommandKind{Name: name, Title: sdk.PL(name, name), Scopes: []v1.ScopeKind{v1.ScopeKind_SCOPE_KIND_NETWORK}})
	}
	return &v1.DescribeResponse{
		ModuleId: "test.host", Version: version,
		NetworkTypes: []*v1.NetworkType{{
			Name: "network", Title: sdk.PL("Sieć próbna", "Trial network"), Function: sdk.PL("Sieci próbne", "Trial networks"),
			Stages:    []*v1.Stage{{Name: "work", Title: sdk.PL("Praca", "Work")}},
			Behaviour: &v1.Behaviour{Commands: commands},
		}},
		RecordKinds: []*v1.RecordKind{{
			Name: "note", Title: sdk.PL("Notatka", "Note"), Form: sdk.Doc(json.RawMessage(form), 1),
			Scopes: []v1.ScopeKind{v1.ScopeKind_SCOPE_KIND_NETWORK}, History: v1.History_HISTORY_LATEST,
		}},
	}
}

func (module) Decide(_ context.Context, r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	switch r.Name() {
	case "pid":
		a.Info("", "pid", fmt.Sprint(os.Getpid()))
		a.Info("", "version", version)
	case "slow":
		fmt.Fprintln(os.Stderr, "slow begins")
		time.Sleep(300 * time.Millisecond)
		a.Info("", "pid", fmt.Sprint(os.Getpid()))
	case "crash":
		os.Exit(7)
	case "hang":
		select {}
	case "stop":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		select {}
	case "large":
		a.Info("", "large", strings.Repeat("x", 5<<20))
	case "unknown":
		a.Effect("x", &v1.Effect{})
	case "bad_scope":
		a.Note(sdk.Network("#nothing"), "x", "")
	case "fail":
		return nil, sdk.Unknown("command", "fail")
	case "error":
		return nil, errors.New("a fault of the module")
	case "panic":
		panic("as asked")
	case "sum": // for the benchmark: touches every row, answers little
		n := 0
		for _, s := range r.GetSlices() {
			n += len(s.GetRows())
		}
		a.PutRecord("sum", r.Snapshot.GetScope(), "note", sdk.Doc(map[string]string{"text": fmt.Sprint(n)}, 1), nil)
	}
	return a, nil
}

func main() { sdk.Serve(module{}) }
