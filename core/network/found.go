package network

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/fold"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/place"
)

// Founding is a network to be founded.
type Founding struct {
	// Type is qualified: "ore.thematic:network".
	Type   string    `json:"type"`
	Centre uuid.UUID `json:"centre"`
	Settings
	// Answers are to the type's founding form; zero when it has none.
	Answers effect.Document `json:"answers,omitzero"`
	// Coordinator leads the network: the address of an active account that the
	// founder may see; empty = the founder. To any other address the role is
	// offered, whether or not it has an account ([Service.AnswerLeadOffer]), and the
	// founder leads until it is taken up.
	Coordinator string                   `json:"coordinator"`
	Reasons     []effect.Acknowledgement `json:"reasons"`
	// Origin is what the network is founded from, for [Origins]; uuid.Nil for none.
	Origin uuid.UUID `json:"origin,omitzero"`
	// Programme is the one to enter, of [Service.ProgrammesFor]; uuid.Nil for none.
	// Where it is not open to networks, the network asks.
	Programme uuid.UUID `json:"programme,omitzero"`
}

// TypeOption is a type in which a network may be founded.
type TypeOption struct {
	Type string // qualified
	Info *effect.Info
	Of   *effect.NetworkType
}

// Types lists the network types of modules that are switched on, in the order
// in which the modules were.
func (s *Service) Types() []TypeOption {
	var out []TypeOption
	for _, m := range s.modules.Enabled() {
		info := m.Info()
		for i := range info.Description.NetworkTypes {
			t := &info.Description.NetworkTypes[i]
			out = append(out, TypeOption{Type: effect.Qualify(info.ID, t.Name), Info: info, Of: t})
		}
	}
	return out
}

// TypesFor lists those of [Service.Types] in which the actor may found a network
// at some centre: a module may be enabled for named centres only.
func (s *Service) TypesFor(a *access.Actor) []TypeOption {
	reach := s.MayFound(a)
	if reach.All {
		return s.Types()
	}
	return slices.DeleteFunc(s.Types(), func(t TypeOption) bool { return !slices.ContainsFunc(reach.Centres, t.Info.At) })
}

// typeAt is [Service.TypeOf] at a centre; fault.Invalid on "type" as well where
// the module is not enabled for it.
func (s *Service) typeAt(typ string, centre uuid.UUID) (TypeOption, error) {
	t, err := s.TypeOf(typ)
	if err == nil && !t.Info.At(centre) {
		err = fault.InvalidFields(fault.Field{Path: "type", Key: "network.type_elsewhere"})
	}
	return t, err
}

// TypeOf finds a type that is switched on; fault.Invalid on "type" otherwise.
func (s *Service) TypeOf(typ string) (TypeOption, error) {
	for _, t := range s.Types() {
		if t.Type == typ {
			return t, nil
		}
	}
	var f fault.Fields
	f.Add("type", "network.type_unknown")
	return TypeOption{}, f.Err()
}

// TypeFor is [Service.TypeOf] for a page: a type that is switched off is
// Unavailable with the sentence that says so, an unknown one is not found.
func (s *Service) TypeFor(ctx context.Context, typ string) (TypeOption, error) {
	if t, err := s.TypeOf(typ); err == nil {
		return t, nil
	}
	if m, err := s.modules.Module(typ); err == nil {
		_, local, _ := effect.Split(typ)
		if _, ok := m.Info().Description.NetworkType(local); ok {
			return TypeOption{}, effect.Disabled(ctx, m.Info().Description, local)
		}
	}
	return TypeOption{}, fault.ErrNotFound
}

// ReachableType is nil when a network of the type could be founded now; see
// [effect.Reachable].
func (s *Service) ReachableType(ctx context.Context, typ string) error {
	return effect.Reachable(ctx, s.modules, typ)
}

// MayFound reports at which centres the actor may found: all, or those listed.
func (s *Service) MayFound(a *access.Actor) access.Reach { return s.auth.Reach(a, PermFound) }

// CheckFounding looks at everything that the core itself asks, before the
// module's form is shown: what [Service.Found] would refuse, without founding.
func (s *Service) CheckFounding(ctx context.Context, a *access.Actor, in Founding) error {
	if err := signed(a); err != nil {
		return err
	}
	if err := s.mayFoundAt(ctx, a, in.Centre); err != nil {
		return err
	}
	if _, err := s.typeAt(in.Type, in.Centre); err != nil {
		return err
	}
	_, err := s.checkFounding(ctx, a, &in)
	return err
}

