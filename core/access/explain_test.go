package access_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
)

func (w *world) give(t *testing.T, in access.RoleInput) {
	t.Helper()
	if err := w.s.GrantRole(t.Context(), w.actorORE, in); err != nil {
		t.Fatal(err)
	}
}

// A trial at a foreign territory is refused by a sentence that names it and
// one's own; both are public.
func TestForeignTerritoryIsNamed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, in := range []access.RoleInput{
		{Person: w.person, Role: access.Principal, Kind: access.Institution, Scope: w.far},
		{Person: w.person, Role: access.Founder, Kind: access.Centre, Scope: w.centreB},
	} {
		err := w.s.GrantRole(t.Context(), w.actorA, in)
		if !fault.Is(err, fault.Invalid) {
			t.Fatalf("%s: %v", in.Kind, err)
		}
		f := fault.As(err).Fields[0]
		text := i18n.Text(i18n.Polish, f.Key, "Where", f.Args["Where"], "Yours", f.Args["Yours"])
		for _, want := range []string{"sandomierski (2609)", "CDN Wierzbowo: leszczyński (3013)"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q does not name %q", in.Kind, text, want)
			}
		}
	}
}

// A role that nobody gives by hand is refused as not delegated, by whoever asks.
func TestNobodyGivesWhatIsNotDelegated(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, r := range []access.Role{access.Coordinator, "raw_answers", access.User} {
		err := w.s.GrantRole(t.Context(), w.actorORE, access.RoleInput{Person: w.person, Role: r, Kind: access.Platform})
		if !fault.Is(err, fault.Invalid) || fault.As(err).Fields[0].Key != "access.role_not_delegated" {
			t.Errorf("%s: %v", r, err)
		}
	}
	x, err := w.s.Why(t.Context(), w.actorORE, nil, "evaluation:raw")
	if err != nil || x[0].Allowed || len(x[0].Would) != 0 {
		t.Errorf("raw answers: %+v, %v", x, err)
	}
}

func TestRolesFromAndUntil(t *testing.T) {
	t.Parallel()
	w := setup(t)
	now := w.clock.Now()
	role := access.RoleInput{Person: w.person, Role: access.Principal, Kind: access.Institution, Scope: w.near}
	for name, c := range map[string]struct {
		change func(in *access.RoleInput)
		field  string
	}{
		"from yesterday":       {func(in *access.RoleInput) { in.From = now.AddDate(0, 0, -1) }, "from"},
		"ends before it began": {func(in *access.RoleInput) { in.From, in.Until = now.AddDate(0, 0, 9), now.AddDate(0, 0, 3) }, "until"},
		"endless substitution": {func(in *access.RoleInput) { in.InsteadOf = w.adminA }, "until"},
		"instead of oneself":   {func(in *access.RoleInput) { in.InsteadOf, in.Until = w.person, now.AddDate(0, 0, 3) }, "insteadOf"},
		"of who has no role":   {func(in *access.RoleInput) { in.InsteadOf, in.Until = w.adminA, now.AddDate(0, 0, 3) }, "insteadOf"},
	} {
		in := role
		c.change(&in)
		if err := w.s.GrantRole(t.Context(), w.actorORE, in); !fault.Is(err, fault.Invalid) || fault.As(err).Fields[0].Path != c.field {
			t.Errorf("%s: %v, want %s", name, err, c.field)
		}
	}

	role.From = now.AddDate(0, 0, 7)
	w.give(t, role)
	if got := rolesAt(t, w.d, w.person, now); len(got) != 0 {
		t.Errorf("in force before its time: %v", got)
	}
	if got := rolesAt(t, w.d, w.person, role.From); len(got) != 1 {
		t.Errorf("not in force at its time: %v", got)
	}
	// One from today begins today, although a later one without end is there.
	role.From = time.Time{}
	w.give(t, role)
	if got := rolesAt(t, w.d, w.person, now); len(got) != 1 {
		t.Errorf("given from now: %v", got)
	}
	other := newPerson(t, w.d)
	w.give(t, access.RoleInput{Person: other, Role: access.Principal, Kind: access.Institution, Scope: w.near, Until: now.AddDate(0, 0, 5), InsteadOf: w.person})
	list, err := w.s.Own(t.Context(), &access.Actor{Person: other})
	if err != nil || len(list) != 1 || list[0].InsteadOf == "" || list[0].When(now) != access.InForce || list[0].When(now.AddDate(0, 0, 6)) != access.Ended {
		t.Errorf("substitution: %+v, %v", list, err)
	}
	x, err := w.s.WouldChange(t.Context(), w.actorORE, access.RoleInput{Person: other, Role: access.Principal, Kind: access.Institution, Scope: w.near})
	if err != nil || len(x.Others) != 1 || x.Others[0].Person != w.person {
		t.Errorf("who could be stood in for: %+v, %v", x.Others, err)
	}
}

