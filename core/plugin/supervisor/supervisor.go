// Package supervisor keeps one module's process alive: one goroutine starts it,
// asks for its health by a call with a deadline, and starts a new one with a
// growing, jittered pause when it dies, hangs or cannot be started. A process is
// a generation; calls go to the current one, and a call whose process dies under
// it is repeated once on the next. It owns no table; core/plugin writes what
// [Supervisor.Status] says.
//
// States: starting → ready ↔ degraded → starting … → draining → stopped; down
// between two starts. What comes of many crashes is not decided here: the
// supervisor reports each and goes on.
package supervisor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"ore.edu.pl/sieci/core/plugin/facade"
	"ore.edu.pl/sieci/core/plugin/runner"
	"ore.edu.pl/sieci/core/plugin/sandbox"
)

// State of a module on this node.
type State string

// The states.
const (
	Starting State = "starting"
	Ready    State = "ready"
	Degraded State = "degraded" // answers, but says that it cannot do all its work
	Down     State = "down"     // waits for the next start
	Draining State = "draining" // takes no more calls and ends those that it has
	Stopped  State = "stopped"
	// Quarantined is no supervisor's state: nobody starts such a module.
	Quarantined State = "quarantined"
)

// ErrDown means that there is no process to call now.
var ErrDown = errors.New("module is down")

// errSilent means that a process does not answer about its health.
var errSilent = errors.New("no answer about health")

// Cause is the kind of a failure, for a sentence to administrators.
type Cause string

// The causes that the supervisor itself finds; [Because] marks others.
const (
	CauseStart    Cause = "start"    // the process could not be started
	CauseEnded    Cause = "ended"    // it ended by itself
	CauseMemory   Cause = "memory"   // it took more memory than it may
	CauseSilent   Cause = "silent"   // it does not answer about its health
	CauseDegraded Cause = "degraded" // it says itself that it cannot do its work
)

type caused struct {
	error
	cause Cause
}

// Unwrap returns the error that was marked.
func (c *caused) Unwrap() error { return c.error }

// Because marks an error with its cause; nil stays nil.
func Because(c Cause, err error) error {
	if err == nil {
		return nil
	}
	return &caused{err, c}
}

// CauseOf is the outermost cause with which err was marked, "" for none.
func CauseOf(err error) Cause {
	var c *caused
	if errors.As(err, &c) {
		return c.cause
	}
	return ""
}

// Config of a supervisor; ID, Start and Log are required.
type Config struct {
	// ID is the module's id.
	ID string
	// Start starts a fresh process; see [runner.Start].
	Start func(ctx context.Context) (*runner.Process, error)
	// Check is called with each new process before any other call, with a
	// deadline; an error ends the process. It makes the first call, Describe.
	Check func(ctx context.Context, v *facade.V1) error
	// Changed, when set, is called after each change of state, from the
	// supervisor's goroutine; it must not block.
	Changed func(Status)
	// Crashed, when set, is called after each end of a process that nobody asked
	// for, and after each start that failed; whose fault it is, the cause says. It
	// must not block.
	Crashed func(c Cause, reason string)
	Log     *slog.Logger

	// HealthEvery is the pause between two questions for health; default 1 s.
	HealthEvery time.Duration
	// HealthTimeout bounds one question; default 1.5 s. With two failures
	// allowed, people read that a hanging module is down within 5 s.
	HealthTimeout time.Duration
	// MinPause and MaxPause bound the pause before a start that follows a
	// failure; default 250 ms and 30 s. The first failure after a quiet minute
	// costs no pause.
	MinPause, MaxPause time.Duration
	// After is the clock of those pauses, for tests; default [time.After].
	After func(time.Duration) <-chan time.Time
}

const (
	// healthFailures in a row end a process.
	healthFailures = 2
	// starved is how late our own deadline must come for the machine to be what is
	// slow, not the module.
	starved = 500 * time.Millisecond
	// quiet is how long a process must live for its end to count as the first.
	quiet = time.Minute
	// startWait is how long a fresh call waits for a process that is starting.
	startWait = 2 * time.Second
	// drainTime is how long a stop waits for calls in flight: their own deadline.
	drainTime = facade.CallTimeout
)

// Status is what is known of the module on this node.
type Status struct {
	State State
	// Cause and Reason say why it is not ready: its kind, and the technical text
	// for administrators.
	Cause  Cause
	Reason string
	PID    int
	// Since is when the state began, real time.
	Since time.Time
	// Starts counts processes since the supervisor was started.
	Starts int
	// Sandbox is what holds the process in.
	Sandbox sandbox.State
}

// Supervisor runs one module. Safe for concurrent use.
type Supervisor struct {
	c      Config
	cancel context.CancelCauseFunc
	done   chan struct{}
	begin  sync.Once
	ctx    context.Context

	mu      sync.Mutex
	status  Status
	current *generation
	changed chan struct{} // closed and replaced at each change
}