// mayFoundAt refuses a centre that is not the actor's by naming it and their own
// area: centres and their territories are public.
func (s *Service) mayFoundAt(ctx context.Context, a *access.Actor, centre uuid.UUID) error {
	if s.auth.Can(a, PermFound, access.Place{Centre: centre}) {
		return nil
	}
	return s.auth.Outside(ctx, s.db, a, PermFound, "centre", centre, s.clock.Now())
}

// Centres lists where the actor may found, by name, at most 500 (ORE's
// administrators see every centre of the country).
func (s *Service) Centres(ctx context.Context, a *access.Actor) ([]CentreOption, error) {
	reach := s.auth.Reach(a, PermFound)
	if !reach.All && len(reach.Centres) == 0 {
		return nil, nil
	}
	return foundingCentres(ctx, s.db, reach, 500)
}

// CentreOption is an organisation that may run a network.
type CentreOption struct {
	ID   uuid.UUID `db:"id" json:"id"`
	Name string    `db:"name" json:"name"`
	place.Where
}

// Found makes a draft network with its coordinator, together with what the
// type's module makes of the founding form: all or nothing. Needs network:found
// at the centre.
//
// Errors: Unauthenticated, NotFound for those who found nowhere; Invalid for a
// foreign centre (field "centre", with its territory and one's own) and with fields of
// the core's own settings and of the module's form ("form.<item>"); [ReasonError]
// for warnings of the module (about 20 members); Unavailable while it is down;
// TooMany after many offers to addresses.
func (s *Service) Found(ctx context.Context, a *access.Actor, in Founding) (uuid.UUID, error) {
	if err := signed(a); err != nil {
		return uuid.Nil, err
	}
	if err := s.mayFoundAt(ctx, a, in.Centre); err != nil {
		return uuid.Nil, err
	}
	t, err := s.typeAt(in.Type, in.Centre)
	if err != nil {
		return uuid.Nil, err
	}
	lead, err := s.checkFounding(ctx, a, &in)
	if err != nil {
		return uuid.Nil, err
	}
	if lead.offer != "" {
		if err := s.accounts.MayOffer(ctx, a); err != nil {
			return uuid.Nil, err
		}
	}
	decision, err := decisionID(ctx, a, "network.found")
	if err != nil {
		return uuid.Nil, err
	}
	n := newNetwork{
		ID: effect.HandleID(decision, "network"), Centre: in.Centre, FoundedBy: a.Person, Module: t.Info.ID, Type: t.Of.Name, Stage: firstStage(t.Of),
		Status: Draft, Settings: in.Settings, Folded: fold.Text(in.Title),
	}
	state := s.foundingState(&n)
	_, err = s.decide(ctx, a, &effect.Request{
		ID: decision, Type: in.Type, Scope: state.Scope, Founding: &state, Acknowledged: in.Reasons,
		Input: effect.Command{Name: "found", Input: in.Answers},
		Before: func(ctx context.Context, tx *db.Tx, d *effect.Decision) error {
			d.Emit(state.Scope, "network.founded", stageEvent{To: n.Stage})
			if err := s.insert(ctx, tx, a, &n, lead); err != nil {
				return err
			}
			if err := s.enterAtFounding(ctx, tx, a, n.ID, in.Programme); err != nil || in.Origin == uuid.Nil {
				return err
			}
			return s.origins.Claim(ctx, tx, a, in.Origin, n.ID, n.Centre)
		},
	})
	return n.ID, err
}

// Founded is the network that the form in ctx already founded, when it is sent
// again after its draft is gone: somebody pressed the button twice. NotFound
// when it founded none.
func (s *Service) Founded(ctx context.Context, a *access.Actor) (uuid.UUID, error) {
	if !a.SignedIn() || idem.Key(ctx) == "" {
		return uuid.Nil, fault.ErrNotFound
	}
	decision, err := decisionID(ctx, a, "network.found")
	if err != nil {
		return uuid.Nil, err
	}
	id := effect.HandleID(decision, "network")
	_, err = s.enter(ctx, a, id, PermView)
	return id, err
}

// stageEvent is the data of network.founded and stage.changed (plugins/proto/SOURCES.md).
type stageEvent struct {
	From string `json:"from"`
	To   string `json:"to"`
}

func firstStage(t *effect.NetworkType) string {
	if len(t.Stages) == 0 {
		return ""
	}
	return t.Stages[0].Name
}

