// Package elections is the page of a network where its next coordinator is
// elected and the present one passes things on.
package elections

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/election"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/schedule/calendar"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Tab is the page below a network's address.
const Tab = "/wybory"

// closingHour is when a day's standing or voting ends: in the evening, so that
// the day itself can be used.
const closingHour = 20

// Deps are what the pages need.
type Deps struct {
	Elections *election.Service
	Clock     clock.Clock
}

type pages struct{ Deps }

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	const own = "/wybory/:id"
	return []kit.Route{
		kit.Get("/sieci/:id"+Tab, election.PermView, p.show),
		kit.Get("/sieci/:id"+Tab+"/nowe", election.PermOpen, p.newForm),
		kit.Post("/sieci/:id"+Tab+"/nowe", election.PermOpen, "announceElection", p.announce),
		kit.Post("/sieci/:id"+Tab+"/kandydat", election.PermStand, "standInElection", p.stand),
		kit.Post("/sieci/:id"+Tab+"/glos", election.PermVote, "voteInElection", p.vote),
		kit.Post("/sieci/:id"+Tab+"/odwolaj", election.PermOpen, "cancelElection", p.cancel),
		kit.Post("/sieci/:id"+Tab+"/odmow", election.PermConfirm, "refuseElection", p.refuse),
		kit.Post("/sieci/:id"+Tab+"/lista", election.PermView, "addHandoverItem", p.addItem),
		kit.Post(own+"/wycofaj", election.PermStand, "standDownInElection", p.plain(func(ctx context.Context, a *access.Actor, id uuid.UUID) error {
			return p.Elections.StandDown(ctx, a, id)
		}, "election.flash.down")),
		kit.Post(own+"/zatwierdz", election.PermConfirm, "confirmElection", p.plain(func(ctx context.Context, a *access.Actor, id uuid.UUID) error {
			return p.Elections.Confirm(ctx, a, id)
		}, "election.flash.confirmed")).WithReauth(),
		kit.Post(own+"/lista/:rzecz", election.PermView, "tickHandoverItem", p.tick),
	}
}

type view struct {
	*election.Election
	Path, Own string
	MayOpen   bool
	Going     bool
	Nonce     string
	Cards     []ui.Card
	Options   []ui.Option
	Typed     map[string]string
	Problems  ui.Problems
}

// read gives the page of the network in the address.
func (p *pages) read(c *kit.Ctx) (view, error) {
	id, err := c.UUID("id")
	if err != nil {
		return view{}, err
	}
	e, f, err := p.Elections.Of(c.Context(), c.Actor(), id)
	if err != nil {
		return view{}, err
	}
	c.InNetwork(f.ID, f.Title, c.T("election.title"), f.Place, Tab)
	v := view{Election: e, Path: election.Path(f.ID), MayOpen: f.MayOpen && (e == nil || !e.State.Open()), Going: f.Going, Typed: map[string]string{}}
	if e == nil {
		return v, nil
	}
	v.Own, v.Nonce = "/wybory/"+e.ID.String(), election.NewNonce()
	for _, x := range e.Candidates {
		card := ui.Card{Title: x.Name, Lead: x.Statement, Level: 3}
		if x.Votes != nil {
			card.Facts = []ui.Fact{{Label: c.T("election.votes"), Value: strconv.Itoa(*x.Votes)}}
		}
		if e.WinnerID == x.Person {
			card.Tag, card.Tone = c.T("election.winner"), ui.Good
		}
		v.Cards = append(v.Cards, card)
		v.Options = append(v.Options, ui.Option{Value: x.Person.String(), Text: x.Name})
		if x.Person == c.Actor().Person {
			v.Typed["statement"] = x.Statement
		}
	}
	nobody := "election.nobody"
	if v.alone() {
		nobody = "election.nobody_one"
	}
	v.Options = append(v.Options, ui.Option{Value: election.Nobody, Text: c.T(nobody)})
	return v, nil
}

