package demo

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/schedule"
)

// gathering is a meeting of a network.
type gathering struct {
	network     *spec
	kind, title string
	note        string
	starts      time.Time
	length      time.Duration
	where       schedule.Where
	// When it was written down and announced; without the latter it stays a draft.
	planned, announced time.Time
	// agenda replaces what a meeting of its kind begins with; nil leaves that.
	agenda []point
	// programme is when the agenda was sent.
	programme time.Time
	answers   map[schedule.Way][]string
	// held is what became of it; nil for a meeting that lies ahead.
	held *course
}

// point is an item of an agenda. leader is somebody of the network, outsider a name.
type point struct {
	title            string
	minutes          int
	method           schedule.Method
	leader, outsider string
}

// course is how a meeting went.
type course struct {
	present map[schedule.Presence][]string
	guests  []schedule.GuestMark
	written time.Time // register and minutes
	text    string
	decided []string
	tasks   []promise
	closed  time.Time // zero: not yet
}

// promise is what somebody took upon themselves; done is zero while it is open.
type promise struct {
	text, owner, due string
	done             time.Time
}

// find is the meeting as the coordinator sees it; nil before it was written down.
func (g *gathering) find(ctx context.Context, m *maker) (*schedule.Detail, error) {
	n, a, err := m.look(ctx, g.network, g.network.founder)
	if err != nil {
		return nil, err
	}
	after := ""
	for {
		page, err := m.Meetings.List(ctx, a, n.ID, g.network.year, after, 100)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			if page.Items[i].Title == g.title {
				return m.Meetings.Get(ctx, a, page.Items[i].ID)
			}
		}
		if page.Next == "" {
			return nil, nil
		}
		after = page.Next
	}
}

// lead is an act of the coordinator about the meeting.
func (g *gathering) lead(ctx context.Context, m *maker, f func(ctx context.Context, a *access.Actor) error) error {
	return m.do(ctx, g.network.founder, f)
}

func (g *gathering) scenes() []scene {
	scene1 := func(at time.Time, what string, play func(ctx context.Context, m *maker, d *schedule.Detail) error) scene {
		return scene{at, what + " of " + g.title, func(ctx context.Context, m *maker) error {
			d, err := g.find(ctx, m)
			if err != nil {
				return err
			}
			return play(ctx, m, d)
		}}
	}
	out := []scene{scene1(g.planned, "plan", g.create), scene1(g.planned.Add(5*time.Minute), "agenda", g.setAgenda)}
	if !g.announced.IsZero() {
		out = append(out, scene1(g.announced, "announcement", g.announce))
		i := 0
		for _, way := range []schedule.Way{schedule.OnSite, schedule.Online, schedule.No} {
			for _, who := range g.answers[way] {
				i++
				out = append(out, scene1(g.announced.Add(time.Duration(i)*97*time.Minute), who+" answers the invitation", func(ctx context.Context, m *maker, d *schedule.Detail) error {
					return g.answer(ctx, m, d.ID, who, way)
				}))
			}
		}
	}
	if !g.programme.IsZero() {
		out = append(out, scene1(g.programme, "programme", g.send))
	}
	if h := g.held; h != nil {
		out = append(out, pass(g.starts.Add(g.length+time.Minute), "the end of "+g.title),
			scene1(h.written, "register", g.register), scene1(h.written.Add(10*time.Minute), "minutes", g.writeUp))
		for i := range h.tasks {
			if at := h.tasks[i].done; !at.IsZero() {
				out = append(out, scene1(at, h.tasks[i].owner+" does what was agreed", func(ctx context.Context, m *maker, d *schedule.Detail) error {
					return g.tick(ctx, m, d, &h.tasks[i])
				}))
			}
		}
		if !h.closed.IsZero() {
			out = append(out, scene1(h.closed, "closing", g.end))
		}
	}
	return out
}

func (g *gathering) create(ctx context.Context, m *maker, d *schedule.Detail) error {
	if d != nil {
		return nil
	}
	n, err := m.id(ctx, g.network)
	if err != nil {
		return err
	}
	return g.lead(ctx, m, func(ctx context.Context, a *access.Actor) error {
		_, err := m.Meetings.Create(ctx, a, n, schedule.Input{Kind: g.kind, Title: g.title, Note: g.note, Starts: g.starts, Ends: g.starts.Add(g.length), Where: g.where})
		return err
	})
}

