package walk_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/web/kit"
)

// row is a row of the tables: a page or an operation.
type row struct {
	// name is the method and the pattern, an operation's in the router's writing:
	// "PUT /api/v1/meetings/:id".
	name, method, path string
	perm               access.Permission
	// kind of thing that the address names first; "" for none. inner are the
	// kinds or words that it names behind it, in their order.
	kind  string
	inner []string
	// op is the operation's id, and what the documentation says of it; "" for a page.
	op        string
	fresh     bool
	described described
}

// segments are the pieces of a pattern.
func segments(path string) []string { return strings.Split(strings.TrimPrefix(path, "/"), "/") }

// rows are all rows of both tables, each with what its address names.
func (w *world) rows() []*row {
	w.t.Helper()
	var out []*row
	for _, r := range w.Site.Table() {
		out = append(out, &row{name: r.Method + " " + r.Path, method: r.Method, path: r.Path, perm: r.Perm, fresh: r.Fresh})
	}
	api := w.description()
	for _, op := range w.API.Ops() {
		path := apikit.Base + strings.NewReplacer("{", ":", "}", "").Replace(op.Path)
		out = append(out, &row{name: op.Method + " " + path, method: op.Method, path: path, perm: op.Perm, op: op.ID, fresh: op.Fresh, described: api.Paths[op.Path][strings.ToLower(op.Method)]})
	}
	for _, r := range out {
		if problem := r.place(); problem != "" {
			w.t.Errorf("%s: %s", r.name, problem)
		}
	}
	return out
}

// description is the OpenAPI document.
func (w *world) description() *openAPI {
	w.t.Helper()
	var api openAPI
	a := w.call(&client{w: w}, http.MethodGet, apikit.Base+"/openapi.json", "", "")
	if err := json.Unmarshal(a.Body.Bytes(), &api); err != nil {
		w.t.Fatal(err)
	}
	return &api
}

// place finds what the row's address names; it returns a sentence when nobody
// said what its parameters are.
func (r *row) place() string {
	if outside(r.path) != "" {
		return ""
	}
	word := ""
	for i, s := range segments(r.path) {
		if !strings.HasPrefix(s, ":") && !strings.HasSuffix(s, "*") {
			word = s
			continue
		}
		if r.kind == "" {
			begin := "/" + strings.Join(segments(r.path)[:i], "/")
			if r.kind = named[begin]; r.kind == "" {
				return "say in named what kind of thing " + begin + "/" + s + " is, or in outside why the matrix leaves it out"
			}
			continue
		}
		example := behind[r.kind+" "+word+"/"+s]
		if example == "" {
			return fmt.Sprintf("give an example in behind for %q", r.kind+" "+word+"/"+s)
		}
		r.inner = append(r.inner, example)
	}
	return ""
}

// address is the row's address of things of own; what it names behind the first
// is taken from in.
func (r *row) address(kind string, own, in func(kind string) string) string {
	parts, n := segments(r.path), -1
	for i, s := range parts {
		if !strings.HasPrefix(s, ":") {
			continue
		}
		switch {
		case n < 0:
			parts[i] = own(kind)
		case strings.HasPrefix(r.inner[n], "="):
			parts[i] = r.inner[n][1:]
		default:
			parts[i] = in(r.inner[n])
		}
		n++
	}
	return "/" + strings.Join(parts, "/")
}

// crossed reports whether the address names one thing inside another, so that the
// two can be of different owners.
func (r *row) crossed() bool {
	return slices.ContainsFunc(r.inner, func(k string) bool { return !strings.HasPrefix(k, "=") })
}

// request is what is sent to an address: a form without answers, or a body of
// the documented shape about the thing.
func (r *row) request(api *openAPI, path, thing string) (body, kind string) {
	switch {
	case r.method == http.MethodGet:
		return "", ""
	case r.op == "":
		return url.Values{"idem": {uuid.NewString()}}.Encode(), "application/x-www-form-urlencoded"
	}
	if thing == "" {
		thing = uuid.NewString()
	}
	h := hostile{api: api, id: thing, text: "Zażółć", number: 1}
	c, ok := r.described.RequestBody.Content["application/json"]
	if !ok || c.Schema == nil {
		return "", "application/json"
	}
	raw, _ := json.Marshal(h.value(c.Schema, 0)) // of maps and words
	return string(raw), "application/json"
}

