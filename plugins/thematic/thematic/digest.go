package thematic

import (
	"time"

	"ore.edu.pl/sieci/plugins/sdk"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// digestPage is how many members one page of the digest looks at; with one
// message each it stays below 500 effects.
const digestPage = 200

func membersSlice(limit uint32, cursor string, attributes ...string) *v1.SliceSpec {
	return &v1.SliceSpec{
		Name: sliceMembers, Source: v1.Source_SOURCE_MEMBER, Selector: v1.Selector_SELECTOR_THIS, Limit: limit, Cursor: cursor, Attributes: attributes,
		Filters: []*v1.Filter{{
			Field: "@state", Operator: v1.Operator_OPERATOR_EQUAL,
			Operand: &v1.Filter_Value{Value: &v1.Value{Value: &v1.Value_Text{Text: "active"}}},
		}},
	}
}

// digest tells everybody in the network once a week what waits for them, and
// the coordinator what waits in the network. Who has nothing open gets nothing.
func digest(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	if !r.Has(sliceMembers) {
		a.Need(membersSlice(digestPage, string(r.Job.GetContinuation())))
		return a, nil
	}
	p, err := look(r.Snapshot)
	if err != nil {
		return nil, err
	}
	if r.Stage() == stageClosed {
		a.Done(0)
		return a, nil
	}
	if len(r.Job.GetContinuation()) == 0 {
		p.tellCoordinator(a)
	}
	for i := range p.members {
		p.tellMember(a, &p.members[i])
	}
	if more := r.More(sliceMembers); more != "" {
		a.Progress([]byte(more), uint64(len(p.members)), uint64(p.total))
	} else {
		a.Done(uint64(p.total))
	}
	return a, nil
}

func (p *picture) tellCoordinator(a *sdk.Answer) {
	late, waiting, _ := p.tally()
	_, _, dated := p.meetings()
	var lines []line
	if waiting > 0 {
		lines = append(lines, line{"digest.waiting", waiting, nil})
	}
	if late > 0 {
		lines = append(lines, line{"digest.late", late, nil})
	}
	if p.plan != nil && !dated {
		lines = append(lines, line{"digest.undated", 0, nil})
	}
	if len(lines) > 0 {
		a.NotifyRole(p.s.GetScope(), roleCoordinator, both("digest.subject"), letter(lines), viewProgress)
	}
}

func (p *picture) tellMember(a *sdk.Answer, m *member) {
	open, soonest := 0, time.Time{}
	for i := range p.tasks {
		t := &p.tasks[i]
		if !t.mine(m.Person, m.is(roleParticipant)) {
			continue
		}
		open++
		if d := t.due(); !d.IsZero() && (soonest.IsZero() || d.Before(soonest)) {
			soonest = d
		}
	}
	if open == 0 {
		return
	}
	lines := []line{{"digest.open", open, nil}}
	if !soonest.IsZero() {
		lines = append(lines, line{"digest.soonest", 0, []any{"date", soonest.In(p.s.Time().Location()).Format("02.01.2006")}})
	}
	a.NotifyPerson(p.s.GetScope(), m.Person, both("digest.subject"), letter(lines), viewHome)
}

// line is one line of a letter: the key of a text, with a number for the plural.
type line struct {
	key  string
	n    int
	args []any
}

func letter(lines []line) *v1.Text {
	out := &v1.Text{ByLanguage: map[string]string{}}
	for _, w := range []words{"pl", "en"} {
		text := ""
		for i, l := range lines {
			if i > 0 {
				text += "\n"
			}
			if l.n > 0 {
				text += w.n(l.key, l.n, l.args...)
			} else {
				text += w.t(l.key, l.args...)
			}
		}
		out.ByLanguage[string(w)] = text
	}
	return out
}

// stageText says in both languages which stage began.
func stageText(to string) *v1.Text {
	out := &v1.Text{ByLanguage: map[string]string{}}
	for _, w := range []words{"pl", "en"} {
		out.ByLanguage[string(w)] = w.t("stage.changed_body", "stage", w.t("stage."+to))
	}
	return out
}
