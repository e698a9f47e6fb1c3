package walk_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/ballot/dump"
	"ore.edu.pl/sieci/core/evaluation"
	"ore.edu.pl/sieci/core/web/webtest"
	"ore.edu.pl/sieci/plugins/survey/survey"
)

// surveys enables the module of surveys.
func (w *world) surveys() {
	w.t.Helper()
	if err := w.Modules.Enable(access.With(w.t.Context(), access.Core("test")), survey.ID, survey.Version); err != nil {
		w.t.Fatal(err)
	}
	w.until("the surveys' process to be ready", func() bool { return w.Modules.Await(w.t.Context(), survey.ID) == nil })
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.DB.SQL().ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}

// members makes people of the crowd active members of the network.
func (w *world) members(id uuid.UUID, people []uuid.UUID) {
	w.t.Helper()
	for _, p := range people {
		w.exec(`INSERT INTO membership (id, network_id, person_id, state, joined_at) VALUES (gen_random_uuid(), $1, $2, 'active', now())`, id, p)
		w.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from) VALUES (gen_random_uuid(), $1, 'participant', 'network', $2, '2026-01-01')`, p, id)
	}
}

// answered has people answer a round through the service.
func (w *world) answered(round uuid.UUID, people []uuid.UUID, answers func(i int) string) {
	w.t.Helper()
	for i, p := range people {
		c, err := w.Evaluations.Issue(w.t.Context(), &access.Actor{Person: p}, round, ballot.NewNonce())
		if err == nil {
			err = w.Evaluations.Cast(w.t.Context(), c, json.RawMessage(answers(i)))
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

var ballotCode = regexp.MustCompile(`(?:[A-Z2-7]{5}-){7}[A-Z2-7]{5}`)

// The coordinator prepares a survey at the summary stage and opens it for good
// (KOO10, EWA2); a teacher answers without a name and sees what is kept of it
// (NAU8); while it runs there are counts alone (EWA4), four answers show nothing
// (EWA5), six show results.
func TestEvaluationFromPlanToResults(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.surveys()
	id := w.network("Karol Koordynator", nil)
	w.person("Nina Nauczycielka", 100234)
	w.join("Nina Nauczycielka", id)
	crowd := w.crowd(6)
	w.members(id, crowd)

	k := w.as("Karol Koordynator").Go("/sieci/" + id.String()).Click("Ewaluacja").ExpectText("nie było jeszcze ankiety")
	k.Click("Przygotuj ankietę").Fill("Tytuł ankiety", "").Click("Zapisz szkic")
	k.ExpectText("Ankietę zapisano jako szkic", "Ankieta ewaluacyjna sieci").Click("Zmień ankietę")
	k.Fill("Tytuł ankiety", "Ankieta na koniec roku").Fill("Ostatni dzień", "2026-11-01").Click("Zapisz szkic").ExpectStatus(422).ExpectText("Podaj ostatni dzień w przyszłości")
	k.Fill("Ostatni dzień", "2026-12-08").Unchoose("Platforma ułatwiała pracę między spotkaniami").Click("Zapisz szkic").ExpectText("Zmiany zapisano", "Szkic")
	round := strings.TrimPrefix(k.Path(), "/ankiety/")
	k.Click("Otwórz ankietę").Click("Otwórz ankietę").ExpectStatus(422).ExpectText("Potwierdź, że wiesz")
	k.Choose("Wiem, że ankieta jest anonimowa, próg to 5 odpowiedzi i nie da się tego później zmienić").Click("Otwórz ankietę").
		ExpectStatus(422).ExpectText("Ewaluację otwiera się na etapie podsumowania")
	w.exec(`UPDATE network SET stage = 'summary' WHERE id = $1`, id)
	k.Choose("Wiem, że ankieta jest anonimowa, próg to 5 odpowiedzi i nie da się tego później zmienić").Click("Otwórz ankietę").
		ExpectText("Ankieta jest otwarta", "Trwa", "widać tylko liczbę odpowiedzi")
	k.Go("/ankiety/" + round + "/edytuj").ExpectStatus(409).ExpectText("nie można zmienić")
	k.Go("/ankiety/" + round + "/wyniki").ExpectPath("/ankiety/" + round).ExpectText("Wyniki będą widoczne po zamknięciu")

	n := w.as("Nina Nauczycielka").Go("/moje").Click("Wypełnij ankietę: Ankieta na koniec roku").ExpectText("Przy Twoim nazwisku zapisujemy tylko to, że kod wydano", "Zgubionego nie da się odtworzyć")
	n.Click("Pobierz kod i przejdź do ankiety").ExpectText("Odpowiadasz anonimowo")
	code := ballotCode.FindString(n.Text())
	if code == "" {
		t.Fatalf("no code in %q", n.Text())
	}
	sheet := n.Path()
	n.Choose("Zdecydowanie tak", "dzielić się wiedzą").Choose("Raczej tak", "zdobyć nową wiedzę").Click("Zapisz i wróć później").ExpectPath(sheet).ExpectText("Odpowiedzi zapisano pod Twoim kodem")

	// Elsewhere and signed in as nobody, with the code from paper.
	q := webtest.Open(t, w.base).Go("/u").Fill("Twój kod", "AAAA").Click("Przejdź do ankiety").ExpectStatus(422).ExpectText("Nie ma takiego kodu")
	q.Fill("Twój kod", strings.ToLower(code)).Click("Przejdź do ankiety").ExpectPath(sheet)
	if !q.Chosen("Zdecydowanie tak", "dzielić się wiedzą") {
		t.Error("what was saved under the code is lost")
	}
	q.Click("Dalej").Choose("Raczej nie", "dba o bezpieczną atmosferę").Click("Dalej").Click("Dalej")
	q.Choose("Tak, mam taki plan").Click("Dalej").Choose("W tym półroczu").Click("Dalej")
	q.Fill("Co było najcenniejsze w pracy sieci?", "Lekcje u innych.").Click("Wyślij odpowiedzi").ExpectPath(sheet)
	q.ExpectText("Odpowiedź przyjęta", "Skrót kodu (SHA-256)", "Nazwisko nie zapisano", "Data i godzina nie zapisano").ExpectNoText("Nina", "Lekcje u innych")
	n.Go("/ankiety/" + round + "/kod").ExpectText("Kod został już wydany").ExpectNoText(code)
	n.Go("/moje").ExpectNoText("Wypełnij ankietę")

	rid := uuid.MustParse(round)
	w.answered(rid, crowd[:3], func(int) string { return `{"cele":{"wiedza":"4"}}` })
	k.Go("/sieci/" + id.String()).ExpectText("Odpowiedzi: 4 z 7").Go("/ankiety/" + round).Click("Przypomnij").ExpectText("Przypomnienie wysłano")
	k.Click("Zamknij ankietę").Click("Zamknij ankietę").ExpectText("4 odpowiedzi — za mało, by pokazać wyniki (próg 5)")
	k.Go("/ankiety/"+round+"/wyniki").ExpectText("4 odpowiedzi — za mało, by pokazać wyniki (próg 5)").ExpectNoText("Cele sieci", "Mediana")
	q.Go(sheet).ExpectText("Ankieta jest zamknięta")

	k.Go("/sieci/" + id.String() + "/ewaluacja/nowa").Click("Zapisz szkic").Click("Otwórz ankietę")
	k.Choose("Wiem, że ankieta jest anonimowa, próg to 5 odpowiedzi i nie da się tego później zmienić").Click("Otwórz ankietę")
	second := uuid.MustParse(strings.TrimPrefix(k.Path(), "/ankiety/"))
	w.answered(second, crowd, func(i int) string {
		return fmt.Sprintf(`{"cele":{"wiedza":"%d","kontakty":"nd"},"koordynator":{"atmosfera":"5"},"polecenie":%d,"wykorzystanie":"juz"}`, i%3+3, i+4)
	})
	k.Go("/ankiety/" + second.String() + "/zamknij").Click("Zamknij ankietę")
	w.until("results", func() bool {
		return w.number(`SELECT count(*) FROM evaluation_round WHERE id = $1 AND outcome = 'ready'`, second) == 1
	})
	n.Go("/ankiety/"+second.String()+"/wyniki").ExpectText("6 z 7 (86%)", "Cele sieci", "dzielić się wiedzą i umiejętnościami", "33%", "co najmniej 90%", "mniej niż 5 odpowiedzi", "Jak to policzono")
	body, h := n.Download("Pobierz tabelę (CSV): Miary: Praca w sieci pomogła mi:")
	if !strings.Contains(string(body), "dzielić się wiedzą") || !strings.Contains(string(body), "mniej niż 5 odpowiedzi") || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") {
		t.Errorf("%s, %v", body, h)
	}
	w.evaluator(id, second)
	if st, err := w.Evaluations.State(t.Context(), w.DB, id); err != nil || st.Round != second || st.State != evaluation.Closed || st.Answered != 6 {
		t.Errorf("%+v, %v", st, err)
	}
}

// evaluator has a centre's administrator give the role on the network to somebody
// from outside, who then reads the results and nothing of what people say or do.
func (w *world) evaluator(id, round uuid.UUID) {
	w.t.Helper()
	w.territories()
	w.person("Ewelina Ewaluatorka", 100234)
	other := w.network("Inny Koordynator", nil)
	c := w.as("Cezary Centrum").Go("/zarzadzanie/role/nadaj?osoba=" + w.ids["Ewelina Ewaluatorka"].String()).Choose("Ewaluator").Click("Dalej")
	c.Fill("Szukaj sieci", "nic takiego").Click("Szukaj", "Szukaj sieci").ExpectText("Nie znaleziono")
	c.Go("/zarzadzanie/role/nadaj?osoba="+w.ids["Ewelina Ewaluatorka"].String()+"&role=evaluator.network&scope="+id.String()).ExpectText("Ewaluator", "Ocenianie kształtujące")
	c.Click("Nadaj rolę").ExpectStatus(200).ExpectText("Ewaluator")

	at := "/sieci/" + id.String()
	e := w.as("Ewelina Ewaluatorka").Go(at).ExpectStatus(200).ExpectText("Ewaluator").Click("Ewaluacja").ExpectText("Ankieta")
	e.Go("/ankiety/"+round.String()+"/wyniki").ExpectStatus(200).ExpectText("6 z 7 (86%)", "Cele sieci")
	for _, tab := range []string{"/uczestnicy", "/forum", "/zasoby", "/zadania", "/spotkania", "/plan", "/ewaluacja/nowa"} {
		e.Go(at + tab).ExpectStatus(404)
	}
	e.Go("/osoby/" + w.ids["Nina Nauczycielka"].String()).ExpectNoText("Nauczycielka")
	e.Go("/sieci/" + other.String() + "/ewaluacja").ExpectStatus(404)
	api := w.client("Cezary Centrum")
	for scope, want := range map[uuid.UUID]int{other: 204, uuid.New(): 422} {
		a, err := api.send("POST", "/api/v1/roles", `{"person":"`+w.ids["Ewelina Ewaluatorka"].String()+`","role":"evaluator","scopeKind":"network","scope":"`+scope.String()+`"}`)
		if err != nil || a.status != want {
			w.t.Errorf("given by program: %v %d %s, want %d", err, a.status, a.body, want)
		}
	}
	e.Go("/sieci/" + other.String() + "/ewaluacja").ExpectStatus(200)
}

// surveyed opens a survey for n people and gives them programs to act with.
func (w *world) surveyed(n int) (round uuid.UUID, crowd []uuid.UUID, programs []*client) {
	w.t.Helper()
	w.surveys()
	id := w.network("Karol Koordynator", nil)
	crowd = w.crowd(n)
	w.members(id, crowd)
	w.exec(`UPDATE network SET stage = 'summary' WHERE id = $1`, id)
	lead := w.actor("Karol Koordynator")
	round, err := w.Evaluations.Prepare(w.t.Context(), lead, id, evaluation.Plan{Questions: []string{"cele.wiedza", "najcenniejsze"}, Closes: w.Clock.Now().AddDate(0, 0, 7)})
	if err == nil {
		err = w.Evaluations.Open(w.t.Context(), lead, round, 1, true)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range crowd {
		programs = append(programs, &client{w: w, token: w.token(p)})
	}
	return round, crowd, programs
}

// takes gets the person's code over HTTP.
func (c *client) takes(round uuid.UUID) (string, error) {
	a, err := c.send(http.MethodPost, "/api/v1/evaluations/"+round.String()+"/code", `{"nonce":"`+ballot.NewNonce()+`"}`)
	var out struct{ Code string }
	if err == nil && (a.status != http.StatusCreated || json.Unmarshal([]byte(a.body), &out) != nil) {
		err = fmt.Errorf("%d %.200s", a.status, a.body)
	}
	return out.Code, err
}

// casts answers under a code: by the API, or as a browser sends the last page.
func (c *client) casts(code, words string, browser bool) error {
	if !browser {
		a, err := c.send(http.MethodPost, "/api/v1/ballots/"+code+"/answer", fmt.Sprintf(`{"answers":{"cele":{"wiedza":"4"},"najcenniejsze":%q}}`, words))
		if err == nil && a.status != http.StatusNoContent {
			err = fmt.Errorf("%d %.200s", a.status, a.body)
		}
		return err
	}
	form := url.Values{"idem": {uuid.NewString()}, "_page": {"1"}, "_do": {"submit"}, "najcenniejsze": {words}}
	r, err := http.NewRequest(http.MethodPost, c.w.base+"/u/"+code, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+c.token) // whatever comes along is not looked at
	stay := http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := stay.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		return fmt.Errorf("a page with %d", res.StatusCode)
	}
	return nil
}

// 200 people take their codes and answer in the same moment: no error, and no
// answer is lost.
func TestTwoHundredAnswerASurveyAtOnce(t *testing.T) {
	t.Parallel()
	w := open(t)
	round, _, programs := w.surveyed(200)
	errs := make([]error, len(programs))
	var start, done sync.WaitGroup
	start.Add(1)
	for i, c := range programs {
		done.Go(func() {
			start.Wait()
			code, err := c.takes(round)
			if err == nil {
				err = c.casts(code, fmt.Sprintf("słowa numer %d.", i), i%2 == 0)
			}
			errs[i] = err
		})
	}
	began := time.Now()
	start.Done()
	done.Wait()
	t.Logf("%d answers in %s", len(programs), time.Since(began).Round(time.Millisecond))
	for i, err := range errs {
		if err != nil {
			t.Errorf("person %d: %v", i, err)
		}
	}
	if err := w.Evaluations.Close(t.Context(), w.actor("Karol Koordynator"), round); err != nil {
		t.Fatal(err)
	}
	for i := range programs {
		if got := w.number(`SELECT count(*) FROM ballot_answer WHERE payload LIKE $1`, fmt.Sprintf("%%słowa numer %d.%%", i)); got != 1 {
			t.Errorf("the answer of person %d is there %d times", i, got)
		}
	}
}

// 200 people answer over HTTP in a known order, with jobs, log, keys and all that
// the program does beside; the whole database after closing tells nobody who
// answered what.
func TestDumpOfTheWholeProgramLinksNobody(t *testing.T) {
	t.Parallel()
	w := open(t)
	round, crowd, programs := w.surveyed(200)
	marks := make([]dump.Mark, len(programs))
	order := rand.New(rand.NewPCG(9, 10)).Perm(len(programs))
	for at, i := range order {
		code, err := programs[i].takes(round)
		words := "znak-" + uuid.NewString()
		if err == nil {
			err = programs[i].casts(code, words, at%2 == 0)
		}
		if err != nil {
			t.Fatalf("person %d: %v", i, err)
		}
		marks[at] = dump.Mark{Texts: []string{words, code}, Person: crowd[i]}
	}
	if err := w.Evaluations.Close(t.Context(), w.actor("Karol Koordynator"), round); err != nil {
		t.Fatal(err)
	}
	w.until("results", func() bool {
		return w.number(`SELECT count(*) FROM evaluation_round WHERE id = $1 AND outcome = 'ready'`, round) == 1
	})
	r, err := dump.Look(t.Context(), w.DB, marks)
	if err != nil {
		t.Fatal(err)
	}
	if r.Rows["ballot_answer"] != len(marks) || r.Rows["evaluation_round"] != 1 || len(r.Rows) != 2 {
		t.Errorf("rows that hold answers or codes: %v", r.Rows)
	}
	for _, f := range r.Findings {
		t.Errorf("tells who answered what: %s", f)
	}
}
