package tasks

import (
	"context"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/form"
	formrender "ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/task"
	"ore.edu.pl/sieci/core/web/filling"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// showView is the page of one task.
type showView struct {
	*task.Detail
	Path, Status string
	Tone         ui.Tone
	Facts        []ui.Fact
	// Form is what is to be filled; nil when it is not the reader's turn.
	Form         templ.Component
	FormProblems []formrender.Problem
	Problems     ui.Problems
	// General are remarks about the whole; those about a place stand at it.
	General []string
	History []historyView
	// Down says that the task's type is switched off.
	Down string
	// Unsent is what the reader wrote and could not hand in any more.
	Unsent templ.Component
}

type historyView struct {
	Title   string
	Note    string
	Facts   []ui.Fact
	Answers templ.Component
	Remarks []remarkView
	Files   []ui.Link
	Open    bool
}

type remarkView struct{ Where, Quote, Text string }

// work is a task that somebody fills, with the draft of the answers.
type work struct {
	p *pages
	c *kit.Ctx
	d *task.Detail
	// form is nil when the task's type serves none.
	form *filling.Form
	// own are files of the draft that belong to nothing yet.
	own map[uuid.UUID]file.File
	// draft is as it was found.
	draft *draft.Draft
}

func (p *pages) open(c *kit.Ctx) (*work, error) {
	id, err := c.UUID("id")
	if err != nil {
		return nil, err
	}
	w := &work{p: p, c: c, draft: &draft.Draft{}}
	beside := task.Beside{
		First: func(ctx context.Context) error {
			stored, err := p.Drafts.Find(ctx, c.Actor(), draftOf, id.String())
			if fault.Is(err, fault.NotFound) {
				return nil
			}
			w.draft = stored
			return err
		},
		Then: func(ctx context.Context, d *task.Detail) (err error) {
			if state := filling.StateOf(w.draft); d.Form != nil && state.Values != nil {
				a, _ := form.Parse(d.Form, state)
				w.own, err = p.Files.Own(ctx, c.Actor(), uuids(a.Files(d.Form)))
			}
			return err
		},
	}
	if w.d, err = p.Tasks.Get(c.Context(), c.Actor(), id, beside); err != nil {
		return nil, err
	}
	return w, w.fill()
}

// fill opens the form, filled with what was handed in last, as far as that fits
// the form of today.
func (w *work) fill() (err error) {
	d, path := w.d, pathOf(w.d.ID)
	if w.form = nil; d.Form == nil {
		return nil
	}
	w.form, err = filling.Open(filling.Config{
		Ctx: w.c, Drafts: w.p.Drafts, Decoded: d.Form, Key: draft.Key{Form: draftOf + d.Type, Subject: d.ID.String()}, Found: w.draft,
		Path: path, Post: path + "/oddaj", Back: listPath, Title: d.Title, Submit: w.c.T("tasks.submit"), Picker: w.p.Picker, Files: w.uploads(),
		Begin: func(f *form.Form) form.State {
			last := d.Latest()
			if last == nil {
				return form.Start(f)
			}
			a, _ := form.DecodeAnswers(f, last.Answers.Canonical())
			return form.FromAnswers(f, a)
		},
		Repeated: func() (string, string, bool, error) {
			done, err := w.p.Tasks.Handed(w.c.Context(), w.c.Actor(), w.d)
			return path, "tasks.flash.submitted", done, err
		},
		Page: w.page, Head: func(title string) { w.p.crumbs(w.c, &w.d.Task, title) },
		Kept: "tasks.flash.kept", Dropped: "tasks.flash.dropped",
		Hidden: []ui.Hidden{{Name: fieldTask, Value: strconv.FormatInt(d.Version, 10)}}, Remarks: w.remarks(),
	})
	return err
}

// fieldTask is the version of the task that the page showed.
const fieldTask = "zadanie"

// draftOf begins the names of forms of tasks among drafts; the type follows.
const draftOf = "task."

// uuids are those of the texts that are ids.
func uuids(list []string) []uuid.UUID {
	var out []uuid.UUID
	for _, s := range list {
		if id, err := uuid.Parse(s); err == nil {
			out = append(out, id)
		}
	}
	return out
}

// uploads are the files that the page may name, those read already first.
func (w *work) uploads() uploads {
	u := w.p.uploads(w.c, w.d)
	maps.Copy(u.known, w.own)
	return u
}

// show is the page of a task; whoever has an own part of it is led there.
func (p *pages) show(c *kit.Ctx) error {
	w, err := p.open(c)
	if err != nil {
		return err
	}
	if w.d.Each && w.d.Mine != uuid.Nil && !w.d.MayAssign {
		return c.Redirect(pathOf(w.d.Mine), "")
	}
	if w.form != nil && w.d.MaySubmit {
		if err := w.form.Picked(); err != nil {
			return err
		}
	}
	return w.show(http.StatusOK, nil, ui.Problems{})
}

// back leads from the address of handing in, opened by hand, to the task.
func (p *pages) back(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	return c.Redirect(pathOf(id), "")
}

// show prints the task: with the form for whoever is to fill it.
func (w *work) show(status int, errs fault.Fields, problems ui.Problems) error {
	if w.form != nil && w.d.MaySubmit {
		return w.form.Show(status, errs, problems)
	}
	content := w.page(nil, nil, problems)
	w.c.Page(w.d.Title).Wrong = status >= http.StatusBadRequest
	return w.c.Render(status, content)
}

// page is the task around its form, nil when there is nothing to fill.
func (w *work) page(body templ.Component, wrong []formrender.Problem, problems ui.Problems) templ.Component {
	v, err := w.view()
	if err != nil {
		return templ.ComponentFunc(func(context.Context, io.Writer) error { return err })
	}
	v.Form, v.FormProblems, v.Problems = body, wrong, problems
	w.p.crumbs(w.c, &w.d.Task, w.d.Title)
	return showPage(v)
}

func (w *work) view() (showView, error) {
	c, d := w.c, w.d
	v := showView{Detail: d, Path: pathOf(d.ID), Facts: w.facts()}
	if d.Off != nil {
		v.Down = ui.Message(c.Context(), fault.As(d.Off))
	}
	v.Status, v.Tone = stateTag(c.Context(), &d.Task, w.p.Clock.Now())
	var err error
	if d.MaySubmit && d.Form != nil {
		for _, r := range d.Remarks() {
			if d.Form.ItemAt(r.Path) == nil {
				v.General = append(v.General, r.Text)
			}
		}
	} else if w.form != nil && w.form.Begun() && len(d.Submissions) > 0 {
		if v.Unsent, err = w.unsent(); err != nil {
			return v, err
		}
	}
	v.History, err = w.p.history(c, d)
	return v, err
}

func (w *work) facts() []ui.Fact {
	c, d := w.c, w.d
	var out []ui.Fact
	add := func(key, value string) {
		if value != "" {
			out = append(out, ui.Fact{Label: c.T(key), Value: value})
		}
	}
	if d.Each {
		add("tasks.for", c.T("tasks.for_everybody"))
	} else {
		add("tasks.for", d.AssigneeName)
	}
	if d.State == task.Open || d.State == task.Returned {
		add("tasks.due_label", at(c.Context(), d.Due))
	}
	if d.ScopeTitle != "" {
		out = append(out, ui.Fact{Label: c.T("tasks.where"), Body: link(scopePath(d.Scope), d.ScopeTitle)})
	}
	if d.Kind != nil {
		add("tasks.type", d.Kind.Title.In(string(c.Lang())))
	}
	return out
}

// remarks are those of the last return at their places.
func (w *work) remarks() fault.Fields {
	var out fault.Fields
	for _, r := range w.d.Remarks() {
		if w.d.Form.ItemAt(r.Path) != nil {
			out = append(out, fault.Field{Path: r.Path, Text: remarkText(w.c.Context(), r.Quote, r.Text)})
		}
	}
	return out
}

func remarkText(ctx context.Context, quote, words string) string {
	if quote == "" {
		return words
	}
	return text(ctx, "tasks.remark_quote", "Quote", quote, "Text", words)
}

func (w *work) unsent() (templ.Component, error) {
	a, _ := form.Parse(w.d.Form, w.form.State())
	if last := w.d.Latest(); last != nil && string(last.Answers.Canonical()) == string(a.Canonical()) {
		return nil, nil
	}
	return formrender.Answers(w.c.Context(), formrender.AnswerList{Form: w.d.Form, Answers: a, Files: w.uploads(), Heading: 3})
}

// history is what was handed in and decided, the newest first.
func (p *pages) history(c *kit.Ctx, d *task.Detail) ([]historyView, error) {
	ctx := c.Context()
	var out []historyView
	decisions := d.Decisions
	for i := range d.Submissions {
		s := &d.Submissions[i]
		for len(decisions) > 0 && (decisions[0].Submission == s.ID || !decisions[0].At.Before(s.SubmittedAt)) {
			out = append(out, p.decision(c, d, &decisions[0]))
			decisions = decisions[1:]
		}
		h := historyView{Title: c.T("tasks.submission", "No", s.No, "At", at(ctx, s.SubmittedAt)), Open: i == 0 && !d.MaySubmit}
		h.Facts = []ui.Fact{{Label: c.T("tasks.submitted_by"), Value: s.By.Name}}
		if len(s.Authors) > 1 {
			h.Facts = append(h.Facts, ui.Fact{Label: c.T("tasks.authors"), Value: names(s.Authors)})
		}
		if err := p.named(ctx, s); err != nil {
			return nil, err
		}
		var err error
		if h.Answers, err = formrender.Answers(ctx, formrender.AnswerList{Form: s.Form, Answers: s.Answers, Files: p.uploads(c, d), Heading: 4}); err != nil {
			return nil, err
		}
		cited := strings.Join(s.Answers.Files(s.Form), " ")
		for _, f := range s.Files {
			if !strings.Contains(cited, f.ID.String()) {
				h.Files = append(h.Files, ui.Link{Text: f.Name, Href: "/pliki/" + f.ID.String()})
			}
		}
		out = append(out, h)
	}
	for i := range decisions {
		out = append(out, p.decision(c, d, &decisions[i]))
	}
	return out, nil
}

// named fills in what the things chosen in a submission are called now.
func (p *pages) named(ctx context.Context, s *task.Submission) error {
	if p.Picker == nil {
		return nil
	}
	_, err := form.ResolveRefs(ctx, s.Form, s.Answers, p.Picker) // what is gone stays without a name
	return err
}

func (p *pages) decision(c *kit.Ctx, d *task.Detail, x *task.Decision) historyView {
	ctx := c.Context()
	h := historyView{Title: c.T("tasks.verdict."+x.Verdict, "At", at(ctx, x.At)), Note: x.Note}
	if x.By.Name != "" {
		h.Facts = append(h.Facts, ui.Fact{Label: c.T("tasks.decided_by"), Value: x.By.Name})
	}
	if !x.Due.IsZero() {
		h.Facts = append(h.Facts, ui.Fact{Label: c.T("tasks.new_due"), Value: at(ctx, x.Due)})
	}
	for _, r := range x.Remarks {
		v := remarkView{Quote: r.Quote, Text: r.Text, Where: c.T("tasks.whole")}
		for i := range d.Submissions {
			if d.Submissions[i].ID != x.Submission {
				continue
			}
			if it := d.Submissions[i].Form.ItemAt(r.Path); it != nil {
				v.Where = it.Label.In(c.Lang())
			}
		}
		h.Remarks = append(h.Remarks, v)
	}
	return h
}

func names(list []task.Person) string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.Name
	}
	return strings.Join(out, ", ")
}
