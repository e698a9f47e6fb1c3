package walk_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/evaluation"
	"ore.edu.pl/sieci/core/export"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/task"
	"ore.edu.pl/sieci/core/web/webtest"
	"ore.edu.pl/sieci/plugins/thematic/thematic"
)

// lived is a network with a known year: eight people, two meetings, a thread with
// replies, two tasks, a product with a way to share it, and a closed evaluation.
type lived struct {
	*world
	id     uuid.UUID
	people []uuid.UUID
	file   uuid.UUID // of the resource
	thread uuid.UUID
}

func (w *lived) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// by is somebody of the crowd as their next request acts.
func (w *lived) by(i int) *access.Actor {
	w.t.Helper()
	g, err := access.RolesOf(w.t.Context(), w.DB, w.people[i], w.Clock.Now())
	w.must(err)
	return &access.Actor{Person: w.people[i], Grants: g}
}

func (w *lived) lead() *access.Actor { return w.actor("Karol Koordynator") }

func live(t *testing.T) *lived {
	t.Helper()
	w := &lived{world: open(t)}
	w.surveys()
	w.id = w.network("Karol Koordynator", nil)
	w.people = w.crowd(7)
	w.members(w.id, w.people)
	w.exec(`UPDATE membership m SET institution_id = p.institution_id FROM person p WHERE p.id = m.person_id`)
	w.meeting("working", time.Date(2026, 12, 3, 15, 0, 0, 0, time.UTC), false)
	w.meeting("working", time.Date(2026, 12, 10, 15, 0, 0, 0, time.UTC), true)
	w.talk()
	w.work()
	w.shelf()
	w.summed()
	return w
}

// meeting is held for three teaching hours: 45 minutes of it led by a member, 45
// by an expert. Six of seven come, one of them online; of the second one two are
// excused.
func (w *lived) meeting(kind string, at time.Time, second bool) {
	w.t.Helper()
	ctx := w.t.Context()
	_, kinds, err := w.Meetings.KindsIn(ctx, w.lead(), w.id)
	w.must(err)
	if !slices.ContainsFunc(kinds, func(k schedule.Kind) bool { return k.Name == kind }) {
		kind = kinds[1].Name
	}
	id, err := w.Meetings.Create(ctx, w.lead(), w.id, schedule.Input{Kind: kind, Title: "Spotkanie robocze", Starts: at, Ends: at.Add(135 * time.Minute),
		Where: schedule.Where{OnSite: true, Online: true, Place: "SP 1 w Wierzbowie", Address: "ul. Lipowa 2", Link: "https://rozmowa.example/pokoj"}})
	w.must(err)
	d, err := w.Meetings.Get(ctx, w.lead(), id)
	w.must(err)
	for i := range d.Items {
		w.must(w.Meetings.DropItem(ctx, w.lead(), id, d.Items[i].ID))
	}
	for _, in := range []schedule.ItemInput{
		{Title: "Wprowadzenie", Minutes: 45, Method: schedule.Lecture, Leader: w.lead().Person},
		{Title: "Lekcja u mnie", Minutes: 45, Method: schedule.Workshop, Leader: w.people[0]},
		{Title: "Co mówią badania", Minutes: 45, Method: schedule.Lecture, LeaderName: "dr Ewa Ekspert"},
	} {
		w.must(w.Meetings.AddItem(ctx, w.lead(), id, in))
	}
	w.must(w.Meetings.Announce(ctx, w.lead(), id))
	w.must(w.Clock.Move(ctx, at.Add(3*time.Hour)))
	in := schedule.RegisterInput{}
	for i, p := range w.people {
		m := schedule.Mark{Person: p, Presence: schedule.PresentOnSite}
		switch {
		case i == 6:
			m.Presence = schedule.Absent
		case i == 5:
			m.Presence = schedule.PresentOnline
		case i == 4 && second:
			m.Presence = schedule.Excused
		}
		in.Marks = append(in.Marks, m)
	}
	in.Guests = []schedule.GuestMark{{Name: "Gość Gościński", School: "SP 9"}}
	w.must(w.Meetings.SaveRegister(ctx, w.lead(), id, in))
	_, m, err := w.Meetings.Minutes(ctx, w.lead(), id)
	w.must(err)
	w.must(w.Meetings.SaveMinutes(ctx, w.lead(), id, schedule.MinutesInput{Version: m.Version, Text: "Było o pytaniach.", Decisions: []schedule.Decision{{Text: "Każdy próbuje jednego pytania."}},
		Actions: []schedule.ActionInput{{Text: "Przynieść karty.", Owner: w.people[0]}}}))
	w.must(w.Meetings.Close(ctx, w.lead(), id, nil))
}

