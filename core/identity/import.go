package identity

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/encoding/charmap"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/fold"
)

// Import of people: a CSV file with a header line. It is read whole, checked
// whole, and then either every row is taken or none; each new person gets an
// invitation by mail. An address that has an account already is left as it is.

// Ceilings of a file.
const (
	MaxImportBytes = 4 << 20
	MaxImportRows  = 5000
	// maxRowErrors bounds the report: a file of the wrong kind has one per row.
	maxRowErrors = 200
)

// Report is what became of an import, or what must be corrected first.
type Report struct {
	Rows    int // people in the file
	Invited int // new accounts
	Known   int // addresses that have an account already
	// Errors, when there is one, mean that nothing was written; in the order of
	// the file.
	Errors []RowError
}

// RowError is one thing to correct in the file.
type RowError struct {
	Line  int // as an editor counts, from 1
	Field fault.Field
}

// columns of the file: names under which people write them, folded.
var columns = map[string][]string{
	"name":        {"imie i nazwisko", "nazwisko i imie", "imie nazwisko", "osoba", "name", "full name"},
	"email":       {"e-mail", "email", "adres e-mail", "adres email", "poczta", "mail"},
	"rspo":        {"rspo", "numer rspo", "nr rspo", "rspo szkoly"},
	"institution": {"szkola", "placowka", "nazwa szkoly", "nazwa placowki", "school", "institution"},
	"function":    {"funkcja", "stanowisko", "function", "position"},
}

type importRow struct {
	line        int
	name        string
	email       string
	rspo        string
	school      string
	function    string
	institution uuid.UUID
}

// ImportPeople reads a CSV file (";", "," or tabulator; UTF-8 or Windows-1250)
// with the columns name, e-mail and the school as RSPO number or name, and
// optionally function. It needs person:import on the platform. A file that
// cannot be read at all is Invalid (field "file"); rows to correct are in the
// report, and then nothing was written.
func (s *Service) ImportPeople(ctx context.Context, a *access.Actor, file io.Reader) (Report, error) {
	if err := s.Access.Require(a, PermImport, access.Place{}); err != nil {
		return Report{}, err
	}
	rows, errs, err := readPeople(file)
	if err != nil {
		return Report{}, err
	}
	r := Report{Rows: len(rows) + countLines(errs), Errors: errs}
	schoolErrs, err := s.findSchools(ctx, rows)
	if err != nil {
		return Report{}, err
	}
	r.Errors = append(r.Errors, schoolErrs...)
	if len(r.Errors) > 0 {
		// As one reads the file from top to bottom: schools were looked up last.
		slices.SortStableFunc(r.Errors, func(a, b RowError) int { return cmp.Compare(a.Line, b.Line) })
		r.Errors = r.Errors[:min(len(r.Errors), maxRowErrors)]
		return r, nil
	}
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		r.Invited, r.Known = 0, 0
		for _, p := range rows {
			_, fresh, err := s.InviteTx(ctx, tx, a, Invite{Email: p.email, Name: p.name, Institution: p.institution, Function: p.function})
			if err != nil {
				return fmt.Errorf("line %d: %w", p.line, err)
			}
			if fresh {
				r.Invited++
			} else {
				r.Known++
			}
		}
		return nil
	})
	return r, err
}

func badFile(key string, args ...any) error {
	var f fault.Fields
	f.Add("file", key, args...)
	return f.Err()
}

// readPeople parses the file and checks each row by itself.
func readPeople(file io.Reader) ([]importRow, []RowError, error) {
	raw, err := io.ReadAll(io.LimitReader(file, MaxImportBytes+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read import: %w", err)
	}
	if len(raw) > MaxImportBytes {
		return nil, nil, badFile("identity.import.large", "Max", MaxImportBytes>>20)
	}
	text, err := decode(raw)
	if err != nil {
		return nil, nil, badFile("identity.import.encoding")
	}
	c := csv.NewReader(strings.NewReader(text))
	c.Comma, c.FieldsPerRecord, c.TrimLeadingSpace = separator(text), -1, true
	header, err := c.Read()
	if err != nil {
		return nil, nil, badFile("identity.import.empty")
	}
	at, err := locate(header)
	if err != nil {
		return nil, nil, err
	}
	var rows []importRow
	var errs []RowError
	seen := map[string]int{}
	for {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var p *csv.ParseError
		if errors.As(err, &p) {
			return nil, nil, badFile("identity.import.quotes", "Line", p.Line)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read import: %w", err)
		}
		line, _ := c.FieldPos(0)
		if blank(record) {
			continue
		}
		if len(rows)+len(errs) >= MaxImportRows {
			return nil, nil, badFile("identity.import.many", "Max", MaxImportRows)
		}
		row, f := readRow(record, at)
		row.line = line
		if first, twice := seen[row.email]; twice && row.email != "" {
			f.Add("email", "identity.import.twice", "Line", first)
		} else {
			seen[row.email] = line
		}
		for _, e := range f {
			errs = append(errs, RowError{line, e})
		}
		if len(f) == 0 {
			rows = append(rows, row)
		}
	}
	if len(rows)+len(errs) == 0 {
		return nil, nil, badFile("identity.import.empty")
	}
	return rows, errs, nil
}

// decode takes UTF-8 as it is and anything else for Windows-1250, in which
// Polish spreadsheets save CSV.
func decode(raw []byte) (string, error) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(raw, 0) >= 0 {
		return "", errors.New("binary file")
	}
	if utf8.Valid(raw) {
		return string(raw), nil
	}
	out, err := charmap.Windows1250.NewDecoder().Bytes(raw)
	return string(out), err
}

