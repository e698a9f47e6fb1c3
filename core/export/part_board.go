package export

import (
	"context"
	"strconv"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/document"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/network"
)

// Board is the part with the forum and the blogs: a page for each thread. What
// is hidden or deleted shows that it was there, without its words.
type Board struct{ Board *board.Service }

var _ Source = Board{}

// Part implements [Source].
func (Board) Part() string { return "board" }

// postsPerPage keeps pages of long threads readable on a phone.
const postsPerPage = 100

// Write implements [Source].
func (b Board) Write(ctx context.Context, a *access.Actor, n *network.Network, out *Sink) error {
	var forum, blog Links
	err := b.Board.Export(ctx, a, n.ID, func(x board.Exported) error {
		if err := out.Data(x); err != nil {
			return err
		}
		for i := range x.All {
			for _, f := range x.All[i].Files {
				if _, err := out.File(f.ID); err != nil {
					return err
				}
			}
		}
		title := x.Title
		if title == "" {
			title = out.T("export.board.hidden")
		}
		link := Link{Text: title, Href: Address(b.Part(), x.ID.String()), Note: x.Author + ", " + show.Date(out.Lang(), x.CreatedAt.In(clock.Warsaw))}
		if x.Kind == board.Forum {
			forum = append(forum, link)
		} else {
			blog = append(blog, link)
		}
		return thread(out, title, &x)
	})
	if err != nil {
		return err
	}
	page := Page{Title: out.T("export.part.board"), Body: []any{document.Heading{Level: 2, Text: out.T("export.board.forum")}}}
	for i, list := range []Links{forum, blog} {
		if i == 1 {
			page.Body = append(page.Body, document.Heading{Level: 2, Text: out.T("export.board.blog")})
		}
		if len(list) == 0 {
			page.Body = append(page.Body, document.Paragraph{Text: out.T("export.none")})
		} else {
			page.Body = append(page.Body, list)
		}
	}
	return out.Page(page)
}

// thread writes the pages of one thread.
func thread(out *Sink, title string, x *board.Exported) error {
	name := x.ID.String()
	for from := 0; from == 0 || from < len(x.All); from += postsPerPage {
		to := min(from+postsPerPage, len(x.All))
		p := Page{Name: name, Title: title, Lead: x.TopicTitle}
		for i := from; i < to; i++ {
			body, err := post(out, &x.All[i])
			if err != nil {
				return err
			}
			p.Body = append(p.Body, body...)
		}
		name = x.ID.String() + "-" + strconv.Itoa(to)
		if to < len(x.All) {
			p.Body = append(p.Body, Links{{Text: out.T("export.board.next"), Href: Address("board", name)}})
		}
		if err := out.Page(p); err != nil {
			return err
		}
	}
	return nil
}

func post(out *Sink, p *board.Post) ([]any, error) {
	who := p.Author
	if p.AuthorRole != "" {
		who += " (" + out.role(p.AuthorRole) + ")"
	}
	body := []any{document.Heading{Level: 2, Text: who + ", " + show.DateTime(out.Lang(), p.CreatedAt.In(clock.Warsaw))}}
	if p.State != board.Shown {
		return append(body, document.Paragraph{Text: out.T("export.board." + string(p.State))}), nil
	}
	body = append(body, p.HTML)
	if !p.AddendumHTML.IsZero() {
		body = append(body, p.AddendumHTML)
	}
	var files Links
	for _, f := range p.Files {
		at, err := out.File(f.ID)
		if err != nil {
			return nil, err
		}
		if at != "" {
			files = append(files, Link{Text: f.Name, Href: at, Note: f.Alt})
		}
	}
	if len(files) > 0 {
		body = append(body, files)
	}
	return body, nil
}
