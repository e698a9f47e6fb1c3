package library

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n/fold"
)

// Which is a part of the library.
type Which string

// The parts.
const (
	All     Which = ""        // shared, as far as the actor may see
	Mine    Which = "mine"    // what the actor added, drafts too
	Waiting Which = "waiting" // for the actor's decision about publication
)

// Order is how a list runs.
type Order string

// The orders.
const (
	Newest     Order = ""
	MostUseful Order = "useful"
)

// Filter narrows a list of resources; zero fields do not.
type Filter struct {
	// Text is words of title, authors and description, with or without Polish letters.
	Text     string
	Kind     string
	Licence  string
	Tags     []string // all of them
	Product  bool
	Audience Audience
	// Network is the shelf of a network: its own resources and those it uses.
	Network uuid.UUID
	Which   Which
	Order   Order
	Cursor  string
	// Limit is at most 100; 0 means 20.
	Limit int

	words []string
	match string // for core/search
}

// Bounds of lists.
const (
	defaultPage = 20
	maxPage     = 100
	maxWords    = 5
)

// Page is a page of resources.
type Page struct {
	Items []Card `json:"items"`
	Next  string `json:"next,omitempty"`
}

// List finds resources: for everybody (resource:list), each as far as they see.
// Next is the cursor of the next page, "" at the end. Invalid for a cursor that
// this list did not give; Unauthenticated for a guest's own part.
func (s *Service) List(ctx context.Context, a *access.Actor, f Filter) (Page, error) {
	if err := s.auth.Require(a, PermList, access.Place{}); err != nil {
		return Page{}, err
	}
	if f.Which != All {
		if err := signed(a); err != nil {
			return Page{}, err
		}
	}
	after, err := readCursor(f.Cursor, f.Order)
	if err != nil {
		return Page{}, err
	}
	f.words, f.match = patterns(f.Text), s.search.Match(f.Text)
	limit := defaultPage
	if f.Limit > 0 {
		limit = min(f.Limit, maxPage)
	}
	perm := PermView
	if f.Which == Waiting {
		perm = PermPublish
	}
	rows, err := listResources(ctx, s.db, &f, a, s.auth.Reach(a, perm), after, limit+1)
	if err != nil {
		return Page{}, err
	}
	p := Page{}
	if len(rows) > limit {
		rows = rows[:limit]
		p.Next = cursorOf(&rows[limit-1], f.Order)
	}
	p.Items, err = cards(rows)
	return p, err
}

// Shelf is the page of a network's resources.
type Shelf struct {
	Page
	Title     string
	Open      bool
	MayCreate bool
	MayPlan   bool
	Network   uuid.UUID
	// Place is where permissions of the network are asked.
	Place access.Place
}

// Shelf lists what a network keeps and uses. Needs resource:view there.
func (s *Service) Shelf(ctx context.Context, a *access.Actor, network uuid.UUID, f Filter) (*Shelf, error) {
	h, err := s.home(ctx, network, uuid.Nil)
	if err != nil {
		return nil, err
	}
	if err := s.auth.Require(a, PermView, h.place()); err != nil {
		return nil, err
	}
	f.Network, f.Which = network, All
	p, err := s.List(ctx, a, f)
	if err != nil {
		return nil, err
	}
	open := h.alive() == nil
	return &Shelf{Page: p, Title: h.NetworkTitle, Open: open, Network: network, Place: h.place(),
		MayCreate: open && s.auth.Can(a, PermCreate, h.place()), MayPlan: s.auth.Can(a, PermPlan, h.place())}, nil
}

// Get reads a resource for whoever may see it, in one query; NotFound to others
// (Unauthenticated to guests). What was published once and is not any more is
// told to those outside as Gone.
func (s *Service) Get(ctx context.Context, a *access.Actor, id uuid.UUID) (*Resource, error) {
	row, err := readResource(ctx, s.db, id, a.Person)
	if err != nil {
		return nil, err
	}
	if !s.sees(a, &row.head) {
		if row.Decision == Withdrawn {
			return &Resource{ID: id, Gone: true, State: row.State, Decision: Withdrawn, Reason: row.Reason, DecidedAt: row.decidedAt()}, nil
		}
		return nil, s.see(a, &row.head)
	}
	r, err := row.resource()
	if err != nil {
		return nil, err
	}
	s.rights(a, row, r)
	return r, nil
}

