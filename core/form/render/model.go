package render

import (
	"context"
	"strconv"
	"strings"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
)

// maxRadios is the number of options up to which they are shown at once.
const maxRadios = 7

// maxLabel shortens labels in the error summary, in characters.
const maxLabel = 80

// model is a page ready to print: every decision taken, every text chosen.
type model struct {
	Page
	fields    []*field
	number    int // of the part, from 1
	total     int
	title     string
	shown     string
	multipart bool
	last      bool
}

type field struct {
	look     string // a further class, with a space before it
	kind     string // the template: input, area, radios, checks, select, moment, file, ref, matrix, repeat, row, group, note
	path, id string
	label    string
	hint     string
	length   string // "najwyżej 500 znaków"
	errors   []string
	warnings []string
	optional bool
	value    string
	short    bool
	numeric  bool
	unit     string
	choices  []choice
	parts    []part
	uploads  []form.Upload
	more     bool // further files may be sent
	several  bool
	chosen   string
	fields   []*field
	rowIDs   []string
	canAdd   bool
	addText  string
	remove   string // value of the button that removes this row
	lines    []string
}

type choice struct {
	id, value, label string
	checked          bool
}

type part struct{ id, name, label, value string }

type builder struct {
	ctx      context.Context
	l        i18n.Lang
	p        Page
	errors   map[string][]string
	warnings map[string][]string
	visible  map[string]bool
	uploads  map[string]form.Upload
	lists    map[string][]form.Ref
	err      error
}

func build(ctx context.Context, p Page) (*model, error) {
	if err := form.Renderable(p.Form); err != nil {
		return nil, err
	}
	answers, _ := form.Parse(p.Form, p.State)
	b := &builder{ctx: ctx, l: i18n.FromContext(ctx), p: p, visible: form.Visible(p.Form, answers), lists: map[string][]form.Ref{}}
	b.errors, b.warnings = b.byPath(p.Errors), b.byPath(p.Warnings)
	if ids := answers.Files(p.Form); p.Files != nil && len(ids) > 0 {
		if b.uploads, b.err = p.Files.Uploads(ctx, ids); b.err != nil {
			return nil, b.err
		}
	}
	pages := p.Form.Pages()
	n := min(max(p.State.Page, 0), len(pages)-1)
	m := &model{Page: p, shown: strings.Join(form.Shown(p.Form, p.State), ",")}
	m.number, m.total, m.last = b.position(pages, n)
	items := pages[n].Items
	if len(pages) > 1 {
		m.title = b.say(pages[n].Title)
		if g := items[0]; len(items) == 1 && g.Type == form.TypeGroup && g.Repeat == nil && len(g.Hint) == 0 {
			items = g.Items
		}
	}
	m.fields = b.level(items, "")
	m.multipart = hasFile(items)
	if m.Submit == "" {
		m.Submit = i18n.Text(b.l, "form.submit")
	}
	return m, b.err
}

// position counts only the parts that have something to show.
func (b *builder) position(pages []form.Page, n int) (number, total int, last bool) {
	last = true
	for i, p := range pages {
		has := i == n
		for _, it := range p.Items {
			has = has || b.visible[it.ID]
		}
		if !has {
			continue
		}
		total++
		if i <= n {
			number++
		}
		if i > n {
			last = false
		}
	}
	return number, total, last
}

func hasFile(items []*form.Item) bool {
	for _, it := range items {
		if it.Type == form.TypeFile || hasFile(it.Items) {
			return true
		}
	}
	return false
}

func (b *builder) byPath(list []fault.Field) map[string][]string {
	out := map[string][]string{}
	for _, e := range list {
		out[e.Path] = append(out[e.Path], form.Message(b.l, e))
	}
	return out
}

func (b *builder) text(key string, args ...any) string { return i18n.Text(b.l, key, args...) }

// say is a declared text for the reader, with one-letter words tied to the next.
func (b *builder) say(t form.Text) string { return show.Nbsp(b.l, t.In(b.l)) }

func (b *builder) level(items []*form.Item, prefix string) []*field {
	var out []*field
	for _, it := range items {
		if path := prefix + it.ID; b.visible[path] {
			out = append(out, b.field(it, path, prefix))
		}
	}
	return out
}

