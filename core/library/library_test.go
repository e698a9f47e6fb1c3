package library_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/library"
)

func TestWhatASharedResourceMustHave(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := t.Context()
	image := w.upload(w.teacher, "schemat.png", picture(t))
	_, err := w.s.Create(ctx, w.teacher, library.NewResource{Network: w.network, Share: true, Details: library.Details{Title: "Oc", Tags: []string{"topic:nieznany"}}})
	if got := fields(err); !slices.Equal(got, []string{"title", "kind", "licence", "authors", "accessibility", "tags", "files"}) {
		t.Errorf("wrong fields %v (%v)", got, err)
	}
	d := details()
	d.Licence = library.OwnLicence
	in := library.NewResource{Network: w.network, Share: true, Details: d, Contents: library.Contents{Link: "javascript:alert(1)", Files: []library.NewFile{{ID: image}}}}
	_, err = w.s.Create(ctx, w.teacher, in)
	if got := fields(err); !slices.Equal(got, []string{"licence_text", "link", "files[0].alt"}) {
		t.Errorf("wrong fields %v (%v)", got, err)
	}
	in.LicenceText, in.Link, in.Files[0].Alt = "Wolno w szkole", "", "Pętla informacji zwrotnej"
	id, err := w.s.Create(ctx, w.teacher, in)
	if err != nil {
		t.Fatal(err)
	}
	r := w.get(w.lead, id)
	v := r.Latest()
	if v == nil || v.No != 1 || len(v.Files) != 1 || v.Files[0].Alt != "Pętla informacji zwrotnej" || v.Files[0].MediaType != "image/png" {
		t.Fatalf("version %+v", v)
	}
	// Somebody else's upload cannot be named, nor one that another resource has.
	foreign := w.pdf(w.lead)
	for _, f := range []uuid.UUID{foreign, image} {
		_, err = w.s.Create(ctx, w.teacher, library.NewResource{Network: w.network, Share: true, Details: details(), Contents: library.Contents{Files: []library.NewFile{{ID: f, Alt: "x"}}}})
		if err == nil {
			t.Error("took a file that is not free")
		}
	}
}

func TestPagesAreCounted(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := library.NewResource{Network: w.network, Share: true, Details: details(), Contents: library.Contents{Files: []library.NewFile{
		{ID: w.upload(w.teacher, "a.pdf", pdfOf(12))}, {ID: w.upload(w.teacher, "b.odt", document(t, 7))}, {ID: w.upload(w.teacher, "c.txt", []byte("tekst"))},
	}}}
	id, err := w.s.Create(t.Context(), w.teacher, in)
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, f := range w.get(w.teacher, id).Latest().Files {
		got = append(got, f.Pages)
	}
	if !slices.Equal(got, []int{12, 7, 0}) {
		t.Errorf("pages %v", got)
	}
}

