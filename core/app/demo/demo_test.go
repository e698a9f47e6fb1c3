package demo

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/evaluation"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/poll"
	"ore.edu.pl/sieci/core/search"
	"ore.edu.pl/sieci/core/task"
	"ore.edu.pl/sieci/core/trail"
)

// bundles is a folder with the real modules, built once a run.
var bundles = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "sieci-demo")
	if err != nil {
		return "", err
	}
	for _, id := range modules {
		cmd := exec.Command("go", "build", "-o", filepath.Join(dir, id), "ore.edu.pl/sieci/plugins/"+strings.TrimPrefix(id, "ore."))
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%w: %s", err, out)
		}
	}
	return dir, pack(dir, filepath.Join(dir, "plugins"), "Sieci tematyczne")
})

// pack makes the bundles of what was built, the one of networks under a title.
func pack(built, dir, title string) error {
	for _, id := range modules {
		raw, err := os.ReadFile("../../../plugins/" + strings.TrimPrefix(id, "ore.") + "/manifest.json")
		if err != nil {
			return err
		}
		raw = []byte(strings.Replace(string(raw), `"Sieci tematyczne"`, `"`+title+`"`, 1))
		if _, err = bundle.Pack(raw, filepath.Join(built, id), filepath.Join(dir, id), runtime.GOOS, runtime.GOARCH); err != nil {
			return err
		}
	}
	return nil
}

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := bundles(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// config is an installation on a database of its own.
func config(t *testing.T) app.Config {
	t.Helper()
	dir, err := bundles()
	if err != nil {
		t.Fatal(err)
	}
	return app.Config{DatabaseURL: dbtest.NewDSN(t), Data: t.TempDir(), Plugins: filepath.Join(dir, "plugins"),
		BaseURL: "http://localhost:8080", MailFrom: "sieci@localhost"}
}

func open(t *testing.T, c app.Config) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), c, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// counts are the rows of every table of ours that the story writes.
func counts(t *testing.T, a *app.App) map[string]int {
	t.Helper()
	var tables []string
	if err := a.DB.Select(t.Context(), &tables, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'
		AND tablename NOT LIKE 'river%' AND tablename NOT LIKE 'goose%' AND tablename NOT IN ('module_process', 'session', 'throttle', 'job_node') ORDER BY 1`); err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, name := range tables {
		var n int
		if err := a.DB.Get(t.Context(), &n, `SELECT count(*) FROM "`+name+`"`); err != nil {
			t.Fatal(err)
		}
		out[name] = n
	}
	return out
}

func compare(t *testing.T, want, got map[string]int) {
	t.Helper()
	for name, n := range want {
		if got[name] != n {
			t.Errorf("%s: %d rows, want %d", name, got[name], n)
		}
	}
}

// most is how many statements making may cost: with it the story takes some five
// seconds on two processors, far from the quarter of a minute that whoever
// starts the program would bear. Time itself says nothing where tests share them.
const most = 6_500

// TestDemonstration has two processes make it at once: the second waits for the
// first and finds all made.
func TestDemonstration(t *testing.T) {
	t.Parallel()
	c := config(t)
	a, beside := open(t, c), open(t, c)
	began := time.Now()
	errs := make(chan error, 2)
	for _, x := range []*app.App{a, beside} {
		go func() { errs <- Make(t.Context(), x) }()
	}
	for range 2 {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	took := time.Since(began)
	t.Logf("made in %s", took)
	if n := a.DB.RoundTrips() + beside.DB.RoundTrips(); n > most {
		t.Errorf("made by %d statements", n)
	} else {
		t.Logf("made by %d statements", n)
	}
	var offset int64
	if err := a.DB.Get(t.Context(), &offset, `SELECT offset_us FROM clock_setting`); err != nil {
		t.Fatal(err)
	}
	if now := time.Now().Add(time.Duration(offset) * time.Microsecond); now.Before(Begins) || now.Sub(Begins) > took {
		t.Errorf("the clock shows %s", now.In(clock.Warsaw))
	}
	before := counts(t, a)
	if before["person"] != len(cast)+3 {
		t.Errorf("%d people, want %d", before["person"], len(cast)+3)
	}
	t.Run("interrupted", func(t *testing.T) { interrupted(t, before) })
	saidInWords(t, a)
	examplesAreFound(t, a)

	// The next day, another process: nothing is made again and nothing moves.
	if err := a.Clock.Move(t.Context(), Begins.AddDate(0, 0, 2)); err != nil {
		t.Fatal(err)
	}
	b := open(t, c)
	if err := Make(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	compare(t, before, counts(t, b))
	if b.Clock.Now().Before(Begins.AddDate(0, 0, 2)) {
		t.Error("a second run moved the clock")
	}
	if err := b.Clock.Move(t.Context(), Begins); err != nil {
		t.Fatal(err)
	}

	rebuilt := c
	rebuilt.Plugins = t.TempDir()
	if err := pack(filepath.Dir(c.Plugins), rebuilt.Plugins, "Sieci tematyczne (nowe)"); err != nil {
		t.Fatal(err)
	}
	b = open(t, rebuilt)
	if err := Make(t.Context(), b); err != nil {
		t.Fatal(err)
	}

	m := &maker{App: b, people: map[string]identity.Account{}, networks: nil}
	if err := m.readPeople(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.Modules.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Modules.Stop(); err != nil {
			t.Error(err)
		}
	})
	for _, id := range modules {
		if err := b.Modules.Await(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	w := &world{t, m}
	w.signIn()
	w.networks()
	w.tasks()
	w.year()
	w.lastYear()
	w.teams()
	w.polish()
}

// interrupted stops the story again and again, wherever it is, and continues it
// in another process: the end is the same as of one run.
func interrupted(t *testing.T, want map[string]int) {
	stop := errors.New("the power went")
	c := config(t)
	acts, runs := 0, 0
	for every := 1; ; every += 17 { // 1, 18, 35 … acts before the next stop
		runs++
		if runs > 60 {
			t.Fatal("the story does not come to its end")
		}
		a := open(t, c)
		left := every
		err := run(t.Context(), a, func(string) error {
			if left == 0 {
				return stop
			}
			left--
			acts++
			return nil
		})
		if err == nil {
			compare(t, want, counts(t, a))
			break
		}
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d acts in %d runs", acts, runs)
}

func TestRefused(t *testing.T) {
	t.Parallel()
	public := config(t)
	public.BaseURL = "https://sieci.example"
	if err := Make(t.Context(), open(t, public)); !fault.Is(err, fault.Forbidden) {
		t.Errorf("where others can reach it: %v", err)
	}
	real := config(t)
	a := open(t, real)
	if _, err := a.Identity.CreateFirstAdmin(t.Context(), identity.FirstAdmin{Email: "ada@ore.example", Name: "Ada Żak"}); err != nil {
		t.Fatal(err)
	}
	before, offset := counts(t, a), a.Clock.Offset()
	if err := Make(t.Context(), a); !fault.Is(err, fault.Conflict) {
		t.Errorf("beside a real administrator: %v", err)
	}
	compare(t, before, counts(t, a))
	if a.Clock.Offset() != offset {
		t.Error("the clock of a real installation was moved")
	}
	bare := config(t)
	bare.Plugins = t.TempDir()
	if err := Make(t.Context(), open(t, bare)); !fault.Is(err, fault.Unavailable) {
		t.Errorf("without the module: %v", err)
	}
}

type world struct {
	*testing.T
	m *maker
}

func (w *world) as(key string) *access.Actor {
	w.Helper()
	a, err := w.m.as(w.Context(), key)
	if err != nil {
		w.Fatal(err)
	}
	return a
}

// signIn: every account that the guide names can sign in, the one that waits
// once the principal confirmed it.
func (w *world) signIn() {
	g, err := Read(w.Context(), w.m.App)
	if err != nil {
		w.Fatal(err)
	}
	if len(g.Accounts) < 8 || len(g.Networks) != 5 {
		w.Errorf("the guide has %d accounts and %d networks", len(g.Accounts), len(g.Networks))
	}
	for _, x := range g.Accounts {
		_, err := w.m.Identity.SignIn(w.Context(), identity.SignInInput{Email: x.Email, Password: Password, Address: "127.0.0.1"})
		if x.Email == unconfirmed.email() {
			if err == nil {
				w.Error("signed in before the account was confirmed")
			}
			continue
		}
		if err != nil {
			w.Errorf("%s: %v", x.Email, err)
		}
	}
	if len(g.Others) < 10 {
		w.Errorf("the guide tells of %d further people of N1", len(g.Others))
	}
	for _, email := range g.Others[:2] {
		if _, err := w.m.Identity.SignIn(w.Context(), identity.SignInInput{Email: email, Password: Password, Address: "127.0.0.1"}); err != nil {
			w.Errorf("%s: %v", email, err)
		}
	}
	text := g.Text(w.Context())
	for _, want := range []string{Password, g.Base, "24 listopada 2026", "koordynator@sieci.example", "Czekają dwa zgłoszenia"} {
		if !strings.Contains(text, want) {
			w.Errorf("the guide does not say %q:\n%s", want, text)
		}
	}
	page, err := w.m.Identity.Waiting(w.Context(), w.as(principal), "", 0)
	if err != nil || len(page.People) != 1 || page.People[0].Email != unconfirmed.email() {
		w.Fatalf("before the principal waits %+v, %v", page.People, err)
	}
	if err := w.m.Identity.Confirm(w.Context(), w.as(principal), page.People[0].ID); err != nil {
		w.Fatal(err)
	}
	if _, err := w.m.Identity.SignIn(w.Context(), identity.SignInInput{Email: unconfirmed.email(), Password: Password, Address: "127.0.0.1"}); err != nil {
		w.Errorf("after the principal's yes: %v", err)
	}
}

// see is a network as somebody finds it.
func (w *world) see(s *spec, key string) *network.Network {
	w.Helper()
	w.m.networks = map[string]uuid.UUID{}
	n, _, err := w.m.look(w.Context(), s, key)
	if err != nil {
		w.Fatalf("%s as %s: %v", s.title, key, err)
	}
	return n
}

func (w *world) networks() {
	n := w.see(n1, coordinator)
	if n.Members != 20 || n.Taken != 18 || n.Status != network.Open || n.Stage != "working" || n.Matters.Requests != 2 || len(n.Matters.Agenda) != 1 {
		w.Errorf("N1: %+v, %+v", n, n.Matters)
	}
	members, err := w.m.Networks.Members(w.Context(), w.as(coordinator), n.ID, false, "", 100)
	if err != nil {
		w.Fatal(err)
	}
	schools := map[string]bool{}
	for _, p := range members.Members {
		if !slices.Contains(p.Roles, "expert") {
			schools[p.School+p.Town] = true
		}
	}
	if len(members.Members) != 20 || len(schools) != 14 {
		w.Errorf("N1 has %d members of %d schools", len(members.Members), len(schools))
	}
	voting := map[string]int{}
	page, err := w.m.Networks.Proposals(w.Context(), w.as(participant), n.ID, "")
	if err != nil {
		w.Fatal(err)
	}
	for _, p := range page.Items {
		voting[p.State]++
	}
	if voting["voting"] != 1 || voting["open"] != 1 || voting["adopted"] != 1 {
		w.Errorf("proposals of N1: %v", voting)
	}
	for _, x := range []struct {
		s    *spec
		who  string
		door network.Door
	}{
		{n1, free, network.DoorRequest}, {wideOpen, free, network.DoorOpen}, {closedDoors, free, network.DoorInvitation}, {full, free, network.DoorQueue},
		{finished, free, network.DoorClosed}, {full, offered, network.DoorOffered}, {full, waiting, network.DoorWaiting},
		{closedDoors, principal, network.DoorInvited}, {n1, participant, network.DoorMember}, {n1, "jadwiga.poltorak", network.DoorRequested},
		{finished, "hanna.sliwa", network.DoorMember},
	} {
		if got := w.see(x.s, x.who).Door(); got != x.door {
			w.Errorf("%s for %s: %s, want %s", x.s.title, x.who, got, x.door)
		}
	}
	offer := w.see(full, offered)
	if u := offer.Me.Until; u == nil || !u.After(Begins) || u.Sub(Begins) > network.OfferTime {
		w.Errorf("the offer holds until %v", u)
	}
	if place := w.see(full, waiting).Me.Place; place != 1 {
		w.Errorf("the waiting person has place %d", place)
	}
	if over := w.see(finished, wierzbowo); over.Status != network.Closed || over.SchoolYear != 2025 || over.Members != 13 || over.ClosedAt.Year() != 2026 {
		w.Errorf("the finished network: %+v", over)
	}
	w.reach()
}

// reach: each centre's administrator manages the networks of that centre.
func (w *world) reach() {
	for key, want := range map[string]int{admin: 6, wierzbowo: 4, dabrowa: 2, inspector: 0, participant: 0} {
		cards, _, err := w.m.Networks.List(w.Context(), w.as(key), network.Filter{Managed: true, Limit: 100})
		if err != nil || len(cards) != want {
			w.Errorf("%s manages %d networks, want %d, %v", key, len(cards), want, err)
		}
	}
	if _, err := w.m.Networks.Get(w.Context(), w.as(free), w.see(draft, dabrowa).ID); !fault.Is(err, fault.NotFound) {
		w.Errorf("a stranger sees a draft: %v", err)
	}
}

func (w *world) tasks() {
	ctx, lead := w.Context(), w.as(coordinator)
	t, _, err := w.m.task(ctx, visits)
	if err != nil || t == nil {
		w.Fatal(t, err)
	}
	page, err := w.m.Tasks.Parts(ctx, lead, t.ID, task.All, "", 100)
	if err != nil {
		w.Fatal(err)
	}
	states, files := map[task.State]int{}, 0
	for _, p := range page.Items {
		states[p.State]++
		d, err := w.m.Tasks.Get(ctx, lead, p.ID)
		if err != nil {
			w.Fatal(err)
		}
		files += len(d.Latest().Files)
		if p.State == task.Returned && len(d.Remarks()) != 2 {
			w.Errorf("remarks of the returned part: %+v", d.Remarks())
		}
	}
	if states[task.Accepted] != 2 || states[task.Returned] != 1 || states[task.Submitted] != 2 || files != 2 {
		w.Errorf("parts: %v with %d files", states, files)
	}
	for key, which := range map[string]task.State{participant: task.Open, returned: task.Returned} {
		mine, err := w.m.Tasks.Mine(ctx, w.as(key), task.Turn, "", 10)
		if err != nil || len(mine.Items) != 1 || mine.Items[0].State != which {
			w.Errorf("%s has to do %+v, %v", key, mine.Items, err)
		}
	}
	if late, _, err := w.m.task(ctx, guest); err != nil || !late.Late(w.m.Clock.Now()) {
		w.Errorf("the other task: %+v, %v", late, err)
	}
}

// year: N1 stands in the middle of its meetings.
func (w *world) year() {
	ctx := w.Context()
	first, err := n1First.find(ctx, w.m)
	if err != nil || first.State != schedule.Closed || len(first.Outcome.Decisions) != 3 || len(first.Outcome.Actions) != 4 || first.Minutes != 135 {
		w.Errorf("the meeting of October: %+v, %v", first, err)
	}
	next, err := n1Second.find(ctx, w.m)
	if err != nil {
		w.Fatal(err)
	}
	if next.State != schedule.Announced || next.Programme != nil || next.Alarm == nil || len(next.Returned) != 2 || next.MemberLed < 33 || next.MemberLed > 34 || next.Minutes != 135 {
		w.Errorf("the meeting in two days: %+v", next)
	}
	if c := next.Counts; c == nil || c.Invited != 19 || c.OnSite != 9 || c.No != 1 {
		w.Errorf("answers for the meeting in two days: %+v", next.Counts)
	}
	if p, err := march.find(ctx, w.m, participant); err != nil || p.State != poll.Open || p.Answered != len(march.answers) || p.Mine != 0 {
		w.Errorf("the poll for March: %+v, %v", p, err)
	}
	n := w.see(n1, coordinator)
	if _, open, err := w.m.Board.Reports(ctx, w.as(moderator), n.ID); err != nil || len(open) != 1 {
		w.Errorf("posts to judge: %d, %v", len(open), err)
	}
	if shelf, err := w.m.Library.Shelf(ctx, w.as(participant), n.ID, library.Filter{}); err != nil || len(shelf.Items) != 3 {
		w.Errorf("%d resources of N1, %v", len(shelf.Items), err)
	}
}

// lastYear: the finished network shows what an end looks like.
func (w *world) lastYear() {
	ctx := w.Context()
	n := w.see(finished, finished.founder)
	y, err := w.m.Meetings.Year(ctx, w.as(finished.founder), n.ID, 0)
	if err != nil || len(y.Meetings) != 4 || y.Held != 4*135 || len(y.Findings) != 0 {
		w.Errorf("the year: %+v, %v", y, err)
	}
	for i := range y.Meetings {
		if m := &y.Meetings[i]; m.State != schedule.Closed || m.Attendance[schedule.PresentOnSite]+m.Attendance[schedule.PresentOnline] < 9 {
			w.Errorf("%s: %+v", m.Title, m)
		}
	}
	r, err := readingSurvey.find(ctx, w.m, "hanna.sliwa")
	if err != nil || r.Outcome != evaluation.Ready || r.Counts.Answers != 11 || r.Counts.Eligible != 12 {
		w.Fatalf("the evaluation: %+v, %v", r, err)
	}
	if x, err := w.m.Evaluations.Results(ctx, w.as("hanna.sliwa"), r.ID); err != nil || x.View == nil {
		w.Errorf("results: %v", err)
	}
	if plan, err := w.m.Library.Dissemination(ctx, w.as(finished.founder), n.ID); err != nil || len(plan.Steps) != 3 || len(plan.Products) != 2 {
		w.Errorf("the plan of sharing: %+v, %v", plan, err)
	}
	if paper, err := w.m.Reports.Annual(ctx, w.as(wierzbowo), n.ID); err != nil || len(paper.Blocks) < 30 {
		w.Errorf("the report: %v", err)
	}
}

func (w *world) teams() {
	for key, want := range map[string]int{admin: 2, expert: 2, head: 1, "leon.wilczek": 1, participant: 0} {
		page, err := w.m.Programmes.MyGroups(w.Context(), w.as(key), "", 10)
		if err != nil || len(page.Items) != want {
			w.Errorf("%s sees %d teams, want %d, %v", key, len(page.Items), want, err)
		}
	}
	if page, err := w.m.Programmes.List(w.Context(), w.as(admin), "", 10); err != nil || len(page.Items) != 1 || page.Items[0].Groups != 2 {
		w.Errorf("programmes: %+v, %v", page, err)
	}
}

// english are words that are in no Polish text.
var english = regexp.MustCompile(`(?i)\b(the|and|of|with|for|is|are|you|your|task|network|meeting|school|member|test|demo)\b`)

// polish: what people read of the story is Polish.
func (w *world) polish() {
	ctx := i18n.With(w.Context(), i18n.Polish)
	var texts []string
	for _, s := range []*spec{n1, wideOpen, closedDoors, full, finished, draft} {
		n := w.see(s, s.founder)
		texts = append(texts, n.Title, n.Aim, n.TypeTitle, n.StageTitle)
		a := w.as(s.founder)
		for _, v := range []string{"home", "plan", "progress"} {
			raw, err := w.m.Networks.Render(ctx, a, n, v, nil)
			if err != nil {
				w.Errorf("%s of %s: %v", v, s.title, err)
			}
			texts = append(texts, shown(string(raw))...)
		}
	}
	for _, key := range accounts {
		if key == pending {
			continue
		}
		page, err := w.m.Notify.List(ctx, w.as(key), "", 100)
		if err != nil {
			w.Fatal(err)
		}
		for _, i := range page.Items {
			texts = append(texts, i.Title, i.Text)
		}
	}
	if len(texts) < 100 {
		w.Errorf("only %d texts found", len(texts))
	}
	for _, text := range texts {
		if word := english.FindString(text); word != "" {
			w.Errorf("%q in %q", word, text)
		}
	}
}

// words are where a view keeps what people read.
var words = regexp.MustCompile(`"(?:title|label|note|text|empty|v|caption)":"((?:[^"\\]|\\.)*)"`)

