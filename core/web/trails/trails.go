// Package trails is the page on which inspectors and ORE administrators search
// the account of changes and take parts of it away.
package trails

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/trail"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Path is where the account lies.
const Path = "/zarzadzanie/dziennik"

// Deps are what the pages need.
type Deps struct {
	Trail *trail.Service
	// BaseURL is the address that people type; a file says with it where to go on.
	BaseURL string
}

type pages struct{ Deps }

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	return []kit.Route{
		kit.Get(Path, trail.PermList, p.list),
		kit.Post(Path, trail.PermExport, "exportAudit", p.export).WithReauth(),
	}
}

// conditions are the fields of the search, in the order of the page; those
// behind more are folded away.
var conditions = []struct {
	name, key string
	kind      ui.InputKind
	more      bool
}{
	{"czynnosc", "trail.page.action", ui.Text, false},
	{"od", "trail.page.from", ui.Date, false},
	{"do", "trail.page.to", ui.Date, false},
	{"osoba", "trail.page.actor", ui.Text, true},
	{"miejsce", "trail.page.scope", ui.Text, true},
	{"rodzaj", "trail.page.kind", ui.Text, true},
	{"numer", "trail.page.object", ui.Text, true},
}

// fieldOf are the fields of the service's errors on this page.
var fieldOf = map[string]string{"action": "czynnosc", "object": "numer", "objectKind": "rodzaj", "to": "do"}

type listView struct {
	Inputs, More []ui.Input
	Open         bool
	Table        ui.Table
	Pages        ui.Pages
	Problems     ui.Problems
	// Hidden carry the conditions to the export; nil when it is not offered.
	Hidden []ui.Hidden
	Export bool
	// Part is where an export that was begun goes on; "" when none was.
	Part string
	// Most is how many entries one file holds.
	Most string
}

// asked reads the conditions from the address or the form.
func asked(get func(string) string) (q trail.Query, err error) {
	var f fault.Fields
	id := func(name string) uuid.UUID {
		s := strings.TrimSpace(get(name))
		if s == "" {
			return uuid.Nil
		}
		u, err := uuid.Parse(s)
		if err != nil {
			f.Add(name, "trail.page.bad_id")
		}
		return u
	}
	day := func(name string) time.Time {
		if get(name) == "" {
			return time.Time{}
		}
		t, ok := form.ParseDate(get(name))
		if !ok {
			f.Add(name, "tasks.date")
		}
		return t
	}
	q = trail.Query{Action: get("czynnosc"), Actor: id("osoba"), Scope: id("miejsce"), ObjectKind: get("rodzaj"), Object: get("numer"),
		From: day("od"), To: day("do"), After: get("po")}
	return q, f.Err()
}

func (p *pages) list(c *kit.Ctx) error {
	q, err := asked(c.Query)
	var page trail.Page
	if err == nil {
		page, err = p.Trail.List(c.Context(), c.Actor(), q)
	}
	status := http.StatusOK
	v := listView{Export: c.May(trail.PermExport), Most: show.Int(c.Lang(), int64(p.Trail.ExportMost()))}
	if err != nil {
		if !fault.Is(err, fault.Invalid) || len(fault.As(err).Fields) == 0 {
			return err
		}
		status = http.StatusUnprocessableEntity
		v.Problems = ui.ProblemsOf(c.Context(), renamed(err))
	}
	keep := url.Values{}
	for _, k := range conditions {
		in := ui.Input{Kind: k.kind, Name: k.name, Label: c.T(k.key), Value: c.Query(k.name), Size: "medium"}
		if k.name == "czynnosc" {
			in.Hint = c.T("trail.page.action_hint")
		}
		if in.Value != "" {
			keep.Set(k.name, in.Value)
			v.Hidden = append(v.Hidden, ui.Hidden{Name: k.name, Value: in.Value})
		}
		if k.more {
			v.More, v.Open = append(v.More, in), v.Open || in.Value != ""
			continue
		}
		v.Inputs = append(v.Inputs, in)
	}
	v.Table = table(c, page.Items)
	if page.Next != "" {
		next := url.Values{"po": {page.Next}}
		for name, value := range keep {
			next[name] = value
		}
		v.Pages.Next = Path + "?" + next.Encode()
	}
	if v.Part = trail.PartAfter(c.Query("po")); v.Part != "" {
		v.Hidden = append(v.Hidden, ui.Hidden{Name: "po", Value: v.Part})
	}
	if c.Query("po") != "" {
		v.Pages.First = Path + "?" + keep.Encode()
	}
	c.Page(c.T("trail.page.title")).In("/zarzadzanie").AsWide().Crumb(c.T("web.nav.manage"), "/zarzadzanie")
	c.Page(c.T("trail.page.title")).Wrong = status != http.StatusOK
	return c.Render(status, listPage(v))
}

