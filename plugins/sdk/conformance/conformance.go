// Package conformance tries a built module the way the platform treats it, in
// named cases; run it from a test beside the module:
//
//	func TestConformance(t *testing.T) { conformance.Run(t, "path/to/the/binary") }
//
// It knows nothing of what the module is for: it asks whatever the module
// describes, with too little and too much, and expects answers, never a crash.
package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
)

// callTime is the platform's deadline of a call.
const callTime = 5 * time.Second

// startTime is the platform's deadline of a start.
const startTime = 10 * time.Second

// Run runs every case against the binary, each on a fresh process where it matters.
func Run(t *testing.T, binary string) {
	t.Helper()
	s := &suite{binary: binary}
	s.client(t) // a module that cannot be started fails here, once
	for _, c := range []struct {
		name string
		try  func(*testing.T)
	}{
		{"describe", s.describe},
		{"health", s.health},
		{"unknown type and names", s.unknown},
		{"commands without data", s.bareCommands},
		{"commands as the platform sends them", s.richCommands},
		{"events, timers and jobs", s.system},
		{"views", s.views},
		{"guards", s.guards},
		{"clock skew", s.skew},
		{"cancellation", s.cancelled},
		{"concurrent calls", s.concurrent},
		{"message over the limit", s.large},
		{"killed and started again", s.restart},
	} {
		t.Run(c.name, c.try)
	}
}

type suite struct{ binary string }

// client starts a process as the platform does: its own environment only,
// mutual TLS, bounded messages.
func (s *suite) client(t *testing.T) *sdk.Client {
	t.Helper()
	_, c := s.start(t)
	return c
}

func (s *suite) start(t *testing.T) (*plugin.Client, *sdk.Client) {
	t.Helper()
	cmd := exec.Command(s.binary)
	cmd.Env = []string{"LANG=C.UTF-8", "TZ=Europe/Warsaw", "GOMAXPROCS=2"}
	c := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: sdk.Handshake, Plugins: plugin.PluginSet{sdk.PluginName: &sdk.Plugin{}}, Cmd: cmd, AutoMTLS: true, SkipHostEnv: true,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC}, Logger: hclog.NewNullLogger(), StartTimeout: startTime,
		GRPCDialOptions: []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(sdk.MaxMessage))},
	})
	t.Cleanup(c.Kill)
	p, err := c.Client()
	if err != nil {
		t.Fatalf("handshake: %v", err)
	}
	raw, err := p.Dispense(sdk.PluginName)
	if err != nil {
		t.Fatalf("handshake: %v", err)
	}
	return c, raw.(*sdk.Client)
}

func call[T any](t *testing.T, f func(context.Context) (T, error)) (T, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), callTime)
	defer cancel()
	return f(ctx)
}

func described(t *testing.T, c *sdk.Client) *v1.DescribeResponse {
	t.Helper()
	d, err := call(t, func(ctx context.Context) (*v1.DescribeResponse, error) {
		return c.Module.Describe(ctx, &v1.DescribeRequest{CoreVersion: "conformance", ContractRevision: sdk.ContractRevision})
	})
	if err != nil {
		t.Fatalf("Describe: %v", err)
	}
	return d
}

// describe: the same on every call and every process, with what is required.
func (s *suite) describe(t *testing.T) {
	c := s.client(t)
	d := described(t, c)
	if d.GetModuleId() == "" || d.GetVersion() == "" || d.GetContractRevision() == 0 {
		t.Errorf("module_id %q, version %q, contract_revision %d: all are required", d.GetModuleId(), d.GetVersion(), d.GetContractRevision())
	}
	if !proto.Equal(d, described(t, c)) || !proto.Equal(d, described(t, s.client(t))) {
		t.Error("the description differs from call to call")
	}
	if n := len(d.GetNetworkTypes()) + len(d.GetProgrammeTypes()) + len(d.GetTaskTypes()) + len(d.GetToolTypes()); n == 0 {
		t.Error("the module describes no type")
	}
}

