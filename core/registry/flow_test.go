package registry_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/registry/sample"
	"ore.edu.pl/sieci/policies"
)

// world is a register whose clock the test turns.
type world struct {
	*registry.Service
	t     testing.TB
	db    *db.DB
	clock *clock.Fixed
	auth  *access.Authorizer
}

func newWorld(t testing.TB) *world {
	t.Helper()
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: dbtest.New(t), clock: clock.NewFixed(time.Date(2026, 8, 20, 9, 0, 0, 0, time.UTC)), auth: auth}
	w.Service = registry.New(w.db, auth, audit.New(make([]byte, 32), w.clock), w.clock)
	w.take(registry.TERC, sample.TERC)
	w.take(registry.RSPO, sample.RSPO)
	w.clock.Set(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	return w
}

// begin hands a file in; without jobs it is read at once.
func (w *world) begin(register string, file []byte) registry.Import {
	w.t.Helper()
	id, err := w.Begin(w.t.Context(), admin, registry.Source{Register: register, File: "plik.csv"}, bytes.NewReader(file))
	if err != nil {
		w.t.Fatal(err)
	}
	return w.read(id)
}

func (w *world) read(id uuid.UUID) registry.Import {
	w.t.Helper()
	i, err := w.Import(w.t.Context(), admin, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return i
}

// take is begin and confirm.
func (w *world) take(register string, file []byte) registry.Import {
	w.t.Helper()
	i := w.begin(register, file)
	if err := w.Confirm(w.t.Context(), admin, i.ID); err != nil {
		w.t.Fatal(err)
	}
	if i = w.read(i.ID); i.State != registry.Done {
		w.t.Fatalf("confirmed: %s", i.State)
	}
	return i
}

// registers are all rows of the registers with their history.
func (w *world) registers() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	for _, table := range []string{"teryt_unit", "teryt_unit_version", "institution", "institution_version", "centre_territory"} {
		var rows []string
		if err := w.db.Select(w.t.Context(), &rows, `SELECT CAST(x AS text) FROM `+table+` x ORDER BY 1`); err != nil {
			w.t.Fatal(err)
		}
		out[table] = strings.Join(rows, "\n")
	}
	return out
}

func (w *world) same(before map[string]string, when string) {
	w.t.Helper()
	after := w.registers()
	for _, table := range slices.Sorted(maps.Keys(before)) {
		if before[table] != after[table] {
			w.t.Errorf("%s: %s is not what it was", when, table)
		}
	}
}

const changeHeader = "Numer RSPO;REGON;Typ;Nazwa;Kod terytorialny gmina;Miejscowość;Kod SIMC;Telefon;Publiczność status;Kategoria uczniów;Typ organu prowadzącego;Nazwa organu prowadzącego;Kształcenie zawodowe;Imię i nazwisko dyrektora;Data likwidacji;RSPO podmiotu nadrzędnego\n"

// changed is a file with a new school, a changed one, a closed one and three
// rows that are wrong.
var changed = []byte(changeHeader +
	`300001;000210980;Technikum;Technikum Rzemiosł;3013012;Lipno;0986283;65 529 90 00;publiczna;Dzieci lub młodzież;"Powiat ziemski; Osoba fizyczna|Fundacja";"Powiat Leszczyński;Jan Utajony|Fundacja ""Dom; Szkoła | Świat""";"311933 stroiciel fortepianów i pianin|kowal (722101)";Anna Tajna;;` + "\n" +
	"100310;;Szkoła podstawowa;Szkoła Podstawowa nr 1;3013033;Osieczna;;;;;;;;;;\n" +
	"100320;;Szkoła podstawowa;Szkoła Podstawowa im. Księgi Lasu;3026023;Dolsk;;;;;;;;;2026-08-31;\n" +
	"300002;000210981;Szkoła podstawowa;Zły REGON;3013012;Lipno;;;;;;;;;;\n" +
	"300003;;Szkoła podstawowa;Zła miejscowość;3013012;Lipno;0986284;;;;;;;;;\n" +
	"300004;000000000;Szkoła podstawowa;Same zera;3013012;Lipno;;;;;;;;;;\n")

func TestPreviewWritesNothingUntilConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.registers()
	i := w.begin(registry.RSPO, changed)
	if i.State != registry.Ready || i.New != 1 || i.Changed != 1 || i.Closed != 1 || i.Rejected != 3 || i.Read != 6 {
		t.Fatalf("preview: %+v", i)
	}
	w.same(before, "preview")
	for change, want := range map[registry.Change]string{
		registry.ChangeNew:     "Technikum Rzemiosł, Lipno, powiat leszczyński, woj. wielkopolskie",
		registry.ChangeChanged: "Szkoła Podstawowa nr 1, Osieczna, powiat leszczyński, woj. wielkopolskie",
		registry.ChangeClosed:  "Szkoła Podstawowa im. Księgi Lasu, Dolsk, powiat śremski, woj. wielkopolskie",
	} {
		rows, next, err := w.ImportRows(t.Context(), admin, &i, change, "")
		if err != nil || len(rows) != 1 || rows[0].Label != want || next != "" {
			t.Errorf("%s: %+v, %q, %v", change, rows, next, err)
		}
		if change == registry.ChangeClosed && !slices.Contains(rows[0].Fields, registry.Field{Name: "closed_on", Now: "2026-08-31"}) {
			t.Errorf("closed: %+v", rows[0].Fields)
		}
	}
	notes, _, err := w.ImportNotes(t.Context(), admin, &i, registry.NoteRejected, "", false)
	if err != nil || len(notes) != 3 || notes[0].Key != "registry.row_regon" || notes[1].Key != "registry.row_simc" || notes[2].Line != 7 || notes[1].Text == "" {
		t.Errorf("rejected: %+v, %v", notes, err)
	}
	if err := w.Confirm(t.Context(), admin, i.ID); err != nil {
		t.Fatal(err)
	}
	d, err := w.Details(t.Context(), nil, byRSPO(t, w.Service, 300001).ID, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	bodies := registry.LeadingBodies{{Type: "Powiat ziemski", Name: "Powiat Leszczyński"}, {Type: "Osoba fizyczna"}, {Type: "Fundacja", Name: `Fundacja "Dom; Szkoła | Świat"`}}
	if !slices.Equal(d.LeadingBodies, bodies) || len(d.Vocations) != 2 || d.Vocations[0].Code != "311933" || d.Vocations[1] != (registry.Vocation{Code: "722101", Name: "kowal"}) {
		t.Errorf("bodies %+v, vocations %+v", d.LeadingBodies, d.Vocations)
	}
	if d.TownCode != "0986283" || d.Phone != "65 529 90 00" || d.PublicStatus != "publiczna" || d.PupilCategory != "Dzieci lub młodzież" {
		t.Errorf("details: %+v", d)
	}
	if n := count(t, w.db, `SELECT count(*) FROM institution_version i WHERE i::text LIKE '%Tajn%' OR i::text LIKE '%Utajony%'`); n != 0 {
		t.Error("the name of a head or of a person who runs a school was kept")
	}
	again := w.take(registry.RSPO, changed)
	if again.New+again.Changed+again.Closed != 0 || again.Rejected != 3 || again.Same != 3 {
		t.Errorf("the same file again: %+v", again)
	}
}

func TestUndoRestoresExactly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.registers()
	schools := w.take(registry.RSPO, changed)
	units := w.take(registry.TERC, nextYear)
	if err := w.Undo(t.Context(), admin, schools.ID); !fault.Is(err, fault.Conflict) || fault.As(err).Key != "registry.undo_later" {
		t.Errorf("an import under another: %v", err)
	}
	for _, i := range []registry.Import{units, schools} {
		if w.read(i.ID).UndoUntil == nil {
			t.Error("it does not say until when it can be taken back")
		}
		if err := w.Undo(t.Context(), admin, i.ID); err != nil {
			t.Fatal(err)
		}
		if got := w.read(i.ID); got.State != registry.Undone {
			t.Errorf("undone: %s, %+v", got.State, got.Failure)
		}
	}
	w.same(before, "taken back")
	// And it can be imported again.
	if again := w.take(registry.RSPO, changed); again.New != 1 || again.Changed != 1 || again.Closed != 1 {
		t.Errorf("again: %+v", again)
	}
}

func TestUndoIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.take(registry.RSPO, changed)
	school := byRSPO(t, w.Service, 300001).ID
	key := func() string {
		t.Helper()
		err := w.Undo(t.Context(), admin, i.ID)
		if !fault.Is(err, fault.Conflict) {
			t.Fatalf("undo: %v", err)
		}
		return fault.As(err).Key
	}
	person := uuid.New()
	if _, err := w.db.Exec(t.Context(), `INSERT INTO person (id, email, name, sort_name, name_folded, state, institution_id)
		VALUES ($1, 'a@b.example', 'A B', 'b a', 'a b', 'active', $2)`, person, school); err != nil {
		t.Fatal(err)
	}
	if k := key(); k != "registry.undo_used_person" {
		t.Errorf("an account at the school: %s", k)
	}
	if _, err := w.db.Exec(t.Context(), `UPDATE person SET institution_id = NULL WHERE id = $1`, person); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(registry.UndoFor + time.Minute)
	if k := key(); k != "registry.undo_late" {
		t.Errorf("a day later: %s", k)
	}
	w.clock.Advance(-time.Hour)
	if err := w.Undo(t.Context(), admin, i.ID); err != nil {
		t.Errorf("in time, and nobody there any more: %v", err)
	}
	if err := w.Undo(t.Context(), &access.Actor{Person: uuid.New()}, i.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("without the permission: %v", err)
	}
}

// nextYear is the sample as of 1 January 2027: a gmina became urban-rural,
// another is gone.
var nextYear = []byte(strings.NewReplacer(
	"2024-01-01", "2027-01-01",
	"30;13;05;2;Święciechowa;gmina wiejska", "30;13;05;3;Święciechowa;gmina miejsko-wiejska",
	"30;13;02;2;Lipno;gmina wiejska;2024-01-01\n", "",
).Replace(string(sample.TERC)))

func TestGminaChangesKindFromItsDate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.take(registry.TERC, nextYear)
	if i.New != 1 || i.Changed != 0 || i.Closed != 1+strings.Count(string(sample.TERC), "30;13;02;2;Lipno;gmina wiejska;2024-01-01\n") {
		t.Fatalf("%+v", i)
	}
	for _, c := range []struct{ day, code, label string }{
		{"2026-12-31", "3013052", "gmina wiejska Święciechowa, powiat leszczyński, woj. wielkopolskie"},
		{"2027-01-01", "3013053", "gmina miejsko-wiejska Święciechowa, powiat leszczyński, woj. wielkopolskie"},
	} {
		day, err := time.Parse(time.DateOnly, c.day)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := w.LocalGovernmentsAsOf(t.Context(), day, "swieciechowa", "", 10)
		if err != nil || len(got) != 1 || got[0].Code != c.code || got[0].Label(t.Context()) != c.label {
			t.Errorf("%s: %+v, %v", c.day, got, err)
		}
		gminas, err := w.UnitsAsOf(t.Context(), nil, day, registry.GminaRural, registry.GminaUrbanRural)
		if err != nil || !slices.ContainsFunc(gminas, func(u registry.Unit) bool { return u.Code == c.code }) {
			t.Errorf("%s: %d gminas, %v", c.day, len(gminas), err)
		}
	}
	// Today's lists are still those of November, and what refers to the old code has a name.
	if got, _, err := w.LocalGovernments(t.Context(), "swieciechowa", "", 10); err != nil || len(got) != 1 || got[0].Code != "3013052" {
		t.Errorf("today: %+v, %v", got, err)
	}
	w.clock.Set(time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC))
	if u, err := w.Unit(t.Context(), nil, "3013052"); err != nil || u.To == nil || u.To.Format(time.DateOnly) != "2027-01-01" {
		t.Errorf("the old code: %+v, %v", u, err)
	}
	past, err := w.UnitHistory(t.Context(), nil, "3013053")
	if err != nil || len(past) != 2 || past[0].Kind != registry.GminaUrbanRural || past[1].Kind != registry.GminaRural {
		t.Errorf("history: %+v, %v", past, err)
	}
	if n := count(t, w.db, `SELECT count(*) FROM institution WHERE gmina_code = '3013052'`); n != 0 {
		t.Errorf("%d institutions stayed in the old gmina", n)
	}
}

