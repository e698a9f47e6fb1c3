package notify_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/policies"
)

// people is the port that identity implements.
type people map[uuid.UUID]notify.Receiver

func (p people) MailReceiver(_ context.Context, id uuid.UUID) (notify.Receiver, bool, error) {
	r, ok := p[id]
	return r, ok, nil
}

type fixture struct {
	db      *db.DB
	jobs    *job.Client
	people  people
	service *notify.Service
}

func setup(t *testing.T, s notify.Sender) *fixture {
	t.Helper()
	d := dbtest.New(t)
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	jobs, err := job.New(job.Config{DB: d, Access: auth, Poll: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{db: d, jobs: jobs, people: people{}}
	f.service = notify.New(notify.Config{DB: d, Access: auth, Clock: clock.NewFixed(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)),
		Jobs: jobs, People: f.people, Sender: s, BaseURL: "https://sieci.example", From: "sieci@sieci.example",
		MailPause: func(int) time.Duration { return 0 }})
	return f
}

func (f *fixture) person(t *testing.T, email string, l i18n.Lang) uuid.UUID {
	t.Helper()
	id := uuid.Must(uuid.NewV7())
	if _, err := f.db.Exec(t.Context(), "INSERT INTO person (id, email, name, sort_name) VALUES ($1, $2, 'Ewa Żak', 'Żak')", id, email); err != nil {
		t.Fatal(err)
	}
	f.people[id] = notify.Receiver{Address: email, Lang: l}
	return id
}

func (f *fixture) send(t *testing.T, m notify.Message) error {
	t.Helper()
	return f.db.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return f.service.Send(ctx, tx, m) })
}

func (f *fixture) start(t *testing.T) {
	t.Helper()
	if err := f.jobs.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.jobs.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// stop waits until every running job has written its outcome.
func (f *fixture) stop(t *testing.T) {
	t.Helper()
	if err := f.jobs.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

var wording = map[i18n.Lang]notify.Wording{
	i18n.Polish:  {Title: "Zażółć <gęślą> jaźń", Text: "Pierwszy akapit.\n\nDrugi & ostatni."},
	i18n.English: {Title: "Yellow", Text: "First paragraph."},
}

// postbox is a mail server in this process.
type postbox struct {
	mu      sync.Mutex
	answers []error // to the next letters; then all are taken
	to      string
	got     chan letter
}

type letter struct {
	to   string
	msg  *mail.Message
	body string
}

func (p *postbox) NewSession(*smtp.Conn) (smtp.Session, error) { return p, nil }
func (p *postbox) Reset()                                      {}
func (p *postbox) Logout() error                               { return nil }
func (p *postbox) Mail(string, *smtp.MailOptions) error        { return nil }
func (p *postbox) Rcpt(to string, _ *smtp.RcptOptions) error {
	p.to = to
	return nil
}

func (p *postbox) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	b, err := io.ReadAll(m.Body)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.answers) > 0 {
		err := p.answers[0]
		p.answers = p.answers[1:]
		return err
	}
	p.got <- letter{p.to, m, string(b)}
	return nil
}

func serve(t *testing.T, answers ...error) (*postbox, notify.Sender) {
	t.Helper()
	p := &postbox{answers: answers, got: make(chan letter, 10)}
	s := smtp.NewServer(p)
	s.Domain = "localhost"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		_ = s.Close()
		if err := <-served; err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			t.Error(err)
		}
	})
	sender, err := notify.SMTP("smtp://" + l.Addr().String() + "?tls=none")
	if err != nil {
		t.Fatal(err)
	}
	return p, sender
}

func (p *postbox) wait(t *testing.T) letter {
	t.Helper()
	select {
	case l := <-p.got:
		return l
	case <-time.After(20 * time.Second):
		t.Fatal("no letter in 20 s")
		panic("unreachable")
	}
}

// A letter that the server puts off twice arrives once, under one Message-ID,
// and afterwards the outbox holds neither its link nor its text.
func TestLetterAfterTemporaryRefusals(t *testing.T) {
	t.Parallel()
	later := &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted"}
	box, sender := serve(t, later, later)
	f := setup(t, sender)
	ewa := f.person(t, "ewa@szkola.example", i18n.Polish)
	if err := f.send(t, notify.Message{To: []uuid.UUID{ewa}, Wording: wording, Link: "/haslo/tajny-odnosnik", MailOnly: true}); err != nil {
		t.Fatal(err)
	}
	f.start(t)
	l := box.wait(t)
	f.stop(t)
	if len(box.got) != 0 {
		t.Fatal("the letter came twice")
	}
	if l.to != "ewa@szkola.example" || l.msg.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Fatalf("to %q, header %v", l.to, l.msg.Header)
	}
	if !strings.HasSuffix(l.msg.Header.Get("Message-ID"), "@sieci.example>") {
		t.Fatalf("Message-ID %q", l.msg.Header.Get("Message-ID"))
	}
	var row struct {
		State, Args, Link string
		Wording           *string
	}
	if err := f.db.Get(t.Context(), &row, "SELECT state, CAST(args AS text) AS args, link, CAST(wording AS text) AS wording FROM mail_outbox"); err != nil {
		t.Fatal(err)
	}
	if row.State != "sent" || row.Args != "{}" || row.Link != "" || row.Wording != nil {
		t.Fatalf("outbox %+v", row)
	}
}

