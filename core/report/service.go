package report

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/document"
	"ore.edu.pl/sieci/core/election"
	"ore.edu.pl/sieci/core/evaluation"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/record"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/task"
	"ore.edu.pl/sieci/core/view"
)

// Perm is the permission to read a network's annual report, at its place.
const Perm access.Permission = "report:view"

// Config of the service; every field is required.
type Config struct {
	DB          *db.DB
	Access      *access.Authorizer
	Clock       clock.Clock
	Networks    *network.Service
	Meetings    *schedule.Service
	Board       *board.Service
	Library     *library.Service
	Tasks       *task.Service
	Evaluations *evaluation.Service
	Elections   *election.Service
	Records     *record.Service
	// Names tells views the names of schools and people.
	Names view.Names
}

// Service writes documents. Safe for concurrent use.
type Service struct{ c Config }

// New makes the service.
func New(c Config) *Service { return &Service{c} }

// Paper is a document with the network that it is about.
type Paper struct {
	*document.Document
	Network *network.Network
}

// FileName of the paper without its ending.
func (p *Paper) FileName(what string) string {
	return what + "-" + strconv.Itoa(p.Network.SchoolYear) + "-" + strconv.Itoa(p.Network.SchoolYear+1)
}

// Annual writes the report of a network's school year in the language of ctx:
// what the report is asked for in practice (topic, type, who leads and runs it,
// members by school, goals, meetings with attendance and experts, activity,
// products with licences, dissemination, evaluation, conclusions, continuation).
// Needs [Perm]; a part that the reader may not see is left out.
func (s *Service) Annual(ctx context.Context, a *access.Actor, id uuid.UUID) (*Paper, error) {
	p, err := s.annual(ctx, a, id, false)
	if err == nil {
		p.Blocks = append(p.Blocks, document.Signature{Under: i18n.T(ctx, "report.signature")})
	}
	return p, err
}

// Copy is the annual report for a copy of the network that people take away:
// without anybody's hours, and with nothing to sign. Needs [Perm].
func (s *Service) Copy(ctx context.Context, a *access.Actor, id uuid.UUID) (*Paper, error) {
	return s.annual(ctx, a, id, true)
}

func (s *Service) annual(ctx context.Context, a *access.Actor, id uuid.UUID, copied bool) (*Paper, error) {
	var n *network.Network
	w := &writer{Service: s, ctx: ctx, a: a, id: id, l: i18n.FromContext(ctx), copied: copied}
	var members [2][]network.Member // those who are in, and those who were
	mayMembers := false
	var records, meetings, activity, products, evaluation, elected, next document.Document
	// What the network itself tells is needed by two parts only; all others are
	// read beside it, each authorising for itself.
	err := db.Together(ctx, s.c.DB, func(ctx context.Context, _ db.Q) (err error) {
		own := *w
		if own.n, err = s.c.Networks.Get(ctx, a, id); err != nil {
			return err
		}
		if n = own.n; !s.c.Access.Can(a, Perm, n.Place()) {
			return fault.ErrNotFound
		}
		return db.Together(ctx, s.c.DB, own.part((*writer).activity, &activity), own.part((*writer).successor, &next))
	},
		w.part((*writer).records, &records), w.part((*writer).meetings, &meetings),
		w.part((*writer).products, &products), w.part((*writer).evaluation, &evaluation), w.part((*writer).elected, &elected),
		w.part(func(w *writer) error {
			err := w.people(&members)
			mayMembers = err == nil
			return err
		}, &document.Document{}))
	if err != nil {
		return nil, err
	}
	w.n = n
	w.d = &document.Document{Title: w.t("report.title", "Title", n.Title), Lead: w.t("report.lead", "Year", show.SchoolYear(n.SchoolYear), "Date", show.Date(w.l, s.c.Clock.Now().In(clock.Warsaw))),
		Lang: string(w.l), Footer: n.CentreName}
	w.basics()
	if mayMembers {
		w.members(members)
	}
	for _, d := range []document.Document{records, meetings, activity, products, evaluation, elected, next} {
		w.add(d.Blocks...)
	}
	return &Paper{w.d, n}, nil
}

// writer puts one report together.
type writer struct {
	*Service
	ctx context.Context
	a   *access.Actor
	id  uuid.UUID        // of the network
	n   *network.Network // nil in parts that are read beside it
	l   i18n.Lang
	d   *document.Document
	// copied leaves out what does not go with a copy.
	copied bool
}

// part is a reader that writes a part of the report into d; nothing of a part
// that the reader may not see.
func (w *writer) part(write func(*writer) error, d *document.Document) func(context.Context, db.Q) error {
	return func(ctx context.Context, _ db.Q) error {
		own := *w
		own.ctx, own.d = ctx, d
		return ifSeen(write(&own))
	}
}

