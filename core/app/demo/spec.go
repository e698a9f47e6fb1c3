package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/network"
)

// spec is how a network of the story is put down. Titles tell them apart.
type spec struct {
	title, aim   string
	centre       string // its key in places
	founder      string
	year         int
	join         network.JoinMode
	capacity     int
	onePerSchool bool

	charter map[string]any
	plan    map[string]any
	// leads says which meetings a member leads, by the rows of the plan.
	leads map[string]string
	// When it was founded, planned and opened; a draft has no plan and is not opened.
	founded, planned, opened time.Time
}

// filled makes answers of a form: they survive JSON by construction.
func filled(answers map[string]any) effect.Document {
	raw, err := json.Marshal(answers)
	if err != nil {
		panic(err)
	}
	return effect.Document{JSON: raw, Revision: 1}
}

// meeting is a row of a plan; date may be "".
func meeting(row, kind, month, date, topic string, goals ...string) map[string]any {
	m := map[string]any{"_row": row, "rodzaj": kind, "miesiac": month, "temat": topic, "cele": goals}
	if date != "" {
		m["data"] = date
	}
	return m
}

func yearPlan(year int, meetings ...map[string]any) map[string]any {
	return map[string]any{"rok": year, "spotkania": meetings}
}

// beginning founds a network, plans its year and opens it.
func beginning(s *spec) []scene {
	out := []scene{{s.founded, "founding " + s.title, func(ctx context.Context, m *maker) error { return m.found(ctx, s) }}}
	if !s.opened.IsZero() {
		out = append(out,
			scene{s.planned, "plan of " + s.title, func(ctx context.Context, m *maker) error { return m.putPlan(ctx, s) }},
			scene{s.opened, "opening " + s.title, func(ctx context.Context, m *maker) error { return m.open(ctx, s) }})
	}
	return out
}

// id finds a network by its title; uuid.Nil when it was not founded yet.
func (m *maker) id(ctx context.Context, s *spec) (uuid.UUID, error) {
	if id, ok := m.networks[s.title]; ok {
		return id, nil
	}
	f := network.Filter{Managed: true, Text: s.title, Limit: 100}
	for {
		cards, next, err := m.Networks.List(ctx, core(), f)
		if err != nil {
			return uuid.Nil, err
		}
		for i := range cards {
			if cards[i].Title == s.title {
				m.networks[s.title] = cards[i].ID
				return cards[i].ID, nil
			}
		}
		if next == "" {
			return uuid.Nil, nil
		}
		f.Cursor = next
	}
}

