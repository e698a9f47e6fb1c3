package calendar_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"gocloud.dev/blob/memblob"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/calendarapi"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/scripted"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/almanac"
	"ore.edu.pl/sieci/core/schedule/diary"
	"ore.edu.pl/sieci/core/schedule/feed"
	"ore.edu.pl/sieci/core/schedule/poll"
	"ore.edu.pl/sieci/core/schedule/room"
	"ore.edu.pl/sieci/core/web"
	pages "ore.edu.pl/sieci/core/web/calendar"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/meetings"
	"ore.edu.pl/sieci/core/web/webtest"
	"ore.edu.pl/sieci/policies"
)

func TestMain(m *testing.M) { webtest.Main(m) }

type silent struct{}

func (silent) Send(context.Context, *db.Tx, notify.Message) error { return nil }

// people signs in whoever the cookie names, with the roles of this moment.
type people struct{ w *world }

func (p people) Session(ctx context.Context, cookie string) (*access.Actor, i18n.Lang, error) {
	id, err := uuid.Parse(cookie)
	if err != nil {
		return nil, "", nil
	}
	p.w.sessions++
	g, err := access.RolesOf(ctx, p.w.db, id, p.w.clock.Now())
	if err != nil {
		return nil, "", err
	}
	var school uuid.NullUUID
	err = p.w.db.Get(ctx, &school, `SELECT institution_id FROM person WHERE id = $1`, id)
	return &access.Actor{Person: id, Name: p.w.names[id], Grants: g, Institution: school.UUID, Session: uuid.New()}, "", err
}

func (p people) Token(ctx context.Context, bearer string) (*access.Actor, error) {
	a, _, err := p.Session(ctx, bearer)
	return a, err
}

// networks tells the engine about the networks of a test.
type networks struct{}

func (networks) States(_ context.Context, _ db.Q, ids []uuid.UUID) ([]effect.ScopeState, error) {
	var out []effect.ScopeState
	for _, id := range ids {
		out = append(out, effect.ScopeState{Scope: effect.Scope{Kind: effect.Network, ID: id}, Type: "test.trial:net", Place: access.Place{Network: id}})
	}
	return out, nil
}

func (networks) Below(context.Context, db.Q, effect.Scope, int) ([]effect.ScopeState, error) {
	return nil, nil
}

type world struct {
	*httptest.Server
	t        *testing.T
	db       *db.DB
	clock    *clock.Fixed
	meetings *schedule.Service
	polls    *poll.Service
	pages    []kit.Route
	api      *apikit.API
	names    map[uuid.UUID]string
	sessions int
	centre   uuid.UUID
	network  uuid.UUID
	lead     uuid.UUID
	expert   uuid.UUID
	nina     uuid.UUID
	jan      uuid.UUID
	admin    uuid.UUID
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.New(t), names: map[uuid.UUID]string{}, clock: clock.NewFixed(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))}
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	key := make([]byte, 32)
	log, modules := audit.New(key, w.clock), scripted.Modules{scripted.New(&effect.Description{Module: "test.trial", Version: "1.0.0",
		NetworkTypes: []effect.NetworkType{{Name: "net", Stages: []effect.Stage{{Name: "start"}}}}})}
	bucket := memblob.OpenBucket(nil)
	t.Cleanup(func() { _ = bucket.Close() })
	files := file.New(file.Config{DB: w.db, Access: auth, Audit: log, Bucket: bucket, TempDir: t.TempDir()})
	days := almanac.New(almanac.Config{DB: w.db, Access: auth, Audit: log, Clock: w.clock, Log: slog.Default()})
	engine := effect.New(effect.Config{DB: w.db, Clock: w.clock, Audit: log, Access: auth, Modules: modules})
	w.meetings = schedule.New(schedule.Config{DB: w.db, Access: auth, Audit: log, Clock: w.clock, Modules: modules, Engine: engine,
		Notify: silent{}, Files: files, Days: days, CursorKey: key, CodeKey: key})
	engine.RegisterScopes(networks{}, effect.Network)
	w.polls = poll.New(poll.Config{DB: w.db, Access: auth, Audit: log, Clock: w.clock, Notify: silent{}, Days: days, Meetings: w.meetings})
	entrance := &room.Entrance{Meetings: w.meetings, Room: room.Pasted{}, Clock: w.clock}
	d := pages.Deps{Diary: &diary.Service{DB: w.db, Access: auth, Meetings: w.meetings, Days: days}, Polls: w.polls, Breaks: days, Entrance: entrance, Clock: w.clock,
		Feed: feed.New(feed.Config{DB: w.db, Access: auth, Audit: log, Clock: w.clock, Meetings: w.meetings, BaseURL: "https://sieci.example"})}
	w.pages = pages.Routes(d)
	server, err := web.New(kit.Config{BaseURL: "http://127.0.0.1", Authorizer: auth, Authenticator: people{w}, Log: slog.New(slog.DiscardHandler)}, w.pages,
		meetings.Routes(meetings.Deps{Meetings: w.meetings, Files: files, Clock: w.clock, Entrance: entrance}), []kit.Route{
			kit.Get("/wejdz/:kto", kit.Public, func(c *kit.Ctx) error {
				http.SetCookie(c.Response(), &http.Cookie{Name: "__Host-sieci", Value: c.Param("kto"), Path: "/", Secure: true})
				return c.Redirect(pages.Path, "")
			}),
		})
	if err != nil {
		t.Fatal(err)
	}
	w.api = apikit.New(server, auth)
	calendarapi.Register(w.api, calendarapi.Deps{Diary: d.Diary, Feed: d.Feed, Polls: d.Polls, Breaks: d.Breaks, Entrance: d.Entrance})
	w.Server = httptest.NewServer(server)
	t.Cleanup(w.Close)
	w.people()
	return w
}

