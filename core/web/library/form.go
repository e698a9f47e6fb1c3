package library

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// typed is a form of a resource as typed, by the service's field names; tags
// and files apart.
type typed struct {
	texts map[string]string
	tags  []string
	files []library.NewFile
}

// textNames are the fields of one text, in the order of the form.
var textNames = []string{"where", "title", "kind", "description", "link", "licence", "licence_text", "authors", "accessibility", "product", "note"}

func typedOf(f *kit.Form) typed {
	t := typed{texts: map[string]string{}}
	for _, n := range textNames {
		t.texts[n] = f.Text(n)
	}
	for _, v := range f.All("tags") { // a conflict page sends them as one text
		for _, tag := range strings.Split(v, ",") {
			if tag = strings.TrimSpace(tag); tag != "" && !slices.Contains(t.tags, tag) {
				t.tags = append(t.tags, tag)
			}
		}
	}
	for _, raw := range f.All("file") {
		if id := uuidOf(raw); id != uuid.Nil && !f.Has("drop."+raw) {
			t.files = append(t.files, library.NewFile{ID: id, Alt: f.Text("alt." + raw)})
		}
	}
	return t
}

// typedFrom is how a resource stands in the form.
func typedFrom(r *library.Resource) typed {
	d := &r.Details
	t := typed{tags: d.Tags, texts: map[string]string{
		"title": d.Title, "kind": d.Kind, "description": d.Description, "licence": d.Licence, "licence_text": d.LicenceText,
		"authors": strings.Join(d.Authors, "\n"), "accessibility": d.Accessibility,
	}}
	if d.Product {
		t.texts["product"] = "1"
	}
	if v := r.Latest(); v != nil && r.State == library.Draft {
		t.texts["link"] = v.Link
		for _, f := range v.Files {
			t.files = append(t.files, library.NewFile{ID: f.ID, Alt: f.Alt})
		}
	}
	return t
}

func (t typed) details() library.Details {
	return library.Details{
		Title: t.texts["title"], Kind: t.texts["kind"], Description: t.texts["description"], Licence: t.texts["licence"], LicenceText: t.texts["licence_text"],
		Authors: strings.Split(t.texts["authors"], "\n"), Accessibility: t.texts["accessibility"], Tags: t.tags, Product: t.texts["product"] != "",
	}
}

func (t typed) contents() library.Contents {
	return library.Contents{Files: t.files, Link: t.texts["link"], Note: t.texts["note"]}
}

// upload stores the files of the page as temporary ones of the person. A file
// that is refused becomes a field; other errors are returned.
func (p *pages) upload(c *kit.Ctx, t *typed) (fault.Fields, error) {
	var bad fault.Fields
	for _, h := range c.Form().Files["files"] {
		if h.Filename == "" && h.Size == 0 {
			continue
		}
		if len(t.files) >= library.MaxFiles {
			bad.Add("files", "library.files_many", "Max", library.MaxFiles)
			break
		}
		r, err := h.Open()
		if err != nil {
			return nil, err
		}
		stored, err := p.Files.Upload(c.Context(), c.Actor(), h.Filename, r)
		if closed := r.Close(); err == nil {
			err = closed
		}
		switch x := fault.As(err); {
		case err == nil:
			t.files = append(t.files, library.NewFile{ID: stored.ID})
		case x.Kind == fault.Internal || x.Kind == fault.Unauthenticated:
			return nil, err
		default:
			bad = append(bad, fault.Field{Path: "files", Key: x.Key, Args: x.Args, Text: x.Text})
		}
	}
	return bad, nil
}

// uploaded is a file in the form.
type uploaded struct {
	ID, Name, Note string
	Alt            *ui.Input // nil for what is no image
}

// names gives the problems of a form the names of its controls.
func (t typed) names(path string) string {
	var i int
	if n, err := fmt.Sscanf(path, "files[%d].alt", &i); err == nil && n == 1 && i >= 0 && i < len(t.files) {
		return "alt." + t.files[i].ID.String()
	}
	return path
}

// have are the files that the form holds already; those that are gone are left out.
func (p *pages) have(c *kit.Ctx, t *typed) ([]uploaded, error) {
	var out []uploaded
	kept := t.files[:0]
	for _, f := range t.files {
		x, err := p.Files.Get(c.Context(), c.Actor(), f.ID)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		kept = append(kept, f)
		u := uploaded{ID: f.ID.String(), Name: x.Name, Note: fileNote(c.Context(), &library.File{MediaType: x.MediaType, Size: x.Size})}
		if library.IsImage(x.MediaType) {
			u.Alt = &ui.Input{Kind: ui.Textarea, Rows: 2, Name: "alt." + u.ID, Label: c.T("library.form.alt", "Name", x.Name), Hint: c.T("library.form.alt_hint"), Value: f.Alt}
		}
		out = append(out, u)
	}
	t.files = kept
	return out, nil
}

