package rights

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/web/kit"
)

// Thing is what an address is about, as somebody sees it.
type Thing struct {
	Title  string
	Places []access.Place
}

// Finder finds a thing by the id in its address, as the actor: fault.NotFound
// for what they may not see and for what there is not.
type Finder func(ctx context.Context, a *access.Actor, id uuid.UUID) (Thing, error)

// Asker answers why somebody can or cannot open an address and do what is
// offered there. Safe for concurrent use.
type Asker struct {
	DB    db.Q
	Roles *access.Service
	// Table is the table of the pages' routes.
	Table func() []kit.Route
	// Things are the finders by the pattern of the thing's own page ("/sieci/:id").
	Things map[string]Finder
}

// Sight says how much of the answer there is.
type Sight string

// The kinds of answers.
const (
	// NoPage: the platform has no page of that form.
	NoPage Sight = "no_page"
	// Hidden: nothing is there for the actor. The answer is the same for things
	// that exist and for things that do not.
	Hidden Sight = "hidden"
	// Unsure: whether the page opens depends on what it is about, which is not
	// looked up here; only Open.Would and Open.Permission are set.
	Unsure Sight = "unsure"
	// Shown: the verdicts follow.
	Shown Sight = "shown"
)

// Found is the answer.
type Found struct {
	Sight Sight
	// Address is the path that was understood, without query.
	Address string
	// Title names the thing; "" for pages that are about none.
	Title string
	// Open is the verdict on opening the page itself; for Hidden and Unsure only its
	// Would and Permission are set.
	Open access.Answer
	// Public: the page is open to everybody; Account: to everybody with an account.
	Public, Account bool
	// Acts are the verdicts on what else the thing's pages offer.
	Acts []access.Answer
}

// maxAddress bounds what is looked at, in bytes.
const maxAddress = 2000

// Ask looks an address up: a whole one of this platform, or a path. Invalid
// (field "adres") for an empty or unreadable one.
func (k *Asker) Ask(ctx context.Context, a *access.Actor, address string) (*Found, error) {
	path, ok := pathOf(address)
	if !ok {
		return nil, fault.InvalidFields(fault.Field{Path: "adres", Key: "rights.bad_address"})
	}
	f := &Found{Sight: NoPage, Address: path}
	table := k.Table()
	route, params := match(table, path)
	if route == nil {
		return f, nil
	}
	f.Sight = Shown
	switch route.Perm {
	case kit.Public:
		f.Public = true
	case kit.SignedIn:
		f.Account = true
	}
	pattern, find := k.thing(route.Path)
	if find == nil && len(params) > 0 && !f.Public {
		f.Sight = Unsure
		f.Open.Permission = route.Perm
		if !f.Account {
			f.Open.Would = k.Roles.Authorizer.Holders(route.Perm)
		}
		return f, nil
	}
	places := somewhere(a)
	var held []access.Held
	var t Thing
	err := db.Together(ctx, k.DB,
		func(ctx context.Context, _ db.Q) (err error) {
			if find != nil {
				t, err = k.find(ctx, a, find, params["id"])
			}
			return err
		},
		func(ctx context.Context, _ db.Q) (err error) {
			if a.SignedIn() {
				held, err = k.Roles.Own(ctx, a)
			}
			return err
		})
	if find != nil || err != nil {
		switch {
		case fault.Is(err, fault.NotFound) || fault.Is(err, fault.Unauthenticated):
			f.Sight = Hidden
			f.Open.Permission, f.Open.Would = route.Perm, k.Roles.Authorizer.Holders(route.Perm)
			return f, nil
		case err != nil:
			return nil, err
		}
		f.Title, places = t.Title, t.Places
	}
	var perms []access.Permission
	if !f.Public && !f.Account {
		perms = append(perms, route.Perm)
	}
	if find != nil {
		perms = offered(table, pattern, perms)
	}
	answers, err := k.Roles.Answers(a, held, places, perms...)
	if err != nil {
		return nil, err
	}
	if !f.Public && !f.Account {
		f.Open, answers = answers[0], answers[1:]
	}
	slices.SortStableFunc(answers, func(x, y access.Answer) int { return rank(&x) - rank(&y) })
	f.Acts = answers
	return f, nil
}

// rank puts what is allowed first.
func rank(x *access.Answer) int {
	if x.Allowed {
		return 0
	}
	return 1
}

func (k *Asker) find(ctx context.Context, a *access.Actor, find Finder, id string) (Thing, error) {
	u, err := uuid.Parse(id)
	if err != nil {
		return Thing{}, fault.ErrNotFound
	}
	return find(ctx, a, u)
}

// thing is the finder for a route and the pattern of the thing's own page.
func (k *Asker) thing(pattern string) (string, Finder) {
	for p, f := range k.Things {
		if pattern == p || strings.HasPrefix(pattern, p+"/") {
			return p, f
		}
	}
	return "", nil
}

// offered adds the permissions of the pages below a thing's own, once each.
func offered(table []kit.Route, pattern string, have []access.Permission) []access.Permission {
	for _, r := range table {
		if r.Path != pattern && !strings.HasPrefix(r.Path, pattern+"/") {
			continue
		}
		if r.Perm != kit.Public && r.Perm != kit.SignedIn && !slices.Contains(have, r.Perm) {
			have = append(have, r.Perm)
		}
	}
	return have
}