// call asks the program itself: no connection, so that thousands are quick.
func (w *world) call(c *client, method, path, body, kind string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(w.t.Context(), method, "http://127.0.0.1"+path, strings.NewReader(body))
	if c.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-sieci", Value: c.cookie})
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Idempotency-Key", uuid.NewString())
	}
	a := httptest.NewRecorder()
	w.Handler.ServeHTTP(a, r)
	return a
}

// led reports whether an answer leads to where people sign in.
func led(a *httptest.ResponseRecorder) bool {
	return a.Code == http.StatusSeeOther && strings.HasPrefix(a.Header().Get("Location"), kit.SignInPath)
}

// named are kinds of things by how the addresses of their pages and operations
// begin. Platform and private are no things of a place: see general and mine.
var named = map[string]string{
	"/sieci": "network", "/api/v1/networks": "network",
	"/programy": "programme", "/api/v1/programmes": "programme", "/api/v1/programme-coverage": "programme",
	"/grupy": "group", "/api/v1/groups": "group",
	"/zarzadzanie/placowki": "centre", "/api/v1/centres": "centre",
	"/zarzadzanie/organizacje": "institution", "/szkoly": "institution", "/api/v1/institutions": "institution",
	"/zarzadzanie/osoby": "person", "/api/v1/people": "person",
	"/zarzadzanie/potwierdzenia": "waiting person",
	"/zarzadzanie/osoby/import":  "list", "/api/v1/people/imports": "list",
	"/zarzadzanie/osoby/zaproszenia": "invited person", "/api/v1/people/invitations": "invited person",
	"/zarzadzanie/role": "grant", "/api/v1/roles": "grant",
	"/potrzeby": "need", "/api/v1/needs": "need",
	"/spotkania": "meeting", "/api/v1/meetings": "meeting",
	"/zadania": "task", "/api/v1/tasks": "task",
	"/zasoby": "resource", "/api/v1/resources": "resource",
	"/kopie": "copy", "/api/v1/exports": "copy",
	"/ankiety": "round", "/api/v1/evaluations": "round",
	"/ankiety-terminow": "poll", "/api/v1/polls": "poll",
	"/wybory": "election", "/api/v1/elections": "election",
	"/zapisy": "record", "/api/v1/records": "record",
	"/pliki": "file", "/api/v1/files": "file",
	"/odwolania": "appeal", "/api/v1/appeals": "appeal",
	"/rozmowy/zgloszenia": "message report", "/api/v1/message-reports": "message report",
	"/api/v1/threads": "thread", "/api/v1/posts": "post",
	"/osoby": "profile", "/api/v1/profiles": "profile",
	// Of one person alone.
	"/rozmowy": "talk", "/api/v1/my/conversations": "talk",
	"/konto/sesje": "session", "/api/v1/account/sessions": "session",
	"/konto/tokeny": "token", "/api/v1/account/tokens": "token",
	"/konto/klucze": "passkey", "/api/v1/account/passkeys": "passkey",
	"/konto/dostawcy": "provider link", "/api/v1/account/providers": "provider link",
	"/konto/zgody": "image consent", "/api/v1/account/image-consents": "image consent",
	"/grupy/zaproszenia": "group invitation", "/api/v1/group-invitations": "group invitation",
	"/konto/zaproszenia": "own invitation", "/api/v1/account/invitations": "own invitation",
	"/raport-roczny": "year count", "/api/v1/yearly-report": "year count",
	// Of the platform.
	"/zarzadzanie/wtyczki": "module", "/api/v1/modules": "module",
	"/zarzadzanie/wtyczki/paczki": "bundle", "/api/v1/module-bundles": "bundle",
	"/zarzadzanie/wtyczki/klucze": "module key", "/api/v1/module-keys": "module key",
	"/zarzadzanie/zadania-systemu": "module job", "/api/v1/jobs": "module job",
	"/zarzadzanie/rejestry": "register import", "/api/v1/registers/imports": "register import", "/api/v1/registers": "register",
	"/zarzadzanie/kalendarz": "school year", "/api/v1/school-breaks": "school year",
	"/zarzadzanie/potrzeby": "topic", "/blogi": "topic",
	"/kierunki/lista": "direction", "/api/v1/policy-directions": "direction",
}

