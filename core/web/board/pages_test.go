package board_test

import (
	"bytes"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/web/webtest"
)

func TestPagesHaveOperations(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if m := apikit.Mismatches(w.rows, w.api.Ops()); len(m) > 0 {
		t.Error(strings.Join(m, "\n"))
	}
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A blog note with a scenario and a picture is written without a script
// (scenario KOO7): type checked, licence and description asked for.
func TestBlogNoteWithFile(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.as(w.lead).Go(w.base + "/blog").ExpectText("Nie ma jeszcze żadnego wpisu").Click("Nowy wpis")
	p.Fill("Tytuł", "Karta samooceny").Fill("Temat bloga", "Ocenianie kształtujące").Fill("Treść", "Tak **pracujemy** z kartą.")
	p.Attach("Dołącz plik", "wirus.exe", []byte("MZ\x90\x00")).Click("Dodaj plik").ExpectText("Popraw 1 błąd")
	if got := p.Value("Treść"); got != "Tak **pracujemy** z kartą." {
		t.Fatalf("the text was lost: %q", got)
	}
	p.Attach("Dołącz plik", "scenariusz.txt", []byte("Scenariusz lekcji\n")).Click("Dodaj plik").ExpectText("scenariusz.txt")
	p.Attach("Dołącz plik", "karta.png", picture(t)).Click("Opublikuj wpis").ExpectStatus(422)
	p.ExpectText("Popraw 3 błędy", "Opisz obrazek „karta.png”", "Wybierz, na jakich zasadach udostępniasz plik „scenariusz.txt”")
	p.Fill("Opis obrazka dla osób, które go nie widzą: karta.png", "Karta z trzema pytaniami")
	p.Select("Na jakich zasadach udostępniasz plik: karta.png", "CC BY 4.0 – wolno używać i zmieniać, podając autora")
	p.Select("Na jakich zasadach udostępniasz plik: scenariusz.txt", "Tylko do użytku w tej sieci")
	p.Click("Podgląd").ExpectText("Tak będzie wyglądać", "Tak pracujemy z kartą.")
	p.Click("Opublikuj wpis").ExpectText("Wpis opublikowany", "Karta samooceny", "Tak pracujemy z kartą.", "koordynator", "Licencja: CC BY 4.0")
	path := p.Path()
	a := w.as(w.anna).Go(path)
	if body, _ := a.Download("scenariusz.txt"); string(body) != "Scenariusz lekcji\n" {
		t.Errorf("downloaded %q", body)
	}
	a.Fill("Twój komentarz", "Wypróbuję!").Click("Opublikuj komentarz").ExpectText("Odpowiedź opublikowana", "Wypróbuję!", "Komentarze")
	stranger := w.Person("Sąsiadka", "", "", uuid.Nil)
	s := w.as(stranger).Go(path).ExpectText("Nie ma takiej strony")
	p.Go(path).Click("Udostępnij innym sieciom").ExpectText("Wpis jest widoczny dla innych sieci")
	s.Go("/blogi").Click("Karta samooceny").ExpectText("Ten wpis udostępniła sieć", "Tak pracujemy z kartą.").ExpectNoText("Wypróbuję!", "Skomentuj")
	s.Go("/blogi").Click("Ocenianie kształtujące").ExpectHeading("Ocenianie kształtujące").ExpectText("Karta samooceny")
}

// A sharp post is hidden with a reason, the author appeals, the centre decides
// (scenario KOO8).
func TestSharpThread(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.thread("Praca domowa", "Zadawać czy nie?")
	w.reply(w.ben, id, "Tylko ktoś leniwy tak pyta!")
	path := w.base + "/forum/" + id.String()
	a := w.as(w.anna).Go(path)
	a.Click("Zgłoś: wpis 2, Ben Bęben, 24 listopada 2026 r.").Click("Wyślij zgłoszenie").ExpectText("Napisz powód")
	a.Fill("Co jest nie tak?", "Obraża mnie").Click("Wyślij zgłoszenie").ExpectText("Zgłoszenie wysłane")
	k := w.as(w.lead).Go(w.base+"/forum").Click("Zgłoszone wpisy").ExpectText("Tylko ktoś leniwy", "Obraża mnie").Click("Ukryj wpis: Praca domowa, Ben Bęben, 24 listopada 2026 r., 10:00")
	k.ExpectText("Tylko ktoś leniwy").Click("Ukryj wpis").ExpectText("Napisz powód")
	k.Fill("Powód", "Prosimy o rzeczową rozmowę").Click("Ukryj wpis").ExpectText("Wpis ukryty. Autor został powiadomiony", "Treść widzą tylko autor i osoby, które moderują", "Tylko ktoś leniwy")
	a.Go(path).ExpectText("Wpis ukryty przez moderację (koordynator). Powód: Prosimy o rzeczową rozmowę").ExpectNoText("leniwy")
	m := w.Letters.To(w.ben, "board.notice.hidden")
	if len(m) != 1 || !m[0].Mail {
		t.Fatalf("the author got %+v", m)
	}
	b := w.as(w.ben).Go(m[0].Link).ExpectText("leniwy", "Prosimy o rzeczową rozmowę")
	b.Fill("Dlaczego wpis powinien wrócić?", "To był żart, przepraszam").Click("Wyślij odwołanie").ExpectText("Odwołanie wysłane", "To był żart")
	c := w.as(w.centre).Go("/odwolania").Click("Praca domowa").ExpectText("leniwy", "To był żart", "Prosimy o rzeczową rozmowę")
	c.Fill("Uzasadnienie", "Słowo „leniwy” nie narusza zasad.").Click("Zapisz rozstrzygnięcie").ExpectText("Wybierz rozstrzygnięcie")
	c.Choose("Przywróć wpis").Click("Zapisz rozstrzygnięcie").ExpectText("Zapisano rozstrzygnięcie", "Nie ma odwołań")
	a.Go(path).ExpectText("Tylko ktoś leniwy")
}

// Quote, preview, draft and edit keep what was typed.
func TestWriting(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.as(w.anna).Go(w.base + "/forum").Click("Nowy wątek")
	p.Fill("Tytuł", "Jak").Click("Opublikuj wątek").ExpectText("Popraw 1 błąd", "Napisz treść")
	p.Fill("Treść", "Jak *oceniać*?\n\n<script>alert(1)</script>").Click("Podgląd").ExpectText("Tak będzie wyglądać", "Jak oceniać?", "<script>alert(1)</script>")
	p.Click("Zapisz i wróć później").ExpectText("Szkic zapisany")
	p.Click("Nowy wątek").ExpectText("Zapisany szkic")
	p.Fill("Tytuł", "Jak oceniać?").Click("Opublikuj wątek").ExpectText("Wątek opublikowany", "Jak oceniać?")
	path := p.Path()
	p.Go(w.base + "/forum/nowy").ExpectNoText("Zapisany szkic")
	b := w.as(w.ben).Go(w.base + "/forum").ExpectText("1 nieprzeczytany").Click("Jak oceniać?").ExpectText("Nowy")
	b.Click("Cytuj: wpis 1, Anna Nowak, 24 listopada 2026 r.")
	if q := b.Value("Twoja odpowiedź"); !strings.Contains(q, "> [Anna Nowak, 24 listopada 2026 r.](/sieci/") || !strings.Contains(q, "> Jak oceniać?") {
		t.Errorf("quote %q", q)
	}
	b.Fill("Twoja odpowiedź", b.Value("Twoja odpowiedź")+"Opisowo.").Click("Opublikuj odpowiedź").ExpectText("Odpowiedź opublikowana", "Opisowo.", "Anna Nowak, 24 listopada 2026 r.")
	b.Click("Zmień: wpis 2, Ben Bęben, 24 listopada 2026 r.").Fill("Treść", "Opisowo i *krótko*.").Click("Zapisz zmiany").ExpectText("Zapisano zmiany", "Opisowo i krótko.", "Zmieniono")
	p.Go(path).Click("Przejdź do pierwszego nieprzeczytanego").ExpectText("Opisowo i krótko.")
	w.Clock.Advance(board.EditTime)
	b.Go(path).Click("Uzupełnij: wpis 2, Ben Bęben, 24 listopada 2026 r.").Fill("Uzupełnienie", "PS Z przykładem.").Click("Dodaj uzupełnienie").ExpectText("PS Z przykładem.")
	b.ExpectNoText("Zmień: wpis 2")
	k := w.as(w.lead).Go(w.base + "/forum").Click("Oznacz wszystko jako przeczytane").ExpectText("Wszystko oznaczono")
	p.Go(w.base + "/forum")
	p.Choose("o każdym nowym wpisie").Click("Zapisz wybór").ExpectText("Zapisano wybór powiadomień")
	if !p.Chosen("o każdym nowym wpisie") {
		t.Error("the choice was not kept")
	}
	k.Go(path).Click("Zamknij wątek").ExpectText("Wątek jest zamknięty")
	k.ExpectNoText("Opublikuj odpowiedź")
}

// The second window does not overwrite the first: drafts and edits show both texts.
func TestTwoWindows(t *testing.T) {
	t.Parallel()
	w := setup(t)
	one, two := w.as(w.anna).Go(w.base+"/forum/nowy"), w.as(w.anna).Go(w.base+"/forum/nowy")
	one.Fill("Treść", "pierwszy szkic").Click("Zapisz i wróć później").ExpectText("Szkic zapisany")
	two.Fill("Tytuł", "Tytuł z drugiego").Fill("Treść", "drugi szkic").Click("Zapisz i wróć później").ExpectStatus(409).ExpectText("pierwszy szkic")
	two.Click("Zapisz moją wersję").ExpectText("Szkic zapisany")
	if got := two.Go(w.base + "/forum/nowy").Value("Tytuł"); got != "Tytuł z drugiego" || two.Value("Treść") != "drugi szkic" {
		t.Errorf("kept %q", got)
	}
	id := w.thread("Wątek", "treść")
	path := w.base + "/forum/" + id.String()
	one.Go(path).Click("Zmień: wpis 1, Anna Nowak, 24 listopada 2026 r.")
	two.Go(path).Click("Zmień: wpis 1, Anna Nowak, 24 listopada 2026 r.")
	one.Fill("Treść", "z pierwszego okna").Click("Zapisz zmiany").ExpectText("z pierwszego okna")
	two.Fill("Treść", "z drugiego okna").Click("Zapisz zmiany").ExpectStatus(409).ExpectText("z pierwszego okna")
	two.Click("Zapisz moją wersję").ExpectText("z drugiego okna")
	// A thread closed while somebody writes keeps their words.
	b := w.as(w.ben).Go(path).Fill("Twoja odpowiedź", "zdążę?")
	if err := w.s.SetFlags(t.Context(), w.Actor(w.lead), id, false, true); err != nil {
		t.Fatal(err)
	}
	b.Click("Opublikuj odpowiedź").ExpectStatus(409).ExpectText("wątek jest zamknięty")
	if got := b.Value("Twoja odpowiedź"); got != "zdążę?" {
		t.Errorf("lost %q", got)
	}
}

// The forum is read and written by keyboard alone; each control's name is its
// own (scenario NAU6).
func TestKeyboardAndNames(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.thread("Jak oceniać?", "## Pytanie\n\nCo robicie?\n\n|a|b|\n|-|-|\n|1|2|")
	for range 4 {
		w.reply(w.ben, id, "Odpowiedź z [odnośnikiem](https://ore.edu.pl)")
	}
	p := w.as(w.anna, webtest.Size(320, 640)).Go(w.base + "/forum").ExpectKeyboard()
	p.Go(w.base + "/forum/" + id.String()).ExpectKeyboard()
	html := w.get(p.Path(), w.anna)
	for _, name := range []string{"Cytuj", "Zgłoś"} {
		seen := map[string]bool{}
		for _, part := range strings.Split(html, ">"+name+"<span class=\"visually-hidden\">")[1:] {
			full, _, _ := strings.Cut(part, "<")
			if seen[full] {
				t.Errorf("two controls are called %s%s", name, full)
			}
			seen[full] = true
		}
		if len(seen) < 4 {
			t.Errorf("%d controls %s", len(seen), name)
		}
	}
	if n := strings.Count(html, "<h1"); n != 1 {
		t.Errorf("%d h1", n)
	}
}

// Names and titles of one long word break, wherever they stand, and nobody has to
// scroll sideways for them.
func TestLongWordsFit(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.thread(strings.Repeat("W", board.MaxTitle), strings.Repeat("Słowo", 100)+" `"+strings.Repeat("kod", 100)+"` https://ore.edu.pl/"+strings.Repeat("a", 300))
	w.reply(w.ben, id, "odpowiedź")
	entry, err := w.s.Start(t.Context(), w.Actor(w.lead), w.network, board.Blog, board.Entry{Title: strings.Repeat("B", board.MaxTitle), Body: "treść", NewTopic: strings.Repeat("T", board.MaxTopic)})
	if err != nil {
		t.Fatal(err)
	}
	w.Exec(`UPDATE person SET name = repeat('Imię', 25)`)
	w.Exec(`UPDATE network SET title = repeat('N', 120)`)
	p := w.as(w.anna, webtest.Size(320, 640))
	for _, path := range []string{w.base + "/forum", w.base + "/forum/" + id.String(), w.base + "/blog", w.base + "/blog/" + entry.String(), "/blogi"} {
		p.Go(path).ExpectFits()
	}
}

func (w *world) get(path string, person uuid.UUID) string {
	w.T.Helper()
	body, status := w.fetch(path, person)
	if status != http.StatusOK {
		w.T.Fatalf("%s: %d", path, status)
	}
	return body
}

func (w *world) fetch(path string, person uuid.UUID) (string, int) {
	w.T.Helper()
	r, err := http.NewRequestWithContext(w.T.Context(), http.MethodGet, w.URL+path, nil)
	if err != nil {
		w.T.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "__Host-sieci", Value: person.String()})
	res, err := w.Client().Transport.RoundTrip(r)
	if err != nil {
		w.T.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.T.Fatal(err)
	}
	return string(body), res.StatusCode
}

