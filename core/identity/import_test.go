package identity_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/text/encoding/charmap"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
)

func TestImportInvitesEverybodyOrNobody(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.person(t, "jest@example.org")
	good := "Imię i nazwisko;E-mail;RSPO;Szkoła;Funkcja\n" +
		"Zażółć Gęślą;a@example.org;1003;;dyrektorka\n" +
		"\n" +
		"\"Kos, Jan\";b@example.org;;Liceum w Wierzbowie;\n" +
		"Już Jest;JEST@example.org;1003;;\n"
	good = strings.Replace(good, "\"Kos, Jan\"", "Jan Kos", 1)
	bad := good +
		";c@example.org;1003;;\n" + // line 6
		"Ewa Łoś;zły adres;1003;;\n" +
		"Ewa Łoś;a@example.org;1003;;\n" +
		"Ewa Łoś;d@example.org;9999;;\n" +
		"Ewa Łoś;e@example.org;;Szkola Podstawowa nr 1;\n" +
		"Ewa Łoś;f@example.org;;Nie ma takiej;\n" +
		"Ewa Łoś;g@example.org;;;\n"
	r, err := w.s.ImportPeople(t.Context(), w.core, strings.NewReader(bad))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range r.Errors {
		got = append(got, fmt.Sprintf("%d %s %s", e.Line, e.Field.Path, strings.TrimPrefix(e.Field.Key, "identity.")))
	}
	want := "6 name name_missing, 7 email email_wrong, 8 email import.twice, 9 rspo import.rspo_unknown, " +
		"10 institution import.school_ambiguous, 11 institution import.school_unknown, 12 institution import.no_school"
	if strings.Join(got, ", ") != want {
		t.Errorf("%s\nwant\n%s", strings.Join(got, ", "), want)
	}
	if n := w.count(t, `SELECT count(*) FROM person`); n != 1 || len(w.post.with("identity.mail.invitation")) != 0 {
		t.Errorf("a file with errors wrote: %d people", n)
	}
	// The same in the encoding of a Polish spreadsheet, divided by commas.
	raw, err := charmap.Windows1250.NewEncoder().String(strings.ReplaceAll(good, ";", ","))
	if err != nil {
		t.Fatal(err)
	}
	r, err = w.s.ImportPeople(t.Context(), w.core, strings.NewReader(raw))
	if err != nil || r.Rows != 3 || r.Invited != 2 || r.Known != 1 || len(r.Errors) != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if n := w.count(t, `SELECT count(*) FROM person WHERE name = 'Zażółć Gęślą' AND institution_id = $1 AND function = 'dyrektorka' AND state = 'invited'`, w.school); n != 1 {
		t.Error("the first person is not as in the file")
	}
	if n := len(w.post.with("identity.mail.invitation")); n != 2 {
		t.Errorf("%d letters", n)
	}
	r, err = w.s.ImportPeople(t.Context(), w.core, strings.NewReader("\xef\xbb\xbf"+good))
	if err != nil || r.Invited != 0 || r.Known != 3 {
		t.Errorf("again: %+v, %v", r, err)
	}
}

func TestImportOfUnreadableFiles(t *testing.T) {
	t.Parallel()
	w := setup(t)
	head := "name,email,rspo\n"
	for _, c := range []struct{ file, want string }{
		{"", "file identity.import.empty"},
		{head, "file identity.import.empty"},
		{"a,b,c\n1,2,3\n", "file identity.import.columns"},
		{"name,email\nJan Kos,a@example.org\n", "file identity.import.columns"},
		{"PK\x03\x04\x00\x00", "file identity.import.encoding"},
		{head + "\"Jan Kos,a@example.org,1003\n", "file identity.import.quotes"},
		{head + strings.Repeat("Jan Kos,a@example.org,1003\n", 5001), "file identity.import.many"},
		{strings.Repeat(" ", 4<<20+1), "file identity.import.large"},
	} {
		_, err := w.s.ImportPeople(t.Context(), w.core, strings.NewReader(c.file))
		wantKey(t, c.want, err, c.want)
	}
	centre := &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: access.CentreAdmin, Kind: access.Centre, Scope: w.centre}}}
	if _, err := w.s.ImportPeople(t.Context(), centre, strings.NewReader(head)); !fault.Is(err, fault.NotFound) {
		t.Errorf("a centre imports: %v", err)
	}
}
