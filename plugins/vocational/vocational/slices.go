package vocational

import (
	"fmt"
	"strings"
	"time"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
)

// Names of slices that are not records.
const (
	sliceMembers = "members"
	sliceDays    = "days"
	sliceTaught  = "taught"
	sliceSchools = "schools"
	sliceSame    = "same" // records that the input speaks of
)

// most is the largest slice.
const most = 500

// newest orders records by when they were made, the last first.
var newest = []*v1.Order{{Field: "@created", Descending: true}}

// records asks for records of a kind; the slice has the kind's name.
func records(kind string, limit uint32, filters ...*v1.Filter) *v1.SliceSpec {
	return &v1.SliceSpec{Name: kind, Source: v1.Source_SOURCE_RECORD, Kind: kind, Selector: v1.Selector_SELECTOR_THIS, Limit: limit, Filters: filters, Order: newest}
}

// same asks for the records of a kind that an input speaks of.
func same(kind string, filters ...*v1.Filter) *v1.SliceSpec {
	s := records(kind, 50, filters...)
	s.Name = sliceSame
	return s
}

func equal(field string, value any) *v1.Filter {
	return &v1.Filter{Field: field, Operator: v1.Operator_OPERATOR_EQUAL, Operand: &v1.Filter_Value{Value: sdk.Val(value)}}
}

// open keeps records that were closed out.
func open() *v1.Filter { return equal("@state", "open") }

// members are those who take part, with their school where it is wanted.
func members(attributes ...string) *v1.SliceSpec {
	return &v1.SliceSpec{Name: sliceMembers, Source: v1.Source_SOURCE_MEMBER, Selector: v1.Selector_SELECTOR_THIS, Limit: most,
		Filters: []*v1.Filter{equal("@state", "active")}, Attributes: attributes}
}

// days are the last days on which the register of schools changed.
func days(limit uint32) *v1.SliceSpec {
	return &v1.SliceSpec{Name: sliceDays, Source: v1.Source_SOURCE_REGISTER, Kind: "day", Selector: v1.Selector_SELECTOR_THIS, Limit: limit}
}

// taught are the vocations that schools teach on a day, beside those of another
// day unless that is "".
func taught(name, on, compared string, filters ...*v1.Filter) *v1.SliceSpec {
	return &v1.SliceSpec{Name: name, Source: v1.Source_SOURCE_REGISTER, Kind: "vocation", Selector: v1.Selector_SELECTOR_THIS, Limit: most,
		Filters: filters, Order: []*v1.Order{{Field: "code"}}, AsOf: dateOf(on), ComparedWith: dateOf(compared)}
}

// schools are those that teach a vocation on a day.
func schools(code, on string) *v1.SliceSpec {
	return &v1.SliceSpec{Name: sliceSchools, Source: v1.Source_SOURCE_REGISTER, Kind: "school", Selector: v1.Selector_SELECTOR_THIS, Limit: most,
		Filters: []*v1.Filter{equal("vocation", code)}, Order: []*v1.Order{{Field: "voivodeship"}, {Field: "name"}}, AsOf: dateOf(on)}
}

// dateOf is nil for what is no day.
func dateOf(day string) *v1.Date {
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return nil
	}
	return &v1.Date{Year: int32(d.Year()), Month: uint32(d.Month()), Day: uint32(d.Day())}
}

// dayOf is a day as an index value; nil for "".
func dayOf(day string) any {
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return nil
	}
	return sdk.Day{Year: d.Year(), Month: d.Month(), Day: d.Day()}
}

// before is the day before.
func before(day string) string {
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return d.AddDate(0, 0, -1).Format(time.DateOnly)
}

func today(s sdk.Snapshot) string { return s.Time().Format(time.DateOnly) }

// asked is a day that a page was asked for: today without one, and false for
// what is no day.
func asked(r *sdk.ViewRequest) (string, bool) {
	text := strings.TrimSpace(r.Param("dzien"))
	if text == "" {
		return today(r.Snapshot), true
	}
	_, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return today(r.Snapshot), false
	}
	return text, true
}

// read decodes the rows of a slice.
func read[T any](s sdk.Snapshot, slice string) ([]T, error) {
	rows := s.Rows(slice)
	out := make([]T, len(rows))
	for i, r := range rows {
		if err := r.Decode(&out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// registerDays are the days of the slice, the newest first.
func registerDays(s sdk.Snapshot) []string {
	var out []string
	for _, r := range s.Rows(sliceDays) {
		d := r.GetIndex()["day"].GetDate()
		out = append(out, fmt.Sprintf("%04d-%02d-%02d", d.GetYear(), d.GetMonth(), d.GetDay()))
	}
	return out
}

// code is a code of the classification as people type it, and whether it is one.
func code(text string) (string, bool) {
	text = strings.ReplaceAll(strings.TrimSpace(text), " ", "")
	return text, len(text) == 6 && strings.Trim(text, "0123456789") == ""
}
