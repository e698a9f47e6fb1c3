package walk_test

import (
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/election"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/library"
	needs "ore.edu.pl/sieci/core/need"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/schedule"
)

// distinct is in the name of everything that the foreign centre makes.
const distinct = "Wyrwidudek"

// changing is what differs between any two answers to the same question: ids of
// requests, tokens and keys of forms, times of rendering.
var changing = regexp.MustCompile(`name="(idem|csrf|token)" value="[^"]*"|data-request="[^"]*"|"requestId":"[^"]*"|"generated_?[aA]t":"[^"]*"`)

// leftAside are the developers' tools of an installation, which others do not have,
// and documents that say at which minute they were made.
var leftAside = regexp.MustCompile(`^/deweloper/|/(pdf|odt)$`)

// steady is what an answer says whenever it is asked.
func steady(a *httptest.ResponseRecorder) string {
	return http.StatusText(a.Code) + a.Header().Get("Location") + requestID.ReplaceAllString(changing.ReplaceAllString(a.Body.String(), ""), "R")
}

// look is all that somebody is led to or can ask for: every page that a link
// leads to from the beginnings, every list of the API, and every search of both
// for the word; the answers by their address.
func (w *world) look(c *client) map[string]string {
	w.t.Helper()
	seen, times := map[string]string{}, map[string]int{}
	queue := []string{"/", "/moje", "/zarzadzanie", "/sieci", "/szukaj", "/programy", "/zasoby"}
	for _, r := range w.Site.Table() {
		if r.Method == http.MethodGet && !strings.ContainsAny(r.Path, ":*") {
			queue = append(queue, r.Path, r.Path+"?q="+distinct, r.Path+"?szukaj="+distinct+"&q="+distinct+"&tekst="+distinct)
		}
	}
	for _, op := range w.API.Ops() {
		if op.Method == http.MethodGet && !strings.Contains(op.Path, "{") {
			queue = append(queue, apikit.Base+op.Path, apikit.Base+op.Path+"?q="+distinct)
		}
	}
	for len(queue) > 0 {
		to := queue[0]
		queue = queue[1:]
		shape := shapeOf(to)
		if _, have := seen[to]; have || times[shape] == 4 || leftAside.MatchString(to) {
			continue
		}
		times[shape]++
		a := w.call(c, http.MethodGet, to, "", "")
		body := a.Body.String()
		seen[to] = steady(a)
		if !strings.HasPrefix(a.Header().Get("Content-Type"), "text/html") {
			continue
		}
		for _, m := range hrefs.FindAllStringSubmatch(body, -1) {
			next, _, _ := strings.Cut(html.UnescapeString(m[1]), "#")
			if strings.HasPrefix(next, "/") && !strings.HasPrefix(next, "//") && !strings.HasPrefix(next, "/s/") && !strings.Contains(next, "wyloguj") {
				queue = append(queue, next)
			}
		}
	}
	return seen
}

// again asks the same addresses once more.
func (w *world) again(c *client, before map[string]string) map[string]string {
	out := make(map[string]string, len(before))
	for _, to := range slices.Sorted(maps.Keys(before)) {
		a := w.call(c, http.MethodGet, to, "", "")
		out[to] = steady(a)
	}
	return out
}

// foreigners is a centre with an open network of its own, which everybody may
// know of, and its people.
func (w *world) foreigners() (centre, open uuid.UUID) {
	w.t.Helper()
	centre = w.institution(900102)
	w.grant(w.person("Dorota Dąbrowa", 900102), access.CentreAdmin, access.Centre, centre)
	w.person("Karol Dąbrowa", 100502)
	id, err := w.Networks.Found(w.t.Context(), w.actor("Dorota Dąbrowa"), network.Founding{Type: typ, Centre: centre, Coordinator: address("Karol Dąbrowa"),
		Answers: effect.Document{JSON: []byte(charter), Revision: 1}, Settings: network.Settings{Title: "Publiczna sieć Dąbrowy", Aim: "Wymiana.", SchoolYear: 2026, Join: network.JoinInvitation, Capacity: 20}})
	w.must(err)
	w.must(w.Networks.OpenNetwork(w.t.Context(), w.actor("Karol Dąbrowa"), id))
	return centre, id
}

