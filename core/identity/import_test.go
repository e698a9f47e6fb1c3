package identity_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/notify"
)

const goodList = "Imię i nazwisko;E-mail;RSPO;Szkoła;Funkcja\n" +
	"Zażółć Gęślą;a@example.org;1003;;dyrektorka\n" +
	"\n" +
	"Jan Kos;b@example.org;;Liceum w Wierzbowie;\n" +
	"Już Jest;JEST@example.org;1003;;\n"

// hand hands a list in and returns what the preview says.
func (w *world) hand(t testing.TB, a *access.Actor, file string) identity.PeopleImport {
	t.Helper()
	id, err := w.s.BeginPeople(t.Context(), a, "osoby.csv", strings.NewReader(file))
	if err != nil && fault.As(err).Kind == fault.Internal {
		t.Fatal(err)
	}
	return w.list(t, a, id)
}

func (w *world) list(t testing.TB, a *access.Actor, id uuid.UUID) identity.PeopleImport {
	t.Helper()
	i, err := w.s.PeopleImport(t.Context(), a, id)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func (w *world) rows(t testing.TB, a *access.Actor, i *identity.PeopleImport, o identity.Outcome) []identity.ImportRow {
	t.Helper()
	rows, _, err := w.s.PeopleImportRows(t.Context(), a, i, o, "", true)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func counts(i *identity.PeopleImport) string {
	return fmt.Sprintf("%s new=%d changed=%d known=%d rejected=%d kept=%d", i.State, i.New, i.Changed, i.Known, i.Rejected, i.Kept)
}

func (w *world) wantCounts(t testing.TB, what string, i identity.PeopleImport, want string) {
	t.Helper()
	if got := counts(&i); got != want {
		t.Errorf("%s: %s, want %s (failure %v)", what, got, want, i.Failure)
	}
}

// notes are the reasons of rejected rows, "line column key".
func notesOf(rows []identity.ImportRow) string {
	var out []string
	for _, r := range rows {
		for _, n := range r.Notes {
			out = append(out, fmt.Sprintf("%d %s %s", r.Line, n.Column, strings.TrimPrefix(n.Key, "identity.")))
		}
	}
	return strings.Join(out, ", ")
}

func TestImportIsSeenBeforeItIsWritten(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.person(t, "jest@example.org")
	file := goodList +
		";c@example.org;1003;;\n" + // line 6
		"Ewa Łoś;zły adres;1003;;\n" +
		"Ewa Łoś;a@example.org;1003;;\n" +
		"Ewa Łoś;d@example.org;9999;;\n" +
		"Ewa Łoś;e@example.org;;Szkola Podstawowa nr 1;\n" +
		"Ewa Łoś;f@example.org;;Nie ma takiej;\n" +
		"Ewa Łoś;g@example.org;;;\n" +
		"Ewa Łoś;h@example.org;zero;;\n"
	i := w.hand(t, w.core, file)
	w.wantCounts(t, "preview", i, "ready new=2 changed=0 known=1 rejected=8 kept=0")
	want := "6 name name_missing, 7 email email_wrong, 8 email import.twice, 9 rspo import.rspo_unknown, " +
		"10 institution import.school_ambiguous, 11 institution import.school_unknown, 12 institution import.no_school, 13 rspo import.rspo_wrong"
	if got := notesOf(w.rows(t, w.core, &i, identity.RowRejected)); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if n := w.count(t, `SELECT count(*) FROM person_invitation`); n != 0 {
		t.Errorf("the preview wrote: %d invitations", n)
	}
	// Nobody is written to unless the confirmation says so; no password is hashed.
	if err := w.s.ConfirmPeople(t.Context(), w.core, i.ID, false); err != nil {
		t.Fatal(err)
	}
	w.wantCounts(t, "written", w.list(t, w.core, i.ID), "done new=2 changed=0 known=1 rejected=8 kept=0")
	if n := w.count(t, `SELECT count(*) FROM person_invitation WHERE name = 'Zażółć Gęślą' AND institution_id = $1 AND function = 'dyrektorka' AND state = 'open' AND sent_at IS NULL`, w.school); n != 1 {
		t.Error("the first person is not as in the file")
	}
	if n := len(w.post.with("identity.mail.invitation")); n != 0 {
		t.Errorf("%d letters without a choice", n)
	}
	wantKey(t, "confirm twice", w.s.ConfirmPeople(t.Context(), w.core, i.ID, false), "identity.import.not_ready")
	// The letters afterwards, once.
	if err := w.s.MailPeople(t.Context(), w.core, i.ID); err != nil {
		t.Fatal(err)
	}
	if n := len(w.post.with("identity.mail.invitation")); n != 2 {
		t.Errorf("%d letters", n)
	}
	wantKey(t, "mail twice", w.s.MailPeople(t.Context(), w.core, i.ID), "identity.import.mail_not")
	// The same in the encoding of a Polish spreadsheet, with commas: nothing new.
	raw, err := charmap.Windows1250.NewEncoder().String(strings.ReplaceAll(goodList, ";", ","))
	if err != nil {
		t.Fatal(err)
	}
	w.wantCounts(t, "again", w.hand(t, w.core, raw), "ready new=0 changed=0 known=3 rejected=0 kept=0")
	if n := w.count(t, `SELECT count(*) FROM audit_event WHERE action IN ('people:upload', 'people:confirm', 'people:mail', 'person:invite')`); n != 6 {
		t.Errorf("%d accounts of changes", n)
	}
}

func TestImportBringsInvitedPeopleUpToDate(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i := w.hand(t, w.core, goodList)
	if err := w.s.ConfirmPeople(t.Context(), w.core, i.ID, true); err != nil {
		t.Fatal(err)
	}
	// One takes the account up: it is theirs from now on.
	token := ""
	for _, m := range w.post.with("identity.mail.invitation") {
		if m.Addresses[0].Mail == "b@example.org" {
			token = strings.TrimPrefix(m.Link, identity.InvitationPath)
		}
	}
	if _, err := w.s.AcceptInvitation(t.Context(), token, identity.Acceptance{Name: "Jan Kos", Password: goodPassword}); err != nil {
		t.Fatal(err)
	}
	second := w.hand(t, w.core, strings.NewReplacer("dyrektorka", "wicedyrektorka", "Jan Kos", "Jan Inny").Replace(goodList))
	w.wantCounts(t, "changed", second, "ready new=0 changed=1 known=2 rejected=0 kept=0")
	rows := w.rows(t, w.core, &second, identity.RowChanged)
	if len(rows) != 1 || len(rows[0].Changes) != 1 || rows[0].Changes[0] != (identity.ImportChange{Field: "function", Was: "dyrektorka", Now: "wicedyrektorka"}) {
		t.Errorf("%+v", rows)
	}
	if err := w.s.ConfirmPeople(t.Context(), w.core, second.ID, true); err != nil {
		t.Fatal(err)
	}
	if n := w.count(t, `SELECT count(*) FROM person_invitation WHERE function = 'wicedyrektorka' OR name = 'Jan Inny'`); n != 1 {
		t.Errorf("%d changed", n)
	}
	if n := len(w.post.with("identity.mail.invitation")); n != 3 {
		t.Errorf("a changed account got a letter: %d", n)
	}
	// Back: first the change, then the rest; who took theirs up stays and is told.
	if err := w.s.UndoPeople(t.Context(), w.core, second.ID); err != nil {
		t.Fatal(err)
	}
	w.wantCounts(t, "change back", w.list(t, w.core, second.ID), "undone new=0 changed=1 known=2 rejected=0 kept=0")
	if n := w.count(t, `SELECT count(*) FROM person_invitation WHERE function = 'dyrektorka'`); n != 1 {
		t.Error("the function was not put back")
	}
	if err := w.s.UndoPeople(t.Context(), w.core, i.ID); err != nil {
		t.Fatal(err)
	}
	done := w.list(t, w.core, i.ID)
	w.wantCounts(t, "back", done, "undone new=3 changed=0 known=0 rejected=0 kept=1")
	kept := w.rows(t, w.core, &done, identity.RowKept)
	slices.SortFunc(kept, func(a, b identity.ImportRow) int { return a.Line - b.Line })
	if got := notesOf(kept); got != "4  import.kept_taken_up" {
		t.Errorf("kept: %s", got)
	}
	if n := w.count(t, `SELECT count(*) FROM person_invitation`); n != 1 {
		t.Errorf("%d invitations stay", n)
	}
	wantKey(t, "undo twice", w.s.UndoPeople(t.Context(), w.core, i.ID), "identity.import.undo_not_done")
}

func TestImportIsTakenBackForADay(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i := w.hand(t, w.core, goodList)
	if err := w.s.ConfirmPeople(t.Context(), w.core, i.ID, false); err != nil {
		t.Fatal(err)
	}
	w.domain.Advance(identity.UndoFor + time.Second)
	wantKey(t, "late", w.s.UndoPeople(t.Context(), w.core, i.ID), "identity.import.undo_late")
	if u := w.list(t, w.core, i.ID).UndoUntil; u != nil {
		t.Errorf("still offered: %v", u)
	}
}

func TestImportOfUnreadableFiles(t *testing.T) {
	t.Parallel()
	w := setup(t)
	head := "name,email,rspo\n"
	for _, c := range []struct{ file, want string }{
		{head, "identity.import.empty"},
		{"a,b,c\n1,2,3\n", "identity.import.columns"},
		{"name,email\nJan Kos,a@example.org\n", "identity.import.columns"},
		{"PK\x03\x04\x00\x00", "identity.import.encoding"},
		{head + "\"Jan Kos,a@example.org,1003\n", "identity.import.quotes"},
		{head + strings.Repeat("Jan Kos,a@example.org,1003\n", identity.MaxImportRows+1), "identity.import.many"},
	} {
		i := w.hand(t, w.core, c.file)
		if i.State != identity.ImportFailed || i.Failure == nil || i.Failure.Key != c.want {
			t.Errorf("%s: %+v %v", c.want, i, i.Failure)
		}
	}
	_, err := w.s.BeginPeople(t.Context(), w.core, "", strings.NewReader(""))
	wantKey(t, "empty", err, "file identity.import.empty")
	_, err = w.s.BeginPeople(t.Context(), w.core, "", strings.NewReader(strings.Repeat(" ", identity.MaxImportBytes+1)))
	wantKey(t, "large", err, "file identity.import.large")
	if n := w.count(t, `SELECT count(*) FROM person_import_file`); n != 0 {
		t.Errorf("%d files kept", n)
	}
}

// A list of one territory reaches no school, account or list of another, and
// what is there cannot be told from what is not.
func TestImportStaysWithinReach(t *testing.T) {
	t.Parallel()
	w := setup(t)
	centre := w.admin(t, "wierzbowo@example.org", access.CentreAdmin, access.Centre, w.centre)
	far := w.admin(t, "dabrowa@example.org", access.CentreAdmin, access.Centre, w.far)
	// Somebody invited at the foreign school, and somebody who works there.
	there := w.hand(t, far, "name;email;rspo\nEwa Obca;obca@example.org;1005\n")
	if err := w.s.ConfirmPeople(t.Context(), far, there.ID, false); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.CreateActive(t.Context(), w.core, identity.NewPerson{Email: "czynna@example.org", Name: "Ewa Obca", Password: goodPassword, Institution: w.elsewhere}); err != nil {
		t.Fatal(err)
	}
	i := w.hand(t, centre, "name;email;rspo;school\n"+
		"Jan Kos;a@example.org;1003;\n"+ // own
		"Jan Kos;b@example.org;1005;\n"+ // foreign
		"Jan Kos;c@example.org;9999;\n"+ // none
		"Jan Kos;d@example.org;;Szkola Podstawowa nr 1\n"+ // the name of an own and of a foreign school
		"Jan Inny;obca@example.org;1003;\n"+ // an invitation there
		"Jan Inny;czynna@example.org;1003;\n"+ // an account there
		"Jan Kos;wierzbowo@example.org;1003;\n") // an account here
	w.wantCounts(t, "own", i, "ready new=4 changed=0 known=1 rejected=2 kept=0")
	if got, want := notesOf(w.rows(t, centre, &i, identity.RowRejected)), "3 rspo import.rspo_unknown, 4 rspo import.rspo_unknown"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for _, r := range w.rows(t, centre, &i, identity.RowNew) {
		if len(r.Notes)+len(r.Changes) != 0 {
			t.Errorf("a new row tells: %+v", r)
		}
	}
	if err := w.s.ConfirmPeople(t.Context(), centre, i.ID, true); err != nil {
		t.Fatal(err)
	}
	w.wantCounts(t, "written", w.list(t, centre, i.ID), "done new=4 changed=0 known=1 rejected=2 kept=0")
	if n := len(w.post.with("identity.mail.invitation")); n != 4 {
		t.Errorf("%d letters", n)
	}
	if n := w.count(t, `SELECT count(*) FROM person_invitation WHERE email = 'd@example.org' AND institution_id = $1`, w.school); n != 1 {
		t.Error("the own school of the name was not taken")
	}
	if n := w.count(t, `SELECT count(*) FROM person WHERE email = 'czynna@example.org' AND name = 'Ewa Obca' AND institution_id = $1`, w.elsewhere); n != 1 {
		t.Error("a foreign account was changed")
	}
	if n := w.count(t, `SELECT count(*) FROM person_invitation WHERE email = 'obca@example.org'`); n != 2 {
		t.Errorf("%d invitations of two centres", n)
	}
	// Nobody else's list.
	stranger := w.hand(t, far, "name;email;rspo\nEwa Obca;obca2@example.org;1005\n")
	for what, err := range map[string]error{
		"read":    errOf(w.s.PeopleImport(t.Context(), centre, stranger.ID)),
		"confirm": w.s.ConfirmPeople(t.Context(), centre, stranger.ID, true),
		"cancel":  w.s.CancelPeople(t.Context(), centre, stranger.ID),
		"undo":    w.s.UndoPeople(t.Context(), centre, there.ID),
		"mail":    w.s.MailPeople(t.Context(), centre, there.ID),
		"none":    w.s.ConfirmPeople(t.Context(), centre, uuid.New(), true),
		"guest":   w.s.CancelPeople(t.Context(), &access.Actor{Person: uuid.New()}, stranger.ID),
	} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	list, _, err := w.s.PeopleImports(t.Context(), centre, uuid.Nil)
	if err != nil || len(list) != 1 || list[0].ID != i.ID {
		t.Errorf("lists: %+v %v", list, err)
	}
	if _, _, err := w.s.PeopleImportRows(t.Context(), centre, &stranger, identity.RowNew, "", false); !fault.Is(err, fault.NotFound) {
		t.Errorf("rows of a foreign list: %v", err)
	}
}

func errOf[T any](_ T, err error) error { return err }

// A role taken away between the preview and the confirmation has its effect.
func TestImportAsksForTheRightsAgain(t *testing.T) {
	t.Parallel()
	w := setup(t)
	centre := w.admin(t, "wierzbowo@example.org", access.CentreAdmin, access.Centre, w.centre)
	i := w.hand(t, centre, goodList)
	w.exec(t, `DELETE FROM centre_territory WHERE centre_id = $1`, w.centre)
	if err := w.s.ConfirmPeople(t.Context(), centre, i.ID, false); err != nil && fault.As(err).Kind == fault.Internal {
		t.Fatal(err)
	}
	got := w.list(t, centre, i.ID)
	if got.State != identity.ImportFailed || got.Failure.Key != "identity.import.reach_changed" {
		t.Errorf("%+v %v", got, got.Failure)
	}
	if n := w.count(t, `SELECT count(*) FROM person_invitation`); n != 0 {
		t.Errorf("%d invitations", n)
	}
}

func TestImportIsCancelled(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i := w.hand(t, w.core, goodList+"Ewa;zły;1003;;\n")
	if err := w.s.CancelPeople(t.Context(), w.core, i.ID); err != nil {
		t.Fatal(err)
	}
	w.wantCounts(t, "cancelled", w.list(t, w.core, i.ID), "cancelled new=3 changed=0 known=0 rejected=1 kept=0")
	wantKey(t, "confirm", w.s.ConfirmPeople(t.Context(), w.core, i.ID, true), "identity.import.not_ready")
	if n := w.count(t, `SELECT count(*) FROM person_import_row WHERE outcome <> 'rejected'`); n != 0 {
		t.Errorf("%d rows kept", n)
	}
	// What nobody confirms goes away by itself.
	i = w.hand(t, w.core, goodList)
	w.domain.Advance(identity.KeepRows + time.Hour)
	if err := w.s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.list(t, w.core, i.ID); got.State != identity.ImportExpired {
		t.Errorf("%s", got.State)
	}
	w.domain.Advance(identity.KeepRows + time.Hour)
	if err := w.s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := w.count(t, `SELECT count(*) FROM person_import_row`); n != 0 {
		t.Errorf("%d rows after the sweep", n)
	}
}

// workbook is an XLSX file of the rows.
func workbook(t testing.TB, rows [][]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for n, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", n+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestImportOfAWorkbook(t *testing.T) {
	t.Parallel()
	w := setup(t)
	file := workbook(t, [][]any{
		{"Imię i nazwisko", "Adres e-mail", "Numer RSPO", "Stanowisko"},
		{"Zażółć Gęślą", "a@example.org", 1003, "=HYPERLINK(\"http://zly.example\")"},
		{},
		{"Jan Kos", "zły", 1003, ""},
	})
	i := w.hand(t, w.core, string(file))
	w.wantCounts(t, "workbook", i, "ready new=1 changed=0 known=0 rejected=1 kept=0")
	if got := notesOf(w.rows(t, w.core, &i, identity.RowRejected)); got != "4 email email_wrong" {
		t.Error(got)
	}
}

// thousands is a list of n people at the first school, and then some.
func thousands(n int) string {
	var b strings.Builder
	b.WriteString("Imię i nazwisko;E-mail;RSPO;Funkcja\n")
	for i := range n {
		fmt.Fprintf(&b, "Anna Nowak-Kowalska;osoba%d@szkola.example;%d;nauczycielka\n", i, 1003+i%2)
	}
	return b.String()
}

// BenchmarkImport5000 hands in a list of 5,000 people, confirms it with letters,
// hands it in again and takes it back; beside it the bare COPY of the same file.
func BenchmarkImport5000(b *testing.B) {
	file := thousands(5000)
	for b.Loop() {
		w := setup(b)
		w.s.Notify = silent{}
		timed := func(name string, f func()) time.Duration {
			start := time.Now()
			f()
			took := time.Since(start)
			b.ReportMetric(took.Seconds(), "s/"+name)
			return took
		}
		var i identity.PeopleImport
		whole := timed("preview", func() { i = w.hand(b, w.core, file) })
		whole += timed("confirm", func() {
			if err := w.s.ConfirmPeople(b.Context(), w.core, i.ID, true); err != nil {
				b.Fatal(err)
			}
		})
		timed("again", func() {
			w.wantCounts(b, "again", w.hand(b, w.core, file), "ready new=0 changed=0 known=5000 rejected=0 kept=0")
		})
		timed("undo", func() {
			if err := w.s.UndoPeople(b.Context(), w.core, i.ID); err != nil {
				b.Fatal(err)
			}
		})
		w.wantCounts(b, "undone", w.list(b, w.core, i.ID), "undone new=5000 changed=0 known=0 rejected=0 kept=0")
		bare := timed("copy", func() { bareCopy(b, w, file) })
		b.ReportMetric(whole.Seconds()/bare.Seconds(), "x-of-copy")
		if whole > 20*time.Second {
			b.Errorf("5,000 people took %v", whole)
		}
	}
}

// silent is a post that costs nothing: what a letter costs is notify's to measure.
type silent struct{}

func (silent) Send(context.Context, *db.Tx, notify.Message) error { return nil }

func bareCopy(b *testing.B, w *world, file string) {
	b.Helper()
	tx, err := w.d.SQL().BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(b.Context(), "CREATE TABLE bare (a text, b text, c text, d text)"); err != nil {
		b.Fatal(err)
	}
	st, err := tx.PrepareContext(b.Context(), "COPY bare (a, b, c, d) FROM STDIN")
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(file) {
		c := strings.Split(strings.TrimSpace(line), ";")
		if _, err := st.ExecContext(b.Context(), c[0], c[1], c[2], c[3]); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := st.ExecContext(b.Context()); err != nil {
		b.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

// A server that dies while it writes leaves nothing; the next one does all of
// it, and two at once do it once.
func TestImportSurvivesARestart(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c, err := job.New(job.Config{DB: w.d, Access: w.auth, Audit: audit.New(make([]byte, 32), w.domain)})
	if err != nil {
		t.Fatal(err)
	}
	w.s.Jobs = c // not started: the server that took the file went down
	job.Add(c, job.Options{Title: "identity.job.import"}, func(context.Context, *job.Job[identity.PeopleImportArgs]) error { return nil })
	i := w.hand(t, w.core, thousands(2500))
	if i.State != identity.ImportReading {
		t.Fatal(i.State)
	}
	if err := w.s.StepForTest(t.Context(), i.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.s.ConfirmPeople(t.Context(), w.core, i.ID, false); err != nil {
		t.Fatal(err)
	}
	dying, die := context.WithCancel(t.Context())
	if err := w.s.WriteForTest(dying, i.ID, func(int, int) { die() }); err == nil {
		t.Error("a server that dies wrote to the end")
	}
	if n := w.count(t, `SELECT count(*) FROM person_invitation`); n != 0 {
		t.Fatalf("%d invitations of a list that was not written", n)
	}
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			if err := w.s.StepForTest(t.Context(), i.ID); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	w.wantCounts(t, "after the restart", w.list(t, w.core, i.ID), "done new=2500 changed=0 known=0 rejected=0 kept=0")
	if n := w.count(t, `SELECT count(*) FROM person_invitation`); n != 2500 {
		t.Errorf("%d invitations", n)
	}
	if n := w.count(t, `SELECT count(*) FROM audit_event WHERE action = 'person:invite'`); n != 2500 {
		t.Errorf("%d accounts of changes", n)
	}
}