func (s *suite) health(t *testing.T) {
	c := s.client(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	h, err := c.Module.Health(ctx, &v1.HealthRequest{})
	if err != nil || !h.GetReady() {
		t.Errorf("not ready: %v %v", h, err)
	}
}

// behaviours are the types with what they answer to.
func behaviours(d *v1.DescribeResponse) map[string]*v1.Behaviour {
	out := map[string]*v1.Behaviour{}
	for _, x := range d.GetNetworkTypes() {
		out[x.GetName()] = x.GetBehaviour()
	}
	for _, x := range d.GetProgrammeTypes() {
		out[x.GetName()] = x.GetBehaviour()
	}
	for _, x := range d.GetTaskTypes() {
		out[x.GetName()] = x.GetBehaviour()
	}
	return out
}

const (
	idScope  = "01900000-0000-7000-8000-000000000001"
	idPerson = "01900000-0000-7000-8000-000000000002"
	idThing  = "01900000-0000-7000-8000-000000000003"
)

func snapshot(at time.Time, system bool) *v1.Snapshot {
	scope := &v1.Scope{Kind: v1.ScopeKind_SCOPE_KIND_NETWORK, Id: idScope}
	s := &v1.Snapshot{
		DecisionId: idThing, Now: timestamppb.New(at), Zone: "Europe/Warsaw", Locale: "pl", Seed: 1, Scope: scope,
		Scopes: []*v1.ScopeState{{Scope: scope, Writable: true}},
		Actor:  &v1.Actor{Actor: &v1.Actor_Person{Person: &v1.Person{Id: idPerson, Roles: []string{"coordinator"}}}},
	}
	if system {
		s.Actor = &v1.Actor{Actor: &v1.Actor_System{System: &v1.SystemForModule{}}}
	}
	return s
}

var today = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// filled has every slice that was asked for, with one row of Polish letters.
func filled(s *v1.Snapshot, specs []*v1.SliceSpec, aggregates []*v1.AggregateSpec) *v1.Snapshot {
	for _, w := range specs {
		s.Slices = append(s.Slices, &v1.Slice{Name: w.GetName(), Rows: []*v1.Row{{
			Id: idThing, Version: 1, Scope: s.GetScope(), Data: &v1.Document{Json: []byte(`{"zażółć":"gęślą jaźń"}`), Revision: 1},
		}}})
	}
	for _, w := range aggregates {
		s.Aggregates = append(s.Aggregates, &v1.AggregateSlice{Name: w.GetName(), Cells: []*v1.Cell{{Suppressed: true}}})
	}
	return s
}

// decide asks twice; a gRPC error but INVALID_ARGUMENT is a fault of the module.
func decide(t *testing.T, c *sdk.Client, what string, req *v1.DecideRequest) {
	t.Helper()
	first, err := call(t, func(ctx context.Context) (*v1.DecideResponse, error) { return c.Module.Decide(ctx, req) })
	if err != nil {
		if status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: %v", what, err)
		}
		return
	}
	again, err := call(t, func(ctx context.Context) (*v1.DecideResponse, error) { return c.Module.Decide(ctx, req) })
	if err != nil || !proto.Equal(first, again) {
		t.Errorf("%s: the same request got another answer: %v", what, err)
	}
	if n := proto.Size(first); n > 1<<20 || len(first.GetEffects()) > 500 {
		t.Errorf("%s: %d effects in %d bytes", what, len(first.GetEffects()), n)
	}
	handles := map[string]bool{}
	for _, e := range first.GetEffects() {
		if e.GetKind() == nil || e.GetHandle() == "" || handles[e.GetHandle()] {
			t.Errorf("%s: effect %q: no kind, or no handle of its own", what, e.GetHandle())
		}
		handles[e.GetHandle()] = true
	}
	diagnostics(t, what, first.GetDiagnostics())
}

