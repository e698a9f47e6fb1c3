package file_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/policies"
)

type fixture struct {
	db      *db.DB
	bucket  *blob.Bucket
	service *file.Service
	ewa     *access.Actor
	jan     *access.Actor
}

func setup(t *testing.T) *fixture {
	t.Helper()
	d := dbtest.New(t)
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	b := memblob.OpenBucket(nil)
	t.Cleanup(func() { _ = b.Close() })
	s := file.New(file.Config{DB: d, Access: auth, Bucket: b, TempDir: t.TempDir(),
		Audit: audit.New(make([]byte, 32), &clock.Shifted{})})
	f := &fixture{db: d, bucket: b, service: s}
	f.ewa, f.jan = f.person(t, "ewa@szkola.example"), f.person(t, "jan@szkola.example")
	return f
}

func (f *fixture) person(t *testing.T, email string) *access.Actor {
	t.Helper()
	id := uuid.Must(uuid.NewV7())
	if _, err := f.db.Exec(t.Context(), "INSERT INTO person (id, email, name, sort_name) VALUES ($1, $2, 'X', 'X')", id, email); err != nil {
		t.Fatal(err)
	}
	return &access.Actor{Person: id}
}

func (f *fixture) attach(t *testing.T, a *access.Actor, o file.Object, ids ...uuid.UUID) error {
	t.Helper()
	return f.db.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return f.service.Attach(ctx, tx, a, ids, o)
	})
}

func (f *fixture) count(t *testing.T, query string) (n int) {
	t.Helper()
	if err := f.db.Get(t.Context(), &n, query); err != nil {
		t.Fatal(err)
	}
	return n
}

