package country

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/i18n/fold"
)

type net struct {
	id      uuid.UUID
	centre  int
	first   int // of its people
	year    int
	over    bool
	founded time.Time
	title   string
}

const aim = "Wymiana praktyk między szkołami."

// programmes belong to a centre each, every tenth to none; a rule of two years
// ago, and of this year for half of them.
func (m *maker) programmes(ctx context.Context, n int) (int, error) {
	m.parents = make([]uuid.UUID, n)
	err := m.copy(ctx, "programme", "id, code, title, centre_id, starts_on, ends_on, created_at", n, func(i int) []any {
		m.parents[i] = m.id()
		var centre any
		if i%10 != 9 {
			centre = m.centres[i%len(m.centres)].ID
		}
		return []any{m.parents[i], fmt.Sprintf("P-%05d", i+1), fmt.Sprintf("%s w powiatach %d", m.pick(topics), i+1), centre, "2024-09-01", "2028-08-31", m.now.AddDate(-2, 0, 0)}
	})
	if err != nil {
		return 0, err
	}
	err = m.copy(ctx, "programme_rule", "id, programme_id, valid_from, networks_least, meetings_least, meetings_most, set_at", 2*n, func(i int) []any {
		from, least := "2024-09-01", 4
		if i >= n {
			from, least = "2026-09-01", i%4
		}
		return []any{m.id(), m.parents[i%n], from, least, 3, 5, m.now.AddDate(-2, 0, 0)}
	})
	if err != nil {
		return 0, err
	}
	return n, m.copy(ctx, "indicator", "id, programme_id, code, title, target", 2*n, func(i int) []any {
		return []any{m.id(), m.parents[i/2], fmt.Sprintf("W%d", 1+i%2), `{"pl": "Szkoły w sieciach", "en": "Schools in networks"}`, 100 + m.r.IntN(900)}
	})
}

// networks are of two school years, a quarter over; each has its own people and
// the centre of their powiat, every third belongs to a programme.
func (m *maker) networks(ctx context.Context, n int) (int, error) {
	m.nets = make([]net, n)
	err := m.copy(ctx, "network", "id, module, type, programme_id, centre_id, title, title_folded, aim, school_year, stage, status, join_mode, founded_by, created_at, opened_at, closed_at", n, func(i int) []any {
		x := net{id: m.id(), first: i * grantsEach % max(1, len(m.persons)-m.pending-grantsEach), year: 2026, over: i%4 == 3}
		x.centre = m.ruling[m.placeOf(&m.persons[x.first]).Powiat]
		x.founded = time.Date(2026, 9, 1+m.r.IntN(28), 10, 0, 0, 0, time.UTC)
		status, stage := "open", "robocza"
		var closed, programme any
		if x.over {
			x.year, status, stage = 2025, "closed", "zakonczona"
			x.founded = x.founded.AddDate(-1, 0, 0)
			closed = x.founded.AddDate(0, 9, 0)
		}
		if i%3 == 0 { // one of its centre, where it has any
			programme = m.parents[(x.centre+len(m.centres)*m.r.IntN(1+len(m.parents)/len(m.centres)))%len(m.parents)]
		}
		x.title = fmt.Sprintf("%s w praktyce %d", m.pick(topics), i+1)
		m.nets[i] = x
		return []any{x.id, "ore.thematic", "network", programme, m.centres[x.centre].ID, x.title, fold.Text(x.title), aim, x.year, stage, status, []string{"open", "request", "invitation"}[i%3],
			m.person(&x, 0).id, x.founded, x.founded, closed}
	})
	if err != nil {
		return 0, err
	}
	each := min(grantsEach, len(m.persons))
	err = m.copy(ctx, "network_seat", "network_id, capacity, taken, members", n, func(i int) []any { return []any{m.nets[i].id, grantsEach, each - 2, each - 1} })
	if err != nil {
		return 0, err
	}
	codes, err := m.directions(ctx)
	if err != nil {
		return 0, err
	}
	return n, m.copy(ctx, "network_direction", "network_id, direction, tagged_at", n, func(i int) []any {
		return []any{m.nets[i].id, codes[m.r.IntN(len(codes))], m.nets[i].founded}
	})
}

