package walk_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	needs "ore.edu.pl/sieci/core/need"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/web/kit"
)

// things are what a place has, own or foreign: ids by the pattern of their page.
type things struct {
	byPattern map[string]uuid.UUID
	at        map[string]access.Place
}

// estate makes a network, a programme with a group, and a person of a school in
// the territory of a centre.
func (w *world) estate(name string, centre, school int) things {
	w.t.Helper()
	ctx, core := w.t.Context(), access.Core("test")
	c := w.institution(centre)
	lead := w.person("Lidia "+name, school)
	w.grant(lead, access.Founder, access.Centre, c)
	n, err := w.Networks.Found(ctx, w.actor("Lidia "+name), network.Founding{Type: typ, Centre: c, Answers: effect.Document{JSON: []byte(charter), Revision: 1},
		Settings: network.Settings{Title: "Sieć " + name, Aim: "Wymiana praktyk.", SchoolYear: 2026, Join: network.JoinInvitation, Capacity: 20}})
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := w.Programmes.Create(ctx, core, programme.NewProgramme{Code: strings.ToUpper(name), Title: "Program " + name, Centre: c})
	if err != nil {
		w.t.Fatal(err)
	}
	g, err := w.Programmes.CreateGroup(ctx, core, programme.NewGroup{Parent: effect.Scope{Kind: effect.Programme, ID: p.ID}, Name: "Zespół " + name})
	if err != nil {
		w.t.Fatal(err)
	}
	person := w.person("Piotr "+name, school)
	need, err := w.Needs.Report(ctx, &access.Actor{Person: lead, Grants: []access.Grant{{Role: access.CentreAdmin, Kind: access.Centre, Scope: c}}},
		needs.Input{Institution: w.institution(school), Topic: "ocenianie", People: 3})
	if err != nil {
		w.t.Fatal(err)
	}
	var grant uuid.UUID
	if err := w.DB.Get(ctx, &grant, `SELECT id FROM role_grant WHERE person_id = $1 AND role = 'founder'`, lead); err != nil {
		w.t.Fatal(err)
	}
	in := func(p access.Place) access.Place { p.Centre = c; return p }
	return things{
		byPattern: map[string]uuid.UUID{"/sieci/:id": n, "/programy/:id": p.ID, "/grupy/:id": g, "/zarzadzanie/placowki/:id": c, "/zarzadzanie/osoby/:id": person,
			"/potrzeby/:id": need, "/zarzadzanie/role/:id": grant},
		at: map[string]access.Place{"/sieci/:id": in(access.Place{Network: n}), "/programy/:id": in(access.Place{Programme: p.ID}),
			"/grupy/:id": in(access.Place{Programme: p.ID, Group: g}), "/zarzadzanie/placowki/:id": {Centre: c},
			"/zarzadzanie/osoby/:id": in(access.Place{Institution: w.institution(school)}), "/potrzeby/:id": in(access.Place{Institution: w.institution(school)}),
			"/zarzadzanie/role/:id": {Centre: c}},
	}
}

