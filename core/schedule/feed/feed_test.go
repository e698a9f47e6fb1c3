package feed_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/feed"
	"ore.edu.pl/sieci/policies"
)

// diary is what a person's meetings are, and what was asked of it.
type diary struct {
	events   []schedule.FeedEvent
	person   uuid.UUID
	from, to time.Time
}

func (d *diary) FeedEvents(_ context.Context, person uuid.UUID, from, to time.Time) ([]schedule.FeedEvent, error) {
	d.person, d.from, d.to = person, from, to
	return d.events, nil
}

func (d *diary) Get(_ context.Context, _ *access.Actor, id uuid.UUID) (*schedule.Detail, error) {
	for _, e := range d.events {
		if e.UID == id.String()+"@sieci" {
			return &schedule.Detail{Meeting: schedule.Meeting{ID: id, Starts: e.Starts, Ends: e.Ends}}, nil
		}
	}
	return nil, fault.ErrNotFound
}

func (d *diary) add(e schedule.FeedEvent) uuid.UUID {
	id := uuid.New()
	e.UID, e.Path = id.String()+"@sieci", "/spotkania/"+id.String()
	d.events = append(d.events, e)
	return id
}

type world struct {
	s     *feed.Service
	db    *db.DB
	diary *diary
	clock *clock.Fixed
	anna  *access.Actor
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{db: dbtest.New(t), diary: &diary{}, clock: clock.NewFixed(time.Date(2028, 2, 29, 9, 0, 0, 0, time.UTC)), anna: &access.Actor{Person: uuid.New()}}
	a, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	w.exec(t, `INSERT INTO person (id, email, name, sort_name, state) VALUES ($1, 'anna@example.org', 'Anna', 'A', 'active')`, w.anna.Person)
	w.s = feed.New(feed.Config{DB: w.db, Access: a, Audit: audit.New(make([]byte, 32), w.clock), Clock: w.clock, Meetings: w.diary, BaseURL: "https://sieci.example"})
	return w
}

func (w *world) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if _, err := w.db.SQL().ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

func (w *world) renew(t *testing.T) (token string) {
	t.Helper()
	address, err := w.s.Renew(t.Context(), w.anna)
	if err != nil {
		t.Fatal(err)
	}
	token, ok := strings.CutPrefix(address, "https://sieci.example/kal/")
	if !ok || !strings.HasSuffix(token, ".ics") {
		t.Fatalf("address %q", address)
	}
	return strings.TrimSuffix(token, ".ics")
}

