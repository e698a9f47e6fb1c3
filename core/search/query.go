package search

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/search/lemma"
)

// Bounds of a query.
const (
	MaxQuery = 300 // characters
	maxTerms = 12
)

// word is one word of a query with the lexemes that it may be found by.
type word struct {
	any    []string
	as     string // its spelling
	prefix string // the spelling with which words may begin; "" for none
	skip   bool   // a word that is in every text: it keeps its place in a phrase
}

// term is a word, or the words of a phrase.
type term struct {
	words []word
	not   bool
}

// Query is what somebody looks for.
type Query struct {
	// Text is the query as typed.
	Text  string
	terms []term
}

// Parse reads words, "phrases", -words that must not be there, and word* for
// beginnings. Every sign that is neither is a space: no input is an error but
// one that names nothing to look for, which is Invalid (field "q").
func Parse(d *lemma.Dictionary, text string) (*Query, error) {
	q := &Query{Text: strings.TrimSpace(cut(text, MaxQuery))}
	rest := q.Text
	for rest != "" && len(q.terms) < maxTerms {
		var piece string
		var phrase, not bool
		rest = strings.TrimLeft(rest, " \t\n")
		if strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "–") {
			not = true
			rest = strings.TrimLeft(rest, "-–")
		}
		if strings.HasPrefix(rest, `"`) || strings.HasPrefix(rest, "„") || strings.HasPrefix(rest, "”") {
			phrase = true
			_, n := utf8.DecodeRuneInString(rest)
			rest = rest[n:]
			end := strings.IndexAny(rest, `"”`)
			if end < 0 {
				piece, rest = rest, ""
			} else {
				_, n := utf8.DecodeRuneInString(rest[end:])
				piece, rest = rest[:end], rest[end+n:]
			}
		} else if end := strings.IndexAny(rest, " \t\n\"„”"); end >= 0 {
			piece, rest = rest[:end], rest[end:]
		} else {
			piece, rest = rest, ""
		}
		q.add(d, piece, phrase, not)
	}
	if !slices.ContainsFunc(q.terms, func(t term) bool { return !t.not }) {
		key := "search.nothing"
		if q.Text == "" {
			key = "search.empty"
		}
		return nil, fault.InvalidFields(fault.Field{Path: "q", Key: key})
	}
	return q, nil
}

// add takes a piece of the query: a phrase, or words that hang together by
// hyphens and the like, which is a phrase too.
func (q *Query) add(d *lemma.Dictionary, piece string, phrase, not bool) {
	var t term
	end := 0
	tokens(piece, func(x token) bool {
		end = x.to
		t.words = append(t.words, wordOf(d, x.text))
		return len(t.words) < maxTerms
	})
	for len(t.words) > 0 && t.words[0].skip {
		t.words = t.words[1:]
	}
	for len(t.words) > 0 && t.words[len(t.words)-1].skip {
		t.words = t.words[:len(t.words)-1]
	}
	if len(t.words) == 0 {
		return
	}
	if last := &t.words[len(t.words)-1]; !phrase && strings.HasPrefix(piece[end:], "*") && utf8.RuneCountInString(last.as) > 3 {
		last.prefix, last.any = last.as, nil
	}
	t.not = not
	q.terms = append(q.terms, t)
}

// minPrefix is from how many letters on a word that no dictionary has may be the
// beginning of its inflected forms.
const minPrefix = 4

func wordOf(d *lemma.Dictionary, text string) word {
	s := spelling(text)
	if stop[s[1:]] {
		return word{skip: true}
	}
	w := word{as: s, any: d.Of(text, true, nil)}
	switch known := len(w.any) > 0; {
	case known && text != s[1:]:
		return w // with its diacritics it is this word and no other: "sąd" is no orchard
	case d != nil && !known && utf8.RuneCountInString(text) >= minPrefix:
		w.prefix = s // a name that no dictionary has: "Brzęczyszczykiewicz" finds "Brzęczyszczykiewiczem"
	}
	w.any = append(w.any, s)
	return w
}

// String is the query as the input of tsquery takes it.
func (w *word) String() string {
	var alt []string
	for _, x := range w.any {
		alt = append(alt, quoted(x))
	}
	if w.prefix != "" {
		alt = append(alt, quoted(w.prefix)+":*")
	}
	return "(" + strings.Join(alt, " | ") + ")"
}

// String is the term as the input of tsquery takes it.
func (t *term) String() string {
	var b strings.Builder
	distance := 0
	for i := range t.words {
		w := &t.words[i]
		distance++
		if w.skip {
			continue
		}
		if b.Len() > 0 {
			fmt.Fprintf(&b, " <%d> ", distance)
		}
		distance = 0
		b.WriteString(w.String())
	}
	if t.not {
		return "!(" + b.String() + ")"
	}
	return "(" + b.String() + ")"
}

// ts is the query for PostgreSQL.
func (q *Query) ts() string {
	out := make([]string, len(q.terms))
	for i := range q.terms {
		out[i] = q.terms[i].String()
	}
	return strings.Join(out, " & ")
}

// share is how much of the texts holds the term, by how often its words occur;
// words are taken to occur independently of each other.
func (t *term) share(of func(lexeme string) float64) float64 {
	all := 1.0
	for i := range t.words {
		w := &t.words[i]
		if w.skip {
			continue
		}
		s := 0.0
		for _, x := range w.any {
			s += of(x)
		}
		if w.prefix != "" {
			s += of(w.prefix)
		}
		all *= min(s, 1)
	}
	return all
}

// Terms that so much of the texts holds do not narrow a search for one that is
// rarer than rare: reading their long lists costs more than looking at what the
// rare one finds.
const (
	common = 0.2
	rare   = 0.01
)

// plan is how a query is answered best.
type plan struct {
	// expected is the share of texts that match, rarest that of its rarest term.
	expected, rarest float64
	// narrow is the part of the query that is looked up in the inverted index.
	narrow string
}

func (q *Query) plan(of func(lexeme string) float64) plan {
	p := plan{expected: 1, rarest: 1}
	shares := make([]float64, len(q.terms))
	for i := range q.terms {
		shares[i] = q.terms[i].share(of)
		if q.terms[i].not {
			p.expected *= 1 - shares[i]
			continue
		}
		p.expected *= shares[i]
		p.rarest = min(p.rarest, shares[i])
	}
	var out []string
	for i := range q.terms {
		if t := &q.terms[i]; !t.not && (p.rarest > rare || shares[i] < common) {
			out = append(out, t.String())
		}
	}
	p.narrow = strings.Join(out, " & ")
	return p
}

// hits reports whether a word of a text is one that the query looks for.
func (q *Query) hits(lexemes []string) bool {
	for _, t := range q.terms {
		if t.not {
			continue
		}
		for i := range t.words {
			w := &t.words[i]
			for _, x := range lexemes {
				if slices.Contains(w.any, x) || w.prefix != "" && strings.HasPrefix(x, w.prefix) {
					return true
				}
			}
		}
	}
	return false
}
