package markdown

import (
	"context"
	"database/sql/driver"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// Safe is HTML that went through the allow-list. Pages and copies that print
// one as it is take this type alone, so that no other text can get there: there
// is no way to make a Safe but [Render], and what comes from a table or from
// JSON goes through the allow-list once more. The zero value is empty.
type Safe struct{ html string }

// Render turns Markdown into HTML. The result is well-formed, holds nothing
// that runs or loads from elsewhere, and may be printed as it is below a heading
// of level 2. Safe for concurrent use.
func Render(src string) Safe { return Safe{rendered(src)} }

// IsZero reports whether there is nothing to print.
func (s Safe) IsZero() bool { return s.html == "" }

// String is the HTML.
func (s Safe) String() string { return s.html }

// Render implements templ.Component: it writes the HTML as it is.
func (s Safe) Render(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, s.html)
	return err
}

// HTML is for templates of html/template, which print it as it is.
func (s Safe) HTML() template.HTML { return template.HTML(s.html) }

// local is an address within a copy that is read without a server.
var local = regexp.MustCompile(`^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*\.[A-Za-z0-9]+$`)

// Relink is s with every address of a link or a picture replaced by what to
// gives for it, for copies that are read elsewhere. A link keeps no address but
// one of a site (http, https, mailto), a path of the platform or the name of a
// file in the copy; a picture none but the last.
func (s Safe) Relink(to func(address string, picture bool) string) Safe {
	var b strings.Builder
	b.Grow(len(s.html))
	z := html.NewTokenizer(strings.NewReader(s.html))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return Safe{b.String()}
		}
		raw := string(z.Raw())
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			b.WriteString(raw)
			continue
		}
		t := z.Token()
		if relinked(&t, to) {
			raw = t.String()
		}
		b.WriteString(raw)
	}
}

// relinked changes the addresses of a tag; false when there is none.
func relinked(t *html.Token, to func(string, bool) string) bool {
	found := false
	kept := t.Attr[:0]
	for _, a := range t.Attr {
		if a.Key == "href" || a.Key == "src" {
			found = true
			a.Val = to(a.Val, a.Key == "src")
			full, _, known := address(a.Val)
			if !local.MatchString(a.Val) && (!known || full != a.Val || a.Key == "src") {
				continue
			}
		}
		kept = append(kept, a)
	}
	t.Attr = kept
	return found
}

// Scan implements [database/sql.Scanner] for what a room keeps rendered.
func (s *Safe) Scan(v any) error {
	switch x := v.(type) {
	case string:
		s.html = again(x)
	case []byte:
		s.html = again(string(x))
	default:
		return fmt.Errorf("markdown: safe HTML cannot come of %T", v)
	}
	return nil
}

// Value implements [driver.Valuer].
func (s Safe) Value() (driver.Value, error) { return s.html, nil }

// MarshalText implements [encoding.TextMarshaler]: in JSON it is a string.
func (s Safe) MarshalText() ([]byte, error) { return []byte(s.html), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Safe) UnmarshalText(text []byte) error {
	s.html = again(string(text))
	return nil
}

// again has what comes from elsewhere go through the allow-list. Most texts hold
// no tag but bare ones that it allows; those are what they would become, and a
// page of thirty costs nothing.
func again(s string) string {
	for rest := s; ; {
		from := strings.IndexByte(rest, '<')
		if from < 0 {
			return s
		}
		to := strings.IndexByte(rest[from:], '>')
		if to < 0 || !bare[rest[from:from+to+1]] {
			return allowed.Sanitize(s)
		}
		rest = rest[from+to+1:]
	}
}

// bare are the tags of the allow-list without attributes, written as the
// renderer writes them.
var bare = func() map[string]bool {
	out := map[string]bool{"<br>": true, "<hr>": true}
	for _, name := range elements {
		if name != "br" && name != "hr" {
			out["<"+name+">"], out["</"+name+">"] = true, true
		}
	}
	return out
}()
