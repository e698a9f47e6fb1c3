package identity

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/fold"
	"ore.edu.pl/sieci/core/sheet"
)

// importColumns are the columns of a list: names under which people write them, folded.
var importColumns = map[string][]string{
	"name":        {"imie i nazwisko", "nazwisko i imie", "imie nazwisko", "osoba", "name", "full name"},
	"email":       {"e-mail", "email", "adres e-mail", "adres email", "poczta", "mail"},
	"rspo":        {"rspo", "numer rspo", "nr rspo", "rspo szkoly"},
	"institution": {"szkola", "placowka", "nazwa szkoly", "nazwa placowki", "school", "institution"},
	"function":    {"funkcja", "stanowisko", "function", "position"},
}

// ImportNote is one reason for which a row was rejected or stays.
type ImportNote struct {
	// Column is "name", "email", "rspo", "institution" or "function"; "" for the
	// invitation as a whole.
	Column string     `json:"column,omitempty"`
	Key    string     `json:"key"`
	Args   fault.Args `json:"args,omitempty"`
	// Text is filled by [Service.PeopleImportRows].
	Text string `json:"text,omitempty"`
}

// listed is a row of a file on its way through judgement.
type listed struct {
	line                                int
	name, email, rspo, school, function string
	institution                         uuid.UUID
	outcome                             Outcome
	invitation                          uuid.UUID // that is changed
	version                             int
	was                                 *wasRow
	notes                               []ImportNote
}

// wasRow is what a changed invitation was before.
type wasRow struct {
	Name        string    `json:"name"`
	Function    string    `json:"function"`
	Institution uuid.UUID `json:"institution"`
}

func (l *listed) reject(column, key string, args ...any) {
	var f fault.Fields
	f.Add(column, key, args...)
	l.notes = append(l.notes, ImportNote{Column: column, Key: f[0].Key, Args: f[0].Args})
}

// readList parses a file and checks each row by itself.
func readList(ctx context.Context, raw []byte) ([]listed, error) {
	rows, err := sheet.Read(ctx, raw, MaxImportRows)
	var broken *sheet.Broken
	switch {
	case errors.As(err, &broken):
		return nil, badFile("identity.import.quotes", "Line", broken.Line)
	case errors.Is(err, sheet.ErrEmpty):
		return nil, badFile("identity.import.empty")
	case errors.Is(err, sheet.ErrLong):
		return nil, badFile("identity.import.many", "Max", MaxImportRows)
	case errors.Is(err, sheet.ErrUnpacked):
		return nil, badFile("identity.import.unpacked", "Max", sheet.MaxUnpacked>>20)
	case errors.Is(err, sheet.ErrEncoding):
		return nil, badFile("identity.import.encoding")
	case err != nil:
		return nil, err
	}
	at, err := locate(rows[0].Cells)
	if err != nil {
		return nil, err
	}
	if len(rows) == 1 {
		return nil, badFile("identity.import.empty")
	}
	out := make([]listed, 0, len(rows)-1)
	seen := make(map[string]int, len(rows))
	for _, r := range rows[1:] {
		l := readRow(r, at)
		if first, twice := seen[l.email]; twice && l.email != "" {
			l.reject("email", "identity.import.twice", "Line", first)
		} else {
			seen[l.email] = l.line
		}
		out = append(out, l)
	}
	return out, nil
}

