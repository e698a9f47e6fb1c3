package trail

import (
	"strings"

	"ore.edu.pl/sieci/core/i18n"
)

// Words says an act for people: "Rola: nadanie"; its code where the catalogue
// has no words for it.
func Words(l i18n.Lang, action string) string {
	if module, rest, ok := strings.Cut(action, "/"); ok {
		kind, name, _ := strings.Cut(rest, ":")
		if key := "trail.module." + kind; i18n.Has(l, key) {
			return i18n.Text(l, key, "Module", module, "Name", name)
		}
		return action
	}
	noun, verb, _ := strings.Cut(action, ":")
	noun, verb = "trail.noun."+noun, "trail.verb."+verb
	if !i18n.Has(l, noun) || !i18n.Has(l, verb) {
		return action
	}
	return i18n.Text(l, "trail.act", "Noun", i18n.Text(l, noun), "Verb", i18n.Text(l, verb))
}
