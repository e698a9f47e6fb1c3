package thematic

import (
	"slices"
	"time"

	"ore.edu.pl/sieci/plugins/sdk"
)

// picture is what the duties and pages are computed from.
type picture struct {
	s        sdk.Snapshot
	plan     *plan
	charter  *charter
	contract bool
	summary  bool
	tasks    []task
	taskIDs  []string
	// members are the active ones that came with the snapshot; total counts all.
	members   []member
	total     int
	complexes int
	experts   int
}

// member is what the core says of a membership.
type member struct {
	Person  string   `json:"person"`
	Role    string   `json:"role"`
	Roles   []string `json:"roles"`
	State   string   `json:"state"`
	Complex string   `json:"complex"`
}

func (m *member) is(role string) bool { return m.Role == role || slices.Contains(m.Roles, role) }

func readMembers(s sdk.Snapshot, slice string) ([]member, error) {
	rows := s.Rows(slice)
	out := make([]member, 0, len(rows))
	for _, r := range rows {
		var m member
		if err := r.Decode(&m); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

func look(s sdk.Snapshot) (*picture, error) {
	p := &picture{s: s, total: int(s.Here().GetMembers())}
	var err error
	if p.plan, _, err = readPlan(s); err != nil {
		return nil, err
	}
	if p.charter, _, err = readCharter(s); err != nil {
		return nil, err
	}
	p.contract, p.summary = len(s.Rows(sliceContract)) > 0, len(s.Rows(sliceSummary)) > 0
	if p.tasks, err = readTasks(s); err != nil {
		return nil, err
	}
	for _, r := range s.Rows(sliceTasks) {
		p.taskIDs = append(p.taskIDs, r.GetId())
	}
	if p.members, err = readMembers(s, sliceMembers); err != nil {
		return nil, err
	}
	p.members = slices.DeleteFunc(p.members, func(m member) bool { return m.State != "active" })
	seen := map[string]bool{}
	for i := range p.members {
		if c := p.members[i].Complex; c != "" {
			seen[c] = true
		}
		if p.members[i].is(roleExpert) {
			p.experts++
		}
	}
	p.complexes, p.total = len(seen), max(p.total, len(p.members))
	return p, nil
}

// due is when a task should be handed in; zero when it has no date.
func (t *task) due() time.Time {
	at, err := time.Parse(time.RFC3339, t.Due)
	if err != nil {
		return time.Time{}
	}
	return at
}

// late reports whether a task is still with its assignees after its date.
func (t *task) late(now time.Time) bool {
	return (t.State == "open" || t.State == "returned") && !t.due().IsZero() && t.due().Before(now)
}

// waiting is the number of submissions that wait for the reviewer.
func (t *task) waiting() int {
	n := 0
	for _, s := range t.Submissions {
		if s.State == "submitted" {
			n++
		}
	}
	if n == 0 && t.State == "submitted" {
		return 1
	}
	return n
}

// mine reports whether the person still has something to do about the task. What
// is given to the whole network is for its participants: who leads or
// accompanies it hands nothing in.
func (t *task) mine(person string, participant bool) bool {
	if t.State != "open" && t.State != "returned" {
		return false
	}
	switch t.Assignee.Kind {
	case "person":
		return t.Assignee.ID == person
	case "network":
		if !participant {
			return false
		}
		for _, s := range t.Submissions {
			if slices.Contains(s.Authors, person) {
				return s.State == "returned"
			}
		}
		return true
	}
	return false
}

// participants is how many people take part; the coordinator, experts and
// moderators come on top. Exact as far as the members came with the snapshot,
// which is far beyond the usual size.
func (p *picture) participants() int {
	n := p.total
	for i := range p.members {
		if !p.members[i].is(roleParticipant) {
			n--
		}
	}
	return n
}

// tally counts over all tasks: those late, those that wait for a judgement, and
// the participants who handed something in.
func (p *picture) tally() (late, waiting, authors int) {
	now := p.s.GetNow().AsTime()
	handed := map[string]bool{}
	for i := range p.tasks {
		t := &p.tasks[i]
		if t.late(now) {
			late++
		}
		waiting += t.waiting()
		for _, s := range t.Submissions {
			for _, a := range s.Authors {
				handed[a] = true
			}
		}
	}
	for i := range p.members {
		if p.members[i].is(roleParticipant) && handed[p.members[i].Person] {
			authors++
		}
	}
	return late, waiting, authors
}

// duty is one of the coordinator's eight duties: how it stands, and what to do
// next ("" when nothing).
type duty struct {
	code       string
	done       bool
	note, next string
}

// duties are the eight duties of ORE's description, in its order, as far as
// what the platform holds can tell. A duty that is not done says what to do.
func (p *picture) duties(w words) []duty {
	late, waiting, authors := p.tally()
	led, without, dated := p.meetings()
	all := p.participants()
	silent := max(all-authors, 0)
	d := func(code string, done bool, note string, next string) duty {
		if done {
			next = ""
		}
		return duty{code, done, note, next}
	}
	return []duty{
		d("initiative", p.plan != nil && without == 0 && len(p.tasks) > 0,
			w.n("duty.initiative.note", len(p.tasks)), choose(p.plan == nil || without > 0, w.n("duty.initiative.goals", without), w.t("duty.initiative.task"))),
		d("activity", all > 1 && silent*2 <= all,
			w.t("duty.activity.note", "n", authors, "of", all), choose(len(p.tasks) == 0, w.t("duty.initiative.task"), w.n("duty.activity.next", silent))),
		d("safety", p.contract, w.t(choose(p.contract, "duty.safety.yes", "duty.safety.no")), w.t("duty.safety.next")),
		d("motivate", waiting == 0 && len(p.tasks) > 0, w.n("duty.motivate.note", waiting), choose(waiting > 0, w.n("duty.motivate.next", waiting), w.t("duty.motivate.none"))),
		d("monitor", late == 0, w.n("duty.monitor.note", late), w.n("duty.monitor.next", late)),
		d("suggestions", led > 0, w.n("duty.suggestions.note", led), w.t("duty.suggestions.next")),
		d("openness", p.complexes >= 3 || p.experts > 0, w.t("duty.openness.note", "schools", p.complexes, "experts", p.experts), w.t("duty.openness.next")),
		d("organise", dated && len(p.planGaps()) == 0, w.t(choose(dated, "duty.organise.yes", "duty.organise.no")), p.organiseNext(w, dated)),
	}
}

func choose(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

// meetings counts those led by somebody else than a coordinator and those
// without goals, and says whether the next one has a date.
func (p *picture) meetings() (led, without int, dated bool) {
	if p.plan == nil {
		return 0, 0, false
	}
	lead := map[string]bool{}
	for i := range p.members {
		if p.members[i].is(roleCoordinator) {
			lead[p.members[i].Person] = true
		}
	}
	for _, m := range p.plan.Meetings {
		if m.Leader != nil && !lead[m.Leader.ID] {
			led++
		}
		if len(m.Goals) == 0 {
			without++
		}
	}
	next, ok := p.plan.next(p.s.Time())
	return led, without, !ok || next.Date != ""
}

func (p *picture) planGaps() []problem {
	if p.plan == nil {
		return []problem{{code: "no_plan"}}
	}
	return p.plan.gaps()
}

func (p *picture) organiseNext(w words, dated bool) string {
	if gaps := p.planGaps(); len(gaps) > 0 {
		return w.t("plan."+gaps[0].code, gaps[0].args...)
	}
	if dated {
		return ""
	}
	next, _ := p.plan.next(p.s.Time())
	return w.t("duty.organise.next", "month", w.t("month."+next.Month))
}