// tagGroup is one vocabulary in the form.
type tagGroup struct {
	Input ui.Input
	Title string
	Open  bool
}

func (g tagGroup) chosen(tag string) bool { return slices.Contains(g.Input.Values, tag) }

type formView struct {
	ui.FormView
	First, Second []ui.Input // before and after the files
	HasFiles      bool
	Files         []uploaded
	FilesHint     string
	Tags          []tagGroup
	Last          []ui.Input
	Draft         bool // offers to save a draft
	None          string
}

// descriptive are the controls that describe a resource.
func (p *pages) descriptive(c *kit.Ctx, t *typed, v *formView, inNetwork bool) {
	terms, l := p.Library.Terms(), c.Lang()
	kind := ui.Input{Kind: ui.Select, Name: "kind", Label: c.T("library.kind"), Value: t.texts["kind"], Empty: c.T("library.form.choose"), Size: "medium"}
	for _, x := range terms.Terms(library.Kinds) {
		kind.Options = append(kind.Options, ui.Option{Value: x.Code, Text: x.Name(l)})
	}
	licences := ui.Input{Kind: ui.Radios, Name: "licence", Label: c.T("library.licence"), Hint: c.T("library.form.licence_hint"), Value: t.texts["licence"]}
	for _, x := range terms.Terms(library.Licences) {
		licences.Options = append(licences.Options, ui.Option{Value: x.Code, Text: x.Name(l)})
	}
	v.First = append(v.First,
		ui.Input{Name: "title", Label: c.T("library.form.title"), Value: t.texts["title"]}, kind,
		ui.Input{Kind: ui.Textarea, Name: "description", Label: c.T("library.form.description"), Hint: c.T("library.form.description_hint"), Value: t.texts["description"], Rows: 8, Optional: true})
	v.Second = append(v.Second,
		ui.Input{Kind: ui.Textarea, Rows: 2, Name: "accessibility", Label: c.T("library.accessibility"), Hint: c.T("library.form.accessibility_hint"), Value: t.texts["accessibility"]},
		licences,
		ui.Input{Kind: ui.Textarea, Rows: 2, Name: "licence_text", Label: c.T("library.form.licence_text"), Hint: c.T("library.form.licence_text_hint"), Value: t.texts["licence_text"], Optional: true},
		ui.Input{Kind: ui.Textarea, Rows: 2, Name: "authors", Label: c.T("library.authors"), Hint: c.T("library.form.authors_hint"), Value: t.texts["authors"]})
	for _, s := range library.TagSchemes {
		g := tagGroup{Title: c.T("library.scheme." + string(s))}
		g.Input = ui.Input{Kind: ui.Checkboxes, Name: "tags", Label: g.Title, Values: t.tags, Optional: true}
		n := 0
		for _, x := range terms.Terms(s) {
			g.Input.Options = append(g.Input.Options, ui.Option{Value: x.Tag(), Text: x.Name(l)})
			if slices.Contains(t.tags, x.Tag()) {
				n++
			}
		}
		if g.Open = n > 0; g.Open {
			g.Title = c.T("library.form.chosen", "Name", g.Title, "Count", n)
		}
		v.Tags = append(v.Tags, g)
	}
	if inNetwork {
		v.Last = append(v.Last, ui.Input{Kind: ui.Checkbox, Name: "product", Label: c.T("library.form.product"), Hint: c.T("library.form.product_hint"), Checked: t.texts["product"] != "", Optional: true})
	}
}

// contentControls are the controls for files and an address.
func (p *pages) contentControls(c *kit.Ctx, t *typed, v *formView) error {
	v.HasFiles, v.Upload = true, true
	v.FilesHint = c.T("library.form.files_hint", "Max", library.MaxFiles)
	v.Second = append([]ui.Input{{Name: "link", Label: c.T("library.form.link"), Hint: c.T("library.form.link_hint"), Value: t.texts["link"], InputMode: "url", Optional: true}}, v.Second...)
	var err error
	v.Files, err = p.have(c, t)
	return err
}

