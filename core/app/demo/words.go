package demo

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/board"
)

// talk is a thread of the forum, or an entry of a blog where topic is set, with
// what people said to it.
type talk struct {
	network     *spec
	by          string
	title, body string
	topic       string
	at          time.Time
	said        []said
	// reported, when set, is who reports the last reply, and why.
	reported, reason string
}

// said is one reply.
type said struct {
	by   string
	at   time.Time
	text string
}

func (t *talk) scenes() []scene {
	out := []scene{{t.at, "words: " + t.title, func(ctx context.Context, m *maker) error {
		n, a, err := m.look(ctx, t.network, t.by)
		if err != nil {
			return err
		}
		if _, err := t.find(ctx, m, a, n.ID); !errors.Is(err, errUnwritten) {
			return err
		}
		return m.do(ctx, t.by, func(ctx context.Context, a *access.Actor) error {
			kind, in := board.Forum, board.Entry{Title: t.title, Body: t.body}
			if t.topic != "" {
				kind = board.Blog
				if err := t.under(ctx, m, a, n.ID, &in); err != nil {
					return err
				}
			}
			_, err := m.Board.Start(ctx, a, n.ID, kind, in)
			return err
		})
	}}}
	for i, s := range t.said {
		out = append(out, scene{s.at, s.by + " answers to " + t.title, func(ctx context.Context, m *maker) error { return t.reply(ctx, m, i, s) }})
	}
	if t.reported != "" {
		out = append(out, scene{t.said[len(t.said)-1].at.Add(50 * time.Minute), t.reported + " reports a post", t.report})
	}
	return out
}

// errUnwritten says that a thread is not there yet.
var errUnwritten = errors.New("not written yet")

// find looks for the thread by its title.
func (t *talk) find(ctx context.Context, m *maker, a *access.Actor, network uuid.UUID) (board.Thread, error) {
	cursor := ""
	for {
		var items []board.Thread
		var next string
		if t.topic == "" {
			page, err := m.Board.Threads(ctx, a, network, false, cursor)
			if err != nil {
				return board.Thread{}, err
			}
			items, next = page.Items, page.Next
		} else {
			page, err := m.Board.Entries(ctx, a, network, uuid.Nil, cursor)
			if err != nil {
				return board.Thread{}, err
			}
			items, next = page.Items, page.Next
		}
		for i := range items {
			if items[i].Title == t.title {
				return items[i], nil
			}
		}
		if next == "" {
			return board.Thread{}, errUnwritten
		}
		cursor = next
	}
}

// under puts an entry under its topic, which the first entry makes.
func (t *talk) under(ctx context.Context, m *maker, a *access.Actor, network uuid.UUID, in *board.Entry) error {
	_, topics, err := m.Board.Topics(ctx, a, network)
	if err != nil {
		return err
	}
	in.NewTopic = t.topic
	for _, x := range topics {
		if x.Title == t.topic {
			in.Topic, in.NewTopic = x.ID, ""
		}
	}
	return nil
}

// reply writes the reply number i (from 0); the opening is post number 1.
func (t *talk) reply(ctx context.Context, m *maker, i int, s said) error {
	n, a, err := m.look(ctx, t.network, s.by)
	if err != nil {
		return err
	}
	have, err := t.find(ctx, m, a, n.ID)
	if err != nil || have.Posts > i+1 {
		return err
	}
	return m.do(ctx, s.by, func(ctx context.Context, a *access.Actor) error {
		_, err := m.Board.Reply(ctx, a, have.ID, s.text, nil)
		return err
	})
}

func (t *talk) report(ctx context.Context, m *maker) error {
	n, lead, err := m.look(ctx, t.network, t.network.founder)
	if err != nil {
		return err
	}
	if _, open, err := m.Board.Reports(ctx, lead, n.ID); err != nil || len(open) > 0 {
		return err
	}
	have, err := t.find(ctx, m, lead, n.ID)
	if err != nil {
		return err
	}
	page, err := m.Board.Read(ctx, lead, have.ID, board.PageOf(have.Posts))
	if err != nil {
		return err
	}
	post := page.Posts[len(page.Posts)-1].ID
	return m.do(ctx, t.reported, func(ctx context.Context, a *access.Actor) error { return m.Board.Report(ctx, a, post, t.reason) })
}
