package export_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"gocloud.dev/blob/memblob"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/board/boardtest"
	"ore.edu.pl/sieci/core/document"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/scripted"
	"ore.edu.pl/sieci/core/export"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/network"
)

// source is a part that a test holds, breaks and counts.
type source struct {
	name string
	mu   sync.Mutex
	runs int
	// enter, when set, runs at the beginning of each run.
	enter func(run int) error
}

func (s *source) Part() string { return s.name }

func (s *source) Write(_ context.Context, _ *access.Actor, n *network.Network, out *export.Sink) error {
	s.mu.Lock()
	s.runs++
	run := s.runs
	s.mu.Unlock()
	if s.enter != nil {
		if err := s.enter(run); err != nil {
			return err
		}
	}
	return out.Page(export.Page{Title: n.Title, Body: []any{document.Paragraph{Text: "część " + s.name}}})
}

func (s *source) ran() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runs
}

type noAccounts struct{ network.Accounts }

type world struct {
	*boardtest.World
	s       *export.Service
	jobs    *job.Client
	network uuid.UUID
	lead    *access.Actor
}

func setup(t *testing.T, parts ...*source) *world {
	t.Helper()
	w := &world{World: boardtest.New(t)}
	log, modules := audit.New(make([]byte, 32), w.Clock), scripted.Modules{}
	networks := network.New(network.Config{DB: w.DB, Access: w.Auth, Audit: log, Clock: w.Clock, Modules: modules, Notify: w.Letters, Accounts: noAccounts{}, CursorKey: make([]byte, 32),
		Engine: effect.New(effect.Config{DB: w.DB, Clock: w.Clock, Audit: log, Access: w.Auth, Modules: modules})})
	bucket := memblob.OpenBucket(nil)
	t.Cleanup(func() { _ = bucket.Close() })
	var err error
	if w.jobs, err = job.New(job.Config{DB: w.DB, Access: w.Auth, Audit: log, Poll: 20 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	list := make([]export.Source, len(parts))
	for i, p := range parts {
		list[i] = p
	}
	w.s = export.New(export.Config{DB: w.DB, Access: w.Auth, Audit: log, Clock: w.Clock, Jobs: w.jobs, Networks: networks, Notify: w.Letters, BaseURL: "https://sieci.example", Sources: list,
		Files: file.New(file.Config{DB: w.DB, Access: w.Auth, Audit: log, Bucket: bucket, TempDir: t.TempDir()})})
	w.network = w.Network("Ocenianie kształtujące")
	w.lead = w.Actor(w.Member("Karol Koordynator", access.Coordinator, w.network))
	return w
}

func (w *world) start() {
	w.T.Helper()
	if err := w.jobs.Start(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	w.T.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := w.jobs.Stop(ctx); err != nil {
			w.T.Error(err)
		}
	})
}

func (w *world) ask() uuid.UUID {
	w.T.Helper()
	id, err := w.s.Ask(w.T.Context(), w.lead, w.network, export.Site)
	if err != nil {
		w.T.Fatal(err)
	}
	return id
}

func (w *world) get(id uuid.UUID) export.Export {
	w.T.Helper()
	e, err := w.s.Get(w.T.Context(), w.lead, id)
	if err != nil {
		w.T.Fatal(err)
	}
	return e
}

// ended waits until the copy is no longer being made.
func (w *world) ended(id uuid.UUID) export.Export {
	w.T.Helper()
	late := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if e := w.get(id); e.State != export.Waiting {
			return e
		}
		select {
		case <-late:
			w.T.Fatal("the copy never ended")
		case <-tick.C:
		}
	}
}

// A run that breaks off goes on with the part that it was at: finished ones are
// kept and made once. Meanwhile people see how far it is.
func TestResumes(t *testing.T) {
	t.Parallel()
	first, last := &source{name: "members"}, &source{name: "board"}
	var w *world
	var seen export.Export
	last.enter = func(run int) error {
		if seen = w.get(seen.ID); run < 2 {
			return errors.New("the server stopped")
		}
		return nil
	}
	w = setup(t, first, last)
	id := w.ask()
	seen.ID = id
	if again := w.ask(); again != id {
		t.Error("a second copy of the same kind was begun")
	}
	if e := w.get(id); e.State != export.Waiting || e.Done != 0 || e.Total != 3 {
		t.Errorf("%+v", e)
	}
	w.start()
	e := w.ended(id)
	if e.State != export.Done || e.Done != e.Total || e.Size == 0 || first.ran() != 1 || last.ran() != 2 {
		t.Fatalf("%+v after %d and %d runs", e, first.ran(), last.ran())
	}
	if seen.Done != 1 {
		t.Errorf("in the middle it said %d of %d", seen.Done, seen.Total)
	}
	if got := w.Letters.To(w.lead.Person, "export.notice.done"); len(got) != 1 {
		t.Errorf("told %d times", len(got))
	}
	_, r, err := w.s.Download(t.Context(), w.lead, id)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "style.css index.html members.html board.html" {
		t.Errorf("in the copy: %s", got)
	}
}

// A copy cancelled while it is made ends with the part at hand; nothing of it
// can be downloaded, and a new one may be asked for.
func TestCancel(t *testing.T) {
	t.Parallel()
	inside, going := make(chan struct{}), make(chan struct{})
	part := &source{name: "members"}
	var once sync.Once
	part.enter = func(int) error {
		once.Do(func() { close(inside); <-going })
		return nil
	}
	w := setup(t, part, &source{name: "board"})
	id := w.ask()
	w.start()
	<-inside
	other := w.Actor(w.Member("Druga Koordynatorka", access.Coordinator, w.network))
	if err := w.s.Cancel(t.Context(), other, id); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else cancels: %v", err)
	}
	if _, _, err := w.s.Download(t.Context(), w.lead, id); !fault.Is(err, fault.Conflict) {
		t.Errorf("half a copy: %v", err)
	}
	if err := w.s.Cancel(t.Context(), w.lead, id); err != nil {
		t.Fatal(err)
	}
	close(going)
	if e := w.ended(id); e.State != export.Cancelled || e.Ended == nil {
		t.Errorf("%+v", e)
	}
	if _, _, err := w.s.Download(t.Context(), w.lead, id); !fault.Is(err, fault.NotFound) {
		t.Errorf("a cancelled copy: %v", err)
	}
	if next := w.ask(); next == id || w.ended(next).State != export.Done {
		t.Error("no new copy after a cancelled one")
	}
	if len(w.Letters.To(w.lead.Person, "export.notice.done")) != 1 {
		t.Error("the cancelled copy was announced")
	}
}

// Whoever loses the right while the copy is made does not get it.
func TestRightIsLostMeanwhile(t *testing.T) {
	t.Parallel()
	w := setup(t, &source{name: "members"})
	id := w.ask()
	w.Leave(w.lead.Person, w.network)
	w.start()
	late := time.After(time.Minute)
	for state := ""; state != string(export.Failed); {
		if err := w.DB.Get(t.Context(), &state, `SELECT state FROM network_export WHERE id = $1`, id); err != nil {
			t.Fatal(err)
		}
		select {
		case <-late:
			t.Fatalf("the copy is %s", state)
		case <-time.After(20 * time.Millisecond):
		}
	}
	if _, _, err := w.s.Download(t.Context(), w.Actor(w.lead.Person), id); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
}