// GUS's file of changes: each speaks from its own day, and what it does not name stays.
func TestFileOfChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.registers()
	file := []byte("TypKorekty;WojPrzed;PowPrzed;GmiPrzed;RodzPrzed;NazwaPrzed;NazwaDodatkowaPrzed;StanPrzed;WojPo;PowPo;GmiPo;RodzPo;NazwaPo;NazwaDodatkowaPo;StanPo\n" +
		"M;30;13;05;2;Święciechowa;gmina wiejska;2024-01-01;30;13;05;3;Święciechowa;gmina miejsko-wiejska;2026-01-01\n" +
		"D;;;;;;;;30;13;05;4;Święciechowa;miasto;2026-01-01\n" +
		"M;30;13;02;2;Lipno;gmina wiejska;2024-01-01;30;13;02;2;Lipno Nowe;gmina wiejska;2026-10-01\n" +
		"U;30;13;01;2;Krzemieniewo;gmina wiejska;2024-01-01;;;;;;;2026-10-01\n" +
		"X;;;;;;;;30;13;05;5;Święciechowa;obszar wiejski;2026-01-01\n" +
		"M;30;13;99;2;Nigdzie;gmina wiejska;2024-01-01;30;13;99;3;Nigdzie;gmina;2026-01-01\n")
	i := w.take(registry.TERC, file)
	if i.Read != 6 || i.New != 2 || i.Changed != 1 || i.Closed != 2 || i.Rejected != 2 || i.Same != 0 || i.Missing != 0 {
		t.Fatalf("%+v", i.Report)
	}
	name := func(code, day string) string {
		t.Helper()
		on, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		all, err := w.UnitsAsOf(t.Context(), nil, on)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range all {
			if u.Code == code {
				return string(u.Kind) + " " + u.Name
			}
		}
		return ""
	}
	for _, c := range [][3]string{
		{"3013052", "2025-12-31", "gmina_rural Święciechowa"}, {"3013053", "2025-12-31", ""},
		{"3013052", "2026-01-01", ""}, {"3013053", "2026-01-01", "gmina_urban_rural Święciechowa"},
		{"3013022", "2026-09-30", "gmina_rural Lipno"}, {"3013022", "2026-10-01", "gmina_rural Lipno Nowe"},
		{"3013012", "2026-09-30", "gmina_rural Krzemieniewo"}, {"3013012", "2026-10-01", ""},
		{"3013033", "2026-11-24", "gmina_urban_rural Osieczna"},
	} {
		if got := name(c[0], c[1]); got != c[2] {
			t.Errorf("%s on %s: %q, want %q", c[0], c[1], got, c[2])
		}
	}
	if again := w.begin(registry.TERC, file); again.Changes() != 0 || again.Rejected != 2 || again.Same != 4 {
		t.Errorf("again: %+v", again.Report)
	}
	if err := w.Undo(t.Context(), admin, i.ID); err != nil {
		t.Fatal(err)
	}
	w.same(before, "taken back")
}

// ORE12: what was true on 31 August stays so, whatever is imported in November.
func TestReportOfAnEarlierDayStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	day := time.Date(2026, 8, 31, 0, 0, 0, 0, time.UTC)
	type state struct {
		list    string
		powiats int
	}
	read := func() (s state) {
		t.Helper()
		for after := ""; ; {
			page, next, err := w.Search(t.Context(), registry.SearchQuery{On: day, Limit: 7, After: after})
			if err != nil {
				t.Fatal(err)
			}
			for i := range page {
				s.list += fmt.Sprintln(page[i].ID, page[i].Label(t.Context()), page[i].ClosedOn)
			}
			if after = next; after == "" {
				break
			}
		}
		if err := w.db.Get(t.Context(), &s.powiats, `SELECT count(*) FROM institution_on($1) i JOIN teryt_unit_on($1) u ON u.code = i.powiat_code WHERE i.active`, day); err != nil {
			t.Fatal(err)
		}
		return s
	}
	before := read()
	if before.powiats != 39 { // one of the 40 closed in 2019
		t.Errorf("%d institutions in powiats", before.powiats)
	}
	w.take(registry.RSPO, changed)
	w.take(registry.TERC, nextYear)
	if after := read(); after != before {
		t.Errorf("before:\n%+v\nafter:\n%+v", before, after)
	}
	today, _, err := w.Search(t.Context(), registry.SearchQuery{Text: "technikum rzemiosl", On: w.Today()})
	if err != nil || len(today) != 1 {
		t.Errorf("today: %v, %v", today, err)
	}
	school := byRSPO(t, w.Service, 100310)
	past, err := w.History(t.Context(), nil, school.ID)
	if err != nil || len(past) != 2 || past[0].Name != "Szkoła Podstawowa nr 1" || past[1].To == nil || past[1].To.Format(time.DateOnly) != "2026-11-24" {
		t.Errorf("history: %+v, %v", past, err)
	}
	old, err := w.InstitutionsAsOf(t.Context(), nil, day, []uuid.UUID{school.ID, byRSPO(t, w.Service, 300001).ID})
	if err != nil || len(old) != 1 || old[school.ID].Name == "Szkoła Podstawowa nr 1" {
		t.Errorf("in August: %+v, %v", old, err)
	}
}

