package meetings

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// question is a page with one question and its button.
type question struct {
	ui.ConfirmView
	Inputs   []ui.Input
	Clashes  []string
	Warnings []warning
	// Waits is what the act waits for, with links to where it is done; while
	// there is something, the act has no button.
	Waits []string
	Links []ui.Link
}

// warning is a module's warning with what was typed as the reason.
type warning struct{ Name, Text, Value string }

func (p *pages) ask(c *kit.Ctx, d *schedule.Detail, key, page string) question {
	title := c.T("meetings." + key)
	head(c, d, title)
	return question{ConfirmView: ui.ConfirmView{Title: title, Text: c.T("meetings."+key+"_text", "Title", d.Title), Action: schedule.PathOf(d.ID) + page, Submit: title,
		Cancel: ui.Link{Text: c.T("meetings.back"), Href: schedule.PathOf(d.ID)},
		Facts:  []ui.Fact{{Label: c.T("meetings.meeting"), Value: d.Title}, {Label: c.T("meetings.when"), Value: span(c.Context(), d.Starts, d.Ends)}}}}
}

func (p *pages) announceView(c *kit.Ctx, d *schedule.Detail) (question, error) {
	q := p.ask(c, d, "announce", "/oglos")
	q.Facts = append(q.Facts, ui.Fact{Label: c.T("meetings.place"), Value: placeLine(c, d.Place, d.OnSite, d.Online)})
	if d.Counts != nil {
		q.Facts = append(q.Facts, ui.Fact{Label: c.T("meetings.will_invite"), Value: strconv.Itoa(d.Counts.Invited)})
	}
	if !d.Starts.After(p.Clock.Now()) {
		q.Text = c.T("meetings.announce_past")
		return q, nil
	}
	list, err := p.Meetings.Clashes(c.Context(), c.Actor(), d.Network, d.Starts, d.Ends)
	q.Clashes = clashTexts(c, list)
	return q, err
}

func (p *pages) announceQuestion(c *kit.Ctx) error {
	d, err := p.managed(c)
	if err != nil {
		return err
	}
	q, err := p.announceView(c, d)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, questionPage(q))
}

func (p *pages) announce(c *kit.Ctx) error {
	d, err := p.managed(c)
	if err != nil {
		return err
	}
	if err = p.Meetings.Announce(c.Context(), c.Actor(), d.ID); err == nil {
		return c.Redirect(schedule.PathOf(d.ID), "meetings.flash.announced")
	}
	q, e := p.announceView(c, d)
	if e != nil {
		return e
	}
	// Its fields stand on another page: the summary leads there by the sentence.
	return c.Retry(plain(c, err, "meetings.fix_first"), func(pr ui.Problems) templ.Component {
		q.Problems = pr
		return questionPage(q)
	})
}

// plain turns a fault with fields that this page does not have into one sentence,
// the text of the key.
func plain(c *kit.Ctx, err error, key string) error {
	f := fault.As(err)
	if f.Kind != fault.Invalid || len(f.Fields) == 0 {
		return err
	}
	pr := ui.ProblemsOf(c.Context(), err)
	var all []string
	for _, x := range pr.Fields {
		all = append(all, x.Text)
	}
	return fault.New(fault.Invalid, key, "Problems", strings.Join(all, " "))
}

func (p *pages) cancelView(c *kit.Ctx, d *schedule.Detail, reason string) question {
	q := p.ask(c, d, "cancel", "/odwolaj")
	q.Danger = true
	q.Inputs = []ui.Input{{Kind: ui.Textarea, Name: "reason", Label: c.T("meetings.reason"), Hint: c.T("meetings.reason_hint"), Value: reason, Rows: 3, Max: schedule.MaxReason}}
	return q
}

func (p *pages) cancelQuestion(c *kit.Ctx) error {
	d, err := p.managed(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, questionPage(p.cancelView(c, d, "")))
}

func (p *pages) cancel(c *kit.Ctx) error {
	d, err := p.managed(c)
	if err != nil {
		return err
	}
	reason := c.Form().Text("reason")
	if err = p.Meetings.Cancel(c.Context(), c.Actor(), d.ID, reason); err == nil {
		return c.Redirect(schedule.PathOf(d.ID), "meetings.flash.cancelled")
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		q := p.cancelView(c, d, reason)
		q.Problems = pr
		return questionPage(q)
	})
}

func (p *pages) dropQuestion(c *kit.Ctx) error {
	d, err := p.managed(c)
	if err != nil {
		return err
	}
	q := p.ask(c, d, "drop", "/usun")
	q.Danger = true
	return c.Render(http.StatusOK, questionPage(q))
}

func (p *pages) drop(c *kit.Ctx) error {
	d, err := p.managed(c)
	if err != nil {
		return err
	}
	if err := p.Meetings.Drop(c.Context(), c.Actor(), d.ID); err != nil {
		return err
	}
	return c.Redirect(listPath(d.Network), "meetings.flash.dropped")
}

func (p *pages) closeView(c *kit.Ctx, d *schedule.Detail) question {
	q := p.ask(c, d, "close", "/zamknij")
	open := 0
	for _, x := range d.Outcome.Actions {
		if x.DoneAt == nil {
			open++
		}
	}
	q.Facts = append(q.Facts, ui.Fact{Label: c.T("meetings.decisions"), Value: strconv.Itoa(len(d.Outcome.Decisions))}, ui.Fact{Label: c.T("meetings.actions_open"), Value: strconv.Itoa(open)})
	return q
}

