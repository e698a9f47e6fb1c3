package tasks

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	formrender "ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/task"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// judgeView is the page on which a submission is accepted or returned.
type judgeView struct {
	ui.FormView
	Facts    []ui.Fact
	Places   []placeView
	Whole    ui.Input
	Files    []ui.Link
	Inputs   []ui.Input
	Warnings []warning
}

// placeView is one answer with room for a remark.
type placeView struct {
	Label, Answer string
	Text          bool // a quote can be named
	Quote, Remark ui.Input
}

// place is one answered place of a submission.
type place struct {
	path, label, answer string
	text                bool
}

// places walks a submission in the order of its form, rows included.
func places(l i18n.Lang, f *form.Form, a form.Answers) []place {
	var out []place
	visible := form.Visible(f, a)
	var level func(items []*form.Item, a form.Answers, prefix, above string)
	level = func(items []*form.Item, a form.Answers, prefix, above string) {
		for _, it := range items {
			path, label := prefix+it.ID, above+it.Label.In(l)
			switch {
			case !visible[path] || it.Type == form.TypeNote:
			case it.Repeated():
				for i, row := range a.Rows(it.ID) {
					level(it.Items, row.Answers, path+"["+row.ID+"].", label+" "+strconv.Itoa(i+1)+": ")
				}
			case it.Type == form.TypeGroup:
				level(it.Items, a, prefix, above)
			case it.Type == form.TypeMatrix:
				codes, _ := a[it.ID].(map[string]string)
				for _, r := range it.Rows {
					out = append(out, place{path: path, label: label + ": " + r.Label.In(l), answer: option(l, f, it, codes[r.ID])})
				}
			default:
				out = append(out, place{path: path, label: label, answer: formrender.Value(l, f, it, a[it.ID]),
					text: it.Type == form.TypeText || it.Type == form.TypeLongText})
			}
		}
	}
	level(f.Items, a, "", "")
	return out
}

func option(l i18n.Lang, f *form.Form, it *form.Item, code string) string {
	for _, o := range f.OptionsOf(it) {
		if o.Code == code {
			return o.Label.In(l)
		}
	}
	return ""
}

func (p *pages) judge(c *kit.Ctx) error {
	d, err := p.reviewed(c)
	if err != nil {
		return err
	}
	if !d.MayReview { // judged meanwhile, or never the reader's to judge
		return c.Redirect(pathOf(d.ID), "")
	}
	return c.Render(http.StatusOK, p.judgePage(c, d, ui.Problems{}, nil))
}

// reviewed reads a task of which something was handed in.
func (p *pages) reviewed(c *kit.Ctx) (*task.Detail, error) {
	id, err := c.UUID("id")
	if err != nil {
		return nil, err
	}
	d, err := p.Tasks.Get(c.Context(), c.Actor(), id)
	if err != nil {
		return nil, err
	}
	if d.Latest() == nil {
		return nil, fault.ErrNotFound
	}
	if d.Off != nil {
		return nil, d.Off
	}
	return d, p.named(c.Context(), d.Latest())
}

