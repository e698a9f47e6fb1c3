package calendar

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/calendar"
	"ore.edu.pl/sieci/core/schedule/poll"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// pollsView is the list of a network's polls.
type pollsView struct {
	Title, Lead, New string
	Rows             []ui.TaskRow
	Pages            ui.Pages
}

// meetingsTab is the tab of a network to which its polls belong.
const meetingsTab = "/spotkania"

// inside names a page about polls of a network.
func inside(c *kit.Ctx, n poll.Network, title string) *ui.Page {
	page := c.InNetwork(n.ID, n.Title, title, n.At, meetingsTab)
	if title != c.T("poll.title") {
		page.Crumb(c.T("poll.title"), kit.NetworkPath+n.ID.String()+PollsTab)
	}
	return page
}

func (p *pages) polls(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	list, err := p.Polls.List(c.Context(), c.Actor(), id, c.Query("po"), 0)
	if err != nil {
		return err
	}
	inside(c, list.Network, c.T("poll.title"))
	path := "/sieci/" + id.String() + PollsTab
	v := pollsView{Title: c.T("poll.title"), Lead: list.Network.Title}
	if list.May.Manage && list.Network.Status == "open" {
		v.New = path + "/nowa"
	}
	for i := range list.Items {
		v.Rows = append(v.Rows, pollRow(c.Context(), &list.Items[i], p.Clock.Now()))
	}
	if list.Next != "" {
		v.Pages.Next = path + "?" + url.Values{"po": {list.Next}}.Encode()
	}
	if c.Query("po") != "" {
		v.Pages.First = path
	}
	return c.Render(http.StatusOK, pollsPage(v))
}

func pollRow(ctx context.Context, x *poll.Poll, now time.Time) ui.TaskRow {
	r := ui.TaskRow{Title: x.Title, Href: poll.PathOf(x.ID), Hint: i18n.T(ctx, "poll.answered", "N", x.Answered, "Asked", x.Asked)}
	r.Status, r.Tone = pollTag(ctx, x, now)
	if x.State == poll.Chosen {
		r.Hint = i18n.T(ctx, "poll.chosen_hint", "Starts", show.DateTime(i18n.FromContext(ctx), *x.ChosenStarts))
	}
	return r
}

// pollTag is the state in at most three words.
func pollTag(ctx context.Context, x *poll.Poll, now time.Time) (string, ui.Tone) {
	switch {
	case x.Late(now):
		return i18n.T(ctx, "poll.tag.late"), ui.Warn
	case x.State == poll.Open && x.Mine < x.Slots:
		return i18n.T(ctx, "poll.tag.waits"), ui.Warn
	case x.State == poll.Open:
		return i18n.T(ctx, "poll.tag.open"), ui.Info
	case x.State == poll.Chosen:
		return i18n.T(ctx, "poll.tag.chosen"), ui.Good
	}
	return i18n.T(ctx, "poll.tag.closed"), ui.Neutral
}

func runningRows(ctx context.Context, list []poll.Running) []ui.TaskRow {
	out := make([]ui.TaskRow, len(list))
	for i, x := range list {
		out[i] = ui.TaskRow{Title: x.Title, Href: poll.PathOf(x.ID), Hint: i18n.T(ctx, "poll.until", "Until", show.DateTime(i18n.FromContext(ctx), x.AnswerBy)),
			Status: i18n.T(ctx, "poll.tag.open"), Tone: ui.Info}
		if x.Mine < x.Slots {
			out[i].Status, out[i].Tone = i18n.T(ctx, "poll.tag.waits"), ui.Warn
		}
	}
	return out
}

// pollView is the page of a poll.
type pollView struct {
	*poll.Detail
	Path     string
	Tag      string
	Tone     ui.Tone
	Facts    []ui.Fact
	Best     string // in words, with the rule that decided
	Slots    []slotView
	Form     bool // the reader answers
	Rest     bool // "no" for what is left unanswered is ticked
	Problems ui.Problems
	Grid     ui.Table
	Actions  []ui.Link
	Remind   bool
	Reopen   bool
	// Risk: the reader may say that the date does not suit any more; Raised: they
	// have.
	Risk, Raised bool
	Note         ui.Input
	Meeting      string // address of the meeting made
	Moved        string // when it takes place by now, if not when chosen
	Conflicts    []conflictView
}

// slotView is one date with its answers.
type slotView struct {
	Name, ID      string
	Day, Hours    string
	Weekday       string
	Clashes       []string
	Counts        string
	Absent        string // who of the key people cannot come
	Best, Chosen  bool
	Mine          poll.Answer
	Choose        string
	Yes, Maybe, N int
}

// conflictView is somebody who cannot come after all.
type conflictView struct {
	Text, Note, Settled string
	Action              string // where the coordinator keeps the date
	Move                string // where they move the meeting
	Reason              ui.Input
}

func (p *pages) detail(c *kit.Ctx) (*poll.Detail, error) {
	id, err := c.UUID("id")
	if err != nil {
		return nil, err
	}
	return p.Polls.Get(c.Context(), c.Actor(), id)
}

