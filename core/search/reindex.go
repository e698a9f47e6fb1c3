package search

import (
	"context"
	"time"

	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/job"
)

// ReindexArgs prepares documents that another dictionary prepared, or nobody yet.
type ReindexArgs struct{}

// Kind implements [job.Args].
func (ReindexArgs) Kind() string { return "search.reindex" }

// reindexTime is how long one run works before it lets others have the worker;
// the next run goes on where it stopped.
const reindexTime = 2 * time.Minute

// Jobs adds the job that prepares everything anew when the dictionary changed.
// d is the pool of jobs.
func (x *Index) Jobs(c *job.Client, d *db.DB) {
	job.Add(c, job.Options{Title: "search.job.reindex", Every: 5 * time.Minute, Timeout: reindexTime + time.Minute}, func(ctx context.Context, _ *job.Job[ReindexArgs]) error {
		_, err := x.Reindex(ctx, d, time.Now().Add(reindexTime))
		return err
	})
}

// Reindex prepares documents of every registered kind, a page a transaction,
// until all are done (true) or the time is over. Safe on several nodes at once,
// beside rooms that write; what it did stays when it is stopped.
func (x *Index) Reindex(ctx context.Context, d *db.DB, until time.Time) (bool, error) {
	worked := false
	for i := range x.sources {
		for {
			if time.Now().After(until) {
				return false, nil
			}
			n, done, err := x.page(ctx, d, &x.sources[i])
			if err != nil {
				return false, err
			}
			worked = worked || n > 0
			if done {
				break
			}
		}
	}
	if worked {
		x.Recount()
		return true, analyse(ctx, d) // how often words occur is known at once
	}
	return true, nil
}

// page prepares the next documents of a kind.
func (x *Index) page(ctx context.Context, d *db.DB, s *Source) (n int, done bool, err error) {
	err = d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		p, err := lockProgress(ctx, tx, s.Kind, x.Revision(), time.Now())
		if err != nil || p.Done {
			n, done = 0, err == nil
			return err
		}
		ids, err := s.Next(ctx, tx, p.After, pageSize)
		if err != nil {
			return err
		}
		if n, done = len(ids), len(ids) < pageSize; n > 0 {
			if err := x.put(ctx, tx, s, ids); err != nil {
				return err
			}
			p.After = ids[n-1]
		}
		p.Done, p.Docs = done, p.Docs+int64(n)
		return saveProgress(ctx, tx, p, time.Now())
	})
	return n, done, err
}

// Progress is how many things of each kind have been prepared.
type Progress struct {
	Kind Kind
	Docs int64
	Done bool
}

// Progress tells how far the preparation is, for administrators.
func (x *Index) Progress(ctx context.Context) ([]Progress, error) {
	rows, err := listProgress(ctx, x.db)
	out := make([]Progress, 0, len(rows))
	for _, r := range rows {
		out = append(out, Progress{r.Kind, r.Docs, r.Done && r.Revision == x.Revision()})
	}
	return out, err
}
