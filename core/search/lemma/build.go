package lemma

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/blevesearch/vellum"
)

// Where distributions keep the dictionary.
const (
	AffixFile = "/usr/share/hunspell/pl_PL.aff"
	WordFile  = "/usr/share/hunspell/pl_PL.dic"
)

// format changes when the file's layout or the way words are expanded does.
const format = "sieci-lemma-3"

// headerSize of the file: format and hexadecimal digest, each ended by a line feed.
const headerSize = len(format) + 1 + 2*sha256.Size + 1

// Digest tells what a file is made of: the format of the program and the sources.
func Digest(aff, dic []byte) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %d %d\n", format, len(aff), len(dic))
	h.Write(aff)
	h.Write(dic)
	return hex.EncodeToString(h.Sum(nil))
}

// entry is a form in the arena with one of its base forms.
type entry struct {
	key  uint64 // its first eight bytes, for sorting
	at   uint32 // in the arena
	word uint32 // number of the base form
	n    uint8  // bytes
	bare bool   // the form without diacritics of one that has some
}

type builder struct {
	arena   []byte
	entries []entry
	words   []string // base forms
	seen    map[string]uint32
	sets    []string // a set as the bytes of its numbers
	known   map[string]uint64
}

// maxForm leaves out forms that nobody writes; the length fits a byte.
const maxForm = 60

// Build writes the dictionary of the sources to w. It takes some seconds and
// about 500 MB of memory.
func Build(aff, dic []byte, w io.Writer) error {
	a, err := readAffixes(bytes.NewReader(aff))
	if err != nil {
		return err
	}
	b := &builder{seen: map[string]uint32{}, known: map[string]uint64{}, arena: make([]byte, 0, 96<<20), entries: make([]entry, 0, 8<<20)}
	if err := expand(a, bytes.NewReader(dic), b.add); err != nil {
		return fmt.Errorf("words: %w", err)
	}
	if len(b.entries) == 0 {
		return fmt.Errorf("words: none found")
	}
	b.sort()
	if _, err := fmt.Fprintf(w, "%s\n%s\n", format, Digest(aff, dic)); err != nil {
		return err
	}
	var fst bytes.Buffer
	if err := b.transducer(&fst); err != nil {
		return err
	}
	return b.write(w, fst.Bytes())
}

// add keeps a form of a base form, both in ISO 8859-2, and its spelling without
// diacritics.
func (b *builder) add(form, word []byte) {
	if len(form) > maxForm/2 { // two bytes a letter at most
		return
	}
	id := b.word(word)
	b.put(form, id, &latin2, false)
	for _, c := range form {
		if latin2[c] != plain[c] {
			b.put(form, id, &plain, true)
			return
		}
	}
}

func (b *builder) word(word []byte) uint32 {
	var buf [2 * maxForm]byte
	text := buf[:0]
	for _, c := range word {
		text = append(text, latin2[c]...)
	}
	if id, ok := b.seen[string(text)]; ok {
		return id
	}
	id := uint32(len(b.words))
	b.words = append(b.words, string(text))
	b.seen[string(text)] = id
	return id
}

func (b *builder) put(form []byte, word uint32, letters *[256]string, bare bool) {
	at := len(b.arena)
	for _, c := range form {
		b.arena = append(b.arena, letters[c]...)
	}
	e := entry{at: uint32(at), word: word, n: uint8(len(b.arena) - at), bare: bare}
	var head [8]byte
	copy(head[:], b.arena[at:])
	e.key = binary.BigEndian.Uint64(head[:])
	b.entries = append(b.entries, e)
}

func (b *builder) text(e *entry) []byte { return b.arena[e.at : e.at+uint32(e.n)] }

// sort puts the forms into the order of their bytes, as the transducer wants.
func (b *builder) sort() {
	half := len(b.entries) / 2
	done := make(chan struct{})
	go func() {
		slices.SortFunc(b.entries[:half], b.compare)
		close(done)
	}()
	slices.SortFunc(b.entries[half:], b.compare)
	<-done
	merged := make([]entry, 0, len(b.entries))
	for l, r := b.entries[:half], b.entries[half:]; len(l) > 0 || len(r) > 0; {
		if len(r) == 0 || len(l) > 0 && b.compare(l[0], r[0]) <= 0 {
			merged, l = append(merged, l[0]), l[1:]
		} else {
			merged, r = append(merged, r[0]), r[1:]
		}
	}
	b.entries = merged
}