func TestCancelWhileReading(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.registers()
	var once sync.Once
	stop := registry.WithProgress(func(int, int) {
		once.Do(func() {
			list, _, err := w.Imports(t.Context(), admin, uuid.Nil)
			if err != nil || list[0].State != registry.Reading {
				t.Errorf("while reading: %+v, %v", list[0], err)
			} else if err := w.Cancel(t.Context(), admin, list[0].ID); err != nil {
				t.Error(err)
			}
		})
	})
	i, err := w.Preview(t.Context(), admin, registry.Source{Register: registry.RSPO}, bytes.NewReader(country(3000, 5)), stop)
	if err == nil {
		t.Fatal("the reading went on")
	}
	if got := w.read(i.ID); got.State != registry.Cancelled {
		t.Errorf("state %s", got.State)
	}
	if n := count(t, w.db, `SELECT count(*) FROM registry_stage_institution s JOIN registry_import i ON i.id = s.import_id WHERE i.state = 'cancelled'`); n != 0 {
		t.Errorf("%d rows staged", n)
	}
	w.same(before, "cancelled")
	if err := w.Confirm(t.Context(), admin, i.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("confirmed although cancelled: %v", err)
	}
	if err := w.Cancel(t.Context(), admin, i.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("cancelled twice: %v", err)
	}
}

func TestConfirmsOnlyWhatWasSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.begin(registry.RSPO, changed), w.begin(registry.RSPO, country(20, 4))
	if err := w.Confirm(t.Context(), admin, second.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.Confirm(t.Context(), admin, first.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("an old preview: %v", err)
	}
	if i := w.read(first.ID); i.State != registry.Failed || i.Failure == nil || i.Failure.Key != "registry.import_stale" {
		t.Errorf("%s, %+v", i.State, i.Failure)
	}
}

func TestFileThatIsNoRegisterFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, err := w.Begin(t.Context(), admin, registry.Source{Register: registry.RSPO}, strings.NewReader("imię;nazwisko\nA;B\n"))
	if got := fieldKeys(err)["file"]; got != "registry.columns_missing" {
		t.Errorf("%v", err)
	}
	if i := w.read(id); i.State != registry.Failed || i.Failure == nil || i.Failure.Key != "registry.columns_missing" {
		t.Errorf("%s, %+v", i.State, i.Failure)
	}
}

