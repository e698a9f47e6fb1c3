package web_test

import (
	"os"
	"path/filepath"
	"testing"

	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/webtest"
)

// TestScreenshots writes pictures for people to look at into the folder that
// SIECI_SHOTS names.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("SIECI_SHOTS")
	if dir == "" {
		t.Skip("SIECI_SHOTS names no folder for pictures")
	}
	s := newSite(t, todo{items: someItems()})
	for _, v := range []webtest.View{
		{Name: "360-light", Options: []webtest.Option{webtest.Size(360, 740)}},
		{Name: "1280-light", Options: []webtest.Option{webtest.Size(1280, 900)}},
		{Name: "1280-dark", Options: []webtest.Option{webtest.Size(1280, 900), webtest.Dark()}},
		{Name: "360-dark", Options: []webtest.Option{webtest.Size(360, 740), webtest.Dark()}},
	} {
		p := webtest.Open(t, s.url, v.Options...)
		shot := func(name string) { p.Screenshot(filepath.Join(dir, name+"-"+v.Name+".png")) }
		p.Go("/")
		shot("start")
		p.Go("/awaria")
		shot("awaria")
		p.Go(kit.SignInPath).Fill("Adres e-mail", "anna@example.com").Fill("Hasło", "poprawne").Click("Zaloguj się")
		shot("moje")
		p.Go("/sieci")
		shot("galeria")
		p.Go("/proba").Click("Załóż sieć")
		shot("formularz")
		p.Go("/konflikt")
		shot("konflikt")
		p.Go("/deklaracja-dostepnosci")
		shot("deklaracja")
		p.Go("/pomoc")
		shot("pomoc")
		p.Go("/deweloper/zegar")
		shot("zegar")
		p.Go("/api/v1/docs")
		shot("api")
	}
}

func someItems() []kit.TodoItem {
	return []kit.TodoItem{
		{Text: "Odpowiedz na zaproszenie", Where: "Sieć „Ocenianie kształtujące”", Href: "/sieci", Due: today.AddDate(0, 0, 1)},
		{Text: "Oddaj zadanie „Obserwacja koleżeńska”", Where: "Sieć „Ocenianie kształtujące”", Href: "/zadania", Due: today.AddDate(0, 0, 10)},
		{Text: "Przyjmij miejsce z listy oczekujących", Where: "Sieć „Doradztwo zawodowe w szkole podstawowej”", Href: "/sieci", Due: today.AddDate(0, 0, -1)},
		{Text: "Dokończ formularz „Nowa sieć”", Href: "/proba"},
	}
}
