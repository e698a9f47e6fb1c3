// Package firstparty_test holds first-party modules against the core's own
// linters: a module cannot import the core, so this is where they meet.
package firstparty_test

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/facade"
	"ore.edu.pl/sieci/core/view"
	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
	"ore.edu.pl/sieci/plugins/sdk/sdktest"
	"ore.edu.pl/sieci/plugins/thematic/thematic"
)

// connect speaks to the module over gRPC, as the host does, without a process.
func connect(t *testing.T, m sdk.Describer, id string) *facade.V1 {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	v1.RegisterModuleServer(server, sdk.NewServer(m))
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient("passthrough:///module", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return facade.NewV1(id, &sdk.Client{Module: v1.NewModuleClient(conn)})
}

func describe(t *testing.T, m sdk.Describer, id string) *effect.Description {
	t.Helper()
	d, err := connect(t, m, id).Describe(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func manifest(t *testing.T) *bundle.Bundle {
	t.Helper()
	raw, err := os.ReadFile("../../../plugins/thematic/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "binary")
	if err := os.WriteFile(binary, []byte("stands for the built module"), 0o755); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Pack(raw, binary, t.TempDir(), runtime.GOOS, runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestThematicManifest(t *testing.T) {
	t.Parallel()
	b, d := manifest(t), describe(t, thematic.Module{}, thematic.ID)
	if d.Module != b.Manifest.ID || d.Version != b.Manifest.Version {
		t.Errorf("module says %s %s, manifest %s %s", d.Module, d.Version, b.Manifest.ID, b.Manifest.Version)
	}
	asked := map[string]bool{}
	for _, c := range b.Manifest.Capabilities {
		asked[c.Name] = true
		for _, lang := range []string{"pl", "en"} {
			if c.Reason[lang] == "" {
				t.Errorf("capability %s has no reason in %s", c.Name, lang)
			}
		}
	}
	n := d.NetworkTypes[0]
	for _, k := range slices.Concat(n.Behaviour.Guards[0].Slices, n.Behaviour.Views[2].Slices) {
		for _, a := range k.Attributes {
			if !asked["member."+a] {
				t.Errorf("slice %s wants the attribute %s without its capability", k.Name, a)
			}
		}
	}
	lead := b.Manifest.Roles[slices.IndexFunc(b.Manifest.Roles, func(r bundle.Role) bool { return r.Role == n.FounderRole })]
	for _, c := range n.Behaviour.Commands {
		if c.Name != "found" && !slices.Contains(lead.Commands, c.Name) {
			t.Errorf("nobody who leads may give the command %s", c.Name)
		}
	}
	for _, v := range n.Behaviour.Views {
		if !slices.Contains(lead.Views, v.Name) {
			t.Errorf("nobody who leads may see the view %s", v.Name)
		}
	}
}

// forms of the module by what they belong to.
func forms(t *testing.T, d *effect.Description) map[string]*form.Form {
	t.Helper()
	out := map[string]*form.Form{}
	add := func(name string, doc effect.Document) {
		if doc.IsZero() {
			return
		}
		f, err := form.Decode(doc.JSON)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if f.Rev != doc.Revision {
			t.Errorf("%s: revision %d in the form, %d beside it", name, f.Rev, doc.Revision)
		}
		out[name] = f
	}
	for _, k := range d.RecordKinds {
		add("record "+k.Name, k.Form)
	}
	for _, n := range d.NetworkTypes {
		add("founding", n.FoundingForm)
		for _, c := range n.Behaviour.Commands {
			add("command "+c.Name, c.Form)
		}
	}
	for _, x := range d.TaskTypes {
		add("task "+x.Name, x.Form)
	}
	return out
}

func TestThematicForms(t *testing.T) {
	t.Parallel()
	d := describe(t, thematic.Module{}, thematic.ID)
	fs := forms(t, d)
	if len(fs) != 10 { // 4 records, 4 commands, founding, observation
		t.Errorf("%d forms", len(fs))
	}
	for _, k := range d.RecordKinds {
		for _, column := range k.Columns {
			if fs["record "+k.Name].Item(column) == nil {
				t.Errorf("record %s: no item %s for a column", k.Name, column)
			}
		}
	}
}

const founding = `{"rodzaj":"problemowa","obszar":"inny","obszar_inny":"Ogrody szkolne","adresaci":["nauczyciele"],"potrzeba":"Uczenie w terenie",
	"cele":["wiedza","zadania"],"cel_wiedza":"Uczymy się od siebie","sposob":["stacjonarnie"],"spotkania":5}`

// TestThematicRecordsFollowTheirForms validates what the module itself writes.
func TestThematicRecordsFollowTheirForms(t *testing.T) {
	t.Parallel()
	fs := forms(t, describe(t, thematic.Module{}, thematic.ID))
	s := sdktest.Snapshot("01900000-0000-7000-8000-0000000000a1", "organisational", "01900000-0000-7000-8000-0000000000b1", "coordinator")
	got := sdktest.Command(t, thematic.Module{}, "network", "found", json.RawMessage(founding), s)
	for _, e := range got.GetEffects() {
		put := e.GetRecordPut()
		f := fs["record "+put.GetKind()]
		a, bad := form.DecodeAnswers(f, put.GetData().GetJson())
		if err := form.Validate(i18n.Polish, f, a, form.Final, bad).Err(); err != nil {
			t.Errorf("%s: %v", put.GetKind(), err)
		}
	}
	if len(got.GetEffects()) != 2 {
		t.Errorf("%d effects", len(got.GetEffects()))
	}
	f := fs["founding"]
	a, bad := form.DecodeAnswers(f, []byte(`{"rodzaj":"problemowa","obszar":"inny","cele":["wiedza"],"spotkania":2}`))
	err := form.Validate(i18n.Polish, f, a, form.Final, bad).Err()
	if err == nil {
		t.Error("a founding without a need and with two meetings passes")
	}
}

func TestThematicViews(t *testing.T) {
	t.Parallel()
	const network, lead, other = "01900000-0000-7000-8000-0000000000a1", "01900000-0000-7000-8000-0000000000b1", "01900000-0000-7000-8000-0000000000b2"
	full := func(stage, locale string) *v1.Snapshot {
		s := sdktest.Snapshot(network, stage, lead, "coordinator")
		s.Locale = locale
		row := func(slice, id string, data any) {
			sdktest.Slice(s, slice, sdktest.Row(s, "01900000-0000-7000-8000-0000000000"+id, data, nil))
		}
		row("charter", "c1", json.RawMessage(founding))
		row("plan", "c2", map[string]any{"rok": 2026, "spotkania": []map[string]any{
			{"_row": "r1", "rodzaj": "organizacyjne", "miesiac": "m10", "data": "2026-10-08", "cele": []string{"wiedza", "kontakty"}, "temat": "Początek"},
			{"_row": "r2", "rodzaj": "robocze", "miesiac": "m11", "prowadzi": map[string]string{"kind": "osoba", "id": other, "label": "X"}},
			{"_row": "r3", "rodzaj": "podsumowujace", "miesiac": "m06"},
		}})
		row("tasks", "c3", map[string]any{"type": "observation", "title": "Obserwacja", "state": "open", "due": "2026-11-01T10:00:00Z", "assignee": map[string]string{"kind": "network", "id": network}, "submissions": []any{}})
		row("members", "c4", map[string]any{"person": lead, "roles": []string{"coordinator"}, "state": "active", "complex": other})
		s.Scopes[0].Members = 30
		return s
	}
	empty := sdktest.Snapshot(network, "organisational", other, "participant")
	for _, name := range []string{"home", "plan", "progress"} {
		for _, s := range []*v1.Snapshot{empty, full("working", "pl"), full("working", "en"), full("summary", "pl"), full("closed", "pl")} {
			_, raw := sdktest.View(t, thematic.Module{}, &v1.RenderRequest{Type: "network", View: name, Snapshot: s})
			if _, found := view.Load(raw); len(found) > 0 {
				t.Errorf("%s in stage %s: %v\n%s", name, s.GetScopes()[0].GetStage(), found, raw)
			}
		}
	}
}
