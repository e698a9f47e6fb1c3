package registry_test

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/registry/sample"
)

func TestTERCKindsAndRepeat(t *testing.T) {
	t.Parallel()
	s, d := setup(t)
	rep, err := s.ImportTERC(t.Context(), admin, bytes.NewReader(sample.TERC))
	if err != nil {
		t.Fatal(err)
	}
	if rep.Kinds["voivodeship"] != 16 || rep.Kinds["powiat"] != 314 || rep.Kinds["city_powiat"] != 66 || rep.New != rep.Read {
		t.Errorf("report: %+v", rep)
	}
	for code, want := range map[string]registry.UnitKind{
		"30": registry.Voivodeship, "3013": registry.Powiat, "3063": registry.CityPowiat,
		"3063011": registry.GminaUrban, "3013052": registry.GminaRural, "3013043": registry.GminaUrbanRural,
		"3013044": registry.Part, "3013045": registry.Part,
	} {
		if u, err := s.Unit(t.Context(), nil, code); err != nil || u.Kind != want {
			t.Errorf("%s: %q, %v; want %q", code, u.Kind, err, want)
		}
	}
	again, err := s.ImportTERC(t.Context(), admin, bytes.NewReader(sample.TERC))
	if err != nil || again.New+again.Changed != 0 || again.Same != rep.Read {
		t.Errorf("second time: %+v, %v", again, err)
	}
	if n := count(t, d, `SELECT count(*) FROM audit_event WHERE action = 'registry:import' AND object_kind = 'terc'`); n != 2 {
		t.Errorf("%d audit entries for two imports", n)
	}
}

func TestTERCLayouts(t *testing.T) {
	t.Parallel()
	const gus = "WOJ;POW;GMI;RODZ;NAZWA;NAZWA_DOD;STAN_NA\n10;;;;ŁÓDZKIE;województwo;2024-01-01\n10;61;;;Łódź;miasto na prawach powiatu;2024-01-01\n"
	cp1250, err := charmap.Windows1250.NewEncoder().String(gus)
	if err != nil {
		t.Fatal(err)
	}
	wide := func(order unicode.Endianness, mark unicode.BOMPolicy) string {
		t.Helper()
		out, err := unicode.UTF16(order, mark).NewEncoder().String(gus)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for name, file := range map[string]string{
		"as GUS gives it":      gus,
		"UTF-16, marked":       wide(unicode.LittleEndian, unicode.UseBOM),
		"UTF-16 BE, marked":    wide(unicode.BigEndian, unicode.UseBOM),
		"UTF-16":               wide(unicode.LittleEndian, unicode.IgnoreBOM),
		"UTF-16 BE":            wide(unicode.BigEndian, unicode.IgnoreBOM),
		"with a byte order":    "\ufeff" + gus,
		"Windows-1250":         cp1250,
		"lines ended CRLF":     strings.ReplaceAll(gus, "\n", "\r\n"),
		"quoted, with commas":  "\"WOJ\",\"POW\",\"GMI\",\"RODZ\",\"NAZWA\",\"NAZWA_DOD\",\"STAN_NA\"\n\"10\",\"\",\"\",\"\",\"ŁÓDZKIE\",\"województwo\",\"2024-01-01\"\n\"10\",\"61\",\"\",\"\",\"Łódź\",\"miasto, na prawach powiatu\",\"2024-01-01\"\n",
		"other headings":       "woj,pow,gmi,rodz,teryt,nazwa,nazwa_dod,stan_na\n10,,,,10,ŁÓDZKIE,województwo,2024-01-01\n10,61,,,1061,Łódź,miasto,2024-01-01\n",
		"zeros kept as =\"…\"": "WOJ;POW;GMI;RODZ;NAZWA;NAZWA_DOD;STAN_NA\n=\"10\";;;;ŁÓDZKIE;województwo;2024-01-01\n=\"10\";=\"61\";;;Łódź;miasto;2024-01-01\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := setup(t)
			rep, err := s.ImportTERC(t.Context(), admin, strings.NewReader(file))
			if err != nil || rep.New != 2 {
				t.Fatalf("%+v, %v", rep, err)
			}
			u, err := s.Unit(t.Context(), nil, "1061")
			if err != nil || u.Name != "Łódź" || u.Voivodeship != "łódzkie" {
				t.Errorf("%+v, %v", u, err)
			}
		})
	}
}

