package networks

import (
	"net/http"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	formrender "ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/filling"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type actView struct {
	frame
	Title, Action string
	Danger        bool
	Form          templ.Component
	FormProblems  []formrender.Problem
	Problems      ui.Problems
	Warnings      []warning
	Hidden        []ui.Hidden
	// Conditions are what stands for and against the act, found before anybody
	// tries; Blocked means that one of them refuses it.
	Conditions []condition
	Blocked    bool
	Views      []ui.Link
}

// condition is a sentence of the module about an act, with how it stands.
type condition struct {
	Text, Tag string
	Tone      ui.Tone
}

// command finds a module's command that the reader may give.
func (p *pages) command(c *kit.Ctx) (*network.Network, effect.CommandKind, error) {
	var none effect.CommandKind
	id, err := c.UUID("id")
	if err != nil {
		return nil, none, err
	}
	n, err := p.Networks.Get(c.Context(), c.Actor(), id)
	if err != nil {
		return nil, none, err
	}
	if !n.May.View {
		return nil, none, fault.ErrNotFound
	}
	k, err := p.Networks.Command(c.Actor(), n, c.Param("czynnosc"))
	return n, k, err
}

func (p *pages) question(c *kit.Ctx, n *network.Network, k effect.CommandKind) actView {
	title := k.Title.In(string(c.Lang()))
	return actView{frame: p.inside(c, n.Brief(), title, "/plan"), Title: title, Action: pathOf(n.ID) + "/czynnosc/" + k.Name, Danger: k.Dangerous, Hidden: confirmed}
}

// actQuestion shows the command's form, or asks whether to go on. A form that
// could not be sent is not shown.
func (p *pages) actQuestion(c *kit.Ctx) error {
	n, k, err := p.command(c)
	if err != nil {
		return err
	}
	if err := p.Networks.Reachable(c.Context(), n); err != nil {
		return err
	}
	if k.Form.IsZero() {
		v, err := p.weighed(c, n, k)
		if err != nil {
			return err
		}
		return c.Render(http.StatusOK, actPage(v))
	}
	w, err := p.acting(c, n, k)
	if err != nil {
		return err
	}
	if err := w.Picked(); err != nil {
		return err
	}
	return w.Show(http.StatusOK, nil, ui.Problems{})
}

// weighed is the question with the conditions of the act, so that nobody finds
// out by trying: what forbids it takes the button away, what needs a reason has
// its field.
func (p *pages) weighed(c *kit.Ctx, n *network.Network, k effect.CommandKind) (actView, error) {
	v := p.question(c, n, k)
	list, err := p.Networks.Weigh(c.Context(), c.Actor(), n, k.Name)
	if err != nil {
		return v, err
	}
	for _, d := range list {
		x := condition{Text: d.Text, Tag: c.T("networks.condition." + string(d.Severity)), Tone: ui.Good}
		switch d.Severity {
		case effect.SeverityError:
			x.Tone, v.Blocked = ui.Bad, true
		case effect.SeverityWarning:
			x.Tone = ui.Warn
			v.Warnings = append(v.Warnings, warning{Name: network.ReasonPath(d), Text: d.Text})
		}
		v.Conditions = append(v.Conditions, x)
	}
	if len(v.Conditions) > 0 {
		for _, x := range p.Networks.Views(c.Actor(), n) {
			v.Views = append(v.Views, ui.Link{Text: x.Title.In(string(c.Lang())), Href: pathOf(n.ID) + "/plan/" + x.Name})
		}
	}
	return v, nil
}

// confirmed marks a page that asked before the act.
var confirmed = []ui.Hidden{{Name: "potwierdz", Value: "1"}}

// act gives the command. A button in a view posts here without a form: a
// command that has one, or is dangerous, is then asked about first.
func (p *pages) act(c *kit.Ctx) error {
	n, k, err := p.command(c)
	if err != nil {
		return err
	}
	if !k.Form.IsZero() {
		return p.actByForm(c, n, k)
	}
	if !c.Form().Has("potwierdz") && k.Dangerous {
		return c.Redirect(pathOf(n.ID)+"/czynnosc/"+k.Name, "")
	}
	_, err = p.Networks.Act(c.Context(), c.Actor(), n.ID, network.Action{Command: k.Name, Reasons: reasons(c.Form())})
	if err == nil {
		return c.Redirect(pathOf(n.ID), "networks.flash.done")
	}
	return p.askAgain(c, n, k, err, confirmed)
}

// actByForm takes a page of the command's form, or the page that asked for
// reasons behind it.
func (p *pages) actByForm(c *kit.Ctx, n *network.Network, k effect.CommandKind) error {
	if err := p.Networks.Reachable(c.Context(), n); effect.IsDisabled(err) {
		return err
	}
	w, err := p.acting(c, n, k)
	if err != nil {
		return err
	}
	if !w.Sent() {
		return c.Redirect(w.Path, "")
	}
	in := network.Action{Command: k.Name, Reasons: reasons(c.Form())}
	var done bool
	if c.Form().Has("potwierdz") {
		in.Answers = w.Answers()
		done, err = w.Confirmed()
	} else {
		in.Answers, done, err = w.Step(nil)
	}
	if !done || err != nil {
		return err
	}
	in.Version = w.Filled()
	if _, err = p.Networks.Act(c.Context(), c.Actor(), n.ID, in); err == nil {
		if err := w.Forget(); err != nil {
			return err
		}
		return c.Redirect(pathOf(n.ID), "networks.flash.done")
	}
	if len(warningsOf(c, err)) == 0 {
		return w.Refused(err, network.FormPrefix)
	}
	return p.askAgain(c, n, k, err, append(w.Keys(), confirmed...))
}

// askAgain shows the question with what stands against the act.
func (p *pages) askAgain(c *kit.Ctx, n *network.Network, k effect.CommandKind, err error, hidden []ui.Hidden) error {
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		v := p.question(c, n, k)
		v.Hidden, v.Problems, v.Warnings = hidden, pr, warningsOf(c, err)
		return actPage(v)
	})
}

// confirm asks for reasons on a page of its own: the form itself is the
// module's and has no room for them.
func confirm(c *kit.Ctx, w *filling.Form, err error, list []warning) error {
	pr := ui.Problems{}
	if c.Form().Has("potwierdz") {
		pr = ui.ProblemsOf(c.Context(), err)
	}
	foundHead(c, w.Title)
	return c.Render(http.StatusUnprocessableEntity, settingsPage(settingsView{
		Title: w.Title, Lead: c.T("networks.warnings_lead"), Action: w.Path, Problems: pr, Warnings: list, Submit: w.Submit,
		Hidden: append(w.Keys(), confirmed...), Cancel: ui.Link{Text: c.T("networks.back_to_form"), Href: w.Here()},
	}))
}