// shown are the texts of a view that has been put in words.
func shown(view string) []string {
	var out []string
	for _, m := range words.FindAllStringSubmatch(view, -1) {
		out = append(out, m[1])
	}
	return out
}

// examplesAreFound: what the page of the search gives as examples is found by
// everybody. There is no dictionary here: the words are those of the texts.
func examplesAreFound(t *testing.T, a *app.App) {
	t.Helper()
	guest := &access.Actor{}
	for _, q := range []string{"szkoleniami", "lodzi", `"wymiany doświadczeń"`} {
		if f, err := a.Search.Find(t.Context(), guest, search.Ask{Text: q}); err != nil || len(f.Groups) == 0 {
			t.Errorf("%s: nothing found, %v", q, err)
		}
	}
}

// saidInWords: for every act of the story the account of changes has words.
func saidInWords(t *testing.T, a *app.App) {
	t.Helper()
	var acts []string
	if err := a.DB.Select(t.Context(), &acts, `SELECT DISTINCT action FROM audit_event ORDER BY 1`); err != nil {
		t.Fatal(err)
	}
	if len(acts) < 50 {
		t.Errorf("the story has only %d kinds of acts", len(acts))
	}
	for _, l := range []i18n.Lang{i18n.Polish, i18n.English} {
		for _, act := range acts {
			if trail.Words(l, act) == act {
				t.Errorf("%s: no words in %s", act, l)
			}
		}
	}
}