// foundingState is the scope as the module may know it before it exists.
func (s *Service) foundingState(n *newNetwork) effect.ScopeState {
	st := effect.ScopeState{
		Scope: effect.Scope{Kind: effect.Network, ID: n.ID}, Type: effect.Qualify(n.Module, n.Type), Stage: n.Stage, Members: 1,
		Place: access.Place{Centre: n.Centre, Programme: n.Programme.UUID, Network: n.ID},
	}
	if n.Programme.Valid {
		st.Parent = effect.Scope{Kind: effect.Programme, ID: n.Programme.UUID}
	}
	return st
}

// insert writes the network with its coordinator.
func (s *Service) insert(ctx context.Context, tx *db.Tx, a *access.Actor, n *newNetwork, lead leader) error {
	n.At = s.clock.Now()
	if err := insertNetwork(ctx, tx, n); err != nil {
		return err
	}
	if err := s.note(ctx, tx, a, n.ID, "network:found", "network", n.ID); err != nil {
		return err
	}
	if lead.person == uuid.Nil {
		return nil
	}
	if err := s.seatCoordinator(ctx, tx, a, n.ID, lead.person); err != nil {
		return err
	}
	h := head{ID: n.ID, Title: n.Settings.Title}
	switch {
	case lead.offer != "":
		return s.offerLead(ctx, tx, a, &h, lead.offer, true)
	case lead.person == a.Person:
		return nil
	}
	return s.tell(ctx, tx, &h, "network.notice.coordinator", "", true, "", nil, lead.person)
}

// seatCoordinator makes a person coordinator who was not in the network.
func (s *Service) seatCoordinator(ctx context.Context, tx *db.Tx, a *access.Actor, network, lead uuid.UUID) error {
	q, err := s.queue(ctx, tx, network)
	if err != nil {
		return err
	}
	c, err := readCandidate(ctx, tx, network, lead, q.now)
	if err != nil {
		return err
	}
	id, err := putMembership(ctx, tx, &membershipRow{
		Network: network, Person: lead, State: Active, Institution: c.Institution, Complex: c.Complex, JoinedAt: &q.now, At: q.now,
	})
	if err != nil {
		return err
	}
	if c.State == Offered && c.Seat {
		if err := q.count.add(ctx, tx, network, -1, 0); err != nil {
			return err
		}
	}
	return q.admit(ctx, a, lead, id, access.Coordinator, false, false)
}

// leader is who leads a new network: a person, and the address to which the role
// is offered in their place.
type leader struct {
	person uuid.UUID
	offer  string
}

func (s *Service) checkFounding(ctx context.Context, a *access.Actor, in *Founding) (leader, error) {
	in.Coordinator = strings.ToLower(strings.TrimSpace(in.Coordinator))
	f := in.Settings.check(s.clock.Now(), 0)
	ok, err := centreIs(ctx, s.db, in.Centre)
	if err != nil {
		return leader{}, err
	}
	if !ok {
		f.Add("centre", "network.centre_unknown")
	}
	if err := s.checkProgramme(ctx, &f, in); err != nil {
		return leader{}, err
	}
	lead := leader{person: a.Person}
	if in.Coordinator != "" {
		person, active, err := s.accounts.Seen(ctx, s.db, a, in.Coordinator)
		switch {
		case err != nil:
			return leader{}, err
		case person != uuid.Nil && active:
			lead.person = person
		case person != uuid.Nil || !a.SignedIn():
			f.Add("coordinator", "network.coordinator_unknown")
		case !isAddress(in.Coordinator):
			f.Add("coordinator", "network.email_wrong.plain")
		default:
			lead.offer = in.Coordinator
		}
	}
	return lead, f.Err()
}

// check tidies the settings and collects what is wrong. taken is the number of
// seats that are taken already.
func (in *Settings) check(now time.Time, taken int) fault.Fields {
	in.Title, in.Aim = strings.Join(strings.Fields(in.Title), " "), strings.TrimSpace(in.Aim)
	var f fault.Fields
	if n := utf8.RuneCountInString(in.Title); n < MinTitle || n > MaxTitle {
		f.Add("title", "network.title_length", "Min", MinTitle, "Max", MaxTitle)
	}
	switch n := utf8.RuneCountInString(in.Aim); {
	case n == 0:
		f.Add("aim", "network.aim_missing")
	case n > MaxAim:
		f.Add("aim", "network.text_long", "Max", MaxAim)
	}
	if y := clock.SchoolYear(now); in.SchoolYear != y && in.SchoolYear != y+1 {
		f.Add("school_year", "network.school_year_wrong")
	}
	if !in.Join.valid() {
		f.Add("join", "network.join_missing")
	}
	switch {
	case in.Capacity == 0:
	case in.Capacity < MinCapacity || in.Capacity > MaxCapacity:
		f.Add("capacity", "network.capacity_wrong", "Min", MinCapacity, "Max", MaxCapacity)
	case in.Capacity < taken:
		f.Add("capacity", "network.capacity_below", "Taken", taken)
	}
	if !in.OnePerSchool {
		in.PriorityUntil = time.Time{}
	}
	in.PriorityUntil = in.PriorityUntil.UTC().Truncate(time.Microsecond)
	return f
}

