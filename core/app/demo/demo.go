package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/identity"
)

// Begins is where the story leaves the domain clock: Tuesday, 24 November 2026,
// nine in the morning.
var Begins = day(2026, time.November, 24, 9, 0)

// beforeAll is when the people of the story get their accounts and roles.
var beforeAll = day(2025, time.September, 1, 8, 0)

func day(y int, m time.Month, d, hour, minute int) time.Time {
	return time.Date(y, m, d, hour, minute, 0, 0, clock.Warsaw)
}

// Make makes the demonstration, or what an interrupted run left out; a complete
// one it leaves as it is, but for a bundle of its module that was built anew,
// which it switches on. Call it before [app.App.Run], or beside a running
// server with an App of its own: it runs the modules' processes for its time.
// The domain clock ends at [Begins].
//
// Errors: Forbidden where the address of the installation is not this machine's
// own, because everybody knows the password, unless it is a development
// installation; Conflict in an installation that has an administrator of its
// own; Unavailable without the bundle of a module that the story needs.
func Make(ctx context.Context, a *app.App) error { return run(ctx, a, nil) }

// run is Make with a hook before every act, by which tests interrupt it.
func run(ctx context.Context, a *app.App, before func(what string) error) error {
	if !a.Config.Dev && !a.Config.Loopback() {
		return fault.New(fault.Forbidden, "demo.public", "Base", a.Config.BaseURL)
	}
	// What people of the story write and get is Polish, whoever runs it.
	ctx = i18n.With(ctx, i18n.Polish)
	return alone(ctx, a.DB, func() error {
		m := &maker{App: a, before: before, people: map[string]identity.Account{}, places: map[string]uuid.UUID{}, networks: map[string]uuid.UUID{}}
		if err := m.readPeople(ctx); err != nil {
			return err
		}
		if _, done := m.people[last.email()]; done {
			return m.renew(ctx)
		}
		if err := m.fresh(ctx); err != nil {
			return err
		}
		for _, id := range modules {
			if _, _, err := m.bundle(ctx, id); err != nil {
				return err
			}
		}
		return m.running(ctx, func() error { return m.play(ctx) })
	})
}

// maker makes the demonstration once.
type maker struct {
	*app.App
	before func(what string) error

	// What is there already, by address, key and title.
	people   map[string]identity.Account
	places   map[string]uuid.UUID
	networks map[string]uuid.UUID

	// The scene being played, and whether the clock stands at it.
	scene scene
	moved bool
}

// scene is what happens at one moment of the domain clock. play looks at how
// things stand and makes changes only inside [maker.act].
type scene struct {
	at   time.Time
	what string // for errors
	play func(ctx context.Context, m *maker) error
}

// play plays the whole story in the order of the clock, so that every list that
// is sorted by time or by age tells it right.
func (m *maker) play(ctx context.Context) error {
	all := slices.Concat(beginnings(), lastYear(), readingYear(), observation(), n1Year(), debates(), heads(), maths(), elsewhere(), teams(), needs(), ending())
	slices.SortStableFunc(all, func(a, b scene) int { return a.at.Compare(b.at) })
	for _, s := range all {
		m.scene, m.moved = s, false
		if err := s.play(ctx, m); err != nil {
			return fmt.Errorf("demonstration, %s: %w", s.what, err)
		}
	}
	return nil
}

// early is how far the clock may run on within scenes of one moment; it is not
// turned back for them, because what was just given would not be in force yet.
const early = time.Hour

// act makes one change at the scene's moment.
func (m *maker) act(ctx context.Context, f func(ctx context.Context) error) error {
	if m.before != nil {
		if err := m.before(m.scene.what); err != nil {
			return err
		}
	}
	if !m.moved {
		if d := m.Clock.Now().Sub(m.scene.at); d < 0 || d > early {
			if err := m.Clock.Move(ctx, m.scene.at); err != nil {
				return err
			}
		}
		m.moved = true
	}
	return f(ctx)
}

// core acts for the platform where nobody in the story would: at the beginning,
// and when the maker looks at how things stand.
func core() *access.Actor { return access.Core("demo") }

// as is a person of the story with the roles that are in force.
func (m *maker) as(ctx context.Context, key string) (*access.Actor, error) {
	p, ok := m.people[key+domain]
	if !ok {
		return nil, fmt.Errorf("nobody is called %q", key)
	}
	grants, err := access.RolesOf(ctx, m.DB, p.ID, m.Clock.Now())
	return &access.Actor{Person: p.ID, Name: p.Name, Institution: p.Institution.UUID, Grants: grants}, err
}

// do is act by a person of the story.
func (m *maker) do(ctx context.Context, key string, f func(ctx context.Context, a *access.Actor) error) error {
	return m.act(ctx, func(ctx context.Context) error {
		a, err := m.as(ctx, key)
		if err != nil {
			return err
		}
		return f(access.With(ctx, a), a)
	})
}

// readPeople learns which accounts there are.
func (m *maker) readPeople(ctx context.Context) error {
	q := identity.PeopleQuery{Limit: 100}
	for {
		page, err := m.Identity.People(ctx, core(), q)
		if err != nil {
			return err
		}
		for _, p := range page.People {
			m.people[p.Email] = p
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
}

// fresh refuses an installation with an administrator of its own.
func (m *maker) fresh(ctx context.Context) error {
	roles, err := m.Roles.ListRoles(ctx, core(), access.RoleQuery{Role: access.OREAdmin})
	if err != nil {
		return err
	}
	ours := m.people[administrator.email()].ID
	if len(roles.Rows) > 0 && !slices.ContainsFunc(roles.Rows, func(h access.Held) bool { return h.Person == ours }) {
		return fault.New(fault.Conflict, "demo.in_use")
	}
	return nil
}

// ending leaves the clock where people are to find it, and makes the account
// that completes the demonstration.
func ending() []scene {
	return []scene{{Begins, "the end", func(ctx context.Context, m *maker) error {
		if err := m.Clock.Move(ctx, Begins); err != nil {
			return err
		}
		return m.register(ctx, last)
	}}}
}

// pass lets the modules' timers, the deadlines of networks, meetings and polls,
// and the collected letters act at a moment in which the story changes nothing
// itself.
func pass(at time.Time, what string) scene {
	return scene{at, what, func(ctx context.Context, m *maker) error {
		if !m.Clock.Now().Before(at) {
			return nil // an earlier run was here; the clock is not turned back
		}
		return m.act(ctx, func(ctx context.Context) error {
			for _, sweep := range []func(context.Context) (int, error){
				m.Engine.SweepTimers, m.Networks.Sweep, m.Meetings.Sweep, m.Polls.Sweep, m.Notify.Digest,
			} {
				if _, err := sweep(ctx); err != nil {
					return err
				}
			}
			return nil
		})
	}}
}
