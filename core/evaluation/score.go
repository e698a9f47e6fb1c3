package evaluation

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	mathrand "math/rand/v2"
	"slices"
	"strings"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/job"
)

const (
	// PageRows is the most answers of a page (plugins/proto, evaluation.proto).
	PageRows = 10_000
	// maxPage leaves a quarter of the 4 MiB message to the rest, in bytes.
	maxPage = 3 << 20
	// maxPartial is the size of a partial, maxPartials that of those combined at
	// once, in bytes.
	maxPartial  = 1 << 20
	maxPartials = 3 << 20
	// maxTexts is how many answers in own words to one question are kept: as
	// many as a list of the vocabulary holds.
	maxTexts = 200
)

// found is what is kept of a closed round: nothing that may not be shown.
type found struct {
	Answers int            `json:"answers"`
	Frames  []Frame        `json:"frames"`
	Views   map[string]raw `json:"views"` // by language, with cells cited
	Texts   []Words        `json:"texts"`
}

type raw = json.RawMessage

// Words are the answers to one open question in a random order of their own; none
// when there are fewer than [TextThreshold].
type Words struct {
	Path    string   `json:"path"`
	Few     bool     `json:"few,omitempty"`
	More    int      `json:"more,omitempty"`
	Answers []string `json:"answers,omitempty"`
}

type scoreArgs struct {
	Round uuid.UUID `json:"round"`
}

// Kind implements [job.Args].
func (scoreArgs) Kind() string { return "evaluation.score" }

// scoreJob counts a closed round. A tool that is down is asked again later; one
// that breaks the contract leaves the round failed, for people to try again.
func (s *Service) scoreJob(ctx context.Context, j *job.Job[scoreArgs]) error {
	err := s.Score(ctx, j.Args.Round)
	if err != nil && !fault.Is(err, fault.Unavailable) && !errors.Is(err, context.Canceled) {
		slog.ErrorContext(ctx, "evaluation not counted", "round", j.Args.Round, "err", err)
		return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return saveOutcome(ctx, tx, j.Args.Round, Failed, nil) })
	}
	return err
}

// Score counts a closed round that waits for it, page by page; the answers of a
// round never change, so it may run again. Unavailable while the tool is down.
func (s *Service) Score(ctx context.Context, id uuid.UUID) error {
	r, err := findRound(ctx, s.db, id, uuid.Nil)
	if err != nil {
		return err
	}
	if r.State != Closed || r.Outcome != Pending && r.Outcome != Failed {
		return nil
	}
	t, err := s.tool(ctx, r.Tool)
	if err != nil {
		return err
	}
	out, err := s.count(ctx, t, r)
	if err != nil {
		return err
	}
	stored, err := json.Marshal(out)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return saveOutcome(ctx, tx, id, Ready, stored) })
}

