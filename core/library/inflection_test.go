package library_test

import (
	"testing"

	"gocloud.dev/blob/memblob"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/search"
	"ore.edu.pl/sieci/core/search/lemma/lemmatest"
	"ore.edu.pl/sieci/policies"
)

// The list of resources finds words in any inflected form, as the search does,
// and keeps to what the reader sees.
func TestListFindsInflectedWords(t *testing.T) {
	t.Parallel()
	w := setup(t)
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	x := search.New(w.db, auth, lemmatest.Open(t))
	x.Register(library.SearchSource(library.BuiltIn()))
	bucket := memblob.OpenBucket(nil)
	t.Cleanup(func() { _ = bucket.Close() })
	log := audit.New(make([]byte, 32), w.clock)
	w.s = library.New(library.Config{DB: w.db, Access: auth, Audit: log, Clock: w.clock, Notify: w.letters, Search: x,
		Files: file.New(file.Config{DB: w.db, Access: auth, Audit: log, Bucket: bucket, TempDir: t.TempDir()})})
	d := details()
	d.Title, d.Description = "Karty przed szkoleniami", "Dla nauczycieli."
	if _, err := w.s.Create(t.Context(), w.teacher, library.NewResource{Network: w.network, Share: true, Details: d, Contents: library.Contents{Link: "https://example.org/karty"}}); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{"szkolenie": 1, "szkoleń nauczyciel": 1, "SZKOLEN": 1, "przed szkol": 1, "kalosze": 0, "-szkolenie": 0} {
		if got := w.titles(w.teacher, library.Filter{Text: text}); len(got) != want {
			t.Errorf("%q finds %v", text, got)
		}
		if got := w.titles(w.stranger, library.Filter{Text: text}); len(got) != 0 {
			t.Errorf("a stranger finds %v by %q", got, text)
		}
	}
}