func (w *world) people() {
	w.exec(`INSERT INTO teryt_unit (code, kind, name, name_folded, as_of) VALUES ('30', 'voivodeship', 'wielkopolskie', 'wielkopolskie', '2026-01-01'), ('02', 'voivodeship', 'dolnośląskie', 'dolnoslaskie', '2026-01-01')`)
	w.exec(`INSERT INTO teryt_unit (code, parent_code, kind, name, name_folded, as_of) VALUES ('3063', '30', 'city_powiat', 'Leszno', 'leszno', '2026-01-01'), ('0203', '02', 'powiat', 'głogowski', 'glogowski', '2026-01-01')`)
	w.centre = w.institution("centre", "CDN Wierzbowo", "3063")
	w.network = w.newNetwork("Ocenianie kształtujące")
	school, far := w.institution("school", "SP 4", "3063"), w.institution("school", "SP Głogów", "0203")
	w.lead, w.expert = w.person("Karol Koordynator", school), w.person("Igor Ekspert", uuid.Nil)
	w.nina, w.jan = w.person("Nina Nauczycielka", school), w.person("Jan Żuk", far)
	w.admin = w.person("Anna Administratorka", uuid.Nil)
	w.grant(w.lead, access.Coordinator, access.Network, w.network)
	w.grant(w.expert, access.Expert, access.Network, w.network)
	w.grant(w.nina, access.Participant, access.Network, w.network)
	w.grant(w.jan, access.Participant, access.Network, w.network)
	w.grant(w.admin, access.OREAdmin, access.Platform, uuid.Nil)
}

func (w *world) institution(kind, name, powiat string) uuid.UUID {
	w.t.Helper()
	id := uuid.Must(uuid.NewV7())
	w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id, powiat_code) VALUES ($1, $2, $3, $3, $1, $4)`, id, kind, name, powiat)
	return id
}

func (w *world) newNetwork(title string) uuid.UUID {
	w.t.Helper()
	id := uuid.Must(uuid.NewV7())
	w.exec(`INSERT INTO network (id, module, type, centre_id, title, title_folded, school_year, status, created_at, opened_at)
		VALUES ($1, 'test.trial', 'net', $2, $3, $3, 2026, 'open', '2026-09-01', '2026-09-01')`, id, w.centre, title)
	return id
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.db.SQL().ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) person(name string, school uuid.UUID) uuid.UUID {
	w.t.Helper()
	id := uuid.Must(uuid.NewV7())
	w.names[id] = name
	w.exec(`INSERT INTO person (id, email, name, sort_name, state, institution_id) VALUES ($1, $2, $3, $3, 'active', $4)`, id, id.String()+"@example.org", name, uuid.NullUUID{UUID: school, Valid: school != uuid.Nil})
	return id
}

func (w *world) grant(person uuid.UUID, r access.Role, k access.ScopeKind, scope uuid.UUID) {
	w.t.Helper()
	if k == access.Network {
		w.exec(`INSERT INTO membership (id, network_id, person_id, state, joined_at) VALUES (gen_random_uuid(), $1, $2, 'active', '2026-09-01')`, scope, person)
	}
	err := w.db.Tx(w.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return access.Give(ctx, tx, access.Row{Person: person, Role: r, Kind: k, Scope: scope, From: w.clock.Now().AddDate(0, -2, 0)})
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// as opens a browser in which the person is signed in.
func (w *world) as(person uuid.UUID, opts ...webtest.Option) *webtest.Page {
	w.t.Helper()
	return webtest.Open(w.t, w.URL, opts...).Go("/wejdz/" + person.String())
}

func (w *world) actor(person uuid.UUID) *access.Actor {
	w.t.Helper()
	g, err := access.RolesOf(w.t.Context(), w.db, person, w.clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return &access.Actor{Person: person, Name: w.names[person], Grants: g}
}

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Warsaw)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// meet plans and announces a meeting.
func (w *world) meet(title, starts, ends string, where schedule.Where) uuid.UUID {
	w.t.Helper()
	a := w.actor(w.lead)
	id, err := w.meetings.Create(w.t.Context(), a, w.network, schedule.Input{Kind: schedule.Working, Title: title, Starts: at(starts), Ends: at(ends), Where: where})
	if err == nil {
		err = w.meetings.Announce(w.t.Context(), a, id)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

var leszno = schedule.Where{OnSite: true, Place: "SP 4, Leszno", Address: "ul. Polna 1, wejście od parku"}
