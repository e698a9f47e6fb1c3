package walk_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/programme"
)

const formKind, jsonKind = "application/x-www-form-urlencoded", "application/json"

var (
	moments = regexp.MustCompile(`\d{4}-\d{2}-\d{2}T[0-9:.]+Z|\b\d{1,2}:\d{2}\b`)
	pieces  = regexp.MustCompile(`<(?:tr|li|article|div class="card)\b|\{"id":`)
)

// impersonal is a text without what differs between any two questions about an address.
func impersonal(email, text string) string {
	for _, e := range []string{email, url.QueryEscape(email)} {
		text = strings.ReplaceAll(text, e, "ADDRESS")
	}
	return moments.ReplaceAllString(unnamed(changing.ReplaceAllString(text, "")), "TIME")
}

// about are the parts of a list that name an address.
func about(email, list string) string {
	var out []string
	for _, p := range pieces.Split(list, -1) {
		p, _, _ = strings.Cut(p, "</form>")
		p, _, _ = strings.Cut(p, "}")
		if strings.Contains(p, email) {
			out = append(out, impersonal(email, p))
		}
	}
	return strings.Join(out, "\n")
}

// twice is one request about each of two addresses; the answers must be equal.
func (w *world) twice(c *client, emails [2]string, method, path, kind string, body func(email string) string) [2]*httptest.ResponseRecorder {
	w.t.Helper()
	var out [2]*httptest.ResponseRecorder
	var said [2]string
	for i, e := range emails {
		out[i] = w.call(c, method, strings.ReplaceAll(path, "ADDRESS", url.QueryEscape(e)), body(e), kind)
		said[i] = fmt.Sprint(out[i].Code, " ", impersonal(e, out[i].Header().Get("Location")), impersonal(e, out[i].Body.String()))
		if out[i].Code >= http.StatusBadRequest {
			w.t.Errorf("%s %s: %d %.300s", method, path, out[i].Code, out[i].Body.String())
		}
	}
	if said[0] != said[1] {
		w.t.Errorf("%s %s tells an account elsewhere from none\n%s", method, path, difference(said[0], said[1]))
	}
	return out
}

// guess has the administrator of one centre name the address of somebody of
// another centre and one of nobody, in every act that takes an address: what is
// answered, and what the lists show afterwards, is the same, and nobody holds an
// office unasked. The foreign person then accepts, without a script.
func (w *world) guess(own uuid.UUID, emails [2]string) {
	w.t.Helper()
	c := w.client("Cezary Centrum")
	school := w.institution(100234).String()
	group, err := w.Programmes.CreateGroup(w.t.Context(), access.Core("test"), programme.NewGroup{Parent: effect.Scope{Kind: effect.Network, ID: own}, Name: "Zespół sieci"})
	w.must(err)
	w.must(w.Programmes.AddMember(w.t.Context(), access.Core("test"), group, w.ids["Cezary Centrum"], access.Head, time.Time{}))
	w.guessImports(c, emails)
	at, api := "/sieci/"+own.String(), apikit.Base+"/networks/"+own.String()
	w.twice(c, emails, http.MethodPost, apikit.Base+"/groups/"+group.String()+"/invitations", jsonKind, func(e string) string {
		return `{"email":"` + e + `","role":"team_member"}`
	})
	for range 2 { // the second time is a duplicate
		w.twice(c, emails, http.MethodPost, "/zarzadzanie/osoby/zapros", formKind, func(e string) string {
			return url.Values{"email": {e}, "name": {"Ktoś Nowy"}, "institution": {school}, "idem": {uuid.NewString()}}.Encode()
		})
		w.twice(c, emails, http.MethodPost, apikit.Base+"/people", jsonKind, func(e string) string {
			return `{"email":"` + e + `","name":"Ktoś Nowy","institution":"` + school + `"}`
		})
		w.twice(c, emails, http.MethodPost, at+"/uczestnicy/zapros", formKind, func(e string) string {
			return url.Values{"emails": {e}, "days": {"14"}, "role": {"participant"}, "idem": {uuid.NewString()}}.Encode()
		})
		w.twice(c, emails, http.MethodPost, api+"/invitations", jsonKind, func(e string) string { return `{"emails":["` + e + `"]}` })
		w.twice(c, emails, http.MethodPut, api+"/coordinator", jsonKind, func(e string) string { return `{"email":"` + e + `"}` })
		w.twice(c, emails, http.MethodPost, at+"/przekazanie/koordynator", formKind, func(e string) string {
			return url.Values{"email": {e}, "idem": {uuid.NewString()}}.Encode()
		})
	}
	w.settle()
	w.guessLists(c, emails, group, own)

	// Founding: the founder leads, the role is offered.
	answers, err := json.Marshal(json.RawMessage(charter))
	w.must(err)
	made := w.twice(c, emails, http.MethodPost, apikit.Base+"/networks", jsonKind, func(e string) string {
		return `{"type":"` + typ + `","centre":"` + w.centre.String() + `","title":"Sieć z propozycją","aim":"Wymiana.","school_year":2026,"join":"open","capacity":20,"coordinator":"` + e + `","answers":` + string(answers) + `}`
	})
	var ids [2]uuid.UUID
	for i, a := range made {
		var got struct{ ID uuid.UUID }
		w.must(json.Unmarshal(a.Body.Bytes(), &got))
		ids[i] = got.ID
	}
	var shown [2]string
	for _, path := range []string{"/sieci/", "/sieci/ID/przekazanie", apikit.Base + "/networks/ID", apikit.Base + "/networks/ID/handover"} {
		for i, id := range ids {
			to := strings.Replace(path, "ID", id.String(), 1)
			if to == path {
				to += id.String()
			}
			shown[i] = impersonal(emails[i], w.call(c, http.MethodGet, to, "", "").Body.String())
		}
		if shown[0] != shown[1] {
			w.t.Errorf("%s of the founded networks\n%s", path, difference(shown[0], shown[1]))
		}
	}
	if n := w.number(`SELECT count(*) FROM role_grant WHERE person_id = $1 AND scope_id IN ($2, $3)`, w.ids["Karol Dąbrowa"], own, ids[0]); n != 0 {
		w.t.Errorf("%d offices unasked", n)
	}
	w.taken(ids[0])
}

