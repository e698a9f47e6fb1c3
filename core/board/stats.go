package board

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/markdown"
)

// Stats counts what was written in a network from a moment until before another
// (domain time). Needs board:view.
func (s *Service) Stats(ctx context.Context, a *access.Actor, network uuid.UUID, from, to time.Time) (Stats, error) {
	var out Stats
	err := db.Together(ctx, s.db,
		func(ctx context.Context, _ db.Q) error { _, err := s.enter(ctx, a, network, PermView); return err },
		func(ctx context.Context, q db.Q) (err error) { out, err = stats(ctx, q, network, from, to); return err })
	if err != nil {
		return Stats{}, err
	}
	return out, nil
}

// Latest is one of the newest posts of a network.
type Latest struct {
	ID      uuid.UUID `json:"id"`
	Network uuid.UUID `json:"network_id"`
	Kind    Kind      `json:"kind"`
	Title   string    `json:"title"`
	Author  string    `json:"author"`
	At      time.Time `json:"at"`
	Words   string    `json:"words"` // the beginning, plain
}

const latestPart = "board.latest"

// latestWords is how many characters of a post the home page shows; the
// statement reads a few more, so that the cut shows.
const latestWords = 150

// AskLatest is the part of a network's home page that shows its newest posts;
// false for those who do not see its board.
func (s *Service) AskLatest(a *access.Actor, network uuid.UUID) (gather.Part, bool) {
	if !a.SignedIn() || !s.auth.Anywhere(a, PermView) {
		return gather.Part{}, false
	}
	return gather.Part{Key: latestPart, SQL: latestPosts}, true
}

// ReadLatest reads the rows of [Service.AskLatest].
func (s *Service) ReadLatest(f gather.Found) ([]Latest, error) {
	list, err := gather.Decode[Latest](f, latestPart)
	for i := range list {
		list[i].Words = markdown.Short(list[i].Words, latestWords)
	}
	return list, err
}

// Thread with every post of it, for exports: what is hidden or deleted has no words.
type Exported struct {
	Thread
	All []Post `json:"thread_posts"`
}

// exportPage is how many threads and posts an export holds at once.
const exportPage = 200

// Export gives every thread and entry of a network to each, in the order of
// their beginning, each with its posts: the words that every member may read. A
// thread is read in pages, so that memory holds one thread at a time. Needs
// board:view. It ends at each's first error and returns it.
func (s *Service) Export(ctx context.Context, a *access.Actor, network uuid.UUID, each func(Exported) error) error {
	if _, err := s.enter(ctx, a, network, PermView); err != nil {
		return err
	}
	after := uuid.Nil
	for {
		rows, err := exportThreads(ctx, s.db, network, after, exportPage)
		if err != nil {
			return err
		}
		for i := range rows {
			x := Exported{Thread: s.thread(nobody, &rows[i])}
			if x.All, err = s.exportPosts(ctx, rows[i].ID); err != nil {
				return err
			}
			if err := each(x); err != nil {
				return err
			}
		}
		if len(rows) < exportPage {
			return nil
		}
		after = rows[len(rows)-1].ID
	}
}

// nobody reads as somebody without any right: nothing hidden shows.
var nobody = &access.Actor{}

func (s *Service) exportPosts(ctx context.Context, thread uuid.UUID) ([]Post, error) {
	var out []Post
	for {
		rows, err := readThread(ctx, s.db, uuid.Nil, thread, len(out), exportPage)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			p, err := s.post(nobody, &rows[i], farAway)
			if err != nil {
				return nil, err
			}
			out = append(out, p)
		}
		if len(rows) < exportPage {
			return out, nil
		}
		if len(out) > maxExported {
			return nil, fault.New(fault.TooLarge, "fault.too_large")
		}
	}
}

// maxExported posts of one thread: more would not fit into memory with the rest.
const maxExported = 100_000
