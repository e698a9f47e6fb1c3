package export

import (
	"archive/zip"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/document"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/markdown"
	"ore.edu.pl/sieci/core/network"
)

// Source is a room's part of a copy.
type Source interface {
	// Part names it: the JSON is data/PART.json, its first page PART.html, its
	// title the text "export.part.PART".
	Part() string
	// Write gives everything that a may read of the network to out. It is called
	// again from the beginning after an error.
	Write(ctx context.Context, a *access.Actor, n *network.Network, out *Sink) error
}

// Sink takes what a [Source] gives. Not safe for concurrent use.
type Sink struct {
	ctx     context.Context
	zip     *zip.Writer
	service *Service
	actor   *access.Actor
	kind    Kind
	lang    i18n.Lang
	part    string
	network *network.Network

	data  io.Writer // data/PART.json while it is open
	rows  int
	queue []file.File // to write after the JSON
	taken map[uuid.UUID]string
}

// Kind tells a source whether pages or data are wanted; giving the other is
// harmless and writes nothing.
func (o *Sink) Kind() Kind { return o.kind }

// T is a text in the language of the copy.
func (o *Sink) T(key string, args ...any) string { return i18n.Text(o.lang, key, args...) }

// Lang is the language of the copy.
func (o *Sink) Lang() i18n.Lang { return o.lang }

// Data writes one element of the part's JSON array.
func (o *Sink) Data(v any) error {
	if o.kind != Data {
		return nil
	}
	raw, err := json.MarshalIndent(v, "  ", "  ")
	if err != nil {
		return err
	}
	before := ",\n  "
	if o.rows == 0 {
		if o.data, err = o.zip.Create("data/" + o.part + ".json"); err != nil {
			return err
		}
		before = "[\n  "
	}
	o.rows++
	_, err = fmt.Fprintf(o.data, "%s%s", before, raw)
	return err
}

// File takes an uploaded file into the copy and returns its address relative
// to the pages; "" when the person may not download it. A file given twice is
// taken once.
func (o *Sink) File(id uuid.UUID) (string, error) {
	if at, ok := o.taken[id]; ok {
		return at, nil
	}
	f, err := o.service.c.Files.Get(o.ctx, o.actor, id)
	if err != nil {
		return "", skipMissing(err)
	}
	at := "files/" + id.String() + path.Ext(f.Name)
	if o.taken == nil {
		o.taken = map[uuid.UUID]string{}
	}
	o.taken[id] = at
	o.queue = append(o.queue, f)
	return at, nil
}

// close ends the JSON and writes the files that were taken.
func (o *Sink) close() error {
	if o.rows > 0 {
		if _, err := io.WriteString(o.data, "\n]\n"); err != nil {
			return err
		}
	}
	for i := range o.queue {
		if err := o.copyFile(&o.queue[i]); err != nil {
			return err
		}
	}
	return nil
}

func (o *Sink) copyFile(f *file.File) error {
	c, err := o.service.c.Files.Open(o.ctx, o.actor, f.ID)
	if err != nil {
		return skipMissing(err)
	}
	defer c.Close()
	w, err := o.zip.CreateHeader(&zip.FileHeader{Name: o.taken[f.ID], Method: zip.Deflate, Modified: f.CreatedAt.UTC()})
	if err != nil {
		return err
	}
	_, err = io.Copy(w, c)
	return err
}

// Page is one page of the site.
type Page struct {
	// Name of a page below the part's first page ("" for that itself).
	Name string
	// Title is the first heading; Lead a sentence below it.
	Title, Lead string
	// Body holds document blocks, [markdown.Safe] (people's texts, whose headings
	// start at level 3) and [Links].
	Body []any
}

// Links leads to pages of the copy or files in it.
type Links []Link

// Link to a page or file; Note stands after it.
type Link struct{ Text, Href, Note string }

// Address of a page of the copy.
func Address(part, name string) string {
	if name == "" {
		return part + ".html"
	}
	return part + "-" + name + ".html"
}

// Page writes a page.
func (o *Sink) Page(p Page) error {
	if o.kind != Site {
		return nil
	}
	return o.write(Address(o.part, p.Name), p)
}

