package board

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

func networkPath(id uuid.UUID) string { return kit.NetworkPath + id.String() }

func listPath(network uuid.UUID, k board.Kind) string {
	return networkPath(network) + "/" + string(k)
}

// at is a moment as people write it.
func at(ctx context.Context, t time.Time) string { return show.DateTime(i18n.FromContext(ctx), t) }

func atOf(ctx context.Context, t *time.Time) string {
	if t == nil {
		return ""
	}
	return at(ctx, *t)
}

// roleName is a role as a badge; "" for people without one.
func roleName(ctx context.Context, role string) string {
	if role == "" {
		return ""
	}
	return i18n.T(ctx, "board.page.role_"+role)
}

// Tab is the tab of a network to which forum and blog belong.
const Tab = "/forum"

// crumbs names a page of a network's forum or blog.
func crumbs(c *kit.Ctx, n board.Network, k board.Kind, title string) *ui.Page {
	if !n.May.View {
		return c.Page(title).In("/sieci").Crumb(c.T("board.page.blogs"), BlogsPath)
	}
	page := c.InNetwork(n.ID, n.Title, title, n.Place, Tab)
	if own := c.T("board.page." + string(k)); title != own {
		page.Crumb(own, listPath(n.ID, k))
	}
	return page
}

// parts are the lists of a network's board, as links below its tab.
func parts(c *kit.Ctx, network uuid.UUID) []ui.Link {
	forum := listPath(network, board.Forum)
	return []ui.Link{{Text: c.T("board.page.tab_all"), Href: forum}, {Text: c.T("board.page.tab_new"), Href: forum + "?ktore=nowe"},
		{Text: c.T("board.page.blog"), Href: listPath(network, board.Blog)}}
}

// ids reads the network and a further id of the address.
func ids(c *kit.Ctx, name string) (network, id uuid.UUID, err error) {
	if network, err = c.UUID("id"); err != nil {
		return
	}
	id, err = c.UUID(name)
	return
}

// withQuery is the address of a page with another query; empty values are left out.
func withQuery(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func paging(c *kit.Ctx, path, next string, keep ...string) ui.Pages {
	var out ui.Pages
	if next != "" {
		out.Next = withQuery(path, append(keep, "po", next)...)
	}
	if c.Query("po") != "" {
		out.First = withQuery(path, keep...)
	}
	return out
}

// pageOf reads the page of a thread from the query.
func pageOf(c *kit.Ctx) (int, error) {
	raw := c.Query("s")
	if raw == "" {
		return 1, nil
	}
	n, err := strconv.Atoi(raw)
	if err != nil || n < 1 {
		return 0, fault.ErrNotFound
	}
	return n, nil
}

// anchor is the fragment at which a post stands on its page.
func anchor(seq int) string { return "wpis-" + strconv.Itoa(seq) }

// placeOf is the address of a post on the page of its thread.
func placeOf(network uuid.UUID, k board.Kind, thread uuid.UUID, seq int) string {
	s := ""
	if page := board.PageOf(seq); page > 1 {
		s = strconv.Itoa(page)
	}
	return withQuery(board.ThreadPath(network, k, thread), "s", s) + "#" + anchor(seq)
}

// titleOf is a thread's title, or what stands for a hidden one.
func titleOf(ctx context.Context, t *board.Thread) string {
	if t.Title == "" {
		return i18n.T(ctx, "board.page.hidden_title")
	}
	return t.Title
}

// lines are the paragraphs of a plain text.
func lines(s string) []string {
	var out []string
	for _, l := range strings.Split(s, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}
