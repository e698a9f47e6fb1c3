// Package golden holds the worked flows of the contract against a real plugin
// process: requests and answers lie in plugins/proto/golden, readable by authors
// in any language. An answer that changes is a change of the contract or of the
// SDK: go test -run Flow -update rewrites the answers, and the difference is to
// be read.
package golden

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
)

var update = flag.Bool("update", false, "rewrite the answers in plugins/proto/golden")

const folder = "../../proto/golden"

// module builds the scripted module, starts it as the platform does (mutual
// TLS, bounded messages) and ends it with the test.
func module(t *testing.T) *sdk.Client {
	t.Helper()
	out := filepath.Join(t.TempDir(), "module")
	cmd := exec.Command("go", "build", "-o", out, "./testdata/module")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build the module: %v\n%s", err, msg)
	}
	c := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: sdk.Handshake, Plugins: plugin.PluginSet{sdk.PluginName: &sdk.Plugin{}}, Cmd: exec.Command(out), AutoMTLS: true,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC}, SkipHostEnv: true, Logger: hclog.NewNullLogger(),
		GRPCDialOptions: []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(sdk.MaxMessage), grpc.MaxCallSendMsgSize(sdk.MaxMessage))},
	})
	t.Cleanup(c.Kill)
	p, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := p.Dispense(sdk.PluginName)
	if err != nil {
		t.Fatal(err)
	}
	return raw.(*sdk.Client)
}

// flow is a golden file: calls in order.
type flow struct {
	About string `json:"about"`
	Steps []step `json:"steps"`
}

type step struct {
	About    string          `json:"about"`
	Request  json.RawMessage `json:"request"`
	Response json.RawMessage `json:"response"`
}

func TestFlowsOfDecisions(t *testing.T) {
	t.Parallel()
	m := module(t)
	for _, name := range []string{"return_task.json", "convert.json"} {
		path := filepath.Join(folder, name)
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var f flow
		if err := json.Unmarshal(raw, &f); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for i := range f.Steps {
			s := &f.Steps[i]
			req := &v1.DecideRequest{}
			if err := protojson.Unmarshal(s.Request, req); err != nil {
				t.Fatalf("%s, %s: %v", name, s.About, err)
			}
			got := decide(t, m, req)
			if *update {
				s.Response = canonical(t, got)
				continue
			}
			want := &v1.DecideResponse{}
			if err := protojson.Unmarshal(s.Response, want); err != nil {
				t.Fatalf("%s, %s: %v", name, s.About, err)
			}
			if !proto.Equal(got, want) {
				t.Errorf("%s, %s: got\n%s\nwant\n%s", name, s.About, canonical(t, got), s.Response)
			}
		}
		if *update {
			write(t, path, f)
		}
	}
}

// decide asks twice: the same request gets the same answer.
func decide(t *testing.T, m *sdk.Client, req *v1.DecideRequest) *v1.DecideResponse {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	got, err := m.Module.Decide(ctx, req)
	if err != nil {
		t.Fatal(err)
	}
	again, err := m.Module.Decide(ctx, req)
	if err != nil || !proto.Equal(got, again) {
		t.Fatalf("asked again it answers otherwise: %v", err)
	}
	return got
}

// scoring is the golden file of the third flow. The pages are made by the test;
// their digest shows that they are the same ones.
type scoring struct {
	About    string          `json:"about"`
	Pages    int             `json:"pages"`
	Rows     int             `json:"rows"`
	Seed     uint64          `json:"seed"`
	SHA256   string          `json:"sha256"`
	Check    json.RawMessage `json:"check"`
	Combined json.RawMessage `json:"combined"`
}

func TestFlowOfScoring(t *testing.T) {
	t.Parallel()
	m := module(t)
	path := filepath.Join(folder, "score.json")
	var want scoring
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	if want.Pages*want.Rows != 100_000 {
		t.Fatalf("%d × %d answers", want.Pages, want.Rows)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	design := &v1.Document{Json: []byte(`{"columns":["goal1","goal2","goal3","goal4","goal5"]}`), Revision: 1}
	check, err := m.Tool.Check(ctx, &v1.CheckRequest{Tool: "survey", Locale: "pl", Design: design})
	if err != nil {
		t.Fatal(err)
	}
	rng, sum := rand.New(rand.NewPCG(want.Seed, 0)), sha256.New()
	var partials [][]byte
	for range want.Pages {
		req := &v1.ScoreRequest{Tool: "survey", Pass: 1, Design: design, Input: &v1.ScoreRequest_Answers{Answers: page(rng, check.GetColumns(), want.Rows)}}
		wire, err := proto.MarshalOptions{Deterministic: true}.Marshal(req)
		if err != nil {
			t.Fatal(err)
		}
		if len(wire) > sdk.MaxMessage {
			t.Fatalf("a page of %d bytes", len(wire))
		}
		sum.Write(wire)
		res, err := m.Tool.Score(ctx, req)
		if err != nil {
			t.Fatal(err)
		}
		if len(res.GetPartial()) > 1<<20 {
			t.Fatalf("a partial of %d bytes", len(res.GetPartial()))
		}
		partials = append(partials, res.GetPartial())
	}
	combine := func(final bool, parts ...[]byte) *v1.CombineResponse {
		t.Helper()
		res, err := m.Tool.Combine(ctx, &v1.CombineRequest{Tool: "survey", Pass: 1, Design: design, Partials: parts, Final: final, Locale: "pl"})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	got := combine(true, partials...)
	// Associative: in groups of three and backwards it is the same.
	var groups [][]byte
	for i := len(partials); i > 0; i -= 3 {
		groups = append(groups, combine(false, partials[max(i-3, 0):i]...).GetPartial())
	}
	if !proto.Equal(got, combine(true, groups...)) {
		t.Error("combining in another grouping gives another result")
	}
	if *update {
		want.SHA256, want.Check, want.Combined = hex.EncodeToString(sum.Sum(nil)), canonical(t, check), canonical(t, got)
		write(t, path, want)
		return
	}
	if have := hex.EncodeToString(sum.Sum(nil)); have != want.SHA256 {
		t.Errorf("the pages are others: %s", have)
	}
	golden := &v1.CombineResponse{}
	if err := protojson.Unmarshal(want.Combined, golden); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(got, golden) {
		t.Errorf("got\n%s", canonical(t, got))
	}
	var n uint64
	for _, c := range got.GetResult().GetFrames()[0].GetCells() {
		n += c.GetN()
	}
	if n == 0 || n >= uint64(5*want.Pages*want.Rows) {
		t.Errorf("%d answers counted: those not applicable must be left out", n)
	}
}

// page makes answers on a scale of five, one in twenty not applicable.
func page(rng *rand.Rand, columns []string, rows int) *v1.AnswerPage {
	out := &v1.AnswerPage{Rows: uint32(rows)}
	for _, path := range columns {
		c := &v1.Column{Path: path, Dictionary: []string{"1", "2", "3", "4", "5"}, Codes: make([]int32, rows)}
		for i := range c.Codes {
			c.Codes[i] = int32(rng.IntN(5))
			if rng.IntN(20) == 0 {
				c.Codes[i] = -1
			}
		}
		out.Columns = append(out.Columns, c)
	}
	return out
}

// canonical is the message as JSON that does not change from run to run.
func canonical(t *testing.T, m proto.Message) json.RawMessage {
	t.Helper()
	raw, err := protojson.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Compact(&out, raw); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func write(t *testing.T, path string, v any) {
	t.Helper()
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(raw, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
	fmt.Println("written", path)
}
