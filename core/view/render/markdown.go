package render

import (
	"strings"

	"ore.edu.pl/sieci/core/view"
)

// The subset of Markdown that a text node may use: paragraphs, "- " and "1. "
// lists, *em*, **strong**, [words](to:route/id). Everything else is plain text;
// nothing is ever markup.

type paragraph struct {
	kind  string // p, ul, ol
	lines [][]span
}

type span struct {
	kind string // "", em, strong, a
	text string
	url  string
}

func (p *printer) markdown(text string) []paragraph {
	var out []paragraph
	open := false // may the next plain line continue the last paragraph?
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		kind, rest := lineKind(line)
		last := len(out) - 1
		switch {
		case line == "":
			open = false
			continue
		case kind != "p" && open && out[last].kind == kind:
			out[last].lines = append(out[last].lines, p.spans(rest))
		case kind == "p" && open && out[last].kind == "p":
			out[last].lines = append(out[last].lines, p.spans(rest))
		default:
			out = append(out, paragraph{kind: kind, lines: [][]span{p.spans(rest)}})
		}
		open = true
	}
	return out
}

func lineKind(line string) (kind, rest string) {
	if rest, ok := strings.CutPrefix(line, "- "); ok {
		return "ul", rest
	}
	if i := strings.Index(line, ". "); i > 0 && i < 4 && strings.Trim(line[:i], "0123456789") == "" {
		return "ol", line[i+2:]
	}
	return "p", line
}

func (p *printer) spans(s string) []span {
	var out []span
	plain := 0
	flush := func(end int) {
		if end > plain {
			out = append(out, span{text: s[plain:end]})
		}
	}
	for i := 0; i < len(s); {
		sp, n := p.marked(s[i:])
		if n == 0 {
			i++
			continue
		}
		flush(i)
		out = append(out, sp)
		i += n
		plain = i
	}
	flush(len(s))
	return out
}

// marked reads one marked span at the start of s; n is 0 when there is none.
func (p *printer) marked(s string) (sp span, n int) {
	for _, m := range []struct{ mark, kind string }{{"**", "strong"}, {"*", "em"}} {
		if rest, ok := strings.CutPrefix(s, m.mark); ok {
			end := strings.Index(rest, m.mark)
			if end <= 0 || rest[0] == ' ' || rest[end-1] == ' ' {
				continue
			}
			return span{kind: m.kind, text: rest[:end]}, end + 2*len(m.mark)
		}
	}
	if !strings.HasPrefix(s, "[") {
		return span{}, 0
	}
	mid := strings.Index(s, "](to:")
	if mid < 2 || strings.ContainsAny(s[1:mid], "[]") {
		return span{}, 0
	}
	end := strings.IndexByte(s[mid:], ')')
	if end < 0 {
		return span{}, 0
	}
	route, id, _ := strings.Cut(s[mid+len("](to:"):mid+end], "/")
	sp = span{text: s[1:mid]}
	if url, ok := p.URL(&view.Link{To: route, ID: id}); ok {
		sp.kind, sp.url = "a", url
	}
	return sp, mid + end + 1
}