func (p *pages) poll(c *kit.Ctx) error {
	d, err := p.detail(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, pollPage(p.pollView(c, d)))
}

// retryPoll shows the poll again with what was typed.
func (p *pages) retryPoll(c *kit.Ctx, d *poll.Detail, err error, change func(*pollView)) error {
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		v := p.pollView(c, d)
		v.Problems = pr
		if change != nil {
			change(&v)
		}
		return pollPage(v)
	})
}

func (p *pages) pollView(c *kit.Ctx, d *poll.Detail) pollView {
	ctx, now := c.Context(), p.Clock.Now()
	v := pollView{Detail: d, Path: poll.PathOf(d.ID), Form: d.State == poll.Open && d.May.Answer}
	v.Tag, v.Tone = pollTag(ctx, &d.Poll, now)
	inside(c, d.Network, d.Title).AsWide()
	v.Facts = []ui.Fact{{Label: c.T("poll.answer_by"), Value: show.DateTime(c.Lang(), d.AnswerBy)}, {Label: c.T("poll.answers"), Value: c.T("poll.answered", "N", d.Answered, "Asked", d.Asked)}}
	for i := range d.Options {
		v.Slots = append(v.Slots, p.slotView(c, d, &d.Options[i]))
	}
	if best := d.Best(); best != nil && d.State != poll.Chosen {
		v.Best = c.T("poll.best", "Day", show.Weekday(c.Lang(), best.Starts)+", "+show.DateTime(c.Lang(), best.Starts), "N", best.Can(), "Asked", d.Asked)
		if d.Why != "" {
			v.Best += " " + c.T("poll.why."+string(d.Why))
		}
	}
	v.Grid = gridOf(c, d)
	if d.May.Manage {
		switch d.State {
		case poll.Open:
			v.Actions = []ui.Link{{Text: c.T("poll.edit"), Href: v.Path + "/edytuj"}, {Text: c.T("poll.close"), Href: v.Path + "/zamknij"}}
			v.Remind = d.Answered < d.Asked
		case poll.Closed:
			v.Reopen = true
		}
	}
	p.after(c, d, &v)
	return v
}

// after fills what concerns a poll that led to a date.
func (p *pages) after(c *kit.Ctx, d *poll.Detail, v *pollView) {
	if d.State != poll.Chosen {
		return
	}
	if d.Meeting != nil {
		v.Meeting = schedule.PathOf(*d.Meeting)
		if !d.MeetingStarts.Equal(*d.ChosenStarts) {
			v.Moved = show.DateTime(c.Lang(), *d.MeetingStarts)
		}
	}
	risk := d.AtRisk(p.Clock.Now())
	for i := range d.Conflicts {
		k := &d.Conflicts[i]
		x := conflictView{Text: c.T("poll.conflict", "Name", named(c, k.Name, k.Role), "At", show.DateTime(c.Lang(), k.At)), Note: k.Note}
		if k.State == "kept" {
			x.Settled = c.T("poll.kept", "Reason", k.Reason)
		} else if risk && d.May.Manage {
			name := "powod-" + k.ID.String()
			x.Action = v.Path + "/kolizja/" + k.ID.String() + "/zostaw"
			x.Reason = ui.Input{Name: name, Label: c.T("poll.keep_reason"), Value: c.Form().Get(name), Max: poll.MaxReason}
			x.Move = schedule.PathOf(*d.Meeting) + "/przenies"
		}
		if k.State == "open" && k.Person == c.Actor().Person {
			v.Raised = true
		}
		v.Conflicts = append(v.Conflicts, x)
	}
	v.Risk = risk && d.May.Answer
	v.Note = ui.Input{Name: "uwaga", Label: c.T("poll.raise_note"), Value: c.Form().Get("uwaga"), Optional: true, Max: poll.MaxReason}
}

func (p *pages) slotView(c *kit.Ctx, d *poll.Detail, s *poll.Slot) slotView {
	l := c.Lang()
	v := slotView{Name: "termin-" + s.ID.String(), ID: s.ID.String(), Weekday: show.Weekday(l, s.Starts), Day: show.Date(l, s.Starts), Hours: hours(l, s.Starts, s.Ends), Mine: s.Mine,
		Best: s.Place == 1 && d.State != poll.Chosen, Chosen: d.ChosenSlot != nil && *d.ChosenSlot == s.ID, Yes: s.Yes, Maybe: s.Maybe, N: s.No}
	v.Counts = c.T("poll.counts", "Yes", s.Yes, "Maybe", s.Maybe, "No", s.No)
	for _, k := range s.Clashes {
		v.Clashes = append(v.Clashes, k.Text(c.Context()))
	}
	if len(s.Key) > 0 {
		v.Absent = c.T("poll.absent", "Names", strings.Join(s.Key, ", "))
	}
	choosable := d.State != poll.Chosen || d.Meeting == nil
	if d.May.Manage && choosable && s.Starts.After(p.Clock.Now()) {
		v.Choose = poll.PathOf(d.ID) + "/wybierz?termin=" + s.ID.String()
	}
	return v
}

