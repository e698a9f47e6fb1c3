package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/registry/sample"
	"ore.edu.pl/sieci/core/view"
	"ore.edu.pl/sieci/core/web/webtest"
	"ore.edu.pl/sieci/plugins/vocational/vocational"
)

var folder string

func TestMain(m *testing.M) { webtest.Main(m, func() { _ = os.RemoveAll(folder) }) }

// packed is a folder with the module's bundle, as the platform is delivered.
func packed() (string, error) {
	var err error
	if folder, err = os.MkdirTemp("", "sieci-vocational-"); err != nil {
		return "", err
	}
	if err := os.Chmod(folder, 0o755); err != nil { // the module runs under a uid of its own
		return "", err
	}
	out := filepath.Join(folder, "module")
	cmd := exec.Command("go", "build", "-trimpath", "-o", out, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if b, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, b)
	}
	raw, err := os.ReadFile("manifest.json")
	if err != nil {
		return "", err
	}
	bundles := filepath.Join(folder, "plugins")
	_, err = bundle.Pack(raw, out, filepath.Join(bundles, vocational.ID), runtime.GOOS, runtime.GOARCH)
	return bundles, err
}

// world is a server with the module enabled and a small register of schools.
type world struct {
	*app.App
	t      *testing.T
	base   string
	centre uuid.UUID
	people map[string]uuid.UUID
}

func open(t *testing.T) *world {
	t.Helper()
	bundles, err := packed()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, people: map[string]uuid.UUID{}}
	c := app.Config{DatabaseURL: dbtest.NewDSN(t), Data: t.TempDir(), Addr: "127.0.0.1:0", BaseURL: "http://127.0.0.1", MailFrom: "sieci@localhost", Plugins: bundles, Dev: true}
	if w.App, err = app.Open(t.Context(), c, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))); err != nil {
		t.Fatal(err)
	}
	w.serve()
	core := access.Core("test")
	if err := w.Modules.Enable(access.With(t.Context(), core), vocational.ID, vocational.Version); err != nil {
		t.Fatal(err)
	}
	if err := w.Modules.Await(t.Context(), vocational.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Registry.ImportTERC(t.Context(), core, bytes.NewReader(sample.TERC)); err != nil {
		t.Fatal(err)
	}
	w.register("")
	centre, err := w.Registry.ByRSPO(t.Context(), w.DB, 910000)
	if err != nil {
		t.Fatal(err)
	}
	w.centre = centre.ID
	w.person("Olga Ore", 0)
	if err := w.Roles.GrantRole(t.Context(), core, access.RoleInput{Person: w.people["Olga Ore"], Role: access.OREAdmin, Kind: access.Platform}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) serve() {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
	addr, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- w.Run(ctx, func(a string) { addr <- a }) }()
	w.t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, w.Close()); err != nil {
			w.t.Errorf("stop the server: %v", err)
		}
	})
	select {
	case a := <-addr:
		w.base = "http://" + a
	case err := <-ended:
		ended <- err
		w.t.Fatalf("the server ended: %v", err)
	}
}

// register reads a file: two schools tune pianos, the second until closed; five
// teach the book trade.
func (w *world) register(closed string) {
	w.t.Helper()
	var b strings.Builder
	b.WriteString("Numer RSPO;Typ;Nazwa;Kod terytorialny gmina;Miejscowość;Kształcenie zawodowe;Data likwidacji\n" +
		"910000;Placówka doskonalenia nauczycieli;Ośrodek Próbny;3063011;Leszno;;\n" +
		"910001;Technikum;Technikum Muzyczne w Lesznie;3063011;Leszno;311933 Stroiciel fortepianów i pianin;\n" +
		"910002;Technikum;Technikum Muzyczne w Sandomierzu;2609011;Sandomierz;311933 Stroiciel fortepianów i pianin;" + closed + "\n")
	for i := range 5 {
		fmt.Fprintf(&b, "91001%d;Technikum;Technikum nr %d;3063011;Leszno;522306 Technik księgarstwa;\n", i, i+1)
	}
	if _, err := w.Registry.ImportRSPO(w.t.Context(), access.Core("test"), strings.NewReader(b.String())); err != nil {
		w.t.Fatal(err)
	}
}

