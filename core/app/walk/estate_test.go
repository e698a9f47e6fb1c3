package walk_test

import (
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/conversation"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/election"
	"ore.edu.pl/sieci/core/evaluation"
	"ore.edu.pl/sieci/core/export"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/library"
	needs "ore.edu.pl/sieci/core/need"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/poll"
	"ore.edu.pl/sieci/core/task"
	"ore.edu.pl/sieci/plugins/thematic/thematic"
)

// estate is what a centre's network, programme and school have, one thing of each
// kind: its id, or the word that an address names it by, and its place.
type estate struct {
	*world
	id map[string]string
	at map[string]access.Place
}

// put adds a thing at a place.
func (e *estate) put(kind string, id uuid.UUID, at access.Place) {
	e.id[kind], e.at[kind] = id.String(), at
}

// find is put for a thing that a statement finds by another one's id.
func (e *estate) find(kind, query string, of uuid.UUID, at access.Place) {
	e.t.Helper()
	var id uuid.UUID
	if err := e.DB.Get(e.t.Context(), &id, query, of); err != nil {
		e.t.Fatalf("%s: %v", kind, err)
	}
	e.put(kind, id, at)
}

// estate makes the things of a centre and of a school in its territory. Nobody
// of the cast made any of them, or is named by one.
func (w *world) estate(name string, centre, school int) *estate {
	w.t.Helper()
	e := &estate{world: w, id: map[string]string{}, at: map[string]access.Place{}}
	c, s := w.institution(centre), w.institution(school)
	lead, piotr := w.person("Lidia "+name, school), w.person("Piotr "+name, school)
	w.grant(lead, access.Founder, access.Centre, c)
	w.grant(w.person("Celina "+name, centre), access.CentreAdmin, access.Centre, c)
	person := access.Place{Centre: c, Institution: s}
	e.put("centre", c, access.Place{Centre: c})
	e.put("institution", s, person)
	e.put("person", piotr, person)
	e.put("other person", lead, person)
	e.find("grant", `SELECT id FROM role_grant WHERE person_id = $1 AND role = 'founder'`, lead, access.Place{Centre: c})
	need, err := w.Needs.Report(w.t.Context(), w.actor("Celina "+name), needs.Input{Institution: s, Topic: "ocenianie", People: 3})
	w.must(err)
	e.put("need", need, person)
	e.programme(name, c)
	e.waiting(name, school)
	e.put("profile", piotr, person)
	for _, kind := range []string{"draft", "network", "programme network"} {
		n, err := w.Networks.Found(w.t.Context(), w.actor("Lidia "+name), network.Founding{Type: typ, Centre: c, Answers: effect.Document{JSON: []byte(charter), Revision: 1},
			Settings: network.Settings{Title: "Sieć " + name + " " + kind, Aim: "Wymiana praktyk.", SchoolYear: 2026, Join: network.JoinInvitation, Capacity: 20}})
		w.must(err)
		e.put(kind, n, access.Place{Centre: c, Network: n})
	}
	e.ties()
	n := e.at["network"].Network
	w.must(w.Networks.OpenNetwork(w.t.Context(), w.actor("Lidia "+name), n))
	w.members(n, []uuid.UUID{piotr})
	e.inside(name, s)
	e.talks(name)
	e.meets(name)
	e.works(name)
	e.own(piotr)
	return e
}

func (e *estate) programme(name string, centre uuid.UUID) {
	e.t.Helper()
	ctx, core := e.t.Context(), access.Core("test")
	p, err := e.Programmes.Create(ctx, core, programme.NewProgramme{Code: strings.ToUpper(name), Title: "Program " + name, Centre: centre})
	e.must(err)
	at := access.Place{Centre: centre, Programme: p.ID}
	e.put("programme", p.ID, at)
	e.must(e.Programmes.AddPartner(ctx, core, p.ID, programme.Partner{Name: "Partner " + name, Country: "PL"}))
	e.find("partner", `SELECT id FROM programme_partner WHERE programme_id = $1`, p.ID, at)
	e.exec(`INSERT INTO programme_deliverable (id, programme_id, title, kind, target) VALUES ($1, $2, 'Scenariusze', 'report', 5)`, uuid.New(), p.ID)
	e.find("deliverable", `SELECT id FROM programme_deliverable WHERE programme_id = $1`, p.ID, at)
	e.exec(`INSERT INTO programme_deliverable_item (id, deliverable_id, title, link, done_on, added_at) VALUES (gen_random_uuid(), $1, 'Scenariusz', 'https://example.org/s', '2026-11-01', now())`, e.id["deliverable"])
	e.find("deliverable item", `SELECT id FROM programme_deliverable_item WHERE deliverable_id = $1`, uuid.MustParse(e.id["deliverable"]), at)
	g, err := e.Programmes.CreateGroup(ctx, core, programme.NewGroup{Parent: effect.Scope{Kind: effect.Programme, ID: p.ID}, Name: "Zespół " + name})
	e.must(err)
	at.Group = g
	e.put("group", g, at)
	e.must(e.Programmes.AddMember(ctx, core, g, e.ids["Piotr "+name], access.TeamMember, time.Time{}))
	e.must(e.Programmes.Invite(ctx, core, g, "zespol@"+strings.ToLower(name)+".example.org", access.TeamMember))
	e.find("group invitation", `SELECT id FROM group_invitation WHERE group_id = $1`, g, at)
}

