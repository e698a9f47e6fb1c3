package facade

import (
	"encoding/json"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"ore.edu.pl/sieci/core/effect"
	pluginv1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

var (
	decision = uuid.MustParse("01900000-0000-7000-8000-000000000001")
	netID    = "01900000-0000-7000-8000-000000000002"
	person   = "01900000-0000-7000-8000-000000000003"
)

func question() *effect.Ask {
	return &effect.Ask{Type: "network", Input: effect.Command{Name: "act"}, Snapshot: &effect.Snapshot{Decision: decision}}
}

func at(id string) *pluginv1.Scope {
	return &pluginv1.Scope{Kind: pluginv1.ScopeKind_SCOPE_KIND_NETWORK, Id: id}
}

func pl(s string) *pluginv1.Text { return &pluginv1.Text{ByLanguage: map[string]string{"pl": s}} }

func doc() *pluginv1.Document { return &pluginv1.Document{Json: []byte(`{"a":1}`), Revision: 1} }

// every is one valid effect of each kind, by the name of its field.
func every() map[string]*pluginv1.Effect {
	when := timestamppb.New(time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC))
	one := func(e *pluginv1.Effect, name string) *pluginv1.Effect { e.Handle = name; return e }
	to := func(e *pluginv1.Effect) *pluginv1.Effect { return e }
	out := map[string]*pluginv1.Effect{
		"record_put":     to(&pluginv1.Effect{Kind: &pluginv1.Effect_RecordPut{RecordPut: &pluginv1.RecordPut{Scope: at(netID), Kind: "note", Data: doc()}}}),
		"record_revise":  to(&pluginv1.Effect{Kind: &pluginv1.Effect_RecordRevise{RecordRevise: &pluginv1.RecordRevise{Scope: at(netID), RecordId: person, Version: 1, Data: doc()}}}),
		"record_close":   to(&pluginv1.Effect{Kind: &pluginv1.Effect_RecordClose{RecordClose: &pluginv1.RecordClose{Scope: at(netID), RecordId: person, Version: 1}}}),
		"stage_set":      to(&pluginv1.Effect{Kind: &pluginv1.Effect_StageSet{StageSet: &pluginv1.StageSet{Scope: at(netID), From: "a", To: "b"}}}),
		"member_invite":  to(&pluginv1.Effect{Kind: &pluginv1.Effect_MemberInvite{MemberInvite: &pluginv1.MemberInvite{Scope: at(netID), Invitee: &pluginv1.MemberInvite_Email{Email: "a@b.pl"}}}}),
		"member_add":     to(&pluginv1.Effect{Kind: &pluginv1.Effect_MemberAdd{MemberAdd: &pluginv1.MemberAdd{Scope: at(netID), PersonId: person}}}),
		"member_remove":  to(&pluginv1.Effect{Kind: &pluginv1.Effect_MemberRemove{MemberRemove: &pluginv1.MemberRemove{Scope: at(netID), PersonId: person, Reason: "x"}}}),
		"role_grant":     to(&pluginv1.Effect{Kind: &pluginv1.Effect_RoleGrant{RoleGrant: &pluginv1.RoleGrant{Scope: at(netID), PersonId: person, Role: "expert"}}}),
		"role_revoke":    to(&pluginv1.Effect{Kind: &pluginv1.Effect_RoleRevoke{RoleRevoke: &pluginv1.RoleRevoke{Scope: at(netID), PersonId: person, Role: "expert"}}}),
		"group_create":   to(&pluginv1.Effect{Kind: &pluginv1.Effect_GroupCreate{GroupCreate: &pluginv1.GroupCreate{Scope: at(netID), Kind: "team", Name: "A"}}}),
		"group_move":     to(&pluginv1.Effect{Kind: &pluginv1.Effect_GroupMove{GroupMove: &pluginv1.GroupMove{Scope: at(netID), To: at(person)}}}),
		"network_create": to(&pluginv1.Effect{Kind: &pluginv1.Effect_NetworkCreate{NetworkCreate: &pluginv1.NetworkCreate{Scope: at(netID), Type: "network", Name: "A"}}}),
		"network_convert": to(&pluginv1.Effect{Kind: &pluginv1.Effect_NetworkConvert{NetworkConvert: &pluginv1.NetworkConvert{Scope: at(netID),
			Sources: []*pluginv1.ConvertSource{{NetworkId: person, Version: 1}}, Targets: []*pluginv1.ConvertTarget{{Key: "a", Type: "network", Name: "A"}},
			Groups: []*pluginv1.GroupAssignment{{GroupId: person, Target: "a"}}}}}),
		"meeting_propose":   to(&pluginv1.Effect{Kind: &pluginv1.Effect_MeetingPropose{MeetingPropose: &pluginv1.MeetingPropose{Scope: at(netID), Kind: "working", StartsAt: when, Minutes: 90}}}),
		"meeting_change":    to(&pluginv1.Effect{Kind: &pluginv1.Effect_MeetingChange{MeetingChange: &pluginv1.MeetingChange{Scope: at(netID), MeetingId: person, Version: 1, Cancelled: true}}}),
		"task_create":       to(&pluginv1.Effect{Kind: &pluginv1.Effect_TaskCreate{TaskCreate: &pluginv1.TaskCreate{Scope: at(netID), Type: "task", Title: "A"}}}),
		"task_assign":       to(&pluginv1.Effect{Kind: &pluginv1.Effect_TaskAssign{TaskAssign: &pluginv1.TaskAssign{Scope: at(netID), TaskId: person, Version: 1, Assignee: &pluginv1.Assignee{Assignee: &pluginv1.Assignee_PersonId{PersonId: person}}}}}),
		"task_decide":       to(&pluginv1.Effect{Kind: &pluginv1.Effect_TaskDecide{TaskDecide: &pluginv1.TaskDecide{Scope: at(netID), TaskId: person, Version: 1, Verdict: pluginv1.TaskVerdict_TASK_VERDICT_RETURNED, Remarks: []*pluginv1.Remark{{Text: "x"}}, DueAt: when}}}),
		"job_schedule":      to(&pluginv1.Effect{Kind: &pluginv1.Effect_JobSchedule{JobSchedule: &pluginv1.JobSchedule{Scope: at(netID), Kind: "digest"}}}),
		"job_cancel":        to(&pluginv1.Effect{Kind: &pluginv1.Effect_JobCancel{JobCancel: &pluginv1.JobCancel{Scope: at(netID), JobId: person}}}),
		"timer_set":         to(&pluginv1.Effect{Kind: &pluginv1.Effect_TimerSet{TimerSet: &pluginv1.TimerSet{Scope: at(netID), Name: "remind", At: when}}}),
		"timer_cancel":      to(&pluginv1.Effect{Kind: &pluginv1.Effect_TimerCancel{TimerCancel: &pluginv1.TimerCancel{Scope: at(netID), Name: "remind"}}}),
		"evaluation_open":   to(&pluginv1.Effect{Kind: &pluginv1.Effect_EvaluationOpen{EvaluationOpen: &pluginv1.EvaluationOpen{Scope: at(netID), Tool: "ore.survey:survey", Design: doc()}}}),
		"evaluation_close":  to(&pluginv1.Effect{Kind: &pluginv1.Effect_EvaluationClose{EvaluationClose: &pluginv1.EvaluationClose{Scope: at(netID), RoundId: person}}}),
		"document_sign":     to(&pluginv1.Effect{Kind: &pluginv1.Effect_DocumentSign{DocumentSign: &pluginv1.DocumentSign{Scope: at(netID), RecordId: person, Version: 1, SignerIds: []string{person}, Statement: pl("x")}}}),
		"indicator_achieve": to(&pluginv1.Effect{Kind: &pluginv1.Effect_IndicatorAchieve{IndicatorAchieve: &pluginv1.IndicatorAchieve{Scope: at(netID), Indicator: "plans", Amount: 1, EvidenceId: person}}}),
		"escalate":          to(&pluginv1.Effect{Kind: &pluginv1.Effect_Escalate{Escalate: &pluginv1.Escalate{Scope: at(netID), ToRole: "programme_lead", Text: "x"}}}),
		"notify":            to(&pluginv1.Effect{Kind: &pluginv1.Effect_Notify{Notify: &pluginv1.Notify{Scope: at(netID), To: &pluginv1.Notify_Role{Role: "participant"}, Subject: pl("x"), Body: pl("y")}}}),
		"audit_note":        to(&pluginv1.Effect{Kind: &pluginv1.Effect_AuditNote{AuditNote: &pluginv1.AuditNote{Scope: at(netID), Code: "x"}}}),
	}
	for name, e := range out {
		one(e, name)
	}
	return out
}

