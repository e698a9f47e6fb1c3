package facade

import (
	"fmt"
	"slices"

	"ore.edu.pl/sieci/core/effect"
	pluginv1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

var sources = map[pluginv1.Source]effect.Source{
	pluginv1.Source_SOURCE_RECORD:        effect.SourceRecord,
	pluginv1.Source_SOURCE_MEMBER:        effect.SourceMember,
	pluginv1.Source_SOURCE_GROUP:         effect.SourceGroup,
	pluginv1.Source_SOURCE_TASK:          effect.SourceTask,
	pluginv1.Source_SOURCE_INDICATOR:     effect.SourceIndicator,
	pluginv1.Source_SOURCE_NETWORK:       effect.SourceNetwork,
	pluginv1.Source_SOURCE_MEETING:       effect.SourceMeeting,
	pluginv1.Source_SOURCE_EVALUATION:    effect.SourceEvaluation,
	pluginv1.Source_SOURCE_DISSEMINATION: effect.SourceDissemination,
	pluginv1.Source_SOURCE_REGISTER:      effect.SourceRegister,
}

var selectors = map[pluginv1.Selector]effect.Selector{
	pluginv1.Selector_SELECTOR_THIS:      effect.This,
	pluginv1.Selector_SELECTOR_MY_GROUPS: effect.MyGroups,
	pluginv1.Selector_SELECTOR_CHILDREN:  effect.Children,
	pluginv1.Selector_SELECTOR_PROGRAMME: effect.OfProgramme,
}

var operators = map[pluginv1.Operator]effect.Operator{
	pluginv1.Operator_OPERATOR_EQUAL:            effect.Equal,
	pluginv1.Operator_OPERATOR_NOT_EQUAL:        effect.NotEqual,
	pluginv1.Operator_OPERATOR_LESS:             effect.Less,
	pluginv1.Operator_OPERATOR_LESS_OR_EQUAL:    effect.LessOrEqual,
	pluginv1.Operator_OPERATOR_GREATER:          effect.Greater,
	pluginv1.Operator_OPERATOR_GREATER_OR_EQUAL: effect.GreaterOrEqual,
}

func (d *decoder) source(what string, s pluginv1.Source) effect.Source {
	out, ok := sources[s]
	if !ok {
		d.fail("%s: unknown source %d", what, s)
	}
	return out
}

func (d *decoder) need(n *pluginv1.Need) *effect.Need {
	if n == nil {
		return nil
	}
	if len(n.GetSlices())+len(n.GetAggregates()) == 0 {
		d.fail("need: empty")
	}
	return &effect.Need{Slices: d.slices("need", n.GetSlices()), Aggregates: d.aggregates("need", n.GetAggregates())}
}

func (d *decoder) slices(what string, list []*pluginv1.SliceSpec) []effect.SliceSpec {
	if len(list) > effect.MaxSlices {
		d.fail("%s: more than %d slices", what, effect.MaxSlices)
		return nil
	}
	var out []effect.SliceSpec
	seen := map[string]bool{}
	for _, m := range list {
		at := what + "." + m.GetName()
		s := effect.SliceSpec{
			Name: d.name(what+" slice", m.GetName()), Source: d.source(at, m.GetSource()), Kind: d.maybeName(at, m.GetKind()),
			Selector: d.selector(at, m.GetSelector()), Filters: d.filters(at, m.GetFilters()), Limit: int(m.GetLimit()),
			Cursor: d.text(at, m.GetCursor(), 2000), Writable: m.GetWritable(), AsOf: d.day(at, m.GetAsOf()), ComparedWith: d.day(at, m.GetComparedWith()),
		}
		d.register(at, &s)
		if seen[s.Name] || m.GetLimit() > effect.MaxSliceRows || len(m.GetOrder()) > 3 {
			d.fail("%s: used twice, or its limit or order is too long", at)
		}
		seen[s.Name] = true
		for _, o := range m.GetOrder() {
			s.Order = append(s.Order, effect.Order{Field: d.field(at, o.GetField()), Desc: o.GetDescending()})
		}
		for _, a := range m.GetAttributes() {
			switch a {
			case "group", "organisation", "complex", "territory":
				s.Attributes = append(s.Attributes, a)
			default:
				d.fail("%s: unknown attribute %.80q", at, a)
			}
		}
		out = append(out, s)
	}
	return out
}

// register checks what belongs to registers alone.
func (d *decoder) register(at string, s *effect.SliceSpec) {
	switch of := s.Source == effect.SourceRegister; {
	case of && !slices.Contains(effect.RegisterKinds, s.Kind):
		d.fail("%s: unknown kind %.80q of register", at, s.Kind)
	case !of && (s.AsOf != "" || s.ComparedWith != ""), s.ComparedWith != "" && s.Kind != "vocation":
		d.fail("%s: days belong to registers, a day to compare to their vocations", at)
	}
}

// day is "" for none.
func (d *decoder) day(what string, m *pluginv1.Date) effect.Date {
	if m == nil {
		return ""
	}
	date := effect.Date(fmt.Sprintf("%04d-%02d-%02d", m.GetYear(), m.GetMonth(), m.GetDay()))
	if !date.Valid() {
		d.fail("%s: no date", what)
	}
	return date
}

func (d *decoder) aggregates(what string, list []*pluginv1.AggregateSpec) []effect.AggregateSpec {
	if len(list) > effect.MaxSlices {
		d.fail("%s: more than %d aggregates", what, effect.MaxSlices)
		return nil
	}
	var out []effect.AggregateSpec
	seen := map[string]bool{}
	for _, m := range list {
		at := what + "." + m.GetName()
		a := effect.AggregateSpec{
			Name: d.name(what+" aggregate", m.GetName()), Source: d.source(at, m.GetSource()), Kind: d.maybeName(at, m.GetKind()),
			Selector: d.selector(at, m.GetSelector()), Filters: d.filters(at, m.GetFilters()), MinimumCell: int(min(m.GetMinimumCell(), 1000)),
			Quantiles: m.GetQuantiles(),
		}
		if m.GetField() != "" {
			a.Field = d.field(at, m.GetField())
		}
		if seen[a.Name] || len(a.Quantiles) > 9 || len(m.GetBy()) > 2 {
			d.fail("%s: used twice, or too many quantiles or dimensions", at)
		}
		seen[a.Name] = true
		for _, q := range a.Quantiles {
			if !(q >= 0 && q <= 1) {
				d.fail("%s: quantile %v", at, q)
			}
		}
		for _, f := range m.GetBy() {
			a.By = append(a.By, d.field(at, f))
		}
		out = append(out, a)
	}
	return out
}

func (d *decoder) selector(what string, s pluginv1.Selector) effect.Selector {
	out, ok := selectors[s]
	if !ok {
		d.fail("%s: unknown selector %d", what, s)
	}
	return out
}

// field is the name of an index field or a built-in one.
func (d *decoder) field(what, s string) string {
	switch s {
	case effect.FieldID, effect.FieldScope, effect.FieldPerson, effect.FieldState, effect.FieldCreated, effect.FieldDue:
		return s
	}
	return d.name(what+" field", s)
}

func (d *decoder) filters(what string, list []*pluginv1.Filter) []effect.Filter {
	if len(list) > 8 {
		d.fail("%s: more than 8 filters", what)
		return nil
	}
	var out []effect.Filter
	for _, m := range list {
		f := effect.Filter{Field: d.field(what, m.GetField())}
		var ok bool
		if f.Op, ok = operators[m.GetOperator()]; !ok {
			d.fail("%s: unknown operator %d", what, m.GetOperator())
		}
		switch o := m.GetOperand().(type) {
		case *pluginv1.Filter_Value:
			f.Value = d.value(what, o.Value)
		case *pluginv1.Filter_Parameter:
			switch o.Parameter {
			case effect.ParamActor, effect.ParamMembership, effect.ParamSubject, effect.ParamNow, effect.ParamToday:
				f.Param = o.Parameter
			default:
				d.fail("%s: unknown parameter %.80q", what, o.Parameter)
			}
		default:
			d.fail("%s: filter without operand", what)
		}
		out = append(out, f)
	}
	return out
}