// ties are a network in the programme and the request of another one to enter it.
func (e *estate) ties() {
	e.t.Helper()
	at := e.at["programme"]
	tied := e.at["programme network"].Network
	e.exec(`INSERT INTO programme_network (network_id, programme_id, state, asked_at, joined_at) VALUES ($1, $2, 'in', now(), now())`, tied, at.Programme)
	e.exec(`UPDATE network SET programme_id = $2, programme_since = now() WHERE id = $1`, tied, at.Programme)
	e.put("programme network", tied, at)
	e.exec(`INSERT INTO programme_network (network_id, programme_id, state, asked_at) VALUES ($1, $2, 'asked', now())`, e.at["draft"].Network, at.Programme)
	e.find("programme request", `SELECT id FROM programme_network WHERE programme_id = $1 AND state = 'asked'`, at.Programme, at)
}

// waiting are people of the school whom the centre decides on: an account that
// waits, somebody who was invited, and a list of people that its administrator handed in.
func (e *estate) waiting(name string, school int) {
	e.t.Helper()
	at := e.at["person"]
	e.must(e.Identity.CreatePending(e.t.Context(), access.Core("test"), identity.NewPerson{Email: name + "@czeka.example.org", Name: "Ola " + name, Password: password, Institution: e.institution(school)}))
	var id uuid.UUID
	e.must(e.DB.Get(e.t.Context(), &id, `SELECT id FROM person WHERE name = $1`, "Ola "+name))
	e.put("waiting person", id, at)
	_, err := e.Identity.Invite(e.t.Context(), e.actor("Celina "+name), identity.Invite{Email: name + "@zaproszona.example.org", Name: "Zofia " + name, Institution: e.institution(school)})
	e.must(err)
	e.must(e.DB.Get(e.t.Context(), &id, `SELECT id FROM person_invitation WHERE name = $1`, "Zofia "+name))
	e.put("invited person", id, at)
	e.put("own invitation", id, at)
	list, err := e.Identity.PreviewPeople(e.t.Context(), e.actor("Celina "+name), "lista.csv", strings.NewReader("Imię i nazwisko;E-mail;RSPO\nLidia Listowa;"+name+"@lista.example.org;100234\n"), nil)
	e.must(err)
	e.put("list", list.ID, e.at["centre"])
}

