package record

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
)

// Overview is a kind that has records in a scope, with the newest of them.
type Overview struct {
	Module, Kind, Title string
	// Count is how many records of the kind the scope has.
	Count int
	// Listed is how many of the newest the reader sees in the kind's list.
	Listed int
	// Records are those of them that the reader may read whole, the newest
	// first, without earlier versions.
	Records []Record
}

// Overview is what a scope keeps, for a document about it: [Service.Kinds], for
// each the beginning of its [Service.List], at most most records, and these by
// [Service.Show] as far as they may be read; in one round trip, also side by
// side with other reads (db.Together). Needs [View] there.
func (s *Service) Overview(ctx context.Context, a *access.Actor, scope effect.Scope, most int) ([]Overview, error) {
	var all bool
	var rows []overviewRow
	err := db.Together(ctx, s.db,
		func(ctx context.Context, _ db.Q) (err error) { all, err = s.may(ctx, a, scope); return err },
		func(ctx context.Context, q db.Q) (err error) {
			rows, err = listOverview(ctx, q, scope.ID, a.Person, most)
			return err
		})
	if err != nil {
		return nil, err
	}
	var out []Overview
	for i := range rows {
		r := &rows[i]
		k, err := s.learned(&r.kindRow)
		if err != nil {
			return nil, err
		}
		if len(k.Columns) == 0 && !all {
			continue
		}
		if n := len(out); n == 0 || out[n-1].Module != r.Module || out[n-1].Kind != r.Kind {
			out = append(out, Overview{Module: r.Module, Kind: r.Kind, Title: k.Title.In(string(i18n.FromContext(ctx))), Count: r.N})
		}
		if r.Place > most && all || !all && (!r.Seen || r.SeenPlace > most) {
			continue
		}
		o := &out[len(out)-1]
		o.Listed++
		me := a.Person
		if !all && (me == uuid.Nil || r.Person.UUID != me && r.Author.UUID != me) {
			continue
		}
		f, err := s.learnedForm(r.Module, r.Kind, r.FormRev, r.Document)
		if err != nil {
			return nil, err
		}
		x := Record{ID: r.ID, Module: r.Module, Kind: r.Kind, Title: o.Title, Scope: scope, Person: r.Person.UUID, Data: r.Data, FormRev: r.FormRev,
			Form: f, ClosedAt: r.ClosedAt, Note: r.ClosedNote, CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt, Version: r.Version}
		x.Answers, _ = form.DecodeAnswers(f, r.Data)
		o.Records = append(o.Records, x)
	}
	return out, nil
}

// learned is the kind of a row that came with other things.
func (s *Service) learned(r *kindRow) (*kind, error) {
	key := effect.Qualify(r.Module, r.Name)
	if k := s.kinds.get(key); k != nil {
		return k, nil
	}
	k, err := r.kind()
	if err != nil {
		return nil, err
	}
	s.kinds.put(key, k)
	return k, nil
}

// learnedForm is the revision of a form whose document came with other things.
func (s *Service) learnedForm(module, kind string, rev int, document string) (*form.Form, error) {
	key := formKey{module, kind, rev}
	if f, ok := s.forms.Load(key); ok {
		return f.(*form.Form), nil
	}
	f, err := form.Decode([]byte(document))
	if err != nil {
		return nil, fmt.Errorf("stored form %s:%s revision %d: %w", module, kind, rev, err)
	}
	s.forms.Store(key, f)
	return f, nil
}
