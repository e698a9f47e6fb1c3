// Package markdown turns what people write in forums, blogs and resources into
// HTML that is safe to print, and into plain text for searches and letters. It
// is a leaf: it owns no table and knows no room.
//
// What people can write is the part of GitHub's Markdown that serves teachers:
// paragraphs (a line break stays one), headings, lists, quotes, emphasis,
// strikethrough, code, tables and links. Raw HTML is text like any other. A
// picture is shown only when it is an uploaded file of the platform: a picture
// from elsewhere would tell a stranger who reads what, so it becomes a link.
//
// The output goes below a heading of level 2: headings begin at h3 and skip no
// level, whatever levels were typed. Links that leave the platform carry
// rel="nofollow noopener noreferrer". Two independent hands keep the output
// safe: the tree is rid of what has no place in it, and what goldmark writes is
// sanitised by an allow-list once more.
package markdown

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Max is the longest text in characters that a room should take: eight pages
// of print. What is longer is cut before it is parsed.
const Max = 20_000

// Revision of the output; rooms that keep rendered texts compare it and render
// again what an older revision made.
const Revision = 1

// maxDepth is how deep quotes and lists may lie in each other. Nobody writes
// deeper, and a page of ">" would otherwise cost the server seconds.
const maxDepth = 12

// maxBrackets is how many opening brackets may begin a link; those after it are
// letters. The search for the end of each costs the length of the rest.
const maxBrackets = 500

var md = goldmark.New(
	goldmark.WithParser(parser.NewParser(
		parser.WithBlockParsers(blocks()...),
		parser.WithInlineParsers(
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(parser.NewLinkParser(), 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(parser.NewEmphasisParser(), 500),
			util.Prioritized(extension.NewStrikethroughParser(), 500),
			util.Prioritized(extension.NewLinkifyParser(extension.WithLinkifyAllowedProtocols([]string{"http:", "https:"})), 999),
		),
		parser.WithParagraphTransformers(
			util.Prioritized(parser.LinkReferenceParagraphTransformer, 100),
			util.Prioritized(extension.NewTableParagraphTransformer(), 200),
		),
		parser.WithASTTransformers(
			util.Prioritized(extension.NewTableASTTransformer(), 0),
			util.Prioritized(tidy{}, 500),
		),
	)),
	goldmark.WithRenderer(renderer.NewRenderer(renderer.WithNodeRenderers(
		util.Prioritized(scrollerRenderer{}, 100),
		util.Prioritized(extension.NewTableHTMLRenderer(extension.WithTableCellAlignMethod(extension.TableCellAlignNone)), 500),
		util.Prioritized(extension.NewStrikethroughHTMLRenderer(), 500),
		util.Prioritized(html.NewRenderer(html.WithHardWraps()), 1000),
	))),
)

// blocks are goldmark's own without HTML blocks, so that raw HTML is text.
func blocks() []util.PrioritizedValue {
	return []util.PrioritizedValue{
		util.Prioritized(parser.NewSetextHeadingParser(), 100),
		util.Prioritized(parser.NewThematicBreakParser(), 200),
		util.Prioritized(parser.NewListParser(), 300),
		util.Prioritized(parser.NewListItemParser(), 400),
		util.Prioritized(parser.NewCodeBlockParser(), 500),
		util.Prioritized(parser.NewATXHeadingParser(), 600),
		util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
		util.Prioritized(parser.NewBlockquoteParser(), 800),
		util.Prioritized(parser.NewParagraphParser(), 1000),
	}
}

const fileAddress = `^/pliki/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`

var (
	ownFile = regexp.MustCompile(fileAddress)
	allowed = policy()
)

// rel is what a link that leaves the platform carries.
const rel = "nofollow noopener noreferrer"

// elements that carry no attribute, but for the start of a numbered list.
var elements = []string{"p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "em", "strong", "del", "code", "pre",
	"table", "thead", "tbody", "tr", "th", "td"}

func policy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements(elements...)
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.RequireParseableURLs(true)
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(true)
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("rel").Matching(regexp.MustCompile(`^` + rel + `$`)).OnElements("a")
	p.AllowAttrs("src").Matching(ownFile).OnElements("img")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("loading").Matching(regexp.MustCompile(`^lazy$`)).OnElements("img")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^table-scroll$`)).OnElements("div")
	p.AllowAttrs("role").Matching(regexp.MustCompile(`^(region|group)$`)).OnElements("div")
	p.AllowAttrs("tabindex").Matching(regexp.MustCompile(`^0$`)).OnElements("div")
	p.AllowAttrs("aria-label").OnElements("div")
	return p
}

// rendered is src as HTML that went through the allow-list.
func rendered(src string) string {
	in := []byte(within(src))
	var b bytes.Buffer
	b.Grow(len(in) + len(in)/4)
	if err := md.Convert(in, &b); err != nil {
		// A buffer takes everything; a broken tree must still not lose the words.
		return "<p>" + string(util.EscapeHTML(in)) + "</p>"
	}
	return strings.TrimSpace(allowed.SanitizeReader(&b).String())
}

// within is src as it may be parsed: valid UTF-8, not longer than Max, lines
// that begin with more quote or list marks than maxDepth cut to that many.
func within(src string) string {
	src = strings.ToValidUTF8(strings.ReplaceAll(src, "\x00", ""), "\uFFFD")
	if len(src) > Max && utf8.RuneCountInString(src) > Max {
		src = cut(src, Max)
	}
	src = fewBrackets(src)
	if strings.Count(src, ">")+strings.Count(src, "-")+strings.Count(src, "*")+strings.Count(src, "+")+strings.Count(src, ".")+strings.Count(src, ")") <= maxDepth {
		return src
	}
	lines := strings.Split(src, "\n")
	for i, l := range lines {
		lines[i] = shallow(l)
	}
	return strings.Join(lines, "\n")
}

// fewBrackets keeps brackets after the first [maxBrackets] from beginning links.
func fewBrackets(src string) string {
	if strings.Count(src, "[") <= maxBrackets {
		return src
	}
	at := 0
	for range maxBrackets {
		at += strings.IndexByte(src[at:], '[') + 1
	}
	return src[:at] + strings.ReplaceAll(src[at:], "[", `\[`)
}

// mark is one sign of a quote or of a list's item at the head of a line.
var mark = regexp.MustCompile(`^[ \t]*(?:>|[-*+](?:[ \t]|$)|[0-9]{1,9}[.)](?:[ \t]|$))`)

// shallow cuts a line's marks to maxDepth and leaves its words.
func shallow(line string) string {
	at := 0
	for depth := 0; ; depth++ {
		loc := mark.FindStringIndex(line[at:])
		if loc == nil {
			return line
		}
		if depth == maxDepth {
			rest := line[at:]
			for loc != nil {
				rest = rest[loc[1]:]
				loc = mark.FindStringIndex(rest)
			}
			return line[:at] + " " + rest
		}
		at += loc[1]
	}
}

// cut is the first n characters of s.
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// reader is what goldmark parses.
func reader(src []byte) text.Reader { return text.NewReader(src) }