// alone reports whether there is nobody to choose between.
func (v *view) alone() bool { return len(v.Candidates) == 1 }

func (p *pages) show(c *kit.Ctx) error {
	v, err := p.read(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, page(v))
}

// facts of an election, for its page.
func (v *view) facts(ctx context.Context) []ui.Fact {
	l := i18n.FromContext(ctx)
	list := []ui.Fact{
		{Label: i18n.T(ctx, "election.opened_by"), Value: v.OpenedBy},
		{Label: i18n.T(ctx, "election.stand_until"), Value: show.DateTime(l, v.StandUntil.In(clock.Warsaw))},
		{Label: i18n.T(ctx, "election.vote_until"), Value: show.DateTime(l, v.VoteUntil.In(clock.Warsaw))},
		{Label: i18n.T(ctx, "election.quorum"), Value: i18n.T(ctx, "election.quorum_value", "Percent", v.Quorum)},
	}
	if v.Eligible > 0 {
		list = append(list, ui.Fact{Label: i18n.T(ctx, "election.turnout"), Value: i18n.T(ctx, "election.turnout_value", "Votes", v.Turnout, "Eligible", v.Eligible)})
	}
	if v.Note != "" {
		list = append(list, ui.Fact{Label: i18n.T(ctx, "election.note"), Value: v.Note})
	}
	return list
}

func (v *view) tone() ui.Tone {
	switch v.State {
	case election.Standing, election.Voting, election.Elected:
		return ui.Info
	case election.Confirmed:
		return ui.Good
	}
	return ui.Warn
}

func itemText(ctx context.Context, i *election.Item) string {
	if i.Key != "" {
		return i18n.T(ctx, "election.item."+i.Key)
	}
	return i.Text
}

func (p *pages) newForm(c *kit.Ctx) error {
	v, err := p.read(c)
	if err != nil {
		return err
	}
	today := p.Clock.Now().In(clock.Warsaw)
	v.Typed = map[string]string{"stand_until": today.AddDate(0, 0, 14).Format(time.DateOnly), "vote_until": today.AddDate(0, 0, 21).Format(time.DateOnly),
		"quorum": strconv.Itoa(election.DefaultQuorum)}
	return p.renderNew(c, &v)
}

func (p *pages) renderNew(c *kit.Ctx, v *view) error {
	c.Page(c.T("election.new")).Crumb(c.T("election.title"), v.Path)
	return c.Render(http.StatusOK, newPage(*v))
}

func (p *pages) announce(c *kit.Ctx) error {
	v, err := p.read(c)
	if err != nil {
		return err
	}
	f := c.Form()
	for _, n := range []string{"note", "stand_until", "vote_until", "quorum"} {
		v.Typed[n] = f.Text(n)
	}
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	in := election.Input{Note: v.Typed["note"], StandUntil: evening(v.Typed["stand_until"]), VoteUntil: evening(v.Typed["vote_until"])}
	in.Quorum, _ = strconv.Atoi(v.Typed["quorum"]) // what is no number is out of range
	if _, err = p.Elections.Announce(c.Context(), c.Actor(), id, in); err == nil {
		return c.Redirect(v.Path, "election.flash.open")
	}
	c.Page(c.T("election.new")).Crumb(c.T("election.title"), v.Path)
	return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return newPage(v) })
}

// evening is the closing hour of a day; zero, which every rule refuses, when
// it is none.
func evening(day string) time.Time {
	t, err := calendar.Local(day, strconv.Itoa(closingHour)+":00", "")
	if err != nil {
		return time.Time{}
	}
	return t
}

// form runs an act of the election's own page that has typed fields; a problem
// shows the page again with what was typed.
func (p *pages) form(c *kit.Ctx, flash string, fields []string, act func(v *view) error) error {
	v, err := p.read(c)
	if err != nil {
		return err
	}
	if v.Election == nil {
		return c.Redirect(v.Path, "")
	}
	for _, n := range fields {
		v.Typed[n] = c.Form().Text(n)
	}
	if err := act(&v); err != nil {
		return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return page(v) })
	}
	return c.Redirect(v.Path, flash)
}

