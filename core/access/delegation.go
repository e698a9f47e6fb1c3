package access

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
)

// Delegated is a role that may be given on a kind of scope.
type Delegated struct {
	Role Role
	Kind ScopeKind
}

// How a role is given: by whoever holds all that it permits, or by appointment,
// which is declared line by line because the giver does not hold it.
const (
	held      = "held"
	appointed = "appointed"
)

// delegation maps a giver's role to what it gives, in the order of the file.
type delegation map[Role][]Delegated

// parseDelegation reads policies/delegation.csv. Every role must have a rule in
// the authorizer, and what a line says of holding must be so in the rules in
// force: a role that gains a permission which its giver lacks fails at start
// until somebody declares it an appointment.
func parseDelegation(text string, a *Authorizer) (delegation, error) {
	known := map[Role]bool{}
	for _, r := range a.Roles() {
		known[r] = true
	}
	c := csv.NewReader(strings.NewReader(text))
	c.Comment, c.TrimLeadingSpace, c.FieldsPerRecord = '#', true, 4
	lines, err := c.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("delegation: %w", err)
	}
	d := delegation{}
	for _, l := range lines {
		giver, given := Role(l[0]), Delegated{Role(l[1]), ScopeKind(l[2])}
		if !known[giver] || !known[given.Role] {
			return nil, fmt.Errorf("delegation: %v names a role without rules", l)
		}
		if !byHand(given) {
			return nil, fmt.Errorf("delegation: %v: roles on %s are given elsewhere", l, given.Kind)
		}
		switch lacks := a.lacks(giver, given.Role); {
		case l[3] != held && l[3] != appointed:
			return nil, fmt.Errorf("delegation: %v: want %s or %s", l, held, appointed)
		case l[3] == held && lacks != "":
			return nil, fmt.Errorf("delegation: %s gives %s as held, and lacks %s", giver, given.Role, lacks)
		case l[3] == appointed && lacks == "":
			return nil, fmt.Errorf("delegation: %s holds all of %s: it is no appointment", giver, given.Role)
		}
		d[giver] = append(d[giver], given)
	}
	return d, nil
}

// byHand reports whether roles of this kind are given by hand at all. Those inside
// networks and groups follow from being in them; only who evaluates a network
// from outside is no part of it.
func byHand(d Delegated) bool {
	switch d.Kind {
	case Platform, Centre, Institution, Programme, LocalGovernment:
		return true
	case Network:
		return d.Role == Evaluator
	}
	return false
}

// lacks is a permission of the core that one role has and the giver has not; ""
// when the giver has them all.
func (a *Authorizer) lacks(giver, r Role) Permission {
	for _, p := range a.Permissions() {
		if !strings.HasPrefix(string(p), "module:") && a.Allowed(r, p) && !a.Allowed(giver, p) && !a.Allowed(User, p) && !a.Allowed(Guest, p) {
			return p
		}
	}
	return ""
}

// gives reports whether a grant with which somebody acts lets them give w.
func (d delegation) gives(giver Role, w Delegated) bool {
	for _, x := range d[giver] {
		if x == w {
			return true
		}
	}
	return false
}

// Refused is a role or a permission that an actor cannot give by hand.
type Refused struct {
	// Role, or Permission that no role carries at all.
	Role       Role
	Permission Permission
	// Key is the sentence that says why.
	Key string
}

// ofModules begins the roles in which modules act by themselves; no person has one.
const ofModules = "system."

// guarded are permissions that nobody is to hold, so that nobody gives them.
var guarded = []Permission{"evaluation:raw", "election:ballot"}

// NotGivable lists what the actor cannot give, with the reason: what nobody
// holds, roles that follow from something else, roles that others give. Empty
// for who gives nothing at all.
func (s *Service) NotGivable(a *Actor) []Refused {
	mine := s.Givable(a)
	if len(mine) == 0 {
		return nil
	}
	var out []Refused
	for _, p := range guarded {
		if len(s.Authorizer.Holders(p)) == 0 {
			out = append(out, Refused{Permission: p, Key: "access.permission_nobodys"})
		}
	}
	for _, r := range s.Authorizer.Roles() {
		if r == Guest || r == User || strings.HasPrefix(string(r), ofModules) || slices.ContainsFunc(mine, func(d Delegated) bool { return d.Role == r }) {
			continue
		}
		key := "access.role_not_delegated"
		if s.delegation.givenAt(r) {
			key = "access.role_not_yours"
		}
		out = append(out, Refused{Role: r, Key: key})
	}
	return out
}

// givenAt reports whether anybody gives the role by hand, somewhere.
func (d delegation) givenAt(r Role) bool {
	for _, list := range d {
		if slices.ContainsFunc(list, func(x Delegated) bool { return x.Role == r }) {
			return true
		}
	}
	return false
}

// given reports whether anybody gives w by hand.
func (d delegation) given(w Delegated) bool {
	for giver := range d {
		if d.gives(giver, w) {
			return true
		}
	}
	return false
}