// look is a network as somebody of the story sees it.
func (m *maker) look(ctx context.Context, s *spec, key string) (*network.Network, *access.Actor, error) {
	id, err := m.id(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	if id == uuid.Nil {
		return nil, nil, fmt.Errorf("there is no network %q", s.title)
	}
	a, err := m.as(ctx, key)
	if err != nil {
		return nil, nil, err
	}
	n, err := m.Networks.Get(ctx, a, id)
	return n, a, err
}

func (m *maker) found(ctx context.Context, s *spec) error {
	id, err := m.id(ctx, s)
	if err != nil || id != uuid.Nil {
		return err
	}
	centre, err := m.place(ctx, s.centre)
	if err != nil {
		return err
	}
	return m.do(ctx, s.founder, func(ctx context.Context, a *access.Actor) error {
		_, err := m.Networks.Found(ctx, a, network.Founding{
			Type: effect.Qualify(thematic, "network"), Centre: centre, Answers: filled(s.charter),
			Settings: network.Settings{Title: s.title, Aim: s.aim, SchoolYear: s.year, Join: s.join, Capacity: s.capacity, OnePerSchool: s.onePerSchool},
		})
		return err
	})
}

// putPlan replaces the draft that the module made at founding, which is its
// record's first version.
func (m *maker) putPlan(ctx context.Context, s *spec) error {
	n, a, err := m.look(ctx, s, s.founder)
	if err != nil || n.Stage != "organisational" {
		return err
	}
	have, err := m.Networks.Saved(ctx, a, n, "plan", uuid.Nil)
	if err != nil || have != nil && have.Row.Version > 1 {
		return err
	}
	return m.command(ctx, s, "plan", m.led(s))
}

// led is the plan with the people who lead meetings.
func (m *maker) led(s *spec) map[string]any {
	rows := []map[string]any{}
	for _, r := range s.plan["spotkania"].([]map[string]any) {
		r = maps.Clone(r)
		if key, ok := s.leads[r["_row"].(string)]; ok {
			p := m.people[key+domain]
			r["prowadzi"] = map[string]any{"kind": "osoba", "id": p.ID.String(), "label": p.Name}
		}
		rows = append(rows, r)
	}
	return yearPlan(s.year, rows...)
}

func (m *maker) open(ctx context.Context, s *spec) error {
	n, _, err := m.look(ctx, s, s.founder)
	if err != nil || n.Status != network.Draft {
		return err
	}
	return m.do(ctx, s.founder, func(ctx context.Context, a *access.Actor) error { return m.Networks.OpenNetwork(ctx, a, n.ID) })
}

// command gives a command of the module as the network's coordinator.
func (m *maker) command(ctx context.Context, s *spec, name string, answers map[string]any) error {
	id, err := m.id(ctx, s)
	if err != nil {
		return err
	}
	in := network.Action{Command: name}
	if answers != nil {
		in.Answers = filled(answers)
	}
	return m.do(ctx, s.founder, func(ctx context.Context, a *access.Actor) error {
		_, err := m.Networks.Act(ctx, a, id, in)
		return err
	})
}

// record writes a document of the network that is not there yet.
func record(s *spec, at time.Time, name string, answers map[string]any) scene {
	return scene{at, name + " of " + s.title, func(ctx context.Context, m *maker) error {
		n, a, err := m.look(ctx, s, s.founder)
		if err != nil {
			return err
		}
		if have, err := m.Networks.Saved(ctx, a, n, name, uuid.Nil); err != nil || have != nil {
			return err
		}
		return m.command(ctx, s, name, answers)
	}}
}

// step takes a network from a stage to the next.
func step(s *spec, at time.Time, from, command string) scene {
	return scene{at, command + " of " + s.title, func(ctx context.Context, m *maker) error {
		n, _, err := m.look(ctx, s, s.founder)
		if err != nil || n.Stage != from {
			return err
		}
		return m.command(ctx, s, command, nil)
	}}
}

// joining lets people come in one after another, some hours apart. Whoever ever
// stood in some relation to the network is left as they are.
func joining(s *spec, from time.Time, in network.Entry, people ...string) []scene {
	out := make([]scene, len(people))
	for i, p := range people {
		// Between the lessons of one day, in the evening of another: every 5 h 17 min.
		at := from.Add(time.Duration(i) * 317 * time.Minute)
		out[i] = scene{at, p + " joins " + s.title, func(ctx context.Context, m *maker) error {
			n, _, err := m.look(ctx, s, p)
			if err != nil || n.Me.State != "" {
				return err
			}
			return m.do(ctx, p, func(ctx context.Context, a *access.Actor) error {
				_, err := m.Networks.Join(ctx, a, n.ID, in)
				return err
			})
		}}
	}
	return out
}

// inviting invites schools and people under one role, in one act.
func inviting(s *spec, at time.Time, in network.Invite, schools, people []string) scene {
	return scene{at, "invitations to " + s.title, func(ctx context.Context, m *maker) error {
		id, err := m.id(ctx, s)
		if err != nil {
			return err
		}
		a, err := m.as(ctx, s.founder)
		if err != nil {
			return err
		}
		have, err := m.Networks.Invitations(audit.Accounted(ctx), a, id, "") // a part of inviting
		if err != nil {
			return err
		}
		for _, i := range have.Items {
			if i.Role == string(in.Role) {
				return nil
			}
		}
		for _, key := range schools {
			school, err := m.place(ctx, key)
			if err != nil {
				return err
			}
			in.Schools = append(in.Schools, school)
		}
		for _, key := range people {
			in.People = append(in.People, m.people[key+domain].ID)
		}
		return m.do(ctx, s.founder, func(ctx context.Context, a *access.Actor) error {
			_, err := m.Networks.Invite(ctx, a, id, in)
			return err
		})
	}}
}