func (b *builder) field(it *form.Item, path, prefix string) *field {
	f := &field{
		path: path, id: ID(path), label: b.say(it.Label), hint: b.say(it.Hint), unit: b.say(it.Unit),
		errors: b.errors[path], warnings: b.warnings[path], value: b.p.State.Get(path),
		optional: !it.Required && it.Type != form.TypeGroup && it.Type != form.TypeNote,
	}
	switch it.Type {
	case form.TypeText, form.TypeLongText:
		b.words(f, it)
	case form.TypeInteger, form.TypeDecimal:
		f.kind, f.short, f.numeric = "input", true, true
	case form.TypeDate, form.TypeTime:
		f.kind, f.short = "input", true
		if f.hint == "" {
			f.hint = b.text(map[form.Type]string{form.TypeDate: "form.date_hint", form.TypeTime: "form.time_hint"}[it.Type])
		}
	case form.TypeDateTime:
		b.moment(f)
	case form.TypeBool:
		f.kind = "radios"
		f.choices = b.choices(f, []form.Ref{{ID: "true", Label: b.text("form.yes")}, {ID: "false", Label: b.text("form.no")}})
	case form.TypeScale:
		b.scale(f, it)
	case form.TypeChoice:
		b.choice(f, it)
	case form.TypeMulti:
		f.kind = "checks"
		f.choices = b.choices(f, b.options(it))
	case form.TypeMatrix:
		b.matrix(f, it)
	case form.TypeFile:
		b.files(f, it)
	case form.TypeRef:
		b.ref(f, it)
	case form.TypeGroup:
		b.group(f, it, prefix)
	case form.TypeNote:
		f.kind, f.lines = "note", paragraphs(f.label)
	}
	return f
}

func (b *builder) words(f *field, it *form.Item) {
	f.kind = "input"
	if it.Type == form.TypeLongText {
		f.kind = "area"
	}
	if it.Type == form.TypeLongText || it.Max != nil {
		f.length = i18n.Plural(b.l, "form.length", it.MaxLength())
	}
}

func (b *builder) moment(f *field) {
	f.kind = "moment"
	day, hour := b.p.State.Get(f.path+".date"), b.p.State.Get(f.path+".time")
	if day+hour == "" {
		day = f.value
	}
	f.parts = []part{
		{f.id, f.path + ".date", b.text("form.part_date"), day},
		{f.id + "-time", f.path + ".time", b.text("form.part_time"), hour},
	}
	fold := b.p.State.Get(f.path + ".fold")
	ask := fold != ""
	for _, e := range b.p.Errors {
		ask = ask || e.Path == f.path && e.Key == "form.datetime_twice"
	}
	if ask {
		f.choices = []choice{
			{f.id + "-fold", form.FoldSummer, b.text("form.fold_summer"), fold == form.FoldSummer},
			{f.id + "-fold-2", form.FoldWinter, b.text("form.fold_winter"), fold == form.FoldWinter},
		}
	}
	if f.hint == "" {
		f.hint = b.text("form.date_hint") + ", " + strings.ToLower(b.text("form.time_hint"))
	}
}

func (b *builder) scale(f *field, it *form.Item) {
	f.kind, f.look = "radios", " scale"
	low, high := it.Bounds()
	var list []form.Ref
	for n := low; n <= high; n++ {
		o := form.Ref{ID: strconv.Itoa(n), Label: strconv.Itoa(n)}
		if end := it.Low.In(b.l); n == low && end != "" {
			o.Label += " – " + end
		}
		if end := it.High.In(b.l); n == high && end != "" {
			o.Label += " – " + end
		}
		list = append(list, o)
	}
	f.choices = b.choices(f, list)
}

func (b *builder) options(it *form.Item) []form.Ref {
	var out []form.Ref
	for _, o := range b.p.Form.OptionsOf(it) {
		out = append(out, form.Ref{ID: o.Code, Label: b.say(o.Label)})
	}
	return out
}

func (b *builder) choice(f *field, it *form.Item) {
	list := b.options(it)
	f.kind = "radios"
	if len(list) > maxRadios {
		f.kind = "select"
	}
	f.choices = b.choices(f, list)
}

// choices turns options into radios, checkboxes or list entries. The first has
// the field's own id, so that a link to the field lands on it. An answer to a
// question that is not required can be taken back.
func (b *builder) choices(f *field, list []form.Ref) []choice {
	if f.kind == "radios" && f.optional {
		list = append(list, form.Ref{Label: b.text("form.no_answer")})
	}
	picked := map[string]bool{}
	for _, v := range b.p.State.Values[f.path] {
		picked[v] = true
	}
	out := make([]choice, len(list))
	for i, o := range list {
		out[i] = choice{id: f.id, value: o.ID, label: o.Label, checked: picked[o.ID]}
		if i > 0 {
			out[i].id += "-" + strconv.Itoa(i+1)
		}
	}
	return out
}

func (b *builder) matrix(f *field, it *form.Item) {
	f.kind, f.optional = "matrix", false
	options := b.options(it)
	for _, r := range it.Rows {
		path := f.path + "." + r.ID
		row := &field{
			kind: "radios", path: path, id: ID(path), label: b.say(r.Label), errors: b.errors[path], warnings: b.warnings[path],
			optional: !it.Required,
		}
		row.choices = b.choices(row, options)
		f.fields = append(f.fields, row)
	}
}

