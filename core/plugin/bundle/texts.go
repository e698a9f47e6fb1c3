package bundle

import (
	"encoding/json"
	"maps"
	"slices"
	"unicode/utf8"
)

// maxTexts bounds the texts of one language.
const maxTexts = 10_000

// checkTexts checks the texts of a bundle: objects of texts (or of plural forms
// of a text), and no language has a key that Polish lacks or lacks one that
// Polish has.
func checkTexts(files map[string][]byte) error {
	keys := map[string][]string{}
	for lang, raw := range files {
		var m map[string]json.RawMessage
		if err := json.Unmarshal(raw, &m); err != nil || !utf8.Valid(raw) || len(m) == 0 || len(m) > maxTexts {
			return refuse("texts", "Lang", lang)
		}
		for _, v := range m {
			var one string
			var forms map[string]string
			if json.Unmarshal(v, &one) != nil && json.Unmarshal(v, &forms) != nil {
				return refuse("texts", "Lang", lang)
			}
		}
		keys[lang] = slices.Sorted(maps.Keys(m))
	}
	for lang, have := range keys {
		if lang == "pl" || slices.Equal(have, keys["pl"]) {
			continue
		}
		for _, k := range have {
			if _, found := slices.BinarySearch(keys["pl"], k); !found {
				return refuse("text_extra", "Lang", lang, "Name", printable(k))
			}
		}
		for _, k := range keys["pl"] {
			if _, found := slices.BinarySearch(have, k); !found {
				return refuse("text_lacks", "Lang", lang, "Name", printable(k))
			}
		}
	}
	return nil
}