// generation is one process and the calls on it.
type generation struct {
	n     int
	proc  *runner.Process
	v1    *facade.V1
	calls sync.WaitGroup
}

// New makes a supervisor; [Supervisor.Start] sets it going.
func New(c Config) *Supervisor {
	if c.ID == "" || c.Start == nil || c.Log == nil {
		panic("supervisor: incomplete configuration")
	}
	c.HealthEvery = cmp.Or(c.HealthEvery, time.Second)
	c.HealthTimeout = cmp.Or(c.HealthTimeout, 1500*time.Millisecond)
	c.MinPause = cmp.Or(c.MinPause, 250*time.Millisecond)
	c.MaxPause = cmp.Or(c.MaxPause, 30*time.Second)
	if c.After == nil {
		c.After = time.After
	}
	s := &Supervisor{c: c, done: make(chan struct{}), changed: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancelCause(context.Background())
	s.status = Status{State: Starting, Since: time.Now()}
	return s
}

// Start sets the supervisor going; again it does nothing.
func (s *Supervisor) Start() { s.begin.Do(func() { go s.run() }) }

// Stop takes no more calls, waits for those in flight at most 5 s, ends the
// process and returns when it is gone. Again it only waits.
func (s *Supervisor) Stop(reason error) {
	s.cancel(reason)
	s.begin.Do(func() { // never started
		s.set(Stopped, reason)
		close(s.done)
	})
	<-s.done
}

// Status is the state now.
func (s *Supervisor) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// Memory is what the process takes now, in bytes; 0 for no process.
func (s *Supervisor) Memory() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil {
		return 0
	}
	return s.current.proc.Memory()
}