func (w *lived) talk() {
	w.t.Helper()
	ctx := w.t.Context()
	var err error
	f, err := w.Files.Upload(ctx, w.by(0), "notatki.txt", strings.NewReader("Notatki z lekcji."))
	w.must(err)
	w.thread, err = w.Board.Start(ctx, w.by(0), w.id, board.Forum, board.Entry{Title: "Pytania na koniec lekcji", Body: "Co u Was *działa*? <script>alert(1)</script>\n\n[zły](javascript:alert(2)) i [dobry](https://example.org/a)", Files: []board.Attachment{{ID: f.ID}}})
	w.must(err)
	for i := range 3 {
		_, err := w.Board.Reply(ctx, w.by(i+1), w.thread, "U mnie karteczki.", nil)
		w.must(err)
	}
	_, err = w.Board.Start(ctx, w.by(2), w.id, board.Blog, board.Entry{Title: "Karteczki przez rok", Body: "Krótko: warto.", NewTopic: "Lekcje"})
	w.must(err)
}

// work gives two tasks: one is handed in and accepted.
func (w *lived) work() {
	w.t.Helper()
	ctx, scope := w.t.Context(), effect.Scope{Kind: effect.Network, ID: w.id}
	var ids []uuid.UUID
	for i, title := range []string{"Obserwacja", "Druga obserwacja"} {
		id, err := w.Tasks.Assign(ctx, w.lead(), task.NewTask{Type: effect.Qualify(thematic.ID, "observation"), Scope: scope,
			Assignee: effect.Assignee{Kind: effect.AssigneePerson, ID: w.people[i]}, Title: title, Due: w.Clock.Now().AddDate(0, 0, 7)})
		w.must(err)
		ids = append(ids, id)
	}
	school := w.institution(100310)
	raw, err := json.Marshal(map[string]any{"data": "2026-12-01", "klasa": "5b", "skupienie": []string{"pytania"}, "zadzialalo": "Cisza.", "sprobuje": "Czekanie.",
		"szkola": map[string]any{"kind": "szkola", "id": school.String(), "label": "Szkoła"}})
	w.must(err)
	d, err := w.Tasks.Get(ctx, w.by(0), ids[0])
	w.must(err)
	_, err = w.Tasks.Submit(ctx, w.by(0), ids[0], task.Handing{Version: d.Version, FormRev: 1, Answers: raw})
	w.must(err)
	d, err = w.Tasks.Get(ctx, w.lead(), ids[0])
	w.must(err)
	w.must(w.Tasks.Decide(ctx, w.lead(), ids[0], task.Judgement{Verdict: effect.Accepted, Version: d.Version}))
}

func (w *lived) shelf() {
	w.t.Helper()
	ctx := w.t.Context()
	f, err := w.Files.Upload(ctx, w.by(1), "karty.txt", strings.NewReader("Karta pierwsza."))
	w.must(err)
	w.file = f.ID
	r, err := w.Library.Create(ctx, w.by(1), library.NewResource{Network: w.id, Share: true, Contents: library.Contents{Files: []library.NewFile{{ID: f.ID}}},
		Details: library.Details{Title: "Karty pytań", Kind: "karta-pracy", Description: "Do **każdej** lekcji.", Licence: "cc-by-4.0", Authors: []string{"Zespół sieci"}, Accessibility: "Tekst bez obrazów.", Product: true}})
	w.must(err)
	_, err = w.Board.Reply(ctx, w.by(2), w.thread, "Karty leżą tu: https://sieci.example/zasoby/"+r.String(), nil)
	w.must(err)
	_, err = w.Library.AddStep(ctx, w.lead(), w.id, library.StepInput{Resource: r, What: "Pokaz kart", Audience: "Rady pedagogiczne", Way: "Spotkanie w powiecie", Due: time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC), Who: "Karol"})
	w.must(err)
}