// side lets n parts be written at the same time, so that what they read shares
// round trips; they stand in the report in their order.
func (w *writer) side(n int, part func(i int, w *writer) error) error {
	docs, readers := make([]document.Document, n), make([]func(context.Context, db.Q) error, n)
	for i := range n {
		readers[i] = func(ctx context.Context, _ db.Q) error {
			own := *w
			own.ctx, own.d = ctx, &docs[i]
			return part(i, &own)
		}
	}
	if err := db.Together(w.ctx, w.c.DB, readers...); err != nil {
		return err
	}
	for i := range docs {
		w.add(docs[i].Blocks...)
	}
	return nil
}

func (w *writer) t(key string, args ...any) string { return i18n.Text(w.l, key, args...) }

func (w *writer) add(b ...document.Block) { w.d.Blocks = append(w.d.Blocks, b...) }

func (w *writer) heading(key string) { w.add(document.Heading{Level: 2, Text: w.t(key)}) }

func (w *writer) day(t time.Time) string { return show.Date(w.l, t.In(clock.Warsaw)) }

func (w *writer) basics() {
	n := w.n
	rows := []document.Fact{
		{Label: w.t("report.topic"), Value: n.Title},
		{Label: w.t("report.aim"), Value: n.Aim},
		{Label: w.t("networks.type"), Value: n.TypeTitle},
		{Label: w.t("networks.coordinator"), Value: n.CoordinatorName},
		{Label: w.t("networks.centre"), Value: n.CentrePlace.Label(w.ctx, n.CentreName)},
		{Label: w.t("networks.year"), Value: show.SchoolYear(n.SchoolYear)},
		{Label: w.t("networks.stage"), Value: n.StageTitle},
	}
	if n.OpenedAt != nil {
		rows = append(rows, document.Fact{Label: w.t("report.opened"), Value: w.day(*n.OpenedAt)})
	}
	if n.ClosedAt != nil {
		rows = append(rows, document.Fact{Label: w.t("report.closed"), Value: w.day(*n.ClosedAt)})
	}
	w.add(document.Facts{Rows: rows})
}

// members counts people at the start and now, by school and by gmina.
func (w *writer) members(lists [2][]network.Member) {
	var now, gone, early, taking int
	schools, gminas := map[string]int{}, map[string]int{}
	start := w.n.CreatedAt
	if w.n.OpenedAt != nil {
		start = *w.n.OpenedAt
	}
	seen := map[uuid.UUID]bool{}
	for former, list := range lists {
		for i := range list {
			m := &list[i]
			if seen[m.Person] {
				continue
			}
			seen[m.Person] = true
			if m.EndedAt != nil && !m.EndedAt.After(start) { // stood in for somebody while the network was being founded
				continue
			}
			if m.JoinedAt != nil && m.JoinedAt.Before(start.AddDate(0, 1, 0)) {
				early++
			}
			if former == 1 {
				gone++
				continue
			}
			now++
			if slices.Contains(m.Roles, string(access.Participant)) {
				taking++
			}
			if m.School != "" {
				schools[m.Label(w.ctx, m.School)]++
			}
			if m.Gmina != "" {
				at := m.Where // without the town: the gmina stands for it
				at.Town = ""
				gminas[at.Label(w.ctx, w.t("registry.unit_"+m.GminaKind, "Name", m.Gmina))]++
			}
		}
	}
	w.heading("report.members")
	w.add(document.Paragraph{Text: w.t("report.members_counted")}, document.Facts{Rows: []document.Fact{
		{Label: w.t("report.members_start"), Value: strconv.Itoa(early)},
		{Label: w.t("report.members_now"), Value: strconv.Itoa(now)},
		{Label: w.t("report.members_taking"), Value: strconv.Itoa(taking)},
		{Label: w.t("report.members_gone"), Value: strconv.Itoa(gone)},
		{Label: w.t("report.schools"), Value: strconv.Itoa(len(schools))},
	}})
	t := document.Table{Caption: w.t("report.by_school"), Empty: w.t("report.none"),
		Columns: []document.Column{{Title: w.t("report.school"), Share: 4}, {Title: w.t("report.people"), Number: true}}}
	for _, name := range sorted(w.l, schools) {
		t.Rows = append(t.Rows, []string{name, strconv.Itoa(schools[name])})
	}
	by := document.Table{Caption: w.t("report.by_gmina"), Empty: w.t("report.none"),
		Columns: []document.Column{{Title: w.t("report.gmina"), Share: 4}, {Title: w.t("report.people"), Number: true}}}
	for _, name := range sorted(w.l, gminas) {
		by.Rows = append(by.Rows, []string{name, strconv.Itoa(gminas[name])})
	}
	w.add(t, by)
}

