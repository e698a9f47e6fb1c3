package access_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/policies"
	"pgregory.net/rapid"
)

// Whatever the rules and role maps, the compiled table answers as Casbin does
// on every cell, and grants nothing that no rule names.
func TestTableEqualsCasbinForAnyRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"a", "b", "c", "user", "guest", "d.e"})
		type cell struct{ r, o, a string }
		want := map[cell]bool{}
		var rules strings.Builder
		for range rapid.IntRange(1, 25).Draw(t, "rules") {
			c := cell{name.Draw(t, "role"), name.Draw(t, "object"), name.Draw(t, "action")}
			if !want[c] {
				fmt.Fprintf(&rules, "p, %s, %s, %s\n", c.r, c.o, c.a)
			}
			want[c] = true
		}
		a, err := access.NewAuthorizer(policies.Model, rules.String())
		if err != nil {
			t.Fatal(err)
		}
		var own []access.Rule
		for range rapid.IntRange(0, 8).Draw(t, "module rules") {
			c := cell{name.Draw(t, "role"), "module:x.y/" + name.Draw(t, "part"), name.Draw(t, "action")}
			want[c] = true
			own = append(own, access.Rule{Role: access.Role(c.r), Object: c.o, Action: c.a})
		}
		if err := a.SetModule("x.y", own); err != nil {
			t.Fatal(err)
		}
		for _, r := range append(a.Roles(), "nobody") {
			for _, p := range append(a.Permissions(), "no:thing") {
				casbin, _, err := a.Enforce(r, p)
				if err != nil {
					t.Fatal(err)
				}
				i := strings.LastIndex(string(p), ":")
				said := want[cell{string(r), string(p[:i]), string(p[i+1:])}]
				if got := a.Allowed(r, p); got != casbin || got != said {
					t.Fatalf("%s %s: table %v, Casbin %v, rules %v", r, p, got, casbin, said)
				}
			}
		}
	})
}

// A decision depends on exactly the grants in force whose scope is the place
// itself: a role elsewhere, before its period or after it gives nothing.
func TestGrantsReachOnlyTheirScopeAndPeriod(t *testing.T) {
	t.Parallel()
	a := authorizer(t)
	ids := []uuid.UUID{uuid.New(), uuid.New(), uuid.New()}
	kinds := []access.ScopeKind{access.Platform, access.Centre, access.Institution, access.Programme, access.Network, access.Group}
	roles, perms := a.Roles(), a.Permissions()
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom(append([]uuid.UUID{uuid.Nil}, ids...))
		at := access.Place{Centre: id.Draw(t, "centre"), Institution: id.Draw(t, "institution"), Programme: id.Draw(t, "programme"),
			Network: id.Draw(t, "network"), Group: id.Draw(t, "group")}
		who := &access.Actor{Person: uuid.New()}
		for range rapid.IntRange(0, 4).Draw(t, "grants") {
			g := access.Grant{Role: rapid.SampledFrom(roles).Draw(t, "role"), Kind: rapid.SampledFrom(kinds).Draw(t, "kind")}
			if g.Kind != access.Platform {
				g.Scope = id.Draw(t, "scope")
			}
			who.Grants = append(who.Grants, g)
		}
		p := rapid.SampledFrom(perms).Draw(t, "permission")
		want := a.Allowed(access.Guest, p) || a.Allowed(access.User, p)
		for _, g := range who.Grants {
			place := map[access.ScopeKind]uuid.UUID{access.Centre: at.Centre, access.Institution: at.Institution,
				access.Programme: at.Programme, access.Network: at.Network, access.Group: at.Group}[g.Kind]
			if a.Allowed(g.Role, p) && (g.Kind == access.Platform || place != uuid.Nil && place == g.Scope) {
				want = true
			}
		}
		if got := a.Can(who, p, at); got != want {
			t.Fatalf("Can = %v, want %v", got, want)
		}
		x, err := a.Explain(who, p, at)
		if err != nil || x.Allowed != want {
			t.Fatalf("Explain = %+v, %v; want %v", x, err, want)
		}
		if x.Allowed && !a.Allowed(access.Role(x.Rule[0]), p) {
			t.Fatalf("explained by a rule that does not permit it: %v", x.Rule)
		}
		if !a.Can(who, p, at) && a.Can(&access.Actor{}, p, at) {
			t.Fatal("a guest may what a person may not")
		}
	})
}

