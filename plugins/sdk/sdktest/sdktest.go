// Package sdktest tests a module's decisions without a process: the same
// conversions and checks as over the wire, on snapshots made by hand.
package sdktest

import (
	"encoding/json"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
)

// Now is when snapshots are taken unless a test says otherwise: a Tuesday in
// the first half of a school year.
var Now = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// Snapshot is a snapshot of a network in which a person with roles acts.
func Snapshot(network, stage, person string, roles ...string) *v1.Snapshot {
	return &v1.Snapshot{
		DecisionId: "01900000-0000-7000-8000-000000000001", Now: timestamppb.New(Now), Zone: "Europe/Warsaw", Locale: "pl", Seed: 7,
		Actor:  &v1.Actor{Actor: &v1.Actor_Person{Person: &v1.Person{Id: person, Roles: roles}}},
		Scope:  sdk.Network(network),
		Scopes: []*v1.ScopeState{{Scope: sdk.Network(network), Stage: stage, Writable: true}},
	}
}

// System makes the snapshot one in which the platform acts for the module.
func System(s *v1.Snapshot) *v1.Snapshot {
	s.Actor = &v1.Actor{Actor: &v1.Actor_System{System: &v1.SystemForModule{}}}
	return s
}

// Slice adds rows to the snapshot; data of each row is marshalled to JSON.
func Slice(s *v1.Snapshot, name string, rows ...*v1.Row) *v1.Snapshot {
	s.Slices = append(s.Slices, &v1.Slice{Name: name, Rows: rows})
	return s
}

// Row is a row of the snapshot's network.
func Row(s *v1.Snapshot, id string, data any, index map[string]any) *v1.Row {
	return &v1.Row{Id: id, Version: 1, Scope: s.GetScope(), Data: sdk.Doc(data, 1), Index: sdk.Index(index)}
}

// Command asks for a command and fails the test on an error of the module. The
// same request is asked twice, and the answers must be equal: decisions are pure.
func Command(t testing.TB, m sdk.Describer, typ, name string, input any, s *v1.Snapshot) *v1.DecideResponse {
	t.Helper()
	return Decide(t, m, &v1.DecideRequest{Type: typ, Snapshot: s, Input: &v1.DecideRequest_Command{Command: &v1.Command{Name: name, Input: doc(input)}}})
}

// Decide is Command for any input.
func Decide(t testing.TB, m sdk.Describer, r *v1.DecideRequest) *v1.DecideResponse {
	t.Helper()
	server := sdk.NewServer(m)
	first, err := server.Decide(t.Context(), proto.Clone(r).(*v1.DecideRequest))
	if err != nil {
		t.Fatalf("decide: %v", err)
	}
	second, err := server.Decide(t.Context(), proto.Clone(r).(*v1.DecideRequest))
	if err != nil {
		t.Fatalf("decide again: %v", err)
	}
	if !proto.Equal(first, second) {
		t.Errorf("the same request got two answers:\n%v\n%v", first, second)
	}
	return first
}

// View asks for a view and returns its document as JSON.
func View(t testing.TB, m sdk.Describer, r *v1.RenderRequest) (*v1.RenderResponse, json.RawMessage) {
	t.Helper()
	out, err := sdk.NewServer(m).Render(t.Context(), r)
	if err != nil {
		t.Fatalf("render: %v", err)
	}
	return out, out.GetView().GetJson()
}

// Guard asks a guard.
func Guard(t testing.TB, m sdk.Describer, typ, command string, arguments any, s *v1.Snapshot) *v1.GuardResponse {
	t.Helper()
	out, err := sdk.NewServer(m).Guard(t.Context(), &v1.GuardRequest{Type: typ, Command: command, Arguments: doc(arguments), Snapshot: s})
	if err != nil {
		t.Fatalf("guard: %v", err)
	}
	return out
}

func doc(v any) *v1.Document {
	if v == nil {
		return nil
	}
	return sdk.Doc(v, 1)
}
