package conversation_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/board/boardtest"
	"ore.edu.pl/sieci/core/conversation"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/idem"
)

type world struct {
	*boardtest.World
	s                       *conversation.Service
	network                 uuid.UUID
	lead, anna, ben, centre *access.Actor
}

func setup(t testing.TB) *world {
	t.Helper()
	w := &world{World: boardtest.New(t)}
	w.s = conversation.New(conversation.Config{DB: w.DB, Access: w.Auth, Audit: audit.New(make([]byte, 32), w.Clock), Clock: w.Clock, Notify: w.Letters})
	w.network = w.Network("Ocenianie kształtujące")
	w.lead = w.Actor(w.Member("Karol Koordynator", access.Coordinator, w.network))
	w.anna = w.Actor(w.Member("Anna Żółć", access.Participant, w.network))
	w.ben = w.Actor(w.Member("Ben Bęben", access.Participant, w.network))
	w.centre = w.Actor(w.Person("Celina Centralna", access.CentreAdmin, access.Centre, w.Centre))
	return w
}

func (w *world) ctx() context.Context { return idem.With(w.T.Context(), idem.NewKey()) }

func (w *world) start(a *access.Actor, people ...*access.Actor) (uuid.UUID, error) {
	in := conversation.Begin{Network: w.network, Body: "Dzień dobry"}
	for _, p := range people {
		in.People = append(in.People, p.Person)
	}
	return w.s.Start(w.ctx(), a, in)
}

func (w *world) must(id uuid.UUID, err error) uuid.UUID {
	w.T.Helper()
	ok(w.T, "start", err)
	return id
}