func TestDraftIsItsAuthorsAlone(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := t.Context()
	first := w.pdf(w.teacher)
	id, err := w.s.Create(ctx, w.teacher, library.NewResource{Network: w.network, Details: library.Details{Title: "Zaczęte"}, Contents: library.Contents{Files: []library.NewFile{{ID: first}}}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.s.Get(ctx, w.lead, id)
	w.want(err, fault.NotFound, "")
	if got := w.titles(w.teacher, library.Filter{Which: library.Mine}); !slices.Equal(got, []string{"Zaczęte"}) {
		t.Errorf("mine %v", got)
	}
	if got := w.titles(w.teacher, library.Filter{}); len(got) != 0 {
		t.Errorf("a draft in the list: %v", got)
	}
	d := details()
	second := w.pdf(w.teacher)
	err = w.s.Save(ctx, w.teacher, id, 7, d, library.Contents{}, false)
	w.want(err, fault.Conflict, "library.stale")
	if err := w.s.Save(ctx, w.teacher, id, 1, d, library.Contents{Files: []library.NewFile{{ID: second}}}, true); err != nil {
		t.Fatal(err)
	}
	r := w.get(w.lead, id)
	if r.State != library.Shared || len(r.Versions) != 1 || len(r.Latest().Files) != 1 || r.Latest().Files[0].ID != second {
		t.Errorf("shared %+v", r)
	}
	// The file that was taken out is nobody's any more.
	if _, err := w.files.Get(ctx, w.teacher, first); !fault.Is(err, fault.NotFound) {
		t.Errorf("the file left behind: %v", err)
	}
	other, err := w.s.Create(ctx, w.teacher, library.NewResource{Network: w.network, Details: library.Details{Title: "Do kosza"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.s.Remove(ctx, w.teacher, other, ""); err != nil {
		t.Fatal(err)
	}
	_, err = w.s.Get(ctx, w.teacher, other)
	w.want(err, fault.NotFound, "")
}

func TestVersionsStay(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := t.Context()
	id := w.shared(nil)
	_, err := w.s.AddVersion(ctx, w.teacher, id, library.Contents{Files: []library.NewFile{{ID: w.pdf(w.teacher)}}})
	if got := fields(err); !slices.Equal(got, []string{"note"}) {
		t.Errorf("wrong fields %v", got)
	}
	w.clock.Advance(time.Hour)
	in := library.Contents{Link: "https://zpe.gov.pl/a", Note: "Nagranie zamiast pliku"}
	key := idem.With(ctx, "klucz-wersji")
	for range 2 { // a double submit adds one version
		no, err := w.s.AddVersion(key, w.teacher, id, in)
		if err != nil || no != 2 {
			t.Fatalf("version %d, %v", no, err)
		}
	}
	_, err = w.s.AddVersion(ctx, w.stranger, id, in)
	w.want(err, fault.NotFound, "")
	other := w.person(access.Grant{Role: access.Participant, Kind: access.Network, Scope: w.network})
	_, err = w.s.AddVersion(ctx, other, id, in)
	w.want(err, fault.Forbidden, "")
	r := w.get(other, id)
	if len(r.Versions) != 2 || r.Latest().Link != in.Link || len(r.Of(1).Files) != 1 {
		t.Fatalf("versions %+v", r.Versions)
	}
	if _, err := w.files.Get(ctx, other, r.Of(1).Files[0].ID); err != nil {
		t.Errorf("the file of the old version: %v", err)
	}
	if _, err := w.files.Get(ctx, w.stranger, r.Of(1).Files[0].ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger's download: %v", err)
	}
}

func TestSecondEditorIsTold(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.shared(nil)
	d := details()
	d.Title = "Nowy tytuł"
	if err := w.s.Edit(t.Context(), w.lead, id, 1, d); err != nil {
		t.Fatal(err)
	}
	w.want(w.s.Edit(t.Context(), w.teacher, id, 1, details()), fault.Conflict, "library.stale")
	if got := w.get(w.teacher, id).Title; got != "Nowy tytuł" {
		t.Errorf("title %q", got)
	}
}

func TestPublication(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := t.Context()
	id := w.shared(nil)
	for _, a := range []*access.Actor{w.guest, w.stranger} {
		if _, err := w.s.Get(ctx, a, id); err == nil {
			t.Error("seen from outside")
		}
	}
	_, err := w.s.Publish(ctx, w.teacher, id, library.Public)
	w.want(err, fault.Forbidden, "")
	done, err := w.s.Publish(ctx, w.lead, id, library.Platform)
	if err != nil || done {
		t.Fatalf("proposed: %v, %v", done, err)
	}
	if n := w.letters.count("library.notice.asked", w.admin.Person); n != 1 {
		t.Errorf("the centre was told %d times", n)
	}
	if got := w.titles(w.admin, library.Filter{Which: library.Waiting}); len(got) != 1 {
		t.Errorf("waiting %v", got)
	}
	w.want(w.s.Decide(ctx, w.lead, id, true, ""), fault.Forbidden, "")
	if err := w.s.Decide(ctx, w.admin, id, true, ""); err != nil {
		t.Fatal(err)
	}
	w.want(w.s.Decide(ctx, w.admin, id, true, ""), fault.Conflict, "library.nothing_asked")
	w.get(w.stranger, id)
	_, err = w.s.Get(ctx, w.guest, id)
	w.want(err, fault.Unauthenticated, "")
	// A wider audience is asked for and refused: the narrower one stays.
	if _, err := w.s.Publish(ctx, w.lead, id, library.Public); err != nil {
		t.Fatal(err)
	}
	w.want(w.s.Decide(ctx, w.admin, id, false, " "), fault.Invalid, "")
	if err := w.s.Decide(ctx, w.admin, id, false, "Brak zgody autorów"); err != nil {
		t.Fatal(err)
	}
	if r := w.get(w.stranger, id); r.Audience != library.Platform || r.Reason != "" {
		t.Errorf("after the refusal a stranger reads %+v", r)
	}
	if r := w.get(w.lead, id); r.Reason != "Brak zgody autorów" {
		t.Errorf("the coordinator reads %q", r.Reason)
	}
	// The centre publishes at once; guests download.
	if done, err = w.s.Publish(ctx, w.admin, id, library.Public); err != nil || !done {
		t.Fatalf("published: %v, %v", done, err)
	}
	if _, err := w.files.Get(ctx, w.guest, w.get(w.guest, id).Latest().Files[0].ID); err != nil {
		t.Errorf("a guest's download: %v", err)
	}
	// It lives on when the network ends, and can still be withdrawn.
	w.status(w.network, "closed")
	w.get(w.guest, id)
	w.want(w.s.Edit(ctx, w.lead, id, w.get(w.lead, id).Version, details()), fault.Conflict, "library.network_over")
	if err := w.s.Withdraw(ctx, w.admin, id, "Błąd w karcie"); err != nil {
		t.Fatal(err)
	}
	r := w.get(w.guest, id)
	if !r.Gone || r.Reason != "Błąd w karcie" || r.Title != "" || len(r.Versions) != 0 {
		t.Errorf("a guest reads %+v", r)
	}
	if r := w.get(w.teacher, id); r.Gone || r.Title == "" {
		t.Errorf("the author reads %+v", r)
	}
}

func TestFounderPublishesWithoutAsking(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.shared(nil)
	lead := w.person(access.Grant{Role: access.Coordinator, Kind: access.Network, Scope: w.network}, access.Grant{Role: access.Founder, Kind: access.Centre, Scope: w.centre})
	if done, err := w.s.Publish(t.Context(), lead, id, library.Public); err != nil || !done {
		t.Errorf("%v, %v", done, err)
	}
}

func TestClosedNetworkIsReadOnly(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := t.Context()
	id := w.shared(nil)
	step, err := w.s.AddStep(ctx, w.lead, w.network, stepInput())
	if err != nil {
		t.Fatal(err)
	}
	for status, key := range map[string]string{"closed": "library.network_over", "archived": "library.network_over"} {
		w.status(w.network, status)
		refused := map[string]error{}
		_, refused["create"] = w.s.Create(ctx, w.teacher, library.NewResource{Network: w.network, Details: details(), Share: true, Contents: library.Contents{Link: "https://a.pl"}})
		refused["edit"] = w.s.Edit(ctx, w.teacher, id, 1, details())
		_, refused["version"] = w.s.AddVersion(ctx, w.teacher, id, library.Contents{Link: "https://a.pl", Note: "x"})
		refused["remove"] = w.s.Remove(ctx, w.teacher, id, "x")
		_, refused["publish"] = w.s.Publish(ctx, w.lead, id, library.Public)
		_, refused["useful"] = w.s.Appreciate(ctx, w.lead, id, true)
		_, refused["add step"] = w.s.AddStep(ctx, w.lead, w.network, stepInput())
		refused["edit step"] = w.s.EditStep(ctx, w.lead, w.network, step, 1, stepInput())
		refused["set step"] = w.s.SetStep(ctx, w.lead, w.network, step, library.Done, "")
		for what, err := range refused {
			if f := fault.As(err); err == nil || f.Kind != fault.Conflict || f.Key != key {
				t.Errorf("%s in a network %s: %v", what, status, err)
			}
		}
		w.get(w.teacher, id)
		if p, err := w.s.Dissemination(ctx, w.teacher, w.network); err != nil || p.MayEdit {
			t.Errorf("plan %+v, %v", p, err)
		}
	}
}

func TestUsesAndUsefulness(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := t.Context()
	id := w.shared(nil)
	other := w.newNetwork("Druga sieć")
	user := w.person(access.Grant{Role: access.Participant, Kind: access.Network, Scope: other})
	w.want(w.s.Use(ctx, user, id, other, ""), fault.NotFound, "")
	if _, err := w.s.Publish(ctx, w.admin, id, library.Platform); err != nil {
		t.Fatal(err)
	}
	w.want(w.s.Use(ctx, w.stranger, id, other, ""), fault.NotFound, "")
	w.want(w.s.Use(ctx, w.teacher, id, w.network, ""), fault.Conflict, "library.own_resource")
	if err := w.s.Use(ctx, user, id, other, "Na spotkanie w marcu"); err != nil {
		t.Fatal(err)
	}
	w.want(w.s.Use(ctx, user, id, other, ""), fault.Conflict, "library.used_already")
	if err := w.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return w.s.Mention(ctx, tx, user, library.Place{Network: other, Kind: "thread", ID: uuid.New(), Title: "Wątek"}, "zob. https://sieci.example/zasoby/"+id.String()+" i /zasoby/"+uuid.NewString())
	}); err != nil {
		t.Fatal(err)
	}
	if r := w.get(w.stranger, id); len(r.Uses) != 1 || r.Uses[0].Note != "" || r.Uses[0].May {
		t.Errorf("a stranger reads uses %+v", r.Uses)
	}
	if r := w.get(user, id); len(r.Uses) != 2 {
		t.Errorf("a member reads uses %+v", r.Uses)
	}
	s, err := w.s.Shelf(ctx, user, other, library.Filter{})
	if err != nil || len(s.Items) != 1 || s.Items[0].ID != id {
		t.Errorf("shelf %+v, %v", s, err)
	}
	if err := w.s.Unuse(ctx, user, id, other); err != nil {
		t.Fatal(err)
	}
	w.want(w.s.Unuse(ctx, user, id, other), fault.NotFound, "")
	for range 2 {
		if n, err := w.s.Appreciate(ctx, w.stranger, id, true); err != nil || n != 1 {
			t.Errorf("useful %d, %v", n, err)
		}
	}
	if r := w.get(w.stranger, id); !r.Mine || r.Useful != 1 {
		t.Errorf("%+v", r)
	}
	if n, err := w.s.Appreciate(ctx, w.stranger, id, false); err != nil || n != 0 {
		t.Errorf("taken back: %d, %v", n, err)
	}
}

func TestRemovedComesBack(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := t.Context()
	id := w.shared(nil)
	if _, err := w.s.Publish(ctx, w.admin, id, library.Public); err != nil {
		t.Fatal(err)
	}
	w.want(w.s.Remove(ctx, w.lead, id, ""), fault.Invalid, "")
	if err := w.s.Remove(ctx, w.lead, id, "Nie nasze zdjęcia"); err != nil {
		t.Fatal(err)
	}
	if r := w.get(w.guest, id); !r.Gone || r.Reason != "Nie nasze zdjęcia" {
		t.Errorf("a guest reads %+v", r)
	}
	if got := w.titles(w.lead, library.Filter{}); len(got) != 0 {
		t.Errorf("listed %v", got)
	}
	if n := w.letters.count("library.notice.removed", w.teacher.Person); n != 1 {
		t.Errorf("the author was told %d times", n)
	}
	if err := w.s.Restore(ctx, w.teacher, id); err != nil {
		t.Fatal(err)
	}
	if r := w.get(w.teacher, id); r.State != library.Shared || r.Audience != library.Network {
		t.Errorf("restored %+v", r)
	}
}

func stepInput() library.StepInput {
	return library.StepInput{What: "Zestaw scenariuszy", Audience: "dyrektorzy szkół powiatu", Way: "narada w czerwcu", Due: time.Date(2027, 6, 15, 0, 0, 0, 0, time.UTC), Who: "koordynator"}
}

func TestDisseminationPlan(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := t.Context()
	product := w.shared(func(in *library.NewResource) { in.Product = true })
	if ok, err := w.s.HasDissemination(ctx, w.db, w.network); err != nil || ok {
		t.Fatalf("%v, %v", ok, err)
	}
	_, err := w.s.AddStep(ctx, w.teacher, w.network, stepInput())
	w.want(err, fault.NotFound, "")
	_, err = w.s.AddStep(ctx, w.lead, w.network, library.StepInput{})
	if got := fields(err); !slices.Equal(got, []string{"what", "audience", "way", "who", "due"}) {
		t.Errorf("wrong fields %v", got)
	}
	in := stepInput()
	in.Resource = uuid.New()
	_, err = w.s.AddStep(ctx, w.lead, w.network, in)
	if got := fields(err); !slices.Equal(got, []string{"resource"}) {
		t.Errorf("a resource of nobody: %v", err)
	}
	in.Resource = product
	id, err := w.s.AddStep(ctx, w.lead, w.network, in)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := w.s.HasDissemination(ctx, w.db, w.network); err != nil || !ok {
		t.Errorf("%v, %v", ok, err)
	}
	in.Who = "zespół"
	if err := w.s.EditStep(ctx, w.lead, w.network, id, 1, in); err != nil {
		t.Fatal(err)
	}
	w.want(w.s.EditStep(ctx, w.lead, w.network, id, 1, in), fault.Conflict, "library.stale")
	if err := w.s.SetStep(ctx, w.lead, w.network, id, library.Done, "30 osób"); err != nil {
		t.Fatal(err)
	}
	p, err := w.s.Dissemination(ctx, w.teacher, w.network)
	if err != nil || len(p.Steps) != 1 || p.MayEdit {
		t.Fatalf("%+v, %v", p, err)
	}
	s := p.Steps[0]
	if s.State != library.Done || s.Outcome != "30 osób" || s.DoneOn.Format(time.DateOnly) != "2026-11-24" || s.Who != "zespół" || s.ResourceTitle == "" || !s.Due.Equal(in.Due) {
		t.Errorf("%+v", s)
	}
	w.want(w.s.SetStep(ctx, w.lead, w.network, id, library.Dropped, ""), fault.Invalid, "")
	if err := w.s.SetStep(ctx, w.lead, w.network, id, library.Dropped, "Narady nie będzie"); err != nil {
		t.Fatal(err)
	}
	if ok, err := w.s.HasDissemination(ctx, w.db, w.network); err != nil || ok {
		t.Errorf("a dropped row counts: %v, %v", ok, err)
	}
	list, err := w.s.Products(ctx, w.teacher, w.network)
	if err != nil || len(list) != 1 || list[0].ID != product {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestFacetsWordsAndPages(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := t.Context()
	for i := range 5 {
		w.shared(func(in *library.NewResource) {
			in.Title = fmt.Sprintf("Łódź i okolice %d", i)
			if i%2 == 0 {
				in.Tags, in.Kind = []string{"topic:przyroda", "competence:4"}, "prezentacja"
			}
		})
	}
	for _, c := range []struct {
		f    library.Filter
		want int
	}{
		{library.Filter{}, 5}, {library.Filter{Text: "LODZ okolice"}, 5}, {library.Filter{Text: "żak 3"}, 1}, {library.Filter{Text: "100%_"}, 0},
		{library.Filter{Kind: "prezentacja"}, 3}, {library.Filter{Tags: []string{"topic:przyroda", "competence:4"}}, 3}, {library.Filter{Tags: []string{"topic:przyroda", "competence:5"}}, 0},
		{library.Filter{Licence: "cc0-1.0"}, 0}, {library.Filter{Product: true}, 0}, {library.Filter{Audience: library.Network}, 5}, {library.Filter{Network: w.network}, 5},
	} {
		if got := w.titles(w.teacher, c.f); len(got) != c.want {
			t.Errorf("%+v: %v", c.f, got)
		}
	}
	if got := w.titles(w.guest, library.Filter{}); len(got) != 0 {
		t.Errorf("a guest sees %v", got)
	}
	for _, o := range []library.Order{library.Newest, library.MostUseful} {
		seen, f := []string{}, library.Filter{Order: o, Limit: 2}
		for range 5 {
			p, err := w.s.List(ctx, w.teacher, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range p.Items {
				seen = append(seen, c.Title)
			}
			if f.Cursor = p.Next; p.Next == "" {
				break
			}
		}
		slices.Sort(seen)
		if len(seen) != 5 || len(slices.Compact(seen)) != 5 {
			t.Errorf("pages of %q give %v", o, seen)
		}
		_, err := w.s.List(ctx, w.teacher, library.Filter{Order: o, Cursor: "@@"})
		w.want(err, fault.Invalid, "")
	}
}

// A list of 12,000 resources is cut by index before anything else is read.
func TestListPlan(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := t.Context()
	w.exec(`INSERT INTO resource (id, network_id, centre_id, created_by, created_at, changed_at, kind, title, folded, licence, accessibility, tags, state, audience, decision, decided_at, versions)
		SELECT gen_random_uuid(), $1, $2, $3, now(), now(), 'scenariusz', 'Zasób ' || n, 'zasob ' || n, 'cc0-1.0', 'dostępny tekst', ARRAY['topic:' || (n % 50)], 'shared',
			CASE WHEN n % 3 = 0 THEN 'public' ELSE 'network' END, CASE WHEN n % 3 = 0 THEN 'published' ELSE '' END, CASE WHEN n % 3 = 0 THEN now() END, 1 FROM generate_series(1, 12000) n`,
		w.network, w.centre, w.teacher.Person)
	w.exec(`INSERT INTO resource_version (id, resource_id, no, created_by, created_at) SELECT gen_random_uuid(), id, 1, created_by, now() FROM resource`)
	w.exec(`ANALYZE`)
	for name, f := range map[string]library.Filter{"all": {}, "tag": {Tags: []string{"topic:7"}}, "words": {Text: "zasob 11999"}, "useful": {Order: library.MostUseful}} {
		for who, a := range map[string]*access.Actor{"guest": w.guest, "member": w.teacher} {
			for _, line := range w.s.ExplainList(t, ctx, a, f) {
				if strings.Contains(line, "Seq Scan on resource_version") || strings.Contains(line, "Seq Scan on resource r") && name != "words" && name != "tag" {
					t.Errorf("%s as %s: %s", name, who, line)
				}
			}
			before := w.db.RoundTrips()
			w.titles(a, f)
			if n := w.db.RoundTrips() - before; n != 1 {
				t.Errorf("%d round trips", n)
			}
		}
	}
}

func TestTaxonomiesNameTheirSources(t *testing.T) {
	t.Parallel()
	terms := library.BuiltIn()
	for s, least := range map[library.Scheme]int{library.Kinds: 6, library.Licences: 4, library.Competences: 8, library.Branches: 32, library.Directions: 10, library.Stages: 6, library.Topics: 10} {
		if got := len(terms.Terms(s)); got < least {
			t.Errorf("%s has %d terms, want %d", s, got, least)
		}
	}
	for _, bad := range []string{"", "scheme,code\n", "scheme,code,pl,en,note,source\nkind,a,A,A,,\n", "scheme,code,pl,en,note,source\nzly,a,A,A,,x\n",
		"scheme,code,pl,en,note,source\nkind,a,A,A,,x\nkind,a,B,B,,x\n"} {
		if _, err := library.ReadTaxonomies(strings.NewReader(bad)); err == nil {
			t.Errorf("taken: %q", bad)
		}
	}
}
