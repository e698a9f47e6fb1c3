package board

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

// Config is what the service is made of; every field but Search is required.
type Config struct {
	DB     *db.DB
	Access *access.Authorizer
	Audit  *audit.Log
	Clock  clock.Clock
	Notify Notifier
	Files  Files
	// Search makes posts findable; nil leaves them out.
	Search *search.Index
	// Linked notes which resources a text of a forum's thread links; nil notes
	// nothing.
	Linked func(ctx context.Context, tx *db.Tx, a *access.Actor, network, thread uuid.UUID, title, text string) error
}

// Service runs forums and blogs. Safe for concurrent use.
type Service struct {
	db     *db.DB
	auth   *access.Authorizer
	audit  *audit.Log
	clock  clock.Clock
	notify Notifier
	files  Files
	search *search.Index
	linked func(ctx context.Context, tx *db.Tx, a *access.Actor, network, thread uuid.UUID, title, text string) error
}

// New makes the service and registers who may download files of posts; it
// panics on an incomplete configuration.
func New(c Config) *Service {
	if c.DB == nil || c.Access == nil || c.Audit == nil || c.Clock == nil || c.Notify == nil || c.Files == nil {
		panic("board: incomplete configuration")
	}
	s := &Service{db: c.DB, auth: c.Access, audit: c.Audit, clock: c.Clock, notify: c.Notify, files: c.Files, search: c.Search}
	if s.linked = c.Linked; s.linked == nil {
		s.linked = func(context.Context, *db.Tx, *access.Actor, uuid.UUID, uuid.UUID, string, string) error { return nil }
	}
	s.files.Guard(FileKind, s.fileGuard)
	return s
}

// link notes the resources that a text of a thread links. Entries of blogs speak
// for their author, not for what the network uses.
func (s *Service) link(ctx context.Context, tx *db.Tx, a *access.Actor, h *head, w words) error {
	if h.Kind != Forum {
		return nil
	}
	return s.linked(ctx, tx, a, h.Network, h.ID, h.Title, w.Body)
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

// none is the result of acts that return nothing.
type none struct{}

// signed refuses guests: what follows needs a person.
func signed(a *access.Actor) error {
	if !a.SignedIn() && a.System == "" {
		return fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	return nil
}

// enter reads a network for an act that needs p there; a network whose board
// the actor may not see is not found.
func (s *Service) enter(ctx context.Context, a *access.Actor, id uuid.UUID, p access.Permission) (place, error) {
	if err := signed(a); err != nil {
		return place{}, err
	}
	h, err := readPlace(ctx, s.db, id)
	if err != nil {
		return place{}, err
	}
	return h, s.auth.Require(a, p, h.at())
}

// going refuses to write in a network that is not open.
func (h *place) going() error {
	if h.Status != statusOpen {
		return fault.New(fault.Conflict, "board.over")
	}
	return nil
}

// statusOpen is the status of a network in which people write.
const statusOpen = "open"

func (h *place) at() access.Place {
	return access.Place{Centre: h.Centre, Programme: h.Programme.UUID, Network: h.Network}
}

func (s *Service) network(a *access.Actor, h *place) Network {
	can := func(p access.Permission) bool { return s.auth.Can(a, p, h.at()) }
	open := h.Status == statusOpen
	return Network{ID: h.Network, Title: h.NetworkTitle, Open: open, Place: h.at(), May: Rights{
		View: can(PermView), Post: open && can(PermPost), Moderate: can(PermModerate), Judge: can(PermJudge), Share: open && can(PermShare),
	}}
}

// roles are those worth a badge beside a name, the weightiest first.
var roles = []access.Role{access.Coordinator, access.Expert, access.Moderator}

// roleOf is the actor's role in a network as its readers know it.
func (s *Service) roleOf(a *access.Actor, h *place) string {
	for _, r := range roles {
		if a.Has(r, access.Network, h.Network) {
			return string(r)
		}
	}
	switch {
	case a.Has(access.CentreAdmin, access.Centre, h.Centre):
		return string(access.CentreAdmin)
	case a.Has(access.OREAdmin, access.Platform, uuid.Nil):
		return string(access.OREAdmin)
	}
	return ""
}

// look accounts for a read of what somebody reported, hid or appealed for, by
// who has no role in the network, before it is handed out.
func (s *Service) look(ctx context.Context, a *access.Actor, network uuid.UUID, kind, object string) error {
	if !a.SignedIn() || network != uuid.Nil && a.On(access.Network, network) {
		return nil
	}
	e := audit.Event{Actor: a.Person, Action: "board:read", ObjectKind: kind, ObjectID: object}
	if network != uuid.Nil {
		e.ScopeKind, e.ScopeID = string(access.Network), network
	}
	return s.audit.Read(ctx, s.db, e)
}

// note writes the audit entry of an act: ids only.
func (s *Service) note(ctx context.Context, tx *db.Tx, a *access.Actor, network uuid.UUID, action, kind string, object uuid.UUID, fields ...string) error {
	if err := s.follow(ctx, tx, action, kind, object, fields); err != nil {
		return err
	}
	return s.audit.Write(ctx, tx, audit.Event{
		Actor: a.Person, System: a.System, Action: action, ObjectKind: kind, ObjectID: object.String(),
		ScopeKind: string(access.Network), ScopeID: network, Fields: fields,
	})
}

// tell sends one message about a thread; nobody is no error.
func (s *Service) tell(ctx context.Context, tx *db.Tx, t *head, key, link string, mail bool, once string, args map[string]any, to ...uuid.UUID) error {
	if len(to) == 0 {
		return nil
	}
	all := map[string]any{"Title": t.Title, "Network": t.NetworkTitle}
	for k, v := range args {
		all[k] = v
	}
	return s.notify.Send(ctx, tx, notify.Message{To: to, Key: key, Args: all, Link: link, Mail: mail, Once: once, Network: t.Network})
}

// fileGuard lets those download who may read the post.
func (s *Service) fileGuard(ctx context.Context, a *access.Actor, f file.File) error {
	h, p, err := readPost(ctx, s.db, f.ObjectID.UUID)
	if err != nil {
		return err
	}
	if !s.auth.Can(a, PermView, h.at()) && !h.sharedTo(a, p.Seq) {
		return fault.ErrNotFound
	}
	if p.State == Deleted || p.State == Hidden && p.Author != a.Person && !s.auth.Can(a, PermModerate, h.at()) {
		return fault.ErrNotFound
	}
	return nil
}

// sharedTo reports whether post seq is the entry of a blog that everybody
// signed in may read.
func (h *head) sharedTo(a *access.Actor, seq int) bool {
	return a.SignedIn() && h.SharedAt != nil && h.State == Shown && seq == 1
}

func pathOf(network uuid.UUID) string { return "/sieci/" + network.String() }

// PostPath is the address of a post for ever; it leads to the page of its thread.
func PostPath(network, post uuid.UUID) string {
	return pathOf(network) + "/wpisy/" + post.String()
}

// ThreadPath is the address of a thread or entry.
func ThreadPath(network uuid.UUID, k Kind, thread uuid.UUID) string {
	return pathOf(network) + "/" + string(k) + "/" + thread.String()
}

// PageOf is the page of a thread on which post seq stands, from 1.
func PageOf(seq int) int { return (max(seq, 1)-1)/PageSize + 1 }
