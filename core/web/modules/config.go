package modules

import (
	"context"
	"net/http"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/effect"
	formrender "ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/web/filling"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// settings opens the form that the plugin asks its administrators.
func (p *pages) settings(c *kit.Ctx) (*filling.Form, error) {
	id := c.Param("id")
	now, err := p.Modules.Configuration(c.Context(), id)
	if err != nil {
		return nil, err
	}
	name, path := text(c, now.Title, id), Path+"/"+id
	title := c.T("modules.settings_title", "Name", name)
	head := func(title string) {
		below(c, title, ui.Link{Text: c.T("modules.title"), Href: Path}, ui.Link{Text: name, Href: path})
	}
	return filling.Open(filling.Config{
		Ctx: c, Drafts: p.Drafts, Doc: now.Form, Key: draft.Key{Form: "module.settings", Subject: id},
		Path: path + settingsPath, Back: path, Title: title, Submit: c.T("modules.settings_save"),
		Saved: func(context.Context) (*effect.Saved, error) {
			if now.Version == 0 {
				return nil, nil
			}
			return &effect.Saved{Answers: effect.Document{JSON: orEmpty(now.Answers.JSON), Revision: now.Form.Revision}, Row: effect.RowVersion{Version: now.Version}}, nil
		},
		Page: func(body templ.Component, wrong []formrender.Problem, pr ui.Problems) templ.Component {
			head(title)
			return settingsPage(settingsView{Title: title, Lead: settingsLead(c, now), Lost: len(now.Lost) > 0, Form: body, Wrong: wrong, Problems: pr})
		},
		Head: head, Kept: "modules.flash.settings_kept", Dropped: "modules.flash.settings_dropped", Done: "modules.flash.settings",
	})
}

// orEmpty are answers to nothing where none fit.
func orEmpty(answers []byte) []byte {
	if len(answers) == 0 {
		return []byte("{}")
	}
	return answers
}

func settingsLead(c *kit.Ctx, now *plugin.Configuration) string {
	if now.Version == 0 {
		return c.T("modules.settings_first")
	}
	return c.T("modules.settings_last", "Who", now.ChangedBy, "At", show.DateTime(c.Lang(), now.ChangedAt))
}

const settingsPath = "/ustawienia"

type settingsView struct {
	Title, Lead string
	// Lost: what was set under an earlier version is not all in force.
	Lost     bool
	Form     templ.Component
	Wrong    []formrender.Problem
	Problems ui.Problems
}

func (p *pages) settingsForm(c *kit.Ctx) error {
	f, err := p.settings(c)
	if err != nil {
		return err
	}
	return f.Show(http.StatusOK, nil, ui.Problems{})
}

func (p *pages) configure(c *kit.Ctx) error {
	f, err := p.settings(c)
	if err != nil {
		return err
	}
	if !f.Sent() {
		return c.Redirect(f.Path, "")
	}
	answers, done, err := f.Step(nil)
	if !done || err != nil {
		return err
	}
	var version int64
	if v := f.Filled(); v != nil {
		version = *v
	}
	if err := p.Modules.Configure(c.Context(), c.Param("id"), answers, version); err != nil {
		return f.Refused(err, "")
	}
	if err := f.Forget(); err != nil {
		return err
	}
	return c.Redirect(f.Back, "modules.flash.settings")
}