//go:embed site.html
var siteSource string

//go:embed site.css
var siteStyle string

var siteTemplate = template.Must(template.New("site").Funcs(template.FuncMap{
	"kind":  func(b any) string { return strings.TrimPrefix(fmt.Sprintf("%T", b), "*") },
	"lines": func(s string) []string { return strings.Split(s, "\n") },
	"at":    func(row []string, i int) string { return row[i] },
}).Parse(siteSource))

type sitePage struct {
	Page
	Lang, Site, Skip, Nav, Made string
	Parts                       []Link
	Here                        string
}

// pictures and downloads of people's texts.
const filesPath = "/pliki/"

// local makes links and pictures of people's texts lead to the files of the
// copy, and other links to the platform; a picture that the person may not have
// shows its description.
func (o *Sink) local(text markdown.Safe) (markdown.Safe, error) {
	var failed error
	return text.Relink(func(to string, picture bool) string {
		if !strings.HasPrefix(to, "/") {
			return to
		}
		if id, err := uuid.Parse(strings.TrimPrefix(to, filesPath)); err == nil && strings.HasPrefix(to, filesPath) {
			at, err := o.File(id)
			if err != nil {
				failed = err
			}
			if at != "" || picture {
				return at
			}
		}
		return o.service.c.BaseURL + to
	}), failed
}

func (o *Sink) write(name string, p Page) error {
	v := sitePage{Page: p, Lang: string(o.lang), Site: o.network.Title, Skip: o.T("web.skip"), Nav: o.T("export.nav"),
		Made: o.T("export.made", "Date", show.Date(o.lang, o.service.c.Clock.Now())), Here: name}
	v.Parts = append(v.Parts, Link{Text: o.T("export.start"), Href: "index.html"})
	for _, s := range o.service.c.Sources {
		v.Parts = append(v.Parts, Link{Text: o.T("export.part." + s.Part()), Href: Address(s.Part(), "")})
	}
	body := make([]any, len(p.Body))
	for i, b := range p.Body {
		if r, ok := b.(markdown.Safe); ok {
			html, err := o.local(r)
			if err != nil {
				return err
			}
			b = html
		}
		body[i] = b
	}
	v.Body = body
	var b bytes.Buffer
	if err := siteTemplate.Execute(&b, v); err != nil {
		return err
	}
	w, err := o.zip.Create(name)
	if err != nil {
		return err
	}
	_, err = b.WriteTo(w)
	return err
}

// front writes what a copy begins with: the first page and the look of the
// site, or what the data are.
func (o *Sink) front(now time.Time) error {
	facts := document.Facts{Rows: []document.Fact{
		{Label: o.T("networks.coordinator"), Value: o.network.CoordinatorName},
		{Label: o.T("networks.centre"), Value: o.network.CentreName},
		{Label: o.T("networks.year"), Value: show.SchoolYear(o.network.SchoolYear)},
		{Label: o.T("networks.type"), Value: o.network.TypeTitle},
		{Label: o.T("networks.stage"), Value: o.network.StageTitle},
	}}
	if o.kind == Data {
		w, err := o.zip.Create(o.T("export.readme.name"))
		if err != nil {
			return err
		}
		_, err = io.WriteString(w, o.T("export.readme.text", "Title", o.network.Title, "Date", show.Date(o.lang, now), "Address", o.service.c.BaseURL+"/sieci/"+o.network.ID.String()))
		return err
	}
	w, err := o.zip.Create("style.css")
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, siteStyle); err != nil {
		return err
	}
	var links Links
	for _, s := range o.service.c.Sources {
		links = append(links, Link{Text: o.T("export.part." + s.Part()), Href: Address(s.Part(), "")})
	}
	return o.write("index.html", Page{Title: o.network.Title, Lead: o.network.Aim, Body: []any{facts,
		document.Heading{Level: 2, Text: o.T("export.contents")}, links, document.Paragraph{Text: o.T("export.rules")}}})
}

// skipMissing turns "may not" and "is gone" into leaving the file out.
func skipMissing(err error) error {
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Unavailable) {
		return nil
	}
	return err
}