// The answers name the grant, its time and what is near.
func TestWhy(t *testing.T) {
	t.Parallel()
	w := setup(t)
	now := w.clock.Now()
	w.give(t, access.RoleInput{Person: w.person, Role: access.Founder, Kind: access.Centre, Scope: w.centreA, Until: now.AddDate(0, 1, 0)})
	w.give(t, access.RoleInput{Person: w.person, Role: access.Founder, Kind: access.Centre, Scope: w.centreB, From: now.AddDate(0, 0, 3)})
	me := &access.Actor{Person: w.person, Grants: rolesAt(t, w.d, w.person, now)}
	at := func(c uuid.UUID) []access.Place { return []access.Place{{Centre: c}} }

	x, err := w.s.Why(t.Context(), me, at(w.centreA), "network:found", "network:list", "audit:list")
	if err != nil {
		t.Fatal(err)
	}
	if !x[0].Allowed || x[0].By == nil || x[0].By.ScopeName != "CDN Wierzbowo" || x[0].By.To == nil || !slices.Equal(x[0].Rule, []string{"founder", "network", "found"}) {
		t.Errorf("own centre: %+v", x[0])
	}
	if !x[1].Allowed || x[1].By != nil || x[1].Rule[0] != "guest" {
		t.Errorf("what everybody may: %+v", x[1])
	}
	if x[2].Allowed || len(x[2].Near) != 0 || !slices.Equal(x[2].Would, []access.Role{access.Inspector, access.OREAdmin}) {
		t.Errorf("what others may: %+v", x[2])
	}
	x, err = w.s.Why(t.Context(), me, at(w.centreB), "network:found")
	if err != nil || x[0].Allowed || len(x[0].Near) != 2 {
		t.Fatalf("before its time: %+v, %v", x, err)
	}
	for _, n := range x[0].Near {
		if here := n.ScopeName == "CDN Dąbrowa"; n.Place != here || (n.When == access.Future) != here {
			t.Errorf("near: %+v", n)
		}
	}
	if _, err := w.s.Own(t.Context(), &access.Actor{}); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a guest has roles: %v", err)
	}
}

