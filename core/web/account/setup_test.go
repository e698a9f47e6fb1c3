package account_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"github.com/oauth2-proxy/mockoidc"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/accountapi"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/notify"
	places "ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/registry/sample"
	"ore.edu.pl/sieci/core/web"
	"ore.edu.pl/sieci/core/web/account"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/people"
	"ore.edu.pl/sieci/core/web/registry"
	"ore.edu.pl/sieci/core/web/webtest"
	"ore.edu.pl/sieci/policies"
)

func TestMain(m *testing.M) { webtest.Main(m) }

// postbox is a mail server in this process.
type postbox struct{ letters chan letter }

type letter struct{ to, subject, text string }

type smtpSession struct {
	box *postbox
	to  string
}

func (p *postbox) NewSession(*smtp.Conn) (smtp.Session, error)   { return &smtpSession{box: p}, nil }
func (s *smtpSession) Reset()                                    {}
func (s *smtpSession) Logout() error                             { return nil }
func (s *smtpSession) Mail(string, *smtp.MailOptions) error      { return nil }
func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = to; return nil }
func (s *smtpSession) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return err
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	part, err := multipart.NewReader(m.Body, params["boundary"]).NextRawPart()
	if err != nil {
		return err
	}
	text, err := io.ReadAll(quotedprintable.NewReader(part))
	if err != nil {
		return err
	}
	s.box.letters <- letter{s.to, subject, string(text)}
	return nil
}

// link waits for the next letter to an address and returns the path it leads to.
func (w *world) link(t *testing.T, to string) string {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case l := <-w.post.letters:
			if l.to != to {
				continue
			}
			_, after, ok := strings.Cut(l.text, base)
			if !ok {
				t.Fatalf("no link in %q", l.text)
			}
			return strings.Fields(after)[0]
		case <-limit:
			t.Fatalf("no letter to %s", to)
		}
	}
}

const (
	base     = "https://sieci.example"
	password = "cztery koty na dachu"
)

type world struct {
	*httptest.Server
	d        *db.DB
	identity *identity.Service
	registry *places.Service
	post     *postbox
	routes   []kit.Route
	api      *apikit.API
	clock    *clock.Fixed
	kit      *kit.Server
	idp      *mockoidc.MockOIDC
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{d: dbtest.New(t), post: &postbox{make(chan letter, 100)}, clock: clock.NewFixed(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC))}
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	must(t, err)
	log := audit.New(make([]byte, 32), w.clock)
	jobs, err := job.New(job.Config{DB: w.d, Access: auth, Poll: 20 * time.Millisecond})
	must(t, err)
	sender, err := notify.SMTP("smtp://" + w.mailServer(t) + "?tls=none")
	must(t, err)
	told := notify.New(notify.Config{DB: w.d, Access: auth, Clock: w.clock, Jobs: jobs, People: identity.Receivers{DB: w.d}, Sender: sender,
		BaseURL: base, From: "sieci@sieci.example"})
	w.identity = identity.New(identity.Config{DB: w.d, Access: auth, Audit: log, Clock: w.clock, Notify: told, Secret: make([]byte, 32), Sealing: make([]byte, 32), Jobs: jobs, Base: base, Providers: w.idps(t), SecondFactor: []access.Role{access.Lead},
		Level: 50 * time.Millisecond})
	roles, err := access.NewService(access.Config{DB: w.d, Authorizer: auth, Audit: log, Clock: w.clock, Delegation: policies.Delegation})
	must(t, err)
	w.registry = places.New(w.d, auth, log, w.clock)
	_, err = w.registry.ImportTERC(t.Context(), access.Core("cli"), bytes.NewReader(sample.TERC))
	must(t, err)
	_, err = w.registry.ImportRSPO(t.Context(), access.Core("cli"), bytes.NewReader(sample.RSPO))
	must(t, err)
	_, err = w.d.Exec(t.Context(), `INSERT INTO centre_territory (centre_id, powiat_code) VALUES ($1, '3063')`, w.school(t, 900101))
	must(t, err)
	w.routes = append(account.Routes(account.Deps{Identity: w.identity, Registry: w.registry}),
		people.Routes(people.Deps{Identity: w.identity, Registry: w.registry, Roles: roles})...)
	w.kit, err = web.New(kit.Config{BaseURL: "http://127.0.0.1", Authorizer: auth, Authenticator: w.identity, Log: slog.New(slog.DiscardHandler)}, w.routes,
		registry.Routes(registry.Deps{Registry: w.registry}), []kit.Route{
			kit.Get("/moje", kit.SignedIn, func(c *kit.Ctx) error { return c.Redirect(account.AccountPath, "") })})
	must(t, err)
	w.api = apikit.New(w.kit, auth)
	accountapi.Register(w.api, accountapi.Deps{Identity: w.identity, Roles: roles})
	w.Server = httptest.NewServer(w.kit)
	t.Cleanup(w.Close)
	must(t, jobs.Start(t.Context()))
	t.Cleanup(func() {
		if err := jobs.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) mailServer(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s := smtp.NewServer(w.post)
	s.Domain = "localhost"
	go func() { _ = s.Serve(l) }() // ends with Close
	t.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) school(t *testing.T, rspo int) uuid.UUID {
	t.Helper()
	i, err := w.registry.ByRSPO(t.Context(), nil, rspo)
	must(t, err)
	return i.ID
}

// person makes an active account at the primary school no. 1 in Leszno.
func (w *world) person(t *testing.T, email, name string) uuid.UUID {
	t.Helper()
	id, err := w.identity.CreateActive(t.Context(), access.Core("test"), identity.NewPerson{Email: email, Name: name, Password: password, Institution: w.school(t, 100231)})
	must(t, err)
	return id
}

func (w *world) give(t *testing.T, person uuid.UUID, r access.Role, k access.ScopeKind, scope uuid.UUID) {
	t.Helper()
	must(t, w.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return access.Give(ctx, tx, access.Row{Person: person, Role: r, Kind: k, Scope: scope, From: w.clock.Now()})
	}))
}

// open is a browser signed in as somebody.
func (w *world) open(t *testing.T, email string, opts ...webtest.Option) *webtest.Page {
	t.Helper()
	p := webtest.Open(t, w.URL, opts...)
	p.Go(kit.SignInPath).Fill("Adres e-mail", email).Fill("Hasło", password).Click("Zaloguj się")
	return p.ExpectHeading("Konto")
}
