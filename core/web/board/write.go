package board

import (
	"net/http"
	"strconv"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/web/kit"
)

func itoa(n int) string { return strconv.Itoa(n) }

// number reads a whole number; 0 for anything else.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// newEditor is the form of a new thread or entry in the network of the address.
func (k kind) newEditor(c *kit.Ctx) (*editor, error) {
	network, err := c.UUID("id")
	if err != nil {
		return nil, err
	}
	n, topics, err := k.Board.Topics(c.Context(), c.Actor(), network)
	if err != nil {
		return nil, err
	}
	if !n.May.Post && n.Open {
		return nil, fault.ErrNotFound
	}
	e := &editor{kind: k, c: c, network: network, key: draft.Key{Form: "board." + string(k.k), Subject: network.String()}, n: n,
		action: listPath(network, k.k) + "/nowy", back: listPath(network, k.k), title: c.T("board.page.new_thread")}
	if k.k == board.Blog {
		e.title, e.topics = c.T("board.page.new_entry"), topics
	}
	if !n.Open {
		return e, fault.New(fault.Conflict, "board.over")
	}
	return e, nil
}

// refused shows the form with what was typed when writing ended meanwhile: the
// network or the thread was closed. Other errors are returned as they are.
func (e *editor) refused(err error) error {
	if e == nil || !fault.Is(err, fault.Conflict) {
		return err
	}
	return e.again(e.read(), err, false)
}

func (k kind) newForm(c *kit.Ctx) error {
	e, err := k.newEditor(c)
	if err != nil {
		return err
	}
	v, err := e.load()
	if err != nil {
		return err
	}
	if v.Text.Topic == uuid.Nil {
		v.Text.Topic = c.QueryUUID("temat")
	}
	e.crumbs()
	return c.Render(http.StatusOK, editorPage(v))
}

func (k kind) start(c *kit.Ctx) error {
	e, err := k.newEditor(c)
	if err != nil {
		return e.refused(err)
	}
	return e.submit(func(t text) (string, string, error) {
		id, err := k.Board.Start(c.Context(), c.Actor(), e.network, k.k, board.Entry{Title: t.Title, Body: t.Body, Topic: t.Topic, NewTopic: t.NewTopic, Files: t.Files})
		flash := "board.flash.started"
		if k.k == board.Blog {
			flash = "board.flash.entered"
		}
		return board.ThreadPath(e.network, k.k, id), flash, err
	})
}

// replyKey names the draft of a reply.
func replyKey(thread uuid.UUID) draft.Key {
	return draft.Key{Form: "board.reply", Subject: thread.String()}
}

// replyEditor is the form below a thread.
func (k kind) replyEditor(c *kit.Ctx, network, thread uuid.UUID, title string) (*editorView, error) {
	e := k.replyTo(c, network, thread, title)
	v, err := e.load()
	return &v, err
}

func (k kind) replyTo(c *kit.Ctx, network, thread uuid.UUID, title string) *editor {
	path := board.ThreadPath(network, k.k, thread)
	e := &editor{kind: k, c: c, network: network, thread: thread, reply: true, key: replyKey(thread), action: path + "/odpowiedz", back: path}
	key := "board.page.reply_to"
	if k.k == board.Blog {
		key = "board.page.comment_to"
	}
	e.title = c.T(key, "Title", title)
	return e
}

// replyPage reads the thread for a page that is only the reply.
func (k kind) replyPage(c *kit.Ctx) (*editor, error) {
	network, id, err := ids(c, "watek")
	if err != nil {
		return nil, err
	}
	t, err := k.read(c, network, id, 1)
	if err != nil {
		return nil, err
	}
	e := k.replyTo(c, network, id, titleOf(c.Context(), &t.Thread))
	e.n = t.Network
	switch {
	case !t.Network.Open:
		err = fault.New(fault.Conflict, "board.over")
	case t.Thread.Closed:
		err = fault.New(fault.Conflict, "board.closed")
	}
	return e, err
}

// replyForm is a reply on a page of its own, beginning with a quote.
func (k kind) replyForm(c *kit.Ctx) error {
	e, err := k.replyPage(c)
	if err != nil {
		return err
	}
	v, err := e.load()
	if err != nil {
		return err
	}
	if post := c.QueryUUID("cytuj"); post != uuid.Nil {
		x, err := k.Board.Post(c.Context(), c.Actor(), post)
		if err != nil {
			return err
		}
		if x.Thread.ID != e.thread {
			return fault.ErrNotFound
		}
		quote := x.Quote(x.Post.Author + ", " + show.Date(c.Lang(), x.Post.CreatedAt))
		if v.Text.Body != "" {
			v.Text.Body += "\n\n"
		}
		v.Text.Body += quote
	}
	e.crumbs()
	return c.Render(http.StatusOK, editorPage(v))
}

func (k kind) reply(c *kit.Ctx) error {
	e, err := k.replyPage(c)
	if err != nil {
		return e.refused(err)
	}
	return e.submit(func(t text) (string, string, error) {
		id, err := k.Board.Reply(c.Context(), c.Actor(), e.thread, t.Body, t.Files)
		return board.PostPath(e.network, id), "board.flash.replied", err
	})
}
