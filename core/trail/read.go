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
	// ExportMost is how many events one export holds.
	ExportMost = 50000
)

// List searches the account. NotFound without audit:list; Invalid for a cursor,
// a span that ends before it begins, or words too long. A search about one
// person is accounted for itself, and fails (Unavailable) when it cannot be.
func (s *Service) List(ctx context.Context, a *access.Actor, q Query) (Page, error) {
	if err := s.c.Access.Require(a, PermList, access.Place{}); err != nil {
		return Page{}, err
	}
	if q.Limit <= 0 {
		q.Limit = pageSize
	}
	q.Limit = min(q.Limit, pageMost)
	p, err := s.page(ctx, q)
	if err != nil || q.person() == "" {
		return p, err
	}
	return p, s.c.Log.Read(ctx, s.c.DB, audit.Event{Actor: a.Person, System: a.System, Action: "audit:search", ObjectKind: "person", ObjectID: q.person()})
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
	before := int64(1<<63 - 1)
	if q.After != "" {
		if before, err = strconv.ParseInt(q.After, 10, 64); err != nil {
			return p, fault.New(fault.Invalid, "trail.bad_cursor")
		}
	}
	if err := q.check(); err != nil {
		return p, err
	}
	more := q.Limit + 1
	if p.Items, err = list(ctx, s.c.DB, q, before, more); err != nil {
		return p, err
	}
	if len(p.Items) == more {
		p.Items = p.Items[:q.Limit]
		p.Next = strconv.FormatInt(p.Items[q.Limit-1].ID, 10)
	}
	return p, nil
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

// Export hands the events that q finds, the newest first and at most
// [ExportMost], to each; whether there were more is returned. That somebody
// took them away is recorded first, and without that record nothing is handed
// out. NotFound without audit:export.
func (s *Service) Export(ctx context.Context, a *access.Actor, q Query, each func([]Entry) error) (more bool, err error) {
	if err := s.c.Access.Require(a, PermExport, access.Place{}); err != nil {
		return false, err
	}
	if err := q.check(); err != nil {
		return false, err
	}
	asked, err := json.Marshal(q)
	if err != nil {
		return false, err
	}
	err = s.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.c.Log.Write(ctx, tx, audit.Event{Actor: a.Person, Action: string(PermExport), ObjectKind: "audit", ObjectID: idem.NewKey(), Value: asked})
	})
	if err != nil {
		return false, err
	}
	q.Limit, q.After = 1000, ""
	for total := 0; total < ExportMost; {
		p, err := s.page(ctx, q)
		if err != nil {
			return false, err
		}
		if err := each(p.Items); err != nil {
			return false, err
		}
		total += len(p.Items)
		if q.After = p.Next; q.After == "" {
			return false, nil
		}
	}
	return true, nil
}
