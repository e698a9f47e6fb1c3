package library

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/markdown"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type showView struct {
	*library.Resource
	Path    string
	Tag     string
	Tone    ui.Tone
	Notes   []note
	Body    markdown.Safe // the description
	Version versionView
	Facts   []ui.Fact
	Rows    []versionView
	Places  []useView
	Actions []ui.Link
	Words   string // how many found it useful
}

type note struct {
	Tone ui.Tone
	Text string
	Link ui.Link
}

type versionView struct {
	*library.Version
	Title, Lead string
	Files       []fileView
	Host        string // of the address elsewhere
	Href        string // of this version's page
}

type fileView struct{ Href, Name, Note, Alt string }

type useView struct {
	Network, What ui.Link
	Note          string
	Off           string // address that takes it away
}

type goneView struct{ Title, Text string }

// get reads the resource of the address; a page that says that it is gone
// answers when it was withdrawn.
func (p *pages) get(c *kit.Ctx) (*library.Resource, error) {
	id, err := c.UUID("id")
	if err != nil {
		return nil, err
	}
	return p.Library.Get(c.Context(), c.Actor(), id)
}

func (p *pages) show(c *kit.Ctx) error { return p.showVersion(c, 0) }

func (p *pages) version(c *kit.Ctx) error {
	no := number(c.Param("nr"))
	if no < 1 || strconv.Itoa(no) != c.Param("nr") {
		return fault.ErrNotFound
	}
	return p.showVersion(c, no)
}

func (p *pages) showVersion(c *kit.Ctx, no int) error {
	r, err := p.get(c)
	if err != nil {
		return err
	}
	if r.Gone {
		return p.gone(c, r)
	}
	at := r.Latest()
	if no > 0 {
		at = r.Of(no)
	}
	if at == nil {
		return fault.ErrNotFound
	}
	ctx, l, terms := c.Context(), c.Lang(), p.Library.Terms()
	v := showView{Resource: r, Path: pathOf(r.ID), Tag: terms.Name(library.Kinds, r.Kind, l), Tone: ui.Neutral, Body: markdown.Render(r.Description)}
	v.Notes = notes(c, r, at)
	v.Version = versionOf(ctx, r, at)
	v.Facts = p.facts(c, r)
	if len(r.Versions) > 1 {
		for i := range r.Versions {
			v.Rows = append(v.Rows, versionOf(ctx, r, &r.Versions[i]))
		}
	}
	v.Places = uses(c, r)
	v.Actions = actions(c, r)
	v.Words = c.T("library.useful_none")
	if r.Useful > 0 {
		v.Words = i18n.N(ctx, "library.useful_n", r.Useful)
	}
	page := c.Page(r.Title).In(listPath).Crumb(c.T("library.title"), listPath)
	if r.Audience == library.Public {
		page.Updated = r.ChangedAt
	}
	return c.Render(http.StatusOK, showPage(v))
}

func (p *pages) gone(c *kit.Ctx, r *library.Resource) error {
	c.Page(c.T("library.gone")).In(listPath).Crumb(c.T("library.title"), listPath)
	return c.Render(http.StatusGone, gonePage(goneView{Title: c.T("library.gone"),
		Text: c.T("library.gone_text", "Date", show.Date(c.Lang(), r.DecidedAt), "Reason", r.Reason)}))
}

// notes say what is special about the resource as it stands.
func notes(c *kit.Ctx, r *library.Resource, at *library.Version) []note {
	var out []note
	switch {
	case r.State == library.Draft:
		out = append(out, note{Tone: ui.Warn, Text: c.T("library.is_draft")})
	case r.State == library.Removed:
		out = append(out, note{Tone: ui.Warn, Text: c.T("library.is_removed", "Reason", r.StateReason)})
	case r.Asked != "":
		out = append(out, note{Tone: ui.Info, Text: c.T("library.is_asked", "Audience", lower(c.T("library.audience."+string(r.Asked))))})
	case r.Decision == library.Refused && r.Reason != "":
		out = append(out, note{Tone: ui.Warn, Text: c.T("library.is_refused", "Reason", r.Reason)})
	case r.Decision == library.Withdrawn:
		out = append(out, note{Tone: ui.Warn, Text: c.T("library.is_withdrawn", "Date", show.Date(c.Lang(), r.DecidedAt), "Reason", r.Reason)})
	}
	if last := r.Latest(); at.No != last.No {
		out = append(out, note{Tone: ui.Warn, Text: c.T("library.version_old", "No", at.No, "Of", last.No), Link: link(pathOf(r.ID), c.T("library.version_latest"))})
	}
	return out
}

// lower makes the first letter small, for use within a sentence.
func lower(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	return strings.ToLower(string(r[:1])) + string(r[1:])
}

