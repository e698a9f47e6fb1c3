package library

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/search"
)

// Config is what the service is made of; every field but Terms and Search is required.
type Config struct {
	DB     *db.DB
	Access *access.Authorizer
	Audit  *audit.Log
	Clock  clock.Clock
	Notify Notifier
	Files  Files
	// Terms are the vocabularies; default [BuiltIn].
	Terms *Taxonomies
	// Search makes resources findable; nil leaves them out.
	Search *search.Index
}

// Service runs the library. Safe for concurrent use.
type Service struct {
	db     *db.DB
	auth   *access.Authorizer
	audit  *audit.Log
	clock  clock.Clock
	notify Notifier
	files  Files
	terms  *Taxonomies
	search *search.Index
}

// New makes the service and registers who may download its files.
func New(c Config) *Service {
	if c.DB == nil || c.Access == nil || c.Audit == nil || c.Clock == nil || c.Notify == nil || c.Files == nil {
		panic("library: incomplete config")
	}
	if c.Terms == nil {
		c.Terms = BuiltIn()
	}
	s := &Service{db: c.DB, auth: c.Access, audit: c.Audit, clock: c.Clock, notify: c.Notify, files: c.Files, terms: c.Terms, search: c.Search}
	s.files.Guard(FileKind, s.guard)
	return s
}

// Terms are the vocabularies in force.
func (s *Service) Terms() *Taxonomies { return s.terms }

// guard lets those who see a resource download its files, old versions too.
func (s *Service) guard(ctx context.Context, a *access.Actor, f file.File) error {
	h, err := headOfVersion(ctx, s.db, f.ObjectID.UUID)
	if err != nil {
		return err
	}
	return s.see(a, &h)
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

// inside reports whether the actor sees a shared resource whatever its audience.
func (s *Service) inside(a *access.Actor, h *head) bool {
	return s.auth.Can(a, PermView, h.place()) || a.SignedIn() && a.Person == h.CreatedBy
}

// edits reports whether the actor may change the resource: their own while they
// may create there, or anybody's with resource:edit. Another person's draft
// belongs to nobody else.
func (s *Service) edits(a *access.Actor, h *head) bool {
	own := a.SignedIn() && a.Person == h.CreatedBy
	if h.State == Draft {
		return own && s.auth.Can(a, PermCreate, h.place())
	}
	return s.auth.Can(a, PermEdit, h.place()) || own && s.auth.Can(a, PermCreate, h.place())
}

// sees reports whether the actor may read the resource.
func (s *Service) sees(a *access.Actor, h *head) bool {
	switch h.State {
	case Draft:
		return a.SignedIn() && a.Person == h.CreatedBy
	case Removed:
		return s.edits(a, h)
	}
	return h.Audience == Public || h.Audience == Platform && a.SignedIn() || s.inside(a, h)
}

// see is sees as an error.
func (s *Service) see(a *access.Actor, h *head) error {
	switch {
	case s.sees(a, h):
		return nil
	case !a.SignedIn() && a.System == "":
		return fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	return fault.ErrNotFound
}

// alive refuses changes in networks that are drafts or over; what a centre
// keeps itself is always alive.
func (h *head) alive() error { return alive(h.Network.Valid, h.Status) }

func alive(inNetwork bool, status string) error {
	switch {
	case !inNetwork || status == "open":
		return nil
	case status == "draft":
		return fault.New(fault.Conflict, "library.network_draft")
	}
	return fault.New(fault.Conflict, "library.network_over")
}

// change locks the resource and runs f when the actor may change it and its
// network is open; others do not find it, unless they see it: Forbidden.
func change[R any](ctx context.Context, s *Service, a *access.Actor, id uuid.UUID, operation string, in any, may func(h *head) bool, f func(ctx context.Context, tx *db.Tx, h *head) (R, error)) (R, error) {
	var none R
	if err := signed(a); err != nil {
		return none, err
	}
	return act(ctx, s, a, operation, in, func(ctx context.Context, tx *db.Tx) (R, error) {
		h, err := lockResource(ctx, tx, id)
		if err != nil {
			return none, err
		}
		if err := s.see(a, &h); err != nil {
			return none, err
		}
		if !may(&h) {
			return none, fault.New(fault.Forbidden, "fault.forbidden")
		}
		return f(ctx, tx, &h)
	})
}

// note writes the audit entry of an act on a resource, after everything else
// was written: the search follows what is there now.
func (s *Service) note(ctx context.Context, tx *db.Tx, a *access.Actor, h *head, action string, fields ...string) error {
	e := audit.Event{Actor: a.Person, System: a.System, Action: action, ObjectKind: "resource", ObjectID: h.ID.String(), Fields: fields}
	if h.Network.Valid {
		e.ScopeKind, e.ScopeID = string(access.Network), h.Network.UUID
	} else {
		e.ScopeKind, e.ScopeID = string(access.Centre), h.Centre
	}
	if err := s.search.Changed(ctx, tx, search.Resources, h.ID); err != nil {
		return err
	}
	return s.audit.Write(ctx, tx, e)
}

// tell sends one message about a resource to people; nobody is no error.
func (s *Service) tell(ctx context.Context, tx *db.Tx, a *access.Actor, h *head, key string, args map[string]any, to ...uuid.UUID) error {
	var who []uuid.UUID
	for _, p := range to {
		if p != uuid.Nil && p != a.Person {
			who = append(who, p)
		}
	}
	if len(who) == 0 {
		return nil
	}
	all := map[string]any{"Title": h.Title}
	for k, v := range args {
		all[k] = v
	}
	return s.notify.Send(ctx, tx, notify.Message{To: who, Key: key, Args: all, Link: pathOf(h.ID), Network: h.Network.UUID})
}

func pathOf(id uuid.UUID) string { return "/zasoby/" + id.String() }
