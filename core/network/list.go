package network

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n/fold"
	"ore.edu.pl/sieci/core/place"
)

// Filter narrows a list of networks; zero fields do not.
type Filter struct {
	// Text is words of the title, with or without Polish letters.
	Text string
	// Powiat and Voivodeship are TERC codes of the centre's seat or territory.
	Centre              uuid.UUID
	Powiat, Voivodeship string
	Join                JoinMode
	Type                string // qualified
	// Status is "" for open and finished networks alike; drafts are only in
	// lists of those who manage them.
	Status     Status
	SchoolYear int
	// Managed lists only networks that the actor may edit, drafts included.
	Managed bool
	Cursor  string
	// Limit is at most 100; 0 means 20.
	Limit int

	words []string
}

// Card is a network in a list.
type Card struct {
	ID         uuid.UUID `json:"id"`
	Title      string    `json:"title"`
	Aim        string    `json:"aim"`
	Type       string    `json:"type"` // qualified
	TypeTitle  string    `json:"type_title"`
	SchoolYear int       `json:"school_year"`
	Status     Status    `json:"status"`
	Join       JoinMode  `json:"join"`
	Centre     uuid.UUID `json:"centre_id"`
	CentreName string    `json:"centre"`
	// CentrePlace tells the organisation from its namesakes.
	CentrePlace place.Where `json:"centre_place"`
	Capacity    int         `json:"capacity"`
	Taken       int         `json:"taken"`
	Members     int         `json:"members"`
	Coordinator string      `json:"coordinator"`
	Door        Door        `json:"door"`
	// Place in the waiting list and Role, for the reader.
	Place int    `json:"place,omitempty"`
	Role  string `json:"role,omitempty"`
}

// Bounds of lists.
const (
	defaultPage = 20
	maxPage     = 100
	maxMine     = 200
	maxWords    = 5
)

// List finds networks for anybody (network:list): open and finished ones in the
// order of their titles, or with Managed those that the actor may edit. It
// returns the cursor of the next page, "" at the end. Invalid for a cursor that
// this list did not give.
func (s *Service) List(ctx context.Context, a *access.Actor, f Filter) ([]Card, string, error) {
	if err := s.auth.Require(a, PermList, access.Place{}); err != nil {
		return nil, "", err
	}
	var reach access.Reach
	if f.Managed {
		if reach = s.auth.Reach(a, PermEdit); !reach.All && len(reach.Centres)+len(reach.Programmes)+len(reach.Networks) == 0 {
			return nil, "", nil
		}
	}
	after, err := readCursor(f.Cursor)
	if err != nil {
		return nil, "", err
	}
	f.words = patterns(f.Text)
	limit := pageSize(f.Limit)
	rows, err := listNetworks(ctx, s.db, &f, reach, after, a.Person, s.clock.Now(), limit+1)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = cursor{Text: rows[limit-1].Title, ID: rows[limit-1].ID}.String()
	}
	return s.cards(ctx, rows), next, nil
}

// Mine lists the actor's own networks: those they are in, wait for, or asked to
// join; running ones first, at most 200.
func (s *Service) Mine(ctx context.Context, a *access.Actor) ([]Card, error) {
	p, ok := s.AskMine(a, maxMine)
	if !ok {
		return nil, signed(a)
	}
	f, err := gather.All(ctx, s.db, gather.Query{Person: a.Person, Now: s.clock.Now()}, p)
	if err != nil {
		return nil, err
	}
	return s.ReadMine(ctx, f)
}

// AskMine is [Service.Mine] as a part of a page that has room for limit cards;
// false for a guest.
func (s *Service) AskMine(a *access.Actor, limit int) (gather.Part, bool) {
	return gather.Part{Key: minePart, SQL: listMine, Args: []any{limit}}, a.SignedIn()
}

// ReadMine reads the rows of [Service.AskMine].
func (s *Service) ReadMine(ctx context.Context, f gather.Found) ([]Card, error) {
	rows, err := gather.Decode[cardRow](f, minePart)
	if err != nil {
		return nil, err
	}
	return s.cards(ctx, rows), nil
}

