package poll

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/calendar"
)

// Meetings makes a meeting of the chosen slot; *schedule.Service is one.
type Meetings interface {
	Kinds(ctx context.Context, typ string) ([]schedule.Kind, schedule.Rule)
	Create(ctx context.Context, a *access.Actor, network uuid.UUID, in schedule.Input) (uuid.UUID, error)
	Announce(ctx context.Context, a *access.Actor, meeting uuid.UUID) error
	Drop(ctx context.Context, a *access.Actor, meeting uuid.UUID) error
}

// Notifier tells people things in the transaction of what happened;
// *notify.Service is one.
type Notifier interface {
	Send(ctx context.Context, tx *db.Tx, m notify.Message) error
}

var (
	_ Meetings = (*schedule.Service)(nil)
	_ Notifier = (*notify.Service)(nil)
)

// Config of a [Service]; every field is required.
type Config struct {
	DB       *db.DB
	Access   *access.Authorizer
	Audit    *audit.Log
	Clock    clock.Clock
	Notify   Notifier
	Days     calendar.Source
	Meetings Meetings
}

// Service runs polls. Safe for concurrent use.
type Service struct {
	db       *db.DB
	auth     *access.Authorizer
	audit    *audit.Log
	clock    clock.Clock
	notify   Notifier
	days     calendar.Source
	meetings Meetings
}

// New makes the service; it panics on an incomplete configuration.
func New(c Config) *Service {
	if c.DB == nil || c.Access == nil || c.Audit == nil || c.Clock == nil || c.Notify == nil || c.Days == nil || c.Meetings == nil {
		panic("poll: incomplete configuration")
	}
	return &Service{db: c.DB, auth: c.Access, audit: c.Audit, clock: c.Clock, notify: c.Notify, days: c.Days, meetings: c.Meetings}
}

// act is the frame of a change: one transaction, done once per idempotency key.
func act[R any](ctx context.Context, s *Service, a *access.Actor, operation string, in any, change func(ctx context.Context, tx *db.Tx) (R, error)) (R, error) {
	var out R
	err := s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		out, err = idem.Do(ctx, tx, a.Person, operation, in, func() (R, error) { return change(ctx, tx) })
		return err
	})
	return out, err
}

// once is act for a change without a result.
func (s *Service) once(ctx context.Context, a *access.Actor, operation string, in any, change func(ctx context.Context, tx *db.Tx) error) error {
	_, err := act(ctx, s, a, operation, in, func(ctx context.Context, tx *db.Tx) (struct{}, error) { return struct{}{}, change(ctx, tx) })
	return err
}

