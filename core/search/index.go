package search

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/search/lemma"
)

// Kind is what a document stands for.
type Kind string

// The kinds, in the order in which results are grouped.
const (
	Networks  Kind = "network"
	Resources Kind = "resource"
	Posts     Kind = "post"
	People    Kind = "person"
)

// Audience is who finds a document.
type Audience string

// The audiences.
const (
	Public   Audience = "public"   // everybody
	Platform Audience = "platform" // everybody signed in
	// Shared is a person's: those who hold a role on a network on which the person
	// holds one, and nobody else, whatever they may.
	Shared Audience = "shared"
	Inside Audience = "network" // who holds the kind's permission in its network or centre
)

// Doc is one thing that can be found. Texts that are too long are cut.
type Doc struct {
	ID uuid.UUID
	// Network or Centre is where it lies; uuid.Nil for neither.
	Network, Centre uuid.UUID
	Audience        Audience
	Path            string // its page: "/zasoby/…"
	Title           string
	Keywords        string // tags, authors: found before words of the body
	Body            string // plain text
	At              time.Time
}

// Source is a room whose things are indexed.
type Source struct {
	Kind Kind
	// Perm is what finds documents of [Inside] in the place of the document.
	Perm access.Permission
	// Docs reads the documents of things that can be found now; what is left out
	// (deleted, hidden, a draft) goes from the index. At most 200 ids.
	Docs func(ctx context.Context, q db.Q, ids []uuid.UUID) ([]Doc, error)
	// Next lists the ids of all things behind one, in their order.
	Next func(ctx context.Context, q db.Q, after uuid.UUID, limit int) ([]uuid.UUID, error)
}

// Index keeps and searches. Register the sources before use; afterwards safe for
// concurrent use. A nil Index keeps nothing, for rooms that are tested alone.
type Index struct {
	db      *db.DB
	auth    *access.Authorizer
	words   *lemma.Dictionary // nil without a dictionary
	sources []Source

	mu     sync.Mutex // refresh of counts
	counts atomic.Pointer[counts]
	clock  clock.Clock
}

// New makes the index. d may be nil: whole words are found then.
func New(q *db.DB, auth *access.Authorizer, d *lemma.Dictionary) *Index {
	return &Index{db: q, auth: auth, words: d}
}

// Keep makes c the clock by which roles hold; without it, it is real time.
func (x *Index) Keep(c clock.Clock) { x.clock = c }

func (x *Index) now() time.Time {
	if x.clock == nil {
		return time.Now()
	}
	return x.clock.Now()
}

// WholeWords reports that there is no dictionary: a word is found only as it is written.
func (x *Index) WholeWords() bool { return x.words == nil }

// Register adds a room's things. A kind twice panics.
func (x *Index) Register(list ...Source) {
	for _, s := range list {
		if slices.ContainsFunc(x.sources, func(o Source) bool { return o.Kind == s.Kind }) {
			panic("search: kind registered twice: " + string(s.Kind))
		}
		x.sources = append(x.sources, s)
	}
}

func (x *Index) source(k Kind) *Source {
	for i := range x.sources {
		if x.sources[i].Kind == k {
			return &x.sources[i]
		}
	}
	return nil
}

// Columns of search_doc that [Index.Row] fills.
const Columns = "kind, id, network_id, centre_id, audience, path, title, keywords, body, at, words, revision"

// Row is a document as the index keeps it, for filling an empty installation by
// COPY (core/app/country); rooms that run call [Index.Changed].
func (x *Index) Row(k Kind, d *Doc) []any {
	d.Title, d.Keywords, d.Body = cut(d.Title, maxTitle), cut(d.Keywords, maxKeywords), cut(d.Body, maxBody)
	return []any{string(k), d.ID, textID(d.Network), textID(d.Centre), string(d.Audience), d.Path, d.Title, d.Keywords, d.Body, d.At, vector(x.words, d), x.Revision()}
}

// Revision of what is stored: the dictionary's, or that there was none.
func (x *Index) Revision() string {
	if x.words == nil {
		return "whole-words"
	}
	return x.words.Digest()
}

// Changed brings the documents of things up to date in the transaction in which
// they were written: call it after the last write. Things of a kind that nobody
// registered are passed over.
func (x *Index) Changed(ctx context.Context, tx *db.Tx, k Kind, ids ...uuid.UUID) error {
	if x == nil || len(ids) == 0 {
		return nil
	}
	s := x.source(k)
	if s == nil {
		return nil
	}
	for part := range slices.Chunk(ids, pageSize) {
		if err := x.put(ctx, tx, s, part); err != nil {
			return err
		}
	}
	return nil
}

// pageSize is how many documents are prepared at once.
const pageSize = 200

func (x *Index) put(ctx context.Context, tx *db.Tx, s *Source, ids []uuid.UUID) error {
	docs, err := s.Docs(ctx, tx, ids)
	if err != nil {
		return fmt.Errorf("search: documents of %s: %w", s.Kind, err)
	}
	gone := make([]uuid.UUID, 0, len(ids))
	for _, id := range ids {
		if !slices.ContainsFunc(docs, func(d Doc) bool { return d.ID == id }) {
			gone = append(gone, id)
		}
	}
	if len(gone) > 0 {
		if err := deleteDocs(ctx, tx, s.Kind, gone); err != nil {
			return err
		}
	}
	if len(docs) == 0 {
		return nil
	}
	vectors := make([]string, len(docs))
	for i := range docs {
		d := &docs[i]
		d.Title, d.Keywords, d.Body = cut(d.Title, maxTitle), cut(d.Keywords, maxKeywords), cut(d.Body, maxBody)
		vectors[i] = vector(x.words, d)
	}
	// One order of rows in every transaction, so that two do not wait for each other.
	return upsertDocs(ctx, tx, s.Kind, docs, vectors, x.Revision())
}