// What a grant is said to change is what it changes.
func TestWouldChange(t *testing.T) {
	t.Parallel()
	w := setup(t)
	auth := w.s.Authorizer
	in := access.RoleInput{Person: w.person, Role: access.Principal, Kind: access.Institution, Scope: w.near}
	said, err := w.s.WouldChange(t.Context(), w.actorA, in)
	if err != nil || len(said.Gains) == 0 || len(said.Same) != 0 {
		t.Fatalf("%+v, %v", said, err)
	}
	may := func() map[access.Permission]bool {
		who, out := &access.Actor{Person: w.person, Grants: rolesAt(t, w.d, w.person, w.clock.Now())}, map[access.Permission]bool{}
		for _, p := range auth.Permissions() {
			out[p] = auth.Can(who, p, access.Place{Institution: w.near, Centre: w.centreA})
		}
		return out
	}
	before := may()
	if err := w.s.GrantRole(t.Context(), w.actorA, in); err != nil {
		t.Fatal(err)
	}
	after := may()
	for _, p := range auth.Permissions() {
		if gained := after[p] && !before[p]; gained != slices.Contains(said.Gains, p) {
			t.Errorf("%s: gained %v, said otherwise", p, gained)
		}
	}
	again, err := w.s.WouldChange(t.Context(), w.actorA, in)
	if err != nil || len(again.Same) != 1 {
		t.Errorf("given twice: %+v, %v", again, err)
	}
	h, lose, err := w.s.WouldLose(t.Context(), w.actorA, again.Same[0].ID)
	if err != nil || h.Person != w.person || !slices.Equal(lose.Gains, said.Gains) {
		t.Errorf("taking it: %+v %+v, %v", h, lose, err)
	}
	for name, who := range map[string]*access.Actor{"a stranger": w.actorNothing, "a guest": {}} {
		if _, err := w.s.WouldChange(t.Context(), who, in); err == nil {
			t.Errorf("%s is told what a grant changes", name)
		}
		if _, _, err := w.s.WouldLose(t.Context(), who, again.Same[0].ID); !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s is told of a grant: %v", name, err)
		}
	}
}

// Somebody out of sight is answered like nobody, before and when a role is given.
func TestGrantTellsNothingOfStrangers(t *testing.T) {
	t.Parallel()
	w := setup(t)
	far, homeless := newPerson(t, w.d), newPerson(t, w.d)
	if _, err := w.d.Exec(t.Context(), `UPDATE person SET institution_id = $2 WHERE id = $1`, far, w.far); err != nil {
		t.Fatal(err)
	}
	in := access.RoleInput{Role: access.Principal, Kind: access.Institution, Scope: w.near}
	for name, id := range map[string]uuid.UUID{"of another territory": far, "without a school": homeless, "nobody": uuid.New()} {
		in.Person = id
		if _, err := w.s.WouldChange(t.Context(), w.actorA, in); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: what would change: %v", name, err)
		}
		err := w.s.GrantRole(t.Context(), w.actorA, in)
		if !fault.Is(err, fault.Invalid) || fault.As(err).Fields[0].Key != "access.person_not_active" {
			t.Errorf("%s: given: %v", name, err)
		}
	}
	in.Person = far
	if _, err := w.s.WouldChange(t.Context(), w.actorORE, in); err != nil {
		t.Errorf("ORE sees everybody: %v", err)
	}
}