func ok(t testing.TB, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func want(t testing.TB, what string, err error, kind fault.Kind, key string) {
	t.Helper()
	got := ""
	if f := fault.As(err); f != nil {
		if got = f.Key; len(f.Fields) > 0 {
			got = f.Fields[0].Key
		}
	}
	if !fault.Is(err, kind) || key != "" && got != key {
		t.Errorf("%s: %v %q, want %v %q", what, err, got, kind, key)
	}
}

func TestTalk(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.must(w.start(w.anna, w.lead))
	if again := w.must(w.start(w.anna, w.lead)); again != id {
		t.Error("two people got a second conversation")
	}
	told := func() int { return len(w.Letters.To(w.lead.Person, "conversation.notice.message")) }
	if told() != 1 {
		t.Errorf("told %d times of two messages not read, want once", told())
	}
	if m := w.Letters.To(w.lead.Person, "conversation.notice.message")[0]; m.Mail || len(m.Args) != 0 || m.Network != w.network {
		t.Errorf("the notice says too much or comes at once: %+v", m)
	}
	p, err := w.s.Read(t.Context(), w.lead, id, 0)
	ok(t, "read", err)
	if len(p.List) != 2 || p.Unread != 2 || p.People[0].Name != "Anna Żółć" || p.List[0].Mine || !p.Open {
		t.Fatalf("%+v", p)
	}
	ok(t, "mark", w.s.MarkRead(t.Context(), w.lead, p))
	ok(t, "write", w.s.Write(w.ctx(), w.anna, id, "Jeszcze jedno"))
	if told() != 2 {
		t.Errorf("told %d times, want 2", told())
	}
	list, next, err := w.s.List(t.Context(), w.lead, "")
	if err != nil || next != "" || len(list) != 1 || list[0].Unread != 1 || list[0].Messages != 3 {
		t.Errorf("%+v, %q, %v", list, next, err)
	}
	if todo := w.todo(w.lead); len(todo) != 1 || todo[0].Kind != "unread" || todo[0].N != 1 {
		t.Errorf("to do %+v", todo)
	}
	ok(t, "leave", w.s.Leave(w.ctx(), w.lead, id))
	_, err = w.s.Read(t.Context(), w.lead, id, 0)
	want(t, "read after leaving", err, fault.NotFound, "")
	want(t, "write to nobody", w.s.Write(w.ctx(), w.anna, id, "Jest tu kto?"), fault.Conflict, "conversation.alone")
	if again := w.must(w.start(w.anna, w.lead)); again == id {
		t.Error("whoever left was drawn in again")
	}
}

// Nobody but those in it reads a conversation: not the coordinator, not the
// centre, not ORE, not the inspector.
func TestNobodyElseReads(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.must(w.start(w.anna, w.ben))
	for name, a := range map[string]*access.Actor{
		"coordinator": w.lead, "centre": w.centre, "ORE": w.Actor(w.Person("ORE", access.OREAdmin, access.Platform, uuid.Nil)),
		"inspector": w.Actor(w.Person("Inspektor", access.Inspector, access.Platform, uuid.Nil)), "stranger": w.Actor(w.Person("Obcy", "", "", uuid.Nil)), "core": access.Core("core"), "guest": {},
	} {
		kind := fault.NotFound
		if !a.SignedIn() {
			kind = fault.Unauthenticated
		}
		_, err := w.s.Read(t.Context(), a, id, 0)
		want(t, name+" reads", err, kind, "")
		want(t, name+" writes", w.s.Write(w.ctx(), a, id, "x"), kind, "")
		want(t, name+" leaves", w.s.Leave(w.ctx(), a, id), kind, "")
		want(t, name+" reports", w.s.Report(w.ctx(), a, id, 1, "x", true), kind, "")
		if list, _, err := w.s.List(t.Context(), a, ""); a.SignedIn() && (err != nil || len(list) != 0) {
			t.Errorf("%s lists %+v, %v", name, list, err)
		}
	}
	var found int
	ok(t, "audit", w.DB.Get(t.Context(), &found, `SELECT count(*) FROM audit_event WHERE CAST(audit_event AS text) LIKE '%Dzień dobry%'`))
	if found != 0 {
		t.Error("words of a message lie in the audit")
	}
}

func TestWhoMayBegin(t *testing.T) {
	t.Parallel()
	w := setup(t)
	stranger := w.Actor(w.Person("Obcy", "", "", uuid.Nil))
	other := w.Actor(w.Member("Sąsiadka", access.Participant, w.Network("Inna")))
	_, err := w.start(stranger, w.anna)
	want(t, "stranger", err, fault.NotFound, "")
	_, err = w.start(w.anna, other)
	want(t, "somebody of another network", err, fault.Invalid, "conversation.people_wrong")
	_, err = w.start(w.anna, w.centre)
	want(t, "a member writes to the centre", err, fault.Invalid, "conversation.people_wrong")
	_, err = w.start(w.centre, w.anna)
	want(t, "the centre writes to a member", err, fault.Invalid, "conversation.people_wrong")
	w.must(w.start(w.centre, w.lead))
	w.must(w.start(w.lead, w.centre))
	_, err = w.start(w.anna)
	want(t, "nobody", err, fault.Invalid, "conversation.people_missing")
	_, err = w.start(w.anna, w.anna)
	want(t, "oneself", err, fault.Invalid, "conversation.people_missing")
	var many []*access.Actor
	for i := range conversation.MaxPeople {
		many = append(many, w.Actor(w.Member(fmt.Sprint("Osoba ", i), access.Participant, w.network)))
	}
	_, err = w.start(w.anna, many...)
	want(t, "too many", err, fault.Invalid, "conversation.people_many")
	few := w.must(w.start(w.anna, many[:conversation.MaxPeople-1]...))
	_, list, err := w.s.People(t.Context(), w.anna, w.network, "zol", nil)
	if err != nil || len(list) != 0 {
		t.Errorf("found oneself: %+v, %v", list, err)
	}
	_, list, err = w.s.People(t.Context(), w.ben, w.network, "zolc", []uuid.UUID{w.lead.Person})
	if err != nil || len(list) != 2 {
		t.Errorf("found %+v, %v", list, err)
	}
	if _, list, err = w.s.People(t.Context(), w.ben, w.network, "example", nil); err != nil || len(list) != 0 {
		t.Errorf("an address was searched: %+v, %v", list, err)
	}
	w.Leave(many[0].Person, w.network)
	gone := w.Actor(many[0].Person)
	want(t, "writes after leaving the network", w.s.Write(w.ctx(), gone, few, "x"), fault.Conflict, "conversation.not_inside")
	w.Close(w.network)
	_, err = w.start(w.anna, w.ben)
	want(t, "closed network: start", err, fault.Conflict, "conversation.over")
	want(t, "closed network: write", w.s.Write(w.ctx(), w.anna, few, "x"), fault.Conflict, "conversation.over")
	if p, err := w.s.Read(t.Context(), w.anna, few, 0); err != nil || p.Open {
		t.Errorf("closed network: %+v, %v", p, err)
	}
}

// One message comes out with consent, the rest stays private.
func TestReport(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.must(w.start(w.anna, w.ben))
	ok(t, "write", w.s.Write(w.ctx(), w.ben, id, "przykre słowa"))
	want(t, "own message", w.s.Report(w.ctx(), w.ben, id, 2, "x", true), fault.Forbidden, "")
	want(t, "no consent", w.s.Report(w.ctx(), w.anna, id, 2, "Obraża", false), fault.Invalid, "conversation.consent_missing")
	want(t, "no such message", w.s.Report(w.ctx(), w.anna, id, 3, "x", true), fault.NotFound, "")
	ok(t, "report", w.s.Report(w.ctx(), w.anna, id, 2, "Obraża", true))
	want(t, "twice", w.s.Report(w.ctx(), w.anna, id, 2, "Obraża", true), fault.Conflict, "conversation.reported_already")
	if m := w.Letters.To(w.centre.Person, "conversation.notice.reported"); len(m) != 1 || !m[0].Mail {
		t.Errorf("the centre got %+v", m)
	}
	_, err := w.s.Reports(t.Context(), w.lead)
	want(t, "the coordinator lists", err, fault.NotFound, "")
	list, err := w.s.Reports(t.Context(), w.centre)
	if err != nil || len(list) != 1 || list[0].Body != "przykre słowa" || !list[0].May || strings.Contains(fmt.Sprint(list), "Dzień dobry") {
		t.Fatalf("%+v, %v", list, err)
	}
	if todo := w.todo(w.centre); len(todo) != 1 || todo[0].Kind != "report" {
		t.Errorf("to do %+v", todo)
	}
	other := w.Actor(w.Person("Inna Placówka", access.CentreAdmin, access.Centre, uuid.New()))
	want(t, "another centre", w.s.Judge(w.ctx(), other, list[0].ID, true, "x"), fault.NotFound, "")
	want(t, "no answer", w.s.Judge(w.ctx(), w.centre, list[0].ID, true, ""), fault.Invalid, "conversation.reason_missing")
	ok(t, "judge", w.s.Judge(w.ctx(), w.centre, list[0].ID, true, "Narusza zasady"))
	want(t, "judge twice", w.s.Judge(w.ctx(), w.centre, list[0].ID, false, "x"), fault.Conflict, "conversation.judged")
	for _, a := range []*access.Actor{w.anna, w.ben} {
		p, err := w.s.Read(t.Context(), a, id, 0)
		if err != nil || !p.List[1].Hidden || p.List[1].Body != "" || p.List[0].Body == "" {
			t.Errorf("%+v, %v", p, err)
		}
	}
	if len(w.Letters.To(w.ben.Person, "conversation.notice.hidden")) != 1 || len(w.Letters.To(w.anna.Person, "conversation.notice.report_hidden")) != 1 {
		t.Error("they were not told")
	}
}

func TestPagesAndAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.must(w.start(w.anna, w.ben))
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			if err := w.s.Write(w.ctx(), []*access.Actor{w.anna, w.ben}[i%2], id, fmt.Sprint("wiadomość ", i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	n := 0
	for page := 1; page <= 2; page++ {
		p, err := w.s.Read(t.Context(), w.anna, id, page)
		ok(t, "read", err)
		for _, m := range p.List {
			if n++; m.Seq != n {
				t.Fatalf("message %d has number %d", n, m.Seq)
			}
		}
	}
	if n != 61 {
		t.Errorf("%d messages, want 61", n)
	}
	_, err := w.s.Read(t.Context(), w.anna, id, 3)
	want(t, "beyond the last page", err, fault.NotFound, "")
	before := w.DB.RoundTrips()
	_, err = w.s.Read(t.Context(), w.anna, id, 0)
	if r := w.DB.RoundTrips() - before; err != nil || r > 2 {
		t.Errorf("%d round trips, %v", r, err)
	}
}

func (w *world) todo(a *access.Actor) []conversation.Todo {
	w.T.Helper()
	part, asks := w.s.AskTodo(a)
	if !asks {
		return nil
	}
	f, err := gather.All(w.T.Context(), w.DB, gather.Query{Person: a.Person, Now: w.Clock.Now(), Limit: 10}, part)
	ok(w.T, "to do", err)
	out, err := w.s.ReadTodo(f)
	ok(w.T, "to do", err)
	return out
}
