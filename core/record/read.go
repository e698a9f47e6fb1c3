package record

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
)

// The permissions of people on records, at the place of the record's scope.
const (
	// View lets see the declared columns of the scope's records and the whole of
	// one's own.
	View access.Permission = "record:view"
	// Manage lets see everybody's, whole.
	Manage access.Permission = "record:manage"
)

// KindInfo is a kind that has records in a scope.
type KindInfo struct {
	Module string `json:"module"`
	Kind   string `json:"kind"`
	Title  string `json:"title"`
	// Columns are the headings of the list, in the reader's language.
	Columns []string `json:"columns"`
	Count   int      `json:"count"`
}

// Item is a record in the core's own list: its declared columns only.
type Item struct {
	ID        uuid.UUID `json:"id"`
	Columns   []any     `json:"columns"`
	Person    uuid.UUID `json:"person,omitzero"`
	Closed    bool      `json:"closed"`
	CreatedAt time.Time `json:"created_at"`
	Version   int64     `json:"version"`
}

// List is a page of records of one kind; Next is empty on the last page.
type List struct {
	KindInfo
	Items []Item `json:"items"`
	Next  string `json:"next,omitempty"`
}

// Record is one record, whole.
type Record struct {
	ID        uuid.UUID       `json:"id"`
	Module    string          `json:"module"`
	Kind      string          `json:"kind"`
	Title     string          `json:"title"`
	Scope     effect.Scope    `json:"scope"`
	Person    uuid.UUID       `json:"person,omitzero"`
	Data      json.RawMessage `json:"data"`
	FormRev   int             `json:"form_revision"`
	Form      *form.Form      `json:"-"`
	Answers   form.Answers    `json:"-"`
	ClosedAt  *time.Time      `json:"closed_at,omitempty"`
	Note      string          `json:"note,omitempty"`
	CreatedAt time.Time       `json:"created_at"`
	ChangedAt time.Time       `json:"changed_at"`
	Version   int64           `json:"version"`
	Earlier   []Version       `json:"earlier,omitempty"`
}

// Version is an earlier content of a record.
type Version struct {
	Version int64           `json:"version"`
	FormRev int             `json:"form_revision"`
	Data    json.RawMessage `json:"data"`
	At      time.Time       `json:"at"`
}

// Kinds lists the kinds that have records in the scope and that the core can
// show: those with declared columns, and for [Manage] all. Needs [View] there.
func (s *Service) Kinds(ctx context.Context, a *access.Actor, scope effect.Scope) ([]KindInfo, error) {
	all, err := s.may(ctx, a, scope)
	if err != nil {
		return nil, err
	}
	rows, err := countKinds(ctx, s.db, scope.ID)
	if err != nil {
		return nil, err
	}
	var out []KindInfo
	for _, r := range rows {
		k, err := s.kind(ctx, s.db, r.Module, r.Kind)
		if err != nil {
			return nil, err
		}
		if len(k.Columns) == 0 && !all {
			continue
		}
		info, err := s.info(ctx, k)
		if err != nil {
			return nil, err
		}
		info.Count = r.N
		out = append(out, info)
	}
	return out, nil
}

// may reports whether the actor sees everybody's records of the scope; an error
// when none.
func (s *Service) may(ctx context.Context, a *access.Actor, scope effect.Scope) (all bool, err error) {
	all, _, err = s.mayAt(ctx, a, scope)
	return all, err
}

// mayAt is may with the place of the scope.
func (s *Service) mayAt(ctx context.Context, a *access.Actor, scope effect.Scope) (all bool, at access.Place, err error) {
	st, err := s.scopes.State(ctx, s.db, scope)
	if err != nil {
		return false, at, err
	}
	if err := s.access.Require(a, View, st.Place); err != nil {
		return false, at, err
	}
	return s.access.Can(a, Manage, st.Place), st.Place, nil
}

func (s *Service) info(ctx context.Context, k *kind) (KindInfo, error) {
	out := KindInfo{Module: k.module, Kind: k.Name, Title: k.Title.In(string(i18n.FromContext(ctx)))}
	f, err := s.form(ctx, s.db, k.module, k.Name, k.Form.Revision)
	if err != nil {
		return out, err
	}
	for _, c := range k.Columns {
		if it := f.ItemAt(c); it != nil {
			out.Columns = append(out.Columns, it.Label.In(i18n.FromContext(ctx)))
		}
	}
	return out, nil
}

