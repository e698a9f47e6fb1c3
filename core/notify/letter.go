package notify

import (
	_ "embed"
	"html/template"
	"net/url"
	"strings"
)

//go:embed letter.html
var letterSource string

var letterTemplate = template.Must(template.New("letter").Parse(letterSource))

// letterParts is a letter before it becomes text and HTML; both say the same.
type letterParts struct {
	Lang, Title, Base      string
	Greeting, Footer       string
	Paragraphs             []string
	Link, Action, LinkHint string
}

func (p *letterParts) text() string {
	var b strings.Builder
	b.WriteString(p.Greeting + "\n\n")
	for _, s := range p.Paragraphs {
		b.WriteString(s + "\n\n")
	}
	if p.Link != "" {
		b.WriteString(p.Action + ":\n" + p.Link + "\n\n")
	}
	// The signature mark of mail programs: "-- " on a line of its own.
	b.WriteString("-- \n" + p.Footer + "\n")
	return b.String()
}

func (p *letterParts) html() (string, error) {
	var b strings.Builder
	err := letterTemplate.Execute(&b, p)
	return b.String(), err
}

func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil || u.Hostname() == "" {
		return "localhost"
	}
	return u.Hostname()
}
