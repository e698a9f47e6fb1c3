// Package tell makes the effect notify happen: a module's message, in the
// language of each reader, to a person, to the holders of a role or to a group.
// It owns no table; core/notify keeps and sends.
package tell

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/form/declared"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/notify"
)

// most is how many people one message reaches: the largest network.
const most = 5000

// Ceilings of a message's texts, in characters.
const (
	maxSubject = 150
	maxBody    = 2000
)

// Sender keeps and sends; *notify.Service is one.
type Sender interface {
	Send(ctx context.Context, tx *db.Tx, m notify.Message) error
}

// Applier applies notify.
type Applier struct {
	send Sender
	link func(s effect.ScopeState, view string) string
}

var _ effect.Applier = Applier{}

// New makes the applier; link gives the path of a scope's view ("" = its first
// page), or "" when the scope has no page.
func New(s Sender, link func(s effect.ScopeState, view string) string) Applier {
	return Applier{send: s, link: link}
}

// Kinds are the effects served.
func (Applier) Kinds() []effect.Kind { return []effect.Kind{effect.KindNotify} }

// Check implements [effect.Applier]: a Polish text, one receiver, and people
// only of the scope: a module writes to nobody else.
func (a Applier) Check(ctx context.Context, q db.Q, d *effect.Decision, e effect.Effect) error {
	n := e.(*effect.Notify)
	for _, t := range []struct {
		text effect.Text
		max  int
	}{{n.Subject, maxSubject}, {n.Body, maxBody}} {
		if strings.TrimSpace(t.text["pl"]) == "" {
			return effect.BadAnswer("message without a Polish text")
		}
		for _, s := range t.text {
			if len([]rune(s)) > t.max || !declared.CleanText(s, t.max == maxBody) {
				return effect.BadAnswer("message with a text that is too long or has forbidden characters")
			}
		}
	}
	if n.Group != uuid.Nil {
		if _, ok := d.Scope(effect.Scope{Kind: effect.Group, ID: n.Group}); !ok {
			return effect.BadAnswer("message to a group that the decision does not know")
		}
	}
	if n.Person != uuid.Nil && n.Person != d.Actor.Person {
		grants, err := access.RolesOf(ctx, q, n.Person, d.Now)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(grants, func(g access.Grant) bool { return g.Scope == n.Scope.ID }) {
			return effect.BadAnswer("message to a person who holds no role in the scope")
		}
	}
	return nil
}

// Apply implements [effect.Applier].
func (a Applier) Apply(ctx context.Context, tx *db.Tx, d *effect.Decision, e effect.Effect, id uuid.UUID) error {
	n := e.(*effect.Notify)
	to, err := a.receivers(ctx, tx, d, n)
	if err != nil || len(to) == 0 {
		return err
	}
	m := notify.Message{To: to, Wording: map[i18n.Lang]notify.Wording{}, Once: "effect:" + id.String()}
	for _, l := range i18n.Langs {
		if n.Subject[string(l)] != "" {
			m.Wording[l] = notify.Wording{Title: n.Subject[string(l)], Text: n.Body[string(l)]}
		}
	}
	if n.Scope.Kind == effect.Network {
		m.Network = n.Scope.ID
	}
	if st, ok := d.Scope(n.Scope); ok {
		m.Link = a.link(st, n.View)
	}
	return a.send.Send(ctx, tx, m)
}

func (a Applier) receivers(ctx context.Context, q db.Q, d *effect.Decision, n *effect.Notify) ([]uuid.UUID, error) {
	switch {
	case n.Person != uuid.Nil:
		return []uuid.UUID{n.Person}, nil
	case n.Group != uuid.Nil:
		var all []uuid.UUID
		for _, r := range []access.Role{access.TeamMember, access.Head} {
			ids, err := access.HoldersOf(ctx, q, r, access.Group, n.Group, d.Now, most)
			if err != nil {
				return nil, err
			}
			all = append(all, ids...)
		}
		return distinct(all), nil
	default:
		return access.HoldersOf(ctx, q, access.Role(n.Role), access.ScopeKind(n.Scope.Kind), n.Scope.ID, d.Now, most)
	}
}

func distinct(ids []uuid.UUID) []uuid.UUID {
	seen := make(map[uuid.UUID]bool, len(ids))
	out := ids[:0]
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}