func (b *builder) compare(x, y entry) int {
	if x.key != y.key {
		return cmp.Compare(x.key, y.key)
	}
	if x.n > 8 || y.n > 8 {
		if c := bytes.Compare(b.text(&x), b.text(&y)); c != 0 {
			return c
		}
	}
	if x.bare != y.bare {
		if y.bare {
			return -1
		}
		return 1
	}
	return cmp.Compare(x.word, y.word)
}

// transducer writes the map from form to number of set.
func (b *builder) transducer(w io.Writer) error {
	f, err := vellum.New(w, nil)
	if err != nil {
		return err
	}
	var exact, bare []uint32
	for i := 0; i < len(b.entries); {
		e := &b.entries[i]
		form := b.text(e)
		exact, bare = exact[:0], bare[:0]
		for ; i < len(b.entries) && b.entries[i].key == e.key && bytes.Equal(b.text(&b.entries[i]), form); i++ {
			x := &b.entries[i]
			switch {
			case !x.bare:
				if !slices.Contains(exact, x.word) {
					exact = append(exact, x.word)
				}
			case !slices.Contains(exact, x.word) && !slices.Contains(bare, x.word):
				bare = append(bare, x.word)
			}
		}
		if err := f.Insert(form, b.set(exact, bare)); err != nil {
			return fmt.Errorf("form %q: %w", form, err)
		}
	}
	return f.Close()
}

// set numbers a set of base forms: those of the form as written, and those of
// forms that are written so without diacritics.
func (b *builder) set(exact, bare []uint32) uint64 {
	var buf [256]byte
	raw := binary.AppendUvarint(buf[:0], uint64(len(exact)))
	for _, list := range [][]uint32{exact, bare} {
		for _, w := range list {
			raw = binary.AppendUvarint(raw, uint64(w))
		}
	}
	if id, ok := b.known[string(raw)]; ok {
		return id
	}
	id := uint64(len(b.sets))
	b.sets = append(b.sets, string(raw))
	b.known[string(raw)] = id
	return id
}

// write puts the parts behind the header, each with its length.
func (b *builder) write(w io.Writer, fst []byte) error {
	for _, part := range []string{strings.Join(b.words, "\n"), joined(b.sets)} {
		if err := writePart(w, []byte(part)); err != nil {
			return err
		}
	}
	return writePart(w, fst)
}

// joined are sets one after the other, each with its length.
func joined(sets []string) string {
	var out []byte
	for _, s := range sets {
		out = append(binary.AppendUvarint(out, uint64(len(s))), s...)
	}
	return string(out)
}

func writePart(w io.Writer, part []byte) error {
	if err := binary.Write(w, binary.LittleEndian, uint64(len(part))); err != nil {
		return err
	}
	_, err := w.Write(part)
	return err
}

// BuildFile makes path from the distribution's dictionary unless it is there
// already; built tells which. os.ErrNotExist when the dictionary is not
// installed. The file appears whole or not at all, also with several builders.
func BuildFile(path string) (built bool, err error) {
	aff, err := os.ReadFile(AffixFile)
	if err != nil {
		return false, err
	}
	dic, err := os.ReadFile(WordFile)
	if err != nil {
		return false, err
	}
	if digestOf(path) == Digest(aff, dic) {
		return false, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return false, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".lemma-")
	if err != nil {
		return false, err
	}
	defer os.Remove(f.Name()) // nothing is there any more after the rename
	err = Build(aff, dic, f)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return false, err
	}
	return true, os.Rename(f.Name(), path)
}

// digestOf reads the digest of a file; "" when it is not one of ours.
func digestOf(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	head := make([]byte, headerSize)
	if _, err := io.ReadFull(f, head); err != nil {
		return ""
	}
	d, _ := header(head)
	return d
}

func header(head []byte) (digest string, ok bool) {
	if len(head) < headerSize || string(head[:len(format)+1]) != format+"\n" || head[headerSize-1] != '\n' {
		return "", false
	}
	return string(head[len(format)+1 : headerSize-1]), true
}
