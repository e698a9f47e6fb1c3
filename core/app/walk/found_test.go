package walk_test

import (
	"strings"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/web/webtest"
)

// From nothing: ORE enables the module, a centre founds a network with the
// module's form and opens it.
func TestFounding(t *testing.T) {
	t.Parallel()
	w := bare(t)
	o := w.as("Olga Ore").Go("/zarzadzanie/wtyczki")
	o.ExpectText("Sieci tematyczne").Click("Sieci tematyczne").Click("Włącz wersję 1.0.0")
	o.ExpectText("Ostrzega, gdy z jednego zespołu szkół jest wiele osób").Click("Włącz wtyczkę").ExpectText("Wtyczka została włączona")
	w.await()
	began := time.Now()
	for !strings.Contains(o.Reload().Text(), "Działa") { // the page says what the node wrote last
		if t.Context().Err() != nil || time.Since(began) > time.Minute {
			o.ExpectText("Działa")
		}
	}

	p := w.as("Cezary Centrum").Go("/sieci").Click("Załóż sieć").Click("Dalej")
	p.Fill("Nazwa sieci", "Oc").Choose("Otwarte").Fill("Liczba miejsc", "20").Click("Dalej")
	p.ExpectStatus(422).ExpectText("Popraw 2 błędy", "Nazwa powinna mieć od 3 do 200 znaków", "Napisz, po co powstaje ta sieć")
	if got := p.Value("Nazwa sieci"); got != "Oc" {
		t.Errorf("the name typed is %q now", got)
	}
	p.Fill("Nazwa sieci", "Ocenianie kształtujące").Fill("Cel", "Uczymy się oceniać tak, żeby pomagać.").Click("Dalej")

	// The module's form: an error first, what was typed stays.
	p.Choose("Problemowa: wokół wspólnego zagadnienia").Select("Obszar tematyczny", "Ocenianie i monitorowanie uczenia się").Choose("Nauczyciele")
	p.Fill("Na jaką potrzebę szkół odpowiada sieć?", "Oceny nie pomagają się uczyć.").Choose("Wspólne wykonywanie zadań").Choose("Spotkania na miejscu")
	p.Fill("Ile spotkań w roku szkolnym?", "2").Click("Załóż sieć")
	p.ExpectStatus(422).ExpectText("Popraw 1 błąd")
	if got := p.Value("Na jaką potrzebę szkół odpowiada sieć?"); got != "Oceny nie pomagają się uczyć." {
		t.Errorf("the need typed is %q now", got)
	}
	if got := p.Value("Ile spotkań w roku szkolnym?"); got != "2" || !p.Chosen("Wspólne wykonywanie zadań") {
		t.Errorf("meetings typed are %q now, the goal is ticked: %v", got, p.Chosen("Wspólne wykonywanie zadań"))
	}
	// An answer that brings up a question says so, and the question must be answered.
	p.Fill("Ile spotkań w roku szkolnym?", "4").Select("Obszar tematyczny", "Inny obszar").Click("Załóż sieć").ExpectStatus(200)
	p.ExpectText("pojawiły się kolejne pytania", "Jaki obszar?").Select("Obszar tematyczny", "Ocenianie i monitorowanie uczenia się").Click("Załóż sieć")
	p.ExpectStatus(200).ExpectText("Sieć powstała", "Sieć w przygotowaniu", "Uczymy się oceniać")
	path := p.Path()
	if !strings.HasPrefix(path, "/sieci/") {
		t.Fatalf("after founding at %s", path)
	}
	g := webtest.Open(t, w.base)
	g.Go(path).ExpectStatus(404)
	p.Click("Otwórz sieć").Click("Otwórz sieć").ExpectText("Sieć jest otwarta")
	g.Go("/sieci?q=ocenianie").Click("Ocenianie kształtujące").ExpectStatus(200).ExpectText("Uczymy się oceniać")
	p.Go(path + "/plan").ExpectStatus(200)
	if n := w.number(`SELECT count(*) FROM record WHERE module = 'ore.thematic'`); n != 2 {
		t.Errorf("founding wrote %d records, want charter and plan", n)
	}
}
