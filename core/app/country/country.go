package country

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/fold"
)

// The country at scale 1 (requirement 57 and the national register's size).
const (
	institutions = 45_000
	people       = 700_000
	networks     = 35_000
	grantsEach   = 60 // roles of a network: 2,100,000 in all
	threadsEach  = 2
	postsEach    = 10 // of a thread
	meetingsEach = 4
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
// takes minutes at scale 1; told is called as it goes on. Conflict when the
// installation is not empty. It is not undone when it is cut short: such a
// database is thrown away.
func Make(ctx context.Context, a *app.App, s Scale, seed uint64, told func(what string, n int)) (Counts, error) {
	var c Counts
	empty, err := isEmpty(ctx, a.DB)
	if err != nil {
		return c, err
	}
	if !empty {
		return c, fault.New(fault.Conflict, "country.not_empty")
	}
	m := &maker{app: a, r: rand.New(rand.NewPCG(seed, 20261124)), now: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC), told: told}
	if err := m.registers(ctx, s.part(institutions)); err != nil {
		return c, err
	}
	c.Institutions = len(m.schools) + len(m.centres)
	for _, step := range []struct {
		what string
		n    *int
		do   func(ctx context.Context) (int, error)
	}{
		{"people", &c.People, func(ctx context.Context) (int, error) { return m.people(ctx, s.part(people)) }},
		{"networks", &c.Networks, func(ctx context.Context) (int, error) { return m.networks(ctx, s.part(networks)) }},
		{"members", &c.Members, m.members},
		{"grants", &c.Grants, m.grants},
		{"posts", &c.Posts, m.posts},
		{"meetings", &c.Meetings, m.meetings},
	} {
		if *step.n, err = step.do(ctx); err != nil {
			return c, fmt.Errorf("%s: %w", step.what, err)
		}
		told(step.what, *step.n)
	}
	return c, analyse(ctx, a.DB)
}

// maker holds what later tables refer to.
type maker struct {
	app     *app.App
	r       *rand.Rand
	now     time.Time
	serial  uint64
	told    func(what string, n int)
	schools []place
	centres []place
	persons []uuid.UUID
	nets    []net
	staff   int // the first persons are administrators of centres
}

type place struct {
	ID      uuid.UUID `db:"id"`
	Complex uuid.UUID `db:"complex_id"`
	Powiat  string    `db:"powiat_code"`
}

