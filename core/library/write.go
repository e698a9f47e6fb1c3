package library

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
)

// Create adds a resource with its first version, as a draft of the actor or
// shared at once. Needs resource:create at the network or centre; NotFound to
// others, Conflict in a network that is not open, Invalid with the fields:
// title, kind, licence, licence_text, authors, accessibility, tags, link, files,
// files[n].alt.
func (s *Service) Create(ctx context.Context, a *access.Actor, in NewResource) (uuid.UUID, error) {
	if err := signed(a); err != nil {
		return uuid.Nil, err
	}
	h, err := s.home(ctx, in.Network, in.Centre)
	if err != nil {
		return uuid.Nil, err
	}
	if err := s.auth.Require(a, PermCreate, h.place()); err != nil {
		return uuid.Nil, err
	}
	if err := h.alive(); err != nil {
		return uuid.Nil, err
	}
	var f fault.Fields
	s.check(&in.Details, in.Share, nil, &f)
	if in.Product && in.Network == uuid.Nil {
		f.Add("product", "library.product_of_network")
	}
	c, err := s.inspect(ctx, a, in.Contents, in.Share, &f)
	if err != nil {
		return uuid.Nil, err
	}
	if err := f.Err(); err != nil {
		return uuid.Nil, err
	}
	return act(ctx, s, a, string(PermCreate), in, func(ctx context.Context, tx *db.Tx) (uuid.UUID, error) {
		id, err := uuid.NewV7()
		if err != nil {
			return uuid.Nil, err
		}
		h.ID, h.Title, h.CreatedBy, h.State = id, in.Title, a.Person, Draft
		if in.Share {
			h.State = Shared
		}
		if err := insertResource(ctx, tx, &h, &in.Details, foldedOf(&in.Details), s.clock.Now()); err != nil {
			return uuid.Nil, err
		}
		if err := s.putVersion(ctx, tx, a, &h, 1, &c); err != nil {
			return uuid.Nil, err
		}
		return id, s.note(ctx, tx, a, &h, string(PermCreate), "state")
	})
}

// putVersion writes a version with its files.
func (s *Service) putVersion(ctx context.Context, tx *db.Tx, a *access.Actor, h *head, no int, c *checked) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	if err := insertVersion(ctx, tx, id, h.ID, no, c, a.Person, s.clock.Now()); err != nil {
		return err
	}
	return s.putFiles(ctx, tx, a, h, id, c)
}

// putFiles makes the files of a version those of c.
func (s *Service) putFiles(ctx context.Context, tx *db.Tx, a *access.Actor, h *head, version uuid.UUID, c *checked) error {
	ids := make([]uuid.UUID, len(c.Files))
	for i, f := range c.Files {
		ids[i] = f.ID
	}
	if err := deleteFiles(ctx, tx, version); err != nil {
		return err
	}
	if err := s.files.Detach(ctx, tx, FileKind, version, ids); err != nil {
		return err
	}
	o := file.Object{Kind: FileKind, ID: version, ScopeKind: string(access.Centre), ScopeID: h.Centre}
	if h.Network.Valid {
		o.ScopeKind, o.ScopeID = string(access.Network), h.Network.UUID
	}
	if err := s.files.Attach(ctx, tx, a, ids, o); err != nil {
		return err
	}
	for i, f := range c.Files {
		if err := insertFile(ctx, tx, f.ID, version, i+1, f.Alt, c.pages[i]); err != nil {
			return err
		}
	}
	return nil
}

// Save changes a draft of the actor, files and all, and shares it when share is
// set. version is that of the draft as read. NotFound for other people's
// drafts, Conflict (library.stale) when it was saved meanwhile, Invalid as Create.
func (s *Service) Save(ctx context.Context, a *access.Actor, id uuid.UUID, version int, d Details, c Contents, share bool) error {
	if err := signed(a); err != nil {
		return err
	}
	h, err := readHead(ctx, s.db, id)
	if err != nil {
		return err
	}
	if err := s.see(a, &h); err != nil {
		return err
	}
	var f fault.Fields
	s.check(&d, share, h.Tags, &f)
	if d.Product && !h.Network.Valid {
		f.Add("product", "library.product_of_network")
	}
	x, err := s.inspect(ctx, a, c, share, &f)
	if err != nil {
		return err
	}
	if err := f.Err(); err != nil {
		return err
	}
	in := []any{id, version, d, c, share}
	mine := func(h *head) bool { return s.edits(a, h) }
	_, err = change(ctx, s, a, id, "resource:save", in, mine, func(ctx context.Context, tx *db.Tx, h *head) (struct{}, error) {
		if err := h.alive(); err != nil {
			return struct{}{}, err
		}
		if h.State != Draft || h.Version != version {
			return struct{}{}, fault.New(fault.Conflict, "library.stale")
		}
		h.Title, h.State = d.Title, Draft
		if share {
			h.State = Shared
		}
		if err := updateDetails(ctx, tx, h, &d, foldedOf(&d), s.clock.Now()); err != nil {
			return struct{}{}, err
		}
		first, err := updateDraftVersion(ctx, tx, id, &x, s.clock.Now())
		if err != nil {
			return struct{}{}, err
		}
		if err := s.putFiles(ctx, tx, a, h, first, &x); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, s.note(ctx, tx, a, h, "resource:save", "state")
	})
	return err
}