// places are where the reader may add resources, "siec:id" or "placowka:id".
func (p *pages) places(c *kit.Ctx, chosen string) (ui.Input, error) {
	list, err := p.Library.Places(c.Context(), c.Actor())
	in := ui.Input{Kind: ui.Select, Name: "where", Label: c.T("library.form.where"), Hint: c.T("library.form.where_hint"), Value: chosen, Empty: c.T("library.form.choose")}
	for _, n := range list.Networks {
		in.Options = append(in.Options, ui.Option{Value: "siec:" + n.ID.String(), Text: n.Title})
	}
	for _, o := range list.Centres {
		in.Options = append(in.Options, ui.Option{Value: "placowka:" + o.ID.String(), Text: c.T("library.form.centre", "Name", o.Title)})
	}
	return in, err
}

func (p *pages) newPage(c *kit.Ctx, t typed, pr ui.Problems) (templ.Component, error) {
	title := c.T("library.new")
	c.Page(title).In(listPath).Crumb(c.T("library.title"), listPath)
	v := formView{Draft: true, FormView: ui.FormView{Title: title, Action: "/zasoby/nowy", Submit: c.T("library.form.share"), Problems: pr, Cancel: link(listPath, c.T("library.form.cancel"))}}
	where, err := p.places(c, t.texts["where"])
	if err != nil {
		return nil, err
	}
	if len(where.Options) == 0 {
		v.None = c.T("library.form.nowhere")
		return formPage(v), nil
	}
	if len(where.Options) == 1 && where.Value == "" {
		where.Value = where.Options[0].Value
	}
	v.First = append(v.First, where)
	p.descriptive(c, &t, &v, !strings.HasPrefix(where.Value, "placowka:"))
	if err := p.contentControls(c, &t, &v); err != nil {
		return nil, err
	}
	return formPage(v), nil
}

func (p *pages) newForm(c *kit.Ctx) error {
	t := typed{texts: map[string]string{"authors": c.Actor().Name}}
	if id := c.QueryUUID("siec"); id != uuid.Nil {
		t.texts["where"] = "siec:" + id.String()
	}
	page, err := p.newPage(c, t, ui.Problems{})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, page)
}

// sharing is the value of the button that shares a resource.
const sharing = "dodaj"

func (p *pages) create(c *kit.Ctx) error {
	t := typedOf(c.Form())
	bad, err := p.upload(c, &t)
	if err != nil {
		return err
	}
	kind, raw, _ := strings.Cut(t.texts["where"], ":")
	in := library.NewResource{Details: t.details(), Contents: t.contents(), Share: c.Form().Get("co") != "szkic"}
	switch id := uuidOf(raw); {
	case kind == "siec" && id != uuid.Nil:
		in.Network = id
	case kind == "placowka" && id != uuid.Nil:
		in.Centre = id
	default:
		bad.Add("where", "library.form.place_missing")
	}
	var id uuid.UUID
	if err = bad.Err(); err == nil {
		id, err = p.Library.Create(c.Context(), c.Actor(), in)
	}
	if err == nil {
		if in.Share {
			return c.Redirect(pathOf(id), "library.flash.added")
		}
		return c.Redirect(pathOf(id), "library.flash.draft")
	}
	return p.again(c, renamed(err, t.names), func(pr ui.Problems) (templ.Component, error) { return p.newPage(c, t, pr) })
}

// again shows a form once more with what was typed; the page itself may need to
// read and so may fail.
func (p *pages) again(c *kit.Ctx, err error, page func(ui.Problems) (templ.Component, error)) error {
	var failed error
	answer := c.Retry(err, func(pr ui.Problems) templ.Component {
		var body templ.Component
		if body, failed = page(pr); failed != nil {
			return templ.NopComponent
		}
		return body
	})
	return errors.Join(failed, answer)
}

// editPage is the form of a resource's description, with files for a draft.
func (p *pages) editPage(c *kit.Ctx, r *library.Resource, t typed, version int, pr ui.Problems) (templ.Component, error) {
	title, at := c.T("library.edit"), pathOf(r.ID)
	v := formView{FormView: ui.FormView{Lead: r.Title, Action: at + "/edytuj", Submit: c.T("library.form.save"), Problems: pr,
		Cancel: link(at, c.T("library.form.cancel")), Hidden: []ui.Hidden{{Name: "version", Value: strconv.Itoa(version)}}}}
	draft := r.State == library.Draft
	if draft {
		title, v.Action, v.Submit, v.Draft = c.T("library.edit_draft"), at+"/szkic", c.T("library.form.share"), true
	}
	v.Title = title
	c.Page(title).In(listPath).Crumb(c.T("library.title"), listPath).Crumb(r.Title, at)
	p.descriptive(c, &t, &v, r.Network != uuid.Nil)
	if draft {
		if err := p.contentControls(c, &t, &v); err != nil {
			return nil, err
		}
	}
	return formPage(v), nil
}

