package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivertype"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
)

// Config of a client.
type Config struct {
	// DB is the pool of the jobs, apart from that of the web.
	DB *db.DB
	// Access decides who sees the list of jobs.
	Access *access.Authorizer
	// Audit accounts for what admins do to jobs; required for that alone.
	Audit *audit.Log
	// Poll is how often a node looks for work; default 500 ms, tests use 20 ms.
	Poll time.Duration
	// Workers is how many jobs run at once on this node; default 8.
	Workers int
	// Timeout of one run for kinds that set none; default 1 minute.
	Timeout time.Duration
	// Watch is how often a node looks for the jobs of dead nodes; default 2 s.
	Watch time.Duration
	// Metrics, when set, gets the job metrics.
	Metrics prometheus.Registerer
}

// Client inserts jobs and, once started, works them. Safe for concurrent use.
type Client struct {
	river    *river.Client[sqlTx]
	workers  *river.Workers
	periodic []*river.PeriodicJob
	access   *access.Authorizer
	audit    *audit.Log
	db       *db.DB
	timeout  time.Duration
	node     *node
	runs     *prometheus.HistogramVec

	mu      sync.Mutex
	kinds   []Kind
	options map[string]Options
	started bool
}

// Kind is a registered kind of job.
type Kind struct {
	Name  string
	Title string // catalogue key
	Every time.Duration
}

// New makes a client that can insert; [Add] the kinds, then [Client.Start] it.
// A process that only inserts (a command beside the server) never starts it.
func New(c Config) (*Client, error) {
	c.Poll = cmp.Or(c.Poll, 500*time.Millisecond)
	c.Workers = cmp.Or(c.Workers, 8)
	c.Timeout = cmp.Or(c.Timeout, time.Minute)
	k := &Client{workers: river.NewWorkers(), access: c.Access, audit: c.Audit, db: c.DB, timeout: c.Timeout, options: map[string]Options{}}
	k.runs = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "sieci_job_seconds", Help: "Runs of jobs by kind and outcome.",
		Buckets: []float64{.005, .02, .1, .5, 2, 10, 60},
	}, []string{"kind", "outcome"})
	if c.Metrics != nil {
		if err := c.Metrics.Register(k.runs); err != nil {
			return nil, fmt.Errorf("job metrics: %w", err)
		}
	}
	k.node = newNode(c.DB.SQL(), cmp.Or(c.Watch, 2*time.Second))
	var err error
	k.river, err = river.NewClient(riverdatabasesql.New(c.DB.SQL()), &river.Config{
		ID:                k.node.id(),
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: c.Workers}},
		Workers:           k.workers,
		FetchPollInterval: c.Poll,
		FetchCooldown:     min(c.Poll, 50*time.Millisecond),
		JobTimeout:        c.Timeout,
		// The last resort; jobs of a dead node are taken over sooner (nodes.go).
		// A kind with a longer timeout is left alone until that has passed.
		RescueStuckJobsAfter: c.Timeout + 30*time.Second,
		// A command inserts kinds whose workers live in the server.
		SkipUnknownJobCheck: true,
		Logger:              slog.New(quiet{slog.Default().Handler()}),
	})
	if err != nil {
		return nil, fmt.Errorf("job client: %w", err)
	}
	return k, nil
}

func (c *Client) register(kind string, o Options) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.started {
		panic("job: kind added after start: " + kind)
	}
	if o.Title == "" {
		panic("job: kind without a title: " + kind)
	}
	c.options[kind] = o
	c.kinds = append(c.kinds, Kind{Name: kind, Title: o.Title, Every: o.Every})
}

