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

// ORE2, ORE3 and ORE12: an administrator of ORE imports the register of schools
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
