package walk_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/conversation"
	"ore.edu.pl/sieci/core/evaluation"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/poll"
	"ore.edu.pl/sieci/core/web/kit"
)

// still are tables that change by themselves or by asking: sessions and limits,
// the queue of jobs, keys of forms, what is told about other things, what jobs note of
// their progress, the seals
// that a job sets on older rows of the audit trail (new rows of it are looked at).
var still = regexp.MustCompile(`^(audit_link$|audit_sealing$|river_|session|api_token|idempotency|throttle|mail_|notify_digest|meeting_notice|job_|clock|plugin_|module_|goose|domain_|search_progress$|registry_stage_)`)

// snapshot is what the tables of the rooms hold, by table.
func (w *world) snapshot() map[string]string {
	w.t.Helper()
	var tables []string
	if err := w.DB.Select(w.t.Context(), &tables, `SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relkind = 'r' AND nspname = 'public' ORDER BY 1 LIMIT 1000`); err != nil {
		w.t.Fatal(err)
	}
	var parts []string
	for _, t := range tables {
		if !still.MatchString(t) {
			parts = append(parts, `SELECT '`+t+`' AS name, coalesce(md5(string_agg(CAST(x AS text), '' ORDER BY CAST(x AS text))), '') AS sum FROM "`+t+`" x`)
		}
	}
	var rows []struct {
		Name string `db:"name"`
		Sum  string `db:"sum"`
	}
	if err := w.DB.Select(w.t.Context(), &rows, strings.Join(parts, " UNION ALL ")+" LIMIT 1000"); err != nil {
		w.t.Fatal(err)
	}
	out := map[string]string{}
	for _, r := range rows {
		out[r.Name] = r.Sum
	}
	return out
}

// changed are the tables that are no longer as they were.
func changed(was, is map[string]string) []string {
	var out []string
	for t, sum := range is {
		if was[t] != sum {
			out = append(out, t)
		}
	}
	slices.Sort(out)
	return out
}

// closing is a lived network with something of each room that could go on.
type closing struct {
	*lived
	ids map[string]uuid.UUID
}

func (w *closing) prepare() {
	w.t.Helper()
	ctx := w.t.Context()
	soon := w.Clock.Now().AddDate(0, 0, 14).Truncate(time.Hour)
	_, kinds, err := w.Meetings.KindsIn(ctx, w.lead(), w.id)
	w.must(err)
	in := schedule.Input{Kind: kinds[1].Name, Title: "Następne spotkanie", Starts: soon, Ends: soon.Add(135 * time.Minute), Where: schedule.Where{OnSite: true, Place: "SP 1", Address: "ul. Lipowa 2"}}
	w.ids["meeting"], err = w.Meetings.Create(ctx, w.lead(), w.id, in)
	w.must(err)
	w.must(w.Meetings.AddItem(ctx, w.lead(), w.ids["meeting"], schedule.ItemInput{Title: "Punkt", Minutes: 45, Method: schedule.Lecture, Leader: w.people[0]}))
	w.must(w.Meetings.Announce(ctx, w.lead(), w.ids["meeting"]))
	d, err := w.Meetings.Get(ctx, w.lead(), w.ids["meeting"])
	w.must(err)
	w.ids["item"] = d.Items[0].ID
	in.Title, in.Starts, in.Ends = "Szkic spotkania", soon.AddDate(0, 0, 7), soon.AddDate(0, 0, 7).Add(135*time.Minute)
	w.ids["draft"], err = w.Meetings.Create(ctx, w.lead(), w.id, in)
	w.must(err)
	w.ids["poll"], err = w.Polls.Create(ctx, w.lead(), w.id, poll.Input{Kind: kinds[1].Name, Title: "Kiedy?", AnswerBy: w.Clock.Now().AddDate(0, 0, 5), Despite: true,
		Slots: []poll.Span{{Starts: soon, Ends: soon.Add(time.Hour)}, {Starts: soon.AddDate(0, 0, 1), Ends: soon.AddDate(0, 0, 1).Add(time.Hour)}}})
	w.must(err)
	w.ids["proposal"], err = w.Networks.Propose(ctx, w.by(1), w.id, "Lekcja otwarta", "W styczniu.")
	w.must(err)
	w.ids["round"], err = w.Evaluations.Prepare(ctx, w.lead(), w.id, evaluation.Plan{Title: "Druga ankieta", Questions: []string{"cele.wiedza"}, Closes: w.Clock.Now().AddDate(0, 0, 7)})
	w.must(err)
	w.ids["talk"], err = w.Conversations.Start(ctx, w.by(1), conversation.Begin{Network: w.id, People: []uuid.UUID{w.lead().Person}, Body: "Dzień dobry"})
	w.must(err)
	for key, query := range map[string]string{
		"post": `SELECT id FROM board_post WHERE thread_id = $1 ORDER BY seq DESC LIMIT 1`, "entry": `SELECT id FROM board_thread WHERE kind = 'blog' AND $1 <> id LIMIT 1`,
		"task": `SELECT id FROM task WHERE state = 'open' AND $1 <> id LIMIT 1`, "accepted": `SELECT id FROM task WHERE state = 'accepted' AND $1 <> id LIMIT 1`,
		"resource": `SELECT id FROM resource WHERE $1 <> id LIMIT 1`, "step": `SELECT id FROM dissemination WHERE $1 <> id LIMIT 1`,
		"slot": `SELECT id FROM poll_slot WHERE $1 <> id LIMIT 1`, "action": `SELECT id FROM action_item WHERE $1 <> id LIMIT 1`,
	} {
		var id uuid.UUID
		w.must(w.DB.Get(ctx, &id, query, w.thread))
		w.ids[key] = id
	}
	w.person("Nina Nauczycielka", 100234)
	w.join("Nina Nauczycielka", w.id)
	w.ids["thread"], w.ids["network"], w.ids["anna"] = w.thread, w.id, w.people[0]
	w.ids["school"] = w.institution(100310)
}

