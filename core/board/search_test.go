package board_test

import (
	"slices"
	"strings"
	"testing"

	"gocloud.dev/blob/memblob"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/search"
)

// searched has the service of the world bring a search up to date, and returns
// how somebody finds posts in it: their titles.
func (w *world) searched() func(a *access.Actor, text string) string {
	w.T.Helper()
	x := search.New(w.DB, w.Auth, nil)
	x.Register(board.SearchSource())
	log := audit.New(make([]byte, 32), w.Clock)
	bucket := memblob.OpenBucket(nil)
	w.T.Cleanup(func() { _ = bucket.Close() })
	files := file.New(file.Config{DB: w.DB, Access: w.Auth, Audit: log, Bucket: bucket, TempDir: w.T.TempDir()})
	w.s = board.New(board.Config{DB: w.DB, Access: w.Auth, Audit: log, Clock: w.Clock, Notify: w.Letters, Files: files, Search: x})
	return func(a *access.Actor, text string) string {
		w.T.Helper()
		f, err := x.Find(w.T.Context(), a, search.Ask{Text: text})
		if err != nil {
			w.T.Fatal(err)
		}
		var out []string
		for _, g := range f.Groups {
			for _, r := range g.Items {
				var b strings.Builder
				for _, p := range r.Title {
					b.WriteString(p.Text)
				}
				out = append(out, b.String())
			}
		}
		slices.Sort(out)
		return strings.Join(out, ", ")
	}
}

// The search follows what happens to a post: who reads it finds it, in the words
// that it has now, and nobody finds what is hidden or gone.
func TestSearchFollowsPosts(t *testing.T) {
	t.Parallel()
	w := setup(t)
	find := w.searched()
	other := w.Actor(w.Member("Sąsiad", access.Coordinator, w.Network("Inna sieć")))
	id := w.start()
	post := w.reply(w.ben, id, "Polecam portfolio")
	check := func(when, member, outside string) {
		t.Helper()
		if got := find(w.anna, "portfolio"); got != member {
			t.Errorf("%s: a member finds %q, want %q", when, got, member)
		}
		for who, a := range map[string]*access.Actor{"a neighbour": other, "a guest": {}} {
			want := outside
			if who == "a guest" {
				want = ""
			}
			if got := find(a, "portfolio"); got != want {
				t.Errorf("%s: %s finds %q, want %q", when, who, got, want)
			}
		}
	}
	check("written", "Jak oceniać?", "")
	ok(t, "hide", w.s.Hide(w.ctx(), w.lead, post, "Reklama"))
	check("hidden", "", "")
	ok(t, "lift", w.s.Lift(w.ctx(), w.lead, post))
	check("back", "Jak oceniać?", "")
	first := w.read(w.anna, id, 1).Posts[0]
	ok(t, "edit", w.s.Edit(w.ctx(), w.anna, first.ID, 1, "Jak pracować?", "Inaczej"))
	check("with another title", "Jak pracować?", "")
	ok(t, "edit", w.s.Edit(w.ctx(), w.ben, post, w.read(w.ben, id, 1).Posts[1].Version, "", "Polecam teczkę"))
	check("with other words", "", "")
	if got := find(w.anna, "teczkę"); got != "Jak pracować?" {
		t.Errorf("the new words: %q", got)
	}
	if _, err := w.s.Delete(w.ctx(), w.ben, post); err != nil {
		t.Fatal(err)
	}
	if got := find(w.anna, "teczkę"); got != "" {
		t.Errorf("deleted: %q", got)
	}
	// Of an entry that is shared others find the entry, not its comments.
	entry, err := w.s.Start(w.ctx(), w.lead, w.network, board.Blog, board.Entry{Title: "Wpis", Body: "O portfolio", NewTopic: "Temat"})
	ok(t, "entry", err)
	w.reply(w.ben, entry, "Moje portfolio")
	check("an entry", "Wpis, Wpis", "")
	ok(t, "share", w.s.Share(w.ctx(), w.lead, entry, true))
	check("shared", "Wpis, Wpis", "Wpis")
	ok(t, "unshare", w.s.Share(w.ctx(), w.lead, entry, false))
	check("no longer shared", "Wpis, Wpis", "")
	w.Leave(w.anna.Person, w.network)
	if got := find(w.Actor(w.anna.Person), "portfolio"); got != "" {
		t.Errorf("a former member finds %q", got)
	}
}