func locate(header []string) (map[string]int, error) {
	at := map[string]int{}
	for i, h := range header {
		h = fold.Text(sheet.Clean(h))
		for column, names := range importColumns {
			for _, n := range names {
				if _, have := at[column]; h == n && !have {
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

func readRow(r sheet.Row, at map[string]int) listed {
	value := func(column string) string {
		i, ok := at[column]
		if !ok || i >= len(r.Cells) {
			return ""
		}
		return sheet.Clean(r.Cells[i])
	}
	l := listed{line: r.Line, name: TidyName(value("name")), email: TidyEmail(value("email")), rspo: value("rspo"),
		school: value("institution"), function: TidyName(value("function"))}
	var f fault.Fields
	checkName(&f, "name", l.name)
	checkEmail(&f, "email", l.email)
	checkLength(&f, "function", l.function, MaxFunction)
	switch {
	case l.rspo != "":
		l.rspo = strings.TrimLeft(strings.NewReplacer(" ", "", "-", "").Replace(l.rspo), "0")
		if n, err := strconv.ParseInt(l.rspo, 10, 32); err != nil || n <= 0 {
			f.Add("rspo", "identity.import.rspo_wrong")
			l.rspo = ""
		}
	case l.school == "":
		f.Add("institution", "identity.import.no_school")
	}
	for _, e := range f {
		l.notes = append(l.notes, ImportNote{Column: e.Path, Key: e.Key, Args: e.Args})
	}
	// What is kept of a rejected row is what people mend it by, not more.
	l.name, l.email, l.function = cut(l.name, MaxName), cut(l.email, MaxEmail), cut(l.function, MaxFunction)
	return l
}

// judge decides what becomes of each row, by what lies within reach: an account
// or invitation elsewhere is as none.
func judge(ctx context.Context, q db.Q, r access.Reach, rows []listed, now, day time.Time) error {
	if err := findSchools(ctx, q, r, rows, day); err != nil {
		return err
	}
	emails := make([]string, 0, len(rows))
	for i := range rows {
		if len(rows[i].notes) == 0 {
			emails = append(emails, rows[i].email)
		}
	}
	known, err := accountsAt(ctx, q, r, emails, day)
	if err != nil {
		return err
	}
	waiting, err := inviteesAt(ctx, q, r, emails, now, day)
	if err != nil {
		return err
	}
	for i := range rows {
		l := &rows[i]
		switch v := nearest(waiting[l.email], l.institution); {
		case len(l.notes) > 0:
			l.outcome = RowRejected
		case known[l.email]:
			l.outcome = RowKnown
		case v == nil:
			l.outcome = RowNew
		case v.Name != l.name || v.Function != l.function || v.Institution != l.institution:
			l.outcome, l.invitation, l.version = RowChanged, v.ID, v.Version
			l.was = &wasRow{v.Name, v.Function, v.Institution}
		default:
			l.outcome = RowKnown
		}
	}
	return nil
}

// nearest is the invitation that a row is about: the one to its school, else any
// within reach; nil for none.
func nearest(list []waitingRow, school uuid.UUID) *waitingRow {
	if len(list) == 0 {
		return nil
	}
	return &list[max(slices.IndexFunc(list, func(v waitingRow) bool { return v.Institution == school }), 0)]
}

// findSchools fills in the institutions within reach, by number or else by
// exact name. One elsewhere is answered like one that does not exist.
func findSchools(ctx context.Context, q db.Q, r access.Reach, rows []listed, at time.Time) error {
	var numbers []int64
	var names []string
	for i := range rows {
		if n, err := strconv.ParseInt(rows[i].rspo, 10, 32); err == nil {
			numbers = append(numbers, n)
		} else if rows[i].school != "" {
			names = append(names, fold.Text(rows[i].school))
		}
	}
	byNumber, err := schoolsByNumber(ctx, q, r, numbers, at)
	if err != nil {
		return err
	}
	byName, err := schoolsByName(ctx, q, r, names, at)
	if err != nil {
		return err
	}
	for i := range rows {
		l := &rows[i]
		if l.rspo != "" {
			if l.institution = byNumber[l.rspo]; l.institution == uuid.Nil {
				l.reject("rspo", "identity.import.rspo_unknown")
			}
			continue
		}
		if l.school == "" {
			continue // a wrong number, or nothing: told already
		}
		switch found := byName[fold.Text(l.school)]; len(found) {
		case 1:
			l.institution = found[0]
		case 0:
			l.reject("institution", "identity.import.school_unknown")
		default:
			l.reject("institution", "identity.import.school_ambiguous")
		}
	}
	return nil
}
