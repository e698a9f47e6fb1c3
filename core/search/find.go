package search

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/gather"
)

// PermSearch is the permission to search: everybody, each as far as they see.
const PermSearch access.Permission = "search:find"

// Limits of results.
const (
	// MaxResults is how far one can page in a query's results.
	MaxResults = 200
	PageSize   = 20
	// Few is how many results of each kind an overview shows.
	Few = 5
)

// Ask is a question.
type Ask struct {
	Text string
	// Kind narrows to one kind and pages through it; "" gives the first few of each.
	Kind Kind
	// Network narrows to one network; uuid.Nil for all.
	Network uuid.UUID
	// Page from 1 on, for one kind.
	Page int
}

// Result is a thing that was found.
type Result struct {
	Kind    Kind      `json:"kind"`
	ID      uuid.UUID `json:"id"`
	Path    string    `json:"path"`
	Title   []Piece   `json:"title"`
	Snippet []Piece   `json:"snippet"`
	At      time.Time `json:"at"`
	// Network is where it lies, "" for nowhere.
	Network   uuid.UUID `json:"network_id,omitzero"`
	NetworkOf string    `json:"network,omitempty"`
}

// Group is the results of one kind.
type Group struct {
	Kind  Kind     `json:"kind"`
	Items []Result `json:"items"`
	// More: there are further results.
	More bool `json:"more"`
	// Partial: only the newest texts were looked through, for the words are in so
	// many; older ones may match too.
	Partial bool `json:"partial,omitempty"`
}

// Found is the answer to a question.
type Found struct {
	Groups []Group `json:"groups"`
	// WholeWords: there is no dictionary, words are found as they are written.
	WholeWords bool `json:"whole_words,omitempty"`
	// Unfinished: not everything has been prepared yet.
	Unfinished bool `json:"unfinished,omitempty"`
}

// Find answers a question in one statement, each as far as the actor sees.
// Invalid (field q) for a question that names nothing to look for.
func (x *Index) Find(ctx context.Context, a *access.Actor, ask Ask) (*Found, error) {
	if err := x.auth.Require(a, PermSearch, access.Place{}); err != nil {
		return nil, err
	}
	q, err := Parse(x.words, ask.Text)
	if err != nil {
		return nil, err
	}
	c, err := x.count(ctx)
	if err != nil {
		return nil, err
	}
	limit, offset := Few, 0
	if ask.Kind != "" {
		limit = PageSize
		offset = min((max(ask.Page, 1)-1)*PageSize, MaxResults-PageSize)
	}
	var parts []gather.Part
	var kinds []Kind
	walked := c.walks(q.plan(c.of)) && c.rows > maxWalk
	for i := range x.sources {
		s := &x.sources[i]
		if ask.Kind != "" && s.Kind != ask.Kind || ask.Network != uuid.Nil && (s.Kind == Networks || s.Kind == People) {
			continue
		}
		reach := x.auth.Reach(a, s.Perm)
		if reach.All && !a.SignedIn() && a.System == "" {
			reach.All = false // what a guest may everywhere is open as such
		}
		parts = append(parts, findPart(c, q, s.Kind, a, &reach, ask.Network != uuid.Nil, offset))
		kinds = append(kinds, s.Kind)
	}
	rows, err := gather.All(ctx, x.db, gather.Query{Person: a.Person, Scope: ask.Network, Now: x.now(), Limit: limit + 1}, parts...)
	if err != nil {
		return nil, err
	}
	out := &Found{WholeWords: x.WholeWords(), Unfinished: c.unfinished}
	for _, k := range kinds {
		list, err := gather.Decode[foundRow](rows, string(k))
		if err != nil {
			return nil, err
		}
		g := Group{Kind: k, Items: []Result{}, Partial: walked && len(list) <= limit}
		if len(list) > limit {
			g.More, list = offset+limit < MaxResults, list[:limit]
		}
		for i := range list {
			g.Items = append(g.Items, x.result(q, k, &list[i]))
		}
		if ask.Kind != "" || len(g.Items) > 0 {
			out.Groups = append(out.Groups, g)
		}
	}
	return out, nil
}

func (x *Index) result(q *Query, k Kind, r *foundRow) Result {
	out := Result{Kind: k, ID: r.ID, Path: r.Path, At: r.At, NetworkOf: r.NetworkOf,
		Title: snippet(x.words, q, r.Title, maxTitle), Snippet: snippet(x.words, q, r.Body, snippetSize)}
	if r.Network != nil {
		out.Network = *r.Network
	}
	return out
}

// Kinds lists what can be searched, in the order of results.
func (x *Index) Kinds() []Kind {
	out := make([]Kind, len(x.sources))
	for i := range x.sources {
		out[i] = x.sources[i].Kind
	}
	return out
}
