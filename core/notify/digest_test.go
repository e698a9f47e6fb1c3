package notify_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	gomail "github.com/wneessen/go-mail"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/policies"
)

// sentBox keeps what would go out.
type sentBox struct {
	mu   sync.Mutex
	sent []*gomail.Msg
	more chan struct{}
}

func (b *sentBox) Send(_ context.Context, m *gomail.Msg) error {
	b.mu.Lock()
	b.sent = append(b.sent, m)
	b.mu.Unlock()
	b.more <- struct{}{}
	return nil
}

// networks is the port that core/network implements.
type networks map[uuid.UUID]string

func (n networks) Titles(_ context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	out := map[uuid.UUID]string{}
	for _, id := range ids {
		if t, ok := n[id]; ok {
			out[id] = t
		}
	}
	return out, nil
}

func (n networks) Of(context.Context, *access.Actor) ([]notify.NamedNetwork, error) {
	var out []notify.NamedNetwork
	for id, t := range n {
		out = append(out, notify.NamedNetwork{ID: id, Title: t})
	}
	slices.SortFunc(out, func(a, b notify.NamedNetwork) int { return strings.Compare(a.Title, b.Title) })
	return out, nil
}

type digestFixture struct {
	fixture
	clock    *clock.Fixed
	box      *sentBox
	networks networks
}

// digests are set at noon of Tuesday 24 November 2026; in January the schools
// of Wielkopolska (30) have their winter break all month.
func digests(t *testing.T) *digestFixture {
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
	f := &digestFixture{clock: clock.NewFixed(at(t, "2026-11-24 12:00")), box: &sentBox{more: make(chan struct{}, 100)}, networks: networks{}}
	f.fixture = fixture{db: d, jobs: jobs, people: people{}}
	f.service = notify.New(notify.Config{DB: d, Access: auth, Clock: f.clock, Jobs: jobs, People: f.people, Sender: f.box,
		Audit: audit.New(make([]byte, 32), f.clock), Networks: f.networks, Secret: []byte("sixteen bytes or more"),
		FreeDay: func(day time.Time) (bool, []string) {
			weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
			if day.Month() == time.January {
				return weekend, []string{"30"}
			}
			return weekend, nil
		}, BaseURL: "https://sieci.example"})
	f.start(t)
	return f
}

