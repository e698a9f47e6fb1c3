package library

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"ore.edu.pl/sieci/core/i18n"
)

// Scheme is a vocabulary of terms.
type Scheme string

// The schemes. Kinds and licences are fields of their own; the others are tags.
const (
	Kinds       Scheme = "kind"
	Licences    Scheme = "licence"
	Competences Scheme = "competence" // key competences
	Branches    Scheme = "branch"     // vocational branches
	Directions  Scheme = "direction"  // of the state's education policy, by school year
	Stages      Scheme = "stage"      // of school
	Topics      Scheme = "topic"
)

// TagSchemes are the vocabularies of tags, in the order of forms and facets.
var TagSchemes = []Scheme{Topics, Stages, Competences, Directions, Branches}

// OwnLicence is the licence whose terms the author writes.
const OwnLicence = "own"

// Term is one entry of a vocabulary.
type Term struct {
	Scheme Scheme `json:"scheme"`
	Code   string `json:"code"`
	Polish string `json:"pl"`
	// English is the name in English; never empty.
	English string `json:"en"`
	// Note is the address of a licence's text, or the school year of a direction.
	Note string `json:"note,omitempty"`
	// Source is where the term comes from.
	Source string `json:"source"`
}

// Tag is the term as a resource stores it: "topic:ocenianie".
func (t Term) Tag() string { return string(t.Scheme) + ":" + t.Code }

// Name is the term in a language, a direction with its school year.
func (t Term) Name(l i18n.Lang) string {
	name := t.Polish
	if l == i18n.English {
		name = t.English
	}
	if t.Scheme == Directions && t.Note != "" {
		name += " (" + t.Note + ")"
	}
	return name
}

// Taxonomies are the vocabularies; immutable.
type Taxonomies struct {
	terms map[Scheme][]Term
	tags  map[string]Term
}

//go:embed taxonomy.csv
var builtIn string

// BuiltIn are the vocabularies that come with the program.
func BuiltIn() *Taxonomies {
	t, err := ReadTaxonomies(strings.NewReader(builtIn))
	if err != nil {
		panic(err) // a test reads the same file
	}
	return t
}

// ReadTaxonomies reads vocabularies as CSV with the columns scheme, code, pl,
// en, note, source. The error names the line.
func ReadTaxonomies(r io.Reader) (*Taxonomies, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read taxonomies: %w", err)
	}
	head := []string{"scheme", "code", "pl", "en", "note", "source"}
	if len(rows) == 0 || !slices.Equal(rows[0], head) {
		return nil, fmt.Errorf("read taxonomies: the columns must be %s", strings.Join(head, ", "))
	}
	t := &Taxonomies{terms: map[Scheme][]Term{}, tags: map[string]Term{}}
	for i, c := range rows[1:] {
		x := Term{Scheme: Scheme(c[0]), Code: c[1], Polish: c[2], English: c[3], Note: c[4], Source: c[5]}
		known := x.Scheme == Kinds || x.Scheme == Licences || slices.Contains(TagSchemes, x.Scheme)
		if _, twice := t.tags[x.Tag()]; twice || !known || x.Code == "" || len(x.Code) > 40 || x.Polish == "" || x.English == "" || x.Source == "" {
			return nil, fmt.Errorf("read taxonomies: line %d: unknown scheme, doubled code or missing text", i+2)
		}
		t.terms[x.Scheme] = append(t.terms[x.Scheme], x)
		t.tags[x.Tag()] = x
	}
	return t, nil
}

// Terms lists a vocabulary in its order.
func (t *Taxonomies) Terms(s Scheme) []Term { return t.terms[s] }

// Term finds a term; false when it is not in the vocabulary (any more).
func (t *Taxonomies) Term(s Scheme, code string) (Term, bool) {
	x, ok := t.tags[string(s)+":"+code]
	return x, ok
}

// Tag finds the term of a stored tag.
func (t *Taxonomies) Tag(tag string) (Term, bool) {
	x, ok := t.tags[tag]
	return x, ok && slices.Contains(TagSchemes, x.Scheme)
}

// Name is what a code is called; the code itself when no term has it any more.
func (t *Taxonomies) Name(s Scheme, code string, l i18n.Lang) string {
	if x, ok := t.Term(s, code); ok {
		return x.Name(l)
	}
	return code
}