// behind are the things and words (=) that addresses name behind another thing:
// by its kind, the word before and the name of the parameter.
var behind = map[string]string{
	"network plan/:widok": "=plan", "network views/:view": "=plan", "network czynnosc/:czynnosc": "=charter", "network commands/:command": "=charter",
	"network zgloszenia/:zgloszenie": "request", "network requests/:membership": "request",
	"network lista-rezerwowa/:miejsce": "seat", "network waiting-list/:membership": "seat",
	"network zaproszenia/:zaproszenie": "invitation", "network invitations/:invitation": "invitation",
	"network uczestnicy/:osoba": "person", "network members/:person": "person", "network osoby/:osoba": "person", "network roles/:role": "=moderator",
	"network propozycje/:propozycja": "proposal", "network proposals/:proposal": "proposal",
	"network upowszechnianie/:krok": "step", "network dissemination/:step": "step",
	"network sprawozdanie/:format": "=pdf", "network potwierdzenie/:format": "=pdf", "network osoby/:format": "=pdf",
	"network forum/:watek": "thread", "network blog/:watek": "entry", "network wpisy/:wpis": "post",
	"programme widok/:widok": "=nic", "programme tablica/:widok": "=nic", "programme views/:view": "=nic", "programme boards/:view": "=nic",
	"programme czynnosc/:czynnosc": "=nic", "programme commands/:command": "=nic", "programme wskazniki/:kod": "=nic", "programme indicators/:code": "=nic",
	"programme partnerzy/:partner": "partner", "programme partners/:partner": "partner",
	"programme wyniki/:wynik": "deliverable", "programme deliverables/:deliverable": "deliverable",
	"programme wyniki/:pozycja": "deliverable item", "programme items/:item": "deliverable item",
	"programme prosby/:prosba": "programme request", "programme network-requests/:request": "programme request",
	"programme sieci/:siec": "programme network", "programme networks/:network": "programme network",
	"group widok/:widok": "=nic", "group views/:view": "=nic", "group czynnosc/:czynnosc": "=nic", "group commands/:command": "=nic",
	"group zaproszenia/:zaproszenie": "group invitation", "group invitations/:invitation": "group invitation",
	"group osoby/:osoba": "person", "group members/:person": "person", "group members/:role": "=team_member",
	"person merge/:other":     "other person",
	"meeting materialy/:plik": "file", "meeting files/:file": "file",
	"meeting przyjmij/:punkt": "agenda item", "meeting adopt/:item": "agenda item",
	"meeting porzadek/:punkt": "item", "meeting agenda/:item": "item",
	"meeting ustalenia/:zadanie": "action", "meeting actions/:action": "action",
	"resource wersje/:nr": "=1", "resource pliki/:plik": "file", "resource files/:file": "file",
	"resource uzyj/:siec": "network", "resource uses/:network": "network",
	"poll kolizja/:kolizja": "protest", "poll conflicts/:conflict": "protest",
	"talk wiadomosci/:nr": "=1", "talk messages/:number": "=1",
	"election lista/:rzecz": "handover item", "election handover/:item": "handover item",
	"school year kalendarz/:wojewodztwo": "=30", "school year school-breaks/:voivodeship": "=30",
	"round wyniki/:tabela": "=nic",
}

// outside tells why the matrix does not ask for addresses that begin so; "" when
// it does.
func outside(path string) string {
	for begin, why := range map[string]string{
		"/s/":          "files of the pages, the same for everybody",
		"/deweloper/":  "tools of development; a real installation has none",
		"/api/v1/docs": "the documentation is public",
		"/u":           "the code in the address is the key, and nobody asks who comes", "/api/v1/ballots": "the same",
		"/kal/": "the same", "/wypisz/": "the same", "/logowanie/": "the same, of a provider that answers",
		"/rejestracja/": "the same, from a letter", "/haslo/": "the same, from a letter", "/zaproszenie/": "the same, from a letter", "/konto/email/potwierdz/": "the same, from a letter",
		"/jst": "the register of units is public and changed by nobody", "/api/v1/units": "the same",
	} {
		if path == begin || strings.HasPrefix(path, strings.TrimSuffix(begin, "/")+"/") {
			return why
		}
	}
	return ""
}