func (p *pages) judgePage(c *kit.Ctx, d *task.Detail, pr ui.Problems, w []warning) templ.Component {
	f, s := c.Form(), d.Latest()
	title := c.T("tasks.judge")
	v := judgeView{Warnings: w}
	v.FormView = ui.FormView{
		Title: title, Lead: d.Title, Action: pathOf(d.ID) + "/ocen", Submit: c.T("tasks.decide"), Problems: pr,
		Cancel: ui.Link{Text: c.T("tasks.cancel_form"), Href: pathOf(d.ID)},
		Hidden: []ui.Hidden{{Name: "zadanie", Value: strconv.FormatInt(d.Version, 10)}},
	}
	v.Facts = []ui.Fact{
		{Label: c.T("tasks.for"), Value: d.AssigneeName}, {Label: c.T("tasks.authors"), Value: names(s.Authors)},
		{Label: c.T("tasks.submitted_at"), Value: at(c.Context(), s.SubmittedAt)},
	}
	seen := map[string]bool{}
	for _, x := range places(c.Lang(), s.Form, s.Answers) {
		pv := placeView{Label: x.label, Answer: x.answer, Text: x.text && x.answer != ""}
		if !seen[x.path] {
			seen[x.path] = true
			pv.Remark = ui.Input{Kind: ui.Textarea, Name: remarkName(x.path), Label: c.T("tasks.remark_to", "Where", x.label), Value: f.Text(remarkName(x.path)), Optional: true, Rows: 2, Max: 2000}
			pv.Quote = ui.Input{Name: quoteName(x.path), Label: c.T("tasks.quote_from", "Where", x.label), Hint: c.T("tasks.quote_hint"), Value: f.Get(quoteName(x.path)), Optional: true, Max: 500}
		}
		v.Places = append(v.Places, pv)
	}
	for _, x := range s.Files {
		v.Files = append(v.Files, ui.Link{Text: x.Name, Href: "/pliki/" + x.ID.String()})
	}
	v.Whole = ui.Input{Kind: ui.Textarea, Name: remarkName(""), Label: c.T("tasks.remark_whole"), Value: f.Text(remarkName("")), Optional: true, Rows: 3, Max: 2000}
	v.Inputs = []ui.Input{
		{Kind: ui.Radios, Name: "decyzja", Label: c.T("tasks.decision"), Value: f.Get("decyzja"), Options: []ui.Option{
			{Value: string(effect.Accepted), Text: c.T("tasks.accept")}, {Value: string(effect.Returned), Text: c.T("tasks.return"), Hint: c.T("tasks.return_hint")},
			{Value: string(effect.Escalated), Text: c.T("tasks.escalate"), Hint: c.T("tasks.escalate_hint")},
		}},
		{Kind: ui.Date, Name: "termin", Label: c.T("tasks.new_due"), Hint: c.T("tasks.new_due_hint"), Value: f.Get("termin"), Optional: true, Size: "short"},
		{Kind: ui.Textarea, Name: "notatka", Label: c.T("tasks.note"), Value: f.Text("notatka"), Optional: true, Rows: 3, Max: 4000},
	}
	p.crumbs(c, &d.Task, title)
	return judgePage(v)
}

// judged are the service's names of the page's controls.
var judged = map[string]string{"verdict": "decyzja", "due": "termin", "note": "notatka", "remarks": "uwaga."}

func (p *pages) decide(c *kit.Ctx) error {
	d, err := p.reviewed(c)
	if err != nil {
		return err
	}
	f := c.Form()
	in := task.Judgement{Verdict: effect.Verdict(f.Get("decyzja")), Note: f.Text("notatka"), Reasons: reasons(f)}
	in.Version, _ = strconv.ParseInt(f.Get("zadanie"), 10, 64)
	in.Due, err = dayEnd(f.Get("termin"))
	for name := range f.Values {
		if path, ok := strings.CutPrefix(name, "uwaga."); ok && f.Text(name) != "" && in.Verdict == effect.Returned {
			in.Remarks = append(in.Remarks, effect.Remark{Path: path, Quote: f.Get(quoteName(path)), Text: f.Text(name)})
		}
	}
	inOrder(d, in.Remarks)
	if err == nil {
		err = p.Tasks.Decide(c.Context(), c.Actor(), d.ID, in)
	}
	if err == nil {
		return c.Redirect(pathOf(d.ID), "tasks.flash."+string(in.Verdict))
	}
	w := warningsOf(c, err)
	return c.Retry(renamed(err, judged), func(pr ui.Problems) templ.Component { return p.judgePage(c, d, pr, w) })
}

// inOrder sorts remarks as their places stand in the submission, the whole last.
func inOrder(d *task.Detail, list []effect.Remark) {
	s := d.Latest()
	rank := map[string]int{"": 1 << 20}
	for i, x := range places(i18n.Polish, s.Form, s.Answers) {
		if _, ok := rank[x.path]; !ok {
			rank[x.path] = i
		}
	}
	sortBy(list, func(r effect.Remark) int { return rank[r.Path] })
}
