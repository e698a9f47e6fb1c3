// Package lemmatest opens the dictionary for tests: it is built once and kept
// in the user's cache.
package lemmatest

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"ore.edu.pl/sieci/core/search/lemma"
)

var open = sync.OnceValues(func() (*lemma.Dictionary, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	path := filepath.Join(dir, "sieci", "pl.lemma")
	if _, err := lemma.BuildFile(path); err != nil {
		return nil, err
	}
	return lemma.Open(path)
})

// Open gives the dictionary; where hunspell-pl is not installed the test is
// skipped and says so.
func Open(t testing.TB) *lemma.Dictionary {
	t.Helper()
	d, err := open()
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("hunspell-pl is not installed (%s): words are found whole only, nothing to test", lemma.AffixFile)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}