type net struct {
	id, centre uuid.UUID
	first      int // of its people
	year       int
	over       bool
	founded    time.Time
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

// registers writes files in the form of the official ones and imports them.
func (m *maker) registers(ctx context.Context, n int) error {
	core := access.Core("generate")
	units, gminas := m.terc()
	if _, err := m.app.Registry.ImportTERC(ctx, core, bytes.NewReader(units)); err != nil {
		return fmt.Errorf("units: %w", err)
	}
	m.told("units", len(gminas))
	if _, err := m.app.Registry.ImportRSPO(ctx, core, bytes.NewReader(m.rspo(n, gminas))); err != nil {
		return fmt.Errorf("institutions: %w", err)
	}
	var err error
	if m.schools, m.centres, err = places(ctx, m.app.DB); err != nil {
		return err
	}
	if len(m.centres) == 0 || len(m.schools) == 0 {
		return fmt.Errorf("%d centres and %d schools were imported", len(m.centres), len(m.schools))
	}
	m.told("institutions", len(m.schools)+len(m.centres))
	return m.territories(ctx, gminas)
}

type gmina struct{ code, name, powiat string }

// terc is a country of 16 voivodeships with 20 powiats and 4 cities each.
func (m *maker) terc() ([]byte, []gmina) {
	var b bytes.Buffer
	var list []gmina
	b.WriteString("WOJ;POW;GMI;RODZ;NAZWA;NAZWA_DOD;STAN_NA\n")
	row := func(woj, pow, gmi, kind, name, extra string) {
		fmt.Fprintf(&b, "%s;%s;%s;%s;%s;%s;2024-01-01\n", woj, pow, gmi, kind, name, extra)
	}
	for v := range 16 {
		woj := fmt.Sprintf("%02d", 2*(v+1))
		row(woj, "", "", "", fmt.Sprintf("KRAINA %d", v+1), "województwo")
		for p := range 24 {
			city, pow, name := p >= 20, fmt.Sprintf("%02d", p+1), m.town()
			if city {
				pow = fmt.Sprintf("%02d", 61+p-20)
				row(woj, pow, "", "", name, "miasto na prawach powiatu")
				row(woj, pow, "01", "1", name, "gmina miejska, miasto na prawach powiatu")
				list = append(list, gmina{woj + pow + "011", name, woj + pow})
				continue
			}
			row(woj, pow, "", "", strings.ToLower(name)+"ski", "powiat")
			for g := range 7 {
				town, gmi := m.town(), fmt.Sprintf("%02d", g+1)
				kind, words := "2", "gmina wiejska"
				if g == 0 {
					kind, words, town = "1", "gmina miejska", name
				}
				row(woj, pow, gmi, kind, town, words)
				list = append(list, gmina{woj + pow + gmi + kind, town, woj + pow})
			}
		}
	}
	return b.Bytes(), list
}

// rspo is n institutions: one in 450 a centre, one in 20 a complex with three
// schools, the others schools and kindergartens.
func (m *maker) rspo(n int, gminas []gmina) []byte {
	var b bytes.Buffer
	b.WriteString("Numer RSPO;REGON;Typ;Nazwa;Kod terytorialny województwo;Kod terytorialny powiat;Kod terytorialny gmina;Miejscowość;Ulica;Numer budynku;Kod pocztowy;E-mail;Data likwidacji;RSPO podmiotu nadrzędnego\n")
	parent := 0
	var at gmina
	for i := range n {
		number := 100_000 + i
		kind, name, above := "Szkoła podstawowa", fmt.Sprintf("Szkoła Podstawowa nr %d im. %s", 1+m.r.IntN(90), m.pick(patrons)), ""
		if i%20 > 3 {
			at = gminas[m.r.IntN(len(gminas))]
		}
		switch {
		case at.code == "" || i%450 == 7:
			at = gminas[m.r.IntN(len(gminas))]
			kind, name = "Placówka doskonalenia nauczycieli", fmt.Sprintf("Centrum Doskonalenia Nauczycieli nr %d w miejscowości %s", 1+i/450, at.name)
		case i%20 == 0:
			kind, name, parent = "Zespół szkół i placówek oświatowych", fmt.Sprintf("Zespół Szkół nr %d", number), number
		case i%20 < 4 && parent > 0:
			above = strconv.Itoa(parent)
		case i%3 == 0:
			kind, name = "Przedszkole", fmt.Sprintf("Przedszkole nr %d „%s”", 1+m.r.IntN(300), m.pick(patrons))
		}
		fmt.Fprintf(&b, "%d;%s;%s;%s;%s;%s;%s;%s;Szkolna;%d;%02d-%03d;s%d@szkola.example;;%s\n", number, m.regon(), kind, name, at.code[:2], at.code[:4], at.code,
			at.name, 1+m.r.IntN(80), m.r.IntN(100), m.r.IntN(1000), number, above)
	}
	return b.Bytes()
}

// regon is nine digits with a valid check digit.
func (m *maker) regon() string {
	digits, sum := make([]byte, 9), 0
	for i, w := range []int{8, 9, 2, 3, 4, 5, 6, 7} {
		d := m.r.IntN(9) + 1
		digits[i] = byte('0' + d)
		sum += w * d
	}
	digits[8] = byte('0' + sum%11%10)
	return string(digits)
}

// territories gives every powiat to one centre.
func (m *maker) territories(ctx context.Context, gminas []gmina) error {
	of := map[uuid.UUID][]string{}
	seen := map[string]bool{}
	for _, g := range gminas {
		if !seen[g.powiat] {
			seen[g.powiat] = true
			c := m.centres[(len(seen)-1)%len(m.centres)].ID
			of[c] = append(of[c], g.powiat)
		}
	}
	for _, c := range m.centres {
		if list := of[c.ID]; len(list) > 0 {
			if err := m.app.Registry.SetTerritory(ctx, access.Core("generate"), c.ID, list); err != nil {
				return fmt.Errorf("territory: %w", err)
			}
		}
	}
	return nil
}

// people are accounts without a password: nobody signs in to them.
func (m *maker) people(ctx context.Context, n int) (int, error) {
	m.staff = len(m.centres)
	m.persons = make([]uuid.UUID, n)
	return n, m.copy(ctx, "person", []string{"id", "email", "name", "sort_name", "name_folded", "state", "institution_id", "function", "email_confirmed_at", "confirmed_at", "created_at"}, n,
		func(i int) []any {
			m.persons[i] = m.id()
			first, last := m.pick(firsts), m.pick(lasts)
			email := fmt.Sprintf("osoba%d@szkola.example", i)
			at := m.schools[m.r.IntN(len(m.schools))].ID
			if i < m.staff {
				at = m.centres[i].ID
			}
			name := first + " " + last
			return []any{m.persons[i], email, name, last + " " + first, fold.Text(name + " " + email), "active", at, "nauczyciel", m.now, m.now, m.now.AddDate(-1, 0, 0)}
		})
}

// networks are of two school years, a quarter over; each has its own people.
func (m *maker) networks(ctx context.Context, n int) (int, error) {
	m.nets = make([]net, n)
	err := m.copy(ctx, "network", []string{"id", "module", "type", "centre_id", "title", "title_folded", "aim", "school_year", "stage", "status", "join_mode", "founded_by", "created_at", "opened_at", "closed_at"}, n,
		func(i int) []any {
			x := net{id: m.id(), centre: m.centres[m.r.IntN(len(m.centres))].ID, first: i * grantsEach % max(1, len(m.persons)-grantsEach), year: 2026, over: i%4 == 3}
			x.founded = time.Date(2026, 9, 1+m.r.IntN(28), 10, 0, 0, 0, time.UTC)
			status, stage := "open", "robocza"
			var closed any
			if x.over {
				x.year, status, stage = 2025, "closed", "zakonczona"
				x.founded = x.founded.AddDate(-1, 0, 0)
				closed = x.founded.AddDate(0, 9, 0)
			}
			m.nets[i] = x
			title := fmt.Sprintf("%s w praktyce %d", m.pick(topics), i+1)
			return []any{x.id, "ore.thematic", "network", x.centre, title, fold.Text(title), "Wymiana praktyk między szkołami.", x.year, stage, status, []string{"open", "request", "invitation"}[i%3],
				m.persons[x.first], x.founded, x.founded, closed}
		})
	if err != nil {
		return 0, err
	}
	return n, m.copy(ctx, "network_seat", []string{"network_id", "capacity", "taken", "members"}, n,
		func(i int) []any { return []any{m.nets[i].id, grantsEach, grantsEach - 2, grantsEach - 1} })
}

// roleOf is what the k-th person of a network is there.
func roleOf(k int) access.Role {
	switch k {
	case 0:
		return access.Coordinator
	case 1:
		return access.Expert
	}
	return access.Participant
}

func (m *maker) person(x *net, k int) uuid.UUID { return m.persons[(x.first+k)%len(m.persons)] }

// members are everybody but the expert, who takes no seat.
func (m *maker) members(ctx context.Context) (int, error) {
	each := min(grantsEach, len(m.persons)) - 1
	n := len(m.nets) * each
	return n, m.copy(ctx, "membership", []string{"id", "network_id", "person_id", "state", "seat", "joined_at", "changed_at"}, n, func(i int) []any {
		x, k := &m.nets[i/each], i%each
		if k > 0 {
			k++
		}
		return []any{m.id(), x.id, m.person(x, k), "active", k > 0, x.founded, x.founded}
	})
}

func (m *maker) grants(ctx context.Context) (int, error) {
	each := min(grantsEach, len(m.persons))
	n := len(m.nets)*each + m.staff
	return n, m.copy(ctx, "role_grant", []string{"id", "person_id", "role", "scope_kind", "scope_id", "valid_from"}, n, func(i int) []any {
		if i < m.staff {
			return []any{m.id(), m.persons[i%len(m.persons)], string(access.CentreAdmin), string(access.Centre), m.centres[i].ID, m.now.AddDate(-1, 0, 0)}
		}
		i -= m.staff
		x, k := &m.nets[i/each], i%each
		return []any{m.id(), m.person(x, k), string(roleOf(k)), string(access.Network), x.id, x.founded}
	})
}

// posts are threads of the forums and what is written in them.
func (m *maker) posts(ctx context.Context) (int, error) {
	threads := make([]uuid.UUID, len(m.nets)*threadsEach)
	at := func(i, seq int) time.Time {
		return m.nets[i/threadsEach].founded.Add(time.Duration(seq*26+i%24) * time.Hour)
	}
	err := m.copy(ctx, "board_thread", []string{"id", "network_id", "kind", "title", "author_id", "created_at", "last_seq", "last_at", "last_author_id"}, len(threads), func(i int) []any {
		threads[i] = m.id()
		x := &m.nets[i/threadsEach]
		return []any{threads[i], x.id, "forum", m.pick(topics) + ": pytania i pomysły", m.person(x, 0), at(i, 1), postsEach, at(i, postsEach), m.person(x, 2)}
	})
	if err != nil {
		return 0, err
	}
	n := len(threads) * postsEach
	return n, m.copy(ctx, "board_post", []string{"id", "thread_id", "network_id", "seq", "author_id", "body", "html", "html_rev", "plain", "created_at"}, n, func(i int) []any {
		t, seq := i/postsEach, 1+i%postsEach
		x := &m.nets[t/threadsEach]
		body := m.pick(sentences) + " " + m.pick(sentences)
		return []any{m.id(), threads[t], x.id, seq, m.person(x, m.r.IntN(grantsEach)), body, "<p>" + body + "</p>\n", 1, body, at(t, seq)}
	})
}

func (m *maker) meetings(ctx context.Context) (int, error) {
	n := len(m.nets) * meetingsEach
	return n, m.copy(ctx, "meeting", []string{"id", "network_id", "kind", "title", "state", "school_year", "starts_at", "ends_at", "onsite", "online", "place", "created_by", "created_at", "updated_at", "announced_at", "closed_at"}, n,
		func(i int) []any {
			x, k := &m.nets[i/meetingsEach], i%meetingsEach
			start := x.founded.AddDate(0, 2*k, 7)
			kind, state := "working", "announced"
			if k == 0 {
				kind = "organisational"
			}
			var closed any
			if start.Before(m.now) {
				state, closed = "closed", start.Add(3*time.Hour)
			}
			return []any{m.id(), x.id, kind, fmt.Sprintf("Spotkanie %d", k+1), state, x.year, start, start.Add(135 * time.Minute), true, false, "Sala 12", m.person(x, 0), x.founded, x.founded, x.founded, closed}
		})
}

func (m *maker) pick(list []string) string { return list[m.r.IntN(len(list))] }

// town is an invented name.
func (m *maker) town() string { return m.pick(heads) + m.pick(tails) }
