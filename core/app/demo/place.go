package demo

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/registry/sample"
)

// Beside the samples of the registers: a school across the border of the
// voivodeship, with its gmina, because two people of N1 have other holidays.
var (
	//go:embed data/terc.csv
	moreTERC []byte
	//go:embed data/rspo.csv
	moreRSPO []byte
)

// newest is the school of data/rspo.csv: where it is, the register was read.
const newest = 100601

// beginnings are the registers, accounts, roles and the module.
func beginnings() []scene {
	at := func(minutes int) time.Time { return beforeAll.Add(time.Duration(minutes) * time.Minute) }
	return []scene{
		{at(0), "the first administrator", makeAdmin},
		{at(1), "the registers", readRegisters},
		{at(2), "local governments", addGovernments},
		{at(3), "accounts", func(ctx context.Context, m *maker) error {
			for _, p := range cast {
				if err := m.register(ctx, p); err != nil {
					return fmt.Errorf("%s: %w", p.key, err)
				}
			}
			return nil
		}},
		{at(4), "territories", drawTerritories},
		{at(5), "roles", giveRoles},
		{at(6), "the module of thematic networks", switchOn(thematic)},
		{at(7), "the module of surveys", switchOn(surveys)},
		{day(2026, time.November, 23, 18, 40), "a registration", addUnconfirmed},
	}
}

func makeAdmin(ctx context.Context, m *maker) error {
	if _, have := m.people[administrator.email()]; have {
		return nil
	}
	return m.act(ctx, func(ctx context.Context) error {
		in := identity.FirstAdmin{Email: administrator.email(), Name: administrator.name, Password: Password}
		if _, err := m.Identity.CreateFirstAdmin(ctx, in); err != nil {
			return err
		}
		return m.readPeople(ctx)
	})
}

func readRegisters(ctx context.Context, m *maker) error {
	_, err := m.Registry.Unit(ctx, nil, "0204013")
	if fault.Is(err, fault.NotFound) {
		err = m.do(ctx, admin, func(ctx context.Context, a *access.Actor) error {
			_, err := m.Registry.ImportTERC(ctx, a, bytes.NewReader(slices.Concat(sample.TERC, moreTERC)))
			return err
		})
	}
	if err != nil {
		return err
	}
	_, err = m.Registry.ByRSPO(ctx, nil, newest)
	if fault.Is(err, fault.NotFound) {
		err = m.do(ctx, admin, func(ctx context.Context, a *access.Actor) error {
			_, err := m.Registry.ImportRSPO(ctx, a, bytes.NewReader(slices.Concat(sample.RSPO, moreRSPO)))
			return err
		})
	}
	return err
}

// governments are institutions that the register of schools does not hold.
var governments = map[string]registry.NewInstitution{
	"swieciechowa": {Kind: registry.LocalGovernment, Name: "Urząd Gminy Święciechowa", Powiat: "3013", Town: "Święciechowa"},
	"dwikozy":      {Kind: registry.LocalGovernment, Name: "Urząd Miasta i Gminy Dwikozy", Powiat: "2609", Town: "Dwikozy"},
}

