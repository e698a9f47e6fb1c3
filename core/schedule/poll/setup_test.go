package poll_test

import (
	"context"
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
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/calendar"
	"ore.edu.pl/sieci/core/schedule/poll"
	"ore.edu.pl/sieci/policies"
)

// letters keeps what would be told.
type letters struct{ sent []notify.Message }

func (l *letters) Send(_ context.Context, _ *db.Tx, m notify.Message) error {
	l.sent = append(l.sent, m)
	return nil
}

// told counts how often a person was told something, and whether by letter.
func (l *letters) told(person uuid.UUID, key string) (n int, mail bool) {
	for _, m := range l.sent {
		for _, to := range m.To {
			if to == person && m.Key == key {
				n, mail = n+1, mail || m.Mail
			}
		}
	}
	return n, mail
}

// meetings stands for core/schedule: it writes a bare row and keeps what it was asked.
type meetings struct {
	w         *world
	announced []uuid.UUID
	inputs    []schedule.Input
	refuse    error
}

func (*meetings) Kinds(context.Context, string) ([]schedule.Kind, schedule.Rule) {
	return []schedule.Kind{{Name: schedule.Working, Title: "Spotkanie robocze"}}, schedule.Rule{}
}

func (m *meetings) Create(ctx context.Context, a *access.Actor, network uuid.UUID, in schedule.Input) (id uuid.UUID, err error) {
	if m.refuse != nil {
		return uuid.Nil, m.refuse
	}
	err = m.w.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		id, err = idem.Do(ctx, tx, a.Person, "meeting:create", []any{network, in}, func() (uuid.UUID, error) {
			id := uuid.New()
			m.inputs = append(m.inputs, in)
			_, err := tx.Exec(ctx, `INSERT INTO meeting (id, network_id, kind, title, school_year, starts_at, ends_at, onsite, online, created_at, updated_at)
				VALUES ($1, $2, $3, $4, 2026, $5, $6, true, false, now(), now())`, id, network, in.Kind, in.Title, in.Starts, in.Ends)
			return id, err
		})
		return err
	})
	return id, err
}

func (m *meetings) Announce(_ context.Context, _ *access.Actor, id uuid.UUID) error {
	m.announced = append(m.announced, id)
	m.w.exec(`UPDATE meeting SET state = 'announced', announced_at = now() WHERE id = $1`, id)
	return nil
}

func (m *meetings) Drop(_ context.Context, _ *access.Actor, id uuid.UUID) error {
	m.w.exec(`DELETE FROM meeting WHERE id = $1`, id)
	return nil
}