// count has the tool see the answers as often as it wants, and keeps of what it
// says what may be shown.
func (s *Service) count(ctx context.Context, t Tool, r *Round) (*found, error) {
	d := design{Questions: r.Questions, Form: r.Form.Canonical(), Population: r.Counts.Eligible, Threshold: r.Threshold, Answers: r.Counts.Answers}.document()
	c, err := t.Check(ctx, string(i18n.Polish), d)
	if err != nil {
		return nil, err
	}
	out := &found{Answers: r.Counts.Answers, Views: map[string]raw{}}
	sheet := newSheet(r.Form, c.Columns)
	var earlier []byte
	for pass := 1; pass <= t.Info().Passes; pass++ {
		w := newWords(r.Form, pass == 1)
		partials, err := s.pass(ctx, t, &ScoreAsk{Pass: pass, Design: d, Earlier: earlier}, r.ballot, sheet, w)
		if err != nil {
			return nil, err
		}
		if pass == 1 {
			if out.Texts, err = w.shuffled(); err != nil {
				return nil, err
			}
		}
		if pass < t.Info().Passes {
			if earlier, err = s.combine(ctx, t, pass, d, partials); err != nil {
				return nil, err
			}
			continue
		}
		if err := s.finish(ctx, t, pass, d, partials, r, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// pass scores all answers once; partials are combined whenever they grow large.
func (s *Service) pass(ctx context.Context, t Tool, ask *ScoreAsk, of uuid.UUID, sheet *sheet, w *words) ([][]byte, error) {
	limit := max(min(PageRows, maxPage/sheet.rowBytes()), 1)
	var partials [][]byte
	size, after := 0, uuid.Nil
	for {
		rows, err := s.ballots.Answers(ctx, s.db, of, after, limit)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 && len(partials) > 0 {
			return partials, nil
		}
		page, err := sheet.page(payloads(rows))
		if err != nil {
			return nil, err
		}
		if err := w.take(rows); err != nil {
			return nil, err
		}
		a := *ask
		a.Page = page
		p, err := t.Score(ctx, &a)
		if err != nil {
			return nil, err
		}
		if len(p) > maxPartial {
			return nil, effect.BadAnswer("a partial of %d bytes, at most %d", len(p), maxPartial)
		}
		if size += len(p); size > maxPartials {
			together, err := s.combine(ctx, t, ask.Pass, ask.Design, partials)
			if err != nil {
				return nil, err
			}
			partials, size = [][]byte{together}, len(together)+len(p)
		}
		partials = append(partials, p)
		if len(rows) < limit {
			return partials, nil
		}
		after = rows[len(rows)-1].ID
	}
}

func payloads(rows []ballot.Answer) []string {
	out := make([]string, len(rows))
	for i := range rows {
		out[i] = rows[i].Payload
	}
	return out
}

func (s *Service) combine(ctx context.Context, t Tool, pass int, d raw, partials [][]byte) ([]byte, error) {
	c, err := t.Combine(ctx, &CombineAsk{Pass: pass, Design: d, Partials: partials, Lang: string(i18n.Polish)})
	if err != nil {
		return nil, err
	}
	if n := len(c.Partial); n == 0 || n > maxPartial {
		return nil, effect.BadAnswer("combined to %d bytes, at most %d", n, maxPartial)
	}
	return c.Partial, nil
}

// finish asks for frames and, in each language, for a view; both are tried out
// here, so that a reader meets no surprise.
func (s *Service) finish(ctx context.Context, t Tool, pass int, d raw, partials [][]byte, r *Round, out *found) error {
	for _, l := range i18n.Langs {
		c, err := t.Combine(ctx, &CombineAsk{Pass: pass, Design: d, Partials: partials, Final: true, Lang: string(l)})
		if err != nil {
			return err
		}
		if out.Frames == nil {
			out.Frames = c.Frames
			for i := range out.Frames {
				for j := range out.Frames[i].Cells {
					out.Frames[i].Cells[j].Withheld = "" // the core's word alone
				}
			}
			Disclose(out.Frames, r.Threshold)
		}
		if _, err := resolve(c.View, out.Frames, r.Form, l); err != nil {
			return err
		}
		out.Views[string(l)] = c.View
	}
	return nil
}

// words collects answers in own words.
type words struct {
	paths []string
	texts map[string][]string
}

func newWords(f *form.Form, wanted bool) *words {
	w := &words{texts: map[string][]string{}}
	var under func(items []*form.Item)
	under = func(items []*form.Item) {
		for _, it := range items {
			if it.Type == form.TypeText || it.Type == form.TypeLongText {
				w.paths = append(w.paths, it.ID)
			}
			under(it.Items)
		}
	}
	if wanted {
		under(f.Items)
	}
	return w
}

func (w *words) take(rows []ballot.Answer) error {
	if len(w.paths) == 0 {
		return nil
	}
	for _, r := range rows {
		a, err := stored(r.Payload)
		if err != nil {
			return err
		}
		for _, p := range w.paths {
			if s := strings.TrimSpace(a.Text(p)); s != "" {
				w.texts[p] = append(w.texts[p], s)
			}
		}
	}
	return nil
}

// shuffled gives each question's answers an order of their own, so that nobody
// finds the answers of one person to two questions at the same place.
func (w *words) shuffled() ([]Words, error) {
	out := []Words{}
	for _, p := range w.paths {
		list := w.texts[p]
		if len(list) < TextThreshold {
			out = append(out, Words{Path: p, Few: true})
			continue
		}
		list = slices.Clone(list)
		var seed [32]byte
		if _, err := rand.Read(seed[:]); err != nil {
			return nil, err
		}
		mathrand.New(mathrand.NewChaCha8(seed)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		x := Words{Path: p, Answers: list}
		if len(list) > maxTexts {
			x.Answers, x.More = list[:maxTexts], len(list)-maxTexts
		}
		out = append(out, x)
	}
	return out, nil
}