func (s *Service) cards(ctx context.Context, rows []cardRow) []Card {
	out := make([]Card, len(rows))
	var q, title string // of the row before: most networks of a page are of one type
	for i := range rows {
		r := &rows[i]
		if i == 0 || r.Module != rows[i-1].Module || r.Type != rows[i-1].Type {
			q = effect.Qualify(r.Module, r.Type)
			title, _ = s.titles(ctx, r.Module, r.Type, "")
		}
		c := &out[i]
		*c = Card{
			ID: r.ID, Title: r.Title, Aim: r.Aim, Type: q, TypeTitle: title, SchoolYear: r.SchoolYear, Status: r.Status, Join: r.Join,
			Centre: r.Centre, CentreName: r.CentreName, CentrePlace: r.Where, Taken: r.Taken, Members: r.Members, Coordinator: r.LeadName, Place: r.MyPlace, Role: r.MyRole,
		}
		if r.Capacity != nil {
			c.Capacity = *r.Capacity
		}
		c.Door = door(r.Status, r.Join, c.Capacity > 0 && c.Taken >= c.Capacity, r.Invited, r.MyState).shut(s.off(q))
	}
	return out
}

// titles are the names of a type and of a stage in the language of ctx; the
// raw names when no module knows them.
func (s *Service) titles(ctx context.Context, module, typ, stage string) (string, string) {
	m, err := s.modules.Module(effect.Qualify(module, typ))
	if err != nil || m.Info().Description == nil {
		return typ, stage
	}
	t, ok := m.Info().Description.NetworkType(typ)
	if !ok {
		return typ, stage
	}
	for _, g := range t.Stages {
		if g.Name == stage {
			stage = g.Title.In(lang(ctx))
			break
		}
	}
	return t.Title.In(lang(ctx)), stage
}

// Get reads a network for anybody who may see it (network:preview for open and
// finished ones, network:view for drafts), with the reader's own standing and
// rights; for those inside (network:view) also what goes on there. One query;
// beside is what the caller reads in the same round trip, before it is known
// whether the reader may see the network.
func (s *Service) Get(ctx context.Context, a *access.Actor, id uuid.UUID, beside ...func(ctx context.Context, q db.Q) error) (*Network, error) {
	var r networkRow
	err := db.Together(ctx, s.db, append(beside, func(ctx context.Context, q db.Q) (err error) {
		r, err = readNetwork(ctx, q, id, a.Person, s.clock.Now(), s.auth.Anywhere(a, PermView))
		return err
	})...)
	if err != nil {
		return nil, err
	}
	n := s.network(ctx, a, &r)
	if !n.May.View && (n.Status == Draft || !s.auth.Can(a, PermPreview, r.place())) {
		return nil, fault.ErrNotFound
	}
	if !n.May.View {
		return n, nil
	}
	n.Matters = &Matters{}
	if r.Matters != nil {
		err = json.Unmarshal(r.Matters, n.Matters)
	}
	return n, err
}

func (s *Service) network(ctx context.Context, a *access.Actor, r *networkRow) *Network {
	n := &Network{
		ID: r.ID, Module: r.Module, Type: r.Type, Status: r.Status, Stage: r.Stage, Centre: r.Centre, CentreName: r.CentreName, CentrePlace: r.Where,
		Programme: idOrNil(r.Programme), Predecessor: idOrNil(r.Predecessor), CreatedAt: r.CreatedAt, OpenedAt: r.OpenedAt, ClosedAt: r.ClosedAt,
		Version: r.Version, Settings: r.settings(r.Capacity), Taken: r.Taken, Members: r.Members, Coordinator: idOrNil(r.Lead), CoordinatorName: r.LeadName,
		May: s.rights(a, r.place()),
	}
	n.Held, n.Off = n.May, s.off(n.QualifiedType())
	if n.Off {
		n.May = n.May.reading()
	}
	n.TypeTitle, n.StageTitle = s.titles(ctx, r.Module, r.Type, r.Stage)
	if r.Successor.Valid && (r.SuccessorStatus != Draft || n.Held.Renew) {
		n.Successor = &r.Successor.UUID
	}
	n.Me = Standing{
		State: r.MyState, Place: r.MyPlace, Second: r.MySecond, Until: r.MyUntil, Note: r.MyNote, Handover: idOrNil(r.MyHandover),
		Invitation: idOrNil(r.Invitation), InvitedAs: r.InvitedAs, InvitedUntil: r.InvitedUntil, InvitedText: r.InvitedText,
	}
	_ = json.Unmarshal(r.MyRoles, &n.Me.Roles) // built by the query itself: a JSON array of texts
	return n
}