// at puts ids into the places of a path or a body: "{thread}".
func (w *closing) at(path string) string {
	for k, id := range w.ids {
		path = strings.ReplaceAll(path, "{"+k+"}", id.String())
	}
	return path
}

// A closed network is for reading: every write of every room is refused by the
// API with a sentence, and writes nothing.
func TestClosedNetworkTakesNoWrites(t *testing.T) {
	t.Parallel()
	w := &closing{lived: live(t), ids: map[string]uuid.UUID{}}
	w.prepare()
	w.exec(`UPDATE network SET status = 'closed', stage = 'closed', closed_at = $2 WHERE id = $1`, w.id, w.Clock.Now())
	lead, member, centre := &client{w: w.world, token: w.token(w.lead().Person)}, &client{w: w.world, token: w.token(w.people[1])}, &client{w: w.world, token: w.token(w.world.ids["Cezary Centrum"])}
	at, later := w.Clock.Now().AddDate(0, 0, 20).Format(time.RFC3339), w.Clock.Now().AddDate(0, 0, 25).Format(time.RFC3339)
	meeting := fmt.Sprintf(`"kind":"working","title":"Spotkanie","starts":%q,"ends":%q,"onsite":true,"online":false,"place":"SP 1","address":"ul. Lipowa 2"`, at, w.Clock.Now().AddDate(0, 0, 20).Add(2*time.Hour).Format(time.RFC3339))
	pollIn := fmt.Sprintf(`"kind":"working","title":"Kiedy?","answer_by":%q,"despite":true,"slots":[{"starts":%q,"ends":%q},{"starts":%q,"ends":%q}]`, w.Clock.Now().AddDate(0, 0, 3).Format(time.RFC3339), at, w.Clock.Now().AddDate(0, 0, 20).Add(time.Hour).Format(time.RFC3339), later, w.Clock.Now().AddDate(0, 0, 25).Add(time.Hour).Format(time.RFC3339))
	resource := `"title":"Nowa karta","kind":"karta-pracy","description":"x","licence":"cc-by-4.0","authors":["Zespół"],"accessibility":"Tekst bez obrazów.","tags":[],"product":false`
	step := `"what":"Pokaz","audience":"Rady","way":"Spotkanie","due":"2027-06-02","who":"Karol"`
	settings := `"title":"Inna nazwa","aim":"x","school_year":2026,"join":"open","capacity":20`
	w.settle()
	was := w.snapshot()
	for _, x := range []struct {
		by     *client
		method string
		path   string
		body   string
	}{
		{member, "POST", "/networks/{network}/threads", `{"kind":"forum","title":"Nowy wątek","body":"Treść"}`},
		{member, "POST", "/networks/{network}/threads", `{"kind":"blog","title":"Nowy wpis","body":"Treść","new_topic":"Temat"}`},
		{member, "POST", "/threads/{thread}/posts", `{"body":"Odpowiedź"}`},
		{lead, "PUT", "/threads/{thread}/flags", `{"pinned":true,"closed":true}`},
		{lead, "PUT", "/threads/{entry}/share", `{"share":true}`},
		{lead, "POST", "/networks/{network}/meetings", "{" + meeting + "}"},
		{lead, "PUT", "/meetings/{meeting}", `{"version":1,` + meeting + "}"},
		{lead, "POST", "/meetings/{draft}/announce", "{}"},
		{lead, "DELETE", "/meetings/{draft}", ""},
		{lead, "POST", "/meetings/{meeting}/cancel", `{"reason":"Powód"}`},
		{member, "PUT", "/meetings/{meeting}/answer", `{"answer":"onsite"}`},
		{lead, "POST", "/meetings/{meeting}/agenda", `{"title":"Punkt","minutes":10}`},
		{lead, "PUT", "/meetings/{meeting}/agenda/{item}", `{"version":1,"title":"Punkt","minutes":10}`},
		{lead, "POST", "/meetings/{meeting}/agenda/{item}/move", `{"direction":"down"}`},
		{lead, "DELETE", "/meetings/{meeting}/agenda/{item}", ""},
		{lead, "POST", "/meetings/{meeting}/programme", "{}"},
		{lead, "PUT", "/meetings/{meeting}/register", `{"marks":[]}`},
		{lead, "PUT", "/meetings/{meeting}/minutes", `{"version":0,"text":"x"}`},
		{lead, "POST", "/meetings/{meeting}/close", `{}`},
		{member, "POST", "/meetings/{meeting}/check-in", `{"code":"ABCDEF"}`},
		{lead, "POST", "/meetings/{meeting}/check-in/person", `{"code":"ABCDEF"}`},
		{lead, "PUT", "/meetings/{meeting}/actions/{action}", `{"done":true}`},
		{lead, "POST", "/networks/{network}/polls", "{" + pollIn + "}"},
		{lead, "PUT", "/polls/{poll}", `{"version":1,` + pollIn + "}"},
		{member, "PUT", "/polls/{poll}/answers", `{"rest":"yes"}`},
		{lead, "POST", "/polls/{poll}/reminders", "{}"},
		{lead, "POST", "/polls/{poll}/close", "{}"},
		{lead, "POST", "/polls/{poll}/choice", `{"version":1,"slot":"{slot}","where":{"onsite":true,"online":false,"place":"SP 1","address":"x","link":""}}`},
		{lead, "POST", "/tasks", `{"type":"ore.thematic:observation","scope_kind":"network","scope":"{network}","assignee":{"kind":"network","id":"{network}"},"title":"Nowe"}`},
		{lead, "POST", "/tasks/{task}/cancel", `{"version":1}`},
		{lead, "POST", "/tasks/{accepted}/reopen", fmt.Sprintf(`{"version":3,"due":%q}`, later)},
		{lead, "PUT", "/tasks/{task}/assignee", `{"version":1,"assignee":{"kind":"person","id":"{anna}"}}`},
		{member, "POST", "/tasks/{task}/submissions", `{"version":1,"form_revision":1,"answers":{"data":"2026-12-01","klasa":"5b","skupienie":["pytania"],"zadzialalo":"Cisza.","sprobuje":"Czekanie.","szkola":{"kind":"szkola","id":"{school}","label":"Szkoła"}}}`},
		{member, "POST", "/resources", `{"network_id":"{network}","share":true,` + resource + `,"files":[],"link":"https://example.org"}`},
		{member, "PUT", "/resources/{resource}", `{"version":1,` + resource + "}"},
		{member, "POST", "/resources/{resource}/versions", `{"files":[],"link":"https://example.org","note":"x"}`},
		{member, "POST", "/resources/{resource}/remove", `{"reason":"x"}`},
		{lead, "POST", "/networks/{network}/dissemination", "{" + step + "}"},
		{lead, "PUT", "/networks/{network}/dissemination/{step}", `{"version":1,` + step + "}"},
		{lead, "PUT", "/networks/{network}/dissemination/{step}/state", `{"state":"done","outcome":"x"}`},
		{lead, "PUT", "/networks/{network}", `{"version":1,` + settings + "}"},
		{lead, "POST", "/networks/{network}/open", "{}"},
		{centre, "POST", "/networks/{network}/join", "{}"},
		{member, "POST", "/networks/{network}/leave", "{}"},
		{lead, "POST", "/networks/{network}/commands/contract", `{"answers":{"zasady":["szacunek"],"data":"2026-12-01"}}`},
		{lead, "POST", "/networks/{network}/members/{anna}/remove", `{"reason":"x"}`},
		{lead, "PUT", "/networks/{network}/members/{anna}/roles/moderator", ""},
		{lead, "POST", "/networks/{network}/invitations", `{"people":["{anna}"]}`},
		{member, "POST", "/networks/{network}/proposals", `{"title":"Nowa propozycja"}`},
		{lead, "POST", "/networks/{network}/proposals/{proposal}/open", fmt.Sprintf(`{"until":%q}`, later)},
		{member, "POST", "/networks/{network}/proposals/{proposal}/withdraw", "{}"},
		{lead, "POST", "/networks/{network}/handover", `{"to":"{anna}"}`},
		{lead, "POST", "/networks/{network}/evaluations", fmt.Sprintf(`{"title":"Nowa","tool":"","questions":["cele.wiedza"],"closes":%q}`, later)},
		{lead, "PUT", "/evaluations/{round}", fmt.Sprintf(`{"version":1,"title":"Nowa","tool":"","questions":["cele.wiedza"],"closes":%q}`, later)},
		{lead, "DELETE", "/evaluations/{round}", ""},
		{lead, "POST", "/evaluations/{round}/open", `{"version":1,"confirmed":true}`},
		{lead, "POST", "/networks/{network}/election", fmt.Sprintf(`{"note":"","quorum_percent":50,"stand_until":%q,"vote_until":%q}`, w.Clock.Now().AddDate(0, 0, 3).Format(time.RFC3339), later)},
		{member, "POST", "/networks/{network}/contract/signature", `{"version":1}`},
		{member, "POST", "/networks/{network}/image-consent", `{"granted":true}`},
		{member, "POST", "/my/conversations", `{"network_id":"{network}","people":["{anna}"],"body":"Dzień dobry"}`},
		{member, "POST", "/my/conversations/{talk}/messages", `{"body":"Jeszcze jedno"}`},
		{lead, "POST", "/groups", `{"parent_kind":"network","parent":"{network}","kind":"zespol","name":"Zespół"}`},
	} {
		a, err := x.by.send(x.method, "/api/v1"+w.at(x.path), w.at(x.body))
		if err != nil {
			t.Fatal(err)
		}
		var p struct{ Detail, Title string }
		_ = json.Unmarshal([]byte(a.body), &p)
		if a.status != http.StatusConflict || len(p.Detail+p.Title) < 10 {
			t.Errorf("%s %s: %d %.300s", x.method, x.path, a.status, a.body)
		}
		is := w.snapshot()
		if c := changed(was, is); len(c) > 0 {
			t.Errorf("%s %s wrote: %v", x.method, x.path, c)
		}
		was = is
	}
	t.Run("by the pages", w.pagesWriteNothing)
}

