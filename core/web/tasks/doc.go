// Package tasks holds the pages of human tasks: my tasks, one task with its
// form, remarks and history, handing in, review, the tasks of a network, group
// or programme, and assigning.
//
// The answers being written lie in the person's draft. Handing in is one page
// for most tasks; where authors are to be named or the module warns, a second
// page asks for that before anything is handed in.
package tasks

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/task"
	"ore.edu.pl/sieci/core/web/kit"
)

// Deps are what the pages need; Picker may be nil.
type Deps struct {
	Tasks  *task.Service
	Files  *file.Service
	Drafts *draft.Service
	Clock  clock.Clock
	// Picker knows the things that forms of modules refer to.
	Picker form.Picker
}

type pages struct{ Deps }

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	rows := []kit.Route{
		kit.Get("/zadania", task.Own, p.mine),
		kit.Get("/zadania/:id", task.Own, p.show),
		kit.Post("/zadania/:id/oddaj", task.Own, "submitTask", p.submit).WithUpload(),
		kit.Get("/zadania/:id/oddaj", task.Own, p.back),
		kit.Get("/zadania/:id/ocen", task.Review, p.judge),
		kit.Post("/zadania/:id/ocen", task.Review, "decideTask", p.decide),
		kit.Get("/zadania/:id/czesci", task.Review, p.parts),
		kit.Get("/zadania/:id/odwolaj", task.Assign, p.cancelQuestion),
		kit.Post("/zadania/:id/odwolaj", task.Assign, "cancelTask", p.cancel),
		kit.Get("/zadania/:id/otworz", task.Review, p.reopenQuestion),
		kit.Post("/zadania/:id/otworz", task.Review, "reopenTask", p.reopen),
	}
	for _, base := range []string{"/sieci", "/grupy", "/programy"} {
		of := scoped{pages: p, kind: scopes[base], base: base}
		rows = append(rows,
			kit.Get(base+"/:id/zadania", task.List, of.list),
			kit.Get(base+"/:id/zadania/nowe", task.Assign, of.assignForm),
			kit.Get(base+"/:id/zadania/komu", task.Assign, of.pick),
			kit.Post(base+"/:id/zadania/nowe", task.Assign, "assignTask", of.assign))
	}
	return rows
}

// Todo tells the start page what tasks are to be done and reviewed.
type Todo struct{ Tasks *task.Service }

var _ kit.TodoSource = Todo{}

// Ask implements [kit.TodoSource].
func (t Todo) Ask(a *access.Actor) (gather.Part, bool) { return t.Tasks.AskTodo(a) }

// Read implements [kit.TodoSource].
func (t Todo) Read(ctx context.Context, f gather.Found) ([]kit.TodoItem, error) {
	list, err := t.Tasks.ReadTodo(access.From(ctx), f)
	out := make([]kit.TodoItem, len(list))
	for i, x := range list {
		key, href := "tasks.todo.open", pathOf(x.ID)
		switch {
		case x.Review:
			key, href = "tasks.todo.review", href+"/ocen"
		case x.State == task.Returned:
			key = "tasks.todo.returned"
		}
		where := x.ScopeTitle
		if x.Who != "" {
			where = x.Who + " · " + where
		}
		out[i] = kit.TodoItem{Text: text(ctx, key, "Title", x.Title), Where: where, Href: href, Due: x.Due}
	}
	return out, err
}

// uploads describes files to the form: the person's own and those of the task.
type uploads struct {
	files *file.Service
	actor *access.Actor
	// known were read with the task; others are asked for one by one.
	known map[uuid.UUID]file.File
}

// uploads are the files of a task, for whoever sees what was handed in.
func (p *pages) uploads(c *kit.Ctx, d *task.Detail) uploads {
	u := uploads{p.Files, c.Actor(), map[uuid.UUID]file.File{}}
	for i := range d.Submissions {
		for _, f := range d.Submissions[i].Files {
			u.known[f.ID] = f
		}
	}
	return u
}

var _ form.Files = uploads{}

// Uploads implements [form.Files].
func (u uploads) Uploads(ctx context.Context, ids []string) (map[string]form.Upload, error) {
	out := map[string]form.Upload{}
	for _, raw := range ids {
		id, err := uuid.Parse(raw)
		if err != nil {
			continue
		}
		f, ok := u.known[id]
		if !ok {
			if f, err = u.files.Get(ctx, u.actor, id); fault.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		out[raw] = form.Upload{ID: raw, Name: f.Name, Size: f.Size, URL: "/pliki/" + raw}
	}
	return out, nil
}