func (p *pages) stand(c *kit.Ctx) error {
	return p.form(c, "election.flash.stand", []string{"statement"}, func(v *view) error {
		return p.Elections.Stand(c.Context(), c.Actor(), v.ID, v.Typed["statement"])
	})
}

func (p *pages) vote(c *kit.Ctx) error {
	return p.form(c, "election.flash.voted", []string{"choice"}, func(v *view) error {
		return p.Elections.Vote(c.Context(), c.Actor(), v.ID, v.Typed["choice"], c.Form().Get("nonce"))
	})
}

func (p *pages) cancel(c *kit.Ctx) error {
	return p.form(c, "election.flash.cancelled", []string{"reason"}, func(v *view) error {
		return p.Elections.Cancel(c.Context(), c.Actor(), v.ID, v.Typed["reason"])
	})
}

func (p *pages) refuse(c *kit.Ctx) error {
	return p.form(c, "election.flash.refused", []string{"reason"}, func(v *view) error {
		return p.Elections.Refuse(c.Context(), c.Actor(), v.ID, v.Typed["reason"])
	})
}

func (p *pages) addItem(c *kit.Ctx) error {
	return p.form(c, "election.flash.item", []string{"text"}, func(v *view) error {
		return p.Elections.AddItem(c.Context(), c.Actor(), v.ID, v.Typed["text"])
	})
}

// plain is an act of one button.
func (p *pages) plain(act func(ctx context.Context, a *access.Actor, id uuid.UUID) error, flash string) func(*kit.Ctx) error {
	return func(c *kit.Ctx) error {
		id, err := c.UUID("id")
		if err != nil {
			return err
		}
		network, err := p.Elections.Network(c.Context(), c.Actor(), id)
		if err != nil {
			return err
		}
		if err := act(c.Context(), c.Actor(), id); err != nil {
			return err
		}
		return c.Redirect(election.Path(network), flash)
	}
}

func (p *pages) tick(c *kit.Ctx) error {
	item, err := c.UUID("rzecz")
	if err != nil {
		return err
	}
	done := c.Form().Get("zrobione") == "1"
	return p.plain(func(ctx context.Context, a *access.Actor, id uuid.UUID) error {
		return p.Elections.Tick(ctx, a, id, item, done)
	}, "election.flash.item")(c)
}

// Todo are elections that wait for a person.
type Todo struct{ Elections *election.Service }

var _ kit.TodoSource = Todo{}

// Ask implements [kit.TodoSource].
func (t Todo) Ask(a *access.Actor) (gather.Part, bool) { return t.Elections.AskTodo(a) }

// Read implements [kit.TodoSource].
func (t Todo) Read(ctx context.Context, f gather.Found) ([]kit.TodoItem, error) {
	rows, err := t.Elections.ReadTodo(f)
	out := make([]kit.TodoItem, len(rows))
	for i, r := range rows {
		out[i] = kit.TodoItem{Text: i18n.T(ctx, "election.todo."+r.What), Where: r.Title, Href: election.Path(r.Network)}
		if r.Until != nil {
			out[i].Due = *r.Until
		}
	}
	return out, err
}

// outcome says in a sentence how the election stands.
func outcome(ctx context.Context, v *view) string {
	switch v.State {
	case election.Failed:
		if v.alone() && v.Reason == "nobody" {
			return i18n.T(ctx, "election.failed.nobody_one")
		}
		return i18n.T(ctx, "election.failed."+v.Reason)
	case election.Refused, election.Cancelled:
		return i18n.T(ctx, "election.outcome."+string(v.State), "Reason", v.Reason)
	}
	return i18n.T(ctx, "election.outcome."+string(v.State), "Name", v.Winner)
}
