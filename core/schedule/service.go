package schedule

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/schedule/calendar"
)

// Engine asks modules whether a meeting may be closed and tells them what
// happened; *effect.Engine is one.
type Engine interface {
	Guard(ctx context.Context, r *effect.GuardRequest) (*effect.GuardOutcome, error)
	Confirm(ctx context.Context, tx *db.Tx, o *effect.GuardOutcome) error
	Emit(ctx context.Context, tx *db.Tx, list ...effect.Emission) error
}

// Notifier tells people things in the transaction of what happened;
// *notify.Service is one.
type Notifier interface {
	Send(ctx context.Context, tx *db.Tx, m notify.Message) error
}

// Files keeps the materials of meetings; *file.Service is one.
type Files interface {
	Attach(ctx context.Context, tx *db.Tx, a *access.Actor, ids []uuid.UUID, o file.Object) error
	Detach(ctx context.Context, tx *db.Tx, kind string, object uuid.UUID, keep []uuid.UUID) error
	Of(ctx context.Context, q db.Q, kind string, objects ...uuid.UUID) (map[uuid.UUID][]file.File, error)
	Guard(kind string, g file.Guard)
}

var (
	_ Engine   = (*effect.Engine)(nil)
	_ Notifier = (*notify.Service)(nil)
	_ Files    = (*file.Service)(nil)
)

// Config is what the service is made of; every field is required.
type Config struct {
	DB      *db.DB
	Access  *access.Authorizer
	Audit   *audit.Log
	Clock   clock.Clock
	Modules effect.Modules
	Engine  Engine
	Notify  Notifier
	Files   Files
	Days    calendar.Source
	// CursorKey signs cursors and CodeKey makes check-in codes; at least 32
	// bytes each, the same on every node.
	CursorKey keyset.Key
	CodeKey   []byte
	// Linked notes which resources a text of a meeting links; nil notes nothing.
	Linked func(ctx context.Context, tx *db.Tx, a *access.Actor, network, meeting uuid.UUID, title, text string) error
}

// Service runs meetings. Safe for concurrent use.
type Service struct {
	db      *db.DB
	auth    *access.Authorizer
	audit   *audit.Log
	clock   clock.Clock
	modules effect.Modules
	engine  Engine
	notify  Notifier
	files   Files
	days    calendar.Source
	key     keyset.Key
	codeKey []byte
	linked  func(ctx context.Context, tx *db.Tx, a *access.Actor, network, meeting uuid.UUID, title, text string) error
}

// New makes the service and registers who may download materials of meetings;
// it panics on an incomplete configuration.
func New(c Config) *Service {
	if c.DB == nil || c.Access == nil || c.Audit == nil || c.Clock == nil || c.Modules == nil || c.Engine == nil || c.Notify == nil || c.Files == nil ||
		c.Days == nil || len(c.CursorKey) < 32 || len(c.CodeKey) < 32 {
		panic("schedule: incomplete configuration")
	}
	s := &Service{db: c.DB, auth: c.Access, audit: c.Audit, clock: c.Clock, modules: c.Modules, engine: c.Engine, notify: c.Notify, files: c.Files,
		days: c.Days, key: c.CursorKey, codeKey: c.CodeKey, linked: c.Linked}
	if s.linked == nil {
		s.linked = func(context.Context, *db.Tx, *access.Actor, uuid.UUID, uuid.UUID, string, string) error { return nil }
	}
	s.files.Guard(FileKind, s.fileGuard)
	return s
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

// enter reads a meeting for an act that needs p there. A meeting that the actor
// may not act upon, and a draft of somebody else, is not found.
func (s *Service) enter(ctx context.Context, a *access.Actor, id uuid.UUID, p access.Permission) (*meetingRow, error) {
	if !a.SignedIn() && a.System == "" {
		return nil, fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	m, err := readMeeting(ctx, s.db, id)
	if err != nil {
		return nil, err
	}
	return m, s.permit(a, m, p)
}

// permit is whether the actor may do p with the meeting.
func (s *Service) permit(a *access.Actor, m *meetingRow, p access.Permission) error {
	if m.hidden() && !s.auth.Can(a, PermManage, m.place()) {
		p = PermManage
	}
	return s.auth.Require(a, p, m.place())
}

// within reads a network for an act on its meetings that needs p there.
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
	can := func(p access.Permission) bool { return s.auth.Can(a, p, at) }
	return Rights{Answer: can(PermAnswer), Manage: can(PermManage), Register: can(PermRegister), Close: can(PermClose), Hours: can(PermHours)}
}

// hold locks what a change of a meeting rests on: its network, which must be
// open, against being closed meanwhile, and the meeting itself. The row is as it
// is now, not as it was when the actor was permitted.
func (s *Service) hold(ctx context.Context, tx *db.Tx, id uuid.UUID) (*meetingRow, error) {
	network, err := networkOf(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if err := holdOpen(ctx, tx, network); err != nil {
		return nil, err
	}
	return lockMeeting(ctx, tx, id)
}

// note writes the audit entry of an act on a meeting.
func (s *Service) note(ctx context.Context, tx *db.Tx, a *access.Actor, m *meetingRow, action string, fields ...string) error {
	return s.audit.Write(ctx, tx, audit.Event{
		Actor: a.Person, System: a.System, Action: action, ObjectKind: "meeting", ObjectID: m.ID.String(),
		ScopeKind: string(access.Network), ScopeID: m.Network, Fields: fields,
	})
}

// look accounts for a read of members' data of the network by somebody who has
// no role in it, before the data are handed out.
func (s *Service) look(ctx context.Context, a *access.Actor, network uuid.UUID, action, kind string, id uuid.UUID) error {
	if !a.SignedIn() || a.On(access.Network, network) {
		return nil
	}
	return s.audit.Read(ctx, s.db, audit.Event{Actor: a.Person, Action: action, ObjectKind: kind, ObjectID: id.String(),
		ScopeKind: string(access.Network), ScopeID: network})
}

// tell sends one message about a meeting to people; nobody is no error.
func (s *Service) tell(ctx context.Context, tx *db.Tx, m *meetingRow, key string, x telling, to ...uuid.UUID) error {
	if len(to) == 0 {
		return nil
	}
	args := map[string]any{"Title": m.Title, "Network": m.NetworkTitle, "Starts": m.Starts}
	for k, v := range x.args {
		args[k] = v
	}
	return s.notify.Send(ctx, tx, notify.Message{To: to, Key: key, Args: args, Link: PathOf(m.ID) + x.page, Mail: x.mail, Once: x.once, Network: m.Network})
}

// telling is how something is told.
type telling struct {
	page string // behind the meeting's address
	mail bool   // a letter at once
	once string
	args map[string]any
}

// PathOf is the address of a meeting's page.
func PathOf(id uuid.UUID) string { return "/spotkania/" + id.String() }

// emit appends an event for modules.
func (s *Service) emit(ctx context.Context, tx *db.Tx, m *meetingRow, name string) error {
	return s.engine.Emit(ctx, tx, effect.Emission{Scope: m.scope(), Name: name, Data: m.facts()})
}

// facts are what modules are told of a meeting (plugins/proto/SOURCES.md).
func (m *meetingRow) facts() map[string]any {
	return map[string]any{"meeting": m.ID, "kind": m.Kind, "starts": m.Starts.UTC()}
}

func conflict(key string, args ...any) error { return fault.New(fault.Conflict, key, args...) }

// ErrStale is the error of an editor who was slower: somebody saved another
// version meanwhile. Show both texts.
var ErrStale error = fault.New(fault.Conflict, "schedule.stale")

func nilID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }
