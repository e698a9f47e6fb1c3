package trail

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
)

// Query narrows the account; zero fields do not.
type Query struct {
	// Action is an act ("role:grant") or, ending in ":" or ".", what acts begin with.
	Action string
	// Actor acted; Scope is where.
	Actor, Scope uuid.UUID
	// ObjectKind and Object are what was changed; Object needs its kind.
	ObjectKind, Object string
	// From and To are days in Warsaw, both included.
	From, To time.Time
	After    string // [Page].Next of the page before
	Limit    int    // at most 100; default 50
}

// Entry is one event with what people call its actor today.
type Entry struct {
	ID     int64         `db:"id" json:"id"`
	At     time.Time     `db:"at" json:"at"`
	Actor  uuid.NullUUID `db:"actor_id" json:"actor"`
	Name   string        `db:"name" json:"actorName"`
	System string        `db:"actor_system" json:"system"`
	Action string        `db:"action" json:"action"`
	// ObjectKind and Object are what was changed, ScopeKind and Scope where.
	ObjectKind string        `db:"object_kind" json:"objectKind"`
	Object     string        `db:"object_id" json:"object"`
	ScopeKind  string        `db:"scope_kind" json:"scopeKind"`
	Scope      uuid.NullUUID `db:"scope_id" json:"scope"`
	Fields     fieldNames    `db:"fields" json:"fields"`
	Request    string        `db:"request_id" json:"request"`
	// Link is the event's number in the chain; 0 before it is sealed.
	Link int64 `db:"link" json:"link"`
}

// Page is a part of the account, the newest first.
type Page struct {
	Items []Entry
	Next  string
}

const (
	pageSize, pageMost = 50, 100
	// ExportMost is how many events one part of an export holds; some 15 MB.
	ExportMost = 50000
	// exportPage is how many of them are read at once.
	exportPage = 1000
)

// ExportMost is how many events one part of an export holds here.
func (s *Service) ExportMost() int { return s.c.ExportMost }

// Part tells which events of all that were asked for an export handed out.
type Part struct {
	// First and Last are their numbers, counted from the newest as 1; both 0 when
	// there was none.
	First, Last int64
	// Of is how many there are in all, in this part and in the others.
	Of int64
	// Next is [Query].After of the part that follows; "" when this was the last.
	Next string
}

// List searches the account. NotFound without audit:list; Invalid for a cursor,
// a span that ends before it begins, or words too long. It tells who did what,
// so that each page of it is accounted for itself, and not shown (Unavailable)
// when it cannot be.
func (s *Service) List(ctx context.Context, a *access.Actor, q Query) (Page, error) {
	if err := s.c.Access.Require(a, PermList, access.Place{}); err != nil {
		return Page{}, err
	}
	if q.Limit <= 0 {
		q.Limit = pageSize
	}
	q.Limit = min(q.Limit, pageMost)
	p, err := s.page(ctx, q)
	if err != nil {
		return Page{}, err
	}
	if err := s.c.Log.Read(ctx, s.c.DB, q.read(a)); err != nil {
		return Page{}, err
	}
	return p, nil
}

// read is what the account says of a search: about whom it was, or at which
// place, of which days, of what.
func (q *Query) read(a *access.Actor) audit.Event {
	e := audit.Event{Actor: a.Person, System: a.System, Action: "audit:search", ObjectKind: "audit"}
	if id := q.person(); id != "" {
		e.ObjectKind, e.ObjectID = "person", id
	} else if q.Scope != uuid.Nil {
		e.ObjectID = q.Scope.String()
	}
	for _, c := range []struct {
		name  string
		asked bool
	}{{"action", q.Action != ""}, {"actor", q.Actor != uuid.Nil}, {"scope", q.Scope != uuid.Nil}, {"object_kind", q.ObjectKind != ""},
		{"object", q.Object != ""}, {"from", !q.From.IsZero()}, {"to", !q.To.IsZero()}} {
		if c.asked {
			e.Fields = append(e.Fields, c.name)
		}
	}
	e.Value, _ = json.Marshal(q) // ids, words and days: always JSON
	return e
}

// person is whom the search is about: who acted, or to whom it was done; "" when
// it is about nobody in particular.
func (q *Query) person() string {
	switch {
	case q.Actor != uuid.Nil:
		return q.Actor.String()
	case q.ObjectKind == "person" || q.ObjectKind == "account":
		return q.Object
	}
	return ""
}

