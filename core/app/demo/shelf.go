package demo

import (
	"bytes"
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/document"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/library"
)

// thing is a resource that somebody shares in a network.
type thing struct {
	network *spec
	by      string
	at      time.Time
	library.Details
	link string
	// file is the name of a text that is written as ODT; pages are its blocks.
	file  string
	pages []document.Block
	// open, when set, is when the coordinator opens it to an audience; one without
	// the right to do so thereby asks the centre.
	open     time.Time
	audience library.Audience
	useful   []string // who found it useful
}

func (t *thing) scenes() []scene {
	out := []scene{{t.at, "resource " + t.Title, func(ctx context.Context, m *maker) error {
		n, a, err := m.look(ctx, t.network, t.by)
		if err != nil {
			return err
		}
		if have, err := t.find(ctx, m, a, n.ID); err != nil || have != nil {
			return err
		}
		return m.do(ctx, t.by, func(ctx context.Context, a *access.Actor) error { return t.share(ctx, m, a, n.ID) })
	}}}
	for i, who := range t.useful {
		out = append(out, scene{t.at.Add(time.Duration(i+1) * 29 * time.Hour), who + " finds useful " + t.Title, func(ctx context.Context, m *maker) error { return t.appreciate(ctx, m, who) }})
	}
	if !t.open.IsZero() {
		out = append(out, scene{t.open, "opening of " + t.Title, t.publish})
	}
	return out
}

// find is the resource as somebody sees it; nil before it was shared.
func (t *thing) find(ctx context.Context, m *maker, a *access.Actor, network uuid.UUID) (*library.Card, error) {
	f := library.Filter{Network: network, Limit: 100}
	for {
		page, err := m.Library.List(ctx, a, f)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			if page.Items[i].Title == t.Title {
				return &page.Items[i], nil
			}
		}
		if page.Next == "" {
			return nil, nil
		}
		f.Cursor = page.Next
	}
}

func (t *thing) share(ctx context.Context, m *maker, a *access.Actor, network uuid.UUID) error {
	in := library.NewResource{Network: network, Details: t.Details, Contents: library.Contents{Link: t.link}, Share: true}
	if t.file != "" {
		var b bytes.Buffer
		d := &document.Document{Title: t.Title, Lang: string(i18n.Polish), Blocks: t.pages}
		if err := document.WriteODT(&b, d, t.at); err != nil {
			return err
		}
		f, err := m.Files.Upload(ctx, a, t.file, &b)
		if err != nil {
			return err
		}
		in.Files = []library.NewFile{{ID: f.ID}}
	}
	_, err := m.Library.Create(ctx, a, in)
	return err
}

func (t *thing) appreciate(ctx context.Context, m *maker, who string) error {
	n, a, err := m.look(ctx, t.network, who)
	if err != nil {
		return err
	}
	have, err := t.find(ctx, m, a, n.ID)
	if err != nil || have == nil {
		return err
	}
	if r, err := m.Library.Get(ctx, a, have.ID); err != nil || r.Mine {
		return err
	}
	return m.do(ctx, who, func(ctx context.Context, a *access.Actor) error {
		_, err := m.Library.Appreciate(ctx, a, have.ID, true)
		return err
	})
}

func (t *thing) publish(ctx context.Context, m *maker) error {
	n, a, err := m.look(ctx, t.network, t.network.founder)
	if err != nil {
		return err
	}
	have, err := t.find(ctx, m, a, n.ID)
	if err != nil || have == nil || have.Audience == t.audience || have.Asked != "" {
		return err
	}
	return m.do(ctx, t.network.founder, func(ctx context.Context, a *access.Actor) error {
		_, err := m.Library.Publish(ctx, a, have.ID, t.audience)
		return err
	})
}

// sharing is a row of a network's dissemination plan.
type sharing struct {
	what, audience, way, who string
	due                      time.Time // a day, midnight UTC
	product                  string    // title of a resource of the network, "" for none
	// done is when it was done, with what came of it.
	done    time.Time
	outcome string
}

// disseminating writes the plan of a network, a row after another.
func disseminating(s *spec, at time.Time, rows ...sharing) []scene {
	var out []scene
	for i, r := range rows {
		out = append(out, scene{at.Add(time.Duration(i) * 4 * time.Minute), "plan of sharing: " + r.what, func(ctx context.Context, m *maker) error { return r.add(ctx, m, s) }})
		if !r.done.IsZero() {
			out = append(out, scene{r.done, "shared: " + r.what, func(ctx context.Context, m *maker) error { return r.finish(ctx, m, s) }})
		}
	}
	return out
}

func (r *sharing) find(ctx context.Context, m *maker, s *spec) (*library.Plan, *library.Step, error) {
	n, a, err := m.look(ctx, s, s.founder)
	if err != nil {
		return nil, nil, err
	}
	plan, err := m.Library.Dissemination(ctx, a, n.ID)
	if err != nil {
		return nil, nil, err
	}
	for i := range plan.Steps {
		if plan.Steps[i].What == r.what {
			return plan, &plan.Steps[i], nil
		}
	}
	return plan, nil, nil
}

func (r *sharing) add(ctx context.Context, m *maker, s *spec) error {
	plan, have, err := r.find(ctx, m, s)
	if err != nil || have != nil {
		return err
	}
	in := library.StepInput{What: r.what, Audience: r.audience, Way: r.way, Who: r.who, Due: r.due}
	for _, p := range plan.Products {
		if p.Title == r.product {
			in.Resource = p.ID
		}
	}
	return m.do(ctx, s.founder, func(ctx context.Context, a *access.Actor) error {
		_, err := m.Library.AddStep(ctx, a, plan.Network, in)
		return err
	})
}

func (r *sharing) finish(ctx context.Context, m *maker, s *spec) error {
	plan, have, err := r.find(ctx, m, s)
	if err != nil || have == nil || have.State == library.Done {
		return err
	}
	return m.do(ctx, s.founder, func(ctx context.Context, a *access.Actor) error {
		return m.Library.SetStep(ctx, a, plan.Network, have.ID, library.Done, r.outcome)
	})
}
