package networks

import (
	"net/http"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	formrender "ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/network"
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
}

// command finds a module's command that the reader may give, with its form.
func (p *pages) command(c *kit.Ctx) (*network.Network, effect.CommandKind, *flow, error) {
	var none effect.CommandKind
	id, err := c.UUID("id")
	if err != nil {
		return nil, none, nil, err
	}
	n, err := p.Networks.Get(c.Context(), c.Actor(), id)
	if err != nil {
		return nil, none, nil, err
	}
	if !n.May.View {
		return nil, none, nil, fault.ErrNotFound
	}
	for _, k := range p.Networks.Commands(c.Actor(), n) {
		if k.Name != c.Param("czynnosc") {
			continue
		}
		path := pathOf(id)
		w := &flow{
			p: p, c: c, key: draft.Key{Form: "network.act." + n.QualifiedType() + "." + k.Name, Subject: id.String()},
			path: path + "/czynnosc/" + k.Name, back: path, title: k.Title.In(string(c.Lang())), submit: k.Title.In(string(c.Lang())),
			picker: memberPicker{p, n},
		}
		if err := w.open(k.Form); err != nil {
			return nil, none, nil, err
		}
		return n, k, w, w.fill(n, k.Name)
	}
	return nil, none, nil, fault.ErrNotFound
}

func (p *pages) actPage(c *kit.Ctx, n *network.Network, w *flow) func(templ.Component, []formrender.Problem, ui.Problems) templ.Component {
	return func(body templ.Component, wrong []formrender.Problem, pr ui.Problems) templ.Component {
		return actPage(actView{frame: p.inside(c, n.Brief(), w.title, "/plan"), Title: w.title, Form: body, FormProblems: wrong, Problems: pr})
	}
}

// actQuestion shows the command's form, or asks whether to go on.
func (p *pages) actQuestion(c *kit.Ctx) error {
	n, k, w, err := p.command(c)
	if err != nil {
		return err
	}
	if w.form != nil {
		if err := w.picked(); err != nil {
			return err
		}
		return w.show(http.StatusOK, nil, ui.Problems{}, p.actPage(c, n, w))
	}
	v := actView{frame: p.inside(c, n.Brief(), w.title, "/plan"), Title: w.title, Action: w.path, Danger: k.Dangerous, Hidden: confirmed}
	return c.Render(http.StatusOK, actPage(v))
}

// confirmed marks a page that asked before the act.
var confirmed = []ui.Hidden{{Name: "potwierdz", Value: "1"}}

// act gives the command. A button in a view posts here without a form: a
// command that has one, or is dangerous, is then asked about first.
func (p *pages) act(c *kit.Ctx) error {
	n, k, w, err := p.command(c)
	if err != nil {
		return err
	}
	sure := c.Form().Has("potwierdz")
	if !sure && (w.form != nil && !c.Form().Has("wersja") || k.Dangerous && w.form == nil) {
		return c.Redirect(w.path, "")
	}
	in := network.Action{Command: k.Name, Reasons: reasons(c.Form())}
	if w.form != nil {
		in.Answers = w.answers()
		if !sure {
			var done bool
			if in.Answers, done, err = w.step(p.actPage(c, n, w)); !done || err != nil {
				return err
			}
			late, err := w.overtaken(n, k.Name)
			if err != nil {
				return err
			}
			if late {
				return w.show(http.StatusConflict, nil, ui.ProblemsOf(c.Context(), fault.New(fault.Conflict, "networks.overtaken")), p.actPage(c, n, w))
			}
		}
	}
	if _, err = p.Networks.Act(c.Context(), c.Actor(), n.ID, in); err == nil {
		if err := w.done(); err != nil {
			return err
		}
		return c.Redirect(pathOf(n.ID), "networks.flash.done")
	}
	if w.form != nil && len(warningsOf(c, err)) == 0 {
		return w.refused(err, p.actPage(c, n, w))
	}
	hidden := confirmed
	if w.form != nil {
		hidden = append(w.hidden(), confirmed...)
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		v := actView{frame: p.inside(c, n.Brief(), w.title, "/plan"), Title: w.title, Action: w.path, Danger: k.Dangerous, Hidden: hidden, Problems: pr}
		v.Warnings = warningsOf(c, err)
		return actPage(v)
	})
}
