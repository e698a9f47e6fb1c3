package programme

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// Rule is what a programme asks of its networks from a day on. A network is held
// to the rule of the day on which it was founded or entered the programme, or of 1
// September of its school year when that was before: a later rule leaves it as it was.
type Rule struct {
	ID   uuid.UUID `json:"id" db:"id"`
	From time.Time `json:"from" db:"valid_from"` // a day
	// Networks is the least number in each powiat; 0 = no rule.
	Networks int `json:"networks_least" db:"networks_least"`
	// MeetingsLeast and MeetingsMost are of each network in a school year.
	MeetingsLeast int `json:"meetings_least" db:"meetings_least"`
	MeetingsMost  int `json:"meetings_most" db:"meetings_most"`
}

// UsualRule is offered for a programme without rules (requirements 5 and 6).
var UsualRule = Rule{Networks: 4, MeetingsLeast: 3, MeetingsMost: 5}

// InForce is the rule of a day, of rules ordered newest first; false before the first.
func InForce(rules []Rule, day time.Time) (Rule, bool) {
	for _, r := range rules {
		if !r.From.After(day) {
			return r, true
		}
	}
	return Rule{}, false
}

// today is the day in Poland by the domain clock, as midnight UTC.
func (s *Service) today() time.Time {
	y, m, d := s.clock.Now().In(clock.Warsaw).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// SetRule sets what holds from in.From on, not earlier than today; for the first
// rule of a programme any day. One that has not begun yet is replaced by another
// of the same day. last is the id of the newest rule that the editor saw (Nil:
// none). Needs [Edit] at the programme's place. Conflict when somebody set
// another one meanwhile.
func (s *Service) SetRule(ctx context.Context, a *access.Actor, programme uuid.UUID, in Rule, last uuid.UUID) error {
	var bad fault.Fields
	if in.From.IsZero() {
		bad.Add("from", "programme.page.date")
	}
	if in.Networks < 0 || in.Networks > 1000 {
		bad.Add("networks_least", "programme.rule_number", "Min", 0, "Max", 1000)
	}
	if in.MeetingsLeast < 0 || in.MeetingsLeast > 30 {
		bad.Add("meetings_least", "programme.rule_number", "Min", 0, "Max", 30)
	}
	if in.MeetingsMost < max(in.MeetingsLeast, 1) || in.MeetingsMost > 60 {
		bad.Add("meetings_most", "programme.rule_most", "Min", max(in.MeetingsLeast, 1), "Max", 60)
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return s.change(ctx, a, programme, "programme.rule", []any{in, last}, func(ctx context.Context, tx *db.Tx) error {
		rules, err := rulesOf(ctx, tx, programme)
		if err != nil {
			return err
		}
		newest := uuid.Nil
		if len(rules) > 0 {
			newest = rules[0].ID
		}
		if newest != last {
			return fault.New(fault.Conflict, "fault.conflict")
		}
		if len(rules) > 0 && (in.From.Before(s.today()) || in.From.Before(rules[0].From)) {
			return fault.InvalidFields(fault.Field{Path: "from", Key: "programme.rule_past"})
		}
		if len(rules) >= maxRules {
			return fault.InvalidFields(fault.Field{Path: "from", Key: "programme.rules_many"})
		}
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		in.ID = id
		return saveRule(ctx, tx, programme, &in, a.Person, s.clock.Now())
	}, "rules")
}

// maxRules of one programme, over its life.
const maxRules = 100

// Ruled is a programme with its rule in force.
type Ruled struct {
	Programme uuid.UUID `json:"programme_id" db:"programme_id"`
	Code      string    `json:"code" db:"code"`
	Title     string    `json:"title" db:"title"`
	Rule
}

// Ruling lists the programmes that have a rule in force today, by title, limit
// 1–100 (0 = 50). Needs [SeeRules] somewhere: one's own programmes and those of no
// centre, whose rules hold for all.
func (s *Service) Ruling(ctx context.Context, a *access.Actor, after string, limit int) (Page[Ruled], error) {
	if !s.auth.Anywhere(a, SeeRules) {
		return Page[Ruled]{}, fault.ErrNotFound
	}
	title, id := "", uuid.Nil
	if after != "" {
		c, err := s.key.Open([]byte("ruling"), after, 1)
		if err != nil {
			return Page[Ruled]{}, err
		}
		title, id = *c.Values[0], c.ID
	}
	limit = pageLimit(limit)
	items, err := listRuled(ctx, s.db, s.auth.Reach(a, SeeRules), s.today(), title, id, limit+1)
	if err != nil {
		return Page[Ruled]{}, err
	}
	return page(s.key, []byte("ruling"), items, limit, func(r *Ruled) (string, uuid.UUID) { return r.Title, r.Programme })
}