// Kinds lists what was added, sorted by name.
func (c *Client) Kinds() []Kind {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := slices.Clone(c.kinds)
	slices.SortFunc(out, func(a, b Kind) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// Start begins to work jobs. Stopping is [Client.Stop]'s alone: the end of ctx
// does not interrupt a running job.
func (c *Client) Start(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.started {
		return nil
	}
	if len(c.kinds) == 0 {
		return errors.New("job: no kind was added")
	}
	if _, err := c.river.PeriodicJobs().AddManySafely(c.periodic); err != nil {
		return fmt.Errorf("periodic jobs: %w", err)
	}
	if err := c.node.start(); err != nil {
		return err
	}
	if err := c.river.Start(context.WithoutCancel(ctx)); err != nil {
		c.node.leave()
		return fmt.Errorf("start jobs: %w", err)
	}
	c.started = true
	return nil
}

// Stop takes no more jobs, waits for those that run, cancels them when ctx
// ends first (they are retried later), and returns when all have stopped.
func (c *Client) Stop(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.started {
		return nil
	}
	c.started = false
	defer c.node.leave()
	if err := c.river.Stop(ctx); err == nil {
		return nil
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), hardStop)
	defer cancel()
	if err := c.river.StopAndCancel(hard); err != nil {
		return fmt.Errorf("stop jobs: %w", err)
	}
	return nil
}

// hardStop is how long a cancelled job may take to notice.
const hardStop = 20 * time.Second

// Opts of one insertion; nil or the zero value run the job as soon as possible.
type Opts struct {
	// At is the real time before which the job does not start.
	At time.Time
	// Once inserts nothing while a job of the same kind and arguments is waiting or running.
	Once bool
	// Priority 1 (first) to 4; default 1. Bulk work takes 3.
	Priority int
}

// Insert puts a job into the transaction; it starts after the commit.
func (c *Client) Insert(ctx context.Context, tx *db.Tx, a Args, o *Opts) (id int64, err error) {
	ids, err := c.InsertMany(ctx, tx, []Args{a}, o)
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// InsertMany is Insert for many jobs in one statement; ids are in the order of args.
func (c *Client) InsertMany(ctx context.Context, tx *db.Tx, args []Args, o *Opts) ([]int64, error) {
	if len(args) == 0 {
		return nil, nil
	}
	params := make([]river.InsertManyParams, len(args))
	for i, a := range args {
		params[i] = river.InsertManyParams{Args: a, InsertOpts: c.insertOpts(a.Kind(), o)}
	}
	// Not InsertManyTxFast: it needs COPY, which lib/pq does not give River.
	res, err := c.river.InsertManyTx(ctx, tx.SQL(), params)
	if err != nil {
		return nil, fmt.Errorf("insert jobs: %w", err)
	}
	ids := make([]int64, len(res))
	for i, r := range res {
		ids[i] = r.Job.ID
	}
	return ids, nil
}

func (c *Client) insertOpts(kind string, o *Opts) *river.InsertOpts {
	c.mu.Lock()
	max := c.options[kind].MaxAttempts
	c.mu.Unlock()
	out := &river.InsertOpts{MaxAttempts: cmp.Or(max, 12)}
	if o == nil {
		return out
	}
	out.ScheduledAt, out.Priority = o.At, o.Priority
	if o.Once {
		out.UniqueOpts = onlyOneOpen
	}
	return out
}

// Cancel ends a waiting job, and a running one as soon as it notices; a
// finished or missing one is left as it is.
func (c *Client) Cancel(ctx context.Context, tx *db.Tx, id int64) error {
	_, err := c.river.JobCancelTx(ctx, tx.SQL(), id)
	if errors.Is(err, rivertype.ErrNotFound) {
		return nil
	}
	return err
}

func (c *Client) observe(kind string, took time.Duration, err error) {
	outcome := "ok"
	var snooze *river.JobSnoozeError
	var cancel *river.JobCancelError
	switch {
	case errors.As(err, &snooze):
		outcome = "later"
	case errors.As(err, &cancel):
		outcome = "given_up"
	case err != nil:
		outcome = "failed"
	}
	c.runs.WithLabelValues(kind, outcome).Observe(took.Seconds())
}

// quiet drops what River logs below warnings, and the errors of workers,
// which are logged here with their attempt.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}

func (q quiet) WithAttrs(a []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(a)} }
func (q quiet) WithGroup(n string) slog.Handler      { return quiet{q.Handler.WithGroup(n)} }
