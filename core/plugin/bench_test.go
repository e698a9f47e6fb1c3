package plugin_test

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"
	"ore.edu.pl/sieci/core/effect"
	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
)

// members is a decision about a network of n members, as the core makes it:
// pages of at most 500 rows.
func members(n int) *effect.Ask {
	net := effect.Scope{Kind: effect.Network, ID: uuid.New()}
	a := &effect.Ask{Type: "network", Input: effect.Command{Name: "sum"}, Snapshot: &effect.Snapshot{
		Decision: uuid.New(), Now: time.Now(), Zone: "Europe/Warsaw", Locale: "pl", Scope: net,
		Scopes: []effect.ScopeState{{Scope: net, Type: typ, Stage: "work", Members: n, Writable: true}},
	}}
	for from := 0; from < n; from += effect.MaxSliceRows {
		s := effect.Slice{Name: fmt.Sprintf("members%d", from), Source: effect.SourceMember}
		for range min(n-from, effect.MaxSliceRows) {
			s.Rows = append(s.Rows, effect.Row{ID: uuid.New(), Version: 3, Scope: net, Revision: 1,
				Data: []byte(`{"person":"01900000-0000-7000-8000-000000000001","role":"participant","roles":["participant"],"state":"active","since":"2026-10-08T09:00:00Z"}`)})
		}
		a.Snapshot.Slices = append(a.Snapshot.Slices, s)
	}
	return a
}

// wire is the same request, already in the wire's types: the bare counterpart
// pays for marshalling and the call alone.
func wire(a *effect.Ask) *v1.DecideRequest {
	id := a.Snapshot.Scope.ID.String()
	at := &v1.Scope{Kind: v1.ScopeKind_SCOPE_KIND_NETWORK, Id: id}
	snap := &v1.Snapshot{DecisionId: a.Snapshot.Decision.String(), Now: timestamppb.New(a.Snapshot.Now), Zone: a.Snapshot.Zone, Locale: "pl", Scope: at,
		Actor:  &v1.Actor{Actor: &v1.Actor_Person{Person: &v1.Person{}}},
		Scopes: []*v1.ScopeState{{Scope: at, Type: "network", Stage: "work", Members: uint32(a.Snapshot.Scopes[0].Members), Writable: true}}}
	for _, s := range a.Snapshot.Slices {
		out := &v1.Slice{Name: s.Name}
		for _, r := range s.Rows {
			out.Rows = append(out.Rows, &v1.Row{Id: r.ID.String(), Version: r.Version, Scope: at, Data: &v1.Document{Json: r.Data, Revision: 1}})
		}
		snap.Slices = append(snap.Slices, out)
	}
	return &v1.DecideRequest{Type: "network", Snapshot: snap, Input: &v1.DecideRequest_Command{Command: &v1.Command{Name: "sum"}}}
}

// BenchmarkDecisionThroughTheHost takes a decision through the host and the same
// payload on bare go-plugin with AutoMTLS in turns, so that both meet the same
// machine; "ratio" is host to bare over the faster halves (goal: at most 1.3),
// "ratio-of-sums" over everything, interruptions included.
func BenchmarkDecisionThroughTheHost(b *testing.B) {
	w := setup(b)
	w.enable(version)
	bare := bareClient(b)
	for _, n := range []int{20, 300, 2000} {
		b.Run(fmt.Sprintf("members=%d", n), func(b *testing.B) {
			a := members(n)
			req := wire(a)
			m, err := w.h.Module(typ)
			if err != nil {
				b.Fatal(err)
			}
			var host, plain []time.Duration
			for b.Loop() {
				t0 := time.Now()
				got, err := m.Decide(b.Context(), a)
				t1 := time.Now()
				if err != nil || len(got.Effects) != 1 {
					b.Fatal(got, err)
				}
				ctx, cancel := context.WithTimeout(b.Context(), 5*time.Second)
				res, err := bare.Module.Decide(ctx, req)
				cancel()
				if err != nil || len(res.GetEffects()) != 1 {
					b.Fatal(res, err)
				}
				host, plain = append(host, t1.Sub(t0)), append(plain, time.Since(t1))
			}
			b.ReportMetric(float64(usual(host).Microseconds()), "host-µs")
			b.ReportMetric(float64(usual(plain).Microseconds()), "bare-µs")
			b.ReportMetric(float64(usual(host))/float64(usual(plain)), "ratio")
			b.ReportMetric(float64(sum(host))/float64(sum(plain)), "ratio-of-sums")
		})
	}
}

// usual is the mean of the faster half: a machine that does other things adds
// long times by chance.
func usual(d []time.Duration) time.Duration {
	slices.Sort(d)
	d = d[:(len(d)+1)/2]
	return sum(d) / time.Duration(len(d))
}

func sum(d []time.Duration) (all time.Duration) {
	for _, x := range d {
		all += x
	}
	return all
}

func bareClient(b *testing.B) *sdk.Client {
	b.Helper()
	c := goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig: sdk.Handshake, Plugins: goplugin.PluginSet{sdk.PluginName: &sdk.Plugin{}}, Cmd: exec.Command(binary(b, version)),
		AutoMTLS: true, AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC}, Logger: hclog.NewNullLogger(),
		GRPCDialOptions: []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(sdk.MaxMessage))},
	})
	b.Cleanup(c.Kill)
	p, err := c.Client()
	if err != nil {
		b.Fatal(err)
	}
	raw, err := p.Dispense(sdk.PluginName)
	if err != nil {
		b.Fatal(err)
	}
	return raw.(*sdk.Client)
}
