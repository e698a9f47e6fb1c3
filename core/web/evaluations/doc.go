// Package evaluations holds the pages of evaluations: those of a network,
// preparing and opening a round, how many have answered, the way to the code,
// the questionnaire under a code, and results.
//
// The pages under /u/ know nobody: what they show and take belongs to the code in
// the address ([kit.Route.Unlinked]). Everything else is about the round, never
// about an answer.
package evaluations

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/evaluation"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/networks"
	"ore.edu.pl/sieci/core/web/ui"
)

// Deps are what the pages need.
type Deps struct {
	Evaluations *evaluation.Service
	Clock       clock.Clock
}

type pages struct{ Deps }

// Tab is the page about evaluations behind a network's address.
const Tab = "/ewaluacja"

const (
	roundPath = "/ankiety/"
	sheetPath = "/u"
)

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	return []kit.Route{
		kit.Get("/sieci/:id"+Tab, evaluation.PermView, p.list),
		kit.Get("/sieci/:id"+Tab+"/nowa", evaluation.PermManage, p.newForm),
		kit.Post("/sieci/:id"+Tab+"/nowa", evaluation.PermManage, "prepareEvaluation", p.create),
		kit.Get("/ankiety/:id", evaluation.PermAnswer, p.show),
		kit.Get("/ankiety/:id/edytuj", evaluation.PermManage, p.editForm),
		kit.Post("/ankiety/:id/edytuj", evaluation.PermManage, "editEvaluation", p.edit),
		kit.Get("/ankiety/:id/usun", evaluation.PermManage, p.discardQuestion),
		kit.Post("/ankiety/:id/usun", evaluation.PermManage, "discardEvaluation", p.discard),
		kit.Get("/ankiety/:id/otworz", evaluation.PermManage, p.openQuestion),
		kit.Post("/ankiety/:id/otworz", evaluation.PermManage, "openEvaluation", p.open),
		kit.Get("/ankiety/:id/zamknij", evaluation.PermManage, p.closeQuestion),
		kit.Post("/ankiety/:id/zamknij", evaluation.PermManage, "closeEvaluation", p.close),
		kit.Post("/ankiety/:id/przypomnij", evaluation.PermManage, "remindEvaluation", p.remind),
		kit.Post("/ankiety/:id/policz", evaluation.PermManage, "recountEvaluation", p.recount),
		kit.Get("/ankiety/:id/kod", evaluation.PermAnswer, p.codeQuestion),
		kit.Post("/ankiety/:id/kod", evaluation.PermAnswer, "issueEvaluationCode", p.issue),
		kit.Get("/ankiety/:id/wyniki", evaluation.PermResults, p.results),
		kit.Get("/ankiety/:id/wyniki/:tabela", evaluation.PermResults, p.table),
		kit.Get(sheetPath, kit.Public, p.codeForm).Apart(),
		kit.PostPage(sheetPath, kit.Public, "typing a code; programs name it in the address", p.typed).Apart(),
		kit.Get(sheetPath+"/:kod", kit.Public, p.sheet).Apart(),
		kit.Post(sheetPath+"/:kod", kit.Public, "castBallot", p.answer).Apart(),
	}
}

func pathOf(id uuid.UUID) string { return roundPath + id.String() }

func codePath(c ballot.Code) string { return sheetPath + "/" + string(c) }

func text(ctx context.Context, key string, args ...any) string { return i18n.T(ctx, key, args...) }

func at(ctx context.Context, t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return show.DateTime(i18n.FromContext(ctx), t.In(clock.Warsaw))
}

// inside names a page of a round in its network.
func inside(c *kit.Ctx, r *evaluation.Round, title string) *ui.Page {
	page := c.InNetwork(r.Network, r.NetworkTitle, title, r.Place(), Tab)
	if title != r.Title {
		page.Crumb(r.Title, pathOf(r.ID))
	}
	return page
}