// Edit changes the description of a shared resource. Its author while they may
// create there, or resource:edit. Conflict (library.stale) when somebody else
// changed it meanwhile, or in a network that is not open; Invalid as Create.
func (s *Service) Edit(ctx context.Context, a *access.Actor, id uuid.UUID, version int, d Details) error {
	h, err := readHead(ctx, s.db, id)
	if err != nil {
		return err
	}
	if err := s.see(a, &h); err != nil {
		return err
	}
	var f fault.Fields
	s.check(&d, true, h.Tags, &f)
	if d.Product && !h.Network.Valid {
		f.Add("product", "library.product_of_network")
	}
	if err := f.Err(); err != nil {
		return err
	}
	may := func(h *head) bool { return s.edits(a, h) && h.State == Shared }
	_, err = change(ctx, s, a, id, string(PermEdit), []any{id, version, d}, may, func(ctx context.Context, tx *db.Tx, h *head) (struct{}, error) {
		if err := h.alive(); err != nil {
			return struct{}{}, err
		}
		if h.Version != version {
			return struct{}{}, fault.New(fault.Conflict, "library.stale")
		}
		h.Title = d.Title
		if err := updateDetails(ctx, tx, h, &d, foldedOf(&d), s.clock.Now()); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, s.note(ctx, tx, a, h, string(PermEdit))
	})
	return err
}

// AddVersion adds a version with new files or a new address; the older ones
// stay as they are. Who may, and when: as Edit. Invalid without a note of what
// changed, and as Create. It returns the number of the version.
func (s *Service) AddVersion(ctx context.Context, a *access.Actor, id uuid.UUID, c Contents) (int, error) {
	if err := signed(a); err != nil {
		return 0, err
	}
	var f fault.Fields
	x, err := s.inspect(ctx, a, c, true, &f)
	if err != nil {
		return 0, err
	}
	if x.Note == "" {
		f.Add("note", "library.note_missing")
	}
	if err := f.Err(); err != nil {
		return 0, err
	}
	may := func(h *head) bool { return s.edits(a, h) && h.State == Shared }
	return change(ctx, s, a, id, "resource:version", []any{id, c}, may, func(ctx context.Context, tx *db.Tx, h *head) (int, error) {
		if err := h.alive(); err != nil {
			return 0, err
		}
		no := h.Versions + 1
		if err := s.putVersion(ctx, tx, a, h, no, &x); err != nil {
			return 0, err
		}
		if err := setVersions(ctx, tx, id, no, s.clock.Now()); err != nil {
			return 0, err
		}
		return no, s.note(ctx, tx, a, h, "resource:version", "versions")
	})
}

// Remove takes a resource away from everybody but those who may put it back,
// with a reason; a publication ends with it. A draft is removed for good with
// its files. Who may, and when: as Edit.
func (s *Service) Remove(ctx context.Context, a *access.Actor, id uuid.UUID, reason string) error {
	if err := signed(a); err != nil {
		return err
	}
	may := func(h *head) bool { return s.edits(a, h) && h.State != Removed }
	_, err := change(ctx, s, a, id, "resource:remove", []any{id, reason}, may, func(ctx context.Context, tx *db.Tx, h *head) (struct{}, error) {
		if h.State == Draft {
			if err := s.discard(ctx, tx, h.ID); err != nil {
				return struct{}{}, err
			}
			return struct{}{}, s.note(ctx, tx, a, h, "resource:discard")
		}
		if err := h.alive(); err != nil {
			return struct{}{}, err
		}
		why, err := reasonOf(reason)
		if err != nil {
			return struct{}{}, err
		}
		if err := setRemoved(ctx, tx, id, why, a.Person, s.clock.Now()); err != nil {
			return struct{}{}, err
		}
		if err := s.note(ctx, tx, a, h, "resource:remove", "state"); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, s.tell(ctx, tx, a, h, "library.notice.removed", map[string]any{"Reason": why}, h.CreatedBy)
	})
	return err
}

// discard deletes a draft.
func (s *Service) discard(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	versions, err := versionsOf(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, v := range versions {
		if err := deleteFiles(ctx, tx, v); err != nil {
			return err
		}
		if err := s.files.Detach(ctx, tx, FileKind, v, nil); err != nil {
			return err
		}
	}
	return deleteDraft(ctx, tx, id)
}

// Restore puts a removed resource back into its network or centre, unpublished.
// Who may, and when: as Edit.
func (s *Service) Restore(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	if err := signed(a); err != nil {
		return err
	}
	may := func(h *head) bool { return s.edits(a, h) && h.State == Removed }
	_, err := change(ctx, s, a, id, "resource:restore", id, may, func(ctx context.Context, tx *db.Tx, h *head) (struct{}, error) {
		if err := h.alive(); err != nil {
			return struct{}{}, err
		}
		if err := setRestored(ctx, tx, id, s.clock.Now()); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, s.note(ctx, tx, a, h, "resource:restore", "state")
	})
	return err
}

// places where the actor may add resources, for forms.
func (s *Service) networksWith(a *access.Actor, p access.Permission) []uuid.UUID {
	var out []uuid.UUID
	for _, g := range a.Grants {
		if g.Kind == access.Network && s.auth.Allowed(g.Role, p) && !slices.Contains(out, g.Scope) {
			out = append(out, g.Scope)
		}
	}
	return out
}
