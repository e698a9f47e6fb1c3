package board_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/google/uuid"
	"gocloud.dev/blob/memblob"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/board/boardtest"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/idem"
)

type world struct {
	*boardtest.World
	s               *board.Service
	files           *file.Service
	network         uuid.UUID
	lead, anna, ben *access.Actor // coordinator and two participants
	centre          *access.Actor // centre admin
}

func setup(t testing.TB) *world {
	t.Helper()
	w := &world{World: boardtest.New(t)}
	log := audit.New(make([]byte, 32), w.Clock)
	bucket := memblob.OpenBucket(nil)
	t.Cleanup(func() { _ = bucket.Close() })
	w.files = file.New(file.Config{DB: w.DB, Access: w.Auth, Audit: log, Bucket: bucket, TempDir: t.TempDir()})
	w.s = board.New(board.Config{DB: w.DB, Access: w.Auth, Audit: log, Clock: w.Clock, Notify: w.Letters, Files: w.files})
	w.network = w.Network("Ocenianie kształtujące")
	w.lead = w.Actor(w.Member("Karol Koordynator", access.Coordinator, w.network))
	w.anna = w.Actor(w.Member("Anna Nowak", access.Participant, w.network))
	w.ben = w.Actor(w.Member("Ben Bęben", access.Participant, w.network))
	w.centre = w.Actor(w.Person("Celina Centralna", access.CentreAdmin, access.Centre, w.Centre))
	return w
}

func (w *world) ctx() context.Context { return idem.With(w.T.Context(), idem.NewKey()) }

// start opens a thread of Anna's.
func (w *world) start() uuid.UUID {
	w.T.Helper()
	id, err := w.s.Start(w.ctx(), w.anna, w.network, board.Forum, board.Entry{Title: "Jak oceniać?", Body: "Czy **kryteria** pomagają?"})
	if err != nil {
		w.T.Fatal(err)
	}
	return id
}

func (w *world) reply(a *access.Actor, thread uuid.UUID, body string) uuid.UUID {
	w.T.Helper()
	id, err := w.s.Reply(w.ctx(), a, thread, body, nil)
	if err != nil {
		w.T.Fatal(err)
	}
	return id
}

func (w *world) read(a *access.Actor, thread uuid.UUID, page int) *board.ThreadPage {
	w.T.Helper()
	p, err := w.s.Read(w.T.Context(), a, thread, page)
	if err != nil {
		w.T.Fatal(err)
	}
	return p
}

func (w *world) upload(a *access.Actor, name string, content []byte) uuid.UUID {
	w.T.Helper()
	f, err := w.files.Upload(w.T.Context(), a, name, bytes.NewReader(content))
	if err != nil {
		w.T.Fatal(err)
	}
	return f.ID
}

func picture() []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))) // a buffer takes everything
	return b.Bytes()
}

// want fails unless err is of the kind and, with keys, names exactly these.
func want(t testing.TB, what string, err error, kind fault.Kind, keys ...string) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("%s: %v, want %v", what, err, kind)
		return
	}
	if len(keys) == 0 {
		return
	}
	f := fault.As(err)
	got := []string{f.Key}
	if len(f.Fields) > 0 {
		got = nil
		for _, x := range f.Fields {
			got = append(got, x.Key)
		}
	}
	if strings.Join(got, " ") != strings.Join(keys, " ") {
		t.Errorf("%s: %v, want %v", what, got, keys)
	}
}

func ok(t testing.TB, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}
