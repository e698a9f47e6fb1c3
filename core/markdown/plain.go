package markdown

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	tables "github.com/yuin/goldmark/extension/ast"
)

// Plain is src without its marks: paragraphs, items, quotes and rows as lines,
// for searches and letters. Addresses of links are left out, their words stay.
func Plain(src string) string {
	in := []byte(within(src))
	doc := md.Parser().Parse(reader(in))
	var b bytes.Buffer
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			switch n.Kind() {
			case ast.KindParagraph, ast.KindTextBlock, ast.KindHeading, tables.KindTableRow, tables.KindTableHeader:
				line(&b)
			case tables.KindTableCell:
				b.WriteByte(' ')
			}
			return ast.WalkContinue, nil
		}
		switch n.Kind() {
		case ast.KindCodeBlock, ast.KindFencedCodeBlock:
			for i := range n.Lines().Len() {
				at := n.Lines().At(i)
				b.Write(at.Value(in))
			}
			line(&b)
			return ast.WalkSkipChildren, nil
		}
		inline(&b, n, in)
		return ast.WalkContinue, nil
	})
	lines := strings.Split(b.String(), "\n")
	out := lines[:0]
	for _, l := range lines {
		if l = oneLine(l); l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

// line ends a line that has begun.
func line(b *bytes.Buffer) {
	if s := b.Bytes(); len(s) > 0 && s[len(s)-1] != '\n' {
		b.WriteByte('\n')
	}
}

// Excerpt is the beginning of Plain(src) in one line, at most n characters, cut
// between words and then ending in "…".
func Excerpt(src string, n int) string { return Short(Plain(src), n) }

// Short is plain text in one line, at most n characters, cut between words where
// it can be and then ending in "…".
func Short(plain string, n int) string { return short(oneLine(plain), n) }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// short cuts s to n characters, between words where it can.
func short(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	head := cut(s, n-1)
	if i := strings.LastIndexFunc(head, unicode.IsSpace); i > len(head)/2 && !strings.HasPrefix(s[len(head):], " ") {
		head = head[:i]
	}
	return strings.TrimRightFunc(head, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) }) + "…"
}

// Quote is plain text as a quote in Markdown below its first line, which names
// whose words they are: source is Markdown itself, for example a link. Marks in
// the words are kept from acting.
func Quote(source, words string) string {
	var b strings.Builder
	b.WriteString("> " + source + "\n>\n")
	for _, l := range strings.Split(strings.TrimSpace(words), "\n") {
		b.WriteString("> " + escape(l) + "\n")
	}
	return b.String() + "\n"
}

// escape keeps plain words plain.
func escape(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch r {
		case '\\', '`', '*', '_', '[', ']', '<', '>', '~', '|':
			b.WriteByte('\\')
		case '#', '-', '+', '=':
			if i == 0 {
				b.WriteByte('\\')
			}
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Text is words that may stand inside a link's brackets in Markdown.
func Text(s string) string { return escape(oneLine(s)) }
