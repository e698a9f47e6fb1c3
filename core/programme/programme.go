package programme

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
)

// The permissions of people on programmes, at the programme's place.
const (
	View access.Permission = "programme:view"
	Edit access.Permission = "programme:edit"
)

// Programme is a parent of networks and groups.
type Programme struct {
	ID     uuid.UUID `json:"id"`
	Code   string    `json:"code"`
	Title  string    `json:"title"`
	Type   string    `json:"type,omitempty"` // qualified; empty when no module runs it
	Centre uuid.UUID `json:"centre,omitzero"`
	Stage  string    `json:"stage,omitempty"`
	Starts time.Time `json:"starts,omitzero"` // a day
	Ends   time.Time `json:"ends,omitzero"`   // a day
	Closed bool      `json:"closed"`
	// Open: networks of its centre and territory enter by themselves; else the
	// programme answers each request.
	Open     bool  `json:"open_to_networks"`
	Groups   int   `json:"groups"`
	Networks int   `json:"networks"`
	Version  int64 `json:"version"`
}

func (p *Programme) place() access.Place { return access.Place{Programme: p.ID, Centre: p.Centre} }

// Indicator is a counter with a target.
type Indicator struct {
	ID       uuid.UUID   `json:"id"`
	Code     string      `json:"code"`
	Title    effect.Text `json:"title"`
	Unit     effect.Text `json:"unit,omitempty"`
	Target   int64       `json:"target"`
	Achieved int64       `json:"achieved"`
	Version  int64       `json:"version"`
}

// NewProgramme is a programme to be made.
type NewProgramme struct {
	// Code is a short name: capital letters, digits, hyphens; unique.
	Code   string `json:"code"`
	Title  string `json:"title"`
	Type   string `json:"type"`
	Centre uuid.UUID
	Starts time.Time
	Ends   time.Time
	// Founding are answers to the type's founding form.
	Founding effect.Document
}

// Change is an edit of a programme at a version.
type Change struct {
	Title   string
	Centre  uuid.UUID
	Starts  time.Time
	Ends    time.Time
	Version int64
}

