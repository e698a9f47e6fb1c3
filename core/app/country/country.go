package country

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/fault"
	where "ore.edu.pl/sieci/core/place"
)

// The country at scale 1 (requirement 57 and the national register's size).
const (
	institutions = 45_000
	people       = 700_000
	programmes   = 400
	networks     = 35_000
	grantsEach   = 60 // roles of a network: 2,100,000 in all
	threadsEach  = 2
	postsEach    = 10 // of a thread
	meetingsEach = 4
	presentEach  = 10 // at a meeting that was
	sharedEach   = 2  // resources of a network
	tasksEach    = 2
	talksEach    = 1 // private conversations of a network
	notices      = 1_000_000
	events       = 200_000 // of the account of changes
)

// Scale is a part of the country: 1 is all of it.
type Scale struct{ Of, Parts int }

// ParseScale reads "1" or "1/20". Invalid (field "scale") for anything else, and
// for parts below one in a thousand.
func ParseScale(s string) (Scale, error) {
	n, d, found := strings.Cut(s, "/")
	if !found {
		d = "1"
	}
	a, err := strconv.Atoi(n)
	b, e := strconv.Atoi(d)
	if err != nil || e != nil || a != 1 || b < 1 || b > 1000 {
		return Scale{}, fault.InvalidFields(fault.Field{Path: "scale", Key: "country.scale"})
	}
	return Scale{a, b}, nil
}

func (s Scale) part(n int) int { return max(1, n*s.Of/s.Parts) }

// Counts are the rows that were made.
type Counts struct{ Institutions, People, Networks, Grants, Members, Posts, Meetings int }

// Make fills an installation that holds no network and no institution yet. It
// takes minutes at scale 1; told is called as it goes on, with the name of a
// table and how many rows it has. Conflict when the installation is not empty.
//
// The registers come first, by the importer; everything else is one transaction,
// so that a run that is cut short, even by a killed process, leaves only
// registers. With the same scale and seed it is then begun again; with others it
// is a Conflict too.
func Make(ctx context.Context, a *app.App, s Scale, seed uint64, told func(what string, n int)) (Counts, error) {
	var c Counts
	m := &maker{app: a, r: rand.New(rand.NewPCG(seed, 20261124)), now: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC), told: told, domain: fmt.Sprintf("kraj-%d-%d.example", s.Parts, seed)}
	empty, err := isEmpty(ctx, a.DB, m.domain)
	if err != nil {
		return c, err
	}
	if !empty {
		return c, notEmpty()
	}
	if err := m.registers(ctx, s.part(institutions)); err != nil {
		return c, err
	}
	c.Institutions = len(m.schools) + len(m.centres)
	if err := m.rest(ctx, s, &c); err != nil {
		return c, err
	}
	return c, vacuum(ctx, a.DB, told)
}

func notEmpty() error { return fault.New(fault.Conflict, "country.not_empty") }

// rest fills the tables without their indexes and foreign keys, which are then
// made at once, all in one transaction.
func (m *maker) rest(ctx context.Context, s Scale, c *Counts) (err error) {
	if m.tx, err = begin(ctx, m.app.DB); err != nil {
		return err
	}
	defer func() { _ = m.tx.Rollback() }() // after a commit it does nothing
	later, err := strip(ctx, m.tx)
	if err != nil {
		return err
	}
	var ignored int
	for _, step := range []struct {
		what string
		n    *int
		do   func(ctx context.Context) (int, error)
	}{
		{"people", &c.People, func(ctx context.Context) (int, error) { return m.people(ctx, s.part(people)) }},
		{"programmes", &ignored, func(ctx context.Context) (int, error) { return m.programmes(ctx, s.part(programmes)) }},
		{"networks", &c.Networks, func(ctx context.Context) (int, error) { return m.networks(ctx, s.part(networks)) }},
		{"members", &c.Members, m.members},
		{"grants", &c.Grants, m.grants},
		{"posts", &c.Posts, m.posts},
		{"meetings", &c.Meetings, m.meetings},
		{"resources", &ignored, m.resources},
		{"tasks", &ignored, m.tasks},
		{"conversations", &ignored, m.talks},
		{"needs", &ignored, m.needs},
		{"notifications", &ignored, func(ctx context.Context) (int, error) { return m.notices(ctx, s.part(notices)) }},
		{"events", &ignored, func(ctx context.Context) (int, error) { return m.events(ctx, s.part(events)) }},
		{"search", &ignored, m.findable},
	} {
		if *step.n, err = step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
		m.told(step.what, *step.n)
	}
	if err := restore(ctx, m.tx, later, m.told); err != nil {
		return err
	}
	return m.tx.Commit()
}

// maker holds what later tables refer to.
type maker struct {
	app     *app.App
	tx      *sql.Tx
	r       *rand.Rand
	now     time.Time
	serial  uint64
	told    func(what string, n int)
	domain  string  // of addresses
	schools []place // in the order of their powiats
	centres []place
	// ruling is which centre, by its place in centres, has a powiat in its territory.
	ruling  map[string]int
	persons []person
	pending int // how many of the last persons wait for their school
	parents []uuid.UUID
	nets    []net
	threads []thread
	shared  []shared
}

type place struct {
	ID      uuid.UUID `db:"id"`
	Complex uuid.UUID `db:"complex_id"`
	Powiat  string    `db:"powiat_code"`
	Name    string    `db:"name"`
	where.Where
}

// id is the next identifier: a UUID of version 7 that follows from the seed, in
// rising order as those made by services are.
func (m *maker) id() uuid.UUID {
	var u uuid.UUID
	m.serial++
	binary.BigEndian.PutUint64(u[:8], uint64(m.now.AddDate(-1, 0, 0).UnixMilli())<<16+m.serial>>12<<16)
	binary.BigEndian.PutUint64(u[8:], m.r.Uint64())
	u[6], u[7] = 0x70|byte(m.serial>>8)&0x0f, byte(m.serial)
	u[8] = u[8]&0x3f | 0x80
	return u
}

func (m *maker) pick(list []string) string { return list[m.r.IntN(len(list))] }

// town is an invented name.
func (m *maker) town() string { return m.pick(heads) + m.pick(tails) }