// A thread of 500 posts opens at any page with three reads and one mark, which
// is written once.
func TestRoundTripsAndMarks(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.Fill(w.network, []uuid.UUID{w.anna, w.ben}, 40, 20_000)
	list, err := w.s.Threads(t.Context(), w.Actor(w.lead), w.network, false, "")
	if err != nil {
		t.Fatal(err)
	}
	path := w.base + "/forum/" + list.Items[0].ID.String()
	for p, most := range map[string]int64{w.base + "/forum": 3, w.base + "/blog": 3, "/blogi": 3, path + "?s=9": 4, path: 4, w.base + "/forum/nowy": 4, path + "/odpowiedz": 4} {
		w.get(p, w.lead)
		before := w.DB.RoundTrips()
		w.get(p, w.lead)
		n := w.DB.RoundTrips() - before
		if n > most || n > 3 && !strings.Contains(p, path) {
			t.Errorf("%s: %d round trips", p, n)
		}
	}
	w.get(path+"?s=17", w.lead)
	var n int64
	for range 3 { // a reader that a busy machine keeps waiting goes alone
		before := w.DB.RoundTrips()
		w.get(path+"?s=17", w.lead)
		if n = w.DB.RoundTrips() - before; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("a page read again: %d round trips, want 3 and no mark", n)
	}
	if _, status := w.fetch(path+"?s=18", w.lead); status != http.StatusNotFound {
		t.Errorf("beyond the last page: %d", status)
	}
}

