package access

import (
	"encoding/csv"
	"fmt"
	"strings"
)

// Delegated is a role that may be given on a kind of scope.
type Delegated struct {
	Role Role
	Kind ScopeKind
}

// delegation maps a giver's role to what it gives, in the order of the file.
type delegation map[Role][]Delegated

// parseDelegation reads policies/delegation.csv; every role must have a rule
// in the authorizer, so that a misspelt line fails at start.
func parseDelegation(text string, a *Authorizer) (delegation, error) {
	known := map[Role]bool{}
	for _, r := range a.Roles() {
		known[r] = true
	}
	c := csv.NewReader(strings.NewReader(text))
	c.Comment, c.TrimLeadingSpace, c.FieldsPerRecord = '#', true, 3
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
		switch given.Kind {
		case Platform, Centre, Institution, Programme:
		default:
			return nil, fmt.Errorf("delegation: %v: roles on %s are given elsewhere", l, given.Kind)
		}
		d[giver] = append(d[giver], given)
	}
	return d, nil
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

// given reports whether anybody gives w by hand.
func (d delegation) given(w Delegated) bool {
	for giver := range d {
		if d.gives(giver, w) {
			return true
		}
	}
	return false
}
