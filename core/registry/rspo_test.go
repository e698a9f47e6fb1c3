package registry_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/registry/sample"
)

func TestRSPOSample(t *testing.T) {
	t.Parallel()
	s, d := withSample(t)
	school, branch, secondary := byRSPO(t, s, 100302), byRSPO(t, s, 100304), byRSPO(t, s, 100303)
	complex := byRSPO(t, s, 100301)
	if complex.Kind != registry.Complex || complex.ComplexID != complex.ID || complex.ParentID != nil {
		t.Errorf("complex: %+v", complex)
	}
	for _, i := range []registry.Institution{school, branch, secondary} {
		if c, err := s.ComplexOf(t.Context(), nil, i.ID); err != nil || c != complex.ID {
			t.Errorf("%s: complex %v, %v; want %v", i.Name, c, err, complex.ID)
		}
	}
	if branch.ParentID == nil || *branch.ParentID != school.ID {
		t.Errorf("branch's parent: %v", branch.ParentID)
	}
	if alone := byRSPO(t, s, 100234); alone.ComplexID != alone.ID || alone.Powiat != "Leszno" || alone.Voivodeship != "wielkopolskie" {
		t.Errorf("school that stands alone: %+v", alone)
	}
	closed := byRSPO(t, s, 100240)
	if closed.ClosedOn == nil || closed.ClosedOn.Format(time.DateOnly) != "2019-08-31" {
		t.Errorf("closed on %v", closed.ClosedOn)
	}
	again, err := s.ImportRSPO(t.Context(), admin, bytes.NewReader(sample.RSPO))
	if err != nil || again.New+again.Changed+again.Rejected != 0 || again.Same != again.Read || again.Missing != 0 {
		t.Errorf("second time: %+v, %v", again, err)
	}
	if n := count(t, d, `SELECT count(*) FROM institution WHERE version <> 1`); n != 0 {
		t.Errorf("%d institutions touched by an equal file", n)
	}
}

const rspoHeader = "\"Numer RSPO\",\"REGON\",\"Typ\",\"Nazwa\",\"Kod terytorialny województwo\",\"Kod terytorialny powiat\",\"Kod terytorialny gmina\",\"Miejscowość\",\"Telefon\",\"E-mail\",\"Imię i nazwisko dyrektora\",\"Data likwidacji\",\"RSPO podmiotu nadrzędnego\"\n"

func rspo(lines ...string) *strings.Reader {
	return strings.NewReader(rspoHeader + strings.Join(lines, "\n"))
}

func TestRSPORowsRefused(t *testing.T) {
	t.Parallel()
	s, d := withSample(t)
	before := count(t, d, `SELECT count(*) FROM institution`)
	file := []string{
		`1,000210980,Szkoła podstawowa,"Szkoła ""A"", filia",30,3013,3013012,Lipno,zadzwoń,a@b.pl,Jan Kto,,`,
		`2,000210981,Szkoła podstawowa,B,30,3013,3013012,Lipno,,,,,`,
		`3,000000000,Szkoła podstawowa,C,30,3013,3013012,Lipno,,,,,`,
		`1234567,,Szkoła podstawowa,D,30,3013,3013012,Lipno,,,,,`,
		`5,,Szkoła podstawowa,E,30,3013,3013992,Lipno,,,,,`,
		`6,,Szkoła podstawowa,,30,3013,3013012,Lipno,,,,,`,
		`7,,Szkoła podstawowa,G,30,3013,3013012,Lipno,,,,kiedyś,`,
		`8,,Szkoła podstawowa,H,30,3013,3013012,Lipno,,,,,8`,
		`1,,Szkoła podstawowa,I,30,3013,3013012,Lipno,,,,,`,
		`10,,Szkoła podstawowa,J`,
		`11,,Zespół szkół,K,30,3013,3013012,Lipno,,,,,12`,
		`12,,Zespół szkół,L,30,3013,3013012,Lipno,,,,,11`,
	}
	want := map[string]string{
		"lines[3].regon": "registry.row_regon", "lines[4].regon": "registry.row_regon", "lines[5].rspo": "registry.row_rspo",
		"lines[6].gmina": "registry.row_place", "lines[7].name": "registry.row_name", "lines[8].closed_on": "registry.row_date",
		"lines[9].parent": "registry.row_parent", "lines[10].rspo": "registry.row_twice", "lines[11]": "registry.row_cells",
		"lines[12].parent": "registry.row_parent_loop", "lines[13].parent": "registry.row_parent_loop",
	}
	rep, err := s.ImportRSPO(t.Context(), admin, rspo(file...))
	if !fault.Is(err, fault.Invalid) || rep.Rejected != len(want) {
		t.Fatalf("%d rejected, %v", rep.Rejected, err)
	}
	got := fieldKeys(err)
	for path, key := range want {
		if got[path] != key {
			t.Errorf("%s: %q, want %q", path, got[path], key)
		}
	}
	if n := count(t, d, `SELECT count(*) FROM institution`); n != before {
		t.Errorf("%d institutions written although rows were rejected", n-before)
	}
	rep, err = s.ImportRSPO(t.Context(), admin, rspo(file...), registry.SkipRejected())
	if err != nil || rep.New != 1 || rep.Rejected != len(want) {
		t.Fatalf("without the rejected rows: %+v, %v", rep, err)
	}
	if i := byRSPO(t, s, 1); i.Name != `Szkoła "A", filia` || i.Email != "a@b.pl" {
		t.Errorf("%+v", i)
	}
	if n := count(t, d, `SELECT count(*) FROM institution i WHERE i::text LIKE '%Jan Kto%' OR i::text LIKE '%zadzwo%'`); n != 0 {
		t.Error("the head's name or telephone was stored")
	}
}

