package account

import (
	"context"
	"strconv"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/ui"
)

var noSchool = uuid.Nil.String()

func schoolLine(name, town string) string {
	if name != "" && town != "" {
		return name + ", " + town
	}
	return name
}

func invitationFacts(ctx context.Context, who identity.Invitation) []ui.Fact {
	out := []ui.Fact{{Label: i18n.T(ctx, "account.email"), Value: who.Email}}
	if who.ByName != "" {
		out = append(out, ui.Fact{Label: i18n.T(ctx, "account.invitation.by"), Value: who.ByName})
	}
	if who.InstitutionName != "" {
		out = append(out, ui.Fact{Label: i18n.T(ctx, "account.institution"), Value: who.InstitutionName})
	}
	return out
}

// profileFacts are what others see, the name first; what is not shown is left out.
func profileFacts(ctx context.Context, p identity.Profile) []ui.Fact {
	out := []ui.Fact{
		{Label: i18n.T(ctx, "account.name"), Value: p.Name},
		{Label: i18n.T(ctx, "account.institution"), Value: p.School.Label(ctx)},
	}
	if p.Function != "" {
		out = append(out, ui.Fact{Label: i18n.T(ctx, "account.function"), Value: p.Function})
	}
	if p.About != "" {
		out = append(out, ui.Fact{Label: i18n.T(ctx, "account.about"), Body: paragraphs(p.About)})
	}
	if p.Email != "" {
		out = append(out, ui.Fact{Label: i18n.T(ctx, "account.email"), Value: p.Email})
	}
	return out
}

func shownOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, f := range identity.Showable {
		out = append(out, ui.Option{Value: f, Text: i18n.T(ctx, "account."+f)})
	}
	return out
}

func dayOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, d := range tokenDays {
		out = append(out, ui.Option{Value: strconv.Itoa(d), Text: i18n.N(ctx, "account.tokens.days_n", d)})
	}
	return out
}