// Strangers, members of another network and former members find nothing.
func TestOutsidersFindNothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.thread("Tajne", "treść")
	page, err := w.s.Read(t.Context(), w.Actor(w.anna), id, 1)
	if err != nil {
		t.Fatal(err)
	}
	post := board.PostPath(w.network, page.Posts[0].ID)
	former := w.Member("Była", access.Participant, w.network)
	w.Leave(former, w.network)
	other := w.Network("Inna sieć")
	neighbour := w.Member("Sąsiad", access.Coordinator, other)
	for _, who := range []uuid.UUID{w.Person("Obca", "", "", uuid.Nil), former, neighbour} {
		for _, p := range []string{"/forum", "/forum/nowy", "/forum/zgloszenia", "/forum/" + id.String(), "/forum/" + id.String() + "/odpowiedz", "/forum/" + id.String() + "/nowe", "/blog", "/blog/nowy", "/blog/" + id.String()} {
			if _, status := w.fetch(w.base+p, who); status != http.StatusNotFound {
				t.Errorf("%s: %d", p, status)
			}
		}
		for _, p := range []string{"", "/edytuj", "/usun", "/uzupelnij", "/ukryj", "/zglos", "/odwolanie", "/wersje"} {
			if _, status := w.fetch(post+p, who); status != http.StatusNotFound {
				t.Errorf("post%s: %d", p, status)
			}
		}
		// The same post under the address of another network is no page either.
		if _, status := w.fetch("/sieci/"+other.String()+strings.TrimPrefix(post, w.base), w.anna); status != http.StatusNotFound {
			t.Error("a post answers under another network's address")
		}
	}
}

