package identity

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/fold"
	"ore.edu.pl/sieci/core/registry"
)

// State of an account.
type State string

// The states of an account. Only an active one can sign in.
const (
	Invited State = "invited" // prepared; nobody has chosen a password yet
	Pending State = "pending" // waits for the school or centre
	Active  State = "active"
	Refused State = "refused"
	Blocked State = "blocked"
	Merged  State = "merged" // closed: another account took its place
	Erased  State = "erased"
)

// States lists them in the order in which filters offer them; Invited is but an
// administrator of an installation before signing in for the first time.
var States = []State{Active, Pending, Refused, Blocked}

// Fields of a profile that a person may show to others; name and institution always are.
const (
	ShowFunction = "function"
	ShowAbout    = "about"
	ShowEmail    = "email"
)

// Showable lists them.
var Showable = []string{ShowFunction, ShowAbout, ShowEmail}

// Lengths in characters; the database checks the same.
const (
	MaxName     = 120
	MaxEmail    = 254
	MaxFunction = 120
	MaxAbout    = 2000
)

// Account is a person as they themselves and administrators see them.
type Account struct {
	ID              uuid.UUID
	Email           string
	Name            string
	SortName        string
	State           State
	Institution     uuid.NullUUID
	InstitutionName string
	// School is the institution with its place, for [registry.Institution.Label].
	School   registry.Institution
	Function string
	About    string
	// Shown are the fields that others see, out of [Showable].
	Shown     []string
	Lang      i18n.Lang
	CreatedAt time.Time
	// Version guards against two editors.
	Version int
	// MergedInto is the account that took this one's place.
	MergedInto uuid.NullUUID
}

// TidyName is a name as it is kept: NFC, single spaces.
func TidyName(s string) string { return strings.Join(strings.Fields(norm.NFC.String(s)), " ") }

// SortName is how a name is filed: the last word first ("Kowalska-Nowak Anna
// Maria"). A guess that the person can correct.
func SortName(name string) string {
	i := strings.LastIndexByte(name, ' ')
	if i < 0 {
		return name
	}
	return name[i+1:] + " " + name[:i]
}

// checkName accepts any letters, space, hyphen, apostrophes and full stop.
func checkName(f *fault.Fields, path, name string) {
	letter := false
	for _, r := range name {
		switch {
		case unicode.IsLetter(r):
			letter = true
		case unicode.Is(unicode.M, r) || strings.ContainsRune(" -–'’.", r):
		default:
			f.Add(path, "identity.name_signs")
			return
		}
	}
	switch {
	case name == "" || !letter:
		f.Add(path, "identity.name_missing")
	case utf8.RuneCountInString(name) > MaxName:
		f.Add(path, "identity.name_long", "Max", MaxName)
	}
}

// TidyEmail is an address as it is kept: without surrounding space, lower case.
func TidyEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// validEmail accepts local@host.domain in ASCII, as mail servers everywhere take it.
func validEmail(s string) bool {
	if len(s) > MaxEmail || strings.ContainsFunc(s, func(r rune) bool { return r > '~' || r <= ' ' || strings.ContainsRune(`"<>(),;:\`, r) }) {
		return false
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s {
		return false
	}
	_, host, _ := strings.Cut(s, "@")
	return strings.Contains(strings.Trim(host, "."), ".") && !strings.Contains(host, "..")
}

func checkEmail(f *fault.Fields, path, email string) {
	switch {
	case email == "":
		f.Add(path, "identity.email_missing")
	case !validEmail(email):
		f.Add(path, "identity.email_wrong")
	}
}

// folded is what searches compare: name and address.
func folded(name, email string) string { return fold.Text(name + " " + email) }

func tidyShown(in []string) []string {
	out := []string{}
	for _, f := range Showable {
		if slices.Contains(in, f) {
			out = append(out, f)
		}
	}
	return out
}
