package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"ore.edu.pl/sieci/plugins/misbehave/ways"
	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
)

// commands are what it can be asked for; each is a case of Decide.
var commands = []string{
	"pid", "sum", "ways", "guess",
	"slow", "crash", "hang", "spin", "stop", "error", "panic", "fail",
	"large", "giant", "memory", "flood",
	"unknown", "bad_scope", "markup", "bidi", "nul", "forged_id", "beyond_grants", "beyond_scope", "many", "replayed",
}

// Decide does what the command is called after.
func (module) Decide(_ context.Context, r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	switch name := r.Name(); name {
	case "pid":
		a.Info("", "uid", fmt.Sprint(os.Getuid()))
		a.Info("", "version", version)
	case "sum": // for the benchmark: touches every row, answers little
		n := 0
		for _, s := range r.GetSlices() {
			n += len(s.GetRows())
		}
		a.PutRecord("sum", r.Snapshot.GetScope(), "note", sdk.Doc(map[string]string{"text": fmt.Sprint(n)}, 1), nil)
	case "ways":
		var in struct{ File, Socket string }
		if err := json.Unmarshal(r.Command.GetInput().GetJson(), &in); err != nil {
			return nil, err
		}
		for _, w := range ways.Try(ways.Foreign{File: in.File, Socket: in.Socket}) {
			a.Info("", w.Way, fmt.Sprint(int(w.Errno)))
		}
	case "guess":
		ways.Guess()
	default:
		if err := process(name, a); err != nil {
			return nil, err
		}
		return answer(name, r, a)
	}
	return a, nil
}

// process is what goes wrong with a process.
func process(name string, a *sdk.Answer) error {
	switch name {
	case "slow":
		fmt.Fprintln(os.Stderr, "slow begins")
		time.Sleep(300 * time.Millisecond)
		a.Info("", "version", version)
	case "crash":
		os.Exit(7)
	case "hang":
		select {}
	case "spin":
		for n := 0; ; n++ { //nolint // as asked
			if n < 0 {
				return nil
			}
		}
	case "stop": // alone in its namespace a process cannot stop itself: then it hangs
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		select {}
	case "error":
		return errors.New("a fault of the module")
	case "panic":
		panic("as asked")
	case "fail":
		return sdk.Unknown("command", name)
	case "memory":
		swallow(1 << 30)
	case "flood":
		flood(100_000)
	}
	return nil
}

// answer is what goes wrong with an answer.
func answer(name string, r *sdk.Request, a *sdk.Answer) (*sdk.Answer, error) {
	at := r.Snapshot.GetScope()
	note := func(text string) *v1.Document { return sdk.Doc(map[string]string{"text": text}, 1) }
	switch name {
	case "large":
		a.Info("", "large", strings.Repeat("x", 5<<20))
	case "giant":
		a.Info("", "giant", string(bytes.Repeat([]byte("x"), 600<<20)))
	case "unknown":
		a.Effect("x", &v1.Effect{})
	case "bad_scope":
		a.Note(sdk.Network("#nothing"), "x", "")
	case "markup": // no markup to anybody: text
		a.PutRecord("x", at, "note", note("<script>alert(1)</script>"), nil)
	case "bidi":
		a.Info("", "bidi", "abc\u202etxt.exe")
	case "nul":
		a.Info("", "nul", "a\x00b")
	case "forged_id":
		a.Effect("x", &v1.Effect{Kind: &v1.Effect_RecordRevise{RecordRevise: &v1.RecordRevise{
			Scope: at, RecordId: "01900000-0000-7000-8000-0000000000ff", Version: 1, Data: note("not mine")}}})
	case "beyond_grants":
		a.PutRecord("first", at, "note", note("before"), nil)
		a.Effect("x", &v1.Effect{Kind: &v1.Effect_GroupCreate{GroupCreate: &v1.GroupCreate{Scope: at, Kind: "team", Name: "A"}}})
	case "beyond_scope":
		a.PutRecord("first", at, "note", note("before"), nil)
		a.PutRecord("x", sdk.Network("01900000-0000-7000-8000-0000000000fe"), "note", note("elsewhere"), nil)
	case "many":
		for range 501 {
			a.PutRecord("", at, "note", note("one of many"), nil)
		}
	case "replayed": // a cursor of another decision, or of nobody's
		a.Need(&v1.SliceSpec{Name: "notes", Source: v1.Source_SOURCE_RECORD, Kind: "note", Selector: v1.Selector_SELECTOR_THIS, Cursor: "eyJhIjoxfQ.AAAA"})
	}
	return a, nil
}

// Render makes views that are wrong.
func (module) Render(_ context.Context, r *sdk.ViewRequest) (*sdk.Page, error) {
	text := func(s string) any { return map[string]any{"type": "text", "text": s} }
	var nodes []any
	switch r.GetView() {
	case "home":
		nodes = []any{text("Dzień dobry")}
	case "huge":
		for range 60_000 {
			nodes = append(nodes, text("x"))
		}
	case "deep":
		var inner any = text("x")
		for range 5000 {
			inner = map[string]any{"type": "section", "title": "x", "nodes": []any{inner}}
		}
		nodes = []any{inner}
	case "markup":
		nodes = []any{text("<img src=x onerror=alert(1)>")}
	case "bidi":
		nodes = []any{text("abc\u202etxt.exe")}
	case "script":
		nodes = []any{map[string]any{"type": "html", "html": "<script>alert(1)</script>"}}
	}
	return &sdk.Page{View: map[string]any{"kind": "view", "v": 1, "title": "Próba", "nodes": nodes}}, nil
}