func (s *Service) page(ctx context.Context, q Query) (p Page, err error) {
	if err := q.check(); err != nil {
		return p, err
	}
	from, err := readCursor(q.After)
	if err != nil {
		return p, err
	}
	more := q.Limit + 1
	if p.Items, err = list(ctx, s.c.DB, q, from.before, more); err != nil {
		return p, err
	}
	if len(p.Items) == more {
		p.Items = p.Items[:q.Limit]
		p.Next = cursor{before: p.Items[q.Limit-1].ID}.String()
	}
	return p, nil
}

// cursor is where a page or a part begins: below the event before. The parts of
// one export also keep to what there was when the first was made: up to top.
type cursor struct{ before, top int64 }

const newest = 1<<63 - 1

// String is what [readCursor] reads.
func (c cursor) String() string {
	before := strconv.FormatInt(c.before, 10)
	if c.top == 0 {
		return before
	}
	return before + "-" + strconv.FormatInt(c.top, 10)
}

func readCursor(s string) (c cursor, err error) {
	if s == "" {
		return cursor{before: newest}, nil
	}
	before, top, parts := strings.Cut(s, "-")
	if c.before, err = strconv.ParseInt(before, 10, 64); err == nil && parts {
		c.top, err = strconv.ParseInt(top, 10, 64)
	}
	if err != nil || c.before < 0 || parts && c.top < c.before {
		return c, fault.New(fault.Invalid, "trail.bad_cursor")
	}
	return c, nil
}

// PartAfter is [Query].After when an export goes on from there, and "" when it
// is only where a page of the list begins.
func PartAfter(after string) string {
	if c, err := readCursor(after); err != nil || c.top == 0 {
		return ""
	}
	return after
}

func (q *Query) check() error {
	var f fault.Fields
	q.Action, q.ObjectKind, q.Object = strings.TrimSpace(q.Action), strings.TrimSpace(q.ObjectKind), strings.TrimSpace(q.Object)
	if len(q.Action) > 100 {
		f.Add("action", "trail.long")
	}
	if len(q.Object) > 100 {
		f.Add("object", "trail.long")
	}
	if len(q.ObjectKind) > 100 {
		f.Add("objectKind", "trail.long")
	} else if q.Object != "" && q.ObjectKind == "" {
		f.Add("objectKind", "trail.kind_missing")
	}
	if !q.From.IsZero() && !q.To.IsZero() && q.To.Before(q.From) {
		f.Add("to", "trail.span")
	}
	return f.Err()
}

// Export hands the events that q finds, the newest first, to each, and tells
// which of them all they were: at most [ExportMost], or Config.ExportMost; the
// next part begins at [Part].Next and knows of nothing that happened since the
// first. That somebody takes them away is recorded before, for each part, and
// without that record nothing is handed out. NotFound without audit:export;
// Invalid as [Service.List].
func (s *Service) Export(ctx context.Context, a *access.Actor, q Query, each func([]Entry) error) (Part, error) {
	if err := s.c.Access.Require(a, PermExport, access.Place{}); err != nil {
		return Part{}, err
	}
	if err := q.check(); err != nil {
		return Part{}, err
	}
	from, err := readCursor(q.After)
	if err != nil {
		return Part{}, err
	}
	// Whatever is recorded from here on, this export too, is in none of its parts.
	if from.top == 0 {
		if from, err = top(ctx, s.c.DB, from); err != nil {
			return Part{}, err
		}
	}
	asked, err := json.Marshal(q)
	if err != nil {
		return Part{}, err
	}
	err = s.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.c.Log.Write(ctx, tx, audit.Event{Actor: a.Person, Action: string(PermExport), ObjectKind: "audit", ObjectID: idem.NewKey(), Value: asked})
	})
	if err != nil {
		return Part{}, err
	}
	return s.part(ctx, q, from, each)
}

// part reads the events of one part and counts the others.
func (s *Service) part(ctx context.Context, q Query, from cursor, each func([]Entry) error) (p Part, err error) {
	var n int64
	at := from.before
	for p.Next == "" {
		left := min(exportPage, s.c.ExportMost-int(n))
		rows, err := list(ctx, s.c.DB, q, at, left+1)
		if err != nil {
			return p, err
		}
		more := len(rows) > left
		rows = rows[:min(left, len(rows))]
		if err := each(rows); err != nil {
			return p, err
		}
		if n += int64(len(rows)); !more {
			break
		}
		at = rows[left-1].ID
		if n == int64(s.c.ExportMost) {
			p.Next = cursor{at, from.top}.String()
		}
	}
	newer := int64(0)
	if p.Of = n; p.Next != "" || from.before <= from.top {
		if newer, p.Of, err = count(ctx, s.c.DB, q, from); err != nil {
			return p, err
		}
	}
	if n > 0 {
		p.First, p.Last = newer+1, newer+n
	}
	return p, nil
}
