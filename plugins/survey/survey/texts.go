package survey

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

//go:embed texts/*.json
var textFiles embed.FS

// texts is the module's catalogue by language.
var texts = map[string]map[string]string{"pl": readTexts("pl"), "en": readTexts("en")}

func readTexts(lang string) map[string]string {
	raw, err := textFiles.ReadFile("texts/" + lang + ".json")
	if err != nil {
		panic(err)
	}
	out := map[string]string{}
	if err := json.Unmarshal(raw, &out); err != nil {
		panic(fmt.Errorf("texts %s: %w", lang, err))
	}
	return out
}

// words speaks one language.
type words string

// in is the language of a request; Polish unless it is English.
func in(locale string) words {
	if strings.HasPrefix(locale, "en") {
		return "en"
	}
	return "pl"
}

// t is the text of key; args are pairs of a name and a value for its {name} places.
func (w words) t(key string, args ...any) string {
	s, ok := texts[string(w)][key]
	if !ok {
		return key
	}
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		pairs = append(pairs, "{"+args[i].(string)+"}", fmt.Sprint(args[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// both is a text of the description.
func both(key string) *v1.Text {
	return &v1.Text{ByLanguage: map[string]string{"pl": words("pl").t(key), "en": words("en").t(key)}}
}
