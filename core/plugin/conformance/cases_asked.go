package conformance

// Cases that ask everything the module describes.

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/view"
)

// calls: whatever it describes, it answers; no call ends its process. It is the
// first asking: with a handful of data, at every stage, in words with every
// Polish letter.
func (s *suite) calls(ctx context.Context, f *found) {
	for _, t := range s.things {
		for i, stage := range t.stages {
			if i > 0 && !t.decides() || s.broken[t.key()] {
				break
			}
			for _, kind := range t.scopes {
				if ctx.Err() != nil || s.host != nil {
					return
				}
				a := s.ask(ctx, t, typicalShape, kind, stage, string(i18n.Polish))
				if a.err != nil {
					s.broken[t.key()] = true
				} else {
					s.first = append(s.first, a)
				}
				if a.err != nil && !late(a.err) && !refused(a.err) && !isEndless(a.err) {
					f.bad("%s: %s", a, failure(a.err))
				}
			}
		}
	}
	if len(s.things) == 0 {
		f.absent("it describes no command, view, event, timer, job or guard")
		return
	}
	f.note("%d things asked %d times", len(s.things), len(s.all))
}

func isEndless(err error) bool {
	return err != nil && strings.Contains(err.Error(), errEndless.Error())
}

// failure says what went wrong in a call.
func failure(err error) string {
	switch {
	case died(err):
		return "the process died: " + err.Error()
	case late(err):
		return "no answer within the time"
	}
	return err.Error()
}

// deadlines: every call is answered within the platform's time, and one that the
// platform gave up early harms nothing.
func (s *suite) deadlines(ctx context.Context, f *found) {
	for _, a := range s.all {
		if late(a.err) {
			f.bad("%s: no answer within %s", a, s.c.Call)
		}
	}
	sound := s.sound()
	for i := range min(len(sound)*4, 40) {
		v, err := s.module(ctx)
		if err != nil {
			f.bad("it does not start again: %v", err)
			return
		}
		short, cancel := context.WithTimeout(ctx, time.Duration(i%8)*250*time.Microsecond)
		a := sound[i%len(sound)]
		_, err = call(short, v, a, a.snap)
		cancel()
		if died(err) && s.gone() {
			f.bad("%s: given up after a moment, the process died", a)
		}
	}
	s.well(ctx, f)
	f.note("the slowest call took %d ms of %s", s.report.Slowest, s.c.Call)
}

// gone reports whether the process has ended.
func (s *suite) gone() bool {
	if s.proc == nil {
		return true
	}
	select {
	case <-s.proc.Done():
		return true
	case <-time.After(50 * time.Millisecond):
		return false
	}
}

// well: the process is there and answers at once.
func (s *suite) well(ctx context.Context, f *found) {
	v, err := s.module(ctx)
	if err != nil {
		f.bad("it does not start again: %v", err)
		return
	}
	within, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if ready, reason, err := v.Health(within); err != nil || !ready {
		f.bad("afterwards it is not well: %s %v", reason, err)
	}
}

// sound are the first answers, decisions and others.
func (s *suite) sound() []*asked { return s.first }

// decisions are the first answers of Decide.
func (s *suite) decisions() []*asked {
	return slices.DeleteFunc(slices.Clone(s.first), func(a *asked) bool { return !a.t.decides() })
}

// answers: every answer keeps to the contract: its kinds, limits, ids, references
// and characters.
func (s *suite) answers(_ context.Context, f *found) {
	n := 0
	for _, a := range s.all {
		if refused(a.err) {
			f.bad("%s: %v", a, a.err)
		}
		if a.err == nil {
			n++
		}
		for _, w := range a.w.wrong {
			f.bad("%s: %s", a, w)
		}
	}
	f.note("%d answers read", n)
}

// spoilt are Polish letters that were read as bytes of another alphabet, or lost.
var spoilt = []string{"Å¼", "Ã³", "Å‚", "Ä…", "Ä™", "Å›", "\ufffd", "Za????", "Za\\u", "Å\u0082", "Å\u0081"}

// polish: what people wrote comes back letter by letter.
func (s *suite) polish(_ context.Context, f *found) {
	n := 0
	for _, a := range s.first {
		for _, text := range textsOf(a.reply) {
			for _, x := range spoilt {
				if strings.Contains(text, x) {
					f.bad("%s: Polish letters come back as %.80q", a, text)
				}
			}
			for _, w := range polishWords {
				if strings.Contains(text, w) {
					n++
				}
			}
		}
	}
	if len(s.first) == 0 {
		f.absent("nothing was answered")
		return
	}
	f.note("%d sentences that were sent came back whole", n)
}

// textsOf are all strings of a reply.
func textsOf(reply any) (out []string) {
	if r, ok := reply.(*effect.RenderAnswer); ok && r != nil {
		return append(stringsIn(r.View), stringsIn(mustJSON(r.Diagnostics))...)
	}
	if r, ok := reply.(*effect.Answer); ok && r != nil {
		for _, d := range r.Diagnostics {
			out = append(out, d.Text)
		}
		for _, it := range r.Effects {
			out = append(out, stringsIn(mustJSON(it.Effect))...)
		}
		return out
	}
	return stringsIn(mustJSON(diagnosticsOf(reply)))
}

func mustJSON(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return raw
}

