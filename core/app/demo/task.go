package demo

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/task"
)

// sheet is what one of the observers handed in.
//
//go:embed data/arkusz-obserwacji.txt
var sheet []byte

// errand is a task of peer observation in a network.
type errand struct {
	network             *spec
	to                  string // a person; "" is everybody in the network
	title, instructions string
	at, due             time.Time
}

// handing is what somebody handed in, and what the coordinator said.
type handing struct {
	by, school, class string
	on                string // date of the observation
	focus             []string
	worked, try, said string
	file              bool
	at                time.Time

	// decided, when set, is when the coordinator answered.
	decided time.Time
	verdict effect.Verdict
	note    string
	remarks []effect.Remark
	due     time.Time // of a return
}

func (e *errand) scene() scene {
	return scene{e.at, "task " + e.title, func(ctx context.Context, m *maker) error {
		have, _, err := m.task(ctx, e)
		if err != nil || have != nil {
			return err
		}
		id, err := m.id(ctx, e.network)
		if err != nil {
			return err
		}
		to := effect.Assignee{Kind: effect.AssigneeNetwork, ID: id}
		if e.to != "" {
			to = effect.Assignee{Kind: effect.AssigneePerson, ID: m.people[e.to+domain].ID}
		}
		return m.do(ctx, e.network.founder, func(ctx context.Context, a *access.Actor) error {
			_, err := m.Tasks.Assign(ctx, a, task.NewTask{
				Type: effect.Qualify(thematic, "observation"), Scope: effect.Scope{Kind: effect.Network, ID: id}, Assignee: to,
				Title: e.title, Instructions: e.instructions, Due: e.due,
			})
			return err
		})
	}}
}

// task finds the task by its title, as the coordinator; nil when there is none.
func (m *maker) task(ctx context.Context, e *errand) (*task.Task, *access.Actor, error) {
	n, a, err := m.look(ctx, e.network, e.network.founder)
	if err != nil {
		return nil, nil, err
	}
	after := ""
	for {
		page, err := m.Tasks.InScope(ctx, a, n.Scope(), task.All, after, 100)
		if err != nil {
			return nil, nil, err
		}
		for i := range page.Items {
			if page.Items[i].Title == e.title {
				return &page.Items[i], a, nil
			}
		}
		if page.Next == "" {
			return nil, a, nil
		}
		after = page.Next
	}
}

// part is somebody's own part of a task of everybody; nil before they handed in.
func (m *maker) part(ctx context.Context, a *access.Actor, of *task.Task, person uuid.UUID) (*task.Task, error) {
	after := ""
	for {
		page, err := m.Tasks.Parts(ctx, a, of.ID, task.All, after, 100)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			if page.Items[i].Assignee.ID == person {
				return &page.Items[i], nil
			}
		}
		if page.Next == "" {
			return nil, nil
		}
		after = page.Next
	}
}

// handed lets somebody hand in their part, and the coordinator answer it.
func (e *errand) handed(h handing) []scene {
	out := []scene{{h.at, h.by + " hands in " + e.title, func(ctx context.Context, m *maker) error {
		t, lead, err := m.task(ctx, e)
		if err != nil {
			return err
		}
		if have, err := m.part(ctx, lead, t, m.people[h.by+domain].ID); err != nil || have != nil {
			return err
		}
		return m.do(ctx, h.by, func(ctx context.Context, a *access.Actor) error { return m.submit(ctx, a, t, &h) })
	}}}
	if h.decided.IsZero() {
		return out
	}
	return append(out, scene{h.decided, "answer to " + h.by, func(ctx context.Context, m *maker) error {
		t, lead, err := m.task(ctx, e)
		if err != nil {
			return err
		}
		p, err := m.part(ctx, lead, t, m.people[h.by+domain].ID)
		if err != nil || p == nil || p.State != task.Submitted {
			return err
		}
		return m.do(ctx, e.network.founder, func(ctx context.Context, a *access.Actor) error {
			return m.Tasks.Decide(ctx, a, p.ID, task.Judgement{Verdict: h.verdict, Note: h.note, Remarks: h.remarks, Due: h.due, Version: p.Version})
		})
	}})
}

func (m *maker) submit(ctx context.Context, a *access.Actor, t *task.Task, h *handing) error {
	id, err := m.place(ctx, h.school)
	if err != nil {
		return err
	}
	school, err := m.Registry.Institution(ctx, nil, id)
	if err != nil {
		return err
	}
	answers := map[string]any{
		"data": h.on, "klasa": h.class, "skupienie": h.focus, "zadzialalo": h.worked, "sprobuje": h.try,
		"szkola": map[string]any{"kind": "szkola", "id": id.String(), "label": school.Label(i18n.With(ctx, i18n.Polish))},
	}
	if h.said != "" {
		answers["ustalenia"] = h.said
	}
	if h.file {
		f, err := m.Files.Upload(ctx, a, "arkusz-obserwacji.txt", bytes.NewReader(sheet))
		if err != nil {
			return err
		}
		answers["arkusz"] = []string{f.ID.String()}
	}
	raw, err := json.Marshal(answers)
	if err != nil {
		return err
	}
	_, err = m.Tasks.Submit(ctx, a, t.ID, task.Handing{Version: t.Version, FormRev: 1, Answers: raw})
	return err
}