func addGovernments(ctx context.Context, m *maker) error {
	for _, key := range []string{"swieciechowa", "dwikozy"} {
		if _, err := m.place(ctx, key); !fault.Is(err, fault.NotFound) {
			if err != nil {
				return err
			}
			continue
		}
		if err := m.do(ctx, admin, func(ctx context.Context, a *access.Actor) error {
			_, err := m.Registry.CreateInstitution(ctx, a, governments[key])
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// place is an institution by its key: a number of the register of schools, or
// one of governments. "" is nowhere.
func (m *maker) place(ctx context.Context, key string) (uuid.UUID, error) {
	if id, ok := m.places[key]; ok || key == "" {
		return id, nil
	}
	if n, err := strconv.Atoi(key); err == nil {
		i, err := m.Registry.ByRSPO(ctx, nil, n)
		if err == nil {
			m.places[key] = i.ID
		}
		return i.ID, err
	}
	in := governments[key]
	found, _, err := m.Registry.Search(ctx, registry.SearchQuery{Text: in.Name, Kind: in.Kind})
	if err != nil {
		return uuid.Nil, err
	}
	for _, i := range found {
		if i.Name == in.Name {
			m.places[key] = i.ID
			return i.ID, nil
		}
	}
	return uuid.Nil, fault.ErrNotFound
}

// register makes a person's account.
func (m *maker) register(ctx context.Context, p person) error {
	if _, have := m.people[p.email()]; have {
		return nil
	}
	return m.do(ctx, admin, func(ctx context.Context, a *access.Actor) error {
		at, err := m.place(ctx, p.at)
		if err != nil {
			return err
		}
		id, err := m.Identity.CreateActive(ctx, a, identity.NewPerson{Email: p.email(), Name: p.name, Password: Password,
			Institution: at, Function: p.function, About: p.about, Shown: p.shown})
		m.people[p.email()] = identity.Account{ID: id, Name: p.name, Institution: uuid.NullUUID{UUID: at, Valid: at != uuid.Nil}}
		return err
	})
}

// addUnconfirmed registers somebody who waits for the principal of the school.
func addUnconfirmed(ctx context.Context, m *maker) error {
	if _, have := m.people[unconfirmed.email()]; have {
		return nil
	}
	return m.do(ctx, admin, func(ctx context.Context, a *access.Actor) error {
		at, err := m.place(ctx, unconfirmed.at)
		if err != nil {
			return err
		}
		return m.Identity.CreatePending(ctx, a, identity.NewPerson{Email: unconfirmed.email(), Name: unconfirmed.name,
			Password: Password, Institution: at, Function: unconfirmed.function})
	})
}

func drawTerritories(ctx context.Context, m *maker) error {
	for _, t := range []struct {
		centre  string
		powiats []string
	}{{"900101", []string{"3013", "3026", "3063"}}, {"900102", []string{"2609"}}} {
		centre, err := m.place(ctx, t.centre)
		if err != nil {
			return err
		}
		have, err := m.Registry.Territory(ctx, nil, centre)
		if err != nil {
			return err
		}
		if len(have) > 0 {
			continue
		}
		if err := m.do(ctx, admin, func(ctx context.Context, a *access.Actor) error {
			return m.Registry.SetTerritory(ctx, a, centre, t.powiats)
		}); err != nil {
			return err
		}
	}
	return nil
}

// giveRoles: each is given by whoever would give them: ORE the centres' administrators,
// those who found networks and heads of schools.
func giveRoles(ctx context.Context, m *maker) error {
	for _, r := range []struct {
		giver, to string
		role      access.Role
		kind      access.ScopeKind
		at        string
	}{
		{admin, inspector, access.Inspector, access.Platform, ""},
		{admin, wierzbowo, access.CentreAdmin, access.Centre, "900101"},
		{admin, dabrowa, access.CentreAdmin, access.Centre, "900102"},
		{wierzbowo, coordinator, access.Founder, access.Centre, "900101"},
		{wierzbowo, "barbara.illakowicz", access.Founder, access.Centre, "900101"},
		{wierzbowo, "ludwika.mroz", access.Founder, access.Centre, "900101"},
		{wierzbowo, "wincenty.ruta", access.Founder, access.Centre, "900101"},
		{wierzbowo, principal, access.Principal, access.Institution, "100404"},
		{wierzbowo, "apolonia.bak", access.Principal, access.Institution, "100320"},
		{dabrowa, "kazimierz.wyrwidab", access.Founder, access.Centre, "900102"},
		{wierzbowo, supporter, access.SupportOrganiser, access.Institution, "100234"},
		{admin, official, access.Official, access.LocalGovernment, "3013"},
	} {
		scope := access.UnitScope(r.at)
		if r.kind != access.LocalGovernment {
			var err error
			if scope, err = m.place(ctx, r.at); err != nil {
				return err
			}
		}
		if err := m.give(ctx, r.giver, r.to, r.role, r.kind, scope); err != nil {
			return fmt.Errorf("%s for %s: %w", r.role, r.to, err)
		}
	}
	return nil
}

func (m *maker) give(ctx context.Context, giver, to string, role access.Role, kind access.ScopeKind, scope uuid.UUID) error {
	p, err := m.as(ctx, to)
	if err != nil || p.Has(role, kind, scope) {
		return err
	}
	return m.do(ctx, giver, func(ctx context.Context, a *access.Actor) error {
		return m.Roles.GrantRole(ctx, a, access.RoleInput{Person: p.Person, Role: role, Kind: kind, Scope: scope})
	})
}

// thematic is the module of the networks of the story, surveys that of their
// evaluations.
const (
	thematic = "ore.thematic"
	surveys  = "ore.survey"
)

// modules are those that the story needs.
var modules = []string{thematic, surveys}

// switchOn switches a module on and waits until it answers.
func switchOn(id string) func(ctx context.Context, m *maker) error {
	return func(ctx context.Context, m *maker) error {
		version, _, err := m.bundle(ctx, id)
		if err != nil {
			return err
		}
		if version != "" {
			if err := m.do(ctx, admin, func(ctx context.Context, _ *access.Actor) error {
				return m.Modules.Enable(ctx, id, version)
			}); err != nil {
				return err
			}
		}
		// A start of a process has ten seconds of its own, a busy machine some more.
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		return m.Modules.Await(ctx, id)
	}
}

// bundle looks at a module's bundle on this node: the version to switch on, ""
// where exactly this one is on already, and whether any is. Unavailable, with
// what to do, when there is no bundle.
func (m *maker) bundle(ctx context.Context, id string) (version string, on bool, err error) {
	list, _, err := m.Modules.List(access.With(ctx, core()))
	if err != nil {
		return "", false, err
	}
	for _, e := range list {
		if n := len(e.Available); e.ID == id && n > 0 {
			if newest := e.Available[n-1]; !newest.Current {
				version = newest.Version
			}
			return version, e.Enabled, nil
		}
	}
	return "", false, fault.New(fault.Unavailable, "demo.no_bundle", "ID", id, "Dir", m.Config.Plugins)
}

// renew takes over bundles that were built anew since the demonstration was
// made, as whoever works on a module expects; one that people switched off
// stays off.
func (m *maker) renew(ctx context.Context) error {
	newer := map[string]string{}
	for _, id := range modules {
		version, on, err := m.bundle(ctx, id)
		if fault.Is(err, fault.Unavailable) || err == nil && (!on || version == "") {
			continue
		}
		if err != nil {
			return err
		}
		newer[id] = version
	}
	if len(newer) == 0 {
		return nil
	}
	a, err := m.as(ctx, admin)
	if err != nil {
		return err
	}
	return m.running(ctx, func() error {
		for id, version := range newer {
			if err := m.Modules.Enable(access.With(ctx, a), id, version); err != nil {
				return err
			}
		}
		return nil
	})
}

// running does something while the processes of modules run.
func (m *maker) running(ctx context.Context, f func() error) (err error) {
	if err := m.Modules.Start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Modules.Stop()) }()
	return f()
}