// renamed names the service's fields as this page does.
func renamed(err error) error {
	x := *fault.As(err)
	x.Fields = append(fault.Fields(nil), x.Fields...)
	for i := range x.Fields {
		if name, ok := fieldOf[x.Fields[i].Path]; ok {
			x.Fields[i].Path = name
		}
	}
	return &x
}

func table(c *kit.Ctx, items []trail.Entry) ui.Table {
	t := ui.Table{Caption: c.T("trail.page.title"), HideCaption: true, RowHeader: -1, Columns: []ui.Column{
		{Label: c.T("trail.page.when")}, {Label: c.T("trail.page.who")}, {Label: c.T("trail.page.what")}, {Label: c.T("trail.page.changed")},
		{Label: c.T("trail.page.fields")}, {Label: c.T("trail.page.link"), Number: true}}}
	for i := range items {
		e := &items[i]
		link := c.T("trail.page.unsealed")
		if e.Link > 0 {
			link = strconv.FormatInt(e.Link, 10)
		}
		t.Rows = append(t.Rows, []ui.Cell{
			{Text: show.DateTime(c.Lang(), e.At)}, who(c, e), {Body: act(trail.Words(c.Lang(), e.Action), e.Action)},
			{Text: e.ObjectKind + " " + short(e.Object), Href: query("rodzaj", e.ObjectKind, "numer", e.Object)},
			{Text: strings.Join(e.Fields, ", ")}, {Text: link},
		})
	}
	return t
}

func who(c *kit.Ctx, e *trail.Entry) ui.Cell {
	if !e.Actor.Valid {
		return ui.Cell{Text: c.T("trail.page.system") + ": " + e.System}
	}
	name := e.Name
	if name == "" {
		name = short(e.Actor.UUID.String())
	}
	return ui.Cell{Text: name, Href: query("osoba", e.Actor.UUID.String())}
}

func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return Path + "?" + v.Encode()
}

// short is how a long number is shown: its end, which differs.
func short(id string) string {
	if len(id) > 12 {
		return "…" + id[len(id)-8:]
	}
	return id
}

// columns of the file; the last row says in the first of them which part of all
// the file is.
var columns = []string{"id", "link", "at", "actor", "name", "system", "action", "words", "object_kind", "object", "scope_kind", "scope", "fields", "request"}

func (p *pages) export(c *kit.Ctx) error {
	q, err := asked(c.Form().Get)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString("\ufeff") // spreadsheets in Poland take a file without it for CP1250
	w := csv.NewWriter(&b)
	w.Comma = ';'
	_ = w.Write(columns)
	part, err := p.Trail.Export(c.Context(), c.Actor(), q, func(list []trail.Entry) error {
		for i := range list {
			e := &list[i]
			row := []string{strconv.FormatInt(e.ID, 10), strconv.FormatInt(e.Link, 10), e.At.UTC().Format(time.RFC3339Nano), id(e.Actor), e.Name, e.System, e.Action,
				trail.Words(c.Lang(), e.Action), e.ObjectKind, e.Object, e.ScopeKind, id(e.Scope), strings.Join(e.Fields, " "), e.Request}
			for j := range row {
				row[j] = plain(row[j])
			}
			if err := w.Write(row); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	last := make([]string, len(columns))
	last[0] = p.partOf(c, part)
	_ = w.Write(last)
	w.Flush()
	name := "dziennik-zmian.csv"
	if part.Last-part.First+1 < part.Of {
		name = fmt.Sprintf("dziennik-zmian-%d-%d-z-%d.csv", part.First, part.Last, part.Of)
	}
	return c.Download(name, "text/csv; charset=utf-8", int64(b.Len()), &b)
}

// partOf says which of all entries a file holds and where the rest is.
func (p *pages) partOf(c *kit.Ctx, part trail.Part) string {
	args := []any{"First", show.Int(c.Lang(), part.First), "Last", show.Int(c.Lang(), part.Last), "All", show.Int(c.Lang(), part.Of)}
	switch {
	case part.Of == 0:
		return c.T("trail.page.part_none")
	case part.Next == "":
		return c.T("trail.page.part_last", args...)
	}
	at := url.Values{"po": {part.Next}}
	for _, k := range conditions {
		if s := c.Form().Get(k.name); s != "" {
			at.Set(k.name, s)
		}
	}
	return c.T("trail.page.part_more", append(args, "At", strings.TrimSuffix(p.BaseURL, "/")+Path+"?"+at.Encode())...)
}

func id(u uuid.NullUUID) string {
	if !u.Valid {
		return ""
	}
	return u.UUID.String()
}

// plain keeps a spreadsheet from taking a text for a formula.
func plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
