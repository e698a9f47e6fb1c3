package lemma

import (
	"strings"
	"unicode"

	"ore.edu.pl/sieci/core/i18n/fold"
)

func letter(r rune) bool { return unicode.IsLetter(r) }

func lowerOf(s string) string { return strings.ToLower(s) }

// foldWord is a lower-case word without diacritics.
func foldWord(s string) string { return fold.Text(s) }
