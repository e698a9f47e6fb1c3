package network

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/search"
)

// Config is what the service is made of; every field but Search is required.
type Config struct {
	DB       *db.DB
	Access   *access.Authorizer
	Audit    *audit.Log
	Clock    clock.Clock
	Modules  effect.Modules
	Engine   Engine
	Notify   Notifier
	Accounts Accounts
	// CursorKey signs cursors of slices; at least 32 bytes, the same on every node.
	CursorKey keyset.Key
	// Origins are told what networks are founded from; nil refuses origins.
	Origins Origins
	// Search makes networks findable; nil leaves them out.
	Search *search.Index
}

// Service runs networks. Safe for concurrent use.
type Service struct {
	db       *db.DB
	auth     *access.Authorizer
	audit    *audit.Log
	clock    clock.Clock
	modules  effect.Modules
	engine   Engine
	notify   Notifier
	accounts Accounts
	cursors  keyset.Key
	search   *search.Index
	origins  Origins
	jobs     *job.Client // nil until [Service.Jobs]
}

// New makes the service. Register its parts with the engine by [Service.Register]
// and its sweep with the jobs by [Service.Jobs].
func New(c Config) *Service {
	if c.DB == nil || c.Access == nil || c.Audit == nil || c.Clock == nil || c.Modules == nil || c.Engine == nil || c.Notify == nil || c.Accounts == nil || len(c.CursorKey) < 32 {
		panic("network: incomplete config")
	}
	return &Service{db: c.DB, auth: c.Access, audit: c.Audit, clock: c.Clock, modules: c.Modules, engine: c.Engine, notify: c.Notify, accounts: c.Accounts, cursors: c.CursorKey, search: c.Search, origins: cmp.Or[Origins](c.Origins, noOrigins{})}
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

// signed refuses guests: what follows needs a person.
func signed(a *access.Actor) error {
	if !a.SignedIn() {
		return fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	return nil
}

// enter reads a network for an act that needs p there; a network that the
// actor may not act upon is not found.
func (s *Service) enter(ctx context.Context, a *access.Actor, id uuid.UUID, p access.Permission) (head, error) {
	if !a.SignedIn() && a.System == "" {
		return head{}, fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	h, err := readHead(ctx, s.db, id)
	if err != nil {
		return head{}, err
	}
	return h, s.auth.Require(a, p, h.place())
}

// change is enter for an act that writes.
func (s *Service) change(ctx context.Context, a *access.Actor, id uuid.UUID, p access.Permission) (head, error) {
	h, err := s.enter(ctx, a, id, p)
	if err == nil {
		err = s.on(ctx, &h)
	}
	return h, err
}

// on refuses to change a network whose type is switched off: until it is on
// again, the network can only be read. Leaving is always possible.
func (s *Service) on(ctx context.Context, h *head) error {
	if !s.off(h.qualified()) {
		return nil
	}
	m, err := s.modules.Module(h.qualified())
	if err != nil {
		return err
	}
	return effect.Disabled(ctx, m.Info().Description, h.Type)
}

// Refusal is why nothing can be changed in a network whose type is switched off;
// nil for others. Needs network:view.
func (s *Service) Refusal(ctx context.Context, a *access.Actor, network uuid.UUID) error {
	_, err := s.change(ctx, a, network, PermView)
	return err
}

// off reports whether the type (qualified) is installed and switched off.
func (s *Service) off(typ string) bool {
	m, err := s.modules.Module(typ)
	return err == nil && !m.Info().Enabled
}

// alive refuses acts on networks that are over, and on drafts unless allowed.
func (h *head) alive(draftToo bool) error {
	switch {
	case h.Status == Open, draftToo && h.Status == Draft:
		return nil
	case h.Status == Draft:
		return fault.New(fault.Conflict, "network.still_draft")
	}
	return fault.New(fault.Conflict, "network.over")
}

func (h *head) place() access.Place {
	return access.Place{Centre: h.Centre, Programme: h.Programme.UUID, Network: h.ID}
}

// Brief is what every page inside a network shows of it.
type Brief struct {
	ID     uuid.UUID `json:"id"`
	Title  string    `json:"title"`
	Status Status    `json:"status"`
	May    Rights    `json:"-"`
	// Place is where permissions of the network are asked.
	Place access.Place `json:"-"`
	// Off means that the network's type is switched off: nothing in the network
	// can be changed, and May offers nothing.
	Off bool `json:"switched_off,omitempty"`
	// OnePerSchool: one person of each school goes first, until PriorityUntil
	// where it is set.
	OnePerSchool  bool      `json:"one_per_school,omitempty"`
	PriorityUntil time.Time `json:"priority_until,omitzero"`
}

func (s *Service) brief(a *access.Actor, h *head) Brief {
	b := Brief{ID: h.ID, Title: h.Title, Status: h.Status, May: s.rights(a, h.place()), Place: h.place(), Off: s.off(h.qualified()), OnePerSchool: h.OnePerSchool}
	if h.PriorityUntil != nil {
		b.PriorityUntil = *h.PriorityUntil
	}
	if b.Off {
		b.May = b.May.reading()
	}
	return b
}

// Brief reads the frame of a network's page for somebody who may see its
// inside (network:view); NotFound for others.
func (s *Service) Brief(ctx context.Context, a *access.Actor, network uuid.UUID) (Brief, error) {
	h, err := s.enter(ctx, a, network, PermView)
	if err != nil {
		return Brief{}, err
	}
	return s.brief(a, &h), nil
}

func (h *head) qualified() string { return effect.Qualify(h.Module, h.Type) }

func (h *head) scope() effect.Scope { return effect.Scope{Kind: effect.Network, ID: h.ID} }

// shown are the acts on a network that change what the search finds of it.
var shown = map[string]bool{"network:found": true, "network:open": true, "network:edit": true}

// note writes the audit entry of an act on a network, after the network itself
// was written.
func (s *Service) note(ctx context.Context, tx *db.Tx, a *access.Actor, h uuid.UUID, action, kind string, object uuid.UUID, fields ...string) error {
	if shown[action] {
		if err := s.search.Changed(ctx, tx, search.Networks, h); err != nil {
			return err
		}
	}
	return s.audit.Write(ctx, tx, audit.Event{
		Actor: a.Person, System: a.System, Action: action, ObjectKind: kind, ObjectID: object.String(),
		ScopeKind: string(access.Network), ScopeID: h, Fields: fields,
	})
}

// tell sends one message about a network to people; nobody is no error. With
// mail a letter goes out at once: invitations and what must not wait.
func (s *Service) tell(ctx context.Context, tx *db.Tx, h *head, key, page string, mail bool, once string, args map[string]any, to ...uuid.UUID) error {
	if len(to) == 0 {
		return nil
	}
	all := map[string]any{"Title": h.Title}
	for k, v := range args {
		all[k] = v
	}
	return s.notify.Send(ctx, tx, notify.Message{
		To: to, Key: key, Args: all, Link: pathOf(h.ID) + page, Mail: mail, Network: h.ID, Once: once,
	})
}

func pathOf(id uuid.UUID) string { return "/sieci/" + id.String() }

// coordinators lists who leads the network now: one person, or none for a moment.
func (s *Service) coordinators(ctx context.Context, q db.Q, id uuid.UUID) ([]uuid.UUID, error) {
	return access.HoldersOf(ctx, q, access.Coordinator, access.Network, id, s.clock.Now(), 5)
}

func lang(ctx context.Context) string { return string(i18n.FromContext(ctx)) }

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func nilID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }

func idOrNil(id uuid.NullUUID) *uuid.UUID {
	if !id.Valid {
		return nil
	}
	return &id.UUID
}
