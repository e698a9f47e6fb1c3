package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/evaluation"
	"ore.edu.pl/sieci/core/schedule/poll"
)

// survey is an evaluation of a network from its draft to its results.
type survey struct {
	network                          *spec
	title                            string
	prepared, opened, closes, closed time.Time
	questions                        []string
	people                           []string // who answer, in this order
	words                            []string // answers to "najcenniejsze", one a person
	wishes                           []string // answers to "zmiany"
}

func (s *survey) scenes() []scene {
	scene1 := func(at time.Time, what string, play func(ctx context.Context, m *maker, r *evaluation.Round) error) scene {
		return scene{at, what + " of " + s.title, func(ctx context.Context, m *maker) error {
			r, err := s.find(ctx, m, s.network.founder)
			if err != nil {
				return err
			}
			return play(ctx, m, r)
		}}
	}
	out := []scene{scene1(s.prepared, "draft", s.prepare), scene1(s.opened, "beginning", s.open)}
	for i, who := range s.people {
		at := s.opened.Add(time.Duration(i+1) * 13 * time.Hour)
		out = append(out, scene{at, who + " answers", func(ctx context.Context, m *maker) error { return s.answer(ctx, m, i, who) }})
	}
	return append(out, scene1(s.closed, "end", s.close), scene1(s.closed.Add(5*time.Minute), "count", s.count))
}

// find is the round as somebody sees it; nil before it was prepared.
func (s *survey) find(ctx context.Context, m *maker, who string) (*evaluation.Round, error) {
	n, a, err := m.look(ctx, s.network, who)
	if err != nil {
		return nil, err
	}
	list, err := m.Evaluations.List(ctx, a, n.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range list.Rounds {
		if r.Title == s.title {
			return r, nil
		}
	}
	return nil, nil
}

func (s *survey) prepare(ctx context.Context, m *maker, r *evaluation.Round) error {
	if r != nil {
		return nil
	}
	n, err := m.id(ctx, s.network)
	if err != nil {
		return err
	}
	return m.do(ctx, s.network.founder, func(ctx context.Context, a *access.Actor) error {
		_, err := m.Evaluations.Prepare(ctx, a, n, evaluation.Plan{Title: s.title, Questions: s.questions, Closes: s.closes})
		return err
	})
}

func (s *survey) open(ctx context.Context, m *maker, r *evaluation.Round) error {
	if r.State != evaluation.Draft {
		return nil
	}
	return m.do(ctx, s.network.founder, func(ctx context.Context, a *access.Actor) error {
		return m.Evaluations.Open(ctx, a, r.ID, r.Version, true)
	})
}

// answer takes the code and answers under it, in one act: nobody could say
// afterwards what was answered with a code that is lost.
func (s *survey) answer(ctx context.Context, m *maker, i int, who string) error {
	r, err := s.find(ctx, m, who)
	if err != nil || r == nil || r.State != evaluation.Open || r.Me.Issued {
		return err
	}
	return m.do(ctx, who, func(ctx context.Context, a *access.Actor) error {
		code, err := m.Evaluations.Issue(ctx, a, r.ID, ballot.NewNonce())
		if err != nil {
			return err
		}
		return m.Evaluations.Cast(ctx, code, s.sheet(i))
	})
}

// sheet is what the person number i answers: mostly content, drawn from a seed of
// their own so that every run of the story tells the same.
func (s *survey) sheet(i int) json.RawMessage {
	dice := rand.New(rand.NewPCG(2026, uint64(i)))
	agree := func() string { return fmt.Sprint(max(1, 5-[]int{0, 0, 0, 1, 1, 1, 1, 2, 3}[dice.IntN(9)])) }
	matrix := func(rows ...string) map[string]any {
		out := map[string]any{}
		for _, r := range rows {
			out[r] = agree()
		}
		return out
	}
	answers := map[string]any{
		"cele":          matrix("wiedza", "umiejetnosci", "zadania", "rozwiazania", "kontakty"),
		"koordynator":   matrix("inicjatywy", "aktywnosc", "atmosfera", "motywacja", "postepy", "propozycje", "otwartosc", "organizacja"),
		"przydatnosc":   matrix("tematy", "materialy", "czas", "otwarcie"),
		"polecenie":     7 + dice.IntN(4),
		"wykorzystanie": []string{"juz", "juz", "juz", "tak", "niewiem"}[dice.IntN(5)],
	}
	if i < len(s.words) {
		answers["najcenniejsze"] = s.words[i]
	}
	if i < len(s.wishes) {
		answers["zmiany"] = s.wishes[i]
	}
	raw, err := json.Marshal(answers)
	if err != nil {
		panic(err) // texts and numbers alone
	}
	return raw
}

// asked are the questions of [survey.sheet].
var asked = []string{
	"cele.wiedza", "cele.umiejetnosci", "cele.zadania", "cele.rozwiazania", "cele.kontakty",
	"koordynator.inicjatywy", "koordynator.aktywnosc", "koordynator.atmosfera", "koordynator.motywacja", "koordynator.postepy",
	"koordynator.propozycje", "koordynator.otwartosc", "koordynator.organizacja",
	"przydatnosc.tematy", "przydatnosc.materialy", "przydatnosc.czas", "przydatnosc.otwarcie",
	"polecenie", "wykorzystanie", "najcenniejsze", "zmiany",
}

func (s *survey) close(ctx context.Context, m *maker, r *evaluation.Round) error {
	if r.State != evaluation.Open {
		return nil
	}
	return m.do(ctx, s.network.founder, func(ctx context.Context, a *access.Actor) error { return m.Evaluations.Close(ctx, a, r.ID) })
}

// count does what the job does, for a visitor who looks before any job ran.
func (s *survey) count(ctx context.Context, m *maker, r *evaluation.Round) error {
	if r.Outcome != evaluation.Pending {
		return nil
	}
	return m.act(ctx, func(ctx context.Context) error { return m.Evaluations.Score(ctx, r.ID) })
}

// dates is a poll for the date of a meeting.
type dates struct {
	network     *spec
	title, note string
	kind        string
	at, until   time.Time
	slots       []time.Time
	length      time.Duration
	// answers are "y", "m" and "n" for each slot.
	answers map[string]string
}

func (d *dates) scenes() []scene {
	out := []scene{{d.at, "poll " + d.title, func(ctx context.Context, m *maker) error {
		if p, err := d.find(ctx, m, d.network.founder); err != nil || p != nil {
			return err
		}
		n, err := m.id(ctx, d.network)
		if err != nil {
			return err
		}
		in := poll.Input{Kind: d.kind, Title: d.title, Note: d.note, AnswerBy: d.until}
		for _, at := range d.slots {
			in.Slots = append(in.Slots, poll.Span{Starts: at, Ends: at.Add(d.length)})
		}
		return m.do(ctx, d.network.founder, func(ctx context.Context, a *access.Actor) error {
			_, err := m.Polls.Create(ctx, a, n, in)
			return err
		})
	}}}
	for i, who := range slices.Sorted(maps.Keys(d.answers)) {
		out = append(out, scene{d.at.Add(time.Duration(i+1) * 7 * time.Hour), who + " answers to " + d.title, func(ctx context.Context, m *maker) error { return d.answer(ctx, m, who) }})
	}
	return out
}

func (d *dates) find(ctx context.Context, m *maker, who string) (*poll.Poll, error) {
	n, a, err := m.look(ctx, d.network, who)
	if err != nil {
		return nil, err
	}
	list, err := m.Polls.List(ctx, a, n.ID, "", 100)
	if err != nil {
		return nil, err
	}
	for i := range list.Items {
		if list.Items[i].Title == d.title {
			return &list.Items[i], nil
		}
	}
	return nil, nil
}

func (d *dates) answer(ctx context.Context, m *maker, who string) error {
	p, err := d.find(ctx, m, who)
	if err != nil || p == nil || p.Mine > 0 || p.State != poll.Open {
		return err
	}
	a, err := m.as(ctx, who)
	if err != nil {
		return err
	}
	x, err := m.Polls.Get(ctx, a, p.ID)
	if err != nil {
		return err
	}
	given := map[uuid.UUID]poll.Answer{}
	for i := range x.Options { // by time, as they were proposed
		given[x.Options[i].ID] = map[byte]poll.Answer{'y': poll.Yes, 'm': poll.Maybe, 'n': poll.No}[d.answers[who][i]]
	}
	return m.do(ctx, who, func(ctx context.Context, a *access.Actor) error { return m.Polls.Answer(ctx, a, p.ID, given, "") })
}