func stateTag(ctx context.Context, s evaluation.State) (string, ui.Tone) {
	tone := map[evaluation.State]ui.Tone{evaluation.Draft: ui.Warn, evaluation.Open: ui.Good}[s]
	if tone == "" {
		tone = ui.Neutral
	}
	return text(ctx, "evaluations.state."+string(s)), tone
}

// answered is how many have answered: "12 z 20".
func answered(ctx context.Context, n, of int) string {
	return text(ctx, "evaluations.answered_of", "N", n, "All", of)
}

// few is the sentence where too few have answered to show anything.
func few(ctx context.Context, n, threshold int) string {
	return i18n.N(ctx, "evaluations.few", n, "Min", threshold)
}

// dayEnd reads a day as its last minute in Warsaw; the zero time for none.
func dayEnd(day string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, day, clock.Warsaw)
	if err != nil {
		return time.Time{}
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 23, 59, 0, 0, clock.Warsaw).UTC()
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(clock.Warsaw).Format(time.DateOnly)
}

// renamed puts the service's field names to those of the page's controls; what
// the network's type says about no field becomes the message of the page.
func renamed(err error, names map[string]string) error {
	f := fault.As(err)
	if len(f.Fields) == 0 {
		return err
	}
	out := *f
	out.Fields = nil
	for _, x := range f.Fields {
		if x.Path == "" && x.Text != "" {
			out.Text = strings.TrimSpace(out.Text + " " + x.Text)
			continue
		}
		if n := names[x.Path]; n != "" {
			x.Path = n
		}
		out.Fields = append(out.Fields, x)
	}
	return &out
}

// Todo tells the first page which questionnaires wait for a person.
type Todo struct{ Evaluations *evaluation.Service }

var _ kit.TodoSource = Todo{}

// Ask implements [kit.TodoSource].
func (t Todo) Ask(a *access.Actor) (gather.Part, bool) { return t.Evaluations.TodoPart(a) }

// Read implements [kit.TodoSource].
func (t Todo) Read(ctx context.Context, f gather.Found) ([]kit.TodoItem, error) {
	rows, err := evaluation.TodoOf(f)
	out := make([]kit.TodoItem, len(rows))
	for i, r := range rows {
		out[i] = kit.TodoItem{Text: text(ctx, "evaluations.todo", "Title", r.Title), Where: r.Network, Href: pathOf(r.ID) + "/kod", Due: r.Closes}
	}
	return out, err
}

// Panel shows the newest evaluation on a network's first page.
type Panel struct{ Evaluations *evaluation.Service }

var _ networks.Panel = Panel{}

// Ask implements [networks.Panel].
func (p Panel) Ask(a *access.Actor, _ uuid.UUID) (gather.Part, bool) {
	return p.Evaluations.PanelPart(a)
}

// Show implements [networks.Panel].
func (p Panel) Show(c *kit.Ctx, _ network.Brief, f gather.Found) (templ.Component, error) {
	rows, err := evaluation.PanelOf(f)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	r := &rows[0]
	ctx := c.Context()
	v := ui.TaskRow{Title: r.Title, Href: pathOf(r.ID), Hint: c.T("evaluations.panel.answered", "Answered", answered(ctx, r.Answered, r.Invited))}
	v.Status, v.Tone = stateTag(ctx, r.State)
	switch {
	case r.State == evaluation.Open && r.Listed && !r.Issued:
		v.Href += "/kod"
		v.Status, v.Tone = c.T("evaluations.panel.waits"), ui.Warn
		v.Hint += " · " + c.T("evaluations.until", "At", at(ctx, &r.Closes))
	case r.State == evaluation.Open:
		v.Hint += " · " + c.T("evaluations.until", "At", at(ctx, &r.Closes))
	case r.Outcome == evaluation.Few:
		v.Hint = few(ctx, r.Answered, evaluation.Threshold)
	case r.Outcome == evaluation.Ready:
		v.Href += "/wyniki"
	}
	return panel(v), nil
}

func itoa(n int) string { return strconv.Itoa(n) }