// inside are the network's people to be and its plans.
func (e *estate) inside(name string, school uuid.UUID) {
	e.t.Helper()
	ctx, at := e.t.Context(), e.at["network"]
	lead, piotr, n := e.actor("Lidia "+name), e.actor("Piotr "+name), at.Network
	for state, kind := range map[string]string{"requested": "request", "waiting": "seat"} {
		e.exec(`INSERT INTO membership (id, network_id, person_id, state, queued_at) VALUES (gen_random_uuid(), $1, $2, $3, now())`, n, e.person(kind+" "+name, 0), state)
		e.find(kind, `SELECT id FROM membership WHERE state = '`+state+`' AND network_id = $1`, n, at)
	}
	_, err := e.Networks.Invite(ctx, lead, n, network.Invite{Schools: []uuid.UUID{school}})
	e.must(err)
	e.find("invitation", `SELECT id FROM network_invitation WHERE network_id = $1`, n, at)
	p, err := e.Networks.Propose(ctx, piotr, n, "Lekcja otwarta", "W styczniu.")
	e.must(err)
	e.put("proposal", p, at)
	f, err := e.Files.Upload(ctx, piotr, "karty.txt", strings.NewReader("Karta pierwsza."))
	e.must(err)
	e.put("file", f.ID, at)
	r, err := e.Library.Create(ctx, piotr, library.NewResource{Network: n, Share: true, Contents: library.Contents{Files: []library.NewFile{{ID: f.ID}}},
		Details: library.Details{Title: "Karty " + name, Kind: "karta-pracy", Description: "Opis.", Licence: "cc-by-4.0", Authors: []string{"Zespół"}, Accessibility: "Tekst bez obrazów.", Product: true}})
	e.must(err)
	e.put("resource", r, at)
	step, err := e.Library.AddStep(ctx, lead, n, library.StepInput{Resource: r, What: "Pokaz", Audience: "Rady", Way: "Spotkanie", Due: time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC), Who: "Lidia"})
	e.must(err)
	e.put("step", step, at)
	e.find("record", `SELECT id FROM record WHERE scope_id = $1 AND kind = 'charter'`, n, at)
	copied, err := e.Exports.Ask(ctx, lead, n, export.Kind("data"))
	e.must(err)
	e.put("copy", copied, at)
	round, err := e.Evaluations.Prepare(ctx, lead, n, evaluation.Plan{Title: "Ankieta " + name, Questions: []string{"cele.wiedza"}, Closes: e.Clock.Now().AddDate(0, 0, 7)})
	e.must(err)
	e.put("round", round, at)
	e.exec(`UPDATE network SET stage = 'summary' WHERE id = $1`, n)
	e.must(e.Evaluations.Open(ctx, lead, round, 1, true))
	vote, err := e.Elections.Announce(ctx, lead, n, election.Input{Quorum: 50, StandUntil: e.Clock.Now().AddDate(0, 0, 7), VoteUntil: e.Clock.Now().AddDate(0, 0, 14)})
	e.must(err)
	e.put("election", vote, at)
	e.exec(`INSERT INTO handover_item (id, election_id, position, text) VALUES (gen_random_uuid(), $1, 1, 'Klucze')`, vote)
	e.find("handover item", `SELECT id FROM handover_item WHERE election_id = $1`, vote, at)
}

// talks are a thread with a hidden post that its author appealed for, and a
// conversation with a message that was disclosed.
func (e *estate) talks(name string) {
	e.t.Helper()
	ctx, at := e.t.Context(), e.at["network"]
	lead, piotr := e.actor("Lidia "+name), e.actor("Piotr "+name)
	thread, err := e.Board.Start(ctx, piotr, at.Network, board.Forum, board.Entry{Title: "Wątek " + name, Body: "Treść."})
	e.must(err)
	e.put("thread", thread, at)
	entry, err := e.Board.Start(ctx, piotr, at.Network, board.Blog, board.Entry{Title: "Wpis " + name, Body: "Treść.", NewTopic: "Lekcje"})
	e.must(err)
	e.put("entry", entry, at)
	_, err = e.Board.Reply(ctx, piotr, thread, "Odpowiedź.", nil)
	e.must(err)
	e.find("post", `SELECT id FROM board_post WHERE thread_id = $1 ORDER BY seq LIMIT 1`, thread, at)
	e.find("hidden post", `SELECT id FROM board_post WHERE thread_id = $1 ORDER BY seq DESC LIMIT 1`, thread, at)
	hidden := uuid.MustParse(e.id["hidden post"])
	e.must(e.Board.Hide(ctx, lead, hidden, "Nie na temat."))
	e.must(e.Board.Appeal(ctx, piotr, hidden, "Na temat."))
	e.find("appeal", `SELECT id FROM board_hiding WHERE post_id = $1`, hidden, at)
	talk, err := e.Conversations.Start(ctx, piotr, conversation.Begin{Network: at.Network, People: []uuid.UUID{lead.Person}, Body: "Dzień dobry"})
	e.must(err)
	e.put("talk", talk, at)
	e.must(e.Conversations.Report(ctx, lead, talk, 1, "Niegrzeczne.", true))
	e.find("message report", `SELECT id FROM conversation_report WHERE conversation_id = $1`, talk, at)
}