var codeForm = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{1,19}$`)

func checkTitle(f *fault.Fields, path, s string) {
	switch n := utf8.RuneCountInString(strings.TrimSpace(s)); {
	case n == 0:
		f.Add(path, "programme.title_missing")
	case n > 200:
		f.Add(path, "programme.title_long", "Max", 200)
	}
}

func checkPeriod(f *fault.Fields, starts, ends time.Time) {
	if !starts.IsZero() && !ends.IsZero() && ends.Before(starts) {
		f.Add("ends", "programme.ends_before")
	}
}

// Create makes a programme with the indicators of its type, at their usual
// targets. Needs [Edit] on the platform. Invalid names the field; the module of
// the type is asked and may refuse (fields, with the outcome's sentences) or add effects.
func (s *Service) Create(ctx context.Context, a *access.Actor, in NewProgramme) (*Programme, error) {
	if err := s.auth.Require(a, Edit, access.Place{}); err != nil {
		return nil, err
	}
	var bad fault.Fields
	in.Code = strings.ToUpper(strings.TrimSpace(in.Code))
	if !codeForm.MatchString(in.Code) {
		bad.Add("code", "programme.code")
	}
	checkTitle(&bad, "title", in.Title)
	checkPeriod(&bad, in.Starts, in.Ends)
	var typ *effect.ProgrammeType
	if in.Type != "" {
		var err error
		if typ, err = s.programmeType(in.Type); fault.Is(err, fault.NotFound) {
			bad.Add("type", "programme.unknown_type")
		} else if err != nil {
			return nil, err
		} else if m, err := s.modules.Module(in.Type); err != nil {
			return nil, err
		} else if !m.Info().At(in.Centre) { // uuid.Nil too: enabled for some centres is not for the platform
			bad.Add("type", "programme.type_elsewhere")
		}
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	decision, err := decisionID(ctx, a, "programme.create")
	if err != nil {
		return nil, err
	}
	p := &Programme{
		ID: effect.HandleID(decision, "programme"), Code: in.Code, Title: strings.TrimSpace(in.Title), Type: in.Type,
		Centre: in.Centre, Starts: in.Starts, Ends: in.Ends, Version: 1,
	}
	if typ != nil {
		p.Stage = typ.Stages[0].Name
		return p, s.found(ctx, a, decision, p, typ, in.Founding)
	}
	_, err = act(ctx, s, a, "programme.create", in, func(ctx context.Context, tx *db.Tx) (bool, error) {
		return true, s.insert(ctx, tx, a, p, nil)
	})
	return p, err
}

// decisionID is the same for repeats under one idempotency key.
func decisionID(ctx context.Context, a *access.Actor, operation string) (uuid.UUID, error) {
	if key := idem.Key(ctx); key != "" {
		return uuid.NewSHA1(a.Person, []byte(operation+"/"+key)), nil
	}
	return uuid.NewV7()
}

// programmeType finds a type of an enabled module.
func (s *Service) programmeType(qualified string) (*effect.ProgrammeType, error) {
	m, err := s.modules.Module(qualified)
	if err != nil {
		return nil, err
	}
	_, local, _ := effect.Split(qualified)
	t, ok := m.Info().Description.ProgrammeType(local)
	if !ok || !m.Info().Enabled || len(t.Stages) == 0 {
		return nil, fault.ErrNotFound
	}
	return t, nil
}

// found asks the module, which may refuse or add effects, and makes the programme.
func (s *Service) found(ctx context.Context, a *access.Actor, decision uuid.UUID, p *Programme, typ *effect.ProgrammeType, founding effect.Document) error {
	scope := effect.Scope{Kind: effect.Programme, ID: p.ID}
	_, err := s.engine.Decide(access.With(ctx, a), &effect.Request{
		ID: decision, Type: p.Type, Scope: scope, Input: effect.Command{Name: "found", Input: founding},
		Founding: &effect.ScopeState{Scope: scope, Type: p.Type, Stage: p.Stage, Place: p.place()},
		Before: func(ctx context.Context, tx *db.Tx, _ *effect.Decision) error {
			return s.insert(ctx, tx, a, p, typ)
		},
	})
	return err
}

func (s *Service) insert(ctx context.Context, tx *db.Tx, a *access.Actor, p *Programme, typ *effect.ProgrammeType) error {
	if err := insertProgramme(ctx, tx, p, s.clock.Now()); err != nil {
		return err
	}
	if typ != nil {
		for _, i := range typ.Indicators {
			if err := insertIndicator(ctx, tx, p.ID, i); err != nil {
				return err
			}
		}
	}
	return s.audit.Write(ctx, tx, audit.Event{
		Actor: a.Person, System: a.System, Action: "programme:create", ObjectKind: "programme", ObjectID: p.ID.String(),
		ScopeKind: "programme", ScopeID: p.ID, Fields: []string{"code", "title", "type", "centre", "starts", "ends"},
	})
}

// Update changes a programme. Needs [Edit] at its place. Conflict when it is
// no longer at in.Version.
func (s *Service) Update(ctx context.Context, a *access.Actor, id uuid.UUID, in Change) error {
	var bad fault.Fields
	checkTitle(&bad, "title", in.Title)
	checkPeriod(&bad, in.Starts, in.Ends)
	if err := bad.Err(); err != nil {
		return err
	}
	_, err := act(ctx, s, a, "programme.update", struct {
		ID uuid.UUID
		In Change
	}{id, in}, func(ctx context.Context, tx *db.Tx) (bool, error) {
		p, err := findProgramme(ctx, tx, id)
		if err != nil {
			return false, err
		}
		if err := s.auth.Require(a, Edit, p.place()); err != nil {
			return false, err
		}
		n, err := updateProgramme(ctx, tx, id, in)
		if err != nil {
			return false, err
		}
		if n == 0 {
			return false, fault.New(fault.Conflict, "fault.conflict")
		}
		return true, s.audit.Write(ctx, tx, audit.Event{
			Actor: a.Person, System: a.System, Action: "programme:edit", ObjectKind: "programme", ObjectID: id.String(),
			ScopeKind: "programme", ScopeID: id, Fields: []string{"title", "centre", "starts", "ends"},
		})
	})
	return err
}

// SetOpen says whether networks of the programme's centre and territory enter it by
// themselves. Requests that wait go on waiting. Needs [Edit] at its place.
func (s *Service) SetOpen(ctx context.Context, a *access.Actor, id uuid.UUID, open bool) error {
	return s.change(ctx, a, id, "programme.open", open, func(ctx context.Context, tx *db.Tx) error { return setOpen(ctx, tx, id, open) }, "open_to_networks")
}

// Get returns a programme. Needs [View] at its place.
func (s *Service) Get(ctx context.Context, a *access.Actor, id uuid.UUID) (*Programme, error) {
	p, err := findProgramme(ctx, s.db, id)
	if err != nil {
		return nil, err
	}
	return p, s.auth.Require(a, View, p.place())
}

// Page is a page of a list; Next is empty on the last one.
type Page[T any] struct {
	Items []T
	Next  string
}

// List returns the programmes that the actor has [View] of, by title, limit
// 1–100 (0 = 50).
func (s *Service) List(ctx context.Context, a *access.Actor, after string, limit int) (Page[Programme], error) {
	return s.ListAsOf(ctx, a, time.Time{}, after, limit)
}

// ListAsOf is [Service.List] as of the end of a day (midnight UTC): the programmes
// that there were, closed or not by then, with the networks and groups that they
// had. Names are today's. The zero day is now; Invalid "day" for a day to come.
func (s *Service) ListAsOf(ctx context.Context, a *access.Actor, day time.Time, after string, limit int) (Page[Programme], error) {
	var title string
	id := uuid.Nil
	if day.After(s.today()) || !day.IsZero() && day.Year() < 2000 {
		return Page[Programme]{}, fault.InvalidFields(fault.Field{Path: "day", Key: "programme.day"})
	}
	if after != "" {
		c, err := s.key.Open([]byte("programmes"), after, 1)
		if err != nil {
			return Page[Programme]{}, err
		}
		title, id = *c.Values[0], c.ID
	}
	limit = pageLimit(limit)
	r := s.auth.Reach(a, View)
	var items []Programme
	var err error
	if day.IsZero() {
		items, err = listProgrammes(ctx, s.db, &r, title, id, limit+1)
	} else {
		items, err = listProgrammesAt(ctx, s.db, &r, endOf(day), title, id, limit+1)
	}
	if err != nil {
		return Page[Programme]{}, err
	}
	return page(s.key, []byte("programmes"), items, limit, func(p *Programme) (string, uuid.UUID) { return p.Title, p.ID })
}

// endOf is the last moment of a day in Poland.
func endOf(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, clock.Warsaw).Add(-time.Microsecond)
}

// Indicators lists the indicators of a programme, at most 100. Needs [View].
func (s *Service) Indicators(ctx context.Context, a *access.Actor, programme uuid.UUID) ([]Indicator, error) {
	var out []Indicator
	err := db.Together(ctx, s.db,
		func(ctx context.Context, _ db.Q) error { _, err := s.Get(ctx, a, programme); return err },
		func(ctx context.Context, q db.Q) (err error) {
			out, err = listIndicators(ctx, q, programme)
			return err
		})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// SetTarget changes the target of an indicator. Needs [Edit] at the programme's
// place. Conflict when the indicator is no longer at version.
func (s *Service) SetTarget(ctx context.Context, a *access.Actor, programme uuid.UUID, code string, target, version int64) error {
	if target < 0 || target > 1_000_000_000 {
		return fault.InvalidFields(fault.Field{Path: "target", Key: "programme.target"})
	}
	_, err := act(ctx, s, a, "programme.target", []any{programme, code, target, version}, func(ctx context.Context, tx *db.Tx) (bool, error) {
		p, err := findProgramme(ctx, tx, programme)
		if err != nil {
			return false, err
		}
		if err := s.auth.Require(a, Edit, p.place()); err != nil {
			return false, err
		}
		n, err := updateTarget(ctx, tx, programme, code, target, version)
		if err != nil {
			return false, err
		}
		if n == 0 {
			return false, fault.New(fault.Conflict, "fault.conflict")
		}
		return true, s.audit.Write(ctx, tx, audit.Event{
			Actor: a.Person, System: a.System, Action: "programme:target", ObjectKind: "indicator", ObjectID: code,
			ScopeKind: "programme", ScopeID: programme, Fields: []string{"target"},
		})
	})
	return err
}

func jsonText(t effect.Text) string {
	if t == nil {
		return "{}"
	}
	raw, err := json.Marshal(t)
	if err != nil {
		panic(fmt.Errorf("programme: text: %w", err)) // a map of strings always marshals
	}
	return string(raw)
}
