package country

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"

	"ore.edu.pl/sieci/core/access"
)

// registers writes files in the form of the official ones and imports them; what
// an earlier run of the same scale and seed imported is found the same.
func (m *maker) registers(ctx context.Context, n int) error {
	core := access.Core("generate")
	units, gminas := m.terc()
	rep, err := m.app.Registry.ImportTERC(ctx, core, bytes.NewReader(units))
	if err != nil {
		return fmt.Errorf("units: %w", err)
	}
	if rep.Changed+rep.Closed+rep.Missing > 0 {
		return notEmpty()
	}
	m.told("units", len(gminas))
	if rep, err = m.app.Registry.ImportRSPO(ctx, core, bytes.NewReader(m.rspo(n, gminas))); err != nil {
		return fmt.Errorf("institutions: %w", err)
	}
	if rep.Changed+rep.Closed+rep.Missing > 0 {
		return notEmpty()
	}
	if m.schools, m.centres, err = places(ctx, m.app.DB); err != nil {
		return err
	}
	if len(m.centres) == 0 || len(m.schools) == 0 {
		return fmt.Errorf("%d centres and %d schools were imported", len(m.centres), len(m.schools))
	}
	m.told("institutions", len(m.schools)+len(m.centres))
	return m.territories(ctx, gminas)
}

type gmina struct{ code, name, powiat string }

// terc is a country of 16 voivodeships with 20 powiats and 4 cities each.
func (m *maker) terc() ([]byte, []gmina) {
	var b bytes.Buffer
	var list []gmina
	b.WriteString("WOJ;POW;GMI;RODZ;NAZWA;NAZWA_DOD;STAN_NA\n")
	row := func(woj, pow, gmi, kind, name, extra string) {
		fmt.Fprintf(&b, "%s;%s;%s;%s;%s;%s;2024-01-01\n", woj, pow, gmi, kind, name, extra)
	}
	for v := range 16 {
		woj := fmt.Sprintf("%02d", 2*(v+1))
		row(woj, "", "", "", fmt.Sprintf("KRAINA %d", v+1), "województwo")
		for p := range 24 {
			city, pow, name := p >= 20, fmt.Sprintf("%02d", p+1), m.town()
			if city {
				pow = fmt.Sprintf("%02d", 61+p-20)
				row(woj, pow, "", "", name, "miasto na prawach powiatu")
				row(woj, pow, "01", "1", name, "gmina miejska, miasto na prawach powiatu")
				list = append(list, gmina{woj + pow + "011", name, woj + pow})
				continue
			}
			row(woj, pow, "", "", strings.ToLower(name)+"ski", "powiat")
			for g := range 7 {
				town, gmi := m.town(), fmt.Sprintf("%02d", g+1)
				kind, words := "2", "gmina wiejska"
				if g == 0 {
					kind, words, town = "1", "gmina miejska", name
				}
				row(woj, pow, gmi, kind, town, words)
				list = append(list, gmina{woj + pow + gmi + kind, town, woj + pow})
			}
		}
	}
	return b.Bytes(), list
}

// rspo is n institutions: one in 450 a centre, one in 20 a complex with three
// schools, the others schools and kindergartens.
func (m *maker) rspo(n int, gminas []gmina) []byte {
	var b bytes.Buffer
	b.WriteString("Numer RSPO;REGON;Typ;Nazwa;Kod terytorialny województwo;Kod terytorialny powiat;Kod terytorialny gmina;Miejscowość;Ulica;Numer budynku;Kod pocztowy;E-mail;Data likwidacji;RSPO podmiotu nadrzędnego\n")
	parent := 0
	var at gmina
	for i := range n {
		number := 100_000 + i
		kind, name, above := "Szkoła podstawowa", fmt.Sprintf("Szkoła Podstawowa nr %d im. %s", 1+m.r.IntN(90), m.pick(patrons)), ""
		if i%20 > 3 {
			at = gminas[m.r.IntN(len(gminas))]
		}
		switch {
		case at.code == "" || i%450 == 7:
			at = gminas[m.r.IntN(len(gminas))]
			kind, name = "Placówka doskonalenia nauczycieli", fmt.Sprintf("Centrum Doskonalenia Nauczycieli nr %d w miejscowości %s", 1+i/450, at.name)
		case i%20 == 0:
			kind, name, parent = "Zespół szkół i placówek oświatowych", fmt.Sprintf("Zespół Szkół nr %d", number), number
		case i%20 < 4 && parent > 0:
			above = strconv.Itoa(parent)
		case i%3 == 0:
			kind, name = "Przedszkole", fmt.Sprintf("Przedszkole nr %d „%s”", 1+m.r.IntN(300), m.pick(patrons))
		}
		fmt.Fprintf(&b, "%d;%s;%s;%s;%s;%s;%s;%s;Szkolna;%d;%02d-%03d;s%d@%s;;%s\n", number, m.regon(), kind, name, at.code[:2], at.code[:4], at.code,
			at.name, 1+m.r.IntN(80), m.r.IntN(100), m.r.IntN(1000), number, m.domain, above)
	}
	return b.Bytes()
}

// regon is nine digits with a valid check digit.
func (m *maker) regon() string {
	digits, sum := make([]byte, 9), 0
	for i, w := range []int{8, 9, 2, 3, 4, 5, 6, 7} {
		d := m.r.IntN(9) + 1
		digits[i] = byte('0' + d)
		sum += w * d
	}
	digits[8] = byte('0' + sum%11%10)
	return string(digits)
}

// territories gives every powiat to one centre.
func (m *maker) territories(ctx context.Context, gminas []gmina) error {
	of := make([][]string, len(m.centres))
	m.ruling = map[string]int{}
	for _, g := range gminas {
		if _, seen := m.ruling[g.powiat]; !seen {
			c := len(m.ruling) % len(m.centres)
			m.ruling[g.powiat] = c
			of[c] = append(of[c], g.powiat)
		}
	}
	for i, list := range of {
		if len(list) == 0 {
			continue
		}
		if err := m.app.Registry.SetTerritory(ctx, access.Core("generate"), m.centres[i].ID, list); err != nil {
			return fmt.Errorf("territory: %w", err)
		}
	}
	return nil
}