type world struct {
	t        *testing.T
	db       *db.DB
	clock    *clock.Fixed
	s        *poll.Service
	letters  *letters
	meetings *meetings
	network  uuid.UUID

	coordinator, expert, anna, jan, stranger *access.Actor
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.New(t), letters: &letters{}, network: uuid.New()}
	w.clock = clock.NewFixed(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	w.meetings = &meetings{w: w}
	a, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	w.s = poll.New(poll.Config{DB: w.db, Access: a, Audit: audit.New(make([]byte, 32), w.clock), Clock: w.clock, Notify: w.letters, Days: calendar.Shipped(), Meetings: w.meetings})
	centre := uuid.New()
	w.exec(`INSERT INTO teryt_unit (code, kind, name, name_folded, as_of) VALUES ('30', 'voivodeship', 'wielkopolskie', 'wielkopolskie', '2026-01-01'), ('02', 'voivodeship', 'dolnośląskie', 'dolnoslaskie', '2026-01-01')`)
	w.exec(`INSERT INTO teryt_unit (code, parent_code, kind, name, name_folded, as_of) VALUES ('3063', '30', 'city_powiat', 'Leszno', 'leszno', '2026-01-01'), ('0203', '02', 'powiat', 'głogowski', 'glogowski', '2026-01-01')`)
	w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id, powiat_code) VALUES ($1, 'centre', 'C', 'c', $1, '3063')`, centre)
	w.exec(`INSERT INTO network (id, module, type, centre_id, title, title_folded, school_year, status, created_at)
		VALUES ($1, 'test.trial', 'net', $2, 'Ocenianie kształtujące', 'ocenianie', 2026, 'open', now())`, w.network, centre)
	w.coordinator = w.person("Ewa Koordynatorka", access.Coordinator, "3063")
	w.expert = w.person("Igor Ekspert", access.Expert, "")
	w.anna, w.jan = w.person("Anna Lis", access.Participant, "3063"), w.person("Jan Żuk", access.Participant, "0203")
	w.stranger = &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: access.Coordinator, Kind: access.Network, Scope: uuid.New()}}}
	return w
}

// person makes an account with a role in the network, working in a powiat.
func (w *world) person(name string, role access.Role, powiat string) *access.Actor {
	w.t.Helper()
	id, school := uuid.New(), uuid.NullUUID{UUID: uuid.New(), Valid: powiat != ""}
	if school.Valid {
		w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id, powiat_code) VALUES ($1, 'school', 'S', 's', $1, $2)`, school.UUID, powiat)
	}
	w.exec(`INSERT INTO person (id, email, name, sort_name, state, institution_id) VALUES ($1, $2, $3, $3, 'active', $4)`, id, id.String()+"@example.org", name, school)
	err := w.db.Tx(w.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return access.Give(ctx, tx, access.Row{Person: id, Role: role, Kind: access.Network, Scope: w.network, From: w.clock.Now().AddDate(0, -1, 0)})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return &access.Actor{Person: id, Name: name, Grants: []access.Grant{{Role: role, Kind: access.Network, Scope: w.network}}}
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.db.SQL().ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}

// slot is a span in Warsaw: "2027-03-11 16:00", 135 minutes.
func slot(at string, minutes int) poll.Span {
	t, err := time.ParseInLocation("2006-01-02 15:04", at, clock.Warsaw)
	if err != nil {
		panic(err)
	}
	return poll.Span{Starts: t.UTC(), Ends: t.Add(time.Duration(minutes) * time.Minute).UTC()}
}

func input(slots ...poll.Span) poll.Input {
	return poll.Input{Kind: schedule.Working, Title: "Spotkanie w marcu", AnswerBy: slot("2026-12-04 20:00", 15).Starts, Slots: slots}
}

// three are plain school days for everybody.
var three = []poll.Span{slot("2027-03-09 16:00", 135), slot("2027-03-10 16:00", 135), slot("2027-03-11 16:00", 135)}

// make opens a poll and returns it.
func (w *world) make(slots ...poll.Span) *poll.Detail {
	w.t.Helper()
	id, err := w.s.Create(w.t.Context(), w.coordinator, w.network, input(slots...))
	if err != nil {
		w.t.Fatal(err)
	}
	return w.get(w.coordinator, id)
}

func (w *world) get(a *access.Actor, id uuid.UUID) *poll.Detail {
	w.t.Helper()
	d, err := w.s.Get(w.t.Context(), a, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// answer gives one answer a slot, "" leaving it out.
func (w *world) answer(a *access.Actor, d *poll.Detail, answers ...poll.Answer) {
	w.t.Helper()
	given := map[uuid.UUID]poll.Answer{}
	for i, x := range answers {
		if x != "" {
			given[d.Options[i].ID] = x
		}
	}
	if err := w.s.Answer(w.t.Context(), a, d.ID, given, ""); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) choose(d *poll.Detail, n int) uuid.UUID {
	w.t.Helper()
	id, err := w.s.Choose(w.t.Context(), w.coordinator, d.ID, d.Version, poll.Choice{Slot: d.Options[n].ID, Announce: true, Where: schedule.Where{OnSite: true, Place: "SP 4, Leszno"}})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func want(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	f := fault.As(err)
	if f == nil {
		t.Fatalf("no error, want %s", key)
	}
	found := f.Key == key
	for _, field := range f.Fields {
		found = found || field.Key == key
	}
	if f.Kind != kind || !found {
		t.Errorf("got %v, want %s %s", err, kind, key)
	}
}
