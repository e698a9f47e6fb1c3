package lemma

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"

	"github.com/blevesearch/vellum"
	"golang.org/x/text/unicode/norm"
)

// Dictionary answers for words. Safe for concurrent use.
type Dictionary struct {
	digest string
	fst    *vellum.FST
	words  []string
	sets   [][]byte
}

// Open reads a dictionary that [BuildFile] made; os.ErrNotExist when there is none.
func Open(path string) (*Dictionary, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	d, err := read(raw)
	if err != nil {
		return nil, fmt.Errorf("dictionary %s: %w", path, err)
	}
	return d, nil
}

var errFile = fmt.Errorf("not a dictionary of this program: build it again")

func read(raw []byte) (*Dictionary, error) {
	digest, ok := header(raw)
	if !ok {
		return nil, errFile
	}
	rest := raw[headerSize:]
	var parts [3][]byte
	for i := range parts {
		if len(rest) < 8 {
			return nil, errFile
		}
		n := binary.LittleEndian.Uint64(rest)
		if rest = rest[8:]; n > uint64(len(rest)) {
			return nil, errFile
		}
		parts[i], rest = rest[:n], rest[n:]
	}
	d := &Dictionary{digest: digest, words: strings.Split(string(parts[0]), "\n")}
	for sets := parts[1]; len(sets) > 0; {
		n, k := binary.Uvarint(sets)
		if k <= 0 || n > uint64(len(sets)-k) {
			return nil, errFile
		}
		d.sets = append(d.sets, sets[k:k+int(n)])
		sets = sets[k+int(n):]
	}
	var err error
	d.fst, err = vellum.Load(parts[2])
	return d, err
}

// Digest is the revision of the dictionary: texts prepared with another one are
// prepared anew.
func (d *Dictionary) Digest() string { return d.digest }

// Of appends the base forms of a word to out and returns it; nothing for words
// that are not in the dictionary. The word is in lower case. Base forms of words
// that are written so without diacritics are added when the word itself is in no
// other, and with loose always: an author who wrote "sad" meant the orchard, a
// reader who types it may mean the court.
func (d *Dictionary) Of(word string, loose bool, out []string) []string {
	if d == nil || len(word) > maxForm {
		return out
	}
	id, ok, err := d.fst.Get([]byte(norm.NFC.String(word)))
	if err != nil || !ok || id >= uint64(len(d.sets)) {
		return out
	}
	set := d.sets[id]
	exact, k := binary.Uvarint(set)
	set = set[max(k, 0):]
	for i := uint64(0); len(set) > 0; i++ {
		if i >= exact && exact > 0 && !loose {
			break
		}
		w, k := binary.Uvarint(set)
		if k <= 0 {
			break
		}
		set = set[k:]
		if w < uint64(len(d.words)) {
			out = append(out, d.words[w])
		}
	}
	return out
}