// editable reads the resource of the address for somebody who may change it.
func (p *pages) editable(c *kit.Ctx) (*library.Resource, error) {
	r, err := p.get(c)
	if err != nil {
		return nil, err
	}
	if !r.May.Edit {
		return nil, fault.ErrNotFound
	}
	return r, nil
}

func (p *pages) edit(c *kit.Ctx) error {
	r, err := p.editable(c)
	if err != nil {
		return err
	}
	page, err := p.editPage(c, r, typedFrom(r), r.Version, ui.Problems{})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, page)
}

// save changes the description of a shared resource; the second of two editors
// gets both texts.
func (p *pages) save(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	t := typedOf(c.Form())
	version := number(c.Form().Get("version"))
	if err = p.Library.Edit(c.Context(), c.Actor(), id, version, t.details()); err == nil {
		return c.Redirect(pathOf(id), "library.flash.saved")
	}
	return p.refused(c, err, t, version)
}

// saveDraft changes a draft with its files, and shares it when that was asked for.
func (p *pages) saveDraft(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	t := typedOf(c.Form())
	version := number(c.Form().Get("version"))
	bad, err := p.upload(c, &t)
	if err != nil {
		return err
	}
	share := c.Form().Get("co") != "szkic"
	if err = bad.Err(); err == nil {
		err = p.Library.Save(c.Context(), c.Actor(), id, version, t.details(), t.contents(), share)
	}
	switch {
	case err == nil && share:
		return c.Redirect(pathOf(id), "library.flash.added")
	case err == nil:
		return c.Redirect(pathOf(id), "library.flash.draft")
	}
	return p.refused(c, err, t, version)
}

func (p *pages) refused(c *kit.Ctx, err error, t typed, version int) error {
	r, e := p.editable(c)
	if e != nil {
		return e
	}
	if fault.As(err).Key == "library.stale" {
		c.Page(c.T("library.edit")).In(listPath).Crumb(c.T("library.title"), listPath).Crumb(r.Title, pathOf(r.ID))
		return c.ConflictPage(p.conflict(c, r, t))
	}
	return p.again(c, renamed(err, t.names), func(pr ui.Problems) (templ.Component, error) { return p.editPage(c, r, t, version, pr) })
}

// conflict shows the fields in which the two versions differ; the others go
// along as they were saved meanwhile.
func (p *pages) conflict(c *kit.Ctx, r *library.Resource, mine typed) ui.ConflictView {
	theirs, at := typedFrom(r), pathOf(r.ID)
	v := ui.ConflictView{Action: at + "/edytuj", Cancel: link(at, c.T("library.conflict_drop")), Hidden: []ui.Hidden{{Name: "version", Value: strconv.Itoa(r.Version)}}}
	hide := func(name, value string) { v.Hidden = append(v.Hidden, ui.Hidden{Name: name, Value: value}) }
	if r.State == library.Draft {
		v.Action = at + "/szkic"
		hide("co", "szkic")
		hide("link", mine.texts["link"])
		for _, f := range mine.files {
			hide("file", f.ID.String())
			hide("alt."+f.ID.String(), f.Alt)
		}
	}
	labels := map[string]string{"title": "library.form.title", "kind": "library.kind", "description": "library.form.description", "licence": "library.licence",
		"licence_text": "library.form.licence_text", "authors": "library.authors", "accessibility": "library.accessibility", "tags": "library.form.tags"}
	mine.texts["tags"], theirs.texts["tags"] = strings.Join(mine.tags, ", "), strings.Join(theirs.tags, ", ")
	for _, n := range append(slices.Clone(textNames), "tags") {
		switch {
		case labels[n] == "":
			if n == "product" && mine.texts[n] != "" {
				hide(n, mine.texts[n])
			}
		case mine.texts[n] == theirs.texts[n]:
			hide(n, mine.texts[n])
		default:
			long := n == "description" || n == "authors" || n == "accessibility" || n == "licence_text"
			v.Fields = append(v.Fields, ui.ConflictField{Name: n, Label: c.T(labels[n]), Mine: mine.texts[n], Theirs: theirs.texts[n], Long: long})
		}
	}
	return v
}

var accepted = strings.Join(file.Endings, ",")
