package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Outcome is how a case ended.
type Outcome string

// The outcomes.
const (
	Pass Outcome = "pass"
	Fail Outcome = "fail"
	// None: the module has nothing that the case is about, or could not be tried.
	None Outcome = "does_not_apply"
)

// Report is what a run found. Its JSON is documented in the README; members are
// only ever added.
type Report struct {
	Module  string `json:"module"`
	Version string `json:"version"`
	// Key is the id of the key that signed the bundle; empty for an unsigned one.
	Key string `json:"key,omitempty"`
	// Seed makes a run of the same bundle ask the same.
	Seed uint64 `json:"seed"`
	// Tier and Layers are what was seen to hold the program in.
	Tier   string   `json:"tier,omitempty"`
	Layers []string `json:"layers,omitempty"`
	// Asked is how many calls were judged, Slowest the longest of them in ms.
	Asked   int    `json:"asked"`
	Slowest int64  `json:"slowest_ms"`
	Cases   []Case `json:"cases"`
}

// Case is one named expectation and what came of it. The names are stable; the
// catalogue of texts has a sentence for each ("plugin.check.<name>").
type Case struct {
	Name    string  `json:"name"`
	Outcome Outcome `json:"outcome"`
	// Details are for the module's author: what is wrong, or what was done.
	Details []string `json:"details,omitempty"`
	Millis  int64    `json:"ms"`
}

// Conforms reports whether no case failed.
func (r *Report) Conforms() bool {
	return !slices.ContainsFunc(r.Cases, func(c Case) bool { return c.Outcome == Fail })
}

// Count is how many cases ended so.
func (r *Report) Count(o Outcome) (n int) {
	for i := range r.Cases {
		if r.Cases[i].Outcome == o {
			n++
		}
	}
	return n
}

// Case finds a case by its name; nil when there is none.
func (r *Report) Case(name string) *Case {
	for i := range r.Cases {
		if r.Cases[i].Name == name {
			return &r.Cases[i]
		}
	}
	return nil
}

// maxDetails is how many details of a case are kept, maxDetail how many
// characters of each.
const maxDetails, maxDetail = 20, 500

// found collects what a case finds.
type found struct {
	problems, notes []string
	more            int
	none            bool
}

// bad notes a problem: the case fails.
func (f *found) bad(format string, args ...any) {
	line := printable(fmt.Sprintf(format, args...))
	switch {
	case slices.Contains(f.problems, line):
	case len(f.problems) < maxDetails:
		f.problems = append(f.problems, line)
	default:
		f.more++
	}
}

// note says what was done.
func (f *found) note(format string, args ...any) {
	if len(f.notes) < maxDetails {
		f.notes = append(f.notes, printable(fmt.Sprintf(format, args...)))
	}
}

// absent says why the case has nothing to try.
func (f *found) absent(format string, args ...any) {
	f.none = true
	f.note(format, args...)
}

// result is the case that this makes.
func (f *found) result(name string, took time.Duration) Case {
	c := Case{Name: name, Outcome: Pass, Details: f.notes, Millis: took.Milliseconds()}
	switch {
	case len(f.problems) > 0:
		c.Outcome, c.Details = Fail, f.problems
		if f.more > 0 {
			c.Details = append(c.Details, fmt.Sprintf("and %d more", f.more))
		}
	case f.none:
		c.Outcome = None
	}
	return c
}

// printable is one line of what may be a stranger's words: nothing in it steers
// a terminal.
func printable(s string) string {
	n := 0
	return strings.Map(func(r rune) rune {
		if n++; n > maxDetail {
			return -1
		}
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return '?'
		}
		return r
	}, s)
}
