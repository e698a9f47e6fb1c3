package lemma

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"golang.org/x/text/encoding/charmap"
)

// The dictionary is written in ISO 8859-2; everything up to the arena works on
// its single bytes, which is what makes expanding fast.

// rule is one line of the affix file: strip an ending, add another, where the
// word ends as the condition says.
type rule struct {
	strip, add []byte
	// cond are the sets of letters that the word's last bytes must belong to.
	cond []*[256]bool
}

func (r *rule) fits(word []byte) bool {
	if len(word) < len(r.cond) || !bytes.HasSuffix(word, r.strip) {
		return false
	}
	tail := word[len(word)-len(r.cond):]
	for i, set := range r.cond {
		if !set[tail[i]] {
			return false
		}
	}
	return true
}

// affixes are the endings by flag, and the flags that put a prefix before every
// form ("nie").
type affixes struct {
	endings  [256][]rule
	prefixes [256][]byte
}

func readAffixes(r io.Reader) (*affixes, error) {
	var a affixes
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		p := bytes.Fields(sc.Bytes())
		if len(p) < 5 || len(p[1]) != 1 { // headers of flags have four fields
			continue
		}
		flag := p[1][0]
		strip, add := empty(p[2]), empty(p[3])
		if i := bytes.IndexByte(add, '/'); i >= 0 {
			add = add[:i]
		}
		switch string(p[0]) {
		case "SFX":
			cond, err := condition(p[4])
			if err != nil {
				return nil, fmt.Errorf("affixes, line %d: %w", n, err)
			}
			a.endings[flag] = append(a.endings[flag], rule{bytes.Clone(strip), bytes.Clone(add), cond})
		case "PFX":
			if len(strip) > 0 || string(p[4]) != "." {
				return nil, fmt.Errorf("affixes, line %d: a prefix with a condition", n)
			}
			a.prefixes[flag] = bytes.Clone(add)
		}
	}
	return &a, sc.Err()
}

func empty(b []byte) []byte {
	if string(b) == "0" {
		return nil
	}
	return b
}

// condition reads letters, "." and classes such as [^dsz].
func condition(p []byte) ([]*[256]bool, error) {
	if string(p) == "." {
		return nil, nil
	}
	var out []*[256]bool
	for i := 0; i < len(p); i++ {
		set := new([256]bool)
		switch p[i] {
		case '.':
			for c := range set {
				set[c] = true
			}
		case '[':
			end := bytes.IndexByte(p[i:], ']')
			if end < 0 {
				return nil, fmt.Errorf("condition %q does not end", p)
			}
			class := p[i+1 : i+end]
			not := len(class) > 0 && class[0] == '^'
			if not {
				class = class[1:]
				for c := range set {
					set[c] = true
				}
			}
			for _, c := range class {
				set[c] = !not
			}
			i += end
		default:
			set[p[i]] = true
		}
		out = append(out, set)
	}
	return out, nil
}

// latin2 are the lower-case UTF-8 bytes of every letter of ISO 8859-2, and
// plain those of the same letter without its mark.
var latin2, plain = letters()

func letters() (lower, bare [256]string) {
	for i := range 256 {
		r := charmap.ISO8859_2.DecodeByte(byte(i))
		lower[i] = lowerOf(string(r))
		bare[i] = foldWord(lower[i])
	}
	return lower, bare
}

// expand calls f with every form of every word and the word that it comes from.
// Slices are valid during the call only.
func expand(a *affixes, words io.Reader, f func(form, word []byte)) error {
	sc := bufio.NewScanner(words)
	sc.Buffer(nil, 1<<20)
	sc.Scan() // the number of words
	var form, negated, base []byte
	for sc.Scan() {
		word, flags, _ := bytes.Cut(bytes.TrimSpace(sc.Bytes()), []byte("/"))
		if len(word) == 0 || !wordlike(word) {
			continue
		}
		var prefix []byte
		for _, c := range flags {
			if a.prefixes[c] != nil {
				prefix = a.prefixes[c]
			}
		}
		// "nieobecny" is a word of its own: who looks for "obecny" does not mean it.
		give := func(x []byte) {
			f(x, word)
			if prefix != nil {
				negated = append(append(negated[:0], prefix...), x...)
				base = append(append(base[:0], prefix...), word...)
				f(negated, base)
			}
		}
		give(word)
		for _, c := range flags {
			rules := a.endings[c]
			for i := range rules {
				if r := &rules[i]; r.fits(word) {
					form = append(append(form[:0], word[:len(word)-len(r.strip)]...), r.add...)
					give(form)
				}
			}
		}
	}
	return sc.Err()
}

// wordlike: letters only. Abbreviations with dots and words with hyphens come
// apart when a text is cut into words.
func wordlike(word []byte) bool {
	for _, c := range word {
		if !isLetter[c] {
			return false
		}
	}
	return true
}

var isLetter = func() (set [256]bool) {
	for i := range 256 {
		r := charmap.ISO8859_2.DecodeByte(byte(i))
		set[i] = letter(r)
	}
	return set
}()