// reading are the rights that are left while nothing can be changed.
func (r Rights) reading() Rights {
	return Rights{View: r.View, Leave: r.Leave, Members: r.Members, Proposals: r.Proposals, Records: r.Records}
}

func (s *Service) rights(a *access.Actor, at access.Place) Rights {
	can := func(p access.Permission) bool { return s.auth.Can(a, p, at) }
	return Rights{
		View: can(PermView), Edit: can(PermEdit), Stage: can(PermStage), Renew: can(PermRenew), Leave: can(PermLeave), Join: can(PermJoin),
		Members: can(PermMembers), Manage: can(PermManage), Invite: can(PermInvite), Roles: can(PermRoles),
		Proposals: can(PermProposals), Propose: can(PermPropose), Vote: can(PermVote), Decide: can(PermDecide),
		Handover: can(PermHandover), HandoverByHand: can(PermHandoverByHand), Records: can("record:view"), AssignTasks: can("task:assign"),
	}
}

// cursor is the place in an order of texts and ids after which a page begins.
type cursor struct {
	Text string
	ID   uuid.UUID
}

func (c cursor) String() string {
	return base64.RawURLEncoding.EncodeToString(append(c.ID[:], c.Text...))
}

func readCursor(s string) (cursor, error) {
	if s == "" {
		return cursor{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(raw) < 16 || strings.ContainsRune(string(raw[16:]), 0) {
		return cursor{}, badCursor()
	}
	return cursor{Text: strings.ToValidUTF8(string(raw[16:]), ""), ID: uuid.UUID(raw[:16])}, nil
}

// idCursor reads a cursor of a list that runs down the ids.
func idCursor(s string) (uuid.UUID, error) {
	if s == "" {
		return uuid.Max, nil
	}
	id, err := uuid.Parse(s)
	if err != nil {
		return uuid.Nil, badCursor()
	}
	return id, nil
}

func badCursor() error {
	return fault.InvalidFields(fault.Field{Path: "cursor", Key: "network.cursor"})
}

func pageSize(n int) int {
	if n <= 0 {
		return defaultPage
	}
	return min(n, maxPage)
}

// patterns are the words of a search as LIKE patterns over folded titles. A
// word shorter than a trigram matches beginnings of words only.
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

// Todo is one thing that a person should do about a network.
type Todo struct {
	// Kind is offer, invitation, handover, lead_offer, requests, draft or vote.
	Kind    string    `json:"kind"`
	Network uuid.UUID `json:"network"`
	Title   string    `json:"title"`
	N       int       `json:"n"`
	Due     time.Time `json:"due"`
}

// AskTodo is the part of a page that lists what waits for the actor in networks,
// dated things first; false for a guest.
func (s *Service) AskTodo(a *access.Actor) (gather.Part, bool) {
	if !a.SignedIn() {
		return gather.Part{}, false
	}
	var led []uuid.UUID
	for _, g := range a.Grants {
		if g.Kind == access.Network && g.Role == access.Coordinator {
			led = append(led, g.Scope)
		}
	}
	return todoOf(led, s.auth.Reach(a, PermVote).Networks), true
}

// ReadTodo reads the rows of [Service.AskTodo].
func (s *Service) ReadTodo(f gather.Found) ([]Todo, error) { return gather.Decode[Todo](f, todoPart) }