func TestRSPOChanges(t *testing.T) {
	t.Parallel()
	s, _ := withSample(t)
	before := byRSPO(t, s, 100310)
	rep, err := s.ImportRSPO(t.Context(), admin, rspo(
		`100310,,Szkoła podstawowa,Szkoła Podstawowa nr 1,30,3013,3013033,Osieczna,,,,2027-08-31,100401`,
		`100320,,Szkoła podstawowa,Nowa nazwa,30,26,023,Dolsk,,nie-adres,,,777777`,
		`100999,,Przedszkole,Przedszkole w Dolsku,30,3026,302602,Dolsk,,,,,`,
	))
	if err != nil || rep.New != 1 || rep.Changed != 1 || rep.Closed != 1 || rep.Missing != 38 {
		t.Fatalf("%+v, %v", rep, err)
	}
	after := byRSPO(t, s, 100310)
	if after.ID != before.ID || after.Version != before.Version+1 || after.ComplexID != byRSPO(t, s, 100401).ID {
		t.Errorf("changed school: %+v", after)
	}
	if found, _, err := s.Search(t.Context(), registry.SearchQuery{Text: "100310"}); err != nil || len(found) != 1 {
		t.Errorf("a school that closes next year is not found: %v, %v", found, err)
	}
	if i := byRSPO(t, s, 100320); i.GminaCode != "3026023" || i.Email != "" || i.ParentID != nil {
		t.Errorf("relative codes: %+v", i)
	}
	if i := byRSPO(t, s, 100999); i.GminaCode != "3026023" || i.Kind != registry.Kindergarten {
		t.Errorf("six-digit code: %+v", i)
	}
	keys := map[string]bool{}
	for _, w := range rep.Warnings {
		keys[w.Path+" "+w.Key] = true
	}
	if !keys["lines[3].email registry.row_email"] || !keys["lines[3].parent registry.row_parent_unknown"] {
		t.Errorf("warnings: %v", keys)
	}
}

func TestRSPONeedsTERC(t *testing.T) {
	t.Parallel()
	s, _ := setup(t)
	if _, err := s.ImportRSPO(t.Context(), admin, bytes.NewReader(sample.RSPO)); !fault.Is(err, fault.Conflict) {
		t.Errorf("without TERC: %v", err)
	}
}

func TestRSPOFiveThousand(t *testing.T) {
	t.Parallel()
	s, _ := withSample(t)
	var staged, total int
	rep, err := s.ImportRSPO(t.Context(), admin, bytes.NewReader(country(5000, 3)), registry.WithProgress(func(done, of int) { staged, total = done, of }))
	if err != nil || rep.New+rep.Changed != 5000 || rep.New < 4900 {
		t.Fatalf("%+v, %v", rep, err)
	}
	if staged != 5000 || total != 5000 {
		t.Errorf("progress ended at %d of %d", staged, total)
	}
	if rep.Took > time.Minute {
		t.Errorf("took %v", rep.Took)
	}
	again, err := s.ImportRSPO(t.Context(), admin, bytes.NewReader(country(5000, 3)))
	if err != nil || again.Same != 5000 {
		t.Errorf("second time: %+v, %v", again, err)
	}
}

func TestValidREGON(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"000331501": true, "000210980": true, "000210981": false, "000000000": false, "12345678": false,
		"23511332857188": true, "23511332857189": false, "12345678912345": false, "00033150a": false, "": false,
	} {
		if got := registry.ValidREGON(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestValidSIMC(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"0918123": true, "0950463": true, "0957650": true, "0933016": true, "0986283": true, "0969400": true,
		"0918124": false, "918123": false, "0000000": false, "091812a": false, "": false,
	} {
		if got := registry.ValidSIMC(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}