// ownAffairs are the acts on a closed network's pages that are one's own affair: what
// one has read and wants to be told of, a copy to take away, a consent taken
// back, leaving a conversation, the way on to the next year. What stays readable
// also stays reported and moderated: the law wants notice and action for as long
// as something is shown.
var ownAffairs = []string{"leaveConversation", "hidePost", "showPostAgain", "reportPost", "keepPost", "appealPost", "decideAppeal", "reportMessage", "judgeMessage", "markBoardRead", "setBoardLevel", "followThread", "askExport", "cancelExport", "withdrawImageConsent", "renewNetwork"}

// pagesWriteNothing sends every form of every page of the network, filled with
// whatever such forms have.
func (w *closing) pagesWriteNothing(t *testing.T) {
	people := []*client{w.client("Karol Koordynator"), w.client("Nina Nauczycielka"), w.client("Cezary Centrum")}
	fields := url.Values{}
	for _, n := range strings.Fields("title body text note reason message statement what audience way who tytul powod uwaga outcome new_topic name summary aim need comment odpowiedz description") {
		fields.Set(n, "Zażółć gęślą jaźń")
	}
	for k, v := range map[string]string{"version": "1", "zgoda": "tak", "choice": "nobody", "kind": "working", "state": "done", "answer": "onsite", "due": "2027-06-02", "minutes": "45",
		"date": "2027-01-14", "starts": "15:00", "ends": "17:15", "quorum": "50", "stand_until": "2027-01-10", "vote_until": "2027-01-20", "confirmed": "1", "decyzja": "tak", "useful": "1",
		"person": w.people[0].String(), "to": w.people[0].String(), "wersja": "1", "verdict": "accepted", "zrobione": "1", "follow": "1"} {
		fields.Set(k, v)
	}
	sent, was := 0, w.snapshot()
	for _, r := range w.Site.Table() {
		path, ok := w.page(&r)
		if r.Method != http.MethodPost || !ok || slices.Contains(ownAffairs, r.Op) {
			continue
		}
		for i, c := range people {
			fields.Set("idem", uuid.NewString())
			status := w.post(c.cookie, path, fields)
			if status >= 500 {
				t.Errorf("%s by person %d: %d", r.Path, i, status)
			}
			is := w.snapshot()
			if tables := changed(was, is); len(tables) > 0 {
				t.Errorf("%s by person %d wrote: %v (%d)", r.Path, i, tables, status)
			}
			was = is
			sent++
		}
	}
	if sent < 120 {
		t.Errorf("only %d forms were sent", sent)
	}
}

