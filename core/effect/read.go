package effect

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// read fills the snapshot with slices and aggregates, in one round trip where
// their readers allow it. A slice whose name is already there gets more rows:
// the next page that a module asked for.
func (r *run) read(ctx context.Context, specs []SliceSpec, aggregates []AggregateSpec) error {
	if len(specs)+len(aggregates) > MaxSlices {
		return BadAnswer("%d slices asked for, at most %d", len(specs)+len(aggregates), MaxSlices)
	}
	rows, numbers := make([]*reading, len(specs)), make([]*counting, len(aggregates))
	var readers []func(context.Context, db.Q) error
	for i := range specs {
		got, err := r.planSlice(ctx, &specs[i])
		if err != nil {
			return err
		}
		if rows[i] = got; !got.done && len(got.req.Scopes) > 0 {
			readers = append(readers, got.read)
		}
	}
	for i := range aggregates {
		got, err := r.planAggregate(ctx, &aggregates[i])
		if err != nil {
			return err
		}
		if numbers[i] = got; len(got.req.Scopes) > 0 {
			readers = append(readers, got.read)
		}
	}
	if err := db.Together(ctx, r.e.db, readers...); err != nil {
		return err
	}
	for i, got := range rows {
		if err := r.take(ctx, &specs[i], got); err != nil {
			return err
		}
	}
	for i, got := range numbers {
		if got.err != nil {
			return got.err
		}
		r.keepNumbers(aggregates[i].Name, got.cells)
	}
	return nil
}

// reading is a slice being read.
type reading struct {
	reader SliceReader
	req    *SliceRequest
	res    SliceResult
	err    error
	done   bool
}

// read keeps its error for its own slice.
func (g *reading) read(ctx context.Context, q db.Q) error {
	res, err := g.reader.ReadSlice(ctx, q, g.req)
	if g.done, g.err = true, err; err == nil {
		g.res = *res
	}
	return nil
}

// check holds a slice against the limits of the contract.
func (s *SliceSpec) check() error {
	if !ValidName(s.Name) || s.Limit < 0 || s.Limit > MaxSliceRows || len(s.Filters) > 8 || len(s.Order) > 3 {
		return BadAnswer("bad slice %q", s.Name)
	}
	return nil
}

// granted refuses attributes of people, and registers, that the module may not
// know.
func (r *run) granted(s *SliceSpec, scopes []Scope) error {
	if s.Source == SourceRegister && !r.grantedOnAll(CapRegister, scopes) {
		return r.noCapability(CapRegister, r.base.Scope.Kind)
	}
	for _, a := range s.Attributes {
		if !r.grantedOnAll("member."+a, scopes) {
			return r.noCapability("member."+a, r.base.Scope.Kind)
		}
	}
	return nil
}

// request resolves a slice over scopes.
func (r *run) request(s *SliceSpec, scopes []Scope) (*SliceRequest, error) {
	filters, err := r.resolve(s.Filters)
	return &SliceRequest{
		Module: r.t.info.ID, Source: s.Source, Kind: s.Kind, Scopes: scopes, Filters: filters, Order: s.Order,
		Limit: cmp.Or(s.Limit, DefaultSliceRows), Cursor: s.Cursor, Attributes: s.Attributes, Actor: r.actor, Now: r.snap.Now,
		Personal: r.grantedOnAll("record.personal", scopes), AsOf: cmp.Or(s.AsOf, r.today()), ComparedWith: s.ComparedWith,
	}, err
}

// today is the day in Poland.
func (r *run) today() Date { return Date(r.snap.Now.In(clock.Warsaw).Format(time.DateOnly)) }

func (r *run) planSlice(ctx context.Context, s *SliceSpec) (*reading, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	reader := r.e.readers[s.Source]
	if reader == nil {
		return nil, fault.New(fault.Unavailable, "effect.not_served", "What", string(s.Source))
	}
	scopes, err := r.selected(ctx, s.Selector)
	if err != nil {
		return nil, err
	}
	if s.Writable {
		r.handOut(scopes)
	}
	if err := r.granted(s, scopes); err != nil {
		return nil, err
	}
	if got := r.before[s]; got != nil {
		delete(r.before, s)
		return got, nil
	}
	req, err := r.request(s, scopes)
	return &reading{reader: reader, req: req}, err
}

// take keeps as many rows as fit the message; the reader's cursor then points
// behind the last of them.
func (r *run) take(ctx context.Context, s *SliceSpec, got *reading) error {
	if got.err != nil {
		return got.err
	}
	res := &got.res
	size, fit := 0, 0
	for ; fit < len(res.Rows); fit++ {
		if size += rowBytes(&res.Rows[fit]); r.bytes+size > maxSnapshotBytes {
			break
		}
	}
	if fit < len(res.Rows) {
		if fit == 0 {
			return fault.New(fault.TooLarge, "effect.snapshot_full")
		}
		smaller := *got.req
		smaller.Limit, size = fit, 0
		var err error
		if res, err = got.reader.ReadSlice(ctx, r.e.db, &smaller); err != nil {
			return err
		}
		for i := range res.Rows {
			size += rowBytes(&res.Rows[i])
		}
	}
	r.bytes += size
	r.keep(s, res)
	return nil
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

// counting is an aggregate being read.
type counting struct {
	reader Aggregator
	req    *AggregateRequest
	cells  []Cell
	err    error
}

// read keeps its error for its own aggregate.
func (g *counting) read(ctx context.Context, q db.Q) error {
	g.cells, g.err = g.reader.ReadAggregate(ctx, q, g.req)
	return nil
}

func (r *run) planAggregate(ctx context.Context, s *AggregateSpec) (*counting, error) {
	if !ValidName(s.Name) || len(s.By) > 2 || len(s.Quantiles) > 9 || len(s.Filters) > 8 {
		return nil, BadAnswer("bad aggregate %q", s.Name)
	}
	reader, ok := r.e.readers[s.Source].(Aggregator)
	if !ok {
		return nil, fault.New(fault.Unavailable, "effect.not_served", "What", string(s.Source))
	}
	scopes, err := r.selected(ctx, s.Selector)
	if err != nil {
		return nil, err
	}
	filters, err := r.resolve(s.Filters)
	if err != nil {
		return nil, err
	}
	least := s.MinimumCell
	if s.Source == SourceMember {
		least = max(least, minPeopleCell)
	}
	return &counting{reader: reader, req: &AggregateRequest{
		Module: r.t.info.ID, Source: s.Source, Kind: s.Kind, Scopes: scopes, Filters: filters, By: s.By, Field: s.Field,
		Quantiles: s.Quantiles, MinimumCell: least, Now: r.snap.Now, Personal: r.grantedOnAll("record.personal", scopes),
	}}, nil
}

func (r *run) keepNumbers(name string, cells []Cell) {
	r.snap.Aggregates = slices.DeleteFunc(r.snap.Aggregates, func(a AggregateSlice) bool { return a.Name == name })
	r.snap.Aggregates = append(r.snap.Aggregates, AggregateSlice{Name: name, Cells: cells})
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
			out[i].Value = r.today()
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