// directions are the codes of the minister's directions.
func (m *maker) directions(ctx context.Context) ([]string, error) {
	list, err := m.app.Oversight.Directions(ctx)
	out := []string{}
	for _, d := range list {
		out = append(out, d.Code)
	}
	return out, err
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

func (m *maker) person(x *net, k int) *person { return &m.persons[(x.first+k)%len(m.persons)] }

// members are everybody but the expert, who takes no seat.
func (m *maker) members(ctx context.Context) (int, error) {
	each := min(grantsEach, len(m.persons)) - 1
	n := len(m.nets) * each
	return n, m.copy(ctx, "membership", "id, network_id, person_id, state, institution_id, complex_id, seat, joined_at, changed_at", n, func(i int) []any {
		x, k := &m.nets[i/each], i%each
		if k > 0 {
			k++
		}
		p := m.person(x, k)
		at := m.placeOf(p)
		return []any{m.id(), x.id, p.id, "active", at.ID, at.Complex, k > 0, x.founded, x.founded}
	})
}

// meetings with their agenda and who was at those that are over.
func (m *maker) meetings(ctx context.Context) (int, error) {
	n := len(m.nets) * meetingsEach
	type past struct {
		id  uuid.UUID
		net int
		at  time.Time
	}
	ids, over := make([]uuid.UUID, n), []past{}
	err := m.copy(ctx, "meeting", "id, network_id, kind, title, state, school_year, starts_at, ends_at, onsite, online, place, created_by, created_at, updated_at, announced_at, closed_at", n, func(i int) []any {
		ids[i] = m.id()
		x, k := &m.nets[i/meetingsEach], i%meetingsEach
		start := x.founded.AddDate(0, 2*k, 7)
		kind, state := "working", "announced"
		if k == 0 {
			kind = "organisational"
		}
		var closed any
		if start.Before(m.now) {
			state, closed = "closed", start.Add(3*time.Hour)
			over = append(over, past{ids[i], i / meetingsEach, start})
		}
		return []any{ids[i], x.id, kind, fmt.Sprintf("Spotkanie %d", k+1), state, x.year, start, start.Add(135 * time.Minute), true, false, "Sala 12", m.person(x, 0).id, x.founded, x.founded, x.founded, closed}
	})
	if err != nil {
		return 0, err
	}
	err = m.copy(ctx, "meeting_item", "id, meeting_id, position, title, minutes, method", 2*n, func(i int) []any {
		return []any{m.id(), ids[i/2], 1 + i%2, "Praca nad zadaniem", 45 * (1 + i%2), "workshop"}
	})
	if err != nil {
		return 0, err
	}
	return n, m.copy(ctx, "meeting_attendance", "id, meeting_id, person_id, presence, via, marked_at", presentEach*len(over), func(i int) []any {
		o := &over[i/presentEach]
		return []any{m.id(), o.id, m.person(&m.nets[o.net], 2+i%presentEach).id, "onsite", "register", o.at}
	})
}

// tasks are for everybody in a network.
func (m *maker) tasks(ctx context.Context) (int, error) {
	n := len(m.nets) * tasksEach
	return n, m.copy(ctx, "task", "id, module, type, scope_kind, scope_id, assignee_kind, assignee_id, each, title, state, due_at, assigned_by, created_at, changed_at", n, func(i int) []any {
		x := &m.nets[i/tasksEach]
		return []any{m.id(), "ore.thematic", "practice", "network", x.id, "network", x.id, true, "Zadanie: " + m.pick(topics), "open", x.founded.AddDate(0, 4, 0), m.person(x, 0).id, x.founded, x.founded}
	})
}

// needs are two of each school for this year.
func (m *maker) needs(ctx context.Context) (int, error) {
	list, n := m.app.Needs.Topics(), 2*len(m.schools)
	var reporter person
	return n, m.copy(ctx, "need", "id, institution_id, topic, school_year, note, people, reported_by, reported_at, network_id", n, func(i int) []any {
		if i%2 == 0 {
			reporter = m.persons[m.r.IntN(len(m.persons))]
		}
		var met any
		if i%10 == 0 {
			met = m.nets[m.r.IntN(len(m.nets))].id
		}
		return []any{m.id(), m.schools[i/2].ID, list[(i/2*3+i%2)%len(list)].Code, 2026, "", 1 + m.r.IntN(12), reporter.id, m.now.AddDate(0, -2, 0), met}
	})
}
