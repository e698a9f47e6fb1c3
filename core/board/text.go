package board

import (
	"strings"
	"unicode/utf8"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/markdown"
)

// line is a text of one line: white space of any kind is one space.
func line(s string) string { return strings.Join(strings.Fields(s), " ") }

// checkTitle adds what is wrong with a title.
func checkTitle(f *fault.Fields, s string) {
	if n := utf8.RuneCountInString(s); n < MinTitle || n > MaxTitle {
		f.Add("title", "board.title_length", "Min", MinTitle, "Max", MaxTitle)
	}
}

// checkWords adds what is wrong with a text that must be there.
func checkWords(f *fault.Fields, path, missing, s string, most int) {
	switch n := utf8.RuneCountInString(s); {
	case strings.TrimSpace(s) == "":
		f.Add(path, missing)
	case n > most:
		f.Add(path, "board.text_long", "Max", most, "N", n)
	}
}

// words are a post's text in its three forms.
type words struct {
	Body  string
	HTML  markdown.Safe
	Plain string
}

func render(body string) words {
	return words{Body: body, HTML: markdown.Render(body), Plain: markdown.Plain(body)}
}

// Preview is what a text will look like, for the page before publishing; no
// permission, nothing is kept.
func (s *Service) Preview(body string) markdown.Safe { return markdown.Render(body) }

func image(mediaType string) bool { return strings.HasPrefix(mediaType, "image/") }
