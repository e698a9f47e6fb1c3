package access

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/place"
)

// Tie is how a place has to do with a person.
type Tie string

// The ties, the nearest first.
const (
	TieOwn    Tie = "own"    // the person's institution, and who looks after it
	TieNow    Tie = "now"    // a network or group that the person is in
	TieAsked  Tie = "asked"  // a network that the person asked to join or waits for
	TieBefore Tie = "before" // one that the person was in: what they left there stays
	TieAll    Tie = "all"    // the whole platform
)

var (
	tiesInOrder  = []Tie{TieOwn, TieNow, TieAsked, TieBefore, TieAll}
	kindsInOrder = []ScopeKind{Institution, Network, Group, Centre, Programme, Platform}
)

// nearest orders by the tie, then from the network or school outwards.
func nearest(a, b Watcher) int {
	return cmp.Or(slices.Index(tiesInOrder, a.Ties[0])-slices.Index(tiesInOrder, b.Ties[0]),
		slices.Index(kindsInOrder, a.Kind)-slices.Index(kindsInOrder, b.Kind))
}

// Watcher is a role, somewhere, whose holders may see something of a person.
type Watcher struct {
	Role      Role      `db:"role"`
	Kind      ScopeKind `db:"scope_kind"`
	ScopeName string    `db:"scope_name"`
	// Where tells an institution from its namesakes.
	place.Where
	// Ties say why the role reaches the person, the nearest first.
	Ties TieList `db:"ties"`
	// People is how many active accounts hold the role there, without the person;
	// Names are up to three of them where the person may know them: who leads a
	// network or group that they are in, and the head of their own institution.
	People int            `db:"people"`
	Names  db.StringArray `db:"names"`
}

// TieList are ties as the database gives them.
type TieList []Tie

// Scan implements [sql.Scanner].
func (l *TieList) Scan(v any) error {
	var text db.StringArray
	if err := text.Scan(v); err != nil {
		return err
	}
	*l = make(TieList, len(text))
	for i, t := range text {
		(*l)[i] = Tie(t)
	}
	return nil
}

// SeenBy is a kind of data about the actor and who may see it.
type SeenBy struct {
	// Data names the kind: catalogue key "access.data." + Data.
	Data string
	// Everybody is "guest", "user" or "": who may without any role.
	Everybody string
	// Watchers, the nearest to the person first; their Ties are those that count
	// for this kind of data.
	Watchers []Watcher
}

// dataSeen says by which permission which data of a person are seen, and by
// which ties a role reaches them. What people left in a network stays there
// when they go, so the ties of before count with it.
var dataSeen = []struct {
	data string
	perm []Permission // any of them
	ties []Tie
	// only: the kind is left out where no tie but that to the platform reaches
	// the person: they have no such data.
	only bool
}{
	{"profile", one("person:profile"), nil, false},
	{"account", one("person:list"), []Tie{TieOwn, TieAll}, false},
	{"roles", one(ListRolesPerm), []Tie{TieOwn, TieNow, TieAll}, false},
	{"requests", one("network.member:manage"), []Tie{TieAsked, TieAll}, true},
	{"membership", one("network.member:list"), []Tie{TieNow, TieAll}, false},
	{"former", one("network.member:manage"), []Tie{TieBefore, TieAll}, true},
	{"posts", one("board:view"), inNetworks, false},
	{"attendance", one("meeting:hours"), inNetworks, false},
	{"records_own", one("record:manage"), inNetworks, false},
	{"records", one("record:view"), inNetworks, false},
	{"work", []Permission{"task:review", "task:assign"}, inNetworks, false},
	{"consents", one("consent:list"), inNetworks, false},
	{"reports", one("report:view"), inNetworks, false},
	{"copies", one("network:export"), inNetworks, false},
	{"conversations", one("conversation:judge"), inNetworks, false},
	{"changes", one("audit:list"), []Tie{TieAll}, false},
	{"changes_copied", one("audit:export"), []Tie{TieAll}, false},
	{"answers", one("evaluation:raw"), nil, false},
	{"ballots", one("election:ballot"), nil, false},
}

// inNetworks are the ties of what people leave in networks and groups.
var inNetworks = []Tie{TieNow, TieBefore, TieAll}

func one(p Permission) []Permission { return []Permission{p} }

// SeenBy lists who may see which data about the actor: found from the rules in
// force and the roles, in force and of active accounts, over the actor's
// institution and over the networks and groups that they are in, were in or
// asked for. So it cannot say less than what the program permits. One query;
// Unauthenticated to guests.
func (s *Service) SeenBy(ctx context.Context, a *Actor) ([]SeenBy, error) {
	if !a.SignedIn() {
		return nil, fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	var roles []string
	for _, d := range dataSeen {
		if len(d.ties) == 0 {
			continue
		}
		for _, p := range d.perm {
			for _, r := range s.Authorizer.Holders(p) {
				if !slices.Contains(roles, string(r)) {
					roles = append(roles, string(r))
				}
			}
		}
	}
	rows, err := watchers(ctx, s.DB, a.Person, roles, s.Clock.Now())
	if err != nil {
		return nil, fmt.Errorf("who sees: %w", err)
	}
	out := make([]SeenBy, 0, len(dataSeen))
	for _, d := range dataSeen {
		x := SeenBy{Data: d.data, Everybody: s.everybody(d.perm)}
		near := !d.only
		for _, w := range rows {
			if w.Ties = w.Ties.among(d.ties); len(w.Ties) > 0 && x.Everybody == "" && s.allowed(w.Role, d.perm) {
				x.Watchers = append(x.Watchers, w)
				near = near || w.Ties[0] != TieAll
			}
		}
		slices.SortStableFunc(x.Watchers, nearest)
		if near {
			out = append(out, x)
		}
	}
	return out, nil
}

// everybody is the widest of "guest" and "user" that has one of the permissions.
func (s *Service) everybody(perms []Permission) string {
	for _, r := range []Role{Guest, User} {
		if s.allowed(r, perms) {
			return string(r)
		}
	}
	return ""
}

func (s *Service) allowed(r Role, perms []Permission) bool {
	return slices.ContainsFunc(perms, func(p Permission) bool { return s.Authorizer.Allowed(r, p) })
}

// among are those of the ties that count, in a list of its own.
func (l TieList) among(count []Tie) TieList {
	var out TieList
	for _, t := range l {
		if slices.Contains(count, t) {
			out = append(out, t)
		}
	}
	return out
}
