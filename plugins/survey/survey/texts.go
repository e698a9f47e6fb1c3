package survey

import (
	"embed"

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

// both is a text of the description.
func both(key string) *v1.Text { return texts.All(key) }