// cast are people in every role at the own place, with who they are to the policy.
func (w *world) cast(own things) (map[string]*client, map[string]*access.Actor) {
	w.t.Helper()
	centre, school := w.institution(900101), w.institution(100234)
	net, prog, group := own.byPattern["/sieci/:id"], own.byPattern["/programy/:id"], own.byPattern["/grupy/:id"]
	roles := []struct {
		name  string
		role  access.Role
		kind  access.ScopeKind
		scope uuid.UUID
	}{
		{"Uczestnik", access.Participant, access.Network, net}, {"Koordynator", access.Coordinator, access.Network, net},
		{"Ekspert", access.Expert, access.Network, net}, {"Moderator", access.Moderator, access.Network, net},
		{"Dyrektor", access.Principal, access.Institution, school}, {"Administrator biblioteki", access.InstitutionAdmin, access.Institution, school}, {"Założyciel", access.Founder, access.Centre, centre},
		{"Administrator placówki", access.CentreAdmin, access.Centre, centre}, {"Kierownik programu", access.Lead, access.Programme, prog},
		{"Członek zespołu", access.TeamMember, access.Group, group}, {"Kierownik zespołu", access.Head, access.Group, group},
		{"Opiekun", access.Guardian, access.Group, group}, {"Organizator wspomagania", access.SupportOrganiser, access.Institution, school},
		{"Organizator w zespole", access.SupportOrganiser, access.Group, group}, {"Urzędnik samorządu", access.Official, access.LocalGovernment, access.UnitScope("3013")},
		{"Ewaluator", access.Evaluator, access.Programme, prog}, {"Ewaluator sieci", access.Evaluator, access.Network, net},
		{"Kontroler", access.Inspector, access.Platform, uuid.Nil}, {"Administrator ORE", access.OREAdmin, access.Platform, uuid.Nil},
	}
	who := map[string]*client{"Gość": {w: w}}
	actors := map[string]*access.Actor{"Gość": {}}
	for _, r := range roles {
		id := w.person(r.name, 0)
		w.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from) VALUES (gen_random_uuid(), $1, $2, $3, nullif($4, '00000000-0000-0000-0000-000000000000'::uuid), $5)`,
			id, string(r.role), string(r.kind), r.scope, w.Clock.Now().AddDate(0, 0, -1))
		who[r.name], actors[r.name] = w.client(r.name), w.actor(r.name)
	}
	w.person("Nauczyciel", 0)
	who["Nauczyciel"], actors["Nauczyciel"] = w.client("Nauczyciel"), w.actor("Nauczyciel")
	return who, actors
}

// Every page of a thing, for every role, at the role's own place and at a
// foreign one: it is there exactly where the policy declares it, and is 404 for
// everybody else. The pages come from the route table, the verdicts from Casbin.
// A draft network is used, which only its own people may know of.
func TestRoleRouteMatrix(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.territories()
	own, foreign := w.estate("Nasza", 900101, 100234), w.estate("Obca", 900102, 100502)
	who, actors := w.cast(own)
	cells, open := 0, 0
	for _, r := range w.Site.Table() {
		if r.Method != http.MethodGet || strings.Count(r.Path, ":") != 1 || r.Perm == kit.Public || r.Perm == kit.SignedIn {
			continue
		}
		for pattern := range own.byPattern {
			if r.Path != pattern && !strings.HasPrefix(r.Path, pattern+"/") {
				continue
			}
			for name, c := range who {
				for where, x := range map[string]things{"own": own, "foreign": foreign} {
					cells++
					a, err := c.get(strings.Replace(r.Path, ":id", x.byPattern[pattern].String(), 1))
					if err != nil {
						t.Fatal(err)
					}
					may := w.Access.Can(actors[name], r.Perm, x.at[pattern]) && w.sees(actors[name], r.Path, x.at[pattern])
					if may {
						open++
					}
					hidden := a.status == http.StatusNotFound || c.cookie == "" && a.status == http.StatusSeeOther
					if may && hidden && narrower[r.Path] == "" {
						t.Errorf("%s at %s (%s, %s): %d, the policy lets them in", name, r.Path, where, r.Perm, a.status)
					}
					if !may && !hidden && (wider[r.Path] == "" || where == "foreign") {
						t.Errorf("%s at %s (%s, %s) gets in: %d", name, r.Path, where, r.Perm, a.status)
					}
				}
			}
		}
	}
	if cells < 1000 || open < cells/20 {
		t.Errorf("%d cells, %d of them open: the table is hardly asked", cells, open)
	}
	t.Logf("%d cells, %d open", cells, open)
}

// sees reports whether the actor may know of the thing at all: a draft network
// is shown to those who may go inside only, and its evaluations to who evaluates it.
func (w *world) sees(a *access.Actor, path string, at access.Place) bool {
	return !strings.HasPrefix(path, "/sieci/:id") || w.Access.Can(a, network.PermView, at) ||
		path == "/sieci/:id/ewaluacja" && a.Has(access.Evaluator, access.Network, at.Network)
}

// narrower are pages that close to some whom the role would let in, because of
// the state of the thing or of who they are to it.
var narrower = map[string]string{
	"/sieci/:id/dolacz":               "nobody joins a draft",
	"/sieci/:id/zaproszenie":          "only who is invited",
	"/sieci/:id/koordynator":          "only to whom the role is offered",
	"/sieci/:id/rezygnacja":           "only who is in it",
	"/sieci/:id/przekazanie":          "only who hands over, receives or confirms",
	"/sieci/:id/upowszechnianie/nowe": "a draft takes no changes of its plan",
	"/sieci/:id/potwierdzenie":        "only who took part",
	"/grupy/:id/przenies":             "moving needs group:manage above the group",
	"/programy/:id/projekt":           "a programme shows itself to everybody once its data are there",
}

// wider are pages that show a part of themselves to more than the role map says
// at the page's place.
var wider = map[string]string{
	"/programy/:id/grupy": "who has a group in the programme finds that group there, and no other",
}