// person is somebody of a school, 0 for none.
func (w *world) person(name string, rspo int) {
	w.t.Helper()
	in := identity.NewPerson{Email: fmt.Sprintf("%x@example.org", name), Name: name, Password: "mokry-kasztan-pod-lipa"}
	if rspo != 0 {
		s, err := w.Registry.ByRSPO(w.t.Context(), w.DB, rspo)
		if err != nil {
			w.t.Fatal(err)
		}
		in.Institution = s.ID
	}
	p, err := w.Identity.CreateActive(w.t.Context(), access.Core("test"), in)
	if err != nil {
		w.t.Fatal(err)
	}
	w.people[name] = p
}

// as is the person as their next request would act.
func (w *world) as(name string) *access.Actor {
	w.t.Helper()
	a := &access.Actor{Person: w.people[name], Name: name}
	if err := w.DB.Get(w.t.Context(), &a.Institution, `SELECT coalesce(institution_id, '00000000-0000-0000-0000-000000000000') FROM person WHERE id = $1`, a.Person); err != nil {
		w.t.Fatal(err)
	}
	var err error
	if a.Grants, err = access.RolesOf(w.t.Context(), w.DB, a.Person, w.Clock.Now()); err != nil {
		w.t.Fatal(err)
	}
	return a
}

