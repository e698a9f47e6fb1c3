package modules

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

func inCatalogue(c *kit.Ctx, title string, crumbs ...ui.Link) {
	below(c, title, append([]ui.Link{{Text: c.T("modules.title"), Href: Path}}, crumbs...)...)
}

func (p *pages) addForm(c *kit.Ctx) error {
	inCatalogue(c, c.T("modules.add"))
	return c.Render(http.StatusOK, addPage(c, ui.Problems{}))
}

func addPage(c *kit.Ctx, pr ui.Problems) templ.Component {
	return ui.With(ui.FormPage(ui.FormView{Title: c.T("modules.add"), Lead: c.T("modules.add_lead"), Action: addPath, Problems: pr, Submit: c.T("modules.add_submit"), Upload: true,
		Cancel: ui.Link{Text: c.T("modules.back"), Href: Path}}),
		ui.Field(ui.Input{Kind: ui.File, Name: "paczka", Label: c.T("modules.add_file"), Hint: c.T("modules.add_file_hint", "Max", bundle.MaxFile>>20), Accept: bundle.Ending}, pr))
}

func (p *pages) add(c *kit.Ctx) error {
	id, err := p.take(c)
	if err == nil {
		return c.Redirect(bundlesPath+"/"+id.String(), "modules.flash.added")
	}
	inCatalogue(c, c.T("modules.add"))
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		if len(pr.Fields) == 0 && pr.Message != "" { // what is wrong is wrong with the file
			pr = ui.Problems{Fields: []ui.Problem{{Path: "paczka", Text: pr.Message}}}
		}
		return addPage(c, pr)
	})
}

func (p *pages) take(c *kit.Ctx) (uuid.UUID, error) {
	h := c.Form().File("paczka")
	if h == nil {
		return uuid.Nil, fault.InvalidFields(fault.Field{Path: "paczka", Key: "modules.add_missing"})
	}
	f, err := h.Open()
	if err != nil {
		return uuid.Nil, err
	}
	defer f.Close()
	return p.Modules.AddBundle(c.Context(), f)
}

type reportView struct {
	Title, Lead string
	Facts       []ui.Fact
	// Wrong says why it cannot be enabled, Detail in technical words.
	Wrong, Detail string
	Good          bool
	Rights        ui.Table
	Roles         ui.Table
	Enable        string
	Discard       string
}

func (p *pages) report(c *kit.Ctx) error {
	id, err := uuid.Parse(c.Param("paczka"))
	if err != nil {
		return fault.ErrNotFound
	}
	r, err := p.Modules.Report(c.Context(), id)
	if err != nil {
		return err
	}
	m := r.Manifest
	name := text(c, m.Title, m.ID)
	v := reportView{Title: c.T("modules.report_title", "Name", name, "Version", m.Version), Lead: text(c, m.Description, ""), Facts: reportFacts(c, r),
		Rights: rights(c, r), Roles: roles(c, m.Roles, r.Names)}
	switch {
	case r.Cause != "":
		v.Wrong, v.Detail = cause(c, r.Cause), r.Problem
	case r.Refused != nil:
		v.Wrong = ui.Message(c.Context(), fault.As(r.Refused))
	default:
		v.Good = !r.Enabled
	}
	if v.Good && c.May(plugin.PermEnable) {
		v.Enable = Path + "/" + m.ID + "/wlacz?wersja=" + m.Version
	}
	if !r.Used && c.May(plugin.PermAdd) {
		v.Discard = bundlesPath + "/" + id.String() + "/usun"
	}
	inCatalogue(c, v.Title, ui.Link{Text: name, Href: Path + "/" + m.ID})
	return c.Render(http.StatusOK, reportPage(v))
}

func reportFacts(c *kit.Ctx, r *plugin.Report) []ui.Fact {
	l := c.Lang()
	m := r.Manifest
	state, tone := c.T("modules.report_waiting"), ui.Info
	switch {
	case r.Enabled:
		state, tone = c.T("modules.report_enabled"), ui.Good
	case r.Used:
		state, tone = c.T("modules.report_used"), ui.Neutral
	case r.Cause != "" || r.Refused != nil:
		state, tone = c.T("modules.report_refused"), ui.Bad
	}
	running := "modules.running"
	if r.Off && r.Running != "" {
		running = "modules.ran_last"
	}
	out := []ui.Fact{
		{Label: c.T("modules.state"), Body: ui.Tagged(state, tone)},
		{Label: c.T("modules.id"), Value: m.ID},
		{Label: c.T("modules.version"), Value: m.Version},
		{Label: c.T(running), Value: orNone(c, r.Running)},
		{Label: c.T("modules.signed_by"), Value: signer(c, r.Key)},
		{Label: c.T("modules.added"), Value: added(c, r)},
	}
	if len(r.Types) > 0 {
		names := make([]string, len(r.Types))
		for i, t := range r.Types {
			names[i] = t.In(string(l))
		}
		out = append(out, ui.Fact{Label: c.T("modules.brings"), Value: strings.Join(names, ", ")})
	}
	platforms := make([]string, len(m.Binaries))
	for i, b := range m.Binaries {
		platforms[i] = b.OS + "/" + b.Arch
	}
	if m.Runtime != "" {
		out = append(out, ui.Fact{Label: c.T("modules.runtime"), Value: c.T("modules.runtime." + m.Runtime)})
	}
	return append(out, ui.Fact{Label: c.T("modules.platforms"), Value: strings.Join(platforms, ", ")},
		ui.Fact{Label: c.T("modules.size"), Value: fmt.Sprintf("%d MiB", (r.Size+1<<20-1)>>20)})
}