// summed evaluates the year and writes the summary.
func (w *lived) summed() {
	w.t.Helper()
	ctx := w.t.Context()
	w.exec(`UPDATE network SET stage = 'summary' WHERE id = $1`, w.id)
	round, err := w.Evaluations.Prepare(ctx, w.lead(), w.id, evaluation.Plan{Title: "Ankieta na koniec roku", Questions: []string{"cele.wiedza", "najcenniejsze"}, Closes: w.Clock.Now().AddDate(0, 0, 7)})
	w.must(err)
	w.must(w.Evaluations.Open(ctx, w.lead(), round, 1, true))
	w.answered(round, w.people[:6], func(i int) string { return fmt.Sprintf(`{"cele":{"wiedza":"%d"}}`, i%3+3) })
	w.must(w.Evaluations.Close(ctx, w.lead(), round))
	w.until("results", func() bool {
		return w.number(`SELECT count(*) FROM evaluation_round WHERE id = $1 AND outcome = 'ready'`, round) == 1
	})
	_, err = w.Networks.Act(ctx, w.lead(), w.id, network.Action{Command: "summary", Answers: effect.Document{Revision: 1, JSON: []byte(`{"osiagniete":["wiedza","zadania"],"potrzeba":"czesciowo","potrzeby_otwarte":"Statuty szkół.",
		"rozwiazania":[{"_row":"w1","tytul":"Karty pytań","licencja":"cc_by","opis":"Do każdej lekcji."}],"odpowiedzi":6,"ewaluacja":"Karty pomogły.",
		"upowszechnianie":"Pokaz w powiecie.","trudnosci":"Wspólny termin.","kontynuacja":true}`)}})
	w.must(err)
}

// What the annual report must say, by the fields that such reports have
// (KOO11): each from the data of the rooms.
var annual = map[string][]string{
	"topic, type, who leads and runs": {"Ocenianie kształtujące", "Sieć tematyczna", "Karol Koordynator", "2026/2027"},
	"members":                         {"Na początku 8", "Teraz albo na końcu 8", "W tym w roli uczestnika 7", "Szkoła 3, Osieczna 1", "gmina miejsko-wiejska Osieczna 7"},
	"goals set and reached":           {"Wspólne wykonywanie zadań", "Które cele udało się osiągnąć?"},
	"needs, met and unmet":            {"Oceny nie pomagają się uczyć.", "zapisaną w karcie? Częściowo", "Statuty szkół."},
	"meetings":                        {"Liczba spotkań 2", "6 godzin dydaktycznych", "33%", "3 grudnia 2026 r.", "SP 1 w Wierzbowie, online 6 dr Ewa Ekspert", "10 grudnia 2026 r.", "online 5 dr Ewa Ekspert", "Osoba 1 2 6"},
	"activity":                        {"Wątki na forum 1", "Wpisy na blogu 1", "Zadania 2", "Oddane zadania 1", "Przyjęte zadania 1"},
	"products with licences":          {"Karty pytań", "Creative Commons Uznanie autorstwa 4.0 (CC BY)", "Pokaz kart", "Rady pedagogiczne"},
	"evaluation":                      {"Ankieta na koniec roku", "Zaproszone osoby 7", "6 (86%)", "Karty pomogły."},
	"difficulties and continuation":   {"Wspólny termin.", "Czy sieć będzie kontynuowana w następnym roku? tak"},
}

var spaces = regexp.MustCompile(`[\s\x{00a0}]+`)

func words(s string) string { return strings.TrimSpace(spaces.ReplaceAllString(s, " ")) }

// The annual report and the attendance note: as a page, as ODT, as tagged PDF.
func TestReportOfAYear(t *testing.T) {
	t.Parallel()
	w := live(t)
	own := "/sieci/" + w.id.String()
	k := w.as("Karol Koordynator").Go(own).Click("Sprawozdanie").ExpectHeading("Sprawozdanie roczne z pracy sieci „Ocenianie kształtujące”")
	for what, say := range annual {
		for _, s := range say {
			if !strings.Contains(words(k.Text()), s) {
				t.Errorf("%s: %q is not on the page", what, s)
			}
		}
	}
	if t.Failed() {
		t.Log(words(k.Text()))
	}
	// A thread that links a resource shows where the resource is used.
	k.Go("/zasoby").Click("Karty pytań").ExpectText("Pytania na koniec lekcji").Click("Wątek: Pytania na koniec lekcji").ExpectText("Karty leżą tu").Go(own + "/sprawozdanie")
	raw, h := k.Download("Pobierz ODT (do edycji)")
	if got := h.Get("Content-Disposition"); !strings.Contains(got, "sprawozdanie-2026-2027.odt") {
		t.Error(got)
	}
	content := unzip(t, raw)["content.xml"]
	said := words(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(content, " "))
	for what, say := range annual {
		for _, s := range say {
			if !strings.Contains(said, s) {
				t.Errorf("%s: %q is not in the ODT", what, s)
			}
		}
	}
	raw, _ = k.Download("Pobierz PDF")
	tagged(t, raw, "Sprawozdanie roczne z pracy sieci „Ocenianie kształtujące”", 5)

	// The note: one's own for a member, anybody's for who keeps the register.
	note := own + "/potwierdzenie"
	if _, err := w.Reports.Attendance(t.Context(), w.by(0), w.id, w.people[1]); err == nil {
		t.Error("a member reads somebody else's hours")
	}
	p, err := w.Reports.Attendance(t.Context(), w.by(0), w.id, w.people[0])
	w.must(err)
	if p.Network.ID != w.id {
		t.Error(p.Network.ID)
	}
	k.Go(note+"?osoba="+w.people[4].String()).ExpectText("Osoba 5", "Spotkania z obecnością 1", "nie jest zaświadczeniem")
	raw, h = k.Download("Pobierz PDF")
	if got := h.Get("Content-Disposition"); !strings.Contains(got, "potwierdzenie-2026-2027.pdf") {
		t.Error(got)
	}
	tagged(t, raw, "Potwierdzenie obecności", 0)
	k.Go(note + "?osoba=" + uuid.NewString()).ExpectStatus(404)
	w.person("Obca Osoba", 100235)
	w.as("Obca Osoba").Go(own + "/sprawozdanie").ExpectStatus(404).Go(note).ExpectStatus(404).Go(own + "/sprawozdanie/pdf").ExpectStatus(404)
}