func (f *fixture) blobs(t *testing.T) (n int) {
	t.Helper()
	it := f.bucket.List(nil)
	for {
		_, err := it.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
}

func archive(t *testing.T, entries ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		w, err := z.CreateHeader(&zip.FileHeader{Name: entries[i], Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, entries[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTypeByContent(t *testing.T) {
	t.Parallel()
	f := setup(t)
	flood := append([]byte(nil), picture(t)...)
	copy(flood[16:24], []byte{0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30}) // 30000 × 30000 in IHDR
	fixCRC(flood)
	for _, c := range []struct {
		name    string
		content []byte
		media   string
		stored  string
		refusal string
	}{
		{"plan.pdf", []byte("%PDF-1.7\n…"), "application/pdf", "plan.pdf", ""},
		{"plan.exe", []byte("%PDF-1.7\n…"), "application/pdf", "plan.exe.pdf", ""},
		{"x.png", picture(t), "image/png", "x.png", ""},
		{"x.docx", archive(t, "[Content_Types].xml", "<x/>", "word/document.xml", "<x/>"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "x.docx", ""},
		{"x.ods", archive(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", ""), "application/vnd.oasis.opendocument.spreadsheet", "x.ods", ""},
		{"lista.csv", []byte("imię;szkoła\nŻ;Ł\n"), "text/csv; charset=utf-8", "lista.csv", ""},
		{"stara.csv", []byte("imi\xea;szko\xb3a\n"), "text/csv", "stara.csv", ""},
		{"strona.html", []byte("zwykły tekst"), "text/plain; charset=utf-8", "strona.html.txt", ""},
		{"strona.txt", []byte("<!DOCTYPE html><script>alert(1)</script>"), "", "", "file.type"},
		{"x.zip", archive(t, "a.txt", "a"), "", "", "file.type"},
		{"x.docx", archive(t, "[Content_Types].xml", "", "word/document.xml", "", "word/vbaProject.bin", ""), "", "", "file.macros"},
		{"x.docx", []byte("PK\x03\x04 and nothing more"), "", "", "file.broken"},
		{"x.txt", []byte("MZ\x90\x00\x03binary"), "", "", "file.type"},
		{"x.png", flood, "", "", "file.pixels"},
		{"x.png", picture(t)[:20], "", "", "file.broken"},
		{"x.pdf", nil, "", "", "file.empty"},
	} {
		got, err := f.service.Upload(t.Context(), f.ewa, c.name, bytes.NewReader(c.content))
		if c.refusal != "" {
			if err == nil || fault.As(err).Key != c.refusal {
				t.Errorf("%s: got %v, %v; want %s", c.name, got.MediaType, err, c.refusal)
			}
			continue
		}
		if err != nil || got.MediaType != c.media || got.Name != c.stored || got.Size != int64(len(c.content)) {
			t.Errorf("%s: got %+v, %v", c.name, got, err)
		}
	}
	if rows, blobs := f.count(t, "SELECT count(*) FROM file"), f.blobs(t); rows != blobs || rows != 8 {
		t.Errorf("%d rows, %d blobs: a refused file left something", rows, blobs)
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, err := f.service.Upload(t.Context(), f.ewa, "x.txt", io.LimitReader(endless{}, file.MaxSize+1))
	if !fault.Is(err, fault.TooLarge) {
		t.Fatalf("got %v", err)
	}
	got, err := f.service.Upload(t.Context(), f.ewa, "x.txt", io.LimitReader(endless{}, file.MaxSize))
	if err != nil || got.Size != file.MaxSize {
		t.Fatalf("the largest file: %+v, %v", got, err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// Two uploads at once cannot both take the last of the quota.
func TestQuota(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for range 19 {
		_, err := f.db.Exec(t.Context(), "INSERT INTO file (id, owner_id, name, media_type, size, sha256) VALUES ($1, $2, 'x', 'x', 26214400, $3)",
			uuid.New(), f.ewa.Person, make([]byte, 32))
		if err != nil {
			t.Fatal(err)
		}
	}
	errs := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := f.service.Upload(context.Background(), f.ewa, "x.txt", io.LimitReader(endless{}, 20<<20))
			errs <- err
		}()
	}
	a, b := <-errs, <-errs
	if (a == nil) == (b == nil) || !fault.Is(errors.Join(a, b), fault.Conflict) {
		t.Fatalf("got %v and %v", a, b)
	}
	if _, err := f.service.Upload(t.Context(), f.jan, "x.txt", strings.NewReader("x")); err != nil {
		t.Fatalf("another person's quota: %v", err)
	}
}

func TestWhoDownloads(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.service.Guard("thing", func(_ context.Context, a *access.Actor, x file.File) error {
		if a.Person == f.jan.Person && x.ScopeKind == "network" {
			return nil
		}
		return fault.ErrNotFound
	})
	up, err := f.service.Upload(t.Context(), f.ewa, "Żółta „łódź”.txt", strings.NewReader("treść"))
	if err != nil {
		t.Fatal(err)
	}
	may := func(a *access.Actor) bool {
		c, err := f.service.Open(t.Context(), a, up.ID)
		if err != nil {
			if !fault.Is(err, fault.NotFound) {
				t.Fatal(err)
			}
			return false
		}
		return c.Close() == nil
	}
	if !may(f.ewa) || may(f.jan) || may(&access.Actor{}) {
		t.Fatal("a temporary file is its owner's alone")
	}
	o := file.Object{Kind: "thing", ID: uuid.New(), ScopeKind: "network", ScopeID: uuid.New()}
	if err := f.attach(t, f.jan, o, up.ID); !fault.Is(err, fault.Invalid) {
		t.Fatalf("somebody else's file was attached: %v", err)
	}
	for range 2 { // a repeated transaction changes nothing
		if err := f.attach(t, f.ewa, o, up.ID, up.ID); err != nil {
			t.Fatal(err)
		}
	}
	if may(f.ewa) || !may(f.jan) {
		t.Fatal("an attached file is its object's")
	}
	if err := f.attach(t, f.ewa, file.Object{Kind: "unguarded", ID: uuid.New()}, up.ID); err == nil {
		t.Fatal("attached to a kind that nobody guards")
	}
	of, err := f.service.Of(t.Context(), f.db, "thing", o.ID, uuid.New())
	if err != nil || len(of) != 1 || of[o.ID][0].ID != up.ID {
		t.Fatalf("files of the object: %v, %v", of, err)
	}

	c, err := f.service.Open(t.Context(), f.jan, up.ID)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := c.Serve(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)); err != nil {
		t.Fatal(err)
	}
	h := w.Header()
	want := `attachment; filename="Zolta _lodz_.txt"; filename*=UTF-8''%C5%BB%C3%B3%C5%82ta%20%E2%80%9E%C5%82%C3%B3d%C5%BA%E2%80%9D.txt`
	if h.Get("Content-Disposition") != want || h.Get("X-Content-Type-Options") != "nosniff" || w.Body.String() != "treść" {
		t.Fatalf("%v %q", h, w.Body)
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.service.Guard("thing", func(context.Context, *access.Actor, file.File) error { return nil })
	var ids []uuid.UUID
	for range 4 {
		up, err := f.service.Upload(t.Context(), f.ewa, "x.txt", strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, up.ID)
	}
	kept, letGo, old := ids[0], ids[1], ids[2]
	o := file.Object{Kind: "thing", ID: uuid.New()}
	if err := f.attach(t, f.ewa, o, kept, letGo); err != nil {
		t.Fatal(err)
	}
	err := f.db.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return f.service.Detach(ctx, tx, o.Kind, o.ID, []uuid.UUID{kept})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.service.Discard(t.Context(), f.ewa, ids[3]); err != nil {
		t.Fatal(err)
	}
	if err := f.service.Sweep(t.Context(), time.Now().Add(draft.Keep)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.service.Get(t.Context(), f.ewa, old); err != nil {
		t.Fatalf("swept while a draft may still name it: %v", err)
	}
	if err := f.service.Sweep(t.Context(), time.Now().Add(draft.Keep+2*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if rows, blobs := f.count(t, "SELECT count(*) FROM file"), f.blobs(t); rows != 1 || blobs != 1 {
		t.Fatalf("%d rows, %d blobs left", rows, blobs)
	}
	if _, err := f.service.Get(t.Context(), f.ewa, kept); err != nil {
		t.Fatal(err)
	}
	if err := f.attach(t, f.ewa, o, old); !fault.Is(err, fault.Invalid) {
		t.Fatalf("a swept file was attached: %v", err)
	}
}

// A form that is saved again and again outlives its first upload: as long as a
// draft of the owner names the file, it stays.
func TestSweepKeepsWhatADraftNames(t *testing.T) {
	t.Parallel()
	f := setup(t)
	up, err := f.service.Upload(t.Context(), f.ewa, "x.txt", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	drafts := draft.New(f.db)
	d := &draft.Draft{Key: draft.Key{Form: "task.x", Subject: "1"}, State: []byte(`{"values":{"skan":["` + up.ID.String() + `"]}}`)}
	if d.Version, err = drafts.Save(t.Context(), f.ewa, d); err != nil {
		t.Fatal(err)
	}
	// Another's draft with the same id, typed by hand, keeps nothing.
	other := &draft.Draft{Key: d.Key, State: d.State}
	if _, err := drafts.Save(t.Context(), f.jan, other); err != nil {
		t.Fatal(err)
	}
	late := time.Now().Add(200 * 24 * time.Hour)
	if err := f.service.Sweep(t.Context(), late); err != nil {
		t.Fatal(err)
	}
	if _, err := f.service.Get(t.Context(), f.ewa, up.ID); err != nil {
		t.Fatalf("the draft has lost its file: %v", err)
	}
	if err := drafts.Delete(t.Context(), f.ewa, d.Key); err != nil {
		t.Fatal(err)
	}
	if err := f.service.Sweep(t.Context(), late); err != nil {
		t.Fatal(err)
	}
	if n := f.count(t, "SELECT count(*) FROM file"); n != 0 {
		t.Errorf("%d files left when the draft is gone", n)
	}
}

// When the store fails, neither a row nor a debt on the quota stays.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	f := setup(t)
	if err := f.bucket.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.service.Upload(t.Context(), f.ewa, "x.txt", strings.NewReader("x")); err == nil {
		t.Fatal("stored in a closed store")
	}
	if n, err := f.service.Used(t.Context(), f.ewa); err != nil || n != 0 {
		t.Fatalf("%d bytes used, %v", n, err)
	}
}

func TestFolderStore(t *testing.T) {
	t.Parallel()
	b, err := file.OpenFolder(t.TempDir() + "/files")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.WriteAll(t.Context(), "aa/x", []byte("x"), nil); err != nil {
		t.Fatal(err)
	}
	if got, err := b.ReadAll(t.Context(), "aa/x"); err != nil || string(got) != "x" {
		t.Fatalf("%q, %v", got, err)
	}
}