// A server that dies while it reads leaves nothing; the next one does it, and
// two at once do it once.
func TestStepsSurviveARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := func() *job.Client {
		c, err := job.New(job.Config{DB: w.db, Access: w.auth, Audit: audit.New(make([]byte, 32), w.clock), Poll: 10 * time.Millisecond, Watch: 50 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	w.Jobs(client()) // not started: the server that took the file went down
	i := w.begin(registry.RSPO, country(3000, 6))
	if i.State != registry.Reading {
		t.Fatalf("state %s", i.State)
	}
	dying, die := context.WithCancel(t.Context())
	if err := w.ReadForTest(dying, i.ID, func(int, int) { die() }); err == nil {
		t.Error("a server that dies read to the end")
	}
	if got := w.read(i.ID); got.State != registry.Reading {
		t.Fatalf("after a death: %s, %+v", got.State, got.Failure)
	}
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			if err := w.StepForTest(t.Context(), i.ID); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got := w.read(i.ID)
	if got.State != registry.Ready || got.New+got.Changed != 3000 {
		t.Fatalf("%s, %+v", got.State, got.Report)
	}
	if n := count(t, w.db, `SELECT count(*) FROM registry_stage_institution WHERE import_id = '`+i.ID.String()+`'`); n != 3000 {
		t.Errorf("%d rows staged", n)
	}
	if n := count(t, w.db, `SELECT count(*) FROM registry_file`); n != 0 {
		t.Errorf("%d files kept", n)
	}
	if err := w.Confirm(t.Context(), admin, i.ID); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		all.Go(func() {
			if err := w.StepForTest(t.Context(), i.ID); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := w.read(i.ID); got.State != registry.Done {
		t.Errorf("written: %s, %+v", got.State, got.Failure)
	}
	if n := count(t, w.db, `SELECT count(*) FROM institution`); n != 40+got.New {
		t.Errorf("%d institutions", n)
	}
}

// A job of a real client reads the file that another process took.
func TestJobReadsAndWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, err := job.New(job.Config{DB: w.db, Access: w.auth, Audit: audit.New(make([]byte, 32), w.clock), Poll: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	w.Jobs(c)
	i := w.begin(registry.RSPO, changed)
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := c.Stop(ctx); err != nil {
			t.Error(err)
		}
	}()
	await := func(want registry.State) {
		t.Helper()
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for end := time.After(30 * time.Second); w.read(i.ID).State != want; {
			select {
			case <-tick.C:
			case <-end:
				t.Fatalf("not %s but %s", want, w.read(i.ID).State)
			}
		}
	}
	await(registry.Ready)
	if err := w.Confirm(t.Context(), admin, i.ID); err != nil {
		t.Fatal(err)
	}
	await(registry.Done)
	if err := w.Undo(t.Context(), admin, i.ID); err != nil {
		t.Fatal(err)
	}
	await(registry.Undone)
}

func TestSweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	waiting, done := w.begin(registry.RSPO, changed), w.take(registry.RSPO, country(20, 4))
	w.clock.Advance(registry.KeepStaged + time.Hour)
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if i := w.read(waiting.ID); i.State != registry.Expired {
		t.Errorf("a preview that nobody confirmed: %s", i.State)
	}
	if i := w.read(done.ID); i.State != registry.Done || i.New != 20 {
		t.Errorf("a written import: %+v", i)
	}
	w.clock.Advance(registry.KeepStaged + time.Hour)
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := count(t, w.db, `SELECT (SELECT count(*) FROM registry_stage_institution) + (SELECT count(*) FROM registry_note)`); n != 0 {
		t.Errorf("%d rows were left", n)
	}
}

// ORE2 and ORE3 in small: the numbers of a national file add up.
func TestCountsOfALargeFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := country(4500, 7)
	w.take(registry.RSPO, first)
	second, rows := spoiled(first, 37, 112, 9)
	i := w.begin(registry.RSPO, second)
	if i.New != 0 || i.Rejected != 37 || i.Closed != 112 || i.Changed != 9 || i.Read != rows {
		t.Fatalf("%+v", i.Report)
	}
	if err := w.Confirm(t.Context(), admin, i.ID); err != nil {
		t.Fatal(err)
	}
	if again := w.take(registry.RSPO, second); again.Changes() != 0 || again.Rejected != 37 {
		t.Errorf("the same file again: %+v", again.Report)
	}
	if n := count(t, w.db, `SELECT count(*) FROM institution WHERE closed_on = '2026-08-31'`); n != 112 {
		t.Errorf("%d closed", n)
	}
}

// spoiled changes a file of [country]: wrong REGON numbers, liquidated
// schools, and schools in another gmina of their powiat.
func spoiled(file []byte, wrong, closed, moved int) ([]byte, int) {
	lines := strings.Split(strings.TrimSpace(string(file)), "\n")
	for n := 1; n < len(lines); n++ {
		f := strings.Split(lines[n], ";")
		// Complexes and the schools in them stay.
		if f[13] != "" || strings.HasPrefix(f[2], "Zespół") {
			continue
		}
		switch {
		case wrong > 0:
			f[1], wrong = "123456789", wrong-1
		case closed > 0:
			f[12], closed = "2026-08-31", closed-1
		case moved > 0 && f[6] == "3013012":
			f[6], moved = "3013022", moved-1
		}
		lines[n] = strings.Join(f, ";")
	}
	return []byte(strings.Join(lines, "\n") + "\n"), len(lines) - 1
}

// A file of the whole register closes what it lacks; one without that word does not.
func TestWholeRegisterClosesWhatItLacks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if i := w.begin(registry.RSPO, changed); i.Missing != 38 || i.Closed != 1 {
		t.Fatalf("%+v", i.Report)
	}
	id, err := w.Begin(t.Context(), admin, registry.Source{Register: registry.RSPO, Whole: true}, bytes.NewReader(changed))
	if err != nil {
		t.Fatal(err)
	}
	i := w.read(id)
	if i.Closed != 1+37 || i.Missing != 1 { // one is closed already
		t.Fatalf("%+v", i.Report)
	}
	if err := w.Confirm(t.Context(), admin, id); err != nil {
		t.Fatal(err)
	}
	if c := byRSPO(t, w.Service, 900101); c.ClosedOn == nil || c.ClosedOn.Format(time.DateOnly) != "2026-11-24" {
		t.Errorf("closed on %v", c.ClosedOn)
	}
}
