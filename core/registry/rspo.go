package registry

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ore.edu.pl/sieci/core/i18n/fold"
	"ore.edu.pl/sieci/core/sheet"
)

// rspoRow is one institution of a file.
type rspoRow struct {
	line                   int
	rspo, parent           int // parent 0: none
	kind                   Kind
	typeName, name, folded string
	gmina, powiat          string
	town, townCode         string
	street, postcode       string
	regon, email, website  string
	phone, status, pupils  string
	openedOn, closedOn     *time.Time
	bodies                 LeadingBodies
	vocations              Vocations
}

// places are the units that we know, for checking the codes of a file.
type places struct {
	kind map[string]UnitKind
	// gminas are local governments by the first six digits of their code, and
	// the one gmina of a city by the four digits of the city.
	gminas map[string]string
}

func placesOf(units []Unit) *places {
	p := &places{kind: make(map[string]UnitKind, len(units)), gminas: map[string]string{}}
	for _, u := range units {
		p.kind[u.Code] = u.Kind
		switch u.Kind {
		case GminaUrban, GminaRural, GminaUrbanRural:
			p.gminas[u.Code[:6]] = u.Code
			if u.Kind == GminaUrban && u.Code[2:4] > "60" {
				p.gminas[u.Code[:4]] = u.Code
			}
		}
	}
	return p
}

// gmina is the local government of a seven- or six-digit code: a city for its
// districts, the whole gmina for its town and its rural area.
func (p *places) gmina(code string) (string, bool) {
	if len(code) < 6 {
		return "", false
	}
	if g, ok := p.gminas[code[:6]]; ok {
		return g, true
	}
	if p.kind[code] == Part {
		g, ok := p.gminas[code[:4]]
		return g, ok
	}
	return "", false
}

// readRSPO checks every row of a file of the register of schools by itself and
// against the others.
func readRSPO(t *table, known *places, rep *Report) []rspoRow {
	rows := make([]rspoRow, 0, len(t.records))
	at := make(map[int]int, len(t.records))
	for _, r := range t.records {
		rep.Read++
		row, ok := rspoOf(t, r, known, rep)
		if !ok {
			continue
		}
		if first, twice := at[row.rspo]; twice {
			rep.reject(t, r.line, "rspo", "row_twice", "What", row.rspo, "Line", rows[first].line)
			continue
		}
		at[row.rspo] = len(rows)
		rows = append(rows, row)
	}
	return dropLoops(t, rows, at, rep)
}

// dropLoops rejects rows whose chain of parents comes back to themselves.
func dropLoops(t *table, rows []rspoRow, at map[int]int, rep *Report) []rspoRow {
	return slices.DeleteFunc(rows, func(r rspoRow) bool {
		// The register has two levels, a branch school three; eight is a loop.
		for up, steps := r.parent, 0; up != 0; steps++ {
			if up == r.rspo || steps == 8 {
				rep.reject(t, r.line, "parent", "row_parent_loop")
				return true
			}
			i, ok := at[up]
			if !ok {
				break
			}
			up = rows[i].parent
		}
		return false
	})
}

func rspoOf(t *table, r record, known *places, rep *Report) (rspoRow, bool) {
	row := rspoRow{line: r.line}
	bad := func(column, key string, args ...any) (rspoRow, bool) {
		rep.reject(t, r.line, column, key, args...)
		return row, false
	}
	if n := len(r.cells); n < t.width || n > t.width && !sheet.Blank(r.cells[t.width:]) {
		return bad("", "row_cells", "Got", n, "Want", t.width)
	}
	var ok bool
	if row.rspo, ok = rspoNumber(t.cell(r, "rspo")); !ok {
		return bad("rspo", "row_rspo", "Value", cut(t.cell(r, "rspo")))
	}
	row.name, row.typeName = t.cell(r, "name"), t.cell(r, "type")
	if n := len([]rune(row.name)); n == 0 || n > maxName {
		return bad("name", "row_name")
	}
	if row.typeName == "" || len([]rune(row.typeName)) > maxField {
		return bad("type", "row_type")
	}
	row.kind = kindOf(row.typeName)
	if row.regon = strings.ReplaceAll(t.cell(r, "regon"), " ", ""); row.regon != "" && !ValidREGON(row.regon) {
		return bad("regon", "row_regon", "Value", cut(row.regon))
	}
	code := areaCode(t, r)
	if row.gmina, ok = known.gmina(code); !ok {
		return bad("gmina", "row_place", "Value", cut(code))
	}
	row.powiat = row.gmina[:4]
	if row.townCode = t.cell(r, "town_code"); row.townCode != "" && !ValidSIMC(row.townCode) {
		return bad("town_code", "row_simc", "Value", cut(row.townCode))
	}
	for _, d := range [...]struct {
		column string
		to     **time.Time
	}{ // what comes later wins: the beginning of work, the liquidation
		{"founded_on", &row.openedOn}, {"opened_on", &row.openedOn}, {"ended_on", &row.closedOn}, {"closed_on", &row.closedOn},
	} {
		if v := t.cell(r, d.column); v != "" {
			on, ok := day(v)
			if !ok {
				return bad(d.column, "row_date")
			}
			*d.to = &on
		}
	}
	if v := t.cell(r, "parent"); v != "" && strings.Trim(v, "0") != "" {
		if row.parent, ok = rspoNumber(v); !ok || row.parent == row.rspo {
			return bad("parent", "row_parent", "Value", cut(v))
		}
	}
	row.contact(t, r, rep)
	row.folded = searchText(row.name, row.town, row.rspo)
	return row, true
}

