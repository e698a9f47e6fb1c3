package access_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
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

// Who sees my data: those whom the program lets, each with their place.
func TestSeenBy(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if _, err := w.d.Exec(t.Context(), `UPDATE person SET institution_id = $2 WHERE id = $1`, w.person, w.near); err != nil {
		t.Fatal(err)
	}
	list, err := w.s.SeenBy(t.Context(), w.actorNothing)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]access.SeenBy{}
	for _, s := range list {
		by[s.Data] = s
	}
	where := func(data string) (out []string) {
		for _, x := range by[data].Watchers {
			out = append(out, string(x.Role)+" "+x.ScopeName)
		}
		return out
	}
	if got := where("account"); !slices.Equal(got, []string{"centre_admin CDN Wierzbowo", "ore_admin "}) {
		t.Errorf("account: %q", got)
	}
	if by["profile"].Everybody != "user" || len(by["answers"].Watchers)+len(by["ballots"].Watchers) != 0 || by["answers"].Everybody != "" {
		t.Errorf("%+v", by)
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
