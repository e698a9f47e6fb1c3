package app

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/fold"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/web/people"
	"ore.edu.pl/sieci/core/web/ui"
)

// maxOffered is how many places are offered for a role at once: more are found
// by words of their titles.
const maxOffered = 20

// programmesForRoles and networksForRoles find where a role is given by hand.
type (
	programmesForRoles struct{ a *App }
	networksForRoles   struct{ a *App }
)

var (
	_ people.Finder = programmesForRoles{}
	_ people.Finder = networksForRoles{}
)

// Find implements people.Finder over the actor's first 100 programmes.
func (f programmesForRoles) Find(ctx context.Context, who *access.Actor, words string) ([]ui.Option, error) {
	page, err := f.a.Programmes.List(ctx, who, "", 100)
	var out []ui.Option
	for i := range page.Items {
		p := &page.Items[i]
		if len(out) < maxOffered && f.may(who, p) && strings.Contains(fold.Text(p.Title+" "+p.Code), fold.Text(words)) {
			out = append(out, ui.Option{Value: p.ID.String(), Text: p.Title, Hint: p.Code})
		}
	}
	return out, err
}

// One implements people.Finder.
func (f programmesForRoles) One(ctx context.Context, who *access.Actor, id uuid.UUID) (string, error) {
	p, err := f.a.Programmes.Get(ctx, who, id)
	if fault.Is(err, fault.NotFound) || err == nil && !f.may(who, p) {
		return "", nil
	}
	return p.Title, err
}

func (f programmesForRoles) may(who *access.Actor, p *programme.Programme) bool {
	return f.a.Access.Can(who, access.GrantRolePerm, access.Place{Programme: p.ID, Centre: p.Centre})
}

// Find implements people.Finder.
func (f networksForRoles) Find(ctx context.Context, who *access.Actor, words string) ([]ui.Option, error) {
	list, _, err := f.a.Networks.List(ctx, who, network.Filter{Text: words, Managed: true, Limit: maxOffered})
	var out []ui.Option
	for i := range list {
		n := &list[i]
		if f.a.Access.Can(who, access.GrantRolePerm, access.Place{Network: n.ID, Centre: n.Centre}) {
			out = append(out, ui.Option{Value: n.ID.String(), Text: n.Title, Hint: n.CentrePlace.Label(ctx, n.CentreName) + ", " + show.SchoolYear(n.SchoolYear)})
		}
	}
	return out, err
}

// One implements people.Finder.
func (f networksForRoles) One(ctx context.Context, who *access.Actor, id uuid.UUID) (string, error) {
	n, err := f.a.Networks.Get(ctx, who, id)
	if fault.Is(err, fault.NotFound) || err == nil && !f.a.Access.Can(who, access.GrantRolePerm, n.Place()) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return n.Title, nil
}
