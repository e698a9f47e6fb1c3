package walk_test

import (
	"bytes"
	"crypto/ed25519"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/plugin/bundle"
)

var hostModule = sync.OnceValues(func() (string, error) { return compile("plugins/misbehave") })

// signed packs the test module as a centre's author does, and signs it.
func signed(t *testing.T, title string, key ed25519.PrivateKey) []byte {
	t.Helper()
	program, err := hostModule()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"manifest.json": `{"id":"test.misbehave","version":"1.0.0","title":{"pl":"` + title + `"},"contract":{"from":1,"to":1},"binaries":[],
			"capabilities":[{"name":"record.put","scopes":["network"],"reason":{"pl":"Zapisuje notatki tutorów."}}],
			"roles":[{"role":"coordinator","commands":["pid"],"effects":["record.put"]}]}`,
		"pl.json": `{"a":"tutor"}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var plain, out bytes.Buffer
	s := bundle.Source{Dir: dir, Texts: dir, Binaries: map[string]string{runtime.GOOS + "/" + runtime.GOARCH: program}}
	if _, err := s.Write(&plain); err != nil {
		t.Fatal(err)
	}
	if key == nil {
		return plain.Bytes()
	}
	if _, err := bundle.Sign(&out, &plain, key); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// ORE7: a centre hands in its own plugin, an administrator of ORE reads the
// report and enables it for that centre alone; what is not signed is refused
// with a sentence. Without a restart, by hand, without scripts.
func TestCentreDeliversItsOwnPlugin(t *testing.T) {
	t.Parallel()
	w := open(t)
	other := w.institution(900102)
	w.centreAdmin("Dorota Dąbrowa", 900102)
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	pem, err := bundle.EncodePublic(public)
	if err != nil {
		t.Fatal(err)
	}
	const catalogue = "/zarzadzanie/wtyczki"
	c, o, d := w.as("Cezary Centrum"), w.as("Olga Ore"), w.as("Dorota Dąbrowa")

	c.Go(catalogue).ExpectNoText("ore.thematic").Click("Dodaj paczkę")
	c.Click("Dodaj i sprawdź").ExpectStatus(422).ExpectText("Wybierz plik paczki")
	c.Attach("Plik paczki", "t.sieci", []byte("PK\x03\x04")).Click("Dodaj i sprawdź").ExpectStatus(422).ExpectText("To nie jest paczka wtyczki")
	c.Attach("Plik paczki", "t.sieci", signed(t, "Tutoring", nil)).Click("Dodaj i sprawdź").ExpectStatus(422).ExpectText("Paczka nie jest podpisana")
	file := signed(t, "Tutoring", private)
	c.Attach("Plik paczki", "t.sieci", file).Click("Dodaj i sprawdź").ExpectStatus(422).ExpectText("którego platforma nie zna")

	o.Go(catalogue).Click("Klucze autorów wtyczek").ExpectText("Nie ma jeszcze żadnego klucza").Click("Dodaj klucz")
	o.Fill("Nazwa klucza", "Zespół IT").Fill("Przestrzeń nazw", "test").Fill("Ważny od", "2026-09-01").Fill("Ważny do", "2028-08-31")
	o.Fill("Klucz publiczny", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END PRIVATE KEY-----")
	o.Select("Właściciel", w.named(w.centre)).Click("Dodaj klucz").ExpectStatus(422).ExpectText("To klucz prywatny")
	o.Fill("Klucz publiczny", string(pem)).Click("Dodaj klucz").ExpectStatus(200).ExpectText("Klucz został dodany", "Zespół IT", "Ważny")

	report := c.Attach("Plik paczki", "t.sieci", file).Click("Dodaj i sprawdź").ExpectStatus(200).
		ExpectText("przeszła wszystkie sprawdzenia", "Zapisywanie dokumentów sieci", "Nowe", "Zapisuje notatki tutorów", "Zespół IT").ExpectNoText("Przejdź do włączenia").Path()
	d.Go(report).ExpectStatus(404)
	d.Go(catalogue).ExpectNoText("Tutoring")
	c.Go(catalogue + "/test.misbehave/wlacz?wersja=1.0.0").ExpectStatus(404)

	o.Go(report).Click("Przejdź do włączenia").Choose("W jednej wybranej placówce").Click("Włącz wtyczkę").ExpectStatus(422).ExpectText("Wybierz co najmniej jedną placówkę")
	o.Select("Placówka", w.named(w.centre)).Click("Włącz wtyczkę").ExpectStatus(200).ExpectText("Wtyczka została włączona")
	c.Go("/sieci/zaloz").ExpectText("Sieć próbna")
	d.Go("/sieci/zaloz").ExpectNoText("Sieć próbna")
	here := "/sieci/zaloz?rodzaj=test.misbehave:network&placowka="
	d.Go(here + other.String()).ExpectStatus(404)
	o.Go(here + other.String()).ExpectStatus(422).ExpectText("nie można zakładać sieci tego rodzaju")
	c.Go(here + w.centre.String()).ExpectStatus(200).ExpectHeading("Załóż sieć")

	o.Go(catalogue+"/test.misbehave").Click("Zmień placówki").Select("Placówka", w.named(other)).Click("Dodaj placówkę").ExpectText("Zapisano, gdzie wtyczka jest włączona")
	d.Go("/sieci/zaloz").ExpectText("Sieć próbna")
	o.Click("Usuń z listy: " + w.title(other)).ExpectText("Zapisano, gdzie")
	d.Go("/sieci/zaloz").ExpectNoText("Sieć próbna")

	o.Go(catalogue + "/klucze").Click("Unieważnij klucz " + bundle.KeyID(public)).Click("Unieważnij klucz").ExpectStatus(422).ExpectText("Wpisz powód")
	o.Fill("Powód", "Zgubiony komputer").Click("Unieważnij klucz").ExpectStatus(200).ExpectText("Klucz został unieważniony", "Zgubiony komputer", "test.misbehave")
	c.Go(catalogue+"/dodaj").Attach("Plik paczki", "t.sieci", signed(t, "Tutoring nowy", private)).Click("Dodaj i sprawdź").ExpectStatus(422).ExpectText("został unieważniony", "Zgubiony komputer")
	c.Go("/sieci/zaloz").ExpectText("Sieć próbna") // what runs goes on
	o.Go("/zarzadzanie/dziennik").ExpectText("Klucz autora wtyczek: dodanie", "Klucz autora wtyczek: odebranie", "Paczka wtyczki: dodanie", "Wtyczka: wskazanie placówek")
}

func (w *world) centreAdmin(name string, rspo int) {
	w.t.Helper()
	w.grant(w.person(name, rspo), access.CentreAdmin, access.Centre, w.institution(rspo))
}

// title is an institution's name; named is how lists of centres show it.
func (w *world) title(id uuid.UUID) (name string) {
	w.t.Helper()
	if err := w.DB.Get(w.t.Context(), &name, `SELECT name FROM institution WHERE id = $1`, id); err != nil {
		w.t.Fatal(err)
	}
	return name
}

func (w *world) named(id uuid.UUID) (name string) {
	w.t.Helper()
	if err := w.DB.Get(w.t.Context(), &name, `SELECT CASE WHEN town = '' THEN name ELSE name || ', ' || town END FROM institution WHERE id = $1`, id); err != nil {
		w.t.Fatal(err)
	}
	return name
}
