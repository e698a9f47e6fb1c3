package register_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/register"
	"ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/registry/sample"
	"ore.edu.pl/sieci/policies"
)

type world struct {
	t     *testing.T
	db    *db.DB
	clock *clock.Fixed
	reg   *registry.Service
	r     register.Reader
}

func setup(t *testing.T) *world {
	t.Helper()
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: dbtest.New(t), clock: clock.NewFixed(time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC))}
	w.reg = registry.New(w.db, auth, audit.New(make([]byte, 32), w.clock), w.clock)
	w.r = register.Reader{Registry: w.reg, Key: make(keyset.Key, 32)}
	if _, err := w.reg.ImportTERC(t.Context(), access.Core("test"), bytes.NewReader(sample.TERC)); err != nil {
		t.Fatal(err)
	}
	return w
}

// file brings schools, each "number gmina vocations [closed]", with "-" for no vocation.
func (w *world) file(rows ...string) {
	w.t.Helper()
	var b strings.Builder
	b.WriteString("Numer RSPO;Typ;Nazwa;Kod terytorialny gmina;Miejscowość;Kształcenie zawodowe;Data likwidacji\n")
	for _, r := range rows {
		f := append(strings.Fields(r), "")
		fmt.Fprintf(&b, "%s;Technikum;Technikum %s;%s;Leszno;%s;%s\n", f[0], f[0], f[1], strings.Trim(strings.ReplaceAll(f[2], ",", " Zawód|"), "-"), f[3])
	}
	if _, err := w.reg.ImportRSPO(w.t.Context(), access.Core("test"), strings.NewReader(b.String())); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(req effect.SliceRequest) (*effect.SliceResult, error) {
	req.Module, req.Source, req.Now = "test.trial", effect.SourceRegister, w.clock.Now()
	req.Scopes = []effect.Scope{{Kind: effect.Network, ID: uuid.MustParse("01900000-0000-7000-8000-000000000002")}}
	if req.AsOf == "" {
		req.AsOf = effect.Date(w.clock.Now().Format(time.DateOnly))
	}
	if req.Limit == 0 {
		req.Limit = 100
	}
	return w.r.ReadSlice(w.t.Context(), w.db, &req)
}

// lines are the rows that a request gives, each by the values of its fields.
func (w *world) lines(req effect.SliceRequest, fields ...string) []string {
	w.t.Helper()
	res, err := w.read(req)
	if err != nil {
		w.t.Fatal(err)
	}
	out := []string{}
	for _, r := range res.Rows {
		var data map[string]any
		if err := json.Unmarshal(r.Data, &data); err != nil {
			w.t.Fatal(err)
		}
		var line []string
		for _, f := range fields {
			line = append(line, fmt.Sprint(data[f]))
		}
		out = append(out, strings.Join(line, " "))
	}
	return out
}

func (w *world) expect(what string, got []string, want ...string) {
	w.t.Helper()
	if !slices.Equal(got, want) {
		w.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func equal(field string, v effect.Value) []effect.Filter {
	return []effect.Filter{{Field: field, Op: effect.Equal, Value: v}}
}

// The register of a day, of the day before and of both beside each other.
func TestVocationsBetweenTwoDays(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.file("1 3063011 311933,522306", "2 2609011 311933", "3 2609011 753501", "4 3063011 -")
	w.clock.Set(time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC))
	w.file("1 3063011 311933,522306", "2 2609011 311933 2026-10-01", "3 2609011 311601", "4 3063011 -")

	by := []effect.Order{{Field: "schools"}, {Field: "code"}}
	vocations := effect.SliceRequest{Kind: "vocation", Order: by}
	w.expect("today", w.lines(vocations, "code", "schools", "voivodeships"), "311601 1 1", "311933 1 1", "522306 1 1")
	vocations.AsOf = "2026-09-30"
	w.expect("before", w.lines(vocations, "code", "schools", "voivodeships", "before"), "522306 1 1 <nil>", "753501 1 1 <nil>", "311933 2 2 <nil>")
	vocations.AsOf, vocations.ComparedWith = "", "2026-11-02"
	w.expect("compared", w.lines(vocations, "code", "schools", "before"), "753501 0 1", "311601 1 0", "311933 1 2", "522306 1 1")
	vocations.ComparedWith = "2026-09-30"
	w.expect("compared with a day before the school closed", w.lines(vocations, "code", "schools", "before"), "753501 0 1", "311601 1 0", "311933 1 2", "522306 1 1")
	vocations.Filters = equal("voivodeship", "26")
	w.expect("one voivodeship", w.lines(vocations, "code", "schools", "before"), "311933 0 1", "753501 0 1", "311601 1 0")
	vocations.Filters = []effect.Filter{{Field: "before", Op: effect.GreaterOrEqual, Value: int64(2)}}
	w.expect("by the number before", w.lines(vocations, "code"), "311933")

	schools := effect.SliceRequest{Kind: "school", Order: []effect.Order{{Field: "name"}}}
	w.expect("schools", w.lines(schools, "rspo", "voivodeship", "voivodeship_name"), "1 30 wielkopolskie", "3 26 świętokrzyskie")
	schools.Filters = equal("vocation", "311933")
	w.expect("who teaches it", w.lines(schools, "rspo"), "1")
	schools.AsOf = "2026-09-30"
	w.expect("who taught it", w.lines(schools, "rspo"), "1", "2")
	w.expect("days", w.lines(effect.SliceRequest{Kind: "day", Limit: 5}, "day", "register"), "2026-11-03 rspo", "2026-09-01 rspo")
	w.expect("the last day", w.lines(effect.SliceRequest{Kind: "day", Limit: 1}, "day"), "2026-11-03")
}

// Pages by cursor hold all rows once; a cursor belongs to its vocation.
func TestPagesOfTheRegister(t *testing.T) {
	t.Parallel()
	w := setup(t)
	var rows []string
	for i := range 7 {
		rows = append(rows, fmt.Sprintf("%d 3063011 311933,%d", i+1, 522306+i))
	}
	w.file(rows...)
	req := effect.SliceRequest{Kind: "school", Filters: equal("vocation", "311933"), Order: []effect.Order{{Field: "name"}}, Limit: 3}
	var got []uuid.UUID
	for page := 1; ; page++ {
		res, err := w.read(req)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range res.Rows {
			got = append(got, r.ID)
		}
		if page == 2 {
			other := req
			other.Filters = equal("vocation", "522306")
			if _, err := w.read(other); !fault.Is(err, fault.Invalid) {
				t.Errorf("a cursor of another vocation: %v", err)
			}
		}
		if req.Cursor = res.Cursor; req.Cursor == "" {
			break
		}
	}
	slices.SortFunc(got, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	if n := len(slices.Compact(got)); n != 7 || len(got) != 7 {
		t.Errorf("%d schools, %d different", len(got), n)
	}
	count := effect.SliceRequest{Kind: "vocation", Order: []effect.Order{{Field: "schools", Desc: true}}, Limit: 5}
	first, err := w.read(count)
	if err != nil {
		t.Fatal(err)
	}
	count.Cursor = first.Cursor
	if second, err := w.read(count); err != nil || len(first.Rows) != 5 || len(second.Rows) != 3 || second.Cursor != "" {
		t.Errorf("%d and then %+v, %v", len(first.Rows), second, err)
	}
}

func TestBadRequestsOfTheRegister(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for name, req := range map[string]effect.SliceRequest{
		"kind":      {Kind: "head"},
		"field":     {Kind: "school", Filters: equal("name_of_head", "x")},
		"operator":  {Kind: "school", Filters: []effect.Filter{{Field: "vocation", Op: effect.Less, Value: "311933"}}},
		"value":     {Kind: "school", Filters: equal("vocation", int64(1))},
		"injection": {Kind: "vocation", Filters: equal("voivodeship", nil)},
		"day":       {Kind: "school", AsOf: "2026-13-01"},
		"day order": {Kind: "day", Order: []effect.Order{{Field: "day"}}},
	} {
		if _, err := w.read(req); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An institution can be depended on; a vocation cannot.
func TestVersionsOfTheRegister(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.file("1 3063011 311933")
	school, err := w.read(effect.SliceRequest{Kind: "school"})
	if err != nil {
		t.Fatal(err)
	}
	vocation, err := w.read(effect.SliceRequest{Kind: "vocation"})
	if err != nil {
		t.Fatal(err)
	}
	one := school.Rows[0]
	if err := w.db.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		got, err := w.r.LockVersions(ctx, tx, []uuid.UUID{one.ID, vocation.Rows[0].ID})
		if err != nil || len(got) != 1 || got[one.ID] != one.Version {
			t.Errorf("%v, %v", got, err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
