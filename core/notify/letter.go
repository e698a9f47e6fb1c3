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
	Lang, Title, Base string
	Greeting, Footer  string
	Paragraphs        []string
	// Groups are what a digest tells, network by network; More counts the rest.
	Groups                 []letterGroup
	More                   string
	Link, Action, LinkHint string
	// Settings is the sentence that leads to one's settings, Stop the address
	// that stops such letters; empty for letters that must go out.
	Settings, Stop string
}

type letterGroup struct {
	Name    string
	Entries []letterEntry
}

type letterEntry struct{ Title, Text, Link, Action string }

func (p *letterParts) text() string {
	var b strings.Builder
	b.WriteString(p.Greeting + "\n\n")
	for _, s := range p.Paragraphs {
		b.WriteString(s + "\n\n")
	}
	for _, g := range p.Groups {
		b.WriteString(strings.ToUpper(g.Name) + "\n\n")
		for _, e := range g.Entries {
			b.WriteString("* " + e.Title + "\n")
			if e.Text != "" {
				b.WriteString("  " + strings.ReplaceAll(e.Text, "\n", "\n  ") + "\n")
			}
			if e.Link != "" {
				b.WriteString("  " + e.Link + "\n")
			}
			b.WriteString("\n")
		}
	}
	if p.More != "" {
		b.WriteString(p.More + "\n\n")
	}
	if p.Link != "" {
		b.WriteString(p.Action + ":\n" + p.Link + "\n\n")
	}
	// The signature mark of mail programs: "-- " on a line of its own.
	b.WriteString("-- \n" + p.Footer + "\n")
	if p.Stop != "" {
		b.WriteString(p.Settings + "\n" + p.Stop + "\n")
	}
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
