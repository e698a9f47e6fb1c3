package access_test

import (
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/policies"
)

func TestTableEqualsCasbin(t *testing.T) {
	t.Parallel()
	a, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range append(a.Roles(), "nobody") {
		for _, p := range append(a.Permissions(), "no:thing") {
			want, _, err := a.Enforce(r, p)
			if err != nil {
				t.Fatal(err)
			}
			if got := a.Allowed(r, p); got != want {
				t.Errorf("%s %s: table %v, Casbin %v", r, p, got, want)
			}
		}
	}
}

func TestCanAllocatesNothing(t *testing.T) {
	a, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	n := uuid.New()
	who := &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: access.Participant, Kind: access.Network, Scope: uuid.New()}, {Role: access.Coordinator, Kind: access.Network, Scope: n}}}
	at := access.Place{Network: n}
	if got := testing.AllocsPerRun(100, func() {
		if !a.Can(who, "network:edit", at) || a.Can(who, "module:enable", at) {
			t.Fatal("wrong decision")
		}
	}); got != 0 {
		t.Errorf("%v allocations", got)
	}
}