// List shows the records of a kind in a scope, the newest first, limit 1–100
// (0 = 50), from the cursor of the page before. It needs no module: this is
// what people read while one is down. Needs [View]; without [Manage] the scope's
// records and one's own. NotFound for a kind that is unknown or not shown.
func (s *Service) List(ctx context.Context, a *access.Actor, scope effect.Scope, module, name, cursorText string, limit int) (*List, error) {
	all, err := s.may(ctx, a, scope)
	if err != nil {
		return nil, err
	}
	k, err := s.kind(ctx, s.db, module, name)
	if err != nil {
		return nil, err
	}
	if len(k.Columns) == 0 && !all {
		return nil, fault.ErrNotFound
	}
	if limit <= 0 {
		limit = 50
	}
	limit = min(limit, 100)
	before, beforeID := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), uuid.Max
	sum := []byte("list/" + scope.String() + "/" + module + "/" + name)
	if cursorText != "" {
		c, err := s.key.Open(sum, cursorText, 1)
		if err != nil || c.Values[0] == nil {
			return nil, fault.InvalidFields(fault.Field{Path: "cursor", Key: "keyset.cursor"})
		}
		if before, err = time.Parse(time.RFC3339Nano, *c.Values[0]); err != nil {
			return nil, fault.InvalidFields(fault.Field{Path: "cursor", Key: "keyset.cursor"})
		}
		beforeID = c.ID
	}
	rows, err := listRows(ctx, s.db, scope.ID, module, name, all, a.Person, before, beforeID, limit+1)
	if err != nil {
		return nil, err
	}
	return s.list(ctx, k, rows, sum, limit)
}

func (s *Service) list(ctx context.Context, k *kind, rows []row, sum []byte, limit int) (*List, error) {
	info, err := s.info(ctx, k)
	if err != nil {
		return nil, err
	}
	out := &List{KindInfo: info, Items: []Item{}}
	if len(rows) > limit {
		rows = rows[:limit]
		at := rows[limit-1].CreatedAt.UTC().Format(time.RFC3339Nano)
		if out.Next, err = s.key.Seal(sum, keyset.Cursor{Values: []*string{&at}, ID: rows[limit-1].ID}); err != nil {
			return nil, err
		}
	}
	for i := range rows {
		r := &rows[i]
		it := Item{ID: r.ID, Person: r.Person.UUID, Closed: r.ClosedAt != nil, CreatedAt: r.CreatedAt, Version: r.Version}
		f, err := s.form(ctx, s.db, k.module, k.Name, r.FormRev)
		if err != nil {
			return nil, err
		}
		answers, _ := form.DecodeAnswers(f, r.Data)
		for _, c := range k.Columns {
			v, _ := answers.At(c)
			it.Columns = append(it.Columns, v)
		}
		out.Items = append(out.Items, it)
	}
	return out, nil
}

// Show returns one record whole, with at most 50 earlier versions. Needs
// [Manage] at its place, or that the record is the actor's own and [View]. For
// somebody without a role in its scope it is accounted for.
func (s *Service) Show(ctx context.Context, a *access.Actor, id uuid.UUID) (*Record, error) {
	r, err := find(ctx, s.db, id)
	if err != nil {
		return nil, err
	}
	all, at, err := s.mayAt(ctx, a, r.scope())
	if err != nil {
		return nil, err
	}
	me := a.Person
	if !all && (me == uuid.Nil || r.Person.UUID != me && r.Author.UUID != me) {
		return nil, fault.ErrNotFound
	}
	k, err := s.kind(ctx, s.db, r.Module, r.Kind)
	if err != nil {
		return nil, err
	}
	f, err := s.form(ctx, s.db, r.Module, r.Kind, r.FormRev)
	if err != nil {
		return nil, err
	}
	out := &Record{
		ID: r.ID, Module: r.Module, Kind: r.Kind, Title: k.Title.In(string(i18n.FromContext(ctx))), Scope: r.scope(),
		Person: r.Person.UUID, Data: r.Data, FormRev: r.FormRev, Form: f, ClosedAt: r.ClosedAt, Note: r.ClosedNote,
		CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt, Version: r.Version,
	}
	out.Answers, _ = form.DecodeAnswers(f, r.Data)
	earlier, err := listVersions(ctx, s.db, id, r.Version, 50)
	if err != nil {
		return nil, err
	}
	for _, v := range earlier {
		out.Earlier = append(out.Earlier, Version{Version: v.Version, FormRev: v.FormRev, Data: v.Data, At: v.At})
	}
	if me == uuid.Nil || r.Person.UUID == me || r.Author.UUID == me || a.OnOneOf(at) {
		return out, nil
	}
	return out, s.audit.Read(ctx, s.db, audit.Event{Actor: me, Action: "record:read", ObjectKind: "record", ObjectID: id.String(),
		ScopeKind: string(r.scope().Kind), ScopeID: r.scope().ID})
}

// Content is the data of a record of the module at a version, for a view that
// compares two of them; 0 = the current one. It authorises nothing: whoever
// shows the view has.
func (s *Service) Content(ctx context.Context, q db.Q, module string, id uuid.UUID, version int64) (*effect.RevisionDoc, error) {
	r, err := find(ctx, q, id)
	if err != nil {
		return nil, err
	}
	if r.Module != module {
		return nil, fault.ErrNotFound
	}
	if version == 0 || version == r.Version {
		return &effect.RevisionDoc{Version: r.Version, Data: effect.Document{JSON: r.Data, Revision: r.FormRev}}, nil
	}
	list, err := listVersions(ctx, q, id, version+1, 1)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || list[0].Version != version {
		return nil, fault.ErrNotFound
	}
	return &effect.RevisionDoc{Version: version, Data: effect.Document{JSON: list[0].Data, Revision: list[0].FormRev}}, nil
}
