package markdown

import (
	"bytes"
	"net/url"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// tidy rids the tree of what has no place in it and makes the rest accessible.
type tidy struct{}

var _ parser.ASTTransformer = tidy{}

// Transform implements [parser.ASTTransformer].
func (tidy) Transform(doc *ast.Document, r text.Reader, _ parser.Context) {
	src := r.Source()
	var found []ast.Node
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			switch n.Kind() {
			case ast.KindHeading, ast.KindImage, ast.KindLink, ast.KindAutoLink, tables.KindTable:
				found = append(found, n) // children first: what lies inside is tidied before
			}
		}
		return ast.WalkContinue, nil
	})
	for _, n := range found {
		switch x := n.(type) {
		case *ast.Image:
			image(x, src)
		case *ast.Link:
			link(x, src)
		case *ast.AutoLink:
			autoLink(x, src)
		case *tables.Table:
			table(x, src)
		}
	}
	headings(doc, src)
}

// firstLevel is the level of the highest heading: the page's is 1, the
// heading of what holds the text is 2.
const firstLevel = 3

// headings gives every heading the level that follows from those it lies
// under, so that no level is skipped, and drops those without words.
func headings(doc *ast.Document, src []byte) {
	var under []int
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		h, ok := n.(*ast.Heading)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		if strings.TrimSpace(words(h, src)) == "" {
			return ast.WalkSkipChildren, nil
		}
		for len(under) > 0 && under[len(under)-1] >= h.Level {
			under = under[:len(under)-1]
		}
		under = append(under, h.Level)
		h.Level = min(firstLevel+len(under)-1, 6)
		return ast.WalkSkipChildren, nil
	})
	for n := doc.FirstChild(); n != nil; {
		next := n.NextSibling()
		if h, ok := n.(*ast.Heading); ok && strings.TrimSpace(words(h, src)) == "" {
			doc.RemoveChild(doc, h)
		}
		n = next
	}
}

// image keeps a picture that is a file of the platform and has a description;
// any other becomes a link, so that nothing is loaded from elsewhere.
func image(n *ast.Image, src []byte) {
	if ownFile.Match(n.Destination) && strings.TrimSpace(words(n, src)) != "" {
		n.Title = nil
		n.SetAttributeString("loading", []byte("lazy"))
		return
	}
	parent := n.Parent()
	l := ast.NewLink()
	l.Destination = n.Destination
	for c := n.FirstChild(); c != nil; {
		next := c.NextSibling()
		l.AppendChild(l, c)
		c = next
	}
	parent.ReplaceChild(parent, n, l)
	if inLink(l) {
		unwrap(l)
		return
	}
	link(l, src)
}

func inLink(n ast.Node) bool {
	for p := n.Parent(); p != nil; p = p.Parent() {
		if p.Kind() == ast.KindLink {
			return true
		}
	}
	return false
}

// link keeps addresses of the web, of mail and of the platform itself; what
// leads elsewhere keeps its words only. A link without words shows its address.
func link(n *ast.Link, src []byte) {
	to, outside, ok := address(string(n.Destination))
	if !ok {
		unwrap(n)
		return
	}
	n.Destination, n.Title = []byte(to), nil
	if strings.TrimSpace(words(n, src)) == "" && !hasImage(n) {
		n.AppendChild(n, ast.NewString([]byte(to)))
	}
	if outside {
		n.SetAttributeString("rel", []byte(rel))
	}
}

func hasImage(n ast.Node) bool {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if c.Kind() == ast.KindImage || hasImage(c) {
			return true
		}
	}
	return false
}

func autoLink(n *ast.AutoLink, src []byte) {
	to := string(n.URL(src))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(to), "mailto:") {
		to = "mailto:" + to
	}
	_, outside, ok := address(to)
	if !ok {
		parent := n.Parent()
		parent.ReplaceChild(parent, n, ast.NewString(n.Label(src)))
		return
	}
	if outside {
		n.SetAttributeString("rel", []byte(rel))
	}
}