// setAgenda makes the agenda what the story says, one item after another.
func (g *gathering) setAgenda(ctx context.Context, m *maker, d *schedule.Detail) error {
	if g.agenda == nil || d.State == schedule.Held || d.State == schedule.Closed {
		return nil
	}
	for i, p := range g.agenda {
		in := schedule.ItemInput{Title: p.title, Minutes: p.minutes, Method: p.method, LeaderName: p.outsider}
		if p.leader != "" {
			in.Leader = m.people[p.leader+domain].ID
		}
		if i < len(d.Items) && same(&d.Items[i], &in) {
			continue
		}
		if err := g.lead(ctx, m, func(ctx context.Context, a *access.Actor) error {
			if i < len(d.Items) {
				return m.Meetings.EditItem(ctx, a, d.ID, d.Items[i].ID, d.Items[i].Version, in)
			}
			return m.Meetings.AddItem(ctx, a, d.ID, in)
		}); err != nil {
			return err
		}
	}
	for i := len(g.agenda); i < len(d.Items); i++ {
		if err := g.lead(ctx, m, func(ctx context.Context, a *access.Actor) error {
			return m.Meetings.DropItem(ctx, a, d.ID, d.Items[i].ID)
		}); err != nil {
			return err
		}
	}
	return nil
}

func same(have *schedule.Item, want *schedule.ItemInput) bool {
	var leader uuid.UUID
	if have.LeaderID != nil {
		leader = *have.LeaderID
	}
	return have.Title == want.Title && have.Minutes == want.Minutes && have.Method == want.Method && leader == want.Leader &&
		(want.LeaderName == "" || have.Leader == want.LeaderName)
}

func (g *gathering) announce(ctx context.Context, m *maker, d *schedule.Detail) error {
	if d.State != schedule.Draft {
		return nil
	}
	return g.lead(ctx, m, func(ctx context.Context, a *access.Actor) error { return m.Meetings.Announce(ctx, a, d.ID) })
}

func (g *gathering) answer(ctx context.Context, m *maker, id uuid.UUID, who string, way schedule.Way) error {
	a, err := m.as(ctx, who)
	if err != nil {
		return err
	}
	d, err := m.Meetings.Get(ctx, a, id)
	if err != nil || d.Answer != "" || d.State != schedule.Announced {
		return err
	}
	return m.do(ctx, who, func(ctx context.Context, a *access.Actor) error { return m.Meetings.Answer(ctx, a, id, way) })
}

func (g *gathering) send(ctx context.Context, m *maker, d *schedule.Detail) error {
	if d.Programme != nil || d.State != schedule.Announced {
		return nil
	}
	return g.lead(ctx, m, func(ctx context.Context, a *access.Actor) error {
		_, err := m.Meetings.SendProgramme(ctx, a, d.ID)
		return err
	})
}

func (g *gathering) register(ctx context.Context, m *maker, d *schedule.Detail) error {
	if d.Registered != nil {
		return nil
	}
	in := schedule.RegisterInput{Guests: g.held.guests}
	for _, p := range []schedule.Presence{schedule.PresentOnSite, schedule.PresentOnline, schedule.Excused, schedule.Absent} {
		for _, who := range g.held.present[p] {
			in.Marks = append(in.Marks, schedule.Mark{Person: m.people[who+domain].ID, Presence: p})
		}
	}
	return g.lead(ctx, m, func(ctx context.Context, a *access.Actor) error { return m.Meetings.SaveRegister(ctx, a, d.ID, in) })
}

func (g *gathering) writeUp(ctx context.Context, m *maker, d *schedule.Detail) error {
	h := g.held
	if d.Outcome.Text != "" || d.State == schedule.Closed {
		return nil
	}
	in := schedule.MinutesInput{Version: d.Outcome.Version, Text: h.text, Tell: true}
	for _, text := range h.decided {
		in.Decisions = append(in.Decisions, schedule.Decision{Text: text})
	}
	for _, t := range h.tasks {
		in.Actions = append(in.Actions, schedule.ActionInput{Text: t.text, Owner: m.people[t.owner+domain].ID, Due: t.due})
	}
	return g.lead(ctx, m, func(ctx context.Context, a *access.Actor) error { return m.Meetings.SaveMinutes(ctx, a, d.ID, in) })
}

func (g *gathering) tick(ctx context.Context, m *maker, d *schedule.Detail, t *promise) error {
	i := slices.IndexFunc(d.Outcome.Actions, func(x schedule.Action) bool { return x.Text == t.text })
	if i < 0 || d.Outcome.Actions[i].DoneAt != nil {
		return nil
	}
	return m.do(ctx, t.owner, func(ctx context.Context, a *access.Actor) error {
		return m.Meetings.Tick(ctx, a, d.Outcome.Actions[i].ID, true)
	})
}

func (g *gathering) end(ctx context.Context, m *maker, d *schedule.Detail) error {
	if d.State == schedule.Closed {
		return nil
	}
	return g.lead(ctx, m, func(ctx context.Context, a *access.Actor) error { return m.Meetings.Close(ctx, a, d.ID, nil) })
}
