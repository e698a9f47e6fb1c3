package walk_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/plugins/thematic/thematic"
)

// crowd makes n active people, each at a school of their own, in two
// statements: a password each, as [world.person] has, would take a minute.
func (w *world) crowd(n int) []uuid.UUID {
	w.t.Helper()
	ctx, q := w.t.Context(), w.DB.SQL()
	if _, err := q.ExecContext(ctx, `INSERT INTO institution (id, kind, name, name_folded, complex_id, town, gmina_code)
		SELECT i, 'school', 'Szkoła ' || n, 'szkola ' || n, i, 'Osieczna', (SELECT code FROM teryt_unit WHERE code = '3013033') FROM (SELECT n, md5('school' || n)::uuid AS i FROM generate_series(1, $1::int) n) x`, n); err != nil {
		w.t.Fatal(err)
	}
	if _, err := q.ExecContext(ctx, `INSERT INTO person (id, email, name, sort_name, state, institution_id)
		SELECT md5('person' || n)::uuid, 'p' || n || '@example.org', 'Osoba ' || n, 'osoba ' || n, 'active', md5('school' || n)::uuid FROM generate_series(1, $1::int) n`, n); err != nil {
		w.t.Fatal(err)
	}
	var out []uuid.UUID
	if err := w.DB.Select(ctx, &out, `SELECT md5('person' || n)::uuid FROM generate_series(1, $1::int) n`, n); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// token lets a program act as the person.
func (w *world) token(person uuid.UUID) string {
	w.t.Helper()
	secret, _, err := w.Identity.CreateToken(w.t.Context(), &access.Actor{Person: person, Session: uuid.New()}, identity.TokenInput{Label: "walk", Days: 1, Acts: true})
	if err != nil {
		w.t.Fatal(err)
	}
	return secret
}

// 200 people answer one invitation in the same moment: nobody sees a conflict,
// the seats are taken exactly, everybody else has a place of their own in line.
func TestTwoHundredAnswerAtOnce(t *testing.T) {
	t.Parallel()
	const people, seats = 200, 50
	w := open(t)
	id := w.network("Karol Koordynator", func(s *network.Settings) { s.Join, s.Capacity = network.JoinInvitation, seats })
	crowd := w.crowd(people)
	if _, err := w.Networks.Invite(t.Context(), w.actor("Karol Koordynator"), id, network.Invite{People: crowd}); err != nil {
		t.Fatal(err)
	}
	programs := make([]*client, people)
	for i, p := range crowd {
		programs[i] = &client{w: w, token: w.token(p)}
	}
	var start, done sync.WaitGroup
	start.Add(1)
	answers := make([]answer, people)
	errs := make([]error, people)
	for i, c := range programs {
		done.Go(func() {
			start.Wait()
			answers[i], errs[i] = c.send(http.MethodPost, "/api/v1/networks/"+id.String()+"/join", `{}`)
		})
	}
	began := time.Now()
	start.Done()
	done.Wait()
	t.Logf("%d answers in %s", people, time.Since(began).Round(time.Millisecond))
	states, places := map[network.State]int{}, map[int]bool{}
	for i, a := range answers {
		var out network.Answered
		if errs[i] != nil || a.status != 200 || json.Unmarshal([]byte(a.body), &out) != nil {
			t.Errorf("answer %d: %v %d %.300s", i, errs[i], a.status, a.body)
			continue
		}
		states[out.State]++
		if out.State == network.Waiting {
			if out.Place < 1 || out.Place > people-seats || places[out.Place] {
				t.Errorf("place %d in line was given twice, or is none", out.Place)
			}
			places[out.Place] = true
		}
	}
	if states[network.Active] != seats || states[network.Waiting] != people-seats {
		t.Errorf("answers say %v", states)
	}
	for query, want := range map[string]int{
		`SELECT count(*) FROM membership WHERE network_id = $1 AND state = 'active' AND seat`:                      seats,
		`SELECT count(*) FROM membership WHERE network_id = $1 AND state = 'waiting'`:                              people - seats,
		`SELECT taken FROM network_seat WHERE network_id = $1`:                                                     seats,
		`SELECT count(*) FROM role_grant WHERE scope_id = $1 AND role = 'participant' AND valid_to IS NULL`:        seats,
		`SELECT count(DISTINCT queued_at || id::text) FROM membership WHERE network_id = $1 AND state = 'waiting'`: people - seats,
	} {
		if got := w.number(query, id); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
}

// 200 people answer a meeting's invitation in the same moment, over HTTP: no
// error, no conflict, and every answer counts.
func TestTwoHundredAnswerAMeetingAtOnce(t *testing.T) {
	t.Parallel()
	const people = 200
	w := open(t)
	id := w.network("Karol Koordynator", func(s *network.Settings) { s.Capacity = people + 10 })
	crowd := w.crowd(people)
	w.members(id, crowd)
	lead, starts := w.actor("Karol Koordynator"), w.Clock.Now().AddDate(0, 0, 14).Truncate(time.Hour)
	meeting, err := w.Meetings.Create(t.Context(), lead, id, schedule.Input{Kind: schedule.Working, Title: "Spotkanie robocze", Starts: starts, Ends: starts.Add(135 * time.Minute),
		Where: schedule.Where{OnSite: true, Online: true, Place: "SP 1 w Wierzbowie", Address: "ul. Lipowa 2", Link: "https://rozmowa.example/pokoj"}})
	if err == nil {
		err = w.Meetings.Announce(t.Context(), lead, meeting)
	}
	if err != nil {
		t.Fatal(err)
	}
	programs := make([]*client, people)
	for i, p := range crowd {
		programs[i] = &client{w: w, token: w.token(p)}
	}
	ways := []string{"onsite", "online", "no"}
	var start, done sync.WaitGroup
	start.Add(1)
	for i, c := range programs {
		done.Go(func() {
			start.Wait()
			if a, err := c.send(http.MethodPut, "/api/v1/meetings/"+meeting.String()+"/answer", `{"answer":"`+ways[i%3]+`"}`); err != nil || a.status >= 300 {
				t.Errorf("answer %d: %v %d %.200s", i, err, a.status, a.body)
			}
		})
	}
	began := time.Now()
	start.Done()
	done.Wait()
	t.Logf("%d answers in %s", people, time.Since(began).Round(time.Millisecond))
	d, err := w.Meetings.Get(t.Context(), lead, meeting)
	if err != nil {
		t.Fatal(err)
	}
	if d.Counts.Invited != people || d.Counts.OnSite != 67 || d.Counts.Online != 67 || d.Counts.No != 66 {
		t.Errorf("counts %+v", *d.Counts)
	}
}

// A network of 2,000 is led as a small one: every view, the guard and a command
// stay under the message limit, which the connection itself enforces.
func TestTwoThousandMembers(t *testing.T) {
	t.Parallel()
	const members = 2000
	w := open(t)
	id := w.network("Karol Koordynator", func(s *network.Settings) { s.Capacity = members + 100 })
	w.crowd(members)
	for _, q := range []string{
		`INSERT INTO membership (id, network_id, person_id, state, institution_id, complex_id, joined_at)
			SELECT gen_random_uuid(), $1, md5('person' || n)::uuid, 'active', md5('school' || n)::uuid, md5('school' || n)::uuid, now() FROM generate_series(1, $2::int) n`,
		`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from)
			SELECT gen_random_uuid(), md5('person' || n)::uuid, 'participant', 'network', $1, '2026-01-01' FROM generate_series(1, $2::int) n`,
		`UPDATE network_seat SET taken = taken + $2::int, members = members + $2::int WHERE network_id = $1`,
	} {
		if _, err := w.DB.SQL().ExecContext(t.Context(), q, id, members); err != nil {
			t.Fatal(err)
		}
	}
	k := w.client("Karol Koordynator")
	for path, want := range map[string]string{
		"": "Cele sieci", "/plan": "Terminarz", "/plan/progress": "Sieć liczy 2000 uczestników", "/uczestnicy": "Osoba 1", "/uczestnicy/zapros": "Zaproś", "/przekazanie": "Osoba 1", "/zadania/nowe": "Dla kogo",
	} {
		began := time.Now()
		a, err := k.get("/sieci/" + id.String() + path)
		if err != nil || a.status != 200 {
			t.Errorf("%s: %v %d", path, err, a.status)
		}
		if !strings.Contains(a.body, want) {
			t.Errorf("%s: %q is not on the page", path, want)
		}
		t.Logf("%s: %d KiB in %s", path, len(a.body)>>10, time.Since(began).Round(time.Millisecond))
	}
	w.person("Nina Nauczycielka", 100234)
	if a := w.join("Nina Nauczycielka", id); a.State != network.Active {
		t.Errorf("one more: %+v", a)
	}
	if n := w.number(`SELECT count(*) FROM effect_recheck`); n != 0 {
		t.Errorf("%d guards were put off: the module did not answer", n)
	}
	if _, err := w.Networks.Act(t.Context(), w.actor("Karol Koordynator"), id, network.Action{Command: "charter", Answers: effect.Document{JSON: []byte(charter)}}); err != nil {
		t.Errorf("a command: %v", err)
	}
}

// A meeting's reminder comes a week ahead, with nobody at a keyboard.
func TestTimerActsAlone(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.network("Karol Koordynator", nil)
	plan := `{"rok":2026,"spotkania":[{"_row":"r1","rodzaj":"organizacyjne","miesiac":"m12","data":"2026-12-15","cele":["kontakty"]},
		{"_row":"r2","rodzaj":"robocze","miesiac":"m02"},{"_row":"r3","rodzaj":"podsumowujace","miesiac":"m05","cele":["wiedza"]}]}`
	if _, err := w.Networks.Act(t.Context(), w.actor("Karol Koordynator"), id, network.Action{Command: "plan", Answers: effect.Document{JSON: []byte(plan)}}); err != nil {
		t.Fatal(err)
	}
	if n := w.number(`SELECT count(*) FROM timer WHERE type = $1 AND fired_at IS NULL`, thematic.ID+":network"); n != 1 {
		t.Fatalf("%d timers wait, want one", n)
	}
	const told = `SELECT count(*) FROM notification WHERE person_id = $1 AND wording IS NOT NULL`
	before := w.number(told, w.ids["Karol Koordynator"])
	if err := w.Clock.Move(t.Context(), time.Date(2026, 12, 8, 7, 1, 0, 0, time.UTC)); err != nil { // eight in Warsaw
		t.Fatal(err)
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.After(time.Minute)
	for w.number(told, w.ids["Karol Koordynator"]) == before {
		select {
		case <-late:
			t.Fatal("nobody was reminded")
		case <-tick.C:
		}
	}
	if _, err := w.Engine.SweepTimers(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := w.number(told, w.ids["Karol Koordynator"]); n != before+1 {
		t.Errorf("reminded %d times", n-before)
	}
	if n := w.number(`SELECT count(*) FROM effect_decision WHERE input_kind = 'timer' AND actor_id IS NULL`); n != 1 {
		t.Errorf("%d decisions of timers", n)
	}
	w.client("Karol Koordynator").expect("/powiadomienia", "15")
}

// expect gets a page on which the text stands.
func (c *client) expect(path, want string) {
	c.w.t.Helper()
	a, err := c.get(path)
	if err != nil || a.status != 200 || !strings.Contains(a.body, want) {
		c.w.t.Errorf("%s: %v %d, %q is missing", path, err, a.status, want)
	}
}
