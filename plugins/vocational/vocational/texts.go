package vocational

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"

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

// in is the language of a snapshot; Polish unless it is English.
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
	if len(args) == 0 {
		return s
	}
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		pairs = append(pairs, "{"+args[i].(string)+"}", fmt.Sprint(args[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// n is the text of key in the plural form for n, with {n} the number.
func (w words) n(key string, n int, args ...any) string {
	return w.t(key+"."+w.form(n), append(args, "n", n)...)
}

// form is the CLDR plural category of a whole number.
func (w words) form(n int) string {
	if n == 1 {
		return "one"
	}
	if w == "en" {
		return "other"
	}
	if d, h := n%10, n%100; d >= 2 && d <= 4 && (h < 12 || h > 14) {
		return "few"
	}
	return "many"
}

// both is a text of the description.
func both(key string, args ...any) *v1.Text {
	return &v1.Text{ByLanguage: map[string]string{"pl": words("pl").t(key, args...), "en": words("en").t(key, args...)}}
}

// shown is a day as people of the language write it; what is no day stays as it is.
func (w words) shown(day string) string {
	d, err := time.Parse(time.DateOnly, day)
	switch {
	case err != nil:
		return day
	case w == "en":
		return d.Format("2 January 2006")
	}
	return d.Format("2.01.2006")
}
