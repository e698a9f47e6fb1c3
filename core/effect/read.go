package effect

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
)

// read fills the snapshot with slices and aggregates. A slice whose name is
// already there gets more rows: the next page that a module asked for.
func (r *run) read(ctx context.Context, specs []SliceSpec, aggregates []AggregateSpec) error {
	if len(specs)+len(aggregates) > MaxSlices {
		return BadAnswer("%d slices asked for, at most %d", len(specs)+len(aggregates), MaxSlices)
	}
	for i := range specs {
		if err := r.readSlice(ctx, &specs[i]); err != nil {
			return err
		}
	}
	for i := range aggregates {
		if err := r.readAggregate(ctx, &aggregates[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) readSlice(ctx context.Context, s *SliceSpec) error {
	if !ValidName(s.Name) || s.Limit < 0 || s.Limit > MaxSliceRows || len(s.Filters) > 8 || len(s.Order) > 3 {
		return BadAnswer("bad slice %q", s.Name)
	}
	reader := r.e.readers[s.Source]
	if reader == nil {
		return fault.New(fault.Unavailable, "effect.not_served", "What", string(s.Source))
	}
	scopes, err := r.selected(ctx, s.Selector)
	if err != nil {
		return err
	}
	if s.Writable {
		r.handOut(scopes)
	}
	for _, a := range s.Attributes {
		if !r.grantedOnAll("member."+a, scopes) {
			return r.noCapability("member."+a, r.base.Scope.Kind)
		}
	}
	filters, err := r.resolve(s.Filters)
	if err != nil {
		return err
	}
	req := &SliceRequest{
		Module: r.t.info.ID, Source: s.Source, Kind: s.Kind, Scopes: scopes, Filters: filters, Order: s.Order,
		Limit: cmp.Or(s.Limit, DefaultSliceRows), Cursor: s.Cursor, Attributes: s.Attributes, Actor: r.actor, Now: r.snap.Now,
		Personal: r.grantedOnAll("record.personal", scopes),
	}
	res := &SliceResult{}
	if len(scopes) > 0 {
		if res, err = r.within(ctx, reader, req); err != nil {
			return err
		}
	}
	r.keep(s, res)
	return nil
}

// within reads as many rows as fit the message; the reader's cursor then
// points behind the last of them.
func (r *run) within(ctx context.Context, reader SliceReader, req *SliceRequest) (*SliceResult, error) {
	res, err := reader.ReadSlice(ctx, r.e.db, req)
	if err != nil {
		return nil, err
	}
	size, fit := 0, 0
	for ; fit < len(res.Rows); fit++ {
		if size += rowBytes(&res.Rows[fit]); r.bytes+size > maxSnapshotBytes {
			break
		}
	}
	if fit == len(res.Rows) {
		r.bytes += size
		return res, nil
	}
	if fit == 0 {
		return nil, fault.New(fault.TooLarge, "effect.snapshot_full")
	}
	smaller := *req
	smaller.Limit = fit
	if res, err = reader.ReadSlice(ctx, r.e.db, &smaller); err != nil {
		return nil, err
	}
	for i := range res.Rows {
		r.bytes += rowBytes(&res.Rows[i])
	}
	return res, nil
}

// rowBytes estimates a row on the wire: ids, version and scope take some 100
// bytes, an index value some 40.
func rowBytes(w *Row) int { return 100 + len(w.Data) + 40*len(w.Index) }

func (r *run) keep(s *SliceSpec, res *SliceResult) {
	for i := range r.snap.Slices {
		if have := &r.snap.Slices[i]; have.Name == s.Name {
			if s.Cursor == "" { // asked anew, not for more
				have.SliceResult = *res
			} else {
				have.Rows, have.Cursor = append(have.Rows, res.Rows...), res.Cursor
			}
			return
		}
	}
	r.snap.Slices = append(r.snap.Slices, Slice{Name: s.Name, Source: s.Source, SliceResult: *res})
}

func (r *run) readAggregate(ctx context.Context, s *AggregateSpec) error {
	if !ValidName(s.Name) || len(s.By) > 2 || len(s.Quantiles) > 9 || len(s.Filters) > 8 {
		return BadAnswer("bad aggregate %q", s.Name)
	}
	reader, ok := r.e.readers[s.Source].(Aggregator)
	if !ok {
		return fault.New(fault.Unavailable, "effect.not_served", "What", string(s.Source))
	}
	scopes, err := r.selected(ctx, s.Selector)
	if err != nil {
		return err
	}
	filters, err := r.resolve(s.Filters)
	if err != nil {
		return err
	}
	least := s.MinimumCell
	if s.Source == SourceMember {
		least = max(least, minPeopleCell)
	}
	var cells []Cell
	if len(scopes) > 0 {
		cells, err = reader.ReadAggregate(ctx, r.e.db, &AggregateRequest{
			Module: r.t.info.ID, Source: s.Source, Kind: s.Kind, Scopes: scopes, Filters: filters, By: s.By, Field: s.Field,
			Quantiles: s.Quantiles, MinimumCell: least, Now: r.snap.Now, Personal: r.grantedOnAll("record.personal", scopes),
		})
		if err != nil {
			return err
		}
	}
	r.snap.Aggregates = slices.DeleteFunc(r.snap.Aggregates, func(a AggregateSlice) bool { return a.Name == s.Name })
	r.snap.Aggregates = append(r.snap.Aggregates, AggregateSlice{Name: s.Name, Cells: cells})
	return nil
}

// resolve fills the parameters of filters in.
func (r *run) resolve(list []Filter) ([]Filter, error) {
	out := slices.Clone(list)
	for i := range out {
		switch out[i].Param {
		case "":
			continue
		case ParamActor:
			out[i].Value = r.snap.Actor.Person
		case ParamMembership:
			out[i].Value = r.snap.Actor.Membership
		case ParamSubject:
			out[i].Value = r.subject
		case ParamNow:
			out[i].Value = r.snap.Now
		case ParamToday:
			out[i].Value = Date(r.snap.Now.In(clock.Warsaw).Format("2006-01-02"))
		default:
			return nil, BadAnswer("unknown parameter %q", out[i].Param)
		}
		out[i].Param = ""
	}
	return out, nil
}

func (r *run) grantedOnAll(capability string, scopes []Scope) bool {
	for _, s := range scopes {
		if !r.t.info.Grants.Has(capability, s.Kind) {
			return false
		}
	}
	return true
}

func (r *run) noCapability(name string, kind ScopeKind) error {
	return fault.New(fault.Forbidden, "effect.no_capability", "Module", r.t.info.ID, "Capability", name+"@"+string(kind))
}

// converse calls the module until it needs nothing more. call returns the need
// of that round. All rounds share one deadline; when it passes while the caller
// still has time, the module is as good as down, whatever the time went into.
func (r *run) converse(ctx context.Context, w Wants, call func(ctx context.Context) (*Need, error)) error {
	within, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	err := r.rounds(within, w, call)
	var known *fault.Error
	if err != nil && within.Err() != nil && ctx.Err() == nil && !errors.As(err, &known) {
		return Unavailable(ctx, r.t.info.Description, r.t.local, err)
	}
	return err
}

func (r *run) rounds(ctx context.Context, w Wants, call func(ctx context.Context) (*Need, error)) error {
	if err := r.read(ctx, w.Slices, w.Aggregates); err != nil {
		return err
	}
	for {
		r.publish()
		need, err := call(ctx)
		if err != nil || need == nil {
			return err
		}
		if r.snap.Round++; r.snap.Round > MaxNeeds {
			return BadAnswer("more than %d rounds of need", MaxNeeds)
		}
		if err := r.read(ctx, need.Slices, need.Aggregates); err != nil {
			return err
		}
	}
}