// somewhere are the places of the actor's own grants: a page that is about no
// single thing opens to whoever may do its act anywhere.
func somewhere(a *access.Actor) []access.Place {
	out := []access.Place{{}}
	for _, g := range a.Grants {
		switch g.Kind {
		case access.Centre:
			out = append(out, access.Place{Centre: g.Scope})
		case access.Institution:
			out = append(out, access.Place{Institution: g.Scope})
		case access.Programme:
			out = append(out, access.Place{Programme: g.Scope})
		case access.LocalGovernment:
			out = append(out, access.Place{Unit: access.UnitCode(g.Scope)})
		case access.Network:
			out = append(out, access.Place{Network: g.Scope})
		case access.Group:
			out = append(out, access.Place{Group: g.Scope})
		}
		if len(out) > 200 { // the roles repeat themselves long before
			break
		}
	}
	return out
}

// pathOf is the path of an address somebody pasted.
func pathOf(address string) (string, bool) {
	address = strings.TrimSpace(address)
	if address == "" || len(address) > maxAddress {
		return "", false
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", false
	}
	p := u.Path
	if u.Host == "" && !strings.HasPrefix(p, "/") { // "sieci.example/sieci/…" without the scheme
		_, rest, ok := strings.Cut(p, "/")
		if !ok {
			return "", false
		}
		p = "/" + rest
	}
	if p != "/" {
		p = strings.TrimRight(p, "/")
	}
	return p, strings.HasPrefix(p, "/")
}

// match finds the page of a path: a pattern with more fixed parts wins, as in
// the router.
func match(table []kit.Route, path string) (*kit.Route, map[string]string) {
	var best *kit.Route
	var found map[string]string
	score := -1
	parts := strings.Split(path, "/")
	for i := range table {
		r := &table[i]
		if r.Method != "GET" {
			continue
		}
		params, n := fits(strings.Split(r.Path, "/"), parts)
		if n > score {
			best, found, score = r, params, n
		}
	}
	return best, found
}

// fits reports the parameters and how many parts are fixed; -1 when it does not fit.
func fits(pattern, parts []string) (map[string]string, int) {
	if len(pattern) != len(parts) {
		return nil, -1
	}
	params, n := map[string]string{}, 0
	for i, p := range pattern {
		switch {
		case strings.HasPrefix(p, ":"):
			if parts[i] == "" {
				return nil, -1
			}
			params[p[1:]] = parts[i]
		case p == parts[i]:
			n++
		default:
			return nil, -1
		}
	}
	return params, n
}

// Phrase is a permission as what one does: "zapraszać do sieci". A module's own
// permission has no words here and stays as it is.
func Phrase(ctx context.Context, p access.Permission) string {
	key := "access.can." + strings.ReplaceAll(string(p), ":", ".")
	if i18n.Has(i18n.FromContext(ctx), key) {
		return i18n.T(ctx, key)
	}
	return string(p)
}

// RoleName is a role in words; a module's own role stays as it is.
func RoleName(ctx context.Context, r access.Role) string {
	if key := "access.role." + string(r); i18n.Has(i18n.FromContext(ctx), key) {
		return i18n.T(ctx, key)
	}
	return string(r)
}

// Where is the place of a grant in words.
func Where(ctx context.Context, h *access.Held) string {
	if h.ScopeName != "" {
		return h.Label(ctx, h.ScopeName)
	}
	return i18n.T(ctx, "access.scope."+string(h.Kind))
}

// Reasons are the sentences that say why.
func Reasons(ctx context.Context, x *access.Answer) []string {
	switch {
	case x.Allowed && x.By != nil:
		return []string{heldSentence(ctx, x.By)}
	case x.Allowed && len(x.Rule) > 0 && x.Rule[0] == string(access.Guest):
		return []string{i18n.T(ctx, "rights.because.guest")}
	case x.Allowed:
		return []string{i18n.T(ctx, "rights.because.user")}
	case len(x.Would) == 0:
		return []string{i18n.T(ctx, "rights.because.nobody")}
	}
	var out []string
	for i := range x.Near {
		n := &x.Near[i]
		key := "rights.near.elsewhere"
		if n.Place {
			key = "rights.near." + string(n.When)
		} else if n.When != access.InForce {
			continue
		}
		if len(out) == 5 {
			break
		}
		out = append(out, i18n.T(ctx, key, "Role", RoleName(ctx, n.Role), "Where", Where(ctx, &n.Held), "From", date(ctx, n.From), "Until", lastDay(ctx, &n.Held)))
	}
	return append(out, i18n.T(ctx, "rights.because.roles", "Roles", roleNames(ctx, x.Would)))
}

func heldSentence(ctx context.Context, h *access.Held) string {
	key := "rights.because.role"
	if h.To != nil {
		key = "rights.because.role_until"
	}
	s := i18n.T(ctx, key, "Role", RoleName(ctx, h.Role), "Where", Where(ctx, h), "From", date(ctx, h.From), "Until", lastDay(ctx, h))
	if h.InsteadOf != "" {
		s += " " + i18n.T(ctx, "rights.because.instead", "Who", h.InsteadOf)
	}
	return s
}

func roleNames(ctx context.Context, list []access.Role) string {
	names := make([]string, len(list))
	for i, r := range list {
		names[i] = RoleName(ctx, r)
	}
	return strings.Join(names, ", ")
}

func date(ctx context.Context, t time.Time) string { return show.Date(i18n.FromContext(ctx), t) }

// lastDay is the last day with the role; "" without an end.
func lastDay(ctx context.Context, h *access.Held) string {
	if h.To == nil {
		return ""
	}
	return date(ctx, h.To.Add(-time.Second)) // the end is the first moment without the role
}

// Rule is Casbin's matched rule as it stands in the policy: "p, coordinator,
// network, edit"; "" where none matched.
func Rule(x *access.Answer) string {
	if len(x.Rule) == 0 {
		return ""
	}
	return "p, " + strings.Join(x.Rule, ", ")
}