func unzip(t *testing.T, raw []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := out[f.Name]; twice {
			t.Errorf("%s is there twice", f.Name)
		}
		out[f.Name] = string(b)
	}
	return out
}

// tagged reads a PDF: valid, in Polish, with its title shown, and with a
// structure that has the first heading and at least so many tables.
func tagged(t *testing.T, raw []byte, title string, tables int) {
	t.Helper()
	ctx, err := api.ReadContext(bytes.NewReader(raw), model.NewDefaultConfiguration())
	if err != nil {
		t.Fatal(err)
	}
	if err := api.ValidateContext(ctx); err != nil {
		t.Error(err)
	}
	c, err := ctx.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	if l, _ := c["Lang"].(types.StringLiteral); string(l) != "pl" {
		t.Errorf("language %v", c["Lang"])
	}
	if c["MarkInfo"] == nil || c["StructTreeRoot"] == nil {
		t.Fatal("the PDF has no structure")
	}
	if got := ctx.Title; got != title {
		t.Errorf("title %q", got)
	}
	count := map[string]int{}
	var walk func(o types.Object)
	walk = func(o types.Object) {
		o, err := ctx.Dereference(o)
		if err != nil {
			t.Fatal(err)
		}
		switch o := o.(type) {
		case types.Dict:
			if s, ok := o["S"].(types.Name); ok {
				count[string(s)]++
			}
			if o["K"] != nil {
				walk(o["K"])
			}
		case types.Array:
			for _, x := range o {
				walk(x)
			}
		}
	}
	walk(c["StructTreeRoot"])
	if count["H1"] != 1 || count["Table"] < tables || tables > 0 && count["TH"] == 0 {
		t.Errorf("structure %v", count)
	}
}

// copied asks for a copy by hand and unpacks what is downloaded.
func (w *lived) copied(who, kind string) map[string]string {
	w.t.Helper()
	k := w.as(who).Go("/sieci/" + w.id.String() + "/kopie").Choose(kind).Click("Przygotuj kopię")
	w.until("the copy", func() bool {
		return w.number(`SELECT count(*) FROM network_export WHERE state = 'waiting'`) == 0
	})
	raw, _ := k.Go("/sieci/" + w.id.String() + "/kopie").Download("Pobierz kopię: " + kind)
	return unzip(w.t.(*testing.T), raw)
}