func TestLifeOfAnAddress(t *testing.T) {
	t.Parallel()
	w := setup(t)
	at := w.clock.Now()
	w.diary.add(schedule.FeedEvent{Title: "Spotkanie", Starts: at, Ends: at.Add(time.Hour), UpdatedAt: at})
	first := w.renew(t)
	if len(first) < 26 {
		t.Errorf("a secret of %d characters", len(first))
	}
	d, err := w.s.Read(t.Context(), first)
	if err != nil || !strings.Contains(string(d.Body), "SUMMARY:Spotkanie") || w.diary.person != w.anna.Person {
		t.Fatalf("%s, %v", d.Body, err)
	}
	// A year back and two ahead of a leap day are days that exist.
	if got := w.diary.from.Format(time.DateOnly) + " " + w.diary.to.Format(time.DateOnly); got != "2027-03-01 2030-03-01" {
		t.Errorf("asked for %s", got)
	}
	again, err := w.s.Read(t.Context(), first)
	if err != nil || again.Tag != d.Tag {
		t.Errorf("equal meetings have tags %s and %s", d.Tag, again.Tag)
	}
	w.diary.events[0].Sequence++
	if changed, err := w.s.Read(t.Context(), first); err != nil || changed.Tag == d.Tag {
		t.Errorf("a changed meeting keeps the tag, %v", err)
	}
	second := w.renew(t)
	if _, err := w.s.Read(t.Context(), first); !fault.Is(err, fault.NotFound) {
		t.Errorf("the old address: %v", err)
	}
	if _, err := w.s.Read(t.Context(), second); err != nil {
		t.Errorf("the new address: %v", err)
	}
	if s, err := w.s.State(t.Context(), w.anna); err != nil || !s.Active || !s.Since.Equal(at) {
		t.Errorf("%+v, %v", s, err)
	}
	if err := w.s.Revoke(t.Context(), w.anna); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Read(t.Context(), second); !fault.Is(err, fault.NotFound) {
		t.Errorf("the revoked address: %v", err)
	}
	if s, err := w.s.State(t.Context(), w.anna); err != nil || s.Active {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestBlockedAccountsHaveNoFeed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	token := w.renew(t)
	w.exec(t, `UPDATE person SET state = 'blocked'`)
	if _, err := w.s.Read(t.Context(), token); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
}

func TestSecretIsNotKept(t *testing.T) {
	t.Parallel()
	w := setup(t)
	token := w.renew(t)
	var n int
	if err := w.db.Get(t.Context(), &n, `SELECT count(*) FROM calendar_feed WHERE position(convert_to($1, 'UTF8') IN token_hash) > 0`, token); err != nil || n != 0 {
		t.Errorf("%d rows hold the secret, %v", n, err)
	}
	if err := w.db.Get(t.Context(), &n, `SELECT count(*) FROM idempotency_key WHERE result::text LIKE '%' || $1 || '%'`, token); err != nil || n != 0 {
		t.Errorf("%d results hold the secret, %v", n, err)
	}
	for _, wrong := range []string{"", "x", strings.Repeat("A", 26), strings.Repeat("A", 5000), "' OR 1=1 --aaaaaaaaaaaaaa"} {
		if _, err := w.s.Read(t.Context(), wrong); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func TestFormSentTwiceMakesOneAddress(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := idem.With(t.Context(), "klucz-formularza")
	address, err := w.s.Renew(ctx, w.anna)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Renew(ctx, w.anna); !fault.Is(err, fault.Conflict) {
		t.Errorf("sent twice: %v", err)
	}
	token := strings.TrimSuffix(address[strings.LastIndex(address, "/")+1:], ".ics")
	if _, err := w.s.Read(t.Context(), token); err != nil {
		t.Errorf("the shown address ended: %v", err)
	}
}

func TestReadingCostsOneStatementBesideTheMeetings(t *testing.T) {
	t.Parallel()
	w := setup(t)
	token := w.renew(t)
	before := w.db.RoundTrips()
	if _, err := w.s.Read(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if n := w.db.RoundTrips() - before; n != 1 { // the diary of this test reads no database
		t.Errorf("%d statements", n)
	}
}

func TestGuestsHaveNoFeed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if _, err := w.s.Renew(t.Context(), &access.Actor{}); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("%v", err)
	}
	if _, err := w.s.One(t.Context(), w.anna, uuid.New()); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
}

// What a calendar shows depends on how its owner comes.
func TestPlaceAndLink(t *testing.T) {
	t.Parallel()
	w := setup(t)
	at := w.clock.Now()
	onsite := w.diary.add(schedule.FeedEvent{Title: "Na miejscu", KindTitle: "Spotkanie robocze", Network: "Ocenianie", Starts: at, Ends: at.Add(time.Hour), UpdatedAt: at, Place: "SP 4, ul. Polna 1"})
	online := w.diary.add(schedule.FeedEvent{Title: "Online", Starts: at, Ends: at.Add(time.Hour), UpdatedAt: at, Link: "https://meet.example/x", Cancelled: true})
	token := w.renew(t)
	d, err := w.s.Read(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	flat := strings.ReplaceAll(string(d.Body), "\r\n ", "")
	for _, want := range []string{"LOCATION:SP 4\\, ul. Polna 1\r\n", "LOCATION:https://meet.example/x\r\n", "STATUS:CANCELLED\r\n", "UID:spotkanie-" + onsite.String() + "@sieci.example\r\n",
		"URL:https://sieci.example/spotkania/" + online.String() + "\r\n", "Spotkanie robocze"} {
		if !strings.Contains(flat, want) {
			t.Errorf("%q is not in\n%s", want, flat)
		}
	}
	one, err := w.s.One(t.Context(), w.anna, online)
	if err != nil || strings.Count(string(one.Body), "BEGIN:VEVENT") != 1 || !strings.Contains(string(one.Body), "SUMMARY:Online") || strings.Contains(string(one.Body), "METHOD:") {
		t.Errorf("%s, %v", one.Body, err)
	}
}
