package library_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"gocloud.dev/blob/memblob"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/policies"
)

// letters keeps what would be told.
type letters struct {
	mu   sync.Mutex
	sent []notify.Message
}

func (l *letters) Send(_ context.Context, _ *db.Tx, m notify.Message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent = append(l.sent, m)
	return nil
}

func (l *letters) count(key string, to uuid.UUID) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, m := range l.sent {
		for _, p := range m.To {
			if m.Key == key && p == to {
				n++
			}
		}
	}
	return n
}

type world struct {
	t       testing.TB
	db      *db.DB
	clock   *clock.Fixed
	s       *library.Service
	files   *file.Service
	letters *letters
	centre  uuid.UUID
	network uuid.UUID
	// People of the network, of its centre, and one of neither.
	teacher, lead, admin, stranger, guest *access.Actor
	n                                     int
}

func setup(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.New(t), letters: &letters{}, clock: clock.NewFixed(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)), guest: &access.Actor{}}
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	bucket := memblob.OpenBucket(nil)
	t.Cleanup(func() { _ = bucket.Close() })
	log := audit.New(make([]byte, 32), w.clock)
	w.files = file.New(file.Config{DB: w.db, Access: auth, Audit: log, Bucket: bucket, TempDir: t.TempDir()})
	w.s = library.New(library.Config{DB: w.db, Access: auth, Audit: log, Clock: w.clock, Notify: w.letters, Files: w.files})
	w.centre = uuid.New()
	w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id) VALUES ($1, 'centre', 'CDN Wierzbowo', 'cdn wierzbowo', $1)`, w.centre)
	w.network = w.newNetwork("Ocenianie kształtujące")
	w.teacher = w.person(access.Grant{Role: access.Participant, Kind: access.Network, Scope: w.network})
	w.lead = w.person(access.Grant{Role: access.Coordinator, Kind: access.Network, Scope: w.network})
	w.admin = w.person(access.Grant{Role: access.CentreAdmin, Kind: access.Centre, Scope: w.centre})
	w.stranger = w.person()
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

func (w *world) person(grants ...access.Grant) *access.Actor {
	w.t.Helper()
	w.n++
	id := uuid.Must(uuid.NewV7())
	name := fmt.Sprintf("Osoba %04d", w.n)
	w.exec(`INSERT INTO person (id, email, name, sort_name, state) VALUES ($1, $2, $3, $3, 'active')`, id, id.String()+"@example.org", name)
	for _, g := range grants {
		w.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from) VALUES ($1, $2, $3, $4, $5, '2026-01-01')`, uuid.New(), id, g.Role, g.Kind, g.Scope)
	}
	return &access.Actor{Person: id, Name: name, Grants: grants}
}

func (w *world) status(network uuid.UUID, status string) {
	w.t.Helper()
	w.exec(`UPDATE network SET status = $2, closed_at = CASE WHEN $2 <> 'open' THEN now() END WHERE id = $1`, network, status)
}

func (w *world) upload(a *access.Actor, name string, content []byte) uuid.UUID {
	w.t.Helper()
	f, err := w.files.Upload(w.t.Context(), a, name, bytes.NewReader(content))
	if err != nil {
		w.t.Fatal(err)
	}
	return f.ID
}

func (w *world) pdf(a *access.Actor) uuid.UUID { return w.upload(a, "scenariusz.pdf", pdfOf(3)) }

// pdfOf is the smallest text that looks like a PDF of n pages.
func pdfOf(n int) []byte {
	return fmt.Appendf(nil, "%%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R /Outlines << /Count 99 >> >>\nendobj\n2 0 obj\n<< /Kids [ 3 0 R ] /Count %d /Type /Pages >>\nendobj\n3 0 obj\n<< /Type /Page >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%%%EOF\n", n)
}

func picture(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// document is an OpenDocument text that says how many pages it has.
func document(t testing.TB, pages int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	part, err := z.CreateHeader(&zip.FileHeader{Name: "mimetype", Method: zip.Store})
	if err == nil {
		_, err = part.Write([]byte("application/vnd.oasis.opendocument.text"))
	}
	if err == nil {
		part, err = z.Create("content.xml")
	}
	if err == nil {
		_, err = part.Write([]byte(`<x/>`))
	}
	if err == nil {
		part, err = z.Create("meta.xml")
	}
	if err == nil {
		_, err = fmt.Fprintf(part, `<m xmlns:meta="urn:x"><meta:document-statistic meta:page-count="%d"/></m>`, pages)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func details() library.Details {
	return library.Details{Title: "Informacja zwrotna w 5 minut", Kind: "scenariusz", Description: "Dla **klas IV–VI**.", Licence: "cc-by-4.0",
		Authors: []string{"Ewa Żak"}, Accessibility: "Tekst z nagłówkami, bez obrazów.", Tags: []string{"topic:ocenianie", "stage:sp-4-8"}}
}

// shared adds a shared resource of the teacher with a PDF.
func (w *world) shared(change func(*library.NewResource)) uuid.UUID {
	w.t.Helper()
	in := library.NewResource{Network: w.network, Details: details(), Share: true, Contents: library.Contents{Files: []library.NewFile{{ID: w.pdf(w.teacher)}}}}
	if change != nil {
		change(&in)
	}
	id, err := w.s.Create(w.t.Context(), w.teacher, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) get(a *access.Actor, id uuid.UUID) *library.Resource {
	w.t.Helper()
	r, err := w.s.Get(w.t.Context(), a, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// titles are what the actor's list shows.
func (w *world) titles(a *access.Actor, f library.Filter) []string {
	w.t.Helper()
	p, err := w.s.List(w.t.Context(), a, f)
	if err != nil {
		w.t.Fatal(err)
	}
	out := []string{}
	for _, c := range p.Items {
		out = append(out, c.Title)
	}
	return out
}

// fields are the wrong fields of an error.
func fields(err error) []string {
	var out []string
	if f := fault.As(err); f != nil {
		for _, x := range f.Fields {
			out = append(out, x.Path)
		}
	}
	return out
}

func (w *world) want(err error, kind fault.Kind, key string) {
	w.t.Helper()
	if f := fault.As(err); err == nil || f.Kind != kind || key != "" && f.Key != key {
		w.t.Errorf("got %v, want %s %s", err, kind, key)
	}
}