func TestTERCRowsRefused(t *testing.T) {
	t.Parallel()
	s, d := setup(t)
	rep, err := s.ImportTERC(t.Context(), admin, terc(
		"30;;;;WIELKOPOLSKIE;województwo;2024-01-01",
		"2;;;;DOLNOŚLĄSKIE;województwo;2024-01-01",
		"30;13;;;leszczyński;powiat;2024-01-01",
		"30;13;;;leszczyński;powiat;2024-01-01",
		"31;;;;nigdzie;województwo;2024-01-01",
		"30;13;01;6;Dziwna;gmina;2024-01-01",
		"30;14;01;2;;gmina;2024-01-01",
		"30;15;;;obornicki;powiat;kiedyś",
	))
	if !fault.Is(err, fault.Invalid) {
		t.Fatalf("error: %v", err)
	}
	want := map[string]string{
		"lines[3].woj":   "registry.row_zero_lost",
		"lines[5].name":  "registry.row_twice",
		"lines[6].woj":   "registry.row_code",
		"lines[7].woj":   "registry.row_code",
		"lines[8].name":  "registry.row_name",
		"lines[9].as_of": "registry.row_date",
	}
	got := fieldKeys(err)
	for path, key := range want {
		if got[path] != key {
			t.Errorf("%s: %q, want %q", path, got[path], key)
		}
	}
	if len(got) != len(want) || rep.Rejected != len(want) {
		t.Errorf("%d rows rejected, %d fields: %v", rep.Rejected, len(got), got)
	}
	if n := count(t, d, `SELECT count(*) FROM teryt_unit`); n != 0 {
		t.Errorf("%d units written although rows were rejected", n)
	}
	rep.Localize(t.Context())
	if msg := rep.Errors[0].Text; !strings.Contains(msg, "„2”") || !strings.Contains(msg, "zero") {
		t.Errorf("message: %q", msg)
	}
}

func TestTERCZerosRepairedFromIdentifier(t *testing.T) {
	t.Parallel()
	s, _ := setup(t)
	const file = "woj,pow,gmi,rodz,teryt,nazwa,nazwa_dod,stan_na\n2,,,,02,DOLNOŚLĄSKIE,województwo,2024-01-01\n2,1,,,0201,bolesławiecki,powiat,2024-01-01\n2,1,1,1,0201011,Bolesławiec,gmina miejska,2024-01-01\n"
	if rep, err := s.ImportTERC(t.Context(), admin, strings.NewReader(file)); err != nil || rep.New != 3 {
		t.Fatalf("%+v, %v", rep, err)
	}
	_, err := s.ImportTERC(t.Context(), admin, strings.NewReader(file+"2,2,,,0203,dzierżoniowski,powiat,2024-01-01\n"))
	if got := fieldKeys(err)["lines[5].pow"]; got != "registry.row_zero_lost" {
		t.Errorf("identifier of another powiat: %q (%v)", got, err)
	}
}

func TestTERCNeverGoesBack(t *testing.T) {
	t.Parallel()
	s, _ := setup(t)
	if _, err := s.ImportTERC(t.Context(), admin, terc("30;;;;WIELKOPOLSKIE;województwo;2025-01-01")); err != nil {
		t.Fatal(err)
	}
	_, err := s.ImportTERC(t.Context(), admin, terc("30;;;;WIELKOPOLSKIE;województwo;2024-01-01"))
	if fieldKeys(err)["file"] != "registry.file_older" {
		t.Errorf("older file: %v", err)
	}
	_, err = s.ImportTERC(t.Context(), admin, terc("28;01;;;bartoszycki;powiat;2025-01-01"))
	if fieldKeys(err)["lines[2].woj"] != "registry.row_unit_above" {
		t.Errorf("powiat without voivodeship: %v", err)
	}
}

func TestFilesThatAreNoRegister(t *testing.T) {
	t.Parallel()
	s, _ := setup(t)
	for file, want := range map[string]string{
		"":                                 "registry.file_empty",
		"\ufeff\n\n":                       "registry.file_empty",
		"PK\x03\x04sheet":                  "registry.file_not_csv",
		"imię;nazwisko\nAda;B\n":           "registry.columns_missing",
		"WOJ;POW;GMI;RODZ;NAZWA;STAN_NA\n": "registry.file_empty",
	} {
		_, err := s.ImportTERC(t.Context(), admin, strings.NewReader(file))
		if got := fieldKeys(err)["file"]; got != want {
			t.Errorf("%q: %q (%v), want %q", file, got, err, want)
		}
	}
}