// people reads all members, and all former ones.
func (w *writer) people(lists *[2][]network.Member) error {
	return w.side(len(lists), func(former int, w *writer) error {
		for next := ""; ; {
			page, err := w.c.Networks.Members(w.ctx, w.a, w.id, former == 1, next, 100)
			if err != nil {
				return err
			}
			lists[former] = append(lists[former], page.Members...)
			if next = page.Next; next == "" {
				return nil
			}
		}
	})
}

func sorted(l i18n.Lang, m map[string]int) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	i18n.Sort(l, out)
	return out
}

func (w *writer) meetings() error {
	y, err := w.c.Meetings.Year(w.ctx, w.a, w.id, 0)
	if err != nil {
		return err
	}
	w.heading("report.meetings")
	w.add(document.Facts{Rows: []document.Fact{
		{Label: w.t("report.meetings_count"), Value: strconv.Itoa(len(y.Meetings))},
		{Label: w.t("report.meetings_hours"), Value: show.TeachingHours(w.l, y.Held)},
		{Label: w.t("report.member_led"), Value: show.Percent(w.l, y.MemberLed, 0)},
		{Label: w.t("report.meetings_cancelled"), Value: strconv.Itoa(y.Cancelled)},
	}})
	t := document.Table{Caption: w.t("report.meetings"), Empty: w.t("report.none"), Columns: []document.Column{{Title: w.t("report.date"), Share: 2}, {Title: w.t("report.kind"), Share: 2},
		{Title: w.t("report.hours"), Number: true}, {Title: w.t("report.place"), Share: 2}, {Title: w.t("report.present"), Number: true}, {Title: w.t("report.experts"), Share: 2}}}
	for i := range y.Meetings {
		m := &y.Meetings[i]
		place := m.Place
		if m.Online {
			place = strings.TrimPrefix(place+", "+w.t("report.online"), ", ")
		}
		present := m.Attendance[schedule.PresentOnSite] + m.Attendance[schedule.PresentOnline]
		t.Rows = append(t.Rows, []string{w.day(m.Starts), m.KindTitle, show.Decimal(w.l, float64(m.Minutes)/schedule.TeachingHour, 1), place, strconv.Itoa(present), strings.Join(m.Experts, ", ")})
	}
	w.add(t)
	if w.copied {
		return nil
	}
	h := document.Table{Caption: w.t("report.people_hours"), Empty: w.t("report.none"), Columns: []document.Column{{Title: w.t("report.person"), Share: 3}, {Title: w.t("report.attended"), Number: true}, {Title: w.t("report.hours"), Number: true}}}
	for i := range y.Hours.People {
		p := &y.Hours.People[i]
		h.Rows = append(h.Rows, []string{p.Name, strconv.Itoa(p.Attended), show.Decimal(w.l, float64(p.Minutes)/schedule.TeachingHour, 1)})
	}
	w.add(h)
	return nil
}

func (w *writer) activity() error {
	from := time.Date(w.n.SchoolYear, time.September, 1, 0, 0, 0, 0, clock.Warsaw)
	var st board.Stats
	var done *task.Stats // nil for a reader who does not see tasks
	err := w.side(2, func(i int, w *writer) (err error) {
		if i == 0 {
			st, err = w.c.Board.Stats(w.ctx, w.a, w.n.ID, from, from.AddDate(1, 0, 0))
			return err
		}
		n, err := w.c.Tasks.Stats(w.ctx, w.a, w.n.Scope(), from, from.AddDate(1, 0, 0))
		if err == nil {
			done = &n
		}
		return ifSeen(err)
	})
	if err != nil {
		return err
	}
	w.heading("report.activity")
	rows := []document.Fact{
		{Label: w.t("report.threads"), Value: strconv.Itoa(st.Threads)}, {Label: w.t("report.posts"), Value: strconv.Itoa(st.Posts)},
		{Label: w.t("report.entries"), Value: strconv.Itoa(st.Entries)}, {Label: w.t("report.files"), Value: strconv.Itoa(st.Files)},
		{Label: w.t("report.authors"), Value: strconv.Itoa(st.Authors)},
	}
	if done != nil {
		rows = append(rows, document.Fact{Label: w.t("report.tasks"), Value: strconv.Itoa(done.Given)},
			document.Fact{Label: w.t("report.tasks_handed"), Value: strconv.Itoa(done.Handed)},
			document.Fact{Label: w.t("report.tasks_accepted"), Value: strconv.Itoa(done.Accepted)})
	}
	w.add(document.Facts{Rows: rows})
	return nil
}

