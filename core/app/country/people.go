package country

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/i18n/fold"
)

// person is somebody at a school, or at a centre: then school is -1-centre.
type person struct {
	id          uuid.UUID
	first, last uint8 // of the names
	school      int32
}

func (p *person) name() string { return firsts[p.first] + " " + lasts[p.last] }

func (m *maker) placeOf(p *person) *place {
	if p.school < 0 {
		return &m.centres[-1-p.school]
	}
	return &m.schools[p.school]
}

// one in so many waits for the school to confirm the account.
const waits = 500

// function is what everybody does and shows.
const function = "nauczyciel"

// people are accounts without a password: nobody signs in to them. The first
// work at centres; of the others, those beside each other belong to different
// schools of one powiat, so that networks are made of neighbours.
func (m *maker) people(ctx context.Context, n int) (int, error) {
	m.persons, m.pending = make([]person, n), n/waits
	lo, hi := 0, 0 // the schools of the powiat
	return n, m.copy(ctx, "person", "id, email, name, sort_name, name_folded, state, institution_id, function, shown, email_confirmed_at, confirmed_at, created_at", n, func(i int) []any {
		p := &m.persons[i]
		*p = person{id: m.id(), first: uint8(m.r.IntN(len(firsts))), last: uint8(m.r.IntN(len(lasts))), school: int32(-1 - i)}
		if i >= len(m.centres) {
			for base := i * len(m.schools) / n; base >= hi; {
				lo = hi
				for hi++; hi < len(m.schools) && m.schools[hi].Powiat == m.schools[lo].Powiat; {
					hi++
				}
			}
			p.school = int32(lo + i%(hi-lo))
		}
		email := fmt.Sprintf("osoba%d@%s", i, m.domain)
		state, confirmed := "active", any(m.now)
		if i >= n-m.pending {
			state, confirmed = "pending", nil
		}
		return []any{p.id, email, p.name(), lasts[p.last] + " " + firsts[p.first], fold.Text(p.name() + " " + email), state, m.placeOf(p).ID, function, "{function}", m.now, confirmed, m.now.AddDate(-1, 0, 0)}
	})
}

// grants are the roles of people in networks; before them those of administrators
// of centres, leads of programmes, and a head for each school.
func (m *maker) grants(ctx context.Context) (int, error) {
	heads := map[int32]uuid.UUID{}
	for i := range m.persons {
		if p := &m.persons[i]; p.school >= 0 && heads[p.school] == uuid.Nil {
			heads[p.school] = p.id
		}
	}
	staff, lead, each := min(len(m.centres), len(m.persons)), len(m.parents), min(grantsEach, len(m.persons))
	n := staff + lead + len(m.schools) + len(m.nets)*each
	return n, m.copy(ctx, "role_grant", "id, person_id, role, scope_kind, scope_id, valid_from", n, func(i int) []any {
		give := func(to uuid.UUID, r access.Role, kind access.ScopeKind, at uuid.UUID) []any {
			return []any{m.id(), to, string(r), string(kind), at, m.now.AddDate(-1, 0, 0)}
		}
		if i < staff {
			return give(m.persons[i].id, access.CentreAdmin, access.Centre, m.centres[i].ID)
		}
		if i -= staff; i < lead {
			return give(m.persons[(staff+i*7)%len(m.persons)].id, access.Lead, access.Programme, m.parents[i])
		}
		if i -= lead; i < len(m.schools) {
			head, ok := heads[int32(i)]
			if !ok {
				head = m.persons[i%len(m.persons)].id
			}
			return give(head, access.Principal, access.Institution, m.schools[i].ID)
		}
		i -= len(m.schools)
		x, k := &m.nets[i/each], i%each
		return []any{m.id(), m.person(x, k).id, string(roleOf(k)), string(access.Network), x.id, x.founded}
	})
}
