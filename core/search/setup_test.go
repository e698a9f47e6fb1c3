package search_test

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
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/search"
	"ore.edu.pl/sieci/core/search/lemma"
	"ore.edu.pl/sieci/policies"
)

// room is a source whose things lie in memory.
type room struct{ docs []search.Doc }

func (r *room) source(k search.Kind, perm access.Permission) search.Source {
	return search.Source{Kind: k, Perm: perm,
		Docs: func(_ context.Context, _ db.Q, ids []uuid.UUID) ([]search.Doc, error) {
			var out []search.Doc
			for _, d := range r.docs {
				if slices.Contains(ids, d.ID) && d.Title != "" {
					out = append(out, d)
				}
			}
			return out, nil
		},
		Next: func(_ context.Context, _ db.Q, after uuid.UUID, limit int) ([]uuid.UUID, error) {
			var out []uuid.UUID
			for _, d := range r.docs {
				if strings.Compare(d.ID.String(), after.String()) > 0 && len(out) < limit {
					out = append(out, d.ID)
				}
			}
			return out, nil
		}}
}

type world struct {
	t       testing.TB
	db      *db.DB
	x       *search.Index
	rooms   map[search.Kind]*room
	centre  uuid.UUID
	network uuid.UUID
	// Who asks: nobody, somebody, a member of the network, its centre, everywhere.
	guest, user, member, admin, ore *access.Actor
}

func setup(t testing.TB, d *lemma.Dictionary) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.New(t), rooms: map[search.Kind]*room{}, centre: uuid.New()}
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	w.x = search.New(w.db, auth, d)
	for k, perm := range map[search.Kind]access.Permission{search.Networks: "network:view", search.Resources: "resource:view", search.Posts: "board:view", search.People: "person:profile"} {
		w.rooms[k] = &room{}
		w.x.Register(w.rooms[k].source(k, perm))
	}
	w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id) VALUES ($1, 'centre', 'CDN', 'cdn', $1)`, w.centre)
	w.network = w.newNetwork("Ocenianie")
	actor := func(g ...access.Grant) *access.Actor { return &access.Actor{Person: uuid.New(), Grants: g} }
	w.guest, w.user = &access.Actor{}, actor()
	w.member = actor(access.Grant{Role: access.Participant, Kind: access.Network, Scope: w.network})
	w.admin = actor(access.Grant{Role: access.CentreAdmin, Kind: access.Centre, Scope: w.centre})
	w.ore = actor(access.Grant{Role: access.OREAdmin, Kind: access.Platform})
	return w
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.db.SQL().ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) newNetwork(title string) uuid.UUID {
	w.t.Helper()
	id := uuid.Must(uuid.NewV7())
	w.exec(`INSERT INTO network (id, module, type, centre_id, title, title_folded, aim, school_year, stage, status, join_mode, created_at, opened_at)
		VALUES ($1, 'ore.thematic', 'network', $2, $3, $3, 'Cel', 2026, 'working', 'open', 'open', '2026-09-01', '2026-09-01')`, id, w.centre, title)
	return id
}

// put adds a document as its room would.
func (w *world) put(k search.Kind, d search.Doc) uuid.UUID {
	w.t.Helper()
	if d.ID == uuid.Nil {
		d.ID = uuid.Must(uuid.NewV7())
	}
	if d.Path == "" {
		d.Path = "/x/" + d.ID.String()
	}
	if d.Audience == "" {
		d.Audience = search.Public
	}
	if d.At.IsZero() {
		d.At = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	}
	r := w.rooms[k]
	r.docs = append(slices.DeleteFunc(r.docs, func(o search.Doc) bool { return o.ID == d.ID }), d)
	w.changed(k, d.ID)
	return d.ID
}

func (w *world) changed(k search.Kind, ids ...uuid.UUID) {
	w.t.Helper()
	if err := w.db.Tx(w.t.Context(), func(ctx context.Context, tx *db.Tx) error { return w.x.Changed(ctx, tx, k, ids...) }); err != nil {
		w.t.Fatal(err)
	}
}

// find gives the titles of what the actor finds, kind by kind.
func (w *world) find(a *access.Actor, ask search.Ask) []string {
	w.t.Helper()
	f, err := w.x.Find(w.t.Context(), a, ask)
	if err != nil {
		w.t.Fatalf("%+v: %v", ask, err)
	}
	out := []string{}
	for _, g := range f.Groups {
		for _, r := range g.Items {
			out = append(out, text(r.Title))
		}
	}
	return out
}

func text(list []search.Piece) string {
	var b strings.Builder
	for _, p := range list {
		b.WriteString(p.Text)
	}
	return b.String()
}

// marked is a snippet with the words that were found in brackets.
func marked(list []search.Piece) string {
	var b strings.Builder
	for _, p := range list {
		if p.Hit {
			fmt.Fprintf(&b, "[%s]", p.Text)
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}
