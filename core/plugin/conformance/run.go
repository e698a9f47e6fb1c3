package conformance

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/plugin/facade"
	"ore.edu.pl/sieci/core/plugin/runner"
	"ore.edu.pl/sieci/core/plugin/sandbox"
)

// Config of a run; Bundle is required.
type Config struct {
	Bundle *Bundle
	// Seed of everything invented; 0 draws one.
	Seed uint64
	// Call is the deadline of one call, at most and by default the platform's 5 s.
	Call time.Duration
	// Case and All bound a case and the run; default 2 and 10 minutes.
	Case, All time.Duration
	// Only names the cases to be tried, beside those on which they rest; none = all.
	Only []string
	// Log takes what the program writes; nil drops it.
	Log *slog.Logger
}

// uid is the user that the program runs as when this one is root: just above
// those that the host gives to modules.
const uid = 61120

// Run tries every case. The error says that nothing could be tried: this machine
// failed, or ctx ended. It takes some seconds, for a module that hangs as long as
// c.All permits.
func Run(ctx context.Context, c Config) (*Report, error) {
	c.Call = cmp.Or(c.Call, facade.CallTimeout)
	c.Case, c.All = cmp.Or(c.Case, 2*time.Minute), cmp.Or(c.All, 10*time.Minute)
	for c.Seed == 0 {
		c.Seed = uint64(rand.Uint32()) // short enough to be typed again
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	dir, err := os.MkdirTemp("", "sieci-c")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o711); err != nil {
		return nil, err
	}
	m := &c.Bundle.Manifest
	s := &suite{c: c, b: c.Bundle, dir: dir, forms: map[string]*madeForm{}, broken: map[string]bool{},
		report: &Report{Module: m.ID, Version: m.Version, Key: c.Bundle.Key, Seed: c.Seed}}
	defer s.end()
	all, cancel := context.WithTimeout(ctx, c.All)
	defer cancel()
	for _, x := range cases {
		if s.host != nil || ctx.Err() != nil {
			break
		}
		if len(c.Only) > 0 && !slices.Contains(c.Only, x.name) && !slices.Contains(foundation, x.name) {
			continue
		}
		s.report.Cases = append(s.report.Cases, s.try(all, x))
	}
	return s.report, errors.Join(s.host, ctx.Err())
}

// try runs one case within its time.
func (s *suite) try(ctx context.Context, x trial) Case {
	f := &found{}
	start := time.Now()
	within, cancel := context.WithTimeout(ctx, s.c.Case)
	defer cancel()
	switch {
	case x.described && s.d == nil:
		f.absent("not tried: the module does not describe itself")
	case ctx.Err() != nil:
		f.bad("not tried: the time for all cases is over")
	default:
		x.try(s, within, f)
		if within.Err() != nil && ctx.Err() == nil {
			f.bad("the case took longer than %s", s.c.Case)
		}
	}
	return f.result(x.name, time.Since(start))
}

// trial is a case to be tried.
type trial struct {
	name string
	// described: it needs the module's description.
	described bool
	try       func(*suite, context.Context, *found)
}

// cases in their order: what is asked first is the measure for what comes later.
var cases = []trial{
	{"bundle", false, (*suite).bundle},
	{"manifest", false, (*suite).manifest},
	{"negotiation", false, (*suite).negotiation},
	{"description", true, (*suite).description},
	{"texts", true, (*suite).texts},
	{"forms", true, (*suite).formsLint},
	{"rights", true, (*suite).rights},
	{"calls", true, (*suite).calls},
	{"deadlines", true, (*suite).deadlines},
	{"answers", true, (*suite).answers},
	{"polish_letters", true, (*suite).polish},
	{"empty_slices", true, (*suite).emptySlices},
	{"full_slices", true, (*suite).fullSlices},
	{"need_rounds", true, (*suite).needRounds},
	{"effects", true, (*suite).effects},
	{"views", true, (*suite).views},
	{"markup", true, (*suite).markup},
	{"dry_run", true, (*suite).dryRun},
	{"repeatable", true, (*suite).repeatable},
	{"clock", true, (*suite).clock},
	{"unknown_names", true, (*suite).unknownNames},
	{"unknown_values", true, (*suite).unknownValues},
	{"tool_bank", true, (*suite).toolBank},
	{"tool_design", true, (*suite).toolDesign},
	{"tool_results", true, (*suite).toolResults},
	{"cancellation", true, (*suite).cancellation},
	{"kill", true, (*suite).kill},
	{"end", true, (*suite).ends},
}

// foundation are the cases on which others rest.
var foundation = []string{"negotiation", "calls"}

// Names lists the cases in their order.
func Names() []string {
	out := make([]string, len(cases))
	for i := range cases {
		out[i] = cases[i].name
	}
	return out
}

// suite is one run.
type suite struct {
	c      Config
	b      *Bundle
	dir    string
	report *Report
	host   error // this machine failed; ends the run

	proc *runner.Process // nil when none runs
	d    *effect.Description
	raw  []byte // the description as the platform keeps it

	things []*thing
	// first are the answers by which later ones are judged; all of them the others.
	first, all []*asked
	broken     map[string]bool // things that failed the first asking
	forms      map[string]*madeForm
	tools      []*rehearsal
}

// rng is a source of its own for each purpose, so that cases do not depend on
// what others drew.
func (s *suite) rng(purpose string) *rand.Rand {
	return rand.New(rand.NewPCG(s.c.Seed, hash(purpose)))
}

// start starts a process as the host does.
func (s *suite) start(ctx context.Context) (*runner.Process, error) {
	x, err := s.b.Binary()
	if err != nil {
		return nil, err
	}
	c := runner.Config{ID: s.b.Manifest.ID, SHA256: x.SHA256, Dir: s.dir, Log: s.c.Log, Require: sandbox.None, Runtime: s.b.Manifest.Runtime,
		Open: func() (io.ReadCloser, error) { return s.b.Bundle.Open(x) }}
	if os.Getuid() == 0 {
		c.UID = uid
	}
	p, err := runner.Start(ctx, c)
	if errors.Is(err, runner.ErrHost) && ctx.Err() == nil {
		s.host = err
	}
	return p, err
}

// module is the process that is asked; another one when the last has ended.
func (s *suite) module(ctx context.Context) (*facade.V1, error) {
	if s.proc != nil {
		select {
		case <-s.proc.Done():
			s.end()
		default:
		}
	}
	if s.proc == nil {
		p, err := s.start(ctx)
		if err != nil {
			return nil, err
		}
		s.proc = p
	}
	return s.speak(s.proc), nil
}

func (s *suite) speak(p *runner.Process) *facade.V1 { return facade.NewV1(s.b.Manifest.ID, p.Client) }

// end ends the process without asking it.
func (s *suite) end() {
	if s.proc != nil {
		s.proc.Kill()
		s.proc = nil
	}
}