// named is a person with the role that matters for a date.
func named(c *kit.Ctx, name, role string) string {
	if role == "" {
		return name
	}
	return c.T("poll.person."+role, "Name", name)
}

// gridOf is who answered what: people by dates.
func gridOf(c *kit.Ctx, d *poll.Detail) ui.Table {
	t := ui.Table{Caption: c.T("poll.grid_caption"), HideCaption: true, RowHeader: 0, Columns: []ui.Column{{Label: c.T("poll.person")}}}
	for i := range d.Options {
		s := &d.Options[i]
		t.Columns = append(t.Columns, ui.Column{Label: show.DateShort(c.Lang(), s.Starts) + ", " + show.Time(c.Lang(), s.Starts)})
	}
	for _, x := range d.People {
		row := []ui.Cell{{Text: named(c, x.Name, x.Role)}}
		for i := range d.Options {
			key := "none"
			if a := x.Answers[d.Options[i].ID]; a.Valid() {
				key = string(a)
			}
			row = append(row, ui.Cell{Body: gridCell(key, c.T("poll.short."+key))})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (p *pages) answer(c *kit.Ctx) error {
	d, err := p.detail(c)
	if err != nil {
		return err
	}
	given := map[uuid.UUID]poll.Answer{}
	for i := range d.Options {
		if a := c.Form().Get("termin-" + d.Options[i].ID.String()); a != "" {
			given[d.Options[i].ID] = poll.Answer(a)
		}
	}
	var rest poll.Answer
	if c.Form().Has("reszta") {
		rest = poll.No
	}
	if err := p.Polls.Answer(c.Context(), c.Actor(), d.ID, given, rest); err != nil {
		first := "answers"
		if len(d.Options) > 0 {
			first = "termin-" + d.Options[0].ID.String()
		}
		return p.retryPoll(c, d, renamed(err, map[string]string{"answers": first}), func(v *pollView) {
			v.Rest = rest != ""
			for i := range v.Slots {
				if a, ok := given[d.Options[i].ID]; ok {
					v.Slots[i].Mine = a
				}
			}
		})
	}
	return c.Redirect(poll.PathOf(d.ID), "poll.flash.answered")
}

// onPoll runs an act without a form of its own.
func (p *pages) onPoll(c *kit.Ctx, flash string, do func(d *poll.Detail) error) error {
	d, err := p.detail(c)
	if err != nil {
		return err
	}
	if err := do(d); err != nil {
		return p.retryPoll(c, d, err, nil)
	}
	return c.Redirect(poll.PathOf(d.ID), flash)
}

func (p *pages) remind(c *kit.Ctx) error {
	return p.onPoll(c, "poll.flash.reminded", func(d *poll.Detail) error {
		_, err := p.Polls.Remind(c.Context(), c.Actor(), d.ID)
		return err
	})
}

func (p *pages) closeQuestion(c *kit.Ctx) error {
	d, err := p.detail(c)
	if err != nil {
		return err
	}
	if !d.May.Manage || d.State != poll.Open {
		return fault.ErrNotFound
	}
	inside(c, d.Network, c.T("poll.close")).Crumb(d.Title, poll.PathOf(d.ID))
	return c.Render(http.StatusOK, ui.ConfirmPage(ui.ConfirmView{Title: c.T("poll.close"), Text: c.T("poll.close_text"), Action: poll.PathOf(d.ID) + "/zamknij",
		Submit: c.T("poll.close"), Cancel: ui.Link{Text: c.T("calendar.cancel"), Href: poll.PathOf(d.ID)}}))
}

func (p *pages) close(c *kit.Ctx) error {
	return p.onPoll(c, "poll.flash.closed", func(d *poll.Detail) error { return p.Polls.Close(c.Context(), c.Actor(), d.ID) })
}

func (p *pages) reopen(c *kit.Ctx) error {
	return p.onPoll(c, "poll.flash.reopened", func(d *poll.Detail) error { return p.Polls.Reopen(c.Context(), c.Actor(), d.ID) })
}

func (p *pages) raise(c *kit.Ctx) error {
	return p.onPoll(c, "poll.flash.raised", func(d *poll.Detail) error {
		return renamed(p.Polls.Raise(c.Context(), c.Actor(), d.ID, c.Form().Get("uwaga")), map[string]string{"note": "uwaga"})
	})
}

func (p *pages) withdraw(c *kit.Ctx) error {
	return p.onPoll(c, "poll.flash.withdrawn", func(d *poll.Detail) error { return p.Polls.Withdraw(c.Context(), c.Actor(), d.ID) })
}

func (p *pages) keep(c *kit.Ctx) error {
	id, err := c.UUID("kolizja")
	if err != nil {
		return err
	}
	name := "powod-" + id.String()
	return p.onPoll(c, "poll.flash.kept", func(d *poll.Detail) error {
		return renamed(p.Polls.Keep(c.Context(), c.Actor(), d.ID, id, c.Form().Get(name)), map[string]string{"reason": name})
	})
}

// clashWords are the clashes of a date in words.
func clashWords(ctx context.Context, list []calendar.Clash) []string {
	var out []string
	for _, k := range list {
		out = append(out, k.Text(ctx))
	}
	return out
}
