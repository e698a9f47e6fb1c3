package walk_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/uuid"
)

// What answers point to must be there when they are handed in: a school of the
// register, a person of the network. The name that is kept is the platform's.
func TestReferencesMustExist(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.network("Karol Koordynator", nil)
	w.person("Nina Nauczycielka", 100234)
	stranger := w.person("Obcy Obserwator", 100235)
	w.join("Nina Nauczycielka", id)
	k := w.client("Karol Koordynator")
	var problem struct {
		Errors []struct{ Pointer, Detail string }
	}
	refused := func(c *client, path, body, pointer string) {
		t.Helper()
		problem.Errors = nil
		a, err := c.send(http.MethodPost, "/api/v1"+path, body)
		if err != nil || a.status != 422 || json.Unmarshal([]byte(a.body), &problem) != nil || len(problem.Errors) != 1 ||
			problem.Errors[0].Pointer != pointer || problem.Errors[0].Detail != "Wybierz ponownie: tej pozycji nie ma albo nie jest dla Ciebie dostępna." {
			t.Errorf("POST %s: %v %d %s", path, err, a.status, a.body)
		}
	}
	plan := func(leader uuid.UUID) string {
		return `{"version":1,"answers":{"rok":2026,"spotkania":[
			{"_row":"r1","rodzaj":"organizacyjne","miesiac":"m12","data":"2026-12-15","cele":["kontakty"],"prowadzi":{"id":"` + leader.String() + `","label":"Ktoś Inny"}},
			{"_row":"r2","rodzaj":"robocze","miesiac":"m02"},{"_row":"r3","rodzaj":"podsumowujace","miesiac":"m05","cele":["wiedza"]}]}}`
	}
	path := "/networks/" + id.String() + "/commands/plan"
	refused(k, path, plan(uuid.New()), "#/answers/spotkania/r1/prowadzi")
	refused(k, path, plan(stranger), "#/answers/spotkania/r1/prowadzi")
	if a, err := k.send(http.MethodPost, "/api/v1"+path, plan(w.ids["Nina Nauczycielka"])); err != nil || a.status != 200 {
		t.Errorf("a member leads: %v %d %s", err, a.status, a.body)
	}
	if n := w.number(`SELECT count(*) FROM record WHERE kind = 'plan' AND data::text LIKE '%Nina Nauczycielka%' AND data::text NOT LIKE '%Ktoś Inny%'`); n != 1 {
		t.Error("the plan does not name the leader as the platform does")
	}

	// A task, whose answers the core itself takes.
	b := w.as("Karol Koordynator").Go("/sieci/" + id.String() + "/zadania").Click("Nowe zadanie")
	task := b.Fill("Nazwa zadania", "Obserwacja").Select("Dla kogo", "Nina Nauczycielka").Click("Przydziel zadanie").ExpectStatus(200).Path()
	answers := func(school uuid.UUID) string {
		return `{"version":1,"form_revision":1,"answers":{"data":"2026-11-20","szkola":{"id":"` + school.String() + `"},"klasa":"5b, przyroda","skupienie":["pytania"],"zadzialalo":"Cisza","sprobuje":"Czekanie"}}`
	}
	n := w.client("Nina Nauczycielka")
	refused(n, "/tasks"+task[len("/zadania"):]+"/submissions", answers(uuid.New()), "#/answers/szkola")
}