func diagnostics(t *testing.T, what string, list []*v1.Diagnostic) {
	t.Helper()
	for _, d := range list {
		if d.GetCode() == "" || d.GetText() == "" || !utf8.ValidString(d.GetText()) || d.GetSeverity() == v1.Severity_SEVERITY_UNSPECIFIED {
			t.Errorf("%s: diagnostic without code, text or severity: %v", what, d)
		}
	}
}

func command(typ, name string, s *v1.Snapshot, input string) *v1.DecideRequest {
	r := &v1.Command{Name: name, SubjectId: idThing}
	if input != "" {
		r.Input = &v1.Document{Json: []byte(input), Revision: 1}
	}
	return &v1.DecideRequest{Type: typ, Snapshot: s, Input: &v1.DecideRequest_Command{Command: r}}
}

// unknown: names that the module never described are errors, not crashes.
func (s *suite) unknown(t *testing.T) {
	c := s.client(t)
	for _, req := range []*v1.DecideRequest{{}, command("no_such_type", "x", snapshot(today, false), ""), command("", "", nil, "")} {
		if _, err := call(t, func(ctx context.Context) (*v1.DecideResponse, error) { return c.Module.Decide(ctx, req) }); err == nil {
			t.Errorf("answered %v", req)
		} else if status.Code(err) == codes.Unavailable {
			t.Fatalf("the process died of %v", req)
		}
	}
}

func (s *suite) bareCommands(t *testing.T) {
	c := s.client(t)
	for typ, b := range behaviours(described(t, c)) {
		for _, k := range b.GetCommands() {
			decide(t, c, typ+"."+k.GetName(), command(typ, k.GetName(), snapshot(today, false), ""))
		}
	}
}

func (s *suite) richCommands(t *testing.T) {
	c := s.client(t)
	for typ, b := range behaviours(described(t, c)) {
		for _, k := range b.GetCommands() {
			decide(t, c, typ+"."+k.GetName(), command(typ, k.GetName(), filled(snapshot(today, false), k.GetSlices(), k.GetAggregates()), `{"x":"Zażółć gęślą jaźń","n":null,"l":[]}`))
		}
	}
}

func (s *suite) system(t *testing.T) {
	c := s.client(t)
	d := described(t, c)
	data := &v1.Document{Json: []byte(`{}`), Revision: 1}
	for typ, b := range behaviours(d) {
		for _, k := range b.GetEvents() {
			e := &v1.Event{Id: idThing, Name: k.GetName(), HappenedAt: timestamppb.New(today), Data: data, Scope: &v1.Scope{Kind: v1.ScopeKind_SCOPE_KIND_NETWORK, Id: idScope}}
			decide(t, c, typ+"."+k.GetName(), &v1.DecideRequest{Type: typ, Snapshot: filled(snapshot(today, true), k.GetSlices(), k.GetAggregates()), Input: &v1.DecideRequest_Event{Event: e}})
		}
		for _, k := range b.GetTimers() {
			e := &v1.Timer{Id: idThing, Name: k.GetName(), DueAt: timestamppb.New(today), Data: data}
			decide(t, c, typ+"."+k.GetName(), &v1.DecideRequest{Type: typ, Snapshot: filled(snapshot(today, true), k.GetSlices(), k.GetAggregates()), Input: &v1.DecideRequest_Timer{Timer: e}})
		}
		for _, k := range d.GetJobKinds() {
			e := &v1.JobPage{JobId: idThing, Name: k.GetName(), Attempt: 1}
			decide(t, c, typ+"."+k.GetName(), &v1.DecideRequest{Type: typ, Snapshot: filled(snapshot(today, true), k.GetSlices(), k.GetAggregates()), Input: &v1.DecideRequest_Job{Job: e}})
		}
	}
}