// page fills the address of a route with what the network has; false for what
// is no page of a network.
func (w *closing) page(r *kit.Route) (string, bool) {
	p := r.Path
	what := map[string]string{"/sieci/": "network", "/spotkania/": "meeting", "/zadania/": "task", "/zasoby/": "resource", "/ankiety/": "round", "/ankiety-terminow/": "poll", "/wpisy/": "post", "/konto/rozmowy/": "talk", "/rozmowy/": "talk"}
	for prefix, key := range what {
		if !strings.HasPrefix(p, prefix+":") {
			continue
		}
		parts := strings.Split(p, "/")
		parts[2] = w.ids[key].String()
		for i, x := range parts {
			if !strings.HasPrefix(x, ":") {
				continue
			}
			id := map[string]string{":watek": "thread", ":osoba": "anna", ":krok": "step", ":punkt": "item", ":propozycja": "proposal", ":siec": "network", ":zadanie": "action", ":wpis": "post"}[x]
			switch {
			case x == ":czynnosc":
				parts[i] = "plan"
			case strings.Contains(p, "/blog") && x == ":watek":
				parts[i] = w.ids["entry"].String()
			case id != "":
				parts[i] = w.ids[id].String()
			default:
				parts[i] = uuid.NewString()
			}
		}
		return strings.Join(parts, "/"), true
	}
	return "", false
}

// post sends a form as the person's browser would and gives the status.
func (w *closing) post(cookie, path string, fields url.Values) int {
	w.t.Helper()
	r, err := http.NewRequest(http.MethodPost, w.base+path, strings.NewReader(fields.Encode()))
	w.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(&http.Cookie{Name: "__Host-sieci", Value: cookie})
	stay := http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := stay.Do(r)
	w.must(err)
	w.must(res.Body.Close())
	return res.StatusCode
}