// Both copies of a network, asked for by hand, made by the job and opened.
func TestCopiesOfANetwork(t *testing.T) {
	t.Parallel()
	w := live(t)
	ctx := t.Context()
	site := w.copied("Karol Koordynator", "Strony do czytania")
	dir := t.TempDir()
	for name, body := range site {
		w.must(os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755))
		w.must(os.WriteFile(filepath.Join(dir, name), []byte(body), 0o644))
	}
	t.Run("every link of the pages leads somewhere", func(t *testing.T) { linked(t, site) })
	all := strings.Join(slices.Collect(mapValues(site)), "\n")
	for _, s := range []string{"Pytania na koniec lekcji", "U mnie karteczki", "Karty pytań", "Osoba 3", "Każdy próbuje jednego pytania", "Karta pierwsza.",
		"Oceny nie pomagają się uczyć.", "Wspólny termin.", "6 (86%)"} { // the charter, the summary and the evaluation, by the report
		if !strings.Contains(all, s) {
			t.Errorf("%q is not in the site", s)
		}
	}
	if strings.Contains(all, "<script") || strings.Contains(all, "javascript:") {
		t.Error("the site holds a script")
	}
	data := w.copied("Karol Koordynator", "Dane (JSON) i pliki")
	for name, body := range data {
		if strings.HasSuffix(name, ".json") && !json.Valid([]byte(body)) {
			t.Errorf("%s is no JSON", name)
		}
	}
	if data["files/"+w.file.String()+".txt"] != "Karta pierwsza." {
		t.Error("a file is not in the copy")
	}
	if !strings.Contains(data["data/report.json"], "Oceny nie pomagają się uczyć.") {
		t.Error("the data lack what the network's type keeps")
	}
	t.Run("no personal data beyond the rules", func(t *testing.T) {
		for what, list := range map[string]map[string]string{"site": site, "data": data} {
			for name, body := range list {
				if strings.Contains(body, "@example.org") {
					t.Errorf("%s: %s holds an address of somebody", what, name)
				}
			}
		}
		for name, body := range site {
			for _, s := range []string{"Godziny dydaktyczne uczestników", "Gość Gościński", "rozmowa.example", "ul. Lipowa 2"} {
				if strings.Contains(body, s) {
					t.Errorf("%s tells %q", name, s)
				}
			}
		}
	})
	t.Run("the pages open from a stick", func(t *testing.T) {
		for _, p := range []string{"index.html", "board.html", "meetings.html", "board-" + w.thread.String() + ".html"} {
			if site[p] == "" {
				t.Errorf("%s is not there", p)
				continue
			}
			for _, v := range webtest.Views {
				webtest.Open(t, "file://"+dir, append(v.Options, webtest.WithScripts())...).Go("/" + p).ExpectAccessible()
			}
		}
	})
	t.Run("only for those who may, and only one's own", func(t *testing.T) {
		w.person("Obca Osoba", 100235)
		w.as("Obca Osoba").Go("/sieci/" + w.id.String() + "/kopie").ExpectStatus(404)
		_, list, err := w.Exports.List(ctx, w.lead(), w.id)
		w.must(err)
		w.as("Cezary Centrum").Go("/kopie/" + list[0].ID.String() + "/plik").ExpectStatus(404)
		if _, err := w.Exports.Ask(ctx, w.by(0), w.id, export.Data); err == nil {
			t.Error("a participant takes a copy")
		}
	})
	t.Run("they go after a week", func(t *testing.T) {
		_, list, err := w.Exports.List(ctx, w.lead(), w.id)
		w.must(err)
		w.must(w.Clock.Move(ctx, w.Clock.Now().AddDate(0, 0, export.KeepDays+1)))
		w.must(w.Exports.Sweep(ctx))
		if _, _, err := w.Exports.Download(ctx, w.lead(), list[0].ID); err == nil {
			t.Error("an expired copy is given")
		}
	})
}

func mapValues(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

var siteLinks = regexp.MustCompile(`(?:href|src)="([^"]*)"`)

// linked follows every address of every page: relative ones lead to what is in
// the copy, with its fragment; others only to the platform or as people wrote.
func linked(t *testing.T, site map[string]string) {
	reached := map[string]bool{"index.html": true}
	for name, body := range site {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		for _, m := range siteLinks.FindAllStringSubmatch(body, -1) {
			u, err := url.Parse(strings.ReplaceAll(m[1], "&amp;", "&"))
			if err != nil {
				t.Errorf("%s: %q: %v", name, m[1], err)
				continue
			}
			if u.Scheme != "" {
				continue
			}
			if strings.HasPrefix(u.Path, "/") || strings.Contains(u.Path, "..") {
				t.Errorf("%s leads out of the copy: %s", name, m[1])
				continue
			}
			to := name
			if u.Path != "" {
				to = path.Join(path.Dir(name), u.Path)
			}
			if _, ok := site[to]; !ok {
				t.Errorf("%s leads to %s, which is not there", name, m[1])
			} else if u.Fragment != "" && !strings.Contains(site[to], `id="`+u.Fragment+`"`) {
				t.Errorf("%s leads to %s: no such place", name, m[1])
			}
			reached[to] = true
		}
	}
	for name := range site {
		if !reached[name] {
			t.Errorf("nothing leads to %s", name)
		}
	}
}