// OpenNetwork turns a draft into an open network and sends the invitations that
// were prepared. Needs network:edit. Conflict when it is no draft.
func (s *Service) OpenNetwork(ctx context.Context, a *access.Actor, network uuid.UUID) error {
	if _, err := s.change(ctx, a, network, PermEdit); err != nil {
		return err
	}
	_, err := act(ctx, s, a, "network:open", network, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		h, err := lockHead(ctx, tx, network)
		if err != nil {
			return struct{}{}, err
		}
		ok, err := setOpen(ctx, tx, network, s.clock.Now())
		if err != nil {
			return struct{}{}, err
		}
		if !ok {
			return struct{}{}, fault.New(fault.Conflict, "network.not_draft")
		}
		if err := s.note(ctx, tx, a, network, "network:open", "network", network, "status"); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, s.sendInvitations(ctx, tx, a, &h)
	})
	return err
}

// Edit changes the core's settings of a network at the version that the editor
// saw. More seats are offered to the waiting list at once. Needs network:edit.
//
// Errors: NotFound; Invalid with fields; Conflict "network.stale" when somebody
// else saved meanwhile (read the network again to show both texts), or when the
// network is over.
func (s *Service) Edit(ctx context.Context, a *access.Actor, network uuid.UUID, version int, in Settings) error {
	if _, err := s.change(ctx, a, network, PermEdit); err != nil {
		return err
	}
	_, err := act(ctx, s, a, "network:edit", []any{network, version, in}, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		q, err := s.queue(ctx, tx, network)
		if err != nil {
			return struct{}{}, err
		}
		if err := q.head.alive(true); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, q.edit(ctx, a, version, in)
	})
	return err
}

func (q *queue) edit(ctx context.Context, a *access.Actor, version int, in Settings) error {
	f := in.check(q.now, q.count.Taken)
	// A network keeps its year; only a draft may still move.
	if in.SchoolYear == q.head.SchoolYear {
		f = without(f, "school_year")
	} else if q.head.Status != Draft {
		f.Add("school_year", "network.school_year_fixed")
	}
	if err := f.Err(); err != nil {
		return err
	}
	old := q.head.settings(q.count.Capacity)
	ok, err := updateSettings(ctx, q.tx, q.head.ID, version, &in, fold.Text(in.Title))
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Conflict, "network.stale")
	}
	if err := setCapacity(ctx, q.tx, q.head.ID, in.Capacity); err != nil {
		return err
	}
	if old.OnePerSchool && !in.OnePerSchool {
		if err := forgetSeconds(ctx, q.tx, q.head.ID); err != nil {
			return err
		}
	}
	if err := q.s.note(ctx, q.tx, a, q.head.ID, "network:edit", "network", q.head.ID, changed(&old, &in)...); err != nil {
		return err
	}
	again, err := q.s.queue(ctx, q.tx, q.head.ID)
	if err != nil {
		return err
	}
	return again.fill(ctx, a)
}

func without(f fault.Fields, path string) fault.Fields {
	var out fault.Fields
	for _, x := range f {
		if x.Path != path {
			out = append(out, x)
		}
	}
	return out
}

// changed names the fields that differ, for the audit log.
func changed(a, b *Settings) []string {
	var out []string
	add := func(name string, differs bool) {
		if differs {
			out = append(out, name)
		}
	}
	add("title", a.Title != b.Title)
	add("aim", a.Aim != b.Aim)
	add("school_year", a.SchoolYear != b.SchoolYear)
	add("join", a.Join != b.Join)
	add("capacity", a.Capacity != b.Capacity)
	add("one_per_school", a.OnePerSchool != b.OnePerSchool)
	add("priority_until", !a.PriorityUntil.Equal(b.PriorityUntil))
	return out
}
