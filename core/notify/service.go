package notify

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/job"
)

// Self is the permission to read one's own notifications.
const Self access.Permission = "notification:self"

// Config of the service; every field but FreeDay, From and MailPause is required.
type Config struct {
	DB     *db.DB
	Access *access.Authorizer
	Clock  clock.Clock
	Jobs   *job.Client
	People People
	Sender Sender
	// Audit notes changed settings.
	Audit *audit.Log
	// Networks names networks in digests and lists those of a person.
	Networks Networks
	// FreeDay tells days on which those who wish so get no letters; nil for none.
	FreeDay FreeDay
	// Secret keys the links that stop letters; at least 16 bytes.
	Secret []byte
	// BaseURL stands before links, without a slash at its end.
	BaseURL string
	// From is the sender's address; default sieci@localhost.
	From string
	// MailPause is the pause before the attempt after the given one; default
	// 1, 4, 16 minutes … at most 6 hours. Tests shorten it.
	MailPause func(attempt int) time.Duration
}

// Service tells people things. Safe for concurrent use.
type Service struct{ c Config }

// New makes the service and adds its job kinds to c.Jobs.
func New(c Config) *Service {
	c.From = cmp.Or(c.From, "sieci@localhost")
	if c.MailPause == nil {
		c.MailPause = mailPause
	}
	s := &Service{c}
	job.Add(c.Jobs, job.Options{Title: "notify.job.mail", Timeout: mailTimeout, MaxAttempts: mailAttempts, Pause: c.MailPause}, s.mail)
	job.Add(c.Jobs, job.Options{Title: "notify.job.sweep", Every: 6 * time.Hour}, s.sweep)
	job.Add(c.Jobs, job.Options{Title: "notify.job.digest", Every: digestEvery, Timeout: digestTimeout}, s.digest)
	return s
}

// Send tells m as part of the transaction: rows for the list, letters into the
// outbox and a job for each; what has no letter of its own waits for the
// digest. No permission is checked: the calling service has
// decided. A wrong message is a programmer error (Internal).
func (s *Service) Send(ctx context.Context, tx *db.Tx, m Message) error {
	if err := m.check(); err != nil {
		return err
	}
	t, err := storedText(&m)
	if err != nil {
		return err
	}
	now := s.c.Clock.Now()
	var letters []letterRow
	if len(m.To) > 0 && !m.MailOnly {
		told, err := insertNotifications(ctx, tx, m.To, t, &m, now, s.free(now))
		if err != nil {
			return fmt.Errorf("notify: %w", err)
		}
		if !m.Mail { // those who asked to hear of this network at once
			for _, r := range told {
				if r.Mailing == ownLetter {
					letters = append(letters, letterRow{Person: uuid.NullUUID{UUID: r.Person, Valid: true},
						Network: uuid.NullUUID{UUID: m.Network, Valid: true}})
				}
			}
		}
	}
	if m.Mail || m.MailOnly {
		for _, p := range m.To {
			letters = append(letters, letterRow{Person: uuid.NullUUID{UUID: p, Valid: true}})
		}
	}
	for _, a := range m.Addresses {
		letters = append(letters, letterRow{Address: a.Mail, Lang: string(cmp.Or(a.Lang, i18n.Polish))})
	}
	if len(letters) == 0 {
		return nil
	}
	ids, err := insertLetters(ctx, tx, letters, t, m.Once)
	if err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	jobs := make([]job.Args, len(ids))
	for i, id := range ids {
		jobs[i] = MailArgs{Letter: id}
	}
	_, err = s.c.Jobs.InsertMany(ctx, tx, jobs, nil)
	return err
}

// Item is a line of the list, in the reader's language.
type Item struct {
	ID    uuid.UUID
	Title string
	Text  string
	// Link is a path on the platform or ""; Action is what it is called.
	Link, Action string
	At           time.Time
	Read         bool
}

// Page of the list, the newest first. Next is empty on the last one.
type Page struct {
	Items []Item
	Next  string
}

// pageSize of the list; the largest that a caller may ask for is 100.
const pageSize = 30

// List shows the actor's own notifications after the cursor, in the language
// of ctx. Unauthenticated for guests; Invalid for a wrong cursor.
func (s *Service) List(ctx context.Context, a *access.Actor, cursor string, limit int) (Page, error) {
	if err := s.own(a); err != nil {
		return Page{}, err
	}
	if limit <= 0 {
		limit = pageSize
	}
	limit = min(limit, 100)
	before := uuid.Max
	if cursor != "" {
		id, err := uuid.Parse(cursor)
		if err != nil {
			return Page{}, fault.New(fault.Invalid, "notify.bad_cursor")
		}
		before = id
	}
	rows, err := listNotifications(ctx, s.c.DB, a.Person, before, limit+1)
	if err != nil {
		return Page{}, err
	}
	var p Page
	if len(rows) > limit {
		rows = rows[:limit]
		p.Next = rows[limit-1].ID.String()
	}
	l := i18n.FromContext(ctx)
	for i := range rows {
		r := &rows[i]
		w, err := r.words(l)
		if err != nil {
			return Page{}, err
		}
		p.Items = append(p.Items, Item{ID: r.ID, Title: w.Title, Text: w.Text, Link: r.Link, Action: w.Action, At: r.CreatedAt, Read: r.ReadAt != nil})
	}
	return p, nil
}

// AskUnread is the part of a page that counts the actor's unread notifications;
// false for whoever has none.
func (s *Service) AskUnread(a *access.Actor) (gather.Part, bool) {
	return gather.Part{Key: unreadPart, SQL: unread}, s.own(a) == nil
}

// ReadUnread is the count of [Service.AskUnread], up to 100 (shown as "99+").
func (s *Service) ReadUnread(f gather.Found) (int, error) {
	rows, err := gather.Decode[struct{ N int }](f, unreadPart)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].N, nil
}

// MarkRead marks the actor's own notifications as read; ids of others are
// ignored. It is not audited: it changes nothing but a mark.
func (s *Service) MarkRead(ctx context.Context, a *access.Actor, ids []uuid.UUID) error {
	if err := s.own(a); err != nil {
		return err
	}
	return markRead(ctx, s.c.DB, a.Person, ids, s.c.Clock.Now())
}

// MarkAllRead marks all that the actor has, up to the notification that they
// saw first on their page (seen), so that one which came since stays unread.
func (s *Service) MarkAllRead(ctx context.Context, a *access.Actor, seen uuid.UUID) error {
	if err := s.own(a); err != nil {
		return err
	}
	return markAllRead(ctx, s.c.DB, a.Person, seen, s.c.Clock.Now())
}

// Erase removes what a person was told, as part of the erasure of their account.
func (s *Service) Erase(ctx context.Context, tx *db.Tx, person uuid.UUID) error {
	return erase(ctx, tx, person)
}

func (s *Service) own(a *access.Actor) error {
	if !a.SignedIn() {
		return fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	return s.c.Access.Require(a, Self, access.Place{})
}
