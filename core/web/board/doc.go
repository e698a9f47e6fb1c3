// Package board holds the pages of a network's forum and blogs: lists, threads,
// writing with preview, files and drafts, what may be done with one post, and
// moderation with reports and appeals.
//
// A post has one address for ever, /sieci/…/wpisy/…, which leads to its place
// on a page of its thread. Everything that is done with one post lies behind it,
// for the forum and the blogs alike.
package board

import (
	"log/slog"

	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/web/kit"
)

// Deps are what the pages need; Log may be nil.
type Deps struct {
	Board  *board.Service
	Files  *file.Service
	Drafts *draft.Service
	Clock  clock.Clock
	Log    *slog.Logger
}

type pages struct{ Deps }

// Addresses of lists that belong to no network.
const (
	BlogsPath   = "/blogi"
	AppealsPath = board.AppealsPath
)

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	if d.Log == nil {
		d.Log = slog.Default()
	}
	p := &pages{d}
	rows := []kit.Route{
		kit.Get("/sieci/:id/forum", board.PermView, p.threads),
		kit.Post("/sieci/:id/forum/przeczytane", board.PermView, "markBoardRead", p.markAllRead),
		kit.Post("/sieci/:id/forum/powiadomienia", board.PermView, "setBoardLevel", p.setLevel),
		kit.Get("/sieci/:id/forum/zgloszenia", board.PermModerate, p.reports),
		kit.Get("/sieci/:id/blog", board.PermView, p.entries),
		kit.Get(BlogsPath, board.PermBlogs, p.blogs),
		kit.Get(BlogsPath+"/:temat", board.PermBlogs, p.blogOf),
		kit.Get(AppealsPath, board.PermJudge, p.appeals),
		kit.Get(AppealsPath+"/:odwolanie", board.PermJudge, p.appeal),
		kit.Post(AppealsPath+"/:odwolanie", board.PermJudge, "decideAppeal", p.decide),
	}
	for _, k := range []board.Kind{board.Forum, board.Blog} {
		rows = append(rows, p.kindRoutes(k)...)
	}
	return append(rows, p.postRoutes()...)
}

// kindRoutes are the pages of threads or of entries.
func (p *pages) kindRoutes(k board.Kind) []kit.Route {
	base, of := "/sieci/:id/"+string(k), kind{p, k}
	read := board.PermView
	if k == board.Blog {
		read = board.PermBlogs // an entry may be shared with everybody
	}
	rows := []kit.Route{
		kit.Get(base+"/nowy", board.PermPost, of.newForm),
		kit.Post(base+"/nowy", board.PermPost, "startThread", of.start).WithUpload(),
		kit.Get(base+"/:watek", read, of.thread),
		kit.Get(base+"/:watek/nowe", board.PermView, of.firstUnread),
		kit.Get(base+"/:watek/odpowiedz", board.PermPost, of.replyForm),
		kit.Post(base+"/:watek/odpowiedz", board.PermPost, "replyToThread", of.reply).WithUpload(),
		kit.Post(base+"/:watek/obserwuj", board.PermView, "followThread", of.follow),
		kit.Post(base+"/:watek/ustawienia", board.PermModerate, "setThreadFlags", of.setFlags),
	}
	if k == board.Blog {
		rows = append(rows, kit.Post(base+"/:watek/udostepnij", board.PermShare, "shareEntry", of.share))
	}
	return rows
}

func (p *pages) postRoutes() []kit.Route {
	const one = "/sieci/:id/wpisy/:wpis"
	return []kit.Route{
		kit.Get(one, board.PermBlogs, p.permalink),
		kit.Get(one+"/edytuj", board.PermPost, p.editForm),
		kit.Post(one+"/edytuj", board.PermPost, "editPost", p.edit),
		kit.Get(one+"/usun", board.PermPost, p.deleteQuestion),
		kit.Post(one+"/usun", board.PermPost, "deletePost", p.delete),
		kit.Get(one+"/uzupelnij", board.PermPost, p.addForm),
		kit.Post(one+"/uzupelnij", board.PermPost, "addToPost", p.add),
		kit.Get(one+"/wersje", board.PermModerate, p.history),
		kit.Get(one+"/ukryj", board.PermModerate, p.hideQuestion),
		kit.Post(one+"/ukryj", board.PermModerate, "hidePost", p.hide),
		kit.Post(one+"/przywroc", board.PermModerate, "showPostAgain", p.lift),
		kit.Get(one+"/zglos", board.PermView, p.reportQuestion),
		kit.Post(one+"/zglos", board.PermView, "reportPost", p.report),
		kit.Post(one+"/pozostaw", board.PermModerate, "keepPost", p.keep),
		kit.Get(one+"/odwolanie", kit.SignedIn, p.appealForm),
		kit.Post(one+"/odwolanie", kit.SignedIn, "appealPost", p.sendAppeal),
	}
}

// kind are the pages of one kind of thread.
type kind struct {
	*pages
	k board.Kind
}
