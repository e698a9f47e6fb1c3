package web_test

import (
	"testing"

	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/webtest"
)

// TestAccessible holds every page of this package, in its typical and its
// error state, against axe on a narrow light and a wide dark screen.
func TestAccessible(t *testing.T) {
	t.Parallel()
	s := newSite(t, todo{items: someItems()})
	for _, v := range webtest.Views {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			p := webtest.Open(t, s.url, v.Options...)
			for _, path := range []string{"/", "/pomoc", "/prywatnosc", "/deklaracja-dostepnosci", "/awaria", "/nie-ma", "/konflikt",
				"/deweloper/zegar", "/deweloper/poczta", "/deweloper/poczta/1", kit.SignInPath, "/api/v1/docs", "/api/v1/docs/trial"} {
				p.Go(path).ExpectAccessible()
			}
			p.Go(kit.SignInPath).Click("Zaloguj się").ExpectStatus(422).ExpectAccessible()
			p.Fill("Adres e-mail", "anna@example.com").Fill("Hasło", "poprawne").Click("Zaloguj się")
			for _, path := range []string{"/moje", "/sieci", "/proba"} {
				p.Go(path).ExpectAccessible()
			}
			p.Click("Załóż sieć").ExpectStatus(422).ExpectAccessible()
		})
	}
}