func TestExplainNamesRuleAndGrant(t *testing.T) {
	t.Parallel()
	a := authorizer(t)
	n := uuid.New()
	g := access.Grant{Role: access.Coordinator, Kind: access.Network, Scope: n}
	who := &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: access.Participant, Kind: access.Network, Scope: n}, g}}
	x, err := a.Explain(who, "network:edit", access.Place{Network: n})
	if err != nil || !x.Allowed || x.Grant != g || strings.Join(x.Rule, " ") != "coordinator network edit" {
		t.Errorf("%+v, %v", x, err)
	}
	x, err = a.Explain(who, "network:edit", access.Place{Network: uuid.New()})
	if err != nil || x.Allowed || x.Rule != nil || fmt.Sprint(x.Would) != "[centre_admin coordinator ore_admin]" {
		t.Errorf("elsewhere: %+v, %v", x, err)
	}
}

func TestModuleRulesOnlyOverItsOwnObjects(t *testing.T) {
	t.Parallel()
	a := authorizer(t)
	before := len(a.Permissions())
	for _, bad := range []access.Rule{
		{Role: "participant", Object: "network", Action: "edit"},
		{Role: "participant", Object: "module", Action: "enable"},
		{Role: "participant", Object: "module:ore.thematic2/plan", Action: "view"},
		{Role: "participant", Object: "module:ore.thematic/plan", Action: "*"},
		{Role: "participant", Object: "module:ore.thematic/a:b", Action: "view"},
		{Role: "", Object: "module:ore.thematic/plan", Action: "view"},
	} {
		if err := a.SetModule("ore.thematic", []access.Rule{bad}); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
	if got := len(a.Permissions()); got != before {
		t.Fatalf("refused rules changed the table: %d permissions, were %d", got, before)
	}
	plan := access.Permission("module:ore.thematic/plan:view")
	if err := a.SetModule("ore.thematic", []access.Rule{{Role: "participant", Object: "module:ore.thematic/plan", Action: "view"}}); err != nil {
		t.Fatal(err)
	}
	n := uuid.New()
	who := &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: "participant", Kind: access.Network, Scope: n}}}
	if !a.Can(who, plan, access.Place{Network: n}) || a.Can(who, plan, access.Place{Network: uuid.New()}) {
		t.Error("the role map does not act where the role is held")
	}
	if err := a.Load(policies.Model, policies.Rules); err != nil || !a.Can(who, plan, access.Place{Network: n}) {
		t.Errorf("reloading the core's rules lost the module's: %v", err)
	}
	if err := a.SetModule("ore.thematic", nil); err != nil || a.Can(who, plan, access.Place{Network: n}) {
		t.Errorf("a disabled module still rules: %v", err)
	}
}

// Readers never meet a half-built table.
func TestSwapBesideReaders(t *testing.T) {
	t.Parallel()
	a := authorizer(t)
	n := uuid.New()
	who := &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: "coordinator", Kind: access.Network, Scope: n}}}
	done := make(chan bool)
	for range 4 {
		go func() {
			ok, until := true, time.Now().Add(50*time.Millisecond)
			for time.Now().Before(until) {
				ok = ok && a.Can(who, "network:edit", access.Place{Network: n})
			}
			done <- ok
		}()
	}
	for i := range 3 {
		if err := a.SetModule("x.y", []access.Rule{{Role: "user", Object: "module:x.y", Action: fmt.Sprint("a", i)}}); err != nil {
			t.Error(err)
		}
	}
	for range 4 {
		if !<-done {
			t.Error("a right was missing while the table was swapped")
		}
	}
}

// BenchmarkCan stands beside a bare map look-up of the same permission.
func BenchmarkCan(b *testing.B) {
	a := authorizer(b)
	n := uuid.New()
	who := &access.Actor{Person: uuid.New()}
	for range 9 {
		who.Grants = append(who.Grants, access.Grant{Role: access.Participant, Kind: access.Network, Scope: uuid.New()})
	}
	who.Grants = append(who.Grants, access.Grant{Role: access.Coordinator, Kind: access.Network, Scope: n})
	at := access.Place{Network: n}
	b.Run("can", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !a.Can(who, "network:edit", at) {
				b.Fatal("refused")
			}
		}
	})
	b.Run("map", func(b *testing.B) {
		m := map[access.Permission]bool{}
		for _, p := range a.Permissions() {
			m[p] = true
		}
		b.ReportAllocs()
		for b.Loop() {
			if !m["network:edit"] {
				b.Fatal("refused")
			}
		}
	})
	b.Run("compile", func(b *testing.B) {
		for b.Loop() {
			authorizer(b)
		}
	})
}