func versionOf(ctx context.Context, r *library.Resource, v *library.Version) versionView {
	l := i18n.FromContext(ctx)
	out := versionView{Version: v, Href: pathOf(r.ID) + "/wersje/" + strconv.Itoa(v.No), Title: text(ctx, "library.version_row", "No", v.No),
		Lead: text(ctx, "library.version_by", "Date", show.Date(l, v.CreatedAt), "Name", v.By)}
	if !r.May.Inside {
		out.Lead = show.Date(l, v.CreatedAt)
	}
	for i := range v.Files {
		f := &v.Files[i]
		out.Files = append(out.Files, fileView{Href: pathOf(r.ID) + "/pliki/" + f.ID.String(), Name: f.Name, Note: fileNote(ctx, f), Alt: f.Alt})
	}
	if u, err := url.Parse(v.Link); err == nil && v.Link != "" {
		out.Host = strings.TrimPrefix(u.Hostname(), "www.")
	}
	return out
}

func (p *pages) facts(c *kit.Ctx, r *library.Resource) []ui.Fact {
	l, terms := c.Lang(), p.Library.Terms()
	var out []ui.Fact
	add := func(key, value string) {
		if value != "" {
			out = append(out, ui.Fact{Label: c.T(key), Value: value})
		}
	}
	add("library.authors", strings.Join(r.Authors, ", "))
	lic, href := terms.Name(library.Licences, r.Licence, l), ""
	if t, ok := terms.Term(library.Licences, r.Licence); ok {
		href = t.Note
	}
	if r.Licence == library.OwnLicence {
		lic = r.LicenceText
	}
	out = append(out, ui.Fact{Label: c.T("library.licence"), Body: licence(lic, href)}, ui.Fact{Label: c.T("library.accessibility"), Value: r.Accessibility})
	for _, s := range library.TagSchemes {
		var names []string
		for _, t := range r.Tags {
			if code, ok := strings.CutPrefix(t, string(s)+":"); ok {
				names = append(names, terms.Name(s, code, l))
			}
		}
		add("library.scheme."+string(s), strings.Join(names, "; "))
	}
	if r.Network != uuid.Nil {
		out = append(out, ui.Fact{Label: c.T("library.network"), Body: anchor(networkPath+r.Network.String(), r.NetworkTitle)})
	}
	add("library.centre", r.CentreName)
	if r.Product {
		out = append(out, ui.Fact{Label: c.T("library.state.product"), Value: c.T("library.yes")})
	}
	add("library.audience", c.T("library.audience."+string(r.Audience)))
	if v := r.Latest(); v != nil {
		add("library.version_no", c.T("library.version_of", "No", v.No, "Date", show.Date(l, v.CreatedAt)))
	}
	add("library.added", show.Date(l, r.CreatedAt))
	add("library.added_by", r.CreatedByName)
	add("library.changed", show.Date(l, r.ChangedAt))
	return out
}

func uses(c *kit.Ctx, r *library.Resource) []useView {
	var out []useView
	for _, u := range r.Uses {
		at := networkPath + u.Network.String()
		x := useView{Network: link(at, u.NetworkTitle), Note: u.Note}
		switch u.Kind {
		case "meeting":
			x.What = link("/spotkania/"+u.Place.String(), c.T("library.use_meeting", "Title", u.Title))
		case "thread":
			x.What = link(at+"/forum/"+u.Place.String(), c.T("library.use_thread", "Title", u.Title))
		}
		if u.May {
			x.Off = pathOf(r.ID) + "/uzyj/" + u.Network.String() + "/cofnij"
		}
		out = append(out, x)
	}
	return out
}

// actions are the pages on which this reader may do something.
func actions(c *kit.Ctx, r *library.Resource) []ui.Link {
	var out []ui.Link
	add := func(may bool, key, page string) {
		if may {
			out = append(out, link(pathOf(r.ID)+page, c.T(key)))
		}
	}
	draft := r.State == library.Draft
	add(r.May.Edit && draft, "library.edit_draft", "/edytuj")
	add(r.May.Edit && !draft, "library.edit", "/edytuj")
	add(r.May.Edit && !draft, "library.new_version", "/nowa-wersja")
	add(r.May.Propose || r.May.Publish || r.May.Withdraw, "library.publish", "/publikacja")
	add(r.May.Edit && !draft, "library.remove", "/usun")
	add(r.May.Edit && draft, "library.form.discard", "/usun")
	return out
}

func (p *pages) download(c *kit.Ctx) error {
	id, err := c.UUID("plik")
	if err != nil {
		return err
	}
	f, err := p.Files.Open(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	if f.ObjectKind != library.FileKind {
		return closing(f, fault.ErrNotFound)
	}
	return closing(f, c.Download(f.Name, f.MediaType, f.Size, f))
}

// closing closes what was read from; its error can no longer be told to anybody.
func closing(f io.Closer, err error) error {
	_ = f.Close()
	return err
}

func (p *pages) appreciate(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	on := c.Form().Get("przydatne") != "0"
	if _, err := p.Library.Appreciate(c.Context(), c.Actor(), id, on); err != nil {
		return err
	}
	if on {
		return c.Redirect(pathOf(id), "library.flash.useful")
	}
	return c.Redirect(pathOf(id), "library.flash.not_useful")
}
