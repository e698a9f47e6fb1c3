package search

import (
	"strings"
	"unicode/utf8"

	"ore.edu.pl/sieci/core/search/lemma"
)

// Piece is a part of a snippet; Hit for a word that was looked for. Plain text:
// whoever shows it escapes it.
type Piece struct {
	Text string `json:"text"`
	Hit  bool   `json:"hit,omitempty"`
}

// snippetSize is how much of a text a result shows, in characters; a third of
// it stands before the first word that was found.
const snippetSize = 220

// snippet is the part of a text around the first word that was looked for, or
// its beginning.
func snippet(d *lemma.Dictionary, q *Query, text string, size int) []Piece {
	text = strings.Join(strings.Fields(text), " ")
	marks := found(d, q, text)
	from, to := 0, len(text)
	if utf8.RuneCountInString(text) > size {
		first := 0
		if len(marks) > 0 {
			first = marks[0].from
		}
		from = back(text, first, size/3)
		to = ahead(text, from, size)
		if to == len(text) {
			from = back(text, to, size)
		}
		from, to = wordStart(text, from), wordEnd(text, to)
	}
	var out []Piece
	put := func(a, b int, hit bool) {
		if a < b {
			out = append(out, Piece{text[a:b], hit})
		}
	}
	if from > 0 {
		out = append(out, Piece{Text: "… "})
	}
	at := from
	for _, m := range marks {
		if m.from < from || m.to > to {
			continue
		}
		put(at, m.from, false)
		put(m.from, m.to, true)
		at = m.to
	}
	put(at, to, false)
	if to < len(text) {
		out = append(out, Piece{Text: " …"})
	}
	return out
}

// maxScan bounds what is read of a text to find words in it, in words.
const maxScan = 4000

// found are the words of the text that the query looks for.
func found(d *lemma.Dictionary, q *Query, text string) []token {
	var out []token
	var buf []string
	n := 0
	tokens(text, func(t token) bool {
		buf = lexemes(d, t.text, buf[:0])
		if len(buf) > 0 && q.hits(buf) {
			out = append(out, t)
		}
		n++
		return n < maxScan
	})
	return out
}

// back and ahead move a place by a number of characters.
func back(s string, at, n int) int {
	for ; n > 0 && at > 0; n-- {
		_, w := utf8.DecodeLastRuneInString(s[:at])
		at -= w
	}
	return at
}

func ahead(s string, at, n int) int {
	for ; n > 0 && at < len(s); n-- {
		_, w := utf8.DecodeRuneInString(s[at:])
		at += w
	}
	return at
}

// wordStart and wordEnd move a place to a space near it, so that no word is cut.
func wordStart(s string, at int) int {
	if at == 0 {
		return 0
	}
	if i := strings.IndexByte(s[at:], ' '); i >= 0 && i < 40 {
		return at + i + 1
	}
	return at
}

func wordEnd(s string, at int) int {
	if at >= len(s) {
		return len(s)
	}
	if i := strings.LastIndexByte(s[:at], ' '); i >= 0 && at-i < 40 {
		return i
	}
	return at
}
