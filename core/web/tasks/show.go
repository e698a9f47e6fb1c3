package tasks

import (
	"context"
	"encoding/json"
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
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/task"
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

	draft *draft.Draft
	state form.State
	// own are files of the draft that belong to nothing yet.
	own map[uuid.UUID]file.File
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
			if err == nil && json.Unmarshal(stored.State, &w.state) != nil {
				w.state = form.State{}
			}
			w.draft = stored
			return err
		},
		Then: func(ctx context.Context, d *task.Detail) (err error) {
			if d.Form != nil && w.state.Values != nil {
				a, _ := form.Parse(d.Form, w.state)
				w.own, err = p.Files.Own(ctx, c.Actor(), uuids(a.Files(d.Form)))
			}
			return err
		},
	}
	d, err := p.Tasks.Get(c.Context(), c.Actor(), id, beside)
	if err != nil {
		return nil, err
	}
	w.d = d
	if k := (draft.Key{Form: draftOf + d.Type, Subject: id.String()}); d.Form == nil || w.draft.Key != k {
		w.draft, w.state = &draft.Draft{Key: k}, form.State{}
	}
	if d.Form == nil {
		return w, nil
	}
	if w.draft.Version == 0 || w.draft.Rev != d.FormRev || w.state.Values == nil {
		w.begin()
	}
	return w, nil
}

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

// begin fills the form with what was handed in last, as far as it fits the
// form of today.
func (w *work) begin() {
	w.draft.Rev = w.d.FormRev
	w.state = form.Start(w.d.Form)
	if last := w.d.Latest(); last != nil {
		a, _ := form.DecodeAnswers(w.d.Form, last.Answers.Canonical())
		w.state = form.FromAnswers(w.d.Form, a)
	}
}

func (w *work) save() error {
	raw, err := json.Marshal(w.state)
	if err != nil {
		return err
	}
	w.draft.State = raw
	v, err := w.p.Drafts.Save(w.c.Context(), w.c.Actor(), w.draft)
	if err == nil {
		w.draft.Version = v
	}
	return err
}

func (w *work) forget() error {
	if w.draft.Version == 0 {
		return nil
	}
	return w.p.Drafts.Delete(w.c.Context(), w.c.Actor(), w.draft.Key)
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
	if err := w.picked(); err != nil {
		return err
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

func (w *work) show(status int, errs fault.Fields, problems ui.Problems) error {
	c, d := w.c, w.d
	v := showView{Detail: d, Path: pathOf(d.ID), Problems: problems, Facts: w.facts()}
	if d.Off != nil {
		v.Down = ui.Message(c.Context(), fault.As(d.Off))
	}
	v.Status, v.Tone = stateTag(c.Context(), &d.Task, w.p.Clock.Now())
	var err error
	if d.MaySubmit {
		if v.Form, err = w.form(errs); err != nil {
			return err
		}
		v.FormProblems = formrender.Problems(c.Context(), d.Form, w.state, errs)
		for _, r := range d.Remarks() {
			if d.Form.ItemAt(r.Path) == nil {
				v.General = append(v.General, r.Text)
			}
		}
	} else if w.draft.Version > 0 && d.Form != nil && len(d.Submissions) > 0 {
		if v.Unsent, err = w.unsent(); err != nil {
			return err
		}
	}
	if v.History, err = w.p.history(c, d); err != nil {
		return err
	}
	w.p.crumbs(c, &d.Task, d.Title)
	c.Page(d.Title).Wrong = status >= http.StatusBadRequest
	return c.Render(status, showPage(v))
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

// form is the form to fill, the remarks of the last return at their places.
func (w *work) form(errs fault.Fields) (templ.Component, error) {
	c, d := w.c, w.d
	var remarks []fault.Field
	for _, r := range d.Remarks() {
		if d.Form.ItemAt(r.Path) != nil {
			remarks = append(remarks, fault.Field{Path: r.Path, Text: remarkText(c.Context(), r.Quote, r.Text)})
		}
	}
	return formrender.HTML(c.Context(), formrender.Page{
		Form: d.Form, State: w.state, Errors: errs, Warnings: remarks, Action: pathOf(d.ID) + "/oddaj", Picker: w.p.Picker,
		Files: w.uploads(), Submit: c.T("tasks.submit"), CanSave: true,
		Hidden: []formrender.Hidden{
			{Name: kit.IdemField, Value: idem.NewKey()}, {Name: "wersja", Value: strconv.Itoa(w.draft.Version)},
			{Name: "zadanie", Value: strconv.FormatInt(d.Version, 10)},
		},
	})
}

func remarkText(ctx context.Context, quote, words string) string {
	if quote == "" {
		return text(ctx, "tasks.remark", "Text", words)
	}
	return text(ctx, "tasks.remark_quote", "Quote", quote, "Text", words)
}

func (w *work) unsent() (templ.Component, error) {
	a, _ := form.Parse(w.d.Form, w.state)
	if last := w.d.Latest(); last != nil && string(last.Answers.Canonical()) == string(a.Canonical()) {
		return nil, nil
	}
	return formrender.Answers(w.c.Context(), formrender.AnswerList{Form: w.d.Form, Answers: a, Files: w.uploads(), Heading: 3})
}

// pickers are the search pages for things that are too many to list.
var pickers = map[string]string{"szkola": "/szkoly/wybierz", "school": "/szkoly/wybierz", "jst": "/jst/wybierz"}

// picked takes the things that a search page sent back with (path=id).
func (w *work) picked() error {
	if !w.d.MaySubmit || w.p.Picker == nil {
		return nil
	}
	for path, ids := range w.c.Queries() {
		it := w.d.Form.ItemAt(path)
		if it == nil || it.Type != form.TypeRef || len(ids) == 0 {
			continue
		}
		label, err := w.p.Picker.Label(w.c.Context(), it.Ref, ids[0])
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		w.state.Pick(path, ids[0], label)
	}
	return nil
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
