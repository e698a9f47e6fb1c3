package thematic

import (
	"crypto/sha1" // by RFC 9562, not for secrecy
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"ore.edu.pl/sieci/plugins/sdk"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// Names of slices.
const (
	sliceCharter  = "charter"
	slicePlan     = "plan"
	sliceContract = "contract"
	sliceSummary  = "summary"
	sliceMembers  = "members"
	sliceTasks    = "tasks"
	sliceMeetings = "meetings"
)

// records asks for the newest record of a kind in this network.
func records(kinds ...string) []*v1.SliceSpec {
	var out []*v1.SliceSpec
	for _, k := range kinds {
		out = append(out, &v1.SliceSpec{
			Name: k, Source: v1.Source_SOURCE_RECORD, Kind: k, Selector: v1.Selector_SELECTOR_THIS, Limit: 1,
			Order: []*v1.Order{{Field: "@created", Descending: true}},
		})
	}
	return out
}

// one reads the record of a slice; nil row when the network has none yet.
func one[T any](s sdk.Snapshot, slice string) (*T, *sdk.Row, error) {
	rows := s.Rows(slice)
	if len(rows) == 0 {
		return nil, nil, nil
	}
	var v T
	if err := rows[0].Decode(&v); err != nil {
		return nil, nil, err
	}
	return &v, &rows[0], nil
}

// readPlan reads the plan; where the meetings came along, with their dates.
func readPlan(s sdk.Snapshot) (*plan, *sdk.Row, error) {
	p, row, err := one[plan](s, slicePlan)
	if err == nil && p != nil {
		err = p.settle(s)
	}
	return p, row, err
}

func readCharter(s sdk.Snapshot) (*charter, *sdk.Row, error) { return one[charter](s, sliceCharter) }

// put makes the record, or revises the one that is there.
func put(a *sdk.Answer, s sdk.Snapshot, kind string, have *sdk.Row, data *v1.Document, index map[string]any) {
	if have != nil {
		a.ReviseRecord(kind, *have, data, sdk.Index(index))
		return
	}
	a.PutRecord(kind, s.GetScope(), kind, data, sdk.Index(index))
}

// found makes charter and draft plan of a new network.
func found(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	var c charter
	if err := r.Input(&c); err != nil {
		return nil, err
	}
	warnMany(a, r.Snapshot, "spotkania", c.Meetings)
	a.PutRecord(kindCharter, r.GetScope(), kindCharter, r.Document(), sdk.Index(map[string]any{"area": c.Area}))
	p := template(plannedYear(r.Snapshot), c.Meetings, r.Time())
	a.PutRecord(kindPlan, r.GetScope(), kindPlan, sdk.Doc(p, forms[kindPlan].GetRevision()), planIndex(&p, r.Snapshot))
	return a, nil
}

// renew copies charter and plan, without its dates, into next year's network.
func renew(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	successor := sdk.Network(effectID(r.GetDecisionId(), "successor"))
	if rows := r.Rows(sliceCharter); len(rows) > 0 {
		a.PutRecord(kindCharter, successor, kindCharter, rows[0].GetData(), rows[0].GetIndex())
	}
	p, _, err := readPlan(r.Snapshot)
	if err != nil || p == nil {
		return a, err
	}
	p.Year++
	for i := range p.Meetings {
		p.Meetings[i].Date, p.Meetings[i].Leader = "", nil
	}
	a.PutRecord(kindPlan, successor, kindPlan, sdk.Doc(p, forms[kindPlan].GetRevision()), planIndex(p, r.Snapshot))
	return a, nil
}

// effectID is the deterministic id of what an effect with the handle creates: a
// UUID of version 5 in the namespace of the decision. Next year's network is
// made by the core, under the handle "successor", before this decision's effects.
func effectID(decision, handle string) string {
	space, err := hex.DecodeString(strings.ReplaceAll(decision, "-", ""))
	if err != nil {
		return ""
	}
	sum := sha1.Sum(append(space, handle...))
	id := sum[:16]
	id[6], id[8] = id[6]&0x0f|0x50, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

func putCharter(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	var c charter
	if err := r.Input(&c); err != nil {
		return nil, err
	}
	_, have, err := readCharter(r.Snapshot)
	if err != nil {
		return nil, err
	}
	warnMany(a, r.Snapshot, "spotkania", c.Meetings)
	put(a, r.Snapshot, kindCharter, have, r.Document(), map[string]any{"area": c.Area})
	a.Note(r.GetScope(), "note_charter", "")
	return a, nil
}

// putPlan checks and saves the plan and moves its reminders.
func putPlan(r *sdk.Request) (*sdk.Answer, error) {
	a, w := &sdk.Answer{}, in(r.GetLocale())
	var p plan
	if err := r.Input(&p); err != nil {
		return nil, err
	}
	before, have, err := readPlan(r.Snapshot)
	if err != nil {
		return nil, err
	}
	for _, x := range p.problems() {
		a.Error(x.path, x.code, w.t("plan."+x.code, x.args...))
	}
	for _, x := range p.gaps() {
		a.Info(x.path, x.code, w.t("plan."+x.code, x.args...))
	}
	warnMany(a, r.Snapshot, "", len(p.Meetings))
	put(a, r.Snapshot, kindPlan, have, r.Document(), indexOf(&p, r.Snapshot))
	setReminders(a, r, before, &p)
	a.Note(r.GetScope(), "note_plan", "")
	return a, nil
}

// warnMany asks for a reason for more meetings than usual.
func warnMany(a *sdk.Answer, s sdk.Snapshot, path string, n int) {
	if n > mostYearly {
		a.Warn(path, "many_meetings", in(s.GetLocale()).n("plan.many_meetings", n, "most", mostYearly))
	}
}

func indexOf(p *plan, s sdk.Snapshot) map[string]any {
	out := map[string]any{"year": p.Year, "meetings": len(p.Meetings)}
	if m, ok := p.next(s.Time()); ok {
		if d, set := m.day(); set {
			out["next"] = sdk.Day{Year: d.Year(), Month: d.Month(), Day: d.Day()}
		}
	}
	return out
}

func planIndex(p *plan, s sdk.Snapshot) map[string]*v1.Value { return sdk.Index(indexOf(p, s)) }

// putDocument saves a record that is its form and nothing more.
func putDocument(r *sdk.Request, kind, note string) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	_, have, err := one[json.RawMessage](r.Snapshot, kind)
	if err != nil {
		return nil, err
	}
	put(a, r.Snapshot, kind, have, r.Document(), nil)
	a.Note(r.GetScope(), note, "")
	return a, nil
}