// enter reads a poll for an act that needs p at its network.
func (s *Service) enter(ctx context.Context, a *access.Actor, id uuid.UUID, p access.Permission) (*pollRow, error) {
	if !a.SignedIn() && a.System == "" {
		return nil, fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	r, err := readPoll(ctx, s.db, id, a.Person, s.clock.Now())
	if err != nil {
		return nil, err
	}
	return r, s.auth.Require(a, p, r.place())
}

// within reads a network for an act on its polls that needs p there.
func (s *Service) within(ctx context.Context, a *access.Actor, network uuid.UUID, p access.Permission) (*networkRow, error) {
	if !a.SignedIn() && a.System == "" {
		return nil, fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	n, err := readNetwork(ctx, s.db, network)
	if err != nil {
		return nil, err
	}
	return n, s.auth.Require(a, p, n.place())
}

func (s *Service) rights(a *access.Actor, at access.Place) Rights {
	return Rights{Answer: s.auth.Can(a, PermAnswer, at), Manage: s.auth.Can(a, PermManage, at)}
}

func (s *Service) note(ctx context.Context, tx *db.Tx, a *access.Actor, r *pollRow, action string, value []byte, fields ...string) error {
	return s.audit.Write(ctx, tx, audit.Event{Actor: a.Person, System: a.System, Action: action, ObjectKind: "poll", ObjectID: r.ID.String(),
		ScopeKind: string(access.Network), ScopeID: r.Network, Fields: fields, Value: value})
}

// tell sends one message about a poll; nobody is no error.
func (s *Service) tell(ctx context.Context, tx *db.Tx, r *pollRow, key, once string, mail bool, args map[string]any, to ...uuid.UUID) error {
	if len(to) == 0 {
		return nil
	}
	all := map[string]any{"Title": r.Title, "Network": r.NetworkTitle}
	for k, v := range args {
		all[k] = v
	}
	return s.notify.Send(ctx, tx, notify.Message{To: to, Key: key, Args: all, Link: PathOf(r.ID), Mail: mail, Once: once, Network: r.Network})
}

// coordinators lists who leads the network now.
func (s *Service) coordinators(ctx context.Context, q db.Q, network uuid.UUID) ([]uuid.UUID, error) {
	return access.HoldersOf(ctx, q, access.Coordinator, access.Network, network, s.clock.Now(), 5)
}

// ErrStale is the error of an editor who was slower.
var ErrStale error = fault.New(fault.Conflict, "poll.stale")

func conflict(key string) error { return fault.New(fault.Conflict, key) }

// List is a page of a network's polls, the newest first.
type List struct {
	Network Network
	May     Rights
	Items   []Poll
	Next    string
}

// List lists a network's polls, the newest first, limit 1–100 (0 = 20). Needs
// poll:list there.
func (s *Service) List(ctx context.Context, a *access.Actor, network uuid.UUID, after string, limit int) (*List, error) {
	n, err := s.within(ctx, a, network, PermList)
	if err != nil {
		return nil, err
	}
	last := uuid.Max
	if after != "" {
		if last, err = uuid.Parse(after); err != nil {
			return nil, fault.New(fault.Invalid, "poll.bad_cursor")
		}
	}
	if limit <= 0 {
		limit = 20
	}
	limit = min(limit, 100)
	rows, err := listPolls(ctx, s.db, network, a.Person, s.clock.Now(), last, limit+1)
	if err != nil {
		return nil, err
	}
	out := &List{Network: n.network(), May: s.rights(a, n.place())}
	if len(rows) > limit {
		rows = rows[:limit]
		out.Next = rows[limit-1].ID.String()
	}
	for i := range rows {
		out.Items = append(out.Items, rows[i].poll())
	}
	return out, nil
}

// Get reads a poll with everybody's answers, the clashes of its slots and their
// order. Needs poll:list. Two round trips.
func (s *Service) Get(ctx context.Context, a *access.Actor, id uuid.UUID) (*Detail, error) {
	r, err := s.enter(ctx, a, id, PermList)
	if err != nil {
		return nil, err
	}
	f, err := readInside(ctx, s.db, r, a.Person, s.clock.Now())
	if err != nil {
		return nil, err
	}
	d := &Detail{Poll: r.poll(), Options: f.slots, People: f.people, Conflicts: f.conflicts, May: s.rights(a, r.place())}
	days := s.days.Calendar(ctx)
	for i := range d.Options {
		d.Options[i].Clashes = days.Clashes(d.Options[i].Starts, f.voivodeships...)
	}
	d.Why = rank(d.Options)
	if r.NetworkStatus != "open" {
		d.May = Rights{}
	}
	return d, nil
}

// Clashes lists what each of some dates clashes with, for the people of the
// network. Needs poll:manage.
func (s *Service) Clashes(ctx context.Context, a *access.Actor, network uuid.UUID, at ...time.Time) ([][]calendar.Clash, error) {
	if _, err := s.within(ctx, a, network, PermManage); err != nil {
		return nil, err
	}
	return s.clashes(ctx, s.db, network, at)
}

func (s *Service) clashes(ctx context.Context, q db.Q, network uuid.UUID, at []time.Time) ([][]calendar.Clash, error) {
	where, err := voivodeships(ctx, q, network, s.clock.Now())
	if err != nil {
		return nil, err
	}
	days := s.days.Calendar(ctx)
	out := make([][]calendar.Clash, len(at))
	for i, t := range at {
		out[i] = days.Clashes(t, where...)
	}
	return out, nil
}

// Kinds are the kinds of meeting that the network's type has, with the network.
// Needs poll:manage.
func (s *Service) Kinds(ctx context.Context, a *access.Actor, network uuid.UUID) ([]schedule.Kind, Network, error) {
	n, err := s.within(ctx, a, network, PermManage)
	if err != nil {
		return nil, Network{}, err
	}
	return s.KindsOf(ctx, n.network()), n.network(), nil
}

// KindsOf is Kinds for a network that was read already.
func (s *Service) KindsOf(ctx context.Context, n Network) []schedule.Kind {
	kinds, _ := s.meetings.Kinds(ctx, n.Type)
	return kinds
}
