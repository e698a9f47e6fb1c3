package people

import (
	"context"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/web/ui"
)

// grantFacts are what was chosen so far.
func grantFacts(ctx context.Context, v grantView) []ui.Fact {
	out := []ui.Fact{{Label: i18n.T(ctx, "people.roles.role"), Value: i18n.T(ctx, "access.role."+string(v.Role)),
		Change: v.Change, ChangeWhat: i18n.T(ctx, "people.roles.what")}}
	switch {
	case v.Kind == access.Platform:
		out = append(out, ui.Fact{Label: i18n.T(ctx, "people.roles.where"), Value: i18n.T(ctx, "access.scope.platform")})
	case v.PlaceOf != "":
		out = append(out, ui.Fact{Label: i18n.T(ctx, "people.roles.where"), Value: v.PlaceOf, Change: v.Pick, ChangeWhat: i18n.T(ctx, placeKey(v.Kind))})
	}
	return out
}

// placeKey is what the link that changes the place names.
func placeKey(k access.ScopeKind) string {
	switch k {
	case access.Programme, access.Network, access.LocalGovernment:
		return "people.grant.place." + string(k)
	}
	return "people.grant.place"
}

// grantHidden carries the choices of earlier steps.
func grantHidden(v grantView) []ui.Hidden {
	out := []ui.Hidden{{Name: "osoba", Value: v.Who.ID.String()}, {Name: "role", Value: v.Choice}}
	if v.Kind != access.Platform {
		out = append(out, ui.Hidden{Name: "scope", Value: v.Place.String()})
	}
	return out
}

// pickLabel names the search for the place of the role.
func pickLabel(ctx context.Context, v grantView) string {
	if v.Kind == access.LocalGovernment {
		return i18n.T(ctx, "people.grant.pick_unit")
	}
	return i18n.T(ctx, "people.grant.pick")
}
