// Package texts is a module's own catalogue of texts: one JSON file a language,
// key to text, Polish always. The same files go into the module's bundle.
package texts

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// Catalogue holds texts by language and key.
type Catalogue map[string]map[string]string

// Read reads every language ("pl.json") of an embedded folder. It panics when
// a file cannot be read or there is no Polish, which is a mistake of the program.
func Read(files fs.FS, dir string) Catalogue {
	list, err := fs.Glob(files, dir+"/??.json")
	if err != nil {
		panic(fmt.Sprintf("texts: %v", err))
	}
	out := Catalogue{}
	for _, name := range list {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			panic(fmt.Sprintf("texts: %v", err))
		}
		m := map[string]string{}
		if err := json.Unmarshal(raw, &m); err != nil {
			panic(fmt.Sprintf("texts: %s: %v", name, err))
		}
		out[strings.TrimSuffix(path.Base(name), ".json")] = m
	}
	if out["pl"] == nil {
		panic("texts: no Polish in " + dir)
	}
	return out
}

// In speaks the language of a request ("pl", "en-GB"), or Polish.
func (c Catalogue) In(locale string) Words {
	lang, _, _ := strings.Cut(locale, "-")
	if c[lang] == nil {
		lang = "pl"
	}
	return Words{lang, c[lang]}
}

// All is a text of the description, in every language; pairs as for [Words.T].
func (c Catalogue) All(key string, pairs ...any) *v1.Text {
	out := &v1.Text{ByLanguage: map[string]string{}}
	for lang, m := range c {
		out.ByLanguage[lang] = Words{lang, m}.T(key, pairs...)
	}
	return out
}

// Words speaks one language.
type Words struct {
	lang string
	of   map[string]string
}

// Language is which one, as the catalogue's files are called: "pl".
func (w Words) Language() string { return w.lang }

// T is the text of key; pairs are a name and a value for its {name} places. A
// key that is not there stands for itself, so that the gap is seen.
func (w Words) T(key string, pairs ...any) string {
	s, ok := w.of[key]
	if !ok {
		return key
	}
	places := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		places = append(places, fmt.Sprintf("{%v}", pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return strings.NewReplacer(places...).Replace(s)
}

// N is the text for a number: that of "key.one", "key.few", "key.many" or
// "key.other", by the language, with {n} the number.
func (w Words) N(key string, n int, pairs ...any) string {
	return w.T(key+"."+plural(w.lang, n), append(pairs, "n", n)...)
}

// plural is the CLDR category of a whole number, in Polish and in languages
// that count like English.
func plural(lang string, n int) string {
	switch d, h := n%10, n%100; {
	case n == 1:
		return "one"
	case lang != "pl":
		return "other"
	case d >= 2 && d <= 4 && (h < 12 || h > 14):
		return "few"
	}
	return "many"
}
