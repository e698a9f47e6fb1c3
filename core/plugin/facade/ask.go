package facade

import (
	"encoding/hex"
	"fmt"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"
	"ore.edu.pl/sieci/core/effect"
	pluginv1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// From here on: core → wire.

var scopeKinds = map[effect.ScopeKind]pluginv1.ScopeKind{
	effect.Programme:  pluginv1.ScopeKind_SCOPE_KIND_PROGRAMME,
	effect.Network:    pluginv1.ScopeKind_SCOPE_KIND_NETWORK,
	effect.Group:      pluginv1.ScopeKind_SCOPE_KIND_GROUP,
	effect.Membership: pluginv1.ScopeKind_SCOPE_KIND_MEMBERSHIP,
}

func decideRequest(a *effect.Ask) (*pluginv1.DecideRequest, error) {
	snap, err := snapshot(a.Snapshot)
	if err != nil {
		return nil, err
	}
	req := &pluginv1.DecideRequest{Type: a.Type, Snapshot: snap}
	switch in := a.Input.(type) {
	case effect.Command:
		req.Input = &pluginv1.DecideRequest_Command{Command: &pluginv1.Command{
			Name: in.Name, Input: document(in.Input), SubjectId: idText(in.Subject)}}
	case effect.EventInput:
		req.Input = &pluginv1.DecideRequest_Event{Event: &pluginv1.Event{
			Id: idText(in.ID), Name: in.Name, HappenedAt: stamp(in.At), Data: document(in.Data), Depth: uint32(in.Depth), Scope: scope(in.Scope)}}
	case effect.TimerInput:
		req.Input = &pluginv1.DecideRequest_Timer{Timer: &pluginv1.Timer{
			Id: idText(in.ID), Name: in.Name, Key: in.Key, DueAt: stamp(in.Due), Data: document(in.Data)}}
	case effect.JobPage:
		req.Input = &pluginv1.DecideRequest_Job{Job: &pluginv1.JobPage{
			JobId: idText(in.Job), Name: in.Name, Input: document(in.Input), Continuation: in.Continuation, Attempt: uint32(in.Attempt)}}
	default:
		return nil, fmt.Errorf("unknown input %T", a.Input)
	}
	return req, nil
}

func snapshot(s *effect.Snapshot) (*pluginv1.Snapshot, error) {
	out := &pluginv1.Snapshot{
		DecisionId: idText(s.Decision), Now: stamp(s.Now), Zone: s.Zone, Locale: s.Locale, Seed: s.Seed, DryRun: s.DryRun,
		Actor: actor(&s.Actor), Scope: scope(s.Scope), Round: uint32(s.Round), Configuration: document(s.Configuration),
		Scopes: make([]*pluginv1.ScopeState, len(s.Scopes)), Slices: make([]*pluginv1.Slice, len(s.Slices)),
	}
	for i := range s.Scopes {
		out.Scopes[i] = scopeState(&s.Scopes[i])
	}
	for i := range s.Slices {
		sl, err := slice(&s.Slices[i])
		if err != nil {
			return nil, err
		}
		out.Slices[i] = sl
	}
	for i := range s.Aggregates {
		ag, err := aggregate(&s.Aggregates[i])
		if err != nil {
			return nil, err
		}
		out.Aggregates = append(out.Aggregates, ag)
	}
	for _, k := range s.Acknowledged {
		out.Acknowledged = append(out.Acknowledged, &pluginv1.Acknowledgement{Code: k.Code, Path: k.Path, Reason: k.Reason})
	}
	return out, nil
}

func actor(a *effect.ActorView) *pluginv1.Actor {
	if a.System {
		return &pluginv1.Actor{Actor: &pluginv1.Actor_System{System: &pluginv1.SystemForModule{}}}
	}
	p := &pluginv1.Person{Id: idText(a.Person), Roles: a.Roles, MembershipId: idText(a.Membership)}
	for _, g := range a.Groups {
		p.GroupIds = append(p.GroupIds, idText(g))
	}
	return &pluginv1.Actor{Actor: &pluginv1.Actor_Person{Person: p}}
}

func scopeState(s *effect.ScopeState) *pluginv1.ScopeState {
	_, local, _ := effect.Split(s.Type)
	out := &pluginv1.ScopeState{Scope: scope(s.Scope), Type: local, Stage: s.Stage, Writable: s.Writable, Members: uint32(max(s.Members, 0)), Kind: s.Kind}
	if !s.Parent.IsZero() {
		out.Parent = scope(s.Parent)
	}
	return out
}

// slice converts a page of rows. Rows are many: they, their scopes and their
// documents are allocated together, and rows of one scope share its message.
func slice(s *effect.Slice) (*pluginv1.Slice, error) {
	out := &pluginv1.Slice{Name: s.Name, Cursor: s.Cursor, Rows: make([]*pluginv1.Row, len(s.Rows))}
	rows, docs := make([]pluginv1.Row, len(s.Rows)), make([]pluginv1.Document, len(s.Rows))
	ids := rowIDs(s.Rows)
	var last effect.Scope
	var where *pluginv1.Scope
	for i := range s.Rows {
		r := &s.Rows[i]
		if where == nil || r.Scope != last {
			where, last = scope(r.Scope), r.Scope
		}
		docs[i].Json, docs[i].Revision = r.Data, uint32(r.Revision)
		w := &rows[i]
		w.Id, w.Version, w.Scope, w.Data = ids[i*idSize:(i+1)*idSize], r.Version, where, &docs[i]
		if len(r.Index) > 0 {
			w.Index = make(map[string]*pluginv1.Value, len(r.Index))
			for name, v := range r.Index {
				val, err := value(v)
				if err != nil {
					return nil, fmt.Errorf("row %s: index %s: %w", r.ID, name, err)
				}
				w.Index[name] = val
			}
		}
		out.Rows[i] = w
	}
	return out, nil
}

// idSize is the length of an id as text.
const idSize = 36

// rowIDs are the ids of the rows as texts, one behind the other: one piece of
// memory for all. Every row has an id.
func rowIDs(rows []effect.Row) string {
	b := make([]byte, 0, len(rows)*idSize)
	for i := range rows {
		b = appendID(b, rows[i].ID)
	}
	return string(b)
}

func appendID(b []byte, id uuid.UUID) []byte {
	for i, part := range [...][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return b
}

func aggregate(a *effect.AggregateSlice) (*pluginv1.AggregateSlice, error) {
	out := &pluginv1.AggregateSlice{Name: a.Name}
	for _, c := range a.Cells {
		cell := &pluginv1.Cell{Suppressed: c.Suppressed}
		if !c.Suppressed {
			cell.Count, cell.Sum, cell.Quantiles = c.Count, c.Sum, c.Quantiles
		}
		for _, v := range c.By {
			val, err := value(v)
			if err != nil {
				return nil, fmt.Errorf("aggregate %s: %w", a.Name, err)
			}
			cell.By = append(cell.By, val)
		}
		out.Cells = append(out.Cells, cell)
	}
	return out, nil
}

func value(v effect.Value) (*pluginv1.Value, error) {
	switch v := v.(type) {
	case nil:
		return &pluginv1.Value{}, nil
	case string:
		return &pluginv1.Value{Value: &pluginv1.Value_Text{Text: v}}, nil
	case int64:
		return &pluginv1.Value{Value: &pluginv1.Value_Integer{Integer: v}}, nil
	case float64:
		return &pluginv1.Value{Value: &pluginv1.Value_Number{Number: v}}, nil
	case bool:
		return &pluginv1.Value{Value: &pluginv1.Value_Boolean{Boolean: v}}, nil
	case effect.Date:
		t, err := time.Parse(time.DateOnly, string(v))
		if err != nil {
			return nil, err
		}
		return &pluginv1.Value{Value: &pluginv1.Value_Date{Date: &pluginv1.Date{Year: int32(t.Year()), Month: uint32(t.Month()), Day: uint32(t.Day())}}}, nil
	case time.Time:
		return &pluginv1.Value{Value: &pluginv1.Value_Instant{Instant: stamp(v)}}, nil
	case uuid.UUID:
		return &pluginv1.Value{Value: &pluginv1.Value_Ref{Ref: v.String()}}, nil
	}
	return nil, fmt.Errorf("value of type %T", v)
}

func scope(s effect.Scope) *pluginv1.Scope {
	return &pluginv1.Scope{Kind: scopeKinds[s.Kind], Id: idText(s.ID)}
}

func document(d effect.Document) *pluginv1.Document {
	if d.IsZero() {
		return nil
	}
	return &pluginv1.Document{Json: d.JSON, Revision: uint32(d.Revision)}
}

func revision(r *effect.RevisionDoc) *pluginv1.Revision {
	if r == nil {
		return nil
	}
	return &pluginv1.Revision{Version: r.Version, Data: document(r.Data)}
}

func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func idText(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}
