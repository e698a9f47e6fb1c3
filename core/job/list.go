package job

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"github.com/riverqueue/river/rivertype"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

type sqlTx = *sql.Tx

// Permissions on the platform: to see the list of jobs, to try one again or
// cancel it.
const (
	List   access.Permission = "job:list"
	Manage access.Permission = "job:manage"
)

// State of a job as admins see it.
type State string

// The states; River's pending and scheduled are both Scheduled.
const (
	Waiting   State = "available"
	Running   State = "running"
	Retrying  State = "retryable"
	Scheduled State = "scheduled"
	Done      State = "completed"
	GivenUp   State = "discarded"
	Cancelled State = "cancelled"
)

// States lists them in the order in which admins care.
var States = []State{GivenUp, Retrying, Running, Waiting, Scheduled, Cancelled, Done}

// Row is a job in the list. Its arguments and error texts stay in the log:
// they may hold ids and addresses of people.
type Row struct {
	ID          int64      `db:"id"`
	Kind        string     `db:"kind"`
	State       State      `db:"state"`
	Attempt     int        `db:"attempt"`
	MaxAttempts int        `db:"max_attempts"`
	CreatedAt   time.Time  `db:"created_at"`
	ScheduledAt time.Time  `db:"scheduled_at"`
	FinishedAt  *time.Time `db:"finalized_at"`
	Errors      int        `db:"errors"`
}

// Query narrows the list; zero fields do not.
type Query struct {
	State State
	Kind  string
	// Before is [Page].Next of the page before.
	Before string
	// Limit is at most 100; default 50.
	Limit int
}

// Page of jobs, the newest first. Next is empty on the last one.
type Page struct {
	Rows []Row
	Next string
}

// List shows jobs to whoever has [List] on the platform; NotFound to others.
func (c *Client) List(ctx context.Context, a *access.Actor, q Query) (Page, error) {
	if err := c.access.Require(a, List, access.Place{}); err != nil {
		return Page{}, err
	}
	if q.Limit <= 0 {
		q.Limit = 50
	}
	q.Limit = min(q.Limit, 100)
	before := int64(1<<63 - 1)
	if q.Before != "" {
		n, err := strconv.ParseInt(q.Before, 10, 64)
		if err != nil {
			return Page{}, fault.New(fault.Invalid, "job.bad_cursor")
		}
		before = n
	}
	rows, err := list(ctx, c.db, q, before)
	if err != nil {
		return Page{}, err
	}
	p := Page{Rows: rows}
	if len(rows) > q.Limit {
		p.Rows = rows[:q.Limit]
		p.Next = strconv.FormatInt(p.Rows[q.Limit-1].ID, 10)
	}
	return p, nil
}

// Counts is how many jobs are in each state, for the health page; counting
// stops at 10,000 a state. Needs [List].
func (c *Client) Counts(ctx context.Context, a *access.Actor) (map[State]int, error) {
	if err := c.access.Require(a, List, access.Place{}); err != nil {
		return nil, err
	}
	return counts(ctx, c.db)
}

// Retry has a failed, cancelled or given-up job tried again at once; one that
// runs is left alone. Needs [Manage]; NotFound when there is no such job.
func (c *Client) Retry(ctx context.Context, a *access.Actor, id int64) error {
	return c.manage(ctx, a, "job:retry", id, c.river.JobRetryTx)
}

// GiveUpOn cancels a waiting job, and a running one as soon as it notices.
// Needs [Manage]; NotFound when there is no such job.
func (c *Client) GiveUpOn(ctx context.Context, a *access.Actor, id int64) error {
	return c.manage(ctx, a, "job:cancel", id, c.river.JobCancelTx)
}

func (c *Client) manage(ctx context.Context, a *access.Actor, action string, id int64, act func(context.Context, sqlTx, int64) (*rivertype.JobRow, error)) error {
	if err := c.access.Require(a, Manage, access.Place{}); err != nil {
		return err
	}
	return c.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := act(ctx, tx.SQL(), id)
		if errors.Is(err, rivertype.ErrNotFound) {
			return fault.ErrNotFound
		}
		if err != nil {
			return err
		}
		return c.audit.Write(ctx, tx, audit.Event{Actor: a.Person, System: a.System,
			Action: action, ObjectKind: "job", ObjectID: strconv.FormatInt(id, 10)})
	})
}
