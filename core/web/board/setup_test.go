package board_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"
	"gocloud.dev/blob/memblob"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/boardapi"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/board/boardtest"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/web"
	pages "ore.edu.pl/sieci/core/web/board"
	"ore.edu.pl/sieci/core/web/files"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/webtest"
)

func TestMain(m *testing.M) { webtest.Main(m) }

// people signs in whoever the cookie names, with the roles of this moment: one
// query, as sessions take.
type people struct{ w *boardtest.World }

func (p people) Session(ctx context.Context, cookie string) (*access.Actor, i18n.Lang, error) {
	id, err := uuid.Parse(cookie)
	if err != nil {
		return nil, "", nil
	}
	g, err := access.RolesOf(ctx, p.w.DB, id, p.w.Clock.Now())
	return &access.Actor{Person: id, Name: "Ktoś", Grants: g}, "", err
}

func (p people) Token(ctx context.Context, bearer string) (*access.Actor, error) {
	a, _, err := p.Session(ctx, bearer)
	return a, err
}

type world struct {
	*boardtest.World
	*httptest.Server
	s                       *board.Service
	rows                    []kit.Route
	api                     *apikit.API
	network                 uuid.UUID
	lead, anna, ben, centre uuid.UUID
	base                    string
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{World: boardtest.New(t)}
	log := audit.New(make([]byte, 32), w.Clock)
	bucket := memblob.OpenBucket(nil)
	t.Cleanup(func() { _ = bucket.Close() })
	store := file.New(file.Config{DB: w.DB, Access: w.Auth, Audit: log, Bucket: bucket, TempDir: t.TempDir()})
	w.s = board.New(board.Config{DB: w.DB, Access: w.Auth, Audit: log, Clock: w.Clock, Notify: w.Letters, Files: store})
	w.rows = pages.Routes(pages.Deps{Board: w.s, Files: store, Drafts: draft.New(w.DB), Clock: w.Clock})
	enter := kit.Get("/wejdz/:id", kit.Public, func(c *kit.Ctx) error {
		http.SetCookie(c.Response(), &http.Cookie{Name: "__Host-sieci", Value: c.Param("id"), Path: "/", Secure: true})
		return c.Redirect("/", "")
	})
	start := kit.Get("/", kit.Public, func(c *kit.Ctx) error {
		c.Page("Start")
		return c.Redirect(pages.BlogsPath, "")
	})
	s, err := web.New(kit.Config{BaseURL: "http://localhost", Authorizer: w.Auth, Authenticator: people{w.World}, Log: slog.New(slog.DiscardHandler)}, w.rows, files.Routes(files.Deps{Files: store}), []kit.Route{enter, start})
	if err != nil {
		t.Fatal(err)
	}
	w.api = apikit.New(s, w.Auth)
	boardapi.Register(w.api, w.s)
	w.Server = httptest.NewServer(s)
	t.Cleanup(w.Close)
	w.network = w.Network("Ocenianie kształtujące")
	w.lead = w.Member("Karol Koordynator", access.Coordinator, w.network)
	w.anna = w.Member("Anna Nowak", access.Participant, w.network)
	w.ben = w.Member("Ben Bęben", access.Participant, w.network)
	w.centre = w.Person("Celina Centralna", access.CentreAdmin, access.Centre, w.Centre)
	w.base = "/sieci/" + w.network.String()
	return w
}

// Close ends the server; the world's own Close ends networks.
func (w *world) Close() { w.Server.Close() }

// as opens a tab signed in as the person.
func (w *world) as(person uuid.UUID, opts ...webtest.Option) *webtest.Page {
	w.T.Helper()
	return webtest.Open(w.T, w.URL, opts...).Go("/wejdz/" + person.String())
}

// thread opens a thread of Anna's through the service.
func (w *world) thread(title, body string) uuid.UUID {
	w.T.Helper()
	id, err := w.s.Start(w.T.Context(), w.Actor(w.anna), w.network, board.Forum, board.Entry{Title: title, Body: body})
	if err != nil {
		w.T.Fatal(err)
	}
	return id
}

func (w *world) reply(person, thread uuid.UUID, body string) uuid.UUID {
	w.T.Helper()
	id, err := w.s.Reply(w.T.Context(), w.Actor(person), thread, body, nil)
	if err != nil {
		w.T.Fatal(err)
	}
	return id
}
