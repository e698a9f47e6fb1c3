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
