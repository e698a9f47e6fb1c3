package board

import (
	"context"
	"encoding/json"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// EntryList is a page of blog entries.
type EntryList struct {
	// Network is zero in a list over several networks.
	Network Network  `json:"network"`
	Topics  []Topic  `json:"topics,omitempty"`
	Topic   Topic    `json:"topic"` // the one asked for; zero for all
	Items   []Thread `json:"items"`
	Next    string   `json:"next,omitempty"`
}

// Entries lists the entries of a network's blogs, the newest first, with its
// topics; topic uuid.Nil for all. Needs board:view.
func (s *Service) Entries(ctx context.Context, a *access.Actor, network, topic uuid.UUID, cursor string) (EntryList, error) {
	after, err := readThreadKey(cursor)
	if err != nil {
		return EntryList{}, err
	}
	var out EntryList
	if out.Network, out.Topics, err = s.Topics(ctx, a, network); err != nil {
		return out, err
	}
	if topic != uuid.Nil {
		if out.Topic = topicAmong(out.Topics, topic); out.Topic.ID == uuid.Nil {
			return out, fault.ErrNotFound
		}
	}
	rows, err := listEntries(ctx, s.db, a.Person, network, topic, after, listPage+1)
	out.fill(s, a, rows)
	return out, err
}

func topicAmong(list []Topic, id uuid.UUID) Topic {
	for _, t := range list {
		if t.ID == id {
			return t
		}
	}
	return Topic{}
}

func (l *EntryList) fill(s *Service, a *access.Actor, rows []threadRow) {
	if len(rows) > listPage {
		rows = rows[:listPage]
		last := &rows[listPage-1]
		l.Next = threadKey{At: last.CreatedAt, ID: last.ID}.String()
	}
	l.Items = s.threads(a, rows)
}

// Blogs lists the entries that the actor may read anywhere, the newest first:
// those of their networks and those shared by others. Needs blog:list, which
// every confirmed account has.
func (s *Service) Blogs(ctx context.Context, a *access.Actor, cursor string) (EntryList, error) {
	if err := s.reader(a); err != nil {
		return EntryList{}, err
	}
	after, err := readThreadKey(cursor)
	if err != nil {
		return EntryList{}, err
	}
	var out EntryList
	inside := s.auth.Reach(a, PermView).Networks
	if out.Topics, err = listTopics(ctx, s.db, inside, maxTopics); err != nil {
		return out, err
	}
	rows, err := listBlogs(ctx, s.db, a.Person, inside, uuid.Nil, after, listPage+1)
	out.fill(s, a, rows)
	return out, err
}

// BlogOf is [Service.Blogs] for one topic; NotFound when the actor may read
// nothing in it.
func (s *Service) BlogOf(ctx context.Context, a *access.Actor, topic uuid.UUID, cursor string) (EntryList, error) {
	if err := s.reader(a); err != nil {
		return EntryList{}, err
	}
	after, err := readThreadKey(cursor)
	if err != nil {
		return EntryList{}, err
	}
	out := EntryList{}
	if out.Topic, err = oneTopic(ctx, s.db, topic); err != nil {
		return out, err
	}
	rows, err := listBlogs(ctx, s.db, a.Person, s.auth.Reach(a, PermView).Networks, topic, after, listPage+1)
	if err == nil && len(rows) == 0 && cursor == "" {
		return out, fault.ErrNotFound
	}
	out.fill(s, a, rows)
	return out, err
}

func (s *Service) reader(a *access.Actor) error {
	if err := signed(a); err != nil {
		return err
	}
	return s.auth.Require(a, PermBlogs, access.Place{})
}

// Topics lists the topics of a network's blogs, for choosing one. Needs
// board:view.
func (s *Service) Topics(ctx context.Context, a *access.Actor, network uuid.UUID) (Network, []Topic, error) {
	if err := signed(a); err != nil {
		return Network{}, nil, err
	}
	h, err := readPlaceTopics(ctx, s.db, network)
	if err != nil {
		return Network{}, nil, err
	}
	if err := s.auth.Require(a, PermView, h.at()); err != nil {
		return Network{}, nil, err
	}
	var list []Topic
	err = json.Unmarshal(h.Topics, &list)
	return s.network(a, &h.place), list, err
}

// Share lets signed-in people of other networks read an entry, alone and
// without its comments, or ends that. Needs blog:share. Conflict for a thread
// of the forum or an entry that is out of sight.
func (s *Service) Share(ctx context.Context, a *access.Actor, thread uuid.UUID, share bool) error {
	h, err := s.thread1(ctx, a, thread, PermShare)
	if err != nil {
		return err
	}
	if err := h.going(); err != nil {
		return err
	}
	_, err = act(ctx, s, a, "board:share", []any{thread, share}, func(ctx context.Context, tx *db.Tx) (none, error) {
		var at *time.Time
		if share {
			now := s.clock.Now()
			at = &now
		}
		ok, err := setShared(ctx, tx, thread, at, uuid.NullUUID{UUID: a.Person, Valid: share})
		if err != nil {
			return none{}, err
		}
		if !ok {
			return none{}, fault.New(fault.Conflict, "board.not_shareable")
		}
		return none{}, s.note(ctx, tx, a, h.Network, "board:share", "board_thread", thread, "shared")
	})
	return err
}

// checkTopic wants a topic of this network, or the title of a new one.
func (s *Service) checkTopic(ctx context.Context, f *fault.Fields, network uuid.UUID, in *Entry) error {
	if in.NewTopic != "" {
		if n := utf8.RuneCountInString(in.NewTopic); n < MinTitle || n > MaxTopic {
			f.Add("new_topic", "board.title_length", "Min", MinTitle, "Max", MaxTopic)
		}
		return nil
	}
	if in.Topic == uuid.Nil {
		f.Add("topic_id", "board.topic_missing")
		return nil
	}
	ok, err := topicIn(ctx, s.db, network, in.Topic)
	if err == nil && !ok {
		f.Add("topic_id", "board.topic_missing")
	}
	return err
}

// topic is the entry's topic, made when it is new.
func (s *Service) topic(ctx context.Context, tx *db.Tx, a *access.Actor, network uuid.UUID, in *Entry, now time.Time) (uuid.NullUUID, error) {
	if in.NewTopic == "" {
		return uuid.NullUUID{UUID: in.Topic, Valid: true}, nil
	}
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.NullUUID{}, err
	}
	got, ok, err := insertTopic(ctx, tx, id, network, a.Person, in.NewTopic, now)
	if err != nil {
		return uuid.NullUUID{}, err
	}
	if !ok {
		return uuid.NullUUID{}, fault.InvalidFields(fault.Field{Path: "new_topic", Key: "board.topics_many", Args: map[string]any{"Max": maxTopics}})
	}
	return uuid.NullUUID{UUID: got, Valid: true}, nil
}