// The catalogue of the wire and that of the core are the same, and a kind added
// to one of them fails here until it is added to the other.
func TestCatalogueIsTheSame(t *testing.T) {
	t.Parallel()
	core := map[effect.Kind]bool{}
	for _, k := range effect.Kinds {
		core[k] = true
	}
	examples := every()
	fields := (&pluginv1.Effect{}).ProtoReflect().Descriptor().Oneofs().ByName("kind").Fields()
	if fields.Len() != len(core) {
		t.Errorf("%d kinds on the wire, %d in the core", fields.Len(), len(core))
	}
	for i := range fields.Len() {
		name := string(fields.Get(i).Name())
		e, ok := examples[name]
		if !ok {
			t.Errorf("no example of %s", name)
			continue
		}
		a, err := Answer(question(), &pluginv1.DecideResponse{Effects: []*pluginv1.Effect{e}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := a.Effects[0].Effect; got.Kind() != effect.Kind(strings.Replace(name, "_", ".", 1)) || got.Target().ID.String() != netID {
			t.Errorf("%s became %s on %v", name, got.Kind(), got.Target())
		}
	}
}

// Every effect needs its scope: without it the answer is refused.
func TestScopeIsRequired(t *testing.T) {
	t.Parallel()
	for name, e := range every() {
		r := e.ProtoReflect()
		f := r.WhichOneof(r.Descriptor().Oneofs().ByName("kind"))
		inner := r.Mutable(f).Message()
		inner.Clear(inner.Descriptor().Fields().ByName("scope"))
		if _, err := Answer(question(), &pluginv1.DecideResponse{Effects: []*pluginv1.Effect{e}}); err == nil {
			t.Errorf("%s without a scope was accepted", name)
		}
	}
}

func TestReferencesToEarlierEffects(t *testing.T) {
	t.Parallel()
	team := &pluginv1.Effect{Handle: "team", Kind: &pluginv1.Effect_GroupCreate{GroupCreate: &pluginv1.GroupCreate{Scope: at(netID), Kind: "team", Name: "A"}}}
	member := &pluginv1.Effect{Handle: "head", Kind: &pluginv1.Effect_MemberAdd{MemberAdd: &pluginv1.MemberAdd{
		Scope: &pluginv1.Scope{Kind: pluginv1.ScopeKind_SCOPE_KIND_GROUP, Id: "#team"}, PersonId: person}}}
	a, err := Answer(question(), &pluginv1.DecideResponse{Effects: []*pluginv1.Effect{team, member}})
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Effects[1].Effect.Target().ID; got != effect.HandleID(decision, "team") {
		t.Errorf("#team became %s", got)
	}
	if _, err := Answer(question(), &pluginv1.DecideResponse{Effects: []*pluginv1.Effect{member, team}}); err == nil {
		t.Error("a reference to a later effect was accepted")
	}
	if _, err := Answer(question(), &pluginv1.DecideResponse{Effects: []*pluginv1.Effect{team, team}}); err == nil {
		t.Error("a handle used twice was accepted")
	}
}

func TestAnswerRefuses(t *testing.T) {
	t.Parallel()
	put := func(change func(*pluginv1.RecordPut)) *pluginv1.DecideResponse {
		p := &pluginv1.RecordPut{Scope: at(netID), Kind: "note", Data: doc()}
		change(p)
		return &pluginv1.DecideResponse{Effects: []*pluginv1.Effect{{Handle: "x", Kind: &pluginv1.Effect_RecordPut{RecordPut: p}}}}
	}
	many := &pluginv1.DecideResponse{}
	for range effect.MaxEffects + 1 {
		many.Effects = append(many.Effects, &pluginv1.Effect{})
	}
	for name, res := range map[string]*pluginv1.DecideResponse{
		"unknown kind":  {Effects: []*pluginv1.Effect{{Handle: "x"}}},
		"bad handle":    {Effects: []*pluginv1.Effect{{Handle: "Ä", Kind: every()["audit_note"].Kind}}},
		"too many":      many,
		"too large":     put(func(p *pluginv1.RecordPut) { p.Data.Json = []byte(`{"a":"` + strings.Repeat("x", 1<<20) + `"}`) }),
		"large answers": put(func(p *pluginv1.RecordPut) { p.Data.Json = []byte(`{"a":"` + strings.Repeat("x", 300<<10) + `"}`) }),
		"no JSON":       put(func(p *pluginv1.RecordPut) { p.Data.Json = []byte(`{"a":`) }),
		"no object":     put(func(p *pluginv1.RecordPut) { p.Data.Json = []byte(`[1]`) }),
		"NUL in JSON":   put(func(p *pluginv1.RecordPut) { p.Data.Json = []byte(`{"a":"\u0000"}`) }),
		"NaN": put(func(p *pluginv1.RecordPut) {
			p.Index = map[string]*pluginv1.Value{"a": {Value: &pluginv1.Value_Number{Number: math.NaN()}}}
		}),
		"31 February": put(func(p *pluginv1.RecordPut) {
			p.Index = map[string]*pluginv1.Value{"a": {Value: &pluginv1.Value_Date{Date: &pluginv1.Date{Year: 2027, Month: 2, Day: 31}}}}
		}),
		"bad id":             put(func(p *pluginv1.RecordPut) { p.PersonId = "1" }),
		"foreign kind":       put(func(p *pluginv1.RecordPut) { p.Kind = "ore.other:note" }),
		"unknown scope kind": put(func(p *pluginv1.RecordPut) { p.Scope.Kind = 77 }),
		"unknown severity":   {Diagnostics: []*pluginv1.Diagnostic{{Severity: 9, Code: "x", Text: "y"}}},
		"reordering text":    {Diagnostics: []*pluginv1.Diagnostic{{Severity: 3, Code: "x", Text: "a\u202eb"}}},
		"empty need":         {Need: &pluginv1.Need{}},
		"unknown source":     {DependsOn: []*pluginv1.RowVersion{{Source: 99, Id: person}}},
		"mail header":        {Effects: []*pluginv1.Effect{{Handle: "x", Kind: &pluginv1.Effect_Notify{Notify: &pluginv1.Notify{Scope: at(netID), To: &pluginv1.Notify_Role{Role: "participant"}, Subject: pl("a\r\nBcc: b@c.pl"), Body: pl("y")}}}}},
	} {
		if _, err := Answer(question(), res); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// What goes out comes back: every type of value in a snapshot.
func TestSnapshotOnTheWire(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 9, 0, 0, 1000, time.UTC)
	index := map[string]effect.Value{"t": "ą", "i": int64(-3), "n": 1.5, "b": true, "d": effect.Date("2027-04-05"), "w": now, "r": decision}
	s := &effect.Snapshot{
		Decision: decision, Now: now, Zone: "Europe/Warsaw", Locale: "pl", Seed: 9, DryRun: true, Round: 2,
		Actor:  effect.ActorView{Person: decision, Roles: []string{"coordinator"}, Groups: []uuid.UUID{decision}},
		Scope:  effect.Scope{Kind: effect.Network, ID: decision},
		Scopes: []effect.ScopeState{{Scope: effect.Scope{Kind: effect.Network, ID: decision}, Type: "ore.thematic:network", Stage: "work", Members: 3, Writable: true}},
		Slices: []effect.Slice{{Name: "s", SliceResult: effect.SliceResult{Cursor: "c", Rows: []effect.Row{{ID: decision, Version: 4,
			Scope: effect.Scope{Kind: effect.Group, ID: decision}, Data: json.RawMessage(`{"a":1}`), Revision: 2, Index: index}}}}},
		Aggregates:   []effect.AggregateSlice{{Name: "a", Cells: []effect.Cell{{By: []effect.Value{"x"}, Suppressed: true, Count: 3}, {Count: 9, Sum: 2}}}},
		Acknowledged: []effect.Acknowledgement{{Code: "c", Path: "p", Reason: "r"}},
	}
	w, err := snapshot(s)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := proto.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	got := &pluginv1.Snapshot{}
	if err := proto.Unmarshal(raw, got); err != nil {
		t.Fatal(err)
	}
	d := &decoder{}
	back := d.index("x", got.GetSlices()[0].GetRows()[0].GetIndex())
	if d.err != nil || !reflect.DeepEqual(back, index) {
		t.Errorf("index %v, want %v (%v)", back, index, d.err)
	}
	if c := got.GetAggregates()[0].GetCells(); c[0].GetCount() != 0 || !c[0].GetSuppressed() || c[1].GetCount() != 9 {
		t.Errorf("a suppressed cell tells its count: %v", c)
	}
	if st := got.GetScopes()[0]; st.GetType() != "network" || !st.GetWritable() || st.GetStage() != "work" {
		t.Errorf("state %v", st)
	}
	if r := got.GetSlices()[0].GetRows()[0]; r.GetVersion() != 4 || r.GetData().GetRevision() != 2 || r.GetScope().GetKind() != pluginv1.ScopeKind_SCOPE_KIND_GROUP {
		t.Errorf("row %v", r)
	}
}

// The answers of the worked flows are ones that the core accepts.
func TestGoldenAnswersAreAccepted(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"return_task.json", "convert.json"} {
		raw, err := os.ReadFile("../../../plugins/proto/golden/" + name)
		if err != nil {
			t.Fatal(err)
		}
		var flow struct {
			Steps []struct {
				About    string
				Response json.RawMessage
			}
		}
		if err := json.Unmarshal(raw, &flow); err != nil {
			t.Fatal(err)
		}
		effects := 0
		for _, s := range flow.Steps {
			res := &pluginv1.DecideResponse{}
			if err := protojson.Unmarshal(s.Response, res); err != nil {
				t.Fatal(err)
			}
			a, err := Answer(question(), res)
			if err != nil {
				t.Errorf("%s, %s: %v", name, s.About, err)
				continue
			}
			effects += len(a.Effects)
		}
		if effects == 0 {
			t.Errorf("%s: no effects", name)
		}
	}
}

// Whatever bytes a module sends: no panic, and what is accepted keeps the contract.
func FuzzEffectDecode(f *testing.F) {
	all := &pluginv1.DecideResponse{}
	for _, e := range every() {
		all.Effects = append(all.Effects, e)
		raw, err := proto.Marshal(&pluginv1.DecideResponse{Effects: []*pluginv1.Effect{e}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	raw, err := proto.Marshal(all)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	known := map[effect.Kind]bool{}
	for _, k := range effect.Kinds {
		known[k] = true
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		res := &pluginv1.DecideResponse{}
		if proto.Unmarshal(raw, res) != nil {
			return
		}
		a, err := Answer(question(), res)
		if err != nil {
			return
		}
		if len(a.Effects) != len(res.GetEffects()) {
			t.Fatalf("%d effects became %d", len(res.GetEffects()), len(a.Effects))
		}
		handles := map[string]bool{}
		for _, it := range a.Effects {
			if it.Effect == nil || !known[it.Effect.Kind()] || handles[it.Handle] || !effect.ValidName(it.Handle) {
				t.Fatalf("accepted %q %v", it.Handle, it.Effect)
			}
			handles[it.Handle] = true
			if s := it.Effect.Target(); !s.Kind.Valid() || s.ID == uuid.Nil {
				t.Fatalf("accepted scope %v", s)
			}
			checkValues(t, reflect.ValueOf(it.Effect))
		}
	})
}

// checkValues walks an accepted effect: texts can be stored, documents are JSON.
func checkValues(t *testing.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			checkValues(t, v.Elem())
		}
	case reflect.Struct:
		if d, ok := v.Interface().(effect.Document); ok && !d.IsZero() && !json.Valid(d.JSON) {
			t.Fatalf("accepted document %q", d.JSON)
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				checkValues(t, v.Field(i))
			}
		}
	case reflect.String:
		if s := v.String(); strings.ContainsRune(s, 0) || !utf8.ValidString(s) {
			t.Fatalf("accepted text %q", s)
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkValues(t, v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			checkValues(t, v.MapIndex(k))
		}
	}
}

// A day belongs to the register alone, one to compare with to its vocations.
func TestSlicesOfRegisters(t *testing.T) {
	t.Parallel()
	day := &pluginv1.Date{Year: 2026, Month: 11, Day: 24}
	this := pluginv1.Selector_SELECTOR_THIS
	register := pluginv1.Source_SOURCE_REGISTER
	for name, c := range map[string]struct {
		spec *pluginv1.SliceSpec
		good bool
	}{
		"compared":          {&pluginv1.SliceSpec{Name: "a", Source: register, Kind: "vocation", Selector: this, AsOf: day, ComparedWith: day}, true},
		"schools":           {&pluginv1.SliceSpec{Name: "a", Source: register, Kind: "school", Selector: this, AsOf: day}, true},
		"compared schools":  {&pluginv1.SliceSpec{Name: "a", Source: register, Kind: "school", Selector: this, ComparedWith: day}, false},
		"no kind":           {&pluginv1.SliceSpec{Name: "a", Source: register, Selector: this}, false},
		"unknown kind":      {&pluginv1.SliceSpec{Name: "a", Source: register, Kind: "head", Selector: this}, false},
		"no such day":       {&pluginv1.SliceSpec{Name: "a", Source: register, Kind: "school", Selector: this, AsOf: &pluginv1.Date{Year: 2026, Month: 2, Day: 30}}, false},
		"records of a day":  {&pluginv1.SliceSpec{Name: "a", Source: pluginv1.Source_SOURCE_RECORD, Kind: "note", Selector: this, AsOf: day}, false},
		"an empty date (0)": {&pluginv1.SliceSpec{Name: "a", Source: register, Kind: "school", Selector: this, AsOf: &pluginv1.Date{}}, false},
	} {
		a, err := Answer(question(), &pluginv1.DecideResponse{Need: &pluginv1.Need{Slices: []*pluginv1.SliceSpec{c.spec}}})
		if c.good != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
		if c.good && a.Need.Slices[0].AsOf != "2026-11-24" {
			t.Errorf("%s: %+v", name, a.Need.Slices[0])
		}
	}
}
