package search

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"ore.edu.pl/sieci/core/i18n/fold"
	"ore.edu.pl/sieci/core/search/lemma"
)

// stop are words that stand in nearly every text; they are neither indexed nor
// looked for, but keep their place in a phrase. Folded.
var stop = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`a aby albo ale ani az bo by byc co czy dla do gdy go i ich ile im ja jak jako je jego jej jest juz kto
		lub ma mi na nad nam nas nasz nie niz o od on ona ono oraz po pod przed przez przy sa sie ta tak tam te tego tej ten tez to tu tych
		tylko tym u w we wy z za ze zeby`) {
		m[w] = true
	}
	return m
}()

// token is a word of a text with its place there, in bytes.
type token struct {
	text     string // lower case, composed
	from, to int
}

// maxToken is the longest word that is taken; longer ones are no words.
const maxToken = 60

// tokens cuts a text into words: runs of letters, digits and marks. f returns
// false to stop.
func tokens(text string, f func(token) bool) {
	start := -1
	for i, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || start >= 0 && unicode.Is(unicode.Mn, r) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 {
			if !give(text, start, i, f) {
				return
			}
			start = -1
		}
	}
	if start >= 0 {
		give(text, start, len(text), f)
	}
}

func give(text string, from, to int, f func(token) bool) bool {
	if to-from > maxToken {
		return true
	}
	return f(token{strings.ToLower(norm.NFC.String(text[from:to])), from, to})
}

// spelling is the lexeme of a word as it is written, whatever it is a form of.
func spelling(word string) string { return "~" + fold.Text(word) }

// lexemes are what a word of a text is found by.
func lexemes(d *lemma.Dictionary, word string, out []string) []string {
	s := spelling(word)
	if len(s) == 1 || stop[s[1:]] {
		return out
	}
	return d.Of(word, false, append(out, s))
}

// Bounds of what is indexed of a document.
const (
	maxTitle    = 300
	maxKeywords = 4000
	maxBody     = 20000
	// PostgreSQL keeps places up to 16383 and 255 places of a word.
	maxPlace  = 16000
	maxPlaces = 200
	// Titles, keywords and body are so far apart that no phrase spans them.
	gap = 10
)

// vector writes the tsvector of a document: title weighs A, keywords B, body D.
func vector(d *lemma.Dictionary, doc *Doc) string {
	places := map[string][]string{}
	at := 0
	var buf []string
	add := func(text, weight string) {
		tokens(text, func(t token) bool {
			at++
			buf = lexemes(d, t.text, buf[:0])
			for _, x := range buf {
				if list := places[x]; len(list) < maxPlaces {
					places[x] = append(list, strconv.Itoa(at)+weight)
				}
			}
			return at < maxPlace
		})
		at += gap
	}
	add(doc.Title, "A")
	add(doc.Keywords, "B")
	add(doc.Body, "")
	keys := make([]string, 0, len(places))
	for k := range places {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var b strings.Builder
	for _, k := range keys {
		b.WriteString(quoted(k))
		b.WriteByte(':')
		b.WriteString(strings.Join(places[k], ","))
		b.WriteByte(' ')
	}
	return b.String()
}

// quoted is a lexeme as the input of tsvector and tsquery take it. Lexemes hold
// letters, digits, marks and the sign of spellings, nothing to escape.
func quoted(lexeme string) string { return "'" + lexeme + "'" }

// cut is the first n characters of s, valid UTF-8 without NUL.
func cut(s string, n int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}
