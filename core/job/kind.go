package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivertype"
	"ore.edu.pl/sieci/core/db"
)

// Args are what a job needs, stored as JSON: ids, never texts about people.
// Kind names the job for ever ("notify.mail"); jobs stored under it outlive a deploy.
type Args interface{ Kind() string }

// Options say how a kind is run.
type Options struct {
	// Title is the catalogue key of the kind's name for admins; required.
	Title string
	// Timeout of one run; default [Config].Timeout, at most 5 minutes: what takes
	// longer is cut into pages, a job each.
	Timeout time.Duration
	// MaxAttempts before the job is given up; default 12 (about a day and a half with the default pauses).
	MaxAttempts int
	// Pause before the attempt that follows the given one (1 for the first);
	// default attempt⁴ seconds with jitter.
	Pause func(attempt int) time.Duration
	// Every, when set, also inserts the job (with the zero Args) at this
	// interval from whichever node leads, and at start; a run still waiting or
	// running is not joined by a second one. At least a second.
	Every time.Duration
}

// maxTimeout bounds a run, so that stopping and taking over stay quick.
const maxTimeout = 5 * time.Minute

// Job is one run of a job.
type Job[A Args] struct {
	ID                   int64
	Attempt, MaxAttempts int
	CreatedAt            time.Time
	Args                 A
	row                  *river.Job[A]
}

// Complete marks the job done in the transaction of its effects: both happen
// or neither. The worker then returns nil at once.
func (j *Job[A]) Complete(ctx context.Context, tx *db.Tx) error {
	_, err := river.JobCompleteTx[*riverdatabasesql.Driver](ctx, tx.SQL(), j.row)
	if errors.Is(err, rivertype.ErrNotFound) {
		return fmt.Errorf("job %d is no longer running: %w", j.ID, err)
	}
	return err
}

// Last reports whether a failure of this run would be final.
func (j *Job[A]) Last() bool { return j.Attempt >= j.MaxAttempts }

// GiveUp wraps the reason for which a retry cannot help; the job ends cancelled.
func GiveUp(reason error) error { return river.JobCancel(reason) }

// Later puts the job back for d without counting the attempt.
func Later(d time.Duration) error { return river.JobSnooze(d) }

// Add registers the worker of A's kind. Call before [Client.Start]; adding a
// kind twice panics. An error that work returns is logged and the job retried.
func Add[A Args](c *Client, o Options, work func(ctx context.Context, j *Job[A]) error) {
	var zero A
	kind := zero.Kind()
	o.Timeout = min(cmp.Or(o.Timeout, c.timeout), maxTimeout)
	o.MaxAttempts = cmp.Or(o.MaxAttempts, 12)
	c.register(kind, o)
	river.AddWorker(c.workers, &worker[A]{client: c, options: o, work: work})
	if o.Every > 0 {
		c.periodic = append(c.periodic, river.NewPeriodicJob(
			river.PeriodicInterval(o.Every),
			func() (river.JobArgs, *river.InsertOpts) {
				var a A
				return a, &river.InsertOpts{MaxAttempts: o.MaxAttempts, UniqueOpts: onlyOneOpen}
			},
			&river.PeriodicJobOpts{ID: kind, RunOnStart: true}))
	}
}

// onlyOneOpen refuses a second job of the same kind and arguments while one is
// waiting or running: two nodes that both believe to lead insert one.
var onlyOneOpen = river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled,
}}

type worker[A Args] struct {
	river.WorkerDefaults[A]
	client  *Client
	options Options
	work    func(ctx context.Context, j *Job[A]) error
}

var _ river.Worker[noArgs] = (*worker[noArgs])(nil)

type noArgs struct{}

func (noArgs) Kind() string { return "none" }

func (w *worker[A]) Timeout(*river.Job[A]) time.Duration { return w.options.Timeout }

func (w *worker[A]) NextRetry(j *river.Job[A]) time.Time {
	if w.options.Pause == nil {
		return time.Time{}
	}
	return time.Now().Add(w.options.Pause(len(j.Errors) + 1))
}

func (w *worker[A]) Work(ctx context.Context, r *river.Job[A]) error {
	began := time.Now()
	err := w.work(ctx, &Job[A]{ID: r.ID, Attempt: r.Attempt, MaxAttempts: r.MaxAttempts,
		CreatedAt: r.CreatedAt, Args: r.Args, row: r})
	w.client.observe(r.Kind, time.Since(began), err)
	var later *river.JobSnoozeError
	if err != nil && !errors.As(err, &later) {
		slog.WarnContext(ctx, "job failed", "kind", r.Kind, "job", r.ID, "attempt", r.Attempt, "of", r.MaxAttempts, "err", err)
	}
	return err
}