func (s *suite) views(t *testing.T) {
	c := s.client(t)
	for typ, b := range behaviours(described(t, c)) {
		for _, k := range b.GetViews() {
			for _, snap := range []*v1.Snapshot{snapshot(today, false), filled(snapshot(today, false), k.GetSlices(), k.GetAggregates())} {
				res, err := call(t, func(ctx context.Context) (*v1.RenderResponse, error) {
					return c.Module.Render(ctx, &v1.RenderRequest{Type: typ, View: k.GetName(), Snapshot: snap, SubjectId: idThing})
				})
				if err != nil {
					if status.Code(err) != codes.InvalidArgument {
						t.Errorf("view %s.%s: %v", typ, k.GetName(), err)
					}
					continue
				}
				diagnostics(t, k.GetName(), res.GetDiagnostics())
				view := res.GetView().GetJson()
				if len(view) > 512<<10 || len(view) > 0 && (!json.Valid(view) || !bytes.HasPrefix(bytes.TrimSpace(view), []byte("{"))) {
					t.Errorf("view %s.%s: no JSON object of at most 512 KiB", typ, k.GetName())
				}
			}
		}
	}
}

func (s *suite) guards(t *testing.T) {
	c := s.client(t)
	for typ, b := range behaviours(described(t, c)) {
		for _, k := range b.GetGuards() {
			res, err := call(t, func(ctx context.Context) (*v1.GuardResponse, error) {
				return c.Module.Guard(ctx, &v1.GuardRequest{Type: typ, Command: k.GetCommand(), Arguments: &v1.Document{Json: []byte(`{}`), Revision: 1},
					Snapshot: filled(snapshot(today, false), k.GetSlices(), k.GetAggregates())})
			})
			if err != nil && status.Code(err) != codes.InvalidArgument {
				t.Errorf("guard %s of %s: %v", k.GetCommand(), typ, err)
			}
			diagnostics(t, k.GetCommand(), res.GetDiagnostics())
		}
	}
}

// skew: the domain's clock is the snapshot's, whatever the machine says.
func (s *suite) skew(t *testing.T) {
	c := s.client(t)
	for typ, b := range behaviours(described(t, c)) {
		for _, k := range b.GetCommands() {
			for _, at := range []time.Time{time.Date(1999, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(2100, 2, 28, 23, 0, 0, 0, time.UTC), time.Date(2027, 3, 28, 1, 0, 0, 0, time.UTC)} {
				decide(t, c, typ+"."+k.GetName()+" at "+at.Format(time.DateOnly), command(typ, k.GetName(), snapshot(at, false), `{}`))
			}
		}
	}
}

// cancelled: a call that the platform gave up leaves the process well.
func (s *suite) cancelled(t *testing.T) {
	c := s.client(t)
	for typ, b := range behaviours(described(t, c)) {
		for _, k := range b.GetCommands() {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, _ = c.Module.Decide(ctx, command(typ, k.GetName(), snapshot(today, false), `{}`))
		}
	}
	described(t, c)
}

func (s *suite) concurrent(t *testing.T) {
	c := s.client(t)
	var all sync.WaitGroup
	for typ, b := range behaviours(described(t, c)) {
		for _, k := range b.GetCommands() {
			for range 8 {
				all.Go(func() { decide(t, c, typ+"."+k.GetName(), command(typ, k.GetName(), snapshot(today, false), `{}`)) })
			}
		}
	}
	all.Wait()
}

// large: what is over the limit is refused, and the process lives on.
func (s *suite) large(t *testing.T) {
	c := s.client(t)
	big := command("x", "x", snapshot(today, false), "")
	big.Snapshot.Locale = string(bytes.Repeat([]byte("x"), sdk.MaxMessage+1))
	if _, err := call(t, func(ctx context.Context) (*v1.DecideResponse, error) { return c.Module.Decide(ctx, big) }); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("a message of more than 4 MiB: %v", err)
	}
	described(t, c)
}

// restart: a process killed in the middle leaves nothing that the next one misses.
func (s *suite) restart(t *testing.T) {
	process, c := s.start(t)
	d := described(t, c)
	process.Kill()
	if !process.Exited() {
		t.Error("the process did not end")
	}
	if !proto.Equal(d, described(t, s.client(t))) {
		t.Error("the next process describes itself otherwise")
	}
}
