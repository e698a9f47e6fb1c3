package app

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/schedule/calendar"
	"ore.edu.pl/sieci/core/web/ui"
)

// wireNotify builds what tells people things. Networks are wired after it and
// looked up when asked for.
func (a *App) wireNotify() {
	a.Notify = notify.New(notify.Config{DB: a.DB, Access: a.Access, Clock: a.Clock, Jobs: a.Jobs, Audit: a.Audit,
		People: identity.Receivers{DB: a.DB}, Networks: networkNames{a}, FreeDay: a.freeDay, Secret: a.Keys.Key("unsubscribe"),
		Sender: a.Sender, BaseURL: a.Config.BaseURL, From: a.Config.MailFrom})
}

// regions are the voivodeships for a choice.
func (a *App) regions(ctx context.Context) ([]ui.Option, error) {
	units, err := a.Registry.Units(ctx, "", registry.Voivodeship)
	if err != nil {
		return nil, err
	}
	out := make([]ui.Option, len(units))
	for i, u := range units {
		out[i] = ui.Option{Value: u.Code, Text: u.Name}
	}
	return out, nil
}

// networkNames is the port of core/notify to core/network.
type networkNames struct{ a *App }

// Titles implements [notify.Networks].
func (n networkNames) Titles(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	return n.a.Networks.Titles(ctx, ids)
}

// Of implements [notify.Networks].
func (n networkNames) Of(ctx context.Context, actor *access.Actor) ([]notify.NamedNetwork, error) {
	cards, err := n.a.Networks.Mine(ctx, actor)
	if err != nil {
		return nil, err
	}
	out := make([]notify.NamedNetwork, len(cards))
	for i := range cards {
		out[i] = notify.NamedNetwork{ID: cards[i].ID, Title: cards[i].Title}
	}
	return out, nil
}

// freeDay is the port of core/notify to the school calendar.
func (a *App) freeDay(day time.Time) (everybody bool, voivodeships []string) {
	for _, c := range a.Days.Calendar(context.Background()).Clashes(day, calendar.Voivodeships...) {
		switch c.Kind {
		case calendar.PublicHoliday, calendar.Weekend:
			return true, nil
		case calendar.WinterBreak:
			voivodeships = append(voivodeships, c.Voivodeships...)
		}
	}
	return false, voivodeships
}