func (s *Service) rights(a *access.Actor, row *resourceRow, r *Resource) {
	h := &row.head
	can := func(p access.Permission) bool { return s.auth.Can(a, p, h.place()) }
	alive := h.alive() == nil
	r.NetworkOpen = alive
	shared := h.State == Shared
	decides, asks := can(PermPublish), can(PermPropose)
	r.May = Rights{
		Edit: s.edits(a, h) && alive && h.State != Removed, Restore: s.edits(a, h) && alive && h.State == Removed,
		Propose: shared && alive && asks && !decides, Publish: shared && decides && (alive || h.Asked != ""),
		Withdraw: shared && h.Audience != Network && (decides || asks), Inside: s.inside(a, h),
		Use:    shared && h.Audience != Network && len(s.networksWith(a, PermUse)) > 0,
		Useful: shared && a.SignedIn() && (alive || h.Audience != Network),
	}
	if !r.May.Inside {
		r.CreatedByName = ""
		r.Asked = ""
	}
	// The last answer is told where it matters: inside, or about what was withdrawn.
	if !r.May.Inside && r.Decision != Withdrawn {
		r.Reason = ""
	}
	uses := r.Uses[:0]
	for i, u := range r.Uses {
		at := access.Place{Network: u.Network, Centre: row.useCentres[i]}
		in := s.auth.Can(a, PermView, at)
		if u.Kind != "network" && !in {
			continue
		}
		if !in {
			u.Note = ""
		}
		u.May = row.useOpen[i] && u.Kind == "network" && (s.auth.Can(a, PermEdit, at) || row.useBy[i] == a.Person && s.auth.Can(a, PermUse, at))
		uses = append(uses, u)
	}
	r.Uses = uses
}

// Option is a place in a form.
type Option struct {
	ID    uuid.UUID `json:"id" db:"id"`
	Title string    `json:"title" db:"title"`
}

// Places are where somebody may add resources.
type Places struct {
	Networks []Option `json:"networks"`
	Centres  []Option `json:"centres"`
}

// Places lists the open networks and the centres where the actor may add
// resources by a role of their own there; at most 200 of each, by title.
func (s *Service) Places(ctx context.Context, a *access.Actor) (Places, error) {
	return s.placesWith(ctx, a, PermCreate)
}

// Shelves lists the open networks on whose shelf the actor may put resources.
func (s *Service) Shelves(ctx context.Context, a *access.Actor) ([]Option, error) {
	p, err := s.placesWith(ctx, a, PermUse)
	return p.Networks, err
}

func (s *Service) placesWith(ctx context.Context, a *access.Actor, p access.Permission) (Places, error) {
	if err := signed(a); err != nil {
		return Places{}, err
	}
	var centres []uuid.UUID
	for _, g := range a.Grants {
		if g.Kind == access.Centre && s.auth.Allowed(g.Role, p) && !slices.Contains(centres, g.Scope) {
			centres = append(centres, g.Scope)
		}
	}
	return listPlaces(ctx, s.db, s.networksWith(a, p), centres, 200)
}

// LatestPart is the part of a network's home with its newest resources, and
// how many there are; for those who see the network's shelf.
func (s *Service) LatestPart(a *access.Actor, network uuid.UUID) (gather.Part, bool) {
	if !s.auth.Anywhere(a, PermView) {
		return gather.Part{}, false
	}
	return gather.Part{Key: latestKey, SQL: latestSQL}, true
}

// Latest is one of the newest resources of a network.
type Latest struct {
	ID      uuid.UUID `json:"id"`
	Title   string    `json:"title"`
	Kind    string    `json:"kind"`
	Product bool      `json:"product"`
	All     int       `json:"n"`
}

// LatestOf reads the answer to [Service.LatestPart].
func LatestOf(f gather.Found) ([]Latest, error) { return gather.Decode[Latest](f, latestKey) }

// TodoPart asks for the proposals of publication that wait for the actor.
func (s *Service) TodoPart(a *access.Actor) (gather.Part, bool) {
	if !s.auth.Anywhere(a, PermPublish) {
		return gather.Part{}, false
	}
	r := s.auth.Reach(a, PermPublish)
	return gather.Part{Key: todoKey, SQL: todoSQL, Args: []any{r.All, db.Array(r.Centres)}}, true
}

// Todo is one proposal that waits.
type Todo struct {
	ID      uuid.UUID `json:"id"`
	Title   string    `json:"title"`
	Network string    `json:"network"`
}

// TodoOf reads the answer to [Service.TodoPart].
func TodoOf(f gather.Found) ([]Todo, error) { return gather.Decode[Todo](f, todoKey) }

func badCursor() error {
	return fault.InvalidFields(fault.Field{Path: "cursor", Key: "library.cursor"})
}

// patterns are the words of a search as LIKE patterns over folded texts.
func patterns(text string) []string {
	if len(text) > 300 {
		text = text[:300]
	}
	words := fold.Words(strings.ToValidUTF8(text, ""))
	if len(words) > maxWords {
		words = words[:maxWords]
	}
	for i, w := range words { // letters and digits only: nothing to escape
		words[i] = "%" + w + "%"
	}
	return words
}
