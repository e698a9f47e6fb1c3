// Package rightsapi offers explanations of permissions to programs: one's own
// roles, why one can or cannot open a page and what one may do there, who sees
// one's data, and what giving or taking a role would change.
package rightsapi

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/rights"
)

// Deps are what the operations need.
type Deps struct {
	Roles *access.Service
	Asker *rights.Asker
	Clock clock.Clock
}

type role struct {
	Role      string     `json:"role"`
	Words     string     `json:"words" doc:"The role for people, in the language asked for."`
	ScopeKind string     `json:"scopeKind"`
	ScopeName string     `json:"scopeName,omitempty"`
	From      time.Time  `json:"from"`
	Until     *time.Time `json:"until,omitempty" doc:"The first moment without the role."`
	InsteadOf string     `json:"insteadOf,omitempty" doc:"Whom the person stands in for."`
	When      string     `json:"when" enum:"now,future,ended"`
}

func (d Deps) role(ctx context.Context, h *access.Held) role {
	return role{Role: string(h.Role), Words: rights.RoleName(ctx, h.Role), ScopeKind: string(h.Kind), ScopeName: h.ScopeName, From: h.From.UTC(),
		Until: h.To, InsteadOf: h.InsteadOf, When: string(h.When(d.Clock.Now()))}
}

type rolesOut struct{ Body kit.List[role] }

type whyIn struct {
	Address string `query:"address" required:"true" maxLength:"2000" doc:"An address of the platform, or the path of one."`
}

type verdict struct {
	Permission string   `json:"permission"`
	Words      string   `json:"words"`
	Allowed    bool     `json:"allowed"`
	Rule       []string `json:"rule,omitempty" doc:"The rule that decided: role, object, action."`
	Role       *role    `json:"role,omitempty" doc:"The role that carries the rule."`
	Would      []string `json:"would" doc:"Roles that permit it somewhere."`
	Reasons    []string `json:"reasons" doc:"The same in sentences, in the language asked for."`
}

func (d Deps) verdict(ctx context.Context, x *access.Answer) verdict {
	v := verdict{Permission: string(x.Permission), Words: rights.Phrase(ctx, x.Permission), Allowed: x.Allowed, Rule: x.Rule, Would: []string{},
		Reasons: rights.Reasons(ctx, x)}
	if x.By != nil {
		r := d.role(ctx, x.By)
		v.Role = &r
	}
	for _, r := range x.Would {
		v.Would = append(v.Would, string(r))
	}
	return v
}

type whyOut struct {
	Body struct {
		Sight string    `json:"sight" enum:"no_page,hidden,unsure,shown" doc:"hidden: nothing is there for you; the same for things that exist and for things that do not. unsure: it depends on what the page is about; open it."`
		Title string    `json:"title,omitempty"`
		Open  *verdict  `json:"open,omitempty" doc:"Missing where everybody, or every account, may open the page."`
		Acts  []verdict `json:"acts"`
	}
}

type seen struct {
	Data string   `json:"data"`
	By   []string `json:"by" doc:"Who, in sentences of the language asked for."`
}

type seenOut struct{ Body kit.List[seen] }

type changeIn struct {
	Person    uuid.UUID `query:"person" required:"true" format:"uuid"`
	Role      string    `query:"role" required:"true" maxLength:"60"`
	ScopeKind string    `query:"scopeKind" required:"true" enum:"platform,centre,institution,programme,network,local_government"`
	Scope     uuid.UUID `query:"scope" format:"uuid" doc:"Missing for the platform."`
	Unit      string    `query:"unit" pattern:"^([0-9]{2}([0-9]{2}([0-9]{3})?)?)?$" doc:"For local_government, in place of scope: the TERC code."`
}

type idIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

type changeOut struct {
	Body struct {
		Changes []string `json:"changes" doc:"Permissions that the person gains, or loses, there."`
		Keeps   []string `json:"keeps" doc:"Those of the role that other roles of the person give there anyway."`
		Same    []role   `json:"same" doc:"Grants of the same role at the same place."`
	}
}

func (d Deps) change(ctx context.Context, c access.Change) *changeOut {
	out := &changeOut{}
	out.Body.Changes, out.Body.Keeps, out.Body.Same = texts(c.Gains), texts(c.Has), []role{}
	for i := range c.Same {
		out.Body.Same = append(out.Body.Same, d.role(ctx, &c.Same[i]))
	}
	return out
}

func texts(list []access.Permission) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = string(p)
	}
	return out
}

// Register adds the operations.
func Register(a *kit.API, d Deps) {
	kit.Register(a, kit.Op{ID: "listOwnRights", Method: "GET", Path: "/me/rights", Perm: identity.PermSelf, Most: kit.Whole,
		Summary: "One's own roles: in force, to come, and ended in the last year."},
		func(ctx context.Context, _ *kit.None) (*rolesOut, error) {
			list, err := d.Roles.Own(ctx, access.From(ctx))
			out := make([]role, len(list))
			for i := range list {
				out[i] = d.role(ctx, &list[i])
			}
			return &rolesOut{kit.Page(out, "")}, err
		})
	kit.Register(a, kit.Op{ID: "explainAccess", Method: "GET", Path: "/me/rights/why", Perm: identity.PermSelf,
		Summary: "Why one can or cannot open a page, and what one may do there."},
		func(ctx context.Context, in *whyIn) (*whyOut, error) {
			f, err := d.Asker.Ask(ctx, access.From(ctx), in.Address)
			if err != nil {
				return nil, err
			}
			out := &whyOut{}
			out.Body.Sight, out.Body.Title, out.Body.Acts = string(f.Sight), f.Title, []verdict{}
			if f.Open.Permission != "" {
				v := d.verdict(ctx, &f.Open)
				out.Body.Open = &v
			}
			for i := range f.Acts {
				out.Body.Acts = append(out.Body.Acts, d.verdict(ctx, &f.Acts[i]))
			}
			return out, nil
		})
	kit.Register(a, kit.Op{ID: "listWhoSeesMe", Method: "GET", Path: "/me/seen-by", Perm: identity.PermSelf, Most: kit.Whole,
		Summary: "Who may see which data about oneself."},
		func(ctx context.Context, _ *kit.None) (*seenOut, error) {
			list, err := d.Roles.SeenBy(ctx, access.From(ctx))
			out := make([]seen, len(list))
			for i := range list {
				out[i] = seen{Data: list[i].Data, By: rights.SeenLines(ctx, &list[i])}
			}
			return &seenOut{kit.Page(out, "")}, err
		})
	kit.Register(a, kit.Op{ID: "previewRole", Method: "GET", Path: "/roles/preview", Perm: access.GrantRolePerm,
		Summary: "What giving a role would change; nothing is written."},
		func(ctx context.Context, in *changeIn) (*changeOut, error) {
			if in.ScopeKind == string(access.LocalGovernment) && in.Unit != "" {
				in.Scope = access.UnitScope(in.Unit)
			}
			c, err := d.Roles.WouldChange(ctx, access.From(ctx), access.RoleInput{Person: in.Person, Role: access.Role(in.Role),
				Kind: access.ScopeKind(in.ScopeKind), Scope: in.Scope})
			return d.change(ctx, c), err
		})
	kit.Register(a, kit.Op{ID: "previewRevocation", Method: "GET", Path: "/roles/{id}/preview", Perm: access.GrantRolePerm,
		Summary: "What taking a role away would change; nothing is written."},
		func(ctx context.Context, in *idIn) (*changeOut, error) {
			_, c, err := d.Roles.WouldLose(ctx, access.From(ctx), in.ID)
			return d.change(ctx, c), err
		})
}