// meets are a meeting with a point and something agreed on, and a search for a
// date with a protest.
func (e *estate) meets(name string) {
	e.t.Helper()
	ctx, at := e.t.Context(), e.at["network"]
	lead, piotr := e.actor("Lidia "+name), e.actor("Piotr "+name)
	_, kinds, err := e.Meetings.KindsIn(ctx, lead, at.Network)
	e.must(err)
	soon := e.Clock.Now().AddDate(0, 0, 14).Truncate(time.Hour)
	meeting, err := e.Meetings.Create(ctx, lead, at.Network, schedule.Input{Kind: kinds[0].Name, Title: "Spotkanie " + name, Starts: soon, Ends: soon.Add(135 * time.Minute),
		Where: schedule.Where{OnSite: true, Place: "SP 1", Address: "ul. Lipowa 2"}})
	e.must(err)
	e.put("meeting", meeting, at)
	e.must(e.Meetings.AddItem(ctx, lead, meeting, schedule.ItemInput{Title: "Punkt", Minutes: 45, Method: schedule.Lecture, Leader: piotr.Person}))
	e.must(e.Meetings.Announce(ctx, lead, meeting))
	e.find("item", `SELECT id FROM meeting_item WHERE meeting_id = $1 LIMIT 1`, meeting, at)
	e.exec(`INSERT INTO agenda_item (id, network_id, title, created_at) VALUES (gen_random_uuid(), $1, 'Przyjęte w głosowaniu', now())`, at.Network)
	e.find("agenda item", `SELECT id FROM agenda_item WHERE network_id = $1`, at.Network, at)
	e.exec(`INSERT INTO action_item (id, meeting_id, network_id, position, text, owner_id) VALUES (gen_random_uuid(), $1, $2, 1, 'Przynieść karty', $3)`, meeting, at.Network, piotr.Person)
	e.find("action", `SELECT id FROM action_item WHERE meeting_id = $1`, meeting, at)
	ask, err := e.Polls.Create(ctx, lead, at.Network, poll.Input{Kind: kinds[0].Name, Title: "Kiedy?", AnswerBy: e.Clock.Now().AddDate(0, 0, 5), Despite: true,
		Slots: []poll.Span{{Starts: soon, Ends: soon.Add(time.Hour)}, {Starts: soon.AddDate(0, 0, 1), Ends: soon.AddDate(0, 0, 1).Add(time.Hour)}}})
	e.must(err)
	e.put("poll", ask, at)
	e.exec(`INSERT INTO poll_conflict (id, poll_id, person_id, raised_at) VALUES (gen_random_uuid(), $1, $2, now())`, ask, piotr.Person)
	e.find("protest", `SELECT id FROM poll_conflict WHERE poll_id = $1`, ask, at)
}

func (e *estate) works(name string) {
	e.t.Helper()
	at := e.at["network"]
	id, err := e.Tasks.Assign(e.t.Context(), e.actor("Lidia "+name), task.NewTask{Type: effect.Qualify(thematic.ID, "observation"), Scope: effect.Scope{Kind: effect.Network, ID: at.Network},
		Assignee: effect.Assignee{Kind: effect.AssigneePerson, ID: e.ids["Piotr "+name]}, Title: "Obserwacja", Due: e.Clock.Now().AddDate(0, 0, 7)})
	e.must(err)
	e.put("task", id, at)
}

// own are things of one person alone.
func (e *estate) own(person uuid.UUID) {
	e.t.Helper()
	at := access.Place{}
	e.token(person)
	e.find("token", `SELECT id FROM api_token WHERE person_id = $1`, person, at)
	for kind, query := range map[string]string{
		"session":       `INSERT INTO session (id, token_hash, person_id, ends_at) VALUES ($1, sha256(CAST(CAST($1 AS uuid) AS text)::bytea), $2, now() + interval '1 day')`,
		"passkey":       `INSERT INTO passkey (id, person_id, credential_id, data, name, created_at) VALUES ($1, $2, sha256(CAST(CAST($1 AS uuid) AS text)::bytea), '{}', 'Klucz', now())`,
		"provider link": `INSERT INTO provider_link (id, person_id, provider, issuer, subject, created_at) VALUES ($1, $2, 'probny', 'https://id.example', CAST(CAST($1 AS uuid) AS text), now())`,
		"year count":    `INSERT INTO year_report (id, school_year, day, total, asked_by, created_at, state, ended_at) VALUES ($1, 2025, '2026-01-15', 3, $2, now(), 'failed', now())`,
	} {
		id := uuid.Must(uuid.NewV7())
		e.exec(query, id, person)
		e.put(kind, id, at)
	}
	consent := uuid.Must(uuid.NewV7())
	e.exec(`INSERT INTO image_consent (id, network_id, person_id, granted, wording, decided_at) VALUES ($1, $2, $3, true, '2026-09', now())`, consent, e.at["network"].Network, person)
	e.put("image consent", consent, at)
}