// Who sees my data: those whom the program lets, with their place and why, in
// networks of now and of before; only active accounts with a role in force; names
// only of those near.
func TestSeenBy(t *testing.T) {
	t.Parallel()
	w := setup(t)
	now := w.clock.Now()
	exec := func(q string, args ...any) {
		t.Helper()
		if _, err := w.d.Exec(t.Context(), q, args...); err != nil {
			t.Fatal(err)
		}
	}
	network := func(title string, centre uuid.UUID) uuid.UUID {
		id := uuid.Must(uuid.NewV7())
		exec(`INSERT INTO network (id, module, type, centre_id, title, title_folded, school_year, status, created_at) VALUES ($1, 'm', 't', $2, $3, $3, 2026, 'open', $4)`, id, centre, title, now)
		return id
	}
	member := func(n, person uuid.UUID, state string) {
		exec(`INSERT INTO membership (id, network_id, person_id, state, joined_at, queued_at) VALUES (gen_random_uuid(), $1, $2, $3, $4, $4)`, n, person, state, now.AddDate(0, -1, 0))
	}
	give := func(person uuid.UUID, r access.Role, k access.ScopeKind, scope uuid.UUID, until time.Time) {
		inTx(t, w.d, func(ctx context.Context, tx *db.Tx) error {
			return access.Give(ctx, tx, access.Row{Person: person, Role: r, Kind: k, Scope: scope, From: now.AddDate(0, -1, 0), To: until})
		})
	}
	named := func(name string) uuid.UUID {
		id := newPerson(t, w.d)
		exec(`UPDATE person SET name = $2 WHERE id = $1`, id, name)
		return id
	}
	in, was, asked := network("Sieć obecna", w.centreB), network("Sieć dawna", w.centreB), network("Sieć wybrana", w.centreA)
	member(in, w.person, "active")
	give(w.person, access.Participant, access.Network, in, time.Time{})
	member(was, w.person, "left")
	give(w.person, access.Participant, access.Network, was, now.AddDate(0, 0, -3))
	member(asked, w.person, "waiting")
	lead, old, blocked := named("Lena Liderka"), named("Oskar Odległy"), named("Bolesław Blokowany")
	give(lead, access.Coordinator, access.Network, in, time.Time{})
	give(old, access.Coordinator, access.Network, was, time.Time{})
	give(named("Ewa Była"), access.Coordinator, access.Network, in, now.AddDate(0, 0, -1))
	give(blocked, access.Coordinator, access.Network, in, time.Time{})
	exec(`UPDATE person SET state = 'blocked' WHERE id = $1`, blocked)
	give(named("Anna Prosząca"), access.Coordinator, access.Network, asked, time.Time{})
	give(named("Irena Inspektor"), access.Inspector, access.Platform, uuid.Nil, time.Time{})
	give(named("Piotr Dyrektor"), access.Principal, access.Institution, w.near, time.Time{})

	list, err := w.s.SeenBy(t.Context(), w.actorNothing)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string][]string{}
	everybody := map[string]string{}
	for _, s := range list {
		everybody[s.Data] = s.Everybody
		by[s.Data] = []string{}
		for _, x := range s.Watchers {
			by[s.Data] = append(by[s.Data], fmt.Sprint(x.Role, " ", x.ScopeName, " ", x.Ties[0], " ", x.People, " ", strings.Join(x.Names, ",")))
		}
	}
	const ore = "ore_admin  all 1 "
	const inspector = "inspector  all 1 "
	for data, want := range map[string][]string{
		"account":        {"principal Szkoła bliska own 1 Piotr Dyrektor", "centre_admin CDN Wierzbowo own 1 ", ore},
		"attendance":     {"coordinator Sieć obecna now 1 Lena Liderka", "coordinator Sieć dawna before 1 ", ore},
		"copies":         {"coordinator Sieć obecna now 1 Lena Liderka", "coordinator Sieć dawna before 1 ", ore},
		"reports":        {"coordinator Sieć obecna now 1 Lena Liderka", "coordinator Sieć dawna before 1 ", inspector, ore},
		"requests":       {"coordinator Sieć wybrana asked 1 ", "centre_admin CDN Wierzbowo asked 1 ", ore},
		"former":         {"coordinator Sieć dawna before 1 ", ore},
		"changes_copied": {inspector, ore},
		"answers":        {},
		"ballots":        {},
	} {
		if got := by[data]; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", data, got, want)
		}
	}
	if everybody["profile"] != "user" || everybody["answers"] != "" {
		t.Errorf("%v", everybody)
	}

	// Who has none of it is told of no such data.
	alone, err := w.s.SeenBy(t.Context(), &access.Actor{Person: w.ore})
	if err != nil || slices.ContainsFunc(alone, func(s access.SeenBy) bool { return s.Data == "requests" || s.Data == "former" }) {
		t.Errorf("%+v, %v", alone, err)
	}
	if _, err := w.s.SeenBy(t.Context(), &access.Actor{}); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a guest: %v", err)
	}
}

// Every permission of the platform has words in both languages, so that no
// explanation shows a code.
func TestPermissionsHaveWords(t *testing.T) {
	t.Parallel()
	for _, p := range authorizer(t).Permissions() {
		key := "access.can." + strings.ReplaceAll(string(p), ":", ".")
		for _, l := range []i18n.Lang{i18n.Polish, i18n.English} {
			if !i18n.Has(l, key) {
				t.Errorf("%s: no words in %s", p, l)
			}
		}
	}
}
