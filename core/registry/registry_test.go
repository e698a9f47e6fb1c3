package registry_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/registry/sample"
	"ore.edu.pl/sieci/policies"
)

var admin = access.Core("cli")

func setup(t testing.TB) (*registry.Service, *db.DB) {
	t.Helper()
	d := dbtest.New(t)
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	c := clock.NewFixed(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	return registry.New(d, auth, audit.New(make([]byte, 32), c), c), d
}

// withSample is setup with the sample registers read.
func withSample(t testing.TB) (*registry.Service, *db.DB) {
	t.Helper()
	s, d := setup(t)
	if _, err := s.ImportTERC(t.Context(), admin, bytes.NewReader(sample.TERC)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ImportRSPO(t.Context(), admin, bytes.NewReader(sample.RSPO)); err != nil {
		t.Fatal(err)
	}
	return s, d
}

func byRSPO(t testing.TB, s *registry.Service, n int) registry.Institution {
	t.Helper()
	i, err := s.ByRSPO(t.Context(), nil, n)
	if err != nil {
		t.Fatalf("RSPO %d: %v", n, err)
	}
	return i
}

func count(t testing.TB, d *db.DB, query string) (n int) {
	t.Helper()
	if err := d.Get(t.Context(), &n, query); err != nil {
		t.Fatal(err)
	}
	return n
}

// fieldKeys are the catalogue keys of the wrong fields of err, by path.
func fieldKeys(err error) map[string]string {
	out := map[string]string{}
	var f *fault.Error
	if errors.As(err, &f) {
		for _, x := range f.Fields {
			out[x.Path] = x.Key
		}
	}
	return out
}

// country writes a register file of n institutions in the towns of the sample,
// one in twenty a complex with the next three below it; the same seed gives the
// same bytes.
func country(n int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	gminas := []string{"3013012", "3013022", "3013033", "3013043", "3013052", "3026012", "3026023", "3026043", "3063011", "2609011", "2609022"}
	towns := []string{"Krzemieniewo", "Lipno", "Osieczna", "Rydzyna", "Święciechowa", "Brodnica", "Dolsk", "Śrem", "Leszno", "Sandomierz", "Dwikozy"}
	patrons := []string{"Jaśminowej Łąki", "Żeglarzy", "Odkrywców", "Ćwierćnut", "Źródeł", "Zielonego Wzgórza", "Łąkowych Ścieżek"}
	var b bytes.Buffer
	b.WriteString("Numer RSPO;REGON;Typ;Nazwa;Kod terytorialny województwo;Kod terytorialny powiat;Kod terytorialny gmina;Miejscowość;Ulica;Numer budynku;Kod pocztowy;E-mail;Data likwidacji;RSPO podmiotu nadrzędnego\n")
	parent := 0
	for i := range n {
		g := r.IntN(len(gminas))
		number := 100_000 + i
		kind, name, above := "Szkoła podstawowa", fmt.Sprintf("Szkoła Podstawowa nr %d im. %s", 1+r.IntN(90), patrons[r.IntN(len(patrons))]), ""
		switch {
		case i%20 == 0:
			kind, name, parent = "Zespół szkół i placówek oświatowych", fmt.Sprintf("Zespół Szkół nr %d", number), number
		case i%20 < 4:
			above = fmt.Sprint(parent)
		case i%3 == 0:
			kind, name = "Przedszkole", fmt.Sprintf("Przedszkole nr %d „%s”", 1+r.IntN(300), patrons[r.IntN(len(patrons))])
		}
		code := gminas[g]
		fmt.Fprintf(&b, "%d;%s;%s;%s;%s;%s;%s;%s;Szkolna;%d;64-100;s%d@szkola.example;;%s\n",
			number, regon(r), kind, name, code[:2], code[:4], code, towns[g], 1+r.IntN(80), number, above)
	}
	return b.Bytes()
}

func regon(r *rand.Rand) string {
	sum := 0
	digits := make([]byte, 9)
	for i, w := range []int{8, 9, 2, 3, 4, 5, 6, 7} {
		d := r.IntN(9) + 1
		digits[i] = byte('0' + d)
		sum += w * d
	}
	digits[8] = byte('0' + sum%11%10)
	return string(digits)
}

func TestNationalTERC(t *testing.T) {
	t.Parallel()
	path := os.Getenv("SIECI_TERC_FILE")
	if path == "" {
		t.Skip("SIECI_TERC_FILE is not set: the whole TERC is not in the repository")
	}
	s, d := setup(t)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := s.ImportTERC(t.Context(), admin, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	k := rep.Kinds
	if k["voivodeship"] != 16 || k["powiat"] != 314 || k["city_powiat"] != 66 {
		t.Errorf("voivodeships, powiats, cities: %v", k)
	}
	if k["gmina_urban"] != 302 || k["gmina_rural"] != 1464 || k["gmina_urban_rural"] != 711 {
		t.Errorf("gminas: %v", k)
	}
	if n := count(t, d, `SELECT count(*) FROM teryt_unit WHERE kind LIKE 'gmina%'`); n != 2477 {
		t.Errorf("%d gminas in the register, want 2477", n)
	}
	rep, err = s.ImportTERC(t.Context(), admin, bytes.NewReader(raw))
	if err != nil || rep.New+rep.Changed+rep.Rejected != 0 || rep.Same != 4332 {
		t.Errorf("second time: %+v, %v", rep, err)
	}
	osiek, _, err := s.LocalGovernments(t.Context(), "osiek", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, u := range osiek {
		if l := u.Label(t.Context()); seen[l] {
			t.Errorf("two local governments read %q", l)
		} else {
			seen[l] = true
		}
	}
	if !seen["gmina miejsko-wiejska Osiek, powiat staszowski, woj. świętokrzyskie"] {
		t.Errorf("labels: %v", seen)
	}
}

func TestImportsNeedPermission(t *testing.T) {
	t.Parallel()
	s, d := setup(t)
	teacher := &access.Actor{Person: uuid.New()}
	if _, err := s.ImportTERC(t.Context(), teacher, bytes.NewReader(sample.TERC)); !fault.Is(err, fault.NotFound) {
		t.Errorf("TERC: %v", err)
	}
	if _, err := s.ImportRSPO(t.Context(), &access.Actor{}, bytes.NewReader(sample.RSPO)); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("RSPO: %v", err)
	}
	if n := count(t, d, `SELECT count(*) FROM teryt_unit`); n != 0 {
		t.Errorf("%d units written", n)
	}
}

func terc(lines ...string) *strings.Reader {
	return strings.NewReader(strings.Join(append([]string{"WOJ;POW;GMI;RODZ;NAZWA;NAZWA_DOD;STAN_NA"}, lines...), "\r\n"))
}
