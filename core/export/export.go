package export

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/notify"
)

// Perm is the permission to take a copy of a network, at its place.
const Perm access.Permission = "network:export"

// KeepDays is how long a finished copy can be downloaded.
const KeepDays = 7

// Kind of a copy.
type Kind string

// The kinds.
const (
	Data Kind = "data" // JSON and files
	Site Kind = "site" // pages to read without a server
)

// Kinds in the order in which a form offers them.
var Kinds = []Kind{Data, Site}

// State of a copy.
type State string

// The states; Expired means that the bytes are gone.
const (
	Waiting   State = "waiting"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
	Expired   State = "expired"
)

// Export is one copy that somebody asked for.
type Export struct {
	ID      uuid.UUID `db:"id" json:"id"`
	Network uuid.UUID `db:"network_id" json:"network_id"`
	Person  uuid.UUID `db:"person_id" json:"-"`
	Kind    Kind      `db:"kind" json:"kind"`
	Lang    i18n.Lang `db:"lang" json:"-"`
	State   State     `db:"state" json:"state"`
	// Done of Total parts are made.
	Done    int        `db:"done" json:"done"`
	Total   int        `db:"total" json:"total"`
	Size    int64      `db:"size" json:"size,omitempty"` // bytes, when done
	Job     *int64     `db:"job_id" json:"-"`
	Created time.Time  `db:"created_at" json:"created_at"`
	Ended   *time.Time `db:"ended_at" json:"ended_at,omitempty"`
}

// Until is when a finished copy goes; zero for others.
func (e *Export) Until() time.Time {
	if e.State != Done || e.Ended == nil {
		return time.Time{}
	}
	return e.Ended.AddDate(0, 0, KeepDays)
}

// Notifier tells people things in the transaction of what happened;
// *notify.Service is one.
type Notifier interface {
	Send(ctx context.Context, tx *db.Tx, m notify.Message) error
}

var _ Notifier = (*notify.Service)(nil)

// Config of the service; every field is required.
type Config struct {
	DB       *db.DB
	Access   *access.Authorizer
	Audit    *audit.Log
	Clock    clock.Clock
	Jobs     *job.Client
	Files    *file.Service
	Networks *network.Service
	Notify   Notifier
	// Sources in the order of their pages.
	Sources []Source
	BaseURL string
}

// Service makes copies of networks. Safe for concurrent use.
type Service struct{ c Config }

// New makes the service and adds its jobs to c.Jobs.
func New(c Config) *Service {
	s := &Service{c}
	job.Add(c.Jobs, job.Options{Title: "export.job.make", Timeout: makeTimeout, MaxAttempts: makeAttempts}, s.work)
	job.Add(c.Jobs, job.Options{Title: "export.job.sweep", Every: time.Hour}, s.sweep)
	return s
}

// Ask begins a copy. Needs [Perm]. While one of the same kind is being made for
// the actor, that one is returned.
func (s *Service) Ask(ctx context.Context, a *access.Actor, id uuid.UUID, k Kind) (uuid.UUID, error) {
	if !slices.Contains(Kinds, k) {
		return uuid.Nil, fault.InvalidFields(fault.Field{Path: "kind", Key: "export.wrong.kind"})
	}
	n, err := s.enter(ctx, a, id)
	if err != nil {
		return uuid.Nil, err
	}
	e := Export{Network: n.ID, Person: a.Person, Kind: k, Lang: i18n.FromContext(ctx), Total: len(s.c.Sources) + 1, Created: s.c.Clock.Now()}
	var out uuid.UUID
	err = s.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		out, err = idem.Do(ctx, tx, a.Person, string(Perm), []any{id, k}, func() (uuid.UUID, error) {
			if open, err := openExport(ctx, tx, id, a.Person, k); err != nil || open != uuid.Nil {
				return open, err
			}
			e.ID = uuid.Must(uuid.NewV7())
			if err := insert(ctx, tx, &e); err != nil {
				return uuid.Nil, err
			}
			j, err := s.c.Jobs.Insert(ctx, tx, MakeArgs{Export: e.ID}, nil)
			if err != nil {
				return uuid.Nil, err
			}
			if err := setJob(ctx, tx, e.ID, j); err != nil {
				return uuid.Nil, err
			}
			return e.ID, s.note(ctx, tx, a.Person, &e, "network:export")
		})
		return err
	})
	return out, err
}

// enter reads the network for somebody who may take a copy of it.
func (s *Service) enter(ctx context.Context, a *access.Actor, id uuid.UUID) (*network.Network, error) {
	n, err := s.c.Networks.Get(ctx, a, id)
	if err != nil {
		return nil, err
	}
	if !s.c.Access.Can(a, Perm, n.Place()) {
		return nil, fault.ErrNotFound
	}
	return n, nil
}

// List shows the actor's own copies of a network, the newest first, at most 20,
// with the network. Needs [Perm].
func (s *Service) List(ctx context.Context, a *access.Actor, id uuid.UUID) (n *network.Network, rows []Export, err error) {
	err = db.Together(ctx, s.c.DB,
		func(ctx context.Context, _ db.Q) (err error) { n, err = s.enter(ctx, a, id); return err },
		func(ctx context.Context, q db.Q) (err error) { rows, err = list(ctx, q, id, a.Person); return err })
	if err != nil {
		return nil, nil, err
	}
	return n, rows, nil
}

// Get is one of the actor's own copies; NotFound for others'.
func (s *Service) Get(ctx context.Context, a *access.Actor, id uuid.UUID) (Export, error) {
	e, err := get(ctx, s.c.DB, id)
	if err != nil {
		return Export{}, db.NotFound(err)
	}
	if !a.SignedIn() || e.Person != a.Person {
		return Export{}, fault.ErrNotFound
	}
	_, err = s.enter(ctx, a, e.Network)
	return e, err
}

// Cancel stops a copy that is being made; one that has ended is left alone.
func (s *Service) Cancel(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	e, err := s.Get(ctx, a, id)
	if err != nil {
		return err
	}
	err = s.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		ended, err := end(ctx, tx, id, Cancelled, 0, s.c.Clock.Now())
		if err != nil || !ended {
			return err
		}
		if e.Job != nil {
			if err := s.c.Jobs.Cancel(ctx, tx, *e.Job); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, a.Person, &e, "network:export_cancel")
	})
	if err != nil {
		return err
	}
	return s.dropParts(ctx, &e)
}

// Download opens a finished copy; the caller closes. Conflict while it is not
// finished, NotFound when it is not the actor's own or has expired.
func (s *Service) Download(ctx context.Context, a *access.Actor, id uuid.UUID) (Export, io.ReadCloser, error) {
	e, err := s.Get(ctx, a, id)
	if err != nil {
		return e, nil, err
	}
	switch e.State {
	case Done:
	case Waiting:
		return e, nil, fault.New(fault.Conflict, "export.not_ready")
	default:
		return e, nil, fault.ErrNotFound
	}
	r, _, err := s.c.Files.OpenKept(ctx, e.name())
	return e, r, err
}

// FileName is what a downloaded copy is called.
func (e *Export) FileName() string {
	return "siec-" + string(e.Kind) + "-" + e.Created.In(clock.Warsaw).Format(time.DateOnly) + ".zip"
}

func (s *Service) note(ctx context.Context, tx *db.Tx, person uuid.UUID, e *Export, action string) error {
	return s.c.Audit.Write(ctx, tx, audit.Event{Actor: person, Action: action, ObjectKind: "export", ObjectID: e.ID.String(),
		ScopeKind: string(access.Network), ScopeID: e.Network})
}

var errNoLonger = errors.New("export: ended meanwhile")