// unwrap puts a node's children in its place.
func unwrap(n ast.Node) {
	parent := n.Parent()
	for c := n.FirstChild(); c != nil; {
		next := c.NextSibling()
		parent.InsertBefore(parent, n, c)
		c = next
	}
	parent.RemoveChild(parent, n)
}

// address reads where a link leads: to a page of the platform, or outside. An
// address without a scheme that looks like a site's name gets https.
func address(raw string) (to string, outside, ok bool) {
	raw = strings.TrimSpace(raw)
	if raw == "" || strings.ContainsFunc(raw, unicode.IsControl) || strings.Contains(raw, `\`) {
		return "", false, false
	}
	if strings.HasPrefix(raw, "/") && !strings.HasPrefix(raw, "//") {
		_, err := url.Parse(raw)
		return raw, false, err == nil
	}
	u, err := url.Parse(raw)
	if err != nil {
		return "", false, false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return raw, true, u.Host != ""
	case "mailto":
		return raw, true, u.Opaque != ""
	case "":
		name, _, _ := strings.Cut(raw, "/")
		if strings.HasPrefix(raw, "//") || strings.HasPrefix(raw, "#") || strings.HasPrefix(raw, "?") || !strings.Contains(strings.Trim(name, "."), ".") {
			return "", false, false
		}
		return "https://" + raw, true, true
	}
	return "", false, false
}

// kindScroller is the region in which a table scrolls on a narrow screen.
var kindScroller = ast.NewNodeKind("Scroller")

type scroller struct {
	ast.BaseBlock
	label string
}

// Kind implements [ast.Node].
func (*scroller) Kind() ast.NodeKind { return kindScroller }

// Dump implements [ast.Node].
func (s *scroller) Dump(source []byte, level int) { ast.DumpHelper(s, source, level, nil, nil) }

// maxLabel bounds the name of a table's region, in characters.
const maxLabel = 80

// table puts a table into a region named by the words of its header: the name
// is then in the language of the text.
func table(n *tables.Table, src []byte) {
	var cells []string
	if head := n.FirstChild(); head != nil {
		for c := head.FirstChild(); c != nil; c = c.NextSibling() {
			if w := oneLine(words(c, src)); w != "" {
				cells = append(cells, w)
			}
		}
	}
	s := &scroller{label: short(strings.Join(cells, ", "), maxLabel)}
	parent := n.Parent()
	parent.ReplaceChild(parent, n, s)
	s.AppendChild(s, n)
}

type scrollerRenderer struct{}

var _ renderer.NodeRenderer = scrollerRenderer{}

// RegisterFuncs implements [renderer.NodeRenderer].
func (scrollerRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindScroller, func(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			_, _ = w.WriteString("</div>\n")
			return ast.WalkContinue, nil
		}
		_, _ = w.WriteString(`<div class="table-scroll" tabindex="0" role="`)
		if label := node.(*scroller).label; label != "" {
			_, _ = w.WriteString(`region" aria-label="`)
			_, _ = w.Write(util.EscapeHTML([]byte(label)))
		} else {
			_, _ = w.WriteString("group")
		}
		_, _ = w.WriteString("\">\n")
		return ast.WalkContinue, nil
	})
}

// words are the words of a node and of all inside it, as they are read.
func words(n ast.Node, src []byte) string {
	var b bytes.Buffer
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			inline(&b, n, src)
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// inline writes the words that a node itself holds.
func inline(b *bytes.Buffer, n ast.Node, src []byte) {
	switch x := n.(type) {
	case *ast.Text:
		v := x.Segment.Value(src)
		if !x.IsRaw() {
			v = util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(v)))
		}
		b.Write(v)
		if x.SoftLineBreak() || x.HardLineBreak() {
			b.WriteByte('\n')
		}
	case *ast.String:
		b.Write(x.Value)
	case *ast.AutoLink:
		b.Write(x.Label(src))
	}
}