// Await returns when the state is one of those, or with the context's error.
func (s *Supervisor) Await(ctx context.Context, states ...State) error {
	for {
		s.mu.Lock()
		now, changed := s.status.State, s.changed
		s.mu.Unlock()
		for _, st := range states {
			if now == st {
				return nil
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("module %s is %s: %w", s.c.ID, now, ctx.Err())
		}
	}
}

func (s *Supervisor) set(state State, why error) {
	s.mu.Lock()
	s.update(func() {
		s.status.State, s.status.Cause, s.status.Reason, s.status.Since = state, "", "", time.Now()
		if why != nil {
			s.status.Cause, s.status.Reason = CauseOf(why), why.Error()
		}
		if s.current == nil {
			s.status.PID = 0
		}
	})
}

// update changes the status under the lock that the caller took, releases it,
// and wakes who waits.
func (s *Supervisor) update(f func()) {
	f()
	now := s.status
	close(s.changed)
	s.changed = make(chan struct{})
	s.mu.Unlock()
	if s.c.Changed != nil {
		s.c.Changed(now)
	}
}

func (s *Supervisor) run() {
	defer close(s.done)
	failures := 0
	for n := 1; s.ctx.Err() == nil; n++ {
		s.set(Starting, nil)
		began := time.Now()
		g, err := s.start(n)
		if err != nil && CauseOf(err) == "" {
			err = Because(CauseStart, err)
		}
		if err == nil {
			err = s.watch(g)
			s.retire(g, errors.Is(err, errSilent))
		}
		if s.ctx.Err() != nil {
			break
		}
		if time.Since(began) > quiet {
			failures = 0
		}
		if s.c.Crashed != nil {
			s.c.Crashed(CauseOf(err), err.Error())
		}
		s.c.Log.Warn("module process ended", "module", s.c.ID, "failures", failures, "err", err)
		if failures++; failures == 1 {
			continue
		}
		s.set(Down, err)
		select {
		case <-s.c.After(s.pause(failures)):
		case <-s.ctx.Done():
		}
	}
	s.set(Stopped, context.Cause(s.ctx))
}

// pause doubles with each failure after the first, half to one and a half times.
func (s *Supervisor) pause(failures int) time.Duration {
	d := s.c.MinPause << min(failures-2, 20)
	if d > s.c.MaxPause || d <= 0 {
		d = s.c.MaxPause
	}
	return d/2 + time.Duration(rand.Int64N(int64(d)))
}

func (s *Supervisor) start(n int) (*generation, error) {
	p, err := s.c.Start(s.ctx)
	if err != nil {
		return nil, err
	}
	g := &generation{n: n, proc: p, v1: facade.NewV1(s.c.ID, p.Client)}
	if s.c.Check != nil {
		ctx, cancel := context.WithTimeout(s.ctx, facade.CallTimeout)
		defer cancel()
		if err := s.c.Check(ctx, g.v1); err != nil {
			p.Stop()
			return nil, err
		}
	}
	s.mu.Lock()
	s.update(func() {
		s.current = g
		s.status = Status{State: Ready, PID: p.PID(), Since: time.Now(), Starts: n, Sandbox: p.Sandbox()}
	})
	s.c.Log.Info("module ready", "module", s.c.ID, "pid", p.PID())
	return g, nil
}

// watch returns why the process can no longer be used.
func (s *Supervisor) watch(g *generation) error {
	tick := time.NewTicker(s.c.HealthEvery)
	defer tick.Stop()
	failed := 0
	for {
		select {
		case <-s.ctx.Done():
			return context.Cause(s.ctx)
		case <-g.proc.Done():
			if err := g.proc.Err(); errors.Is(err, runner.ErrMemory) {
				return Because(CauseMemory, err)
			}
			return Because(CauseEnded, fmt.Errorf("process ended: %w", cmpErr(g.proc.Err(), errors.New("exit 0"))))
		case <-tick.C:
		}
		asked := time.Now()
		ready, reason, err := s.health(g)
		if err == nil {
			failed = 0
			s.judge(ready, reason)
			continue
		}
		if time.Since(asked) > s.c.HealthTimeout+starved {
			continue // we ourselves did not get to run: that says nothing of it
		}
		if failed++; failed >= healthFailures {
			return Because(CauseSilent, fmt.Errorf("%w: %w", errSilent, err))
		}
	}
}

func cmpErr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

func (s *Supervisor) health(g *generation) (bool, string, error) {
	ctx, cancel := context.WithTimeout(s.ctx, s.c.HealthTimeout)
	defer cancel()
	return g.v1.Health(ctx)
}

// judge moves between ready and degraded.
func (s *Supervisor) judge(ready bool, reason string) {
	now := s.Status().State
	switch {
	case ready && now == Degraded:
		s.set(Ready, nil)
	case !ready && now == Ready:
		s.set(Degraded, Because(CauseDegraded, errors.New(reason)))
	}
}

// retire takes the generation out of use, waits for its calls when the
// supervisor was stopped (a dead process has failed them already), and ends it:
// a silent one at once, so that its calls go on to the next.
func (s *Supervisor) retire(g *generation, silent bool) {
	s.mu.Lock()
	s.update(func() {
		s.current = nil
		s.status.State, s.status.PID, s.status.Since = Starting, 0, time.Now()
		if s.ctx.Err() != nil {
			s.status.State = Draining
		}
	})
	if s.ctx.Err() != nil {
		idle := make(chan struct{})
		go func() {
			g.calls.Wait()
			close(idle)
		}()
		select {
		case <-idle:
		case <-time.After(drainTime):
		case <-g.proc.Done():
		}
	}
	if silent {
		g.proc.Kill()
		return
	}
	g.proc.Stop()
}

// Call calls the module: on the current process, and once more on the next one
// when that dies under the call. All of it has one deadline of 5 seconds, or the
// context's. Errors: [ErrDown]; otherwise those of the facade.
func (s *Supervisor) Call(ctx context.Context, f func(ctx context.Context, v *facade.V1) error) error {
	ctx, cancel := context.WithTimeout(ctx, facade.CallTimeout)
	defer cancel()
	g, err := s.acquire(ctx, 0, startWait)
	if err != nil {
		return err
	}
	err = g.use(ctx, f)
	if !errors.Is(err, facade.ErrDied) {
		return err
	}
	s.c.Log.Warn("call repeated on a new process", "module", s.c.ID, "err", err)
	g, again := s.acquire(ctx, g.n, facade.CallTimeout)
	if again != nil {
		return errors.Join(again, err)
	}
	return g.use(ctx, f)
}

// use makes the call and ends the use that acquire counted.
func (g *generation) use(ctx context.Context, f func(ctx context.Context, v *facade.V1) error) error {
	defer g.calls.Done()
	return f(ctx, g.v1)
}

// acquire returns a generation later than after, counted as in use; it waits
// while one is starting.
func (s *Supervisor) acquire(ctx context.Context, after int, wait time.Duration) (*generation, error) {
	var timeout <-chan time.Time
	for {
		s.mu.Lock()
		g, changed, status := s.current, s.changed, s.status
		if g != nil && g.n > after {
			g.calls.Add(1)
			s.mu.Unlock()
			return g, nil
		}
		s.mu.Unlock()
		if status.State == Down || status.State == Draining || status.State == Stopped {
			return nil, fmt.Errorf("%w: %s", ErrDown, status.Reason)
		}
		if timeout == nil {
			t := time.NewTimer(wait)
			defer t.Stop()
			timeout = t.C
		}
		select {
		case <-changed:
		case <-timeout:
			return nil, fmt.Errorf("%w: still %s", ErrDown, status.State)
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrDown, ctx.Err())
		}
	}
}