func at(t *testing.T, local string) time.Time {
	t.Helper()
	x, err := time.ParseInLocation("2006-01-02 15:04", local, clock.Warsaw)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func (f *digestFixture) network(t *testing.T, title string) uuid.UUID {
	t.Helper()
	id, centre := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	if _, err := f.db.Exec(t.Context(), `INSERT INTO institution (id, kind, name, name_folded, complex_id) VALUES ($1, 'centre', 'C', 'c', $1)`, centre); err != nil {
		t.Fatal(err)
	}
	if _, err := f.db.Exec(t.Context(), `INSERT INTO network (id, module, type, centre_id, title, title_folded, school_year, created_at)
		VALUES ($1, 'm', 't', $2, $3, 'x', 2026, now())`, id, centre, title); err != nil {
		t.Fatal(err)
	}
	f.networks[id] = title
	return id
}

// run asks for the digests at a local time and returns how many people got one.
func (f *digestFixture) run(t *testing.T, local string) int {
	t.Helper()
	f.clock.Set(at(t, local))
	n, err := f.service.Digest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// letter is the next that goes out, as sent.
func (f *digestFixture) letter(t *testing.T) (*gomail.Msg, string) {
	t.Helper()
	select {
	case <-f.box.more:
	case <-time.After(20 * time.Second):
		t.Fatal("no letter in 20 s")
	}
	f.box.mu.Lock()
	defer f.box.mu.Unlock()
	m := f.box.sent[len(f.box.sent)-1]
	b, err := m.GetParts()[0].GetContent()
	if err != nil {
		t.Fatal(err)
	}
	return m, string(b)
}

func tell(to uuid.UUID, network uuid.UUID, title string) notify.Message {
	return notify.Message{To: []uuid.UUID{to}, Network: network, Link: "/x",
		Wording: map[i18n.Lang]notify.Wording{i18n.Polish: {Title: title, Text: "Treść " + title + ".\n\nReszta."}}}
}

// What has no letter of its own comes the next working day at seven, once, by
// network, without what the person has read; a letter of its own is not told again.
func TestDigest(t *testing.T) {
	t.Parallel()
	f := digests(t)
	ewa := f.person(t, "ewa@szkola.example", i18n.Polish)
	one, two := f.network(t, "Ocenianie"), f.network(t, "Zawody")
	for _, m := range []notify.Message{tell(ewa, two, "B"), tell(ewa, one, "A"), tell(ewa, uuid.Nil, "C")} {
		if err := f.send(t, m); err != nil {
			t.Fatal(err)
		}
	}
	own := tell(ewa, one, "Pilne")
	own.Mail = true
	if err := f.send(t, own); err != nil {
		t.Fatal(err)
	}
	if m, _ := f.letter(t); len(m.GetGenHeader("List-Unsubscribe")) != 0 {
		t.Error("a letter that must go out offers to be stopped")
	}
	for _, when := range []string{"2026-11-24 12:05", "2026-11-25 06:59"} {
		if n := f.run(t, when); n != 0 {
			t.Fatalf("%s: %d digests", when, n)
		}
	}
	if n := f.run(t, "2026-11-25 07:00"); n != 1 {
		t.Fatalf("%d digests at seven", n)
	}
	m, text := f.letter(t)
	if n := f.run(t, "2026-11-25 07:01"); n != 0 {
		t.Errorf("%d more digests a minute later", n)
	}
	for _, want := range []string{"OCENIANIE", "* A\n  Treść A.\n  https://sieci.example/x", "ZAWODY", "SPRAWY OGÓLNE"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "Pilne") || strings.Contains(text, "Reszta") {
		t.Errorf("too much in\n%s", text)
	}
	if s := m.GetGenHeader("Subject"); len(s) != 1 || !strings.Contains(s[0], "3") {
		t.Errorf("subject %q", s)
	}
	if h := m.GetGenHeader("List-Unsubscribe-Post"); len(h) != 1 || h[0] != "List-Unsubscribe=One-Click" {
		t.Errorf("one-click header %q", h)
	}
	// Read on the platform: nothing left to write.
	if err := f.send(t, tell(ewa, one, "D")); err != nil {
		t.Fatal(err)
	}
	if err := f.service.MarkAllRead(t.Context(), &access.Actor{Person: ewa}, uuid.Max); err != nil {
		t.Fatal(err)
	}
	if n := f.run(t, "2026-11-26 07:30"); n != 0 {
		t.Errorf("%d digests of what was read", n)
	}
}

// Quiet hours, free days, the weekly rhythm and the choice for one network.
func TestDigestChoices(t *testing.T) {
	t.Parallel()
	f := digests(t)
	network := f.network(t, "Ocenianie")
	save := func(email string, change func(*notify.Settings)) uuid.UUID {
		id := f.person(t, email, i18n.Polish)
		a := &access.Actor{Person: id}
		in, err := f.service.Settings(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		change(&in)
		if err := f.service.SaveSettings(t.Context(), a, in); err != nil {
			t.Fatal(err)
		}
		return id
	}
	late := save("late@szkola.example", func(s *notify.Settings) { s.QuietTo = 9 })
	weekly := save("weekly@szkola.example", func(s *notify.Settings) { s.Digest = notify.Weekly })
	never := save("never@szkola.example", func(s *notify.Settings) { s.Digest = notify.Never })
	resting := save("resting@szkola.example", func(s *notify.Settings) { s.Region = "30" })
	always := save("always@szkola.example", func(s *notify.Settings) { s.FreeDays = false })
	muted := save("muted@szkola.example", func(s *notify.Settings) { s.Networks[0].Frequency = notify.Muted })
	eager := save("eager@szkola.example", func(s *notify.Settings) { s.Networks[0].Frequency = notify.Immediate })
	everybody := []uuid.UUID{late, weekly, never, resting, always, muted, eager}
	told := func(title string) {
		m := tell(uuid.Nil, network, title)
		m.To = everybody
		if err := f.send(t, m); err != nil {
			t.Fatal(err)
		}
	}
	due := func(when string, want ...uuid.UUID) {
		t.Helper()
		if n := f.run(t, when); n != len(want) {
			t.Errorf("%s: %d digests, want %d", when, n, len(want))
		}
		for range want {
			f.letter(t)
		}
	}
	told("wtorek") // noon of a Tuesday
	if m, text := f.letter(t); !strings.Contains(text, "Treść wtorek") || m.GetToString()[0] != "<eager@szkola.example>" {
		t.Errorf("at once to %v: %s", m.GetToString(), text)
	}
	due("2026-11-25 07:10", resting, always) // Wednesday; late is quiet till nine
	due("2026-11-25 09:00", late)
	f.clock.Set(at(t, "2026-11-27 21:00")) // Friday evening
	told("piątek")
	due("2026-11-28 08:00", always)                 // Saturday
	due("2026-11-30 08:59", resting, weekly, eager) // Monday; in quiet time nothing goes at once
	due("2026-11-30 20:00")                         // late is quiet again
	due("2026-12-01 09:30", late)                   // Tuesday
	f.clock.Set(at(t, "2026-12-31 12:00"))
	told("ferie")
	f.letter(t)                                   // eager, at once
	due("2027-01-04 09:00", late, weekly, always) // a Monday of the winter break
	due("2027-02-01 09:00", resting)
}

// Who chose nothing rests in the winter break of their school's voivodeship, and
// whoever chose none does not.
func TestDigestRestsWithTheSchool(t *testing.T) {
	t.Parallel()
	f := digests(t)
	school := uuid.Must(uuid.NewV7())
	if _, err := f.db.Exec(t.Context(), `INSERT INTO teryt_unit (code, kind, name, name_folded, as_of) VALUES ('3013', 'powiat', 'leszczyński', 'leszczynski', '2026-01-01')`); err != nil {
		t.Fatal(err)
	}
	if _, err := f.db.Exec(t.Context(), `INSERT INTO institution (id, kind, name, name_folded, complex_id, powiat_code) VALUES ($1, 'school', 'S', 's', $1, '3013')`, school); err != nil {
		t.Fatal(err)
	}
	rests, writes := f.person(t, "rests@szkola.example", i18n.Polish), f.person(t, "writes@szkola.example", i18n.Polish)
	if _, err := f.db.Exec(t.Context(), `UPDATE person SET institution_id = $1`, school); err != nil {
		t.Fatal(err)
	}
	in, err := f.service.Settings(t.Context(), &access.Actor{Person: writes})
	if err != nil || in.Region != "30" {
		t.Fatalf("before any choice: %+v, %v", in, err)
	}
	in.Region = ""
	if err := f.service.SaveSettings(t.Context(), &access.Actor{Person: writes}, in); err != nil {
		t.Fatal(err)
	}
	f.clock.Set(at(t, "2027-01-04 12:00"))
	m := tell(uuid.Nil, uuid.Nil, "ferie")
	m.To = []uuid.UUID{rests, writes}
	if err := f.send(t, m); err != nil {
		t.Fatal(err)
	}
	if n := f.run(t, "2027-01-05 07:00"); n != 1 {
		t.Errorf("%d digests in the break", n)
	}
	if m, _ := f.letter(t); m.GetToString()[0] != "<writes@szkola.example>" {
		t.Errorf("to %v", m.GetToString())
	}
	if n := f.run(t, "2027-02-01 07:00"); n != 1 {
		t.Errorf("%d digests after the break", n)
	}
	// Stopping the digest chooses no other voivodeship.
	m1, _ := f.letter(t)
	token := strings.TrimSuffix(strings.TrimPrefix(m1.GetGenHeader("List-Unsubscribe")[0], "<https://sieci.example"+notify.StopPath), ">")
	if _, err := f.service.Stop(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if in, err := f.service.Settings(t.Context(), &access.Actor{Person: rests}); err != nil || in.Digest != notify.Never || in.Region != "30" {
		t.Errorf("after stopping: %+v, %v", in, err)
	}
}

// The link of a digest stops the digest, that of a network its letters; both
// without signing in, any number of times; a link that was not signed is unknown.
func TestStopLinks(t *testing.T) {
	t.Parallel()
	f := digests(t)
	network := f.network(t, "Ocenianie")
	ewa := f.person(t, "ewa@szkola.example", i18n.Polish)
	a := &access.Actor{Person: ewa}
	in, err := f.service.Settings(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	in.Networks[0].Frequency = notify.Immediate
	if err := f.service.SaveSettings(t.Context(), a, in); err != nil {
		t.Fatal(err)
	}
	if err := f.service.SaveSettings(t.Context(), a, in); !fault.Is(err, fault.Conflict) {
		t.Errorf("saved on top of a newer version: %v", err)
	}
	token := func() string {
		m, _ := f.letter(t)
		h := m.GetGenHeader("List-Unsubscribe")
		if len(h) != 1 {
			t.Fatalf("header %q", h)
		}
		return strings.TrimSuffix(strings.TrimPrefix(h[0], "<https://sieci.example"+notify.StopPath), ">")
	}
	if err := f.send(t, tell(ewa, network, "od razu")); err != nil {
		t.Fatal(err)
	}
	if err := f.send(t, tell(ewa, uuid.Nil, "ogólne")); err != nil {
		t.Fatal(err)
	}
	stopNetwork := token()
	if n := f.run(t, "2026-11-25 07:00"); n != 1 {
		t.Fatalf("%d digests", n)
	}
	stopDigest := token()
	for _, s := range []string{stopNetwork, stopNetwork, stopDigest, stopDigest} {
		if _, err := f.service.Stop(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	in, err = f.service.Settings(t.Context(), a)
	if err != nil || in.Digest != notify.Never || in.Networks[0].Frequency != notify.Muted {
		t.Errorf("%+v %v", in, err)
	}
	for i := range len(stopDigest) {
		forged := []byte(stopDigest)
		forged[i] ^= 1
		if _, err := f.service.Stop(t.Context(), string(forged)); i < len(forged)-1 && !fault.Is(err, fault.NotFound) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
	}
	for _, wrong := range []notify.Settings{{Digest: "often"}, {Digest: notify.Daily, QuietFrom: 3}, {Digest: notify.Daily, QuietFrom: 20, QuietTo: 7, Region: "xx"}} {
		if err := f.service.SaveSettings(t.Context(), a, wrong); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}

// Everybody gets one letter, however many servers look at once.
func TestDigestOfManyOnce(t *testing.T) {
	t.Parallel()
	f := digests(t)
	f.stop(t)
	const n = 1203 // three pages
	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = f.person(t, fmt.Sprintf("p%d@szkola.example", i), i18n.Polish)
	}
	m := tell(uuid.Nil, uuid.Nil, "A")
	m.To = ids
	if err := f.send(t, m); err != nil {
		t.Fatal(err)
	}
	f.clock.Set(at(t, "2026-11-25 07:00"))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := f.service.Digest(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var letters, people, waiting int
	for sql, dest := range map[string]*int{
		`SELECT count(*) FROM mail_outbox WHERE key = 'notify.digest'`:                  &letters,
		`SELECT count(DISTINCT person_id) FROM mail_outbox WHERE key = 'notify.digest'`: &people,
		`SELECT count(*) FROM notification WHERE mailing = 'waiting'`:                   &waiting,
	} {
		if err := f.db.Get(t.Context(), dest, sql); err != nil {
			t.Fatal(err)
		}
	}
	if letters != n || people != n || waiting != 0 {
		t.Errorf("%d letters to %d people, %d still waiting", letters, people, waiting)
	}
}