func (b *builder) files(f *field, it *form.Item) {
	f.kind = "file"
	most := it.MaxFilesOf()
	for _, id := range b.p.State.Values[f.path] {
		u, ok := b.uploads[id]
		if !ok {
			u = form.Upload{ID: id, Name: b.text("form.file")}
		}
		f.uploads = append(f.uploads, u)
	}
	f.more, f.several = len(f.uploads) < most, most > 1
	f.length = i18n.Plural(b.l, "form.files_hint", most)
}

func (b *builder) ref(f *field, it *form.Item) {
	if list, ok := b.list(it.Ref); ok {
		f.kind, f.choices = "select", nil
		f.choices = b.choices(f, list)
		return
	}
	f.kind = "ref"
	if f.value == "" {
		return
	}
	f.chosen = b.p.State.Get(f.path + ".label")
	if b.p.Picker != nil && b.err == nil {
		label, err := b.p.Picker.Label(b.ctx, it.Ref, f.value)
		switch {
		case fault.Is(err, fault.NotFound):
			label = b.text("form.ref_gone")
		case err != nil:
			b.err = err
		}
		f.chosen = label
	}
	if f.chosen == "" {
		f.chosen = b.text("form.ref_gone")
	}
}

// list asks the picker once for each kind whether it is short enough to list.
func (b *builder) list(kind string) ([]form.Ref, bool) {
	lister, ok := b.p.Picker.(form.Lister)
	if !ok || b.err != nil {
		return nil, false
	}
	if list, known := b.lists[kind]; known {
		return list, list != nil
	}
	list, ok, err := lister.Options(b.ctx, kind)
	if err != nil {
		b.err = err
	}
	if !ok || len(list) > form.MaxOptions {
		list = nil
	} else if list == nil {
		list = []form.Ref{}
	}
	b.lists[kind] = list
	return list, list != nil
}

func (b *builder) group(f *field, it *form.Item, prefix string) {
	if it.Repeat == nil {
		f.kind, f.fields = "group", b.level(it.Items, prefix)
		return
	}
	f.kind = "repeat"
	f.rowIDs = b.p.State.Rows[f.path]
	f.addText = b.text("form.add_row")
	f.canAdd = len(f.rowIDs) < form.MaxRepeat && (it.Repeat.Max <= 0 || len(f.rowIDs) < it.Repeat.Max)
	for i, id := range f.rowIDs {
		path := f.path + "[" + id + "]"
		row := &field{kind: "row", path: path, id: ID(path), label: f.label + " " + show.Int(b.l, int64(i+1)), errors: b.errors[path]}
		if len(f.rowIDs) > it.Repeat.Min {
			row.remove = string(form.RemoveRow) + ":" + path
		}
		row.fields = b.level(it.Items, path+".")
		f.fields = append(f.fields, row)
	}
}

// describedBy lists the ids of what explains the field.
func (f *field) describedBy() string {
	var ids []string
	if f.hint != "" {
		ids = append(ids, f.id+"-hint")
	}
	if f.length != "" {
		ids = append(ids, f.id+"-length")
	}
	if f.unit != "" {
		ids = append(ids, f.id+"-unit")
	}
	if len(f.errors) > 0 {
		ids = append(ids, f.id+"-error")
	}
	if len(f.warnings) > 0 {
		ids = append(ids, f.id+"-warning")
	}
	return strings.Join(ids, " ")
}

func (f *field) class(kind string) string {
	c := "field"
	if kind != "" {
		c += " " + kind
	}
	if len(f.errors) > 0 {
		c += " field-error"
	}
	return c
}

func paragraphs(s string) []string {
	var out []string
	for _, p := range strings.Split(s, "\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// labelAt names the item at a path for the error summary: "Działanie 2, Od".
func labelAt(l i18n.Lang, f *form.Form, s form.State, path string) string {
	it := f.ItemAt(path)
	if it == nil {
		return ""
	}
	label := it.Label.In(l)
	if i := strings.LastIndexByte(path, '.'); i >= 0 && it.Type == form.TypeMatrix {
		for _, r := range it.Rows {
			if r.ID == path[i+1:] {
				label = r.Label.In(l)
			}
		}
	}
	label = shorten(label)
	end := strings.LastIndexByte(path, ']')
	if end < 0 {
		return label
	}
	open := strings.LastIndexByte(path[:end], '[')
	group, row := path[:open], path[open+1:end]
	for i, id := range s.Rows[group] {
		if id != row {
			continue
		}
		place := labelAt(l, f, s, group) + " " + show.Int(l, int64(i+1))
		if end == len(path)-1 {
			return place
		}
		return place + ", " + label
	}
	return label
}

func shorten(s string) string {
	r := []rune(s)
	if len(r) <= maxLabel {
		return s
	}
	return strings.TrimSpace(string(r[:maxLabel-1])) + "…"
}
