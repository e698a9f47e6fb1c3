package library

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// maxUseNote is the length of a note beside a resource on a shelf, as the table
// checks it.
const maxUseNote = 500

// Use puts a published resource on the shelf of a network. Needs resource:use
// there and that the actor sees the resource. Conflict when it is the network's
// own, stands there already, is not published, or the network is not open.
func (s *Service) Use(ctx context.Context, a *access.Actor, id, network uuid.UUID, note string) error {
	if err := signed(a); err != nil {
		return err
	}
	note = strings.TrimSpace(note)
	if utf8.RuneCountInString(note) > maxUseNote {
		return fault.InvalidFields(fault.Field{Path: "note", Key: "library.text_long", Args: fault.Args{"Max": maxUseNote}})
	}
	to, err := s.shelf(ctx, a, network, PermUse)
	if err != nil {
		return err
	}
	_, err = act(ctx, s, a, string(PermUse), []any{id, network, note}, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		h, err := lockResource(ctx, tx, id)
		if err != nil {
			return struct{}{}, err
		}
		if err := s.see(a, &h); err != nil {
			return struct{}{}, err
		}
		switch {
		case h.Network.UUID == network:
			return struct{}{}, fault.New(fault.Conflict, "library.own_resource")
		case h.State != Shared || h.Audience == Network:
			return struct{}{}, fault.New(fault.Conflict, "library.not_published")
		}
		ok, err := insertUse(ctx, tx, useRow{Resource: id, Network: network, Kind: "network", Place: network, Note: note, By: a.Person, At: s.clock.Now()})
		if err != nil {
			return struct{}{}, err
		}
		if !ok {
			return struct{}{}, fault.New(fault.Conflict, "library.used_already")
		}
		return struct{}{}, s.note(ctx, tx, a, &head{ID: id, Network: to.Network, Centre: to.Centre}, string(PermUse))
	})
	return err
}

// Unuse takes a resource off the shelf of a network: whoever put it there, or
// resource:edit in that network. NotFound when it is not there.
func (s *Service) Unuse(ctx context.Context, a *access.Actor, id, network uuid.UUID) error {
	if err := signed(a); err != nil {
		return err
	}
	to, err := s.shelf(ctx, a, network, PermUse)
	if err != nil {
		return err
	}
	by := a.Person
	if s.auth.Can(a, PermEdit, to.place()) {
		by = uuid.Nil
	}
	_, err = act(ctx, s, a, "resource:unuse", []any{id, network}, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		ok, err := deleteUse(ctx, tx, id, "network", network, by)
		if err != nil {
			return struct{}{}, err
		}
		if !ok {
			return struct{}{}, fault.ErrNotFound
		}
		return struct{}{}, s.note(ctx, tx, a, &head{ID: id, Network: to.Network, Centre: to.Centre}, "resource:unuse")
	})
	return err
}

// shelf is a network for an act that needs p there, and the network open.
func (s *Service) shelf(ctx context.Context, a *access.Actor, network uuid.UUID, p access.Permission) (head, error) {
	h, err := s.home(ctx, network, uuid.Nil)
	if err != nil {
		return head{}, err
	}
	if err := s.auth.Require(a, p, h.place()); err != nil {
		return head{}, err
	}
	return h, h.alive()
}

// Place is a meeting or a thread of a network whose text may link resources.
// Entries of blogs are none: they speak for their author, not for what the
// network uses, and the page of a resource says so.
type Place struct {
	Network uuid.UUID
	Kind    string // "meeting" or "thread"
	ID      uuid.UUID
	Title   string
}

var address = regexp.MustCompile(`/zasoby/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})`)

// maxMentions bounds the resources that one text is counted to use.
const maxMentions = 20

// Mention notes that a text at a place links resources by their address, so
// that they show where they are used. The room that owns the place calls it in
// the transaction in which the text is written. Resources that are not open to
// the place's network are passed over. Links that go away again stay noted.
func (s *Service) Mention(ctx context.Context, tx *db.Tx, a *access.Actor, at Place, text string) error {
	var ids []uuid.UUID
	for _, m := range address.FindAllStringSubmatch(text, maxMentions) {
		if id, err := uuid.Parse(m[1]); err == nil && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	title := at.Title
	if r := []rune(title); len(r) > MaxTitle {
		title = string(r[:MaxTitle])
	}
	return insertMentions(ctx, tx, ids, useRow{Network: at.Network, Kind: at.Kind, Place: at.ID, Title: title, By: a.Person, At: s.clock.Now()})
}

// Appreciate says, or takes back, that the actor found a resource useful; once
// a person. Needs resource:appreciate and seeing it. It returns the count.
func (s *Service) Appreciate(ctx context.Context, a *access.Actor, id uuid.UUID, useful bool) (int, error) {
	may := func(h *head) bool { return h.State == Shared && s.auth.Can(a, PermUseful, access.Place{}) }
	return change(ctx, s, a, id, string(PermUseful), []any{id, useful}, may, func(ctx context.Context, tx *db.Tx, h *head) (int, error) {
		if err := h.alive(); err != nil && h.Audience == Network {
			return 0, err
		}
		n, news, err := setUseful(ctx, tx, id, a.Person, useful, s.clock.Now())
		if err != nil || !news {
			return n, err
		}
		return n, s.note(ctx, tx, a, h, string(PermUseful))
	})
}