// contact reads the address. It is for finding and telling schools apart, so a
// wrong e-mail is left out with a warning instead of refusing the row.
func (o *rspoRow) contact(t *table, r record, rep *Report) {
	o.town, o.postcode = limit(t.cell(r, "town"), maxField), limit(t.cell(r, "postcode"), 10)
	o.street = t.cell(r, "street")
	if house := t.cell(r, "house"); house != "" {
		o.street = strings.TrimSpace(o.street + " " + house)
		if flat := t.cell(r, "flat"); flat != "" {
			o.street += "/" + flat
		}
	}
	o.street = limit(o.street, maxField)
	o.website = limit(t.cell(r, "website"), maxField)
	if o.email = strings.ToLower(t.cell(r, "email")); o.email != "" && !address(o.email) {
		rep.warn(t, r.line, "email", "row_email")
		o.email = ""
	}
	if o.phone = t.cell(r, "phone"); !phoneShape.MatchString(o.phone) {
		o.phone = ""
	}
	o.status, o.pupils = limit(t.cell(r, "public_status"), maxField), limit(t.cell(r, "pupil_category"), maxField)
	o.bodies, o.vocations = bodiesOf(t, r), vocationsOf(t, r)
}

// phoneShape is a number, or several: a note about a person is none.
var phoneShape = regexp.MustCompile(`^\+?[0-9][0-9 ()/,;.+-]{5,60}$`)

func limit(s string, n int) string {
	if c := []rune(s); len(c) > n {
		return string(c[:n])
	}
	return s
}

// most of what one institution lists; the register's longest has a dozen.
const mostListed = 100

// bodiesOf reads who runs an institution. The name of a natural person is
// personal data: of such a body, and of one whose type the file does not tell,
// the type alone is kept.
func bodiesOf(t *table, r record) LeadingBodies {
	types, names, numbers := t.list(r, "body_type"), t.list(r, "body_name"), t.list(r, "body_regon")
	at := func(list []string, i int) string {
		if i < len(list) {
			return limit(list[i], maxName)
		}
		return ""
	}
	out := LeadingBodies{}
	for i := range min(max(len(types), len(names)), mostListed) {
		b := LeadingBody{Type: at(types, i)}
		if len(types) == 1 { // said once for all
			b.Type = at(types, 0)
		}
		if named(b.Type) {
			b.Name = at(names, i)
			if n := strings.ReplaceAll(at(numbers, i), " ", ""); ValidREGON(n) {
				b.REGON = n
			}
		}
		if b != (LeadingBody{}) {
			out = append(out, b)
		}
	}
	return out
}

// named reports whether bodies of a type have a name that is nobody's own.
func named(bodyType string) bool {
	t := strings.Join(fold.Words(bodyType), " ")
	natural := strings.Contains(t, "osob") && !strings.Contains(t, "osoba prawna") || strings.Contains(t, "cywiln")
	return t != "" && !natural
}

// vocationShape is a vocation with its code before or behind it.
var vocationShape = regexp.MustCompile(`^(?:([0-9]{6})[\s:,–-]*(.*)|(.*?)[\s,–-]*[(\[]([0-9]{6})[)\]])$`)

func vocationsOf(t *table, r record) Vocations {
	out := Vocations{}
	for _, text := range t.list(r, "vocations") {
		v := Vocation{Name: limit(text, maxField)}
		if m := vocationShape.FindStringSubmatch(text); m != nil {
			v = Vocation{Code: m[1] + m[4], Name: limit(strings.TrimSpace(m[2]+m[3]), maxField)}
		}
		if (v.Code != "" || v.Name != "") && !slices.Contains(out, v) && len(out) < mostListed {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b Vocation) int {
		return cmp.Or(strings.Compare(a.Code, b.Code), strings.Compare(a.Name, b.Name))
	})
	return out
}

// areaCode is the code of the gmina. The register's files hold it whole or as
// the part below the powiat, which itself may be whole or the part below the
// voivodeship.
func areaCode(t *table, r record) string {
	woj, pow, gmi := t.cell(r, "voivodeship"), t.cell(r, "powiat"), t.cell(r, "gmina")
	if len(pow) == 2 {
		pow = woj + pow
	}
	if len(gmi) == 2 || len(gmi) == 3 {
		gmi = pow + gmi
	}
	return gmi
}

func rspoNumber(s string) (int, bool) {
	if len(s) == 0 || len(s) > 6 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n > 0
}

// searchText is what an institution is found and sorted by: folded name and
// town, its number, and what people type instead of the words ("sp 5").
func searchText(name, town string, rspo int) string {
	words := strings.Join(fold.Words(name), " ")
	parts := []string{words}
	if t := strings.Join(fold.Words(town), " "); t != "" {
		parts = append(parts, t)
	}
	if rspo != 0 {
		parts = append(parts, strconv.Itoa(rspo))
	}
	for _, a := range typeTable.Abbreviations {
		if strings.Contains(words, a.Words) {
			parts = append(parts, a.Short)
		}
	}
	return strings.Join(parts, " ")
}
