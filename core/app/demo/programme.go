package demo

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/programme"
)

// The programme for local governments, with two teams and their guardian.
const programmeCode = "JST-2027"

// team is a group of the programme.
type team struct {
	name, at       string
	head, teammate string
}

var teamList = []team{
	{"Zespół gminy Święciechowa", "swieciechowa", head, "alina.rakowska"},
	{"Zespół gminy Dwikozy", "dwikozy", "leon.wilczek", "sabina.czyzowicz"},
}

func teams() []scene {
	out := []scene{{day(2026, time.November, 12, 10, 0), "the programme", func(ctx context.Context, m *maker) error {
		p, err := m.programme(ctx)
		if err != nil {
			return err
		}
		if p == nil {
			if err := m.do(ctx, admin, func(ctx context.Context, a *access.Actor) error {
				_, err := m.Programmes.Create(ctx, a, programme.NewProgramme{
					Code: programmeCode, Title: "Doradztwo dla samorządów: plany podnoszenia jakości oświaty",
					Starts: date(2027, time.April, 7), Ends: date(2027, time.November, 19),
				})
				return err
			}); err != nil {
				return err
			}
			if p, err = m.programme(ctx); err != nil {
				return err
			}
		}
		if err := m.give(ctx, admin, evaluator, access.Evaluator, access.Programme, p.ID); err != nil {
			return err
		}
		return m.give(ctx, admin, "felicja.sowinska", access.Lead, access.Programme, p.ID)
	}}}
	for i, t := range teamList {
		at := day(2026, time.November, 16, 9, 0).Add(time.Duration(i) * 30 * time.Minute)
		out = append(out, scene{at, t.name, func(ctx context.Context, m *maker) error { return m.team(ctx, t) }})
	}
	return out
}

// date is a calendar day as programmes keep it.
func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// programme is nil before it was made.
func (m *maker) programme(ctx context.Context) (*programme.Programme, error) {
	after := ""
	for {
		page, err := m.Programmes.List(ctx, core(), after, 100)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			if page.Items[i].Code == programmeCode {
				return &page.Items[i], nil
			}
		}
		if page.Next == "" {
			return nil, nil
		}
		after = page.Next
	}
}

// team makes a team and puts its people in; the lead of the programme does it.
func (m *maker) team(ctx context.Context, t team) error {
	p, err := m.programme(ctx)
	if err != nil {
		return err
	}
	id, err := m.group(ctx, p, t.name)
	if err != nil {
		return err
	}
	if id == uuid.Nil {
		at, err := m.place(ctx, t.at)
		if err != nil {
			return err
		}
		if err := m.do(ctx, "felicja.sowinska", func(ctx context.Context, a *access.Actor) error {
			id, err = m.Programmes.CreateGroup(ctx, a, programme.NewGroup{Parent: scopeOf(p), Name: t.name, Institution: at})
			return err
		}); err != nil {
			return err
		}
	}
	for _, r := range []struct {
		who  string
		role access.Role
	}{{t.head, access.Head}, {expert, access.Guardian}, {t.teammate, access.TeamMember}} {
		who, err := m.as(ctx, r.who)
		if err != nil {
			return err
		}
		if who.Has(r.role, access.Group, id) {
			continue
		}
		if err := m.do(ctx, "felicja.sowinska", func(ctx context.Context, a *access.Actor) error {
			return m.Programmes.AddMember(ctx, a, id, who.Person, r.role, time.Time{})
		}); err != nil {
			return err
		}
	}
	return nil
}

func scopeOf(p *programme.Programme) effect.Scope {
	return effect.Scope{Kind: effect.Programme, ID: p.ID}
}

// group finds a team by its name; uuid.Nil when there is none.
func (m *maker) group(ctx context.Context, p *programme.Programme, name string) (uuid.UUID, error) {
	page, err := m.Programmes.Groups(ctx, core(), scopeOf(p), "", 100)
	if err != nil {
		return uuid.Nil, err
	}
	for i := range page.Items {
		if page.Items[i].Name == name {
			return page.Items[i].ID, nil
		}
	}
	return uuid.Nil, nil
}