// secrets are distinctively named things of the foreign centre in every room
// that has any.
func (w *world) secrets(centre, open uuid.UUID) []uuid.UUID {
	w.t.Helper()
	ctx, core := w.t.Context(), access.Core("test")
	theirs, lead := w.actor("Dorota Dąbrowa"), w.actor("Karol Dąbrowa")
	draft, err := w.Networks.Found(ctx, theirs, network.Founding{Type: typ, Centre: centre, Coordinator: address("Karol Dąbrowa"), Answers: effect.Document{JSON: []byte(charter), Revision: 1},
		Settings: network.Settings{Title: "Szkic " + distinct, Aim: distinct, SchoolYear: 2026, Join: network.JoinInvitation, Capacity: 20}})
	w.must(err)
	_, err = w.Networks.Invite(ctx, w.actor("Karol Dąbrowa"), draft, network.Invite{Schools: []uuid.UUID{w.institution(100501)}, Emails: []string{"wyrwidudek@example.org"}, Message: distinct})
	w.must(err)
	need, err := w.Needs.Report(ctx, theirs, needs.Input{Institution: w.institution(100502), Topic: "ocenianie", People: 7, Note: distinct})
	w.must(err)
	_, err = w.Needs.Begin(ctx, theirs, centre, "ocenianie", 0, []uuid.UUID{w.institution(100502)})
	w.must(err)
	person := w.person(distinct+" Aktywna", 100503)
	w.must(w.Identity.CreatePending(ctx, core, identity.NewPerson{Email: "czeka@example.org", Name: distinct + " Czekająca", Password: password, Institution: w.institution(100504)}))
	w.grant(person, access.Principal, access.Institution, w.institution(100503))
	p, err := w.Programmes.Create(ctx, core, programme.NewProgramme{Code: "WYR-1", Title: "Program " + distinct, Centre: centre})
	w.must(err)
	group, err := w.Programmes.CreateGroup(ctx, core, programme.NewGroup{Parent: effect.Scope{Kind: effect.Programme, ID: p.ID}, Name: "Zespół " + distinct, Institution: w.institution(100505)})
	w.must(err)
	w.must(w.Programmes.AddMember(ctx, core, group, person, access.TeamMember, time.Time{}))

	// Inside the open network: what only its people see.
	thread, err := w.Board.Start(ctx, lead, open, board.Forum, board.Entry{Title: "Wątek " + distinct, Body: distinct})
	w.must(err)
	_, err = w.Board.Reply(ctx, lead, thread, distinct, nil)
	w.must(err)
	_, err = w.Networks.Propose(ctx, lead, open, "Propozycja "+distinct, distinct)
	w.must(err)
	resource, err := w.Library.Create(ctx, lead, library.NewResource{Network: open, Details: library.Details{Title: "Materiał " + distinct, Kind: "karta-pracy", Description: distinct, Licence: "cc-by-4.0",
		Authors: []string{distinct}, Accessibility: "Tekst."}, Contents: library.Contents{Link: "https://example.org/wyrwidudek"}})
	w.must(err)
	_, kinds, err := w.Meetings.KindsIn(ctx, lead, open)
	w.must(err)
	soon := w.Clock.Now().AddDate(0, 0, 14).Truncate(time.Hour)
	meeting, err := w.Meetings.Create(ctx, lead, open, schedule.Input{Kind: kinds[0].Name, Title: "Spotkanie " + distinct, Starts: soon, Ends: soon.Add(135 * time.Minute), Where: schedule.Where{OnSite: true, Place: distinct, Address: distinct}})
	w.must(err)
	return []uuid.UUID{draft, need, person, p.ID, group, thread, resource, meeting}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// The administrator of one centre asks everything that can be asked, before and
// after another centre makes things of its own: no answer differs by a byte, but
// for tokens and times. So nothing of them is seen, found, counted, exported or
// reported. Left out is what is public: open networks, published resources and
// the registers.
func TestOneCentreLearnsNothingOfAnother(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.territories()
	own := w.network("Karol Koordynator", nil)
	if _, err := w.Needs.Report(t.Context(), w.actor("Cezary Centrum"), needs.Input{Institution: w.institution(100310), Topic: "ocenianie", People: 2}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Programmes.Create(t.Context(), access.Core("test"), programme.NewProgramme{Code: "WIE-1", Title: "Program Wierzbowa", Centre: w.centre}); err != nil {
		t.Fatal(err)
	}
	w.person("Nina Nauczycielka", 100234)
	centre, theirs := w.foreigners()
	// An official of the first centre's powiat learns no more than the centre.
	w.grant(w.person("Ula Urząd", 0), access.Official, access.LocalGovernment, access.UnitScope("3013"))
	who := map[string]*client{"administrator": w.client("Cezary Centrum"), "official": w.client("Ula Urząd")}
	before := map[string]map[string]string{}
	for name, c := range who {
		w.look(c) // the first time one is told what is new
		before[name] = w.look(c)
	}
	made := w.secrets(centre, theirs)
	w.settle()
	for name, c := range who {
		after := w.again(c, before[name])
		for to, was := range before[name] {
			if after[to] != was {
				t.Errorf("%s at %s: the answer is another one now\n%s", name, to, difference(was, after[to]))
			}
		}
		if n := len(before[name]); n < 150 {
			t.Errorf("%s: only %d addresses asked", name, n)
		}
		t.Logf("%s: %d addresses", name, len(before[name]))
		for _, id := range made {
			for _, path := range []string{"/sieci/", "/programy/", "/grupy/", "/potrzeby/", "/zarzadzanie/osoby/", "/zasoby/", "/spotkania/", "/konto/uprawnienia/dlaczego?adres=/sieci/",
				apikit.Base + "/networks/", apikit.Base + "/programmes/", apikit.Base + "/groups/", apikit.Base + "/needs/", apikit.Base + "/people/", apikit.Base + "/resources/", apikit.Base + "/meetings/"} {
				there, not := w.call(c, http.MethodGet, path+id.String(), "", ""), w.call(c, http.MethodGet, path+uuid.NewString(), "", "")
				if there.Code != not.Code || strings.Contains(there.Body.String(), distinct) || unnamed(changing.ReplaceAllString(there.Body.String(), "")) != unnamed(changing.ReplaceAllString(not.Body.String(), "")) {
					t.Errorf("%s tells %s%s from nothing: %d, %d", name, path, id, there.Code, not.Code)
				}
			}
		}
	}
	// People of the own territory belong to a network of theirs, ask to join it and
	// stand in its election: their centre is not told.
	for state, person := range map[string]uuid.UUID{"active": w.ids["Nina Nauczycielka"], "requested": w.ids["Ula Urząd"]} {
		w.exec(`INSERT INTO membership (id, network_id, person_id, state, queued_at, joined_at, institution_id) VALUES (gen_random_uuid(), $1, $2, $3, now(), CASE $3 WHEN 'active' THEN now() END, $4)`, theirs, person, state, w.institution(100234))
	}
	w.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from) VALUES (gen_random_uuid(), $1, 'participant', 'network', $2, now())`, w.ids["Nina Nauczycielka"], theirs)
	vote, err := w.Elections.Announce(t.Context(), w.actor("Karol Dąbrowa"), theirs, election.Input{Quorum: 50, StandUntil: w.Clock.Now().AddDate(0, 0, 7), VoteUntil: w.Clock.Now().AddDate(0, 0, 14)})
	w.must(err)
	w.must(w.Elections.Stand(t.Context(), w.actor("Nina Nauczycielka"), vote, "Chętnie."))
	w.settle()
	admin := who["administrator"]
	for to, is := range w.again(admin, before["administrator"]) {
		if was := before["administrator"][to]; is != was {
			t.Errorf("the administrator learns at %s what somebody does elsewhere\n%s", to, difference(was, is))
		}
	}
	// The things are there: their own centre finds them.
	c := w.client("Dorota Dąbrowa")
	for _, path := range []string{"/zarzadzanie/osoby?q=" + url.QueryEscape(distinct), "/zarzadzanie/potrzeby/ocenianie", "/sieci/" + made[0].String()} {
		if a := w.call(c, http.MethodGet, path, "", ""); !strings.Contains(a.Body.String(), distinct) {
			t.Errorf("its own centre does not find it at %s: %d", path, a.Code)
		}
	}
	w.guess(own, [2]string{address("Karol Dąbrowa"), "nikt-taki@example.org"})
}

// settle lets what is done in the background come to its end: searches are asked
// once the words are in the index.
func (w *world) settle() {
	w.t.Helper()
	tick, late := time.NewTicker(50*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for w.number(`SELECT count(*) FROM river_job WHERE state IN ('available', 'running') AND scheduled_at <= now()`) > 0 {
		select {
		case <-tick.C:
		case <-late:
			w.t.Fatal("jobs never end")
		}
	}
}

// difference is where two texts begin to differ.
func difference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	cut := func(s string) string { return s[max(0, min(i-120, len(s))):min(len(s), i+200)] }
	return "was: " + cut(a) + "\nis:  " + cut(b)
}