// found founds and opens a network of a type; Olga leads it.
func (w *world) found(typ, title, answers string) uuid.UUID {
	w.t.Helper()
	id, err := w.Networks.Found(w.t.Context(), w.as("Olga Ore"), network.Founding{
		Type: effect.Qualify(vocational.ID, typ), Centre: w.centre, Answers: effect.Document{JSON: json.RawMessage(answers), Revision: 1},
		Settings: network.Settings{Title: title, Aim: title, SchoolYear: 2026, Join: network.JoinOpen},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.Networks.OpenNetwork(w.t.Context(), w.as("Olga Ore"), id); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// act gives a command; reasons are codes that are acknowledged.
func (w *world) act(who string, id uuid.UUID, command, answers string, reasons ...string) error {
	w.t.Helper()
	in := network.Action{Command: command}
	if answers != "" {
		in.Answers = effect.Document{JSON: json.RawMessage(answers), Revision: 1}
	}
	for _, code := range reasons {
		path, name, ok := strings.Cut(code, ":")
		if !ok {
			path, name = "", code
		}
		in.Reasons = append(in.Reasons, effect.Acknowledgement{Path: path, Code: name, Reason: "Tak ma być."})
	}
	_, err := w.Networks.Act(w.t.Context(), w.as(who), id, in)
	return err
}

func (w *world) must(err error) {
	w.t.Helper()
	var f *fault.Error
	if errors.As(err, &f) {
		w.t.Fatalf("%v: %+v", err, f.Fields)
	} else if err != nil {
		w.t.Fatal(err)
	}
}

// refused expects a refusal whose fields say every text.
func (w *world) refused(err error, texts ...string) {
	w.t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		w.t.Errorf("not refused: %v", err)
		return
	}
	said := fmt.Sprintf("%+v", f.Fields)
	for _, x := range texts {
		if !strings.Contains(said, x) {
			w.t.Errorf("the refusal does not say %q: %s", x, said)
		}
	}
}

// page renders a view as somebody and holds it against the linter; it must say
// every text, and none after "!".
func (w *world) page(who string, id uuid.UUID, name string, params map[string]string, texts ...string) {
	w.t.Helper()
	n, err := w.Networks.Get(w.t.Context(), w.as(who), id)
	if err != nil {
		w.t.Fatal(err)
	}
	raw, err := w.Networks.Render(w.t.Context(), w.as(who), n, name, params)
	if err != nil {
		w.t.Errorf("view %s %v: %v", name, params, err)
		return
	}
	if _, found := view.Load(raw); len(found) > 0 {
		w.t.Errorf("view %s: %v\n%s", name, found, raw)
	}
	for _, x := range texts {
		if not, unwanted := strings.CutPrefix(x, "!"); strings.Contains(string(raw), strings.TrimPrefix(x, "!")) == unwanted {
			w.t.Errorf("view %s %v: %q wanted: %v\n%s", name, params, not, !unwanted, raw)
		}
	}
}

func (w *world) number(query string, args ...any) int {
	w.t.Helper()
	var n int
	if err := w.DB.Get(w.t.Context(), &n, query, args...); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	return n
}

func (w *world) day(days int) string { return w.Clock.Now().AddDate(0, 0, days).Format(time.DateOnly) }

// shown is the day as Polish pages write it.
func (w *world) shown(days int) string { return w.Clock.Now().AddDate(0, 0, days).Format("2.01.2006") }

func (w *world) moveOn(days int) {
	w.t.Helper()
	if err := w.Clock.Move(w.t.Context(), w.Clock.Now().AddDate(0, 0, days)); err != nil {
		w.t.Fatal(err)
	}
}

func TestVocationalOnThePlatform(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.person("Nina Nauczycielka", 910001)
	net := w.found("network", "Zawody unikatowe", `{"cel":"Aby nikt nie uczył sam.","prog":2}`)
	w.uniqueVocations(net)
	w.expertRegister(w.found("experts", "Lista ekspertów", `{"cel":"Eksperci komisji.","podstawa":"Art. 9g Karty Nauczyciela"}`))
}

// uniqueVocations: rarity from the register, "2 → 1 szkoła" after the second
// file, members by vocation, the few others invited, needs.
func (w *world) uniqueVocations(net uuid.UUID) {
	w.t.Helper()
	olga, ctx := "Olga Ore", w.t.Context()
	w.must(w.act(olga, net, "vocation", `{"kod":"311933","nazwa":"stroiciel fortepianów i pianin","od":"2019-09-01","akt":"Dz.U. 2024 poz. 611"}`))
	w.must(w.act(olga, net, "flag", fmt.Sprintf(`{"kod":"311933","od":%q,"podstawa":"Decyzja próbna 1/2026"}`, w.day(-10))))
	w.refused(w.act(olga, net, "flag", fmt.Sprintf(`{"kod":"311933","od":%q,"podstawa":"Druga"}`, w.day(0))), "już uznany za unikatowy")
	w.refused(w.act(olga, net, "flag", fmt.Sprintf(`{"kod":"31193","od":%q,"podstawa":"Druga"}`, w.day(0))), "sześć cyfr")
	w.page(olga, net, "radar", nil, "311933", "2 szkoły, bez zmian", "od "+w.shown(-10), "!522306")
	w.page(olga, net, "radar", map[string]string{"kod": "311933"}, "Decyzja próbna 1/2026")
	w.page(olga, net, "radar", map[string]string{"kod": "311933", "dzien": w.day(-11)}, "311933", "!Decyzja próbna")
	w.must(w.act(olga, net, "look", ""))

	w.moveOn(2)
	w.register(w.day(-1))
	w.page(olga, net, "radar", nil, "stroiciel fortepianów i pianin (311933): 2 → 1 szkoła")
	w.page(olga, net, "radar", map[string]string{"kod": "311933"}, "2 → 1 szkoła", "Technikum Muzyczne w Lesznie", "!Technikum Muzyczne w Sandomierzu")
	w.page(olga, net, "radar", map[string]string{"kod": "311933", "dzien": w.day(-2)}, "Technikum Muzyczne w Sandomierzu")
	job := effect.JobPage{Job: uuid.New(), Name: "watch"}
	for range 2 { // the second look finds nothing new
		o, err := w.Engine.Decide(ctx, &effect.Request{ID: uuid.New(), Type: effect.Qualify(vocational.ID, "network"), Scope: effect.Scope{Kind: effect.Network, ID: net}, Input: job})
		if err != nil {
			w.t.Fatalf("%+v %v", o, err)
		}
	}
	if n := w.number(`SELECT count(*) FROM record WHERE kind = 'alert'`); n != 1 {
		w.t.Errorf("%d alerts", n)
	}
	w.page(olga, net, "home", nil, "2 → 1 szkoła", "Aby nikt nie uczył sam")

	if out, err := w.Networks.Join(ctx, w.as("Nina Nauczycielka"), net, network.Entry{}); err != nil || out.State != network.Active {
		w.t.Fatal(out, err)
	}
	w.must(w.act("Nina Nauczycielka", net, "teach", `{"zawody":[{"_row":"r1","kod":"311933"}]}`))
	w.page(olga, net, "groups", nil, "stroiciel fortepianów i pianin (311933): 1 osoba", w.people["Nina Nauczycielka"].String())
	w.page("Nina Nauczycielka", net, "radar", nil, "311933")
	w.refused(w.act(olga, net, "invite", `{"kod":"311933"}`), "ktoś już jest w sieci")
	w.refused(w.act(olga, net, "invite", `{"kod":"999999"}`), "nie uczy tego zawodu")
	w.must(w.act(olga, net, "invite", `{"kod":"522306","wiadomosc":"Zapraszamy."}`))
	if n := w.number(`SELECT count(*) FROM network_invitation WHERE network_id = $1`, net); n != 5 {
		w.t.Errorf("%d schools invited", n)
	}
	w.must(w.act("Nina Nauczycielka", net, "need", `{"branza":"DRM","region":"30","potrzeba":"Pracownia strojenia"}`))
	w.page("Nina Nauczycielka", net, "needs", nil, "drzewno-meblarska", "wielkopolskie", "Pracownia strojenia")
	if err := w.act("Nina Nauczycielka", net, "flag", `{"kod":"522306","od":"2026-01-01","podstawa":"Własna"}`); !fault.Is(err, fault.NotFound) {
		w.t.Errorf("a member declares a vocation unique: %v", err)
	}
	w.must(w.act(olga, net, "unflag", fmt.Sprintf(`{"kod":"311933","do":%q,"podstawa_konca":"Decyzja 2/2026"}`, w.day(-1))))
	w.page(olga, net, "radar", map[string]string{"kod": "311933"}, "!Decyzja próbna")
	if _, err := w.Networks.Leave(ctx, w.as("Nina Nauczycielka"), net); err != nil {
		w.t.Fatal(err)
	}
	w.page(olga, net, "groups", nil, "Nikt nie podał jeszcze")
	next, err := w.Networks.Renew(ctx, w.as(olga), net)
	w.must(err)
	if n := w.number(`SELECT count(*) FROM record WHERE scope_id = $1 AND kind IN ('charter', 'vocation', 'flag')`, next); n != 3 {
		w.t.Errorf("%d records of the successor", n)
	}
}

const candidateCard = `{"numer":"K-1","nazwisko":"Ewa Ekspertka","publikacja":true,"typy":["technikum"],"region":"30",
	"przedmioty":[{"_row":"r1","przedmiot":"Strojenie instrumentów"}],"powiazania":[{"_row":"r1","rspo":910001}],
	"spelnione":[{"_row":"r1","warunek":"staz","dzien":"2020-01-01","dowod":"Świadectwo pracy"}]%s}`

// expertRegister: no admission without the training, an admission and a removal
// with their numbers, both states by date, search and the public part.
func (w *world) expertRegister(list uuid.UUID) {
	w.t.Helper()
	olga := "Olga Ore"
	w.must(w.act(olga, list, "candidate", `{"numer":"K-0","nazwisko":"Jan Bez Warunków","typy":["liceum"],"region":"02","przedmioty":[{"_row":"r1","przedmiot":"Fizyka"}]}`))
	var need *network.ReasonError
	early := fmt.Sprintf(`{"numer":"K-0","decyzja":"DWST.0","dzien":%q,"podstawa":"Art. 9g"}`, w.day(-1))
	if err := w.act(olga, list, "admit", early); !errors.As(err, &need) {
		w.t.Errorf("admitted without any condition: %v", err)
	}
	w.must(w.act(olga, list, "condition", `{"kod":"staz","tresc":"Co najmniej 10 lat pracy","rodzaj":"inny","od":"2019-01-01","podstawa":"Art. 9g ust. 11a"}`))
	w.must(w.act(olga, list, "condition", `{"kod":"szkolenie","tresc":"Ukończone szkolenie dla ekspertów","rodzaj":"szkolenie","godziny":30,"od":"2019-01-01","podstawa":"Art. 9g ust. 11a"}`))
	w.must(w.act(olga, list, "candidate", fmt.Sprintf(candidateCard, "")))
	admitted := w.day(-1)
	admit := fmt.Sprintf(`{"numer":"K-1","decyzja":"DWST.1.2026","dzien":%q,"podstawa":"Art. 9g"}`, admitted)
	w.refused(w.act(olga, list, "admit", admit), "Niespełniony warunek: Ukończone szkolenie dla ekspertów")
	w.must(w.act(olga, list, "candidate", fmt.Sprintf(candidateCard, `,"szkolenia":[{"_row":"r1","szkolenie":"Szkolenie ekspertów","ukonczone":"2026-03-01","godziny":40}]`), "numer:known_number"))
	w.must(w.act(olga, list, "admit", admit))
	w.refused(w.act(olga, list, "admit", strings.Replace(admit, "DWST.1", "DWST.2", 1)), "jest na liście")
	w.page(olga, list, "experts", map[string]string{"typ": "technikum", "przedmiot": "stroj", "region": "30"}, "Ewa Ekspertka", "na liście od")
	w.page(olga, list, "experts", map[string]string{"region": "02"}, "!Ewa Ekspertka")
	w.page(olga, list, "experts", map[string]string{"rspo": "910001"}, "Wyłączeni z powodu powiązania", "Ewa Ekspertka")

	w.moveOn(3)
	removed := w.day(0)
	remove := fmt.Sprintf(`{"numer":"K-1","decyzja":"DWST.9.2026","dzien":%q,"podstawa":"Art. 9g","powod":"Prośba osoby"}`, removed)
	w.refused(w.act(olga, list, "remove", strings.Replace(remove, "DWST.9", "DWST.1", 1)), "o tym numerze jest już zapisana")
	w.must(w.act(olga, list, "remove", remove))
	w.page(olga, list, "card", map[string]string{"numer": "K-1"}, "skreślenie z dniem", "DWST.1.2026", "DWST.9.2026", "Prośba osoby")
	w.page(olga, list, "card", map[string]string{"numer": "K-1", "dzien": w.day(-1)}, "na liście od")

	if _, err := w.Networks.Renew(w.t.Context(), w.as(olga), list); !fault.Is(err, fault.Invalid) {
		w.t.Errorf("a register begins anew: %v", err)
	}

	p := webtest.Open(w.t, w.base).Go("/sieci/"+list.String()).ExpectStatus(200).ExpectText("Lista ekspertów – część publiczna", "Art. 9g Karty Nauczyciela").ExpectNoText("Ewa Ekspertka")
	p.Fill("Stan z dnia", w.day(-1)).Click("Pokaż").ExpectText("Ewa Ekspertka", "Strojenie instrumentów").ExpectNoText("K-1", "Prośba osoby")
	p.Select("Typ szkoły", "liceum").Click("Pokaż").ExpectNoText("Ewa Ekspertka").ExpectText("Nikt nie odpowiada")
}
