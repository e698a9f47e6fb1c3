package thematic

import (
	"embed"
	"time"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	sdktexts "ore.edu.pl/sieci/plugins/sdk/texts"
)

//go:embed texts/*.json
var textFiles embed.FS

// texts is the module's catalogue by language.
var texts = sdktexts.Read(textFiles, "texts")

// words speaks one language, "pl" or "en".
type words string

// in is the language of a request; Polish when it is none of ours.
func in(locale string) words { return words(texts.In(locale).Language()) }

// t is the text of key; args are pairs of a name and a value for its {name} places.
func (w words) t(key string, args ...any) string { return texts.In(string(w)).T(key, args...) }

// n is the text of key in the plural form for n, with {n} the number.
func (w words) n(key string, n int, args ...any) string {
	return texts.In(string(w)).N(key, n, args...)
}

// both is a text of the description.
func both(key string, args ...any) *v1.Text { return texts.All(key, args...) }

// onDay is a text with one date, kept as YYYY-MM-DD and shown as people of each
// language write it. A date that cannot be read is shown as it is.
func onDay(key, date string) *v1.Text {
	pl, en := date, date
	if d, err := time.Parse(time.DateOnly, date); err == nil {
		pl, en = d.Format("2.01.2006"), d.Format("2 January 2006")
	}
	return &v1.Text{ByLanguage: map[string]string{"pl": words("pl").t(key, "date", pl), "en": words("en").t(key, "date", en)}}
}