// separator is the most frequent candidate of the header line.
func separator(text string) rune {
	head, _, _ := strings.Cut(text, "\n")
	best, most := ';', 0
	for _, r := range ";,\t" {
		if n := strings.Count(head, string(r)); n > most {
			best, most = r, n
		}
	}
	return best
}

func locate(header []string) (map[string]int, error) {
	at := map[string]int{}
	for i, h := range header {
		h = fold.Text(h)
		for column, names := range columns {
			for _, n := range names {
				if h == n {
					at[column] = i
				}
			}
		}
	}
	_, rspo := at["rspo"]
	_, school := at["institution"]
	_, name := at["name"]
	_, email := at["email"]
	if !name || !email || !rspo && !school {
		return nil, badFile("identity.import.columns")
	}
	return at, nil
}

func blank(record []string) bool {
	for _, v := range record {
		if strings.TrimSpace(v) != "" {
			return false
		}
	}
	return true
}

func readRow(record []string, at map[string]int) (importRow, fault.Fields) {
	value := func(column string) string {
		i, ok := at[column]
		if !ok || i >= len(record) {
			return ""
		}
		return TidyName(record[i])
	}
	r := importRow{name: value("name"), email: TidyEmail(value("email")), rspo: value("rspo"), school: value("institution"), function: value("function")}
	var f fault.Fields
	checkName(&f, "name", r.name)
	checkEmail(&f, "email", r.email)
	checkLength(&f, "function", r.function, MaxFunction)
	switch {
	case r.rspo != "":
		r.rspo = strings.TrimLeft(strings.NewReplacer(" ", "", "-", "").Replace(r.rspo), "0")
		if _, err := strconv.ParseInt(r.rspo, 10, 32); err != nil {
			f.Add("rspo", "identity.import.rspo_wrong")
		}
	case r.school == "":
		f.Add("institution", "identity.import.no_school")
	}
	return r, f
}

// findSchools fills in the institutions, by number or else by exact name.
func (s *Service) findSchools(ctx context.Context, rows []importRow) ([]RowError, error) {
	var numbers []int64
	var names []string
	for _, r := range rows {
		if r.rspo != "" {
			n, _ := strconv.ParseInt(r.rspo, 10, 32) // checked by readRow
			numbers = append(numbers, n)
		} else {
			names = append(names, fold.Text(r.school))
		}
	}
	byNumber, err := schoolsByNumber(ctx, s.DB, numbers)
	if err != nil {
		return nil, err
	}
	byName, err := schoolsByName(ctx, s.DB, names)
	if err != nil {
		return nil, err
	}
	var errs []RowError
	for i := range rows {
		r := &rows[i]
		if r.rspo != "" {
			if r.institution = byNumber[r.rspo]; r.institution == uuid.Nil {
				errs = append(errs, RowError{r.line, fault.Field{Path: "rspo", Key: "identity.import.rspo_unknown"}})
			}
			continue
		}
		switch found := byName[fold.Text(r.school)]; len(found) {
		case 1:
			r.institution = found[0]
		case 0:
			errs = append(errs, RowError{r.line, fault.Field{Path: "institution", Key: "identity.import.school_unknown"}})
		default:
			errs = append(errs, RowError{r.line, fault.Field{Path: "institution", Key: "identity.import.school_ambiguous"}})
		}
	}
	return errs, nil
}

func countLines(errs []RowError) int {
	lines := map[int]bool{}
	for _, e := range errs {
		lines[e.Line] = true
	}
	return len(lines)
}
