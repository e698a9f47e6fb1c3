package oversight

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
)

// Sheet is the report as rows: a heading, the whole, voivodeships, powiats; what
// is missing by the rule of a programme comes last.
// Numbers are int or float64, everything else text.
func (y *Year) Sheet(l i18n.Lang) [][]any {
	t := func(key string) string { return i18n.Text(l, "oversight.year."+key) }
	out := [][]any{{t("code"), t("voivodeship"), t("powiat"), t("networks"), t("members"), t("meetings"), t("hours"), t("participants")}}
	if y.Least > 0 {
		out[0] = append(out[0], t("missing"))
	}
	row := func(p *Place, voivodeship, powiat string) {
		cells := []any{p.Code, voivodeship, powiat, p.Networks, p.Members, p.Meetings, p.Hours(), p.Participants}
		switch {
		case p.Missing != nil:
			cells = append(cells, *p.Missing)
		case y.Least > 0:
			cells = append(cells, "")
		}
		out = append(out, cells)
	}
	row(&y.Whole, t("whole"), "")
	for i := range y.Voivodeships {
		row(&y.Voivodeships[i], y.Voivodeships[i].Name, t("whole"))
	}
	for i := range y.Powiats {
		row(&y.Powiats[i], y.Powiats[i].Voivodeship, y.Powiats[i].Name)
	}
	return out
}

// FileName of the report without its ending; it names the school year and the day.
func (y *Year) FileName(l i18n.Lang) string {
	return i18n.Text(l, "oversight.year.file") + "-" + strings.ReplaceAll(show.SchoolYear(y.SchoolYear), "/", "-") + "-" + y.Day.Format(time.DateOnly)
}

// inert keeps a spreadsheet from taking a text for a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// CSV writes the report in UTF-8 with commas.
func (y *Year) CSV(w io.Writer, l i18n.Lang) error {
	c := csv.NewWriter(w)
	for _, row := range y.Sheet(l) {
		cells := make([]string, len(row))
		for i, v := range row {
			switch v := v.(type) {
			case int:
				cells[i] = strconv.Itoa(v)
			case float64:
				cells[i] = strconv.FormatFloat(v, 'f', -1, 64)
			case string:
				cells[i] = inert(v)
			}
		}
		if err := c.Write(cells); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// XLSX writes the report as a workbook with one sheet.
func (y *Year) XLSX(w io.Writer, l i18n.Lang) (err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	s, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	if err := s.SetColWidth(2, 3, 28); err != nil {
		return err
	}
	for i, row := range y.Sheet(l) {
		for j, v := range row {
			if text, ok := v.(string); ok {
				row[j] = inert(text)
			}
		}
		if err := s.SetRow("A"+strconv.Itoa(i+1), row); err != nil {
			return err
		}
	}
	if err := s.Flush(); err != nil {
		return err
	}
	return f.Write(w)
}