func TestLetterRefusedForGood(t *testing.T) {
	t.Parallel()
	box, sender := serve(t, &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"})
	f := setup(t, sender)
	ewa, jan := f.person(t, "ewa@szkola.example", i18n.Polish), f.person(t, "jan@szkola.example", i18n.Polish)
	if err := f.send(t, notify.Message{To: []uuid.UUID{ewa}, Wording: wording, MailOnly: true}); err != nil {
		t.Fatal(err)
	}
	f.start(t)
	// A second letter shows that the first was not simply still waiting.
	waitState(t, f, "refused")
	if err := f.send(t, notify.Message{To: []uuid.UUID{jan}, Wording: wording, MailOnly: true}); err != nil {
		t.Fatal(err)
	}
	if l := box.wait(t); l.to != "jan@szkola.example" {
		t.Fatalf("letter to %q", l.to)
	}
	var code int
	if err := f.db.Get(t.Context(), &code, "SELECT code FROM mail_outbox WHERE state = 'refused'"); err != nil || code != 550 {
		t.Fatalf("code %d, %v", code, err)
	}
}

// waitState follows the outbox until a letter is in the state.
func waitState(t *testing.T, f *fixture, state string) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); <-tick.C {
		var n int
		if err := f.db.Get(t.Context(), &n, "SELECT count(*) FROM mail_outbox WHERE state = $1", state); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			return
		}
	}
	t.Fatalf("no letter became %s in 20 s", state)
}

func TestErasedPersonGetsNoLetter(t *testing.T) {
	t.Parallel()
	box, sender := serve(t)
	f := setup(t, sender)
	ewa := f.person(t, "ewa@szkola.example", i18n.Polish)
	if err := f.send(t, notify.Message{To: []uuid.UUID{ewa}, Wording: wording, Mail: true}); err != nil {
		t.Fatal(err)
	}
	delete(f.people, ewa)
	f.start(t)
	waitState(t, f, "dropped")
	if len(box.got) != 0 {
		t.Fatal("a letter went out")
	}
}