// guessLists compares what lists show of both addresses.
func (w *world) guessLists(c *client, emails [2]string, group, own uuid.UUID) {
	w.t.Helper()
	for _, path := range []string{"/zarzadzanie/osoby/zaproszenia", apikit.Base + "/people/invitations", "/sieci/" + own.String() + "/uczestnicy/zapros",
		apikit.Base + "/networks/" + own.String() + "/invitations", "/grupy/" + group.String(), apikit.Base + "/groups/" + group.String() + "/invitations"} {
		list := w.call(c, http.MethodGet, path, "", "").Body.String()
		if a, b := about(emails[0], list), about(emails[1], list); a != b || a == "" && !strings.HasPrefix(path, "/grupy/") {
			w.t.Errorf("%s tells an account elsewhere from none\n%s", path, difference(a, b))
		}
	}
	for _, path := range []string{"/zarzadzanie/osoby?q=ADDRESS", apikit.Base + "/people?q=ADDRESS", "/szukaj?q=ADDRESS", "/zarzadzanie/potwierdzenia"} {
		w.twice(c, emails, http.MethodGet, path, "", func(string) string { return "" })
	}
}

// guessImports compares lists of people at each step of their way.
func (w *world) guessImports(c *client, emails [2]string) {
	w.t.Helper()
	ctx, a := w.t.Context(), w.actor("Cezary Centrum")
	var ids [2]uuid.UUID
	var counts [2]string
	step := func(name string, do func(i int) error) {
		for i := range ids {
			w.must(do(i))
		}
		w.settle()
		for i, id := range ids {
			p, err := w.Identity.PeopleImport(ctx, a, id)
			w.must(err)
			counts[i] = fmt.Sprint(p.State, p.New, p.Changed, p.Known, p.Rejected, p.Kept, p.Mail)
			for _, path := range []string{"/zarzadzanie/osoby/import/", apikit.Base + "/people/imports/"} {
				counts[i] += impersonal(emails[i], w.call(c, http.MethodGet, path+id.String(), "", "").Body.String())
			}
		}
		if counts[0] != counts[1] {
			w.t.Errorf("import, %s\n%s", name, difference(counts[0], counts[1]))
		}
	}
	step("preview", func(i int) (err error) {
		ids[i], err = w.Identity.BeginPeople(ctx, a, "lista.csv", strings.NewReader("Imię i nazwisko;E-mail;RSPO\nKtoś Nowy;"+emails[i]+";100310\n"))
		return err
	})
	if p, err := w.Identity.PeopleImport(ctx, a, ids[0]); err != nil || p.State != identity.ImportReady || p.New != 1 {
		w.t.Errorf("preview of an account elsewhere: %+v, %v", p, err)
	}
	step("written", func(i int) error { return w.Identity.ConfirmPeople(ctx, a, ids[i], true) })
	step("undone", func(i int) error { return w.Identity.UndoPeople(ctx, a, ids[i]) })
}

// taken has the foreign person take up what was offered, in the browser.
func (w *world) taken(founded uuid.UUID) {
	w.t.Helper()
	k := w.as("Karol Dąbrowa").Go("/moje").Click("Odpowiedz na zaproszenie do szkoły lub placówki").ExpectHeading("Zaproszenia do szkół i placówek")
	k.ExpectText("Cezary Centrum", "Zastąpi dotychczasowe miejsce pracy").Click("Przyjmuję: Szkoła Podstawowa nr 2 im. Polskich Olimpijczyków, Leszno, woj. wielkopolskie")
	k.ExpectText("Przyjęto zaproszenie", "Szkoła Podstawowa nr 2")
	k.Go("/sieci/" + founded.String() + "/koordynator").ExpectHeading("Propozycja koordynowania sieci")
	k.Click("Przyjmuję koordynowanie").ExpectText("Od teraz koordynujesz tę sieć")
	if n := w.number(`SELECT count(*) FROM role_grant WHERE scope_id = $1 AND role = 'coordinator' AND valid_to IS NULL AND person_id = $2`, founded, w.ids["Karol Dąbrowa"]); n != 1 {
		w.t.Error("the role has not moved")
	}
	c := w.as("Cezary Centrum").Go("/zarzadzanie/osoby/zaproszenia").ExpectText("Przyjęte", "Czeka na odpowiedź")
	c.Go("/zarzadzanie/osoby?q=dabrowa").ExpectText("Karol Dąbrowa")
}
