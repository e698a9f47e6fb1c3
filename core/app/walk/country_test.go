package walk_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/web/webtest"
)

// schools writes a file of the register of schools with n rows in Lipno, the
// first of them wrong, then some liquidated, then some in another gmina.
func schools(n, wrong, closed, moved int) []byte {
	var b bytes.Buffer
	b.WriteString("Numer RSPO;REGON;Typ;Nazwa;Kod terytorialny gmina;Miejscowość;Data likwidacji\n")
	for i := range n {
		regon, gmina, end := "", "3013022", ""
		switch {
		case i < wrong:
			regon = "123456789"
		case i < wrong+closed:
			end = "2026-10-31"
		case i < wrong+closed+moved:
			gmina = "3013012"
		}
		fmt.Fprintf(&b, "%d;%s;Szkoła podstawowa;Szkoła Podstawowa nr %d;%s;Lipno;%s\n", 300_000+i, regon, i, gmina, end)
	}
	return b.Bytes()
}

// until opens a page again until its heading is another one: the job is done.
func until(t *testing.T, p *webtest.Page, busy string) *webtest.Page {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(time.Minute); strings.Contains(p.Text(), busy); p.Reload() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("still %q: %s", busy, p.Text())
		}
	}
	return p
}

// ORE2, ORE3 and what ORE12 asks of the register: an administrator of ORE imports the register of schools
// in the browser without scripts, sees what it changes and why rows are
// rejected, confirms, imports it again without a change, and takes it back;
// what August looked like stays.
func TestRegisterOfSchools(t *testing.T) {
	t.Parallel()
	w := bare(t)
	const busy = "Wczytywanie w toku"
	august := func() string {
		t.Helper()
		r, err := http.Get(w.base + "/api/v1/institutions?q=lipno&closed=true&limit=100&asOf=2026-08-31")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		var list struct {
			Items []struct {
				RSPO int    `json:"rspo"`
				Name string `json:"name"`
			} `json:"items"`
		}
		if err := json.NewDecoder(r.Body).Decode(&list); err != nil || r.StatusCode != http.StatusOK {
			t.Fatalf("%d, %v", r.StatusCode, err)
		}
		return fmt.Sprint(list.Items)
	}
	before := august()
	p := w.as("Olga Ore")
	hand := func(file []byte) {
		t.Helper()
		p.Go("/zarzadzanie").Click("Rejestry").Choose("RSPO: szkoły i placówki").Attach("Plik CSV", "rspo.csv", file).Click("Wczytaj plik")
		until(t, p, busy)
	}
	hand(schools(400, 0, 0, 0))
	p.ExpectHeading("Podgląd wczytania").ExpectText("Nowe (400)", "Niczego jeszcze nie zapisano").Click("Zatwierdź zmiany")
	until(t, p, busy).ExpectHeading("Wynik wczytania")

	second := schools(400, 37, 112, 9)
	hand(second)
	p.ExpectHeading("Podgląd wczytania").ExpectText("Zmienione (9)", "Zlikwidowane (112)", "Odrzucone (37)").ExpectNoText("Nowe (")
	preview := p.Path()
	p.Click("Zmienione (9)").ExpectText("Kod gminy: 3013022 → 3013012", "Szkoła Podstawowa nr 149, Lipno, powiat leszczyński, woj. wielkopolskie")
	p.Click("Odrzucone (37)").ExpectText("REGON „123456789” ma błędną cyfrę kontrolną lub długość.")
	if body, _ := p.Download("Pobierz odrzucone wiersze (CSV)"); bytes.Count(body, []byte("\n")) != 38 {
		t.Errorf("the file of rejected rows has %d lines", bytes.Count(body, []byte("\n")))
	}
	if i, err := w.Registry.ByRSPO(t.Context(), nil, 300_040); err != nil || i.ClosedOn != nil {
		t.Errorf("the preview was written: %+v, %v", i, err)
	}
	p.Go(preview).Click("Zatwierdź zmiany")
	until(t, p, busy).ExpectText("Wczytany", "Cofnij to wczytanie")
	if i, err := w.Registry.ByRSPO(t.Context(), nil, 300_040); err != nil || i.ClosedOn == nil {
		t.Errorf("the confirmed import was not written: %+v, %v", i, err)
	}

	hand(second) // ORE3
	p.ExpectText("0 zmian", "Odrzucone (37)").Click("Odrzuć ten plik")

	if after := august(); after != before { // ORE12
		t.Errorf("August was\n%s\nand is\n%s", before, after)
	}
	p.Go(preview).Click("Cofnij to wczytanie").Click("Cofnij wczytanie")
	until(t, p, busy).ExpectText("Cofnięty")
	if i, err := w.Registry.ByRSPO(t.Context(), nil, 300_040); err != nil || i.ClosedOn != nil {
		t.Errorf("taken back: %+v, %v", i, err)
	}
	if after := august(); after != before {
		t.Errorf("August was\n%s\nand is after the undo\n%s", before, after)
	}
	centre := w.as("Cezary Centrum")
	centre.Go(preview).ExpectStatus(404)
	centre.Go("/zarzadzanie").ExpectNoText("Rejestry")
}

// A server is killed while it reads a register and another while it writes it:
// the next one brings it to its end, once.
func TestServerKilledInMidImport(t *testing.T) {
	t.Parallel()
	const rows = 6_000
	w := bare(t)
	if err := w.Jobs.Stop(t.Context()); err != nil { // the work is for those that are killed
		t.Fatal(err)
	}
	token, dsn := w.token(w.admin), "SIECI_DATABASE_URL="+w.dsn
	next := func() *server { return launch(t, dsn, "SIECI_DATA="+t.TempDir()) }
	post := func(s *server, path string, body []byte) (out struct{ ID, State string }) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.base+"/api/v1/registers/"+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "text/csv")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if err := json.NewDecoder(res.Body).Decode(&out); err != nil || res.StatusCode >= 300 {
			t.Fatalf("%s: %d, %v", path, res.StatusCode, err)
		}
		return out
	}
	server := next()
	id := post(server, "rspo/imports", schools(rows, 0, 0, 0)).ID
	await := func(condition string) {
		t.Helper()
		tick, late := time.NewTicker(5*time.Millisecond), time.After(2*time.Minute)
		defer tick.Stop()
		for w.number(`SELECT count(*) FROM registry_import WHERE id = CAST($1 AS uuid) AND `+condition, id) == 0 {
			select {
			case <-tick.C:
			case <-late:
				t.Fatalf("never %s", condition)
			}
		}
	}
	await(`(phase = 'staging' OR state <> 'reading')`)
	server.kill()
	await(`state IN ('reading', 'ready')`) // on a busy machine it can end before the kill comes
	server = next()
	await(`state = 'ready'`)
	if n := w.number(`SELECT count(*) FROM registry_stage_institution WHERE import_id = CAST($1 AS uuid)`, id); n != rows {
		t.Errorf("%d rows staged", n)
	}
	post(server, "imports/"+id+"/confirmation", nil)
	await(`EXISTS (SELECT 1 FROM river_job j WHERE j.id = job_id AND j.state = 'running')`)
	server.kill()
	await(`state = 'writing'`)
	if n := w.number(`SELECT count(*) FROM institution WHERE rspo >= 300000 AND rspo < 400000`); n != 0 {
		t.Errorf("%d institutions of half an import", n)
	}
	next()
	await(`state = 'done'`)
	if n := w.number(`SELECT count(*) FROM institution WHERE rspo >= 300000 AND rspo < 400000`); n != rows {
		t.Errorf("%d institutions", n)
	}
}