func (w *writer) products() error {
	plan, err := w.c.Library.Dissemination(w.ctx, w.a, w.id)
	if err != nil {
		return err
	}
	w.heading("report.products")
	terms := w.c.Library.Terms()
	t := document.Table{Caption: w.t("report.products"), Empty: w.t("report.none"), Columns: []document.Column{{Title: w.t("report.product"), Share: 3}, {Title: w.t("library.licence"), Share: 2}, {Title: w.t("report.uses"), Number: true}}}
	for _, p := range plan.Products {
		t.Rows = append(t.Rows, []string{p.Title, terms.Name(library.Licences, p.Licence, w.l), strconv.Itoa(p.Uses)})
	}
	w.add(t)
	d := document.Table{Caption: w.t("export.dissemination"), Empty: w.t("report.none"), Columns: []document.Column{{Title: w.t("export.col.what"), Share: 2}, {Title: w.t("export.col.audience"), Share: 2},
		{Title: w.t("export.col.way"), Share: 2}, {Title: w.t("export.col.due")}, {Title: w.t("export.col.outcome"), Share: 2}}}
	for i := range plan.Steps {
		x := &plan.Steps[i]
		d.Rows = append(d.Rows, []string{x.What, x.Audience, x.Way, show.Date(w.l, x.Due), x.Outcome})
	}
	w.add(d)
	return nil
}

func (w *writer) evaluation() error {
	rounds, err := w.c.Evaluations.List(w.ctx, w.a, w.id)
	if err != nil {
		return err
	}
	w.heading("report.evaluation")
	closed := slices.DeleteFunc(rounds.Rounds, func(r *evaluation.Round) bool { return r.State != evaluation.Closed })
	if len(closed) == 0 {
		w.add(document.Paragraph{Text: w.t("report.no_evaluation")})
	}
	return w.side(len(closed), func(i int, w *writer) error {
		r, share := closed[i], 0.0
		if r.Counts.Eligible > 0 {
			share = float64(r.Counts.Answers) * 100 / float64(r.Counts.Eligible)
		}
		w.add(document.Heading{Level: 3, Text: r.Title}, document.Facts{Rows: []document.Fact{
			{Label: w.t("report.invited"), Value: strconv.Itoa(r.Counts.Eligible)},
			{Label: w.t("report.answered"), Value: strconv.Itoa(r.Counts.Answers) + " (" + show.Percent(w.l, share, 0) + ")"},
		}}, document.Paragraph{Text: w.t("report.invited_who")})
		return w.results(r.ID)
	})
}

// elected says whom the members chose to lead the network, and who led it
// before: a report of the whole year names both.
func (w *writer) elected() error {
	e, _, err := w.c.Elections.Of(w.ctx, w.a, w.id)
	if err != nil || e == nil || e.State != election.Elected && e.State != election.Confirmed {
		return err
	}
	w.heading("report.elected")
	rows := []document.Fact{{Label: w.t("report.elected_before"), Value: e.OpenedBy}, {Label: w.t("report.elected_now"), Value: e.Winner},
		{Label: w.t("election.turnout"), Value: w.t("election.turnout_value", "Votes", e.Turnout, "Eligible", e.Eligible)}}
	if e.State == election.Confirmed && e.EndedAt != nil {
		rows = append(rows, document.Fact{Label: w.t("report.elected_on"), Value: w.day(*e.EndedAt)})
	} else {
		rows = append(rows, document.Fact{Label: w.t("report.elected_on"), Value: w.t("election.state.elected")})
	}
	w.add(document.Facts{Rows: rows})
	return nil
}

// successor says who leads the network that goes on from this one.
func (w *writer) successor() error {
	if w.n.Successor == nil {
		return nil
	}
	next, err := w.c.Networks.Get(w.ctx, w.a, *w.n.Successor)
	if err != nil {
		return err
	}
	w.heading("report.next")
	w.add(document.Facts{Rows: []document.Fact{
		{Label: w.t("report.next_network"), Value: next.Title}, {Label: w.t("networks.year"), Value: show.SchoolYear(next.SchoolYear)},
		{Label: w.t("report.next_coordinator"), Value: next.CoordinatorName},
	}})
	return nil
}

// results puts the numbers of a closed round into the report, as far as
// disclosure control lets them out.
func (w *writer) results(id uuid.UUID) error {
	r, err := w.c.Evaluations.Results(w.ctx, w.a, id)
	switch {
	case fault.Is(err, fault.NotFound): // the reader does not see results
		return nil
	case err != nil:
		return err
	case r.View == nil:
		w.add(document.Paragraph{Text: w.t("report.no_results")})
		return nil
	}
	v, err := view.Resolve(w.ctx, r.View, w.c.Names, nil)
	if err != nil {
		return err
	}
	w.add(Blocks(v, 4)...)
	return nil
}