// What was rolled back is told to nobody; a message told once is not told again.
func TestSendBelongsToTheTransaction(t *testing.T) {
	t.Parallel()
	f := setup(t, nil)
	ewa := f.person(t, "ewa@szkola.example", i18n.Polish)
	m := notify.Message{To: []uuid.UUID{ewa}, Wording: wording, Mail: true, Once: "offer:1"}
	undone := errors.New("undone")
	err := f.db.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return errors.Join(f.service.Send(ctx, tx, m), undone)
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	count := func() (n int) {
		err := f.db.Get(t.Context(), &n, `SELECT (SELECT count(*) FROM notification) + (SELECT count(*) FROM mail_outbox)
			+ (SELECT count(*) FROM river_job WHERE kind = 'notify.mail')`)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n != 0 {
		t.Fatalf("%d rows after a rollback", n)
	}
	for range 2 {
		if err := f.send(t, m); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(); n != 3 {
		t.Fatalf("%d rows, want a notification, a letter and a job", n)
	}
}

func TestListInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	f := setup(t, nil)
	ewa, jan := f.person(t, "ewa@szkola.example", i18n.Polish), f.person(t, "jan@szkola.example", i18n.English)
	for range 3 {
		if err := f.send(t, notify.Message{To: []uuid.UUID{ewa, jan}, Wording: wording, Link: "/sieci/1"}); err != nil {
			t.Fatal(err)
		}
	}
	actor := &access.Actor{Person: ewa}
	ctx := i18n.With(t.Context(), i18n.English)
	first, err := f.service.List(ctx, actor, "", 2)
	if err != nil || len(first.Items) != 2 || first.Next == "" {
		t.Fatalf("first page %+v, %v", first, err)
	}
	if it := first.Items[0]; it.Title != "Yellow" || it.Link != "/sieci/1" || it.Action == "" || it.Read {
		t.Fatalf("item %+v", it)
	}
	last, err := f.service.List(t.Context(), actor, first.Next, 2)
	if err != nil || len(last.Items) != 1 || last.Next != "" || last.Items[0].Title != "Zażółć <gęślą> jaźń" {
		t.Fatalf("last page %+v, %v", last, err)
	}
	if err := f.service.MarkRead(t.Context(), actor, []uuid.UUID{last.Items[0].ID}); err != nil {
		t.Fatal(err)
	}
	unread := func(p uuid.UUID) int {
		part, ok := f.service.AskUnread(&access.Actor{Person: p})
		if !ok {
			t.Fatal("nothing to ask for")
		}
		found, err := gather.All(t.Context(), f.db, gather.Query{Person: p}, part)
		if err != nil {
			t.Fatal(err)
		}
		n, err := f.service.ReadUnread(found)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := unread(ewa); n != 2 {
		t.Fatalf("%d unread after one mark", n)
	}
	if err := f.service.MarkAllRead(t.Context(), actor, first.Items[0].ID); err != nil {
		t.Fatal(err)
	}
	if a, b := unread(ewa), unread(jan); a != 0 || b != 3 {
		t.Fatalf("unread %d and %d: one person's mark is not another's", a, b)
	}
	if _, err := f.service.List(t.Context(), &access.Actor{}, "", 0); !fault.Is(err, fault.Unauthenticated) {
		t.Fatalf("a guest got %v", err)
	}
}

// Without a mail server letters lie in a folder: to people without an account
// too, readable by the development page, escaped in their HTML part.
func TestFolder(t *testing.T) {
	t.Parallel()
	folder, err := notify.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f := setup(t, folder)
	err = f.send(t, notify.Message{Addresses: []notify.Address{{Mail: "nowa@szkola.example", Lang: i18n.Polish}}, Wording: wording, Link: "/zaproszenie/abc"})
	if err != nil {
		t.Fatal(err)
	}
	f.start(t)
	waitState(t, f, "sent")
	list, err := folder.Letters(10)
	if err != nil || len(list) != 1 {
		t.Fatalf("letters %v, %v", list, err)
	}
	l, err := folder.Letter(list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if l.To != "nowa@szkola.example" || l.Subject != "Zażółć <gęślą> jaźń" ||
		!strings.Contains(l.Text, "Drugi & ostatni.") || !strings.Contains(l.Text, "https://sieci.example/zaproszenie/abc") {
		t.Fatalf("letter %+v", l)
	}
	raw, err := os.ReadFile(filepath.Join(folder.Dir(), l.ID.String()+".eml"))
	if err != nil {
		t.Fatal(err)
	}
	_, html, _ := strings.Cut(string(raw), "text/html")
	if !strings.Contains(html, "&lt;g") || strings.Contains(html, "<g") || strings.Contains(html, "<img") {
		t.Fatalf("HTML part: %s", html)
	}
	if _, err := folder.Letter(uuid.New()); !fault.Is(err, fault.NotFound) {
		t.Fatalf("missing letter: %v", err)
	}
}

func TestWrongMessages(t *testing.T) {
	t.Parallel()
	f := setup(t, nil)
	for name, m := range map[string]notify.Message{
		"foreign link": {Wording: wording, Link: "//evil.example"},
		"no text":      {},
		"unknown key":  {Key: "no.such"},
		"both":         {Key: "notify.open", Wording: wording},
	} {
		if err := f.send(t, m); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestSMTPAddresses(t *testing.T) {
	t.Parallel()
	for raw, ok := range map[string]bool{
		"smtp://mail.example": true, "smtps://u:p@mail.example:465": true, "smtp://localhost:25?tls=none": true,
		"mail.example:25": false, "http://mail.example": false, "smtp://": false, "smtp://h?tls=maybe": false,
	} {
		if _, err := notify.SMTP(raw); (err == nil) != ok {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

// A server without TLS gets no letter when the address does not say tls=none.
func TestNoLetterWithoutTLS(t *testing.T) {
	t.Parallel()
	box, _ := serve(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := smtp.NewServer(box)
	s.Domain = "localhost"
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	sender, err := notify.SMTP("smtp://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	f := setup(t, sender)
	ewa := f.person(t, "ewa@szkola.example", i18n.Polish)
	if err := f.send(t, notify.Message{To: []uuid.UUID{ewa}, Wording: wording, MailOnly: true}); err != nil {
		t.Fatal(err)
	}
	f.start(t)
	waitState(t, f, "given_up")
	if len(box.got) != 0 {
		t.Fatal("a letter went out in the clear")
	}
}
