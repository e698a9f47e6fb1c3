// Package trailapi offers the account of changes to inspectors' programs.
package trailapi

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/trail"
)

// Conditions narrow an export; its name begins with a capital for the body that
// embeds it.
type Conditions struct {
	Action     string `query:"action" json:"action,omitempty" maxLength:"100" doc:"An act (role:grant) or, ending in : or ., what acts begin with."`
	Actor      string `query:"actor" json:"actor,omitempty" maxLength:"36" doc:"Who acted: the id of a person."`
	Scope      string `query:"scope" json:"scope,omitempty" maxLength:"36" doc:"Where: the id of a network, centre, programme, group or institution."`
	ObjectKind string `query:"objectKind" json:"objectKind,omitempty" maxLength:"100"`
	Object     string `query:"object" json:"object,omitempty" maxLength:"100" doc:"What was changed; with objectKind."`
	From       string `query:"from" json:"from,omitempty" format:"date" doc:"A day in Warsaw, included."`
	To         string `query:"to" json:"to,omitempty" format:"date" doc:"A day in Warsaw, included."`
}

func (c Conditions) query() (trail.Query, error) {
	var f fault.Fields
	id := func(path, s string) uuid.UUID {
		if s == "" {
			return uuid.Nil
		}
		u, err := uuid.Parse(s)
		if err != nil {
			f.Add(path, "trail.page.bad_id")
		}
		return u
	}
	day := func(s string) time.Time {
		t, _ := time.Parse(time.DateOnly, s) // the schema has checked the form
		return t
	}
	q := trail.Query{Action: c.Action, Actor: id("actor", c.Actor), Scope: id("scope", c.Scope), ObjectKind: c.ObjectKind, Object: c.Object,
		From: day(c.From), To: day(c.To)}
	return q, f.Err()
}

type listIn struct {
	kit.PageIn
	Action     string `query:"action" maxLength:"100" doc:"An act (role:grant) or, ending in : or ., what acts begin with."`
	Actor      string `query:"actor" maxLength:"36" doc:"Who acted: the id of a person."`
	Scope      string `query:"scope" maxLength:"36" doc:"Where: the id of a network, centre, programme, group or institution."`
	ObjectKind string `query:"objectKind" maxLength:"100"`
	Object     string `query:"object" maxLength:"100" doc:"What was changed; with objectKind."`
	From       string `query:"from" format:"date" doc:"A day in Warsaw, included."`
	To         string `query:"to" format:"date" doc:"A day in Warsaw, included."`
}

type entry struct {
	ID         int64     `json:"id"`
	Link       int64     `json:"link" doc:"Number in the sealed chain; 0 before the event is sealed."`
	At         time.Time `json:"at"`
	Actor      string    `json:"actor,omitempty"`
	ActorName  string    `json:"actorName,omitempty"`
	System     string    `json:"system,omitempty"`
	Action     string    `json:"action"`
	Words      string    `json:"words" doc:"The act for people, in the language asked for."`
	ObjectKind string    `json:"objectKind"`
	Object     string    `json:"object"`
	ScopeKind  string    `json:"scopeKind,omitempty"`
	Scope      string    `json:"scope,omitempty"`
	Fields     []string  `json:"fields"`
	Request    string    `json:"request,omitempty"`
}

func entryOf(ctx context.Context, e *trail.Entry) entry {
	out := entry{ID: e.ID, Link: e.Link, At: e.At.UTC(), ActorName: e.Name, System: e.System, Action: e.Action,
		Words: trail.Words(i18n.FromContext(ctx), e.Action), ObjectKind: e.ObjectKind, Object: e.Object, ScopeKind: e.ScopeKind,
		Fields: append([]string{}, e.Fields...), Request: e.Request}
	if e.Actor.Valid {
		out.Actor = e.Actor.UUID.String()
	}
	if e.Scope.Valid {
		out.Scope = e.Scope.UUID.String()
	}
	return out
}

type listOut struct{ Body kit.List[entry] }

type exportIn struct {
	Body struct {
		Conditions
		After string `json:"after,omitempty" maxLength:"50" doc:"For the part that follows: next of the last one, with the same conditions."`
	}
}

type exportOut struct {
	Body struct {
		Items   []entry `json:"items"`
		First   int64   `json:"first" doc:"Which of all events the first one here is, the newest being 1; 0 when there is none."`
		Last    int64   `json:"last"`
		Of      int64   `json:"of" doc:"How many events meet the conditions, in this part and in the others."`
		More    bool    `json:"more" doc:"Another part follows."`
		Further string  `json:"next,omitempty" doc:"Give it as after for the next part; missing on the last."`
	}
}

// Register adds the operations.
func Register(a *kit.API, s *trail.Service) {
	kit.Register(a, kit.Op{ID: "listAudit", Method: "GET", Path: "/audit", Perm: trail.PermList, Summary: "Search the account of changes, the newest first."},
		func(ctx context.Context, in *listIn) (*listOut, error) {
			q, err := Conditions{in.Action, in.Actor, in.Scope, in.ObjectKind, in.Object, in.From, in.To}.query()
			if err != nil {
				return nil, err
			}
			q.After, q.Limit = in.After, in.Limit
			p, err := s.List(ctx, access.From(ctx), q)
			out := make([]entry, len(p.Items))
			for i := range p.Items {
				out[i] = entryOf(ctx, &p.Items[i])
			}
			return &listOut{kit.Page(out, p.Next)}, err
		})
	kit.Register(a, kit.Op{ID: "exportAudit", Fresh: true, Method: "POST", Path: "/audit/export", Perm: trail.PermExport,
		Summary:     "Take the account of changes away in parts of at most 50,000 events, the newest first; each part is recorded itself.",
		Description: "The parts of one export tell nothing of what happened since the first."},
		func(ctx context.Context, in *exportIn) (*exportOut, error) {
			q, err := in.Body.query()
			if err != nil {
				return nil, err
			}
			q.After = in.Body.After
			out := &exportOut{}
			out.Body.Items = []entry{}
			part, err := s.Export(ctx, access.From(ctx), q, func(list []trail.Entry) error {
				for i := range list {
					out.Body.Items = append(out.Body.Items, entryOf(ctx, &list[i]))
				}
				return nil
			})
			out.Body.First, out.Body.Last, out.Body.Of, out.Body.Further, out.Body.More = part.First, part.Last, part.Of, part.Next, part.Next != ""
			return out, err
		})
}