// stringsIn are the strings of a JSON value, names of members left out.
func stringsIn(raw []byte) (out []string) {
	var tree any
	if json.Unmarshal(raw, &tree) != nil {
		return nil
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			out = append(out, v)
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(tree)
	return out
}

// emptySlices: where nothing is yet, it has an answer as well.
func (s *suite) emptySlices(ctx context.Context, f *found) { s.shaped(ctx, f, emptyShape) }

// fullSlices: a network of 2,000 people with every slice full, and more behind.
func (s *suite) fullSlices(ctx context.Context, f *found) { s.shaped(ctx, f, fullShape) }

func (s *suite) shaped(ctx context.Context, f *found, sh shape) {
	rows := 0
	for _, t := range s.things {
		if s.broken[t.key()] {
			continue
		}
		for _, stage := range t.stages[:1] {
			for _, kind := range t.scopes {
				if ctx.Err() != nil || s.host != nil {
					return
				}
				a := s.ask(ctx, t, sh, kind, stage, string(i18n.Polish))
				rows += len(a.w.rows)
				if a.err != nil {
					f.bad("%s: %s", a, failure(a.err))
				}
				for _, w := range a.w.wrong {
					f.bad("%s: %s", a, w)
				}
			}
		}
	}
	if len(s.first) == 0 {
		f.absent("nothing was answered")
		return
	}
	f.note("%d rows handed out", rows)
}

// needRounds: what it asks for in addition, it gets, and then it answers.
func (s *suite) needRounds(_ context.Context, f *found) {
	rounds, most := 0, 0
	for _, a := range s.all {
		if isEndless(a.err) {
			f.bad("%s: %v", a, a.err)
		}
		if a.rounds > 0 {
			rounds++
		}
		most = max(most, a.rounds)
	}
	if rounds == 0 {
		f.absent("it never needs more than it declares")
		return
	}
	f.note("%d answers took more than one round, at most %d", rounds, most)
}

// effects: every effect is among the rights of the manifest and of the role that
// asks, in a scope that was handed out, on rows that were, and fits its form.
func (s *suite) effects(_ context.Context, f *found) {
	kinds := map[effect.Kind]int{}
	n := 0
	for _, a := range s.all {
		if a.err != nil {
			continue
		}
		s.judge(f, a)
		if r, ok := a.reply.(*effect.Answer); ok {
			n++
			for _, it := range r.Effects {
				if it.Effect != nil {
					kinds[it.Effect.Kind()]++
				}
			}
		}
	}
	if n == 0 {
		f.absent("it decides nothing")
		return
	}
	var list []string
	for _, k := range effect.Kinds {
		if kinds[k] > 0 {
			list = append(list, fmt.Sprintf("%d %s", kinds[k], k))
		}
	}
	f.note("%d decisions: %s", n, strings.Join(list, ", "))
	for _, c := range s.b.Manifest.Capabilities {
		if k := effect.Kind(c.Name); slices.Contains(effect.Kinds, k) && kinds[k] == 0 {
			f.note("%s is asked for and was not seen", k)
		}
	}
}

// views: every view, in every language, is one that the platform shows, with
// actions and forms that the type has.
func (s *suite) views(ctx context.Context, f *found) {
	n := 0
	for _, a := range slices.Clone(s.all) {
		r, ok := a.reply.(*effect.RenderAnswer)
		if !ok || a.err != nil {
			continue
		}
		n++
		s.lintView(f, a, r)
		if a.w.shape != typicalShape {
			continue
		}
		v, err := s.module(ctx)
		if err != nil {
			f.bad("it does not start again: %v", err)
			return
		}
		other, err := s.again(ctx, v, a, func(snap *effect.Snapshot) { snap.Locale = string(i18n.English) })
		if err != nil {
			f.bad("%s in English: %s", a, failure(err))
			continue
		}
		s.lintView(f, a, other.(*effect.RenderAnswer))
	}
	if n == 0 {
		f.absent("it has no view")
		return
	}
	f.note("%d views read", n)
}

func (s *suite) lintView(f *found, a *asked, r *effect.RenderAnswer) {
	if len(r.View) == 0 {
		if !slices.ContainsFunc(r.Diagnostics, func(d effect.Diagnostic) bool { return d.Severity == effect.SeverityError }) {
			f.bad("%s: neither a view nor a sentence why there is none", a)
		}
		return
	}
	v, list := view.Load(r.View)
	for _, x := range list {
		if !x.Warning {
			f.bad("%s: %s", a, x)
		}
	}
	if v == nil {
		return
	}
	v.Nodes.Each(func(n view.Node) { s.lintNode(f, a, n) })
}

// lintNode: buttons and forms are commands of the type.
func (s *suite) lintNode(f *found, a *asked, n view.Node) {
	switch n := n.(type) {
	case view.Section:
		n.Nodes.Each(func(x view.Node) { s.lintNode(f, a, x) })
	case view.Actions:
		for _, x := range n.Items {
			if _, ok := a.t.behaviour.Command(x.ID); !ok {
				f.bad("%s: a button for %q, which is no command of the type", a, x.ID)
			}
		}
	case view.FormNode:
		if _, ok := a.t.behaviour.Command(n.Form); !ok {
			f.bad("%s: a form %q, which is no command of the type", a, n.Form)
		}
	}
}

// tag is what begins an element of HTML.
var tag = regexp.MustCompile(`<[a-zA-Z/!][^<>]*>?`)

// markup: no text is markup. (The platform shows it as it stands, so people
// would read the tags.)
func (s *suite) markup(_ context.Context, f *found) {
	n := 0
	look := func(what, text string) {
		n++
		if tag.MatchString(text) {
			f.bad("%s: %.100q", what, text)
		}
	}
	for _, x := range append(stringsIn(s.raw), stringsIn(s.b.Raw)...) {
		look("description", x)
	}
	for _, a := range s.all {
		for _, x := range textsOf(a.reply) {
			look(a.String(), x)
		}
	}
	f.note("%d texts", n)
}
