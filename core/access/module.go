package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Rule permits an act on a kind of object to a role.
type Rule struct {
	Role           Role
	Object, Action string
}

// ModuleObject is the object under which a module's own permissions lie; its
// parts follow after a slash: "module:ore.thematic/plan".
func ModuleObject(id string) string { return "module:" + id }

// SetModule puts the role map of an enabled module in force, replacing the one
// it had; no rules, or none given, take it away. A module may only rule over
// objects of its own, [ModuleObject] and what lies under it, so that no role
// map can widen what the core permits. On error nothing changes.
//
// The verdicts act at the next request of this process; which modules are
// enabled is the database's to say, and each node calls SetModule for itself.
func (a *Authorizer) SetModule(id string, rules []Rule) error {
	if id == "" || strings.ContainsAny(id, "/:* ,\n") {
		return fmt.Errorf("access: bad module id %q", id)
	}
	own := ModuleObject(id)
	for _, r := range rules {
		if r.Object != own && !strings.HasPrefix(r.Object, own+"/") {
			return fmt.Errorf("access: role map of %s rules over %q, which is not its own", id, r.Object)
		}
		for _, part := range []string{string(r.Role), r.Object, r.Action} {
			if part == "" || strings.ContainsAny(part, "*,\n\" ") {
				return fmt.Errorf("access: role map of %s: bad rule %v", id, r)
			}
		}
		if strings.Contains(r.Action, ":") || strings.Contains(strings.TrimPrefix(r.Object, own), ":") {
			return fmt.Errorf("access: role map of %s: bad rule %v", id, r)
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	next := maps.Clone(a.modules)
	if next == nil {
		next = map[string][]Rule{}
	}
	if len(rules) == 0 {
		delete(next, id)
	} else {
		next[id] = slices.Clone(rules)
	}
	return a.swap(a.model, a.rules, next)
}

// Explanation says why an act is permitted or not.
type Explanation struct {
	Permission Permission
	Allowed    bool
	// Rule is the rule that Casbin matched: role, object, action; nil when none.
	Rule []string
	// Grant is the grant that carries the rule's role; zero for guest and user.
	Grant Grant
	// Would are the roles that permit the act somewhere, sorted; what to ask for.
	Would []Role
}

// Explain answers like [Authorizer.Can], by asking Casbin itself, and says
// which rule and which grant decided. It is slow (a scan of all rules a grant).
func (a *Authorizer) Explain(actor *Actor, p Permission, at Place) (Explanation, error) {
	x := Explanation{Permission: p}
	t := a.table.Load()
	obj, act := p.split()
	held := []Grant{{Role: Guest}}
	if actor.SignedIn() {
		held = append(held, Grant{Role: User})
	}
	for i := range actor.Grants {
		if covers(&actor.Grants[i], &at) {
			held = append(held, actor.Grants[i])
		}
	}
	for _, g := range held {
		ok, rule, err := t.enforcer.EnforceEx(string(g.Role), obj, act)
		if err != nil {
			return x, fmt.Errorf("explain %s: %w", p, err)
		}
		if ok {
			x.Allowed, x.Rule = true, rule
			if g.Kind != "" {
				x.Grant = g
			}
			break
		}
	}
	for r := range t.roles {
		if c, ok := t.perms[p]; ok && t.may(r, c) {
			x.Would = append(x.Would, r)
		}
	}
	slices.Sort(x.Would)
	return x, nil
}