func (p *pages) closeQuestion(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	var d *schedule.Detail
	var said []effect.Diagnostic
	if err := c.Together(
		func(ctx context.Context) (err error) { d, err = p.Meetings.Get(ctx, c.Actor(), id); return err },
		func(ctx context.Context) (err error) {
			said, err = p.Meetings.WeighClose(ctx, c.Actor(), id)
			return err
		},
	); err != nil {
		return err
	}
	if !d.May.Close {
		return fault.ErrNotFound
	}
	q := p.closeView(c, d)
	for _, x := range said {
		switch x.Severity {
		case effect.SeverityError:
			q.Waits = append(q.Waits, x.Text)
		case effect.SeverityWarning:
			q.Warnings = append(q.Warnings, warningOf(c, x))
		}
	}
	if len(q.Waits) > 0 {
		own := kit.NetworkPath + d.Network.String()
		q.Links = []ui.Link{{Text: c.T("evaluations.title"), Href: own + "/ewaluacja"}, {Text: c.T("export.dissemination"), Href: own + "/upowszechnianie"}}
	}
	return c.Render(http.StatusOK, questionPage(q))
}

func (p *pages) close(c *kit.Ctx) error {
	d, err := p.get(c)
	if err != nil {
		return err
	}
	err = p.Meetings.Close(c.Context(), c.Actor(), d.ID, reasons(c.Form()))
	if err == nil {
		return c.Redirect(schedule.PathOf(d.ID), "meetings.flash.closed")
	}
	list := warningsOf(c, err)
	if len(list) == 0 {
		err = plain(c, err, "meetings.close_blocked")
	}
	if fault.Is(err, fault.Unavailable) { // the sentence of a module that is down belongs on the page
		err = fault.New(fault.Conflict, "meetings.guard_down", "Why", ui.Message(c.Context(), fault.As(err)))
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		q := p.closeView(c, d)
		q.Problems, q.Warnings = pr, list
		if len(list) > 0 && len(reasons(c.Form())) == 0 {
			q.Problems = ui.Problems{}
		}
		return questionPage(q)
	})
}

func warningsOf(c *kit.Ctx, err error) []warning {
	var need *schedule.NeedsReason
	if !errors.As(err, &need) {
		return nil
	}
	var out []warning
	for _, d := range need.Warnings {
		out = append(out, warningOf(c, d))
	}
	return out
}

func warningOf(c *kit.Ctx, d effect.Diagnostic) warning {
	name := "reason." + d.Code
	if d.Path != "" {
		name += "." + d.Path
	}
	return warning{Name: name, Text: d.Text, Value: c.Form().Text(name)}
}

// reasons reads the answers to warnings; the hidden fields "ostrzezenie" name
// those that were on the page.
func reasons(f *kit.Form) []effect.Acknowledgement {
	var out []effect.Acknowledgement
	for _, name := range f.All("ostrzezenie") {
		code, path, _ := strings.Cut(strings.TrimPrefix(name, "reason."), ".")
		if why := f.Text(name); why != "" {
			out = append(out, effect.Acknowledgement{Code: code, Path: path, Reason: why})
		}
	}
	return out
}

type filesView struct {
	ui.FormView
	Files []fileRow
	Input ui.Input
}

type fileRow struct{ Name, Href, Drop string }

func (p *pages) filesView(c *kit.Ctx, d *schedule.Detail, pr ui.Problems) filesView {
	title, path := c.T("meetings.materials_edit"), schedule.PathOf(d.ID)
	head(c, d, title)
	v := filesView{FormView: ui.FormView{Title: title, Lead: d.Title, Action: path + "/materialy", Submit: c.T("meetings.file_add"), Problems: pr, Upload: true,
		Cancel: ui.Link{Text: c.T("meetings.back"), Href: path}}, Input: ui.Input{Kind: ui.File, Name: "file", Label: c.T("meetings.file"), Hint: c.T("meetings.file_hint")}}
	for _, f := range d.Files {
		v.Files = append(v.Files, fileRow{Name: f.Name + " (" + show.Bytes(c.Lang(), f.Size) + ")", Href: "/pliki/" + f.ID.String(), Drop: path + "/materialy/" + f.ID.String() + "/usun"})
	}
	return v
}

func (p *pages) files(c *kit.Ctx) error {
	d, err := p.managed(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, filesPage(p.filesView(c, d, ui.Problems{})))
}

func (p *pages) addFile(c *kit.Ctx) error {
	d, err := p.managed(c)
	if err != nil {
		return err
	}
	if err = p.upload(c, d); err == nil {
		return c.Redirect(schedule.PathOf(d.ID)+"/materialy", "meetings.flash.file_added")
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component { return filesPage(p.filesView(c, d, pr)) })
}

func (p *pages) upload(c *kit.Ctx, d *schedule.Detail) error {
	h := c.Form().File("file")
	if h == nil {
		return p.Meetings.AddFiles(c.Context(), c.Actor(), d.ID, nil)
	}
	r, err := h.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	f, err := p.Files.Upload(c.Context(), c.Actor(), h.Filename, r)
	if err != nil {
		return err
	}
	return p.Meetings.AddFiles(c.Context(), c.Actor(), d.ID, ids(f.ID))
}

func (p *pages) dropFile(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	f, err := c.UUID("plik")
	if err != nil {
		return err
	}
	if err := p.Meetings.DropFile(c.Context(), c.Actor(), id, f); err != nil {
		return err
	}
	return c.Redirect(schedule.PathOf(id)+"/materialy", "meetings.flash.file_dropped")
}