func orNone(c *kit.Ctx, s string) string {
	if s == "" {
		return c.T("modules.none_yet")
	}
	return s
}

func added(c *kit.Ctx, r *plugin.Report) string {
	at := show.DateTime(c.Lang(), r.AddedAt)
	if r.AddedBy == "" {
		return at
	}
	return at + ", " + r.AddedBy
}

func signer(c *kit.Ctx, k *plugin.Key) string {
	if k == nil {
		return c.T("modules.signed_dev")
	}
	return c.T("modules.signed", "Owner", owner(c, k), "Name", k.Name, "Key", k.ID)
}

func owner(c *kit.Ctx, k *plugin.Key) string {
	if k.Centre == uuid.Nil {
		return c.T("modules.ore")
	}
	return k.CentreName
}

// rights puts what a bundle asks for beside what the running version has.
func rights(c *kit.Ctx, r *plugin.Report) ui.Table {
	t := ui.Table{Caption: c.T("modules.table", "Name", c.T("modules.capabilities")), HideCaption: true,
		Columns: []ui.Column{{Label: c.T("modules.capability")}, {Label: c.T("modules.change")}, {Label: c.T("modules.scope")}, {Label: c.T("modules.why")}}}
	tones := map[plugin.Change]ui.Tone{plugin.Added: ui.Warn, plugin.Altered: ui.Warn, plugin.Gone: ui.Info, plugin.Same: ui.Neutral}
	for _, x := range r.Rights {
		t.Rows = append(t.Rows, []ui.Cell{{Text: rightName(c, x.Capability)}, {Body: ui.Tagged(c.T("modules.change."+string(x.Change)), tones[x.Change])},
			{Text: scopeNames(c, x.Scopes)}, {Text: text(c, x.Reason, "")}})
	}
	return t
}

func (p *pages) discardQuestion(c *kit.Ctx) error {
	id, err := uuid.Parse(c.Param("paczka"))
	if err != nil {
		return fault.ErrNotFound
	}
	r, err := p.Modules.Report(c.Context(), id)
	if err != nil {
		return err
	}
	name := text(c, r.Manifest.Title, r.Manifest.ID)
	title := c.T("modules.discard_title", "Name", name, "Version", r.Manifest.Version)
	inCatalogue(c, title)
	return c.Render(http.StatusOK, ui.ConfirmPage(ui.ConfirmView{Title: title, Text: c.T("modules.discard_text"), Action: bundlesPath + "/" + id.String() + "/usun",
		Submit: c.T("modules.discard"), Danger: true, Cancel: ui.Link{Text: c.T("modules.back"), Href: bundlesPath + "/" + id.String()}}))
}

func (p *pages) discard(c *kit.Ctx) error {
	id, err := uuid.Parse(c.Param("paczka"))
	if err != nil {
		return fault.ErrNotFound
	}
	if err := p.Modules.DiscardBundle(c.Context(), id); err != nil {
		return err
	}
	return c.Redirect(Path, "modules.flash.discarded")
}

// versions lists what could be enabled and what was handed in, newest first.
func versions(c *kit.Ctx, e *plugin.Entry) ui.Table {
	t := ui.Table{Caption: c.T("modules.table", "Name", c.T("modules.versions")), HideCaption: true,
		Columns: []ui.Column{{Label: c.T("modules.version")}, {Label: c.T("modules.source")}, {Label: c.T("modules.state")}}}
	for i := len(e.Available) - 1; i >= 0; i-- {
		a := &e.Available[i]
		source, href := c.T("modules.source_platform"), ""
		if a.Bundle != uuid.Nil {
			source, href = c.T("modules.source_bundle", "At", show.DateTime(i18n.FromContext(c.Context()), a.AddedAt)), bundlesPath+"/"+a.Bundle.String()
		}
		state, tone := c.T("modules.version_free"), ui.Neutral
		switch {
		case a.Current:
			state, tone = c.T("modules.version_current"), ui.Good
		case a.Failed:
			state, tone = c.T("modules.version_failed"), ui.Bad
		case a.Lower:
			state = c.T("modules.version_lower")
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: a.Version, Href: href}, {Text: source}, {Body: ui.Tagged(state, tone)}})
	}
	return t
}

// waiting names the newest version that was handed in, runs dry and is newer
// than what is enabled.
func waiting(e *plugin.Entry) string {
	for i := len(e.Available) - 1; i >= 0; i-- {
		if a := &e.Available[i]; a.Bundle != uuid.Nil && !a.Failed {
			if a.Current {
				return ""
			}
			return a.Version
		}
	}
	return ""
}
