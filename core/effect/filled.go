package effect

import (
	"bytes"
	"cmp"
	"context"

	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// A command whose form is that of a record kind, and which reads that kind,
// edits the record: its form is shown filled ([Engine.Prefill]), and who sends
// it says which version they had before them ([Request.Filled]). Another
// version is a conflict, found in three places. The rows that the module is
// shown are compared first, so that it is not asked in vain. A record that it
// then revises is checked by the write itself, one that it leaves alone is held
// like any row that an answer rests on. And where there was none, the first of
// two that make it wins under a lock, for kinds without a unique key as well.

// ErrOvertaken tells people that somebody saved after they had opened the form;
// see [Request.Filled]. Test with errors.Is.
var ErrOvertaken error = fault.New(fault.Conflict, "effect.overtaken")

// edited is the slice with the record that the command edits; nil when the
// command edits none.
func edited(d *Description, k *CommandKind) *SliceSpec {
	if k.Form.IsZero() {
		return nil
	}
	for i := range k.Slices {
		s := &k.Slices[i]
		if s.Source != SourceRecord {
			continue
		}
		kind, ok := d.RecordKind(s.Kind)
		if ok && kind.Form.Revision == k.Form.Revision && bytes.Equal(kind.Form.JSON, k.Form.JSON) {
			return s
		}
	}
	return nil
}

// rowsOf are the rows that were read under the name of a slice.
func (r *run) rowsOf(name string) []Row {
	for i := range r.snap.Slices {
		if r.snap.Slices[i].Name == name {
			return r.snap.Slices[i].Rows
		}
	}
	return nil
}

// filled compares what the form was filled from with what was read now. held is
// the row that the decision rests on, none the slice that must stay empty.
func (c *deciding) filled(r *run) (held []RowVersion, none *SliceSpec, err error) {
	in, byPerson := c.input.(Command)
	if c.req.Filled == nil || !byPerson {
		return nil, nil, nil
	}
	k, ok := c.t.behaviour.Command(in.Name)
	if !ok {
		return nil, nil, nil
	}
	s := edited(c.t.info.Description, k)
	if s == nil {
		return nil, nil, nil
	}
	rows := r.rowsOf(s.Name)
	switch len(rows) {
	case 0:
		if *c.req.Filled != 0 {
			return nil, nil, ErrOvertaken
		}
		return nil, s, nil
	case 1:
		if *c.req.Filled != rows[0].Version {
			return nil, nil, ErrOvertaken
		}
		return []RowVersion{{Source: s.Source, ID: rows[0].ID, Version: rows[0].Version}}, nil, nil
	}
	return nil, nil, nil // the command chooses between several; its form is shown empty
}

// stillNone holds back others who would make the first record as well, and is
// ErrStale when one was made meanwhile.
func (r *run) stillNone(ctx context.Context, tx *db.Tx, s *SliceSpec) error {
	if err := lockFirst(ctx, tx, r.base.Scope, r.t.info.ID+"/"+s.Kind); err != nil {
		return err
	}
	scopes, err := r.selected(ctx, s.Selector)
	if err != nil || len(scopes) == 0 {
		return err
	}
	filters, err := r.resolve(s.Filters)
	if err != nil {
		return err
	}
	res, err := r.e.readers[s.Source].ReadSlice(ctx, tx, &SliceRequest{
		Module: r.t.info.ID, Source: s.Source, Kind: s.Kind, Scopes: scopes, Filters: filters, Order: s.Order,
		Limit: cmp.Or(s.Limit, DefaultSliceRows), Actor: r.actor, Now: r.snap.Now, Personal: r.grantedOnAll("record.personal", scopes),
	})
	if err == nil && len(res.Rows) > 0 {
		err = ErrStale
	}
	return err
}