func TestAccessible(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.thread("Jak oceniać? Bardzo długi tytuł wątku, w którym nauczycielki i nauczyciele pytają o wiele spraw naraz", "# Nagłówek\n\n> cytat\n\n|kolumna|druga|\n|-|-|\n|1|2|\n\n- a\n- b\n\n`kod`")
	hidden := w.reply(w.ben, id, "ukryty")
	second := w.reply(w.ben, id, "bez zgłoszenia")
	reported := w.reply(w.ben, id, "zgłoszony")
	lead, anna := w.Actor(w.lead), w.Actor(w.anna)
	for _, err := range []error{w.s.Hide(t.Context(), lead, hidden, "Powód"), w.s.Report(t.Context(), anna, reported, "Powód"), w.s.Appeal(t.Context(), w.Actor(w.ben), hidden, "Proszę")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	entry, err := w.s.Start(t.Context(), lead, w.network, board.Blog, board.Entry{Title: "Wpis na blogu", Body: "treść", NewTopic: "Temat"})
	if err != nil {
		t.Fatal(err)
	}
	appeals, err := w.s.Appeals(t.Context(), w.Actor(w.centre))
	if err != nil || len(appeals) != 1 {
		t.Fatal(appeals, err)
	}
	post := board.PostPath(w.network, reported)
	for name, opts := range map[string][]webtest.Option{"320": {webtest.Size(320, 800)}, "dark": {webtest.Size(1280, 900), webtest.Dark()}} {
		t.Run(name, func(t *testing.T) {
			opts = append(opts, webtest.WithScripts())
			l := w.as(w.lead, opts...)
			path := w.base + "/forum/" + id.String()
			for _, s := range []string{w.base + "/forum", w.base + "/forum?ktore=nowe", w.base + "/forum/nowy", w.base + "/forum/zgloszenia", path, path + "/odpowiedz", post + "/ukryj",
				w.base + "/blog", w.base + "/blog/nowy", w.base + "/blog/" + entry.String(), "/blogi"} {
				l.Go(s).ExpectAccessible()
			}
			l.Go(w.base + "/blog/nowy").Click("Opublikuj wpis").ExpectText("Popraw").ExpectAccessible()
			w.as(w.anna, opts...).Go(board.PostPath(w.network, second) + "/zglos").ExpectAccessible()
			b := w.as(w.ben, opts...).Go(board.PostPath(w.network, hidden) + "/odwolanie").ExpectAccessible()
			b.Go(post + "/edytuj").ExpectAccessible().Go(post + "/usun").ExpectAccessible()
			c := w.as(w.centre, opts...).Go("/odwolania").ExpectAccessible()
			c.Go("/odwolania/" + appeals[0].ID.String()).ExpectAccessible()
		})
	}
}
