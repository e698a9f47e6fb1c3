package notify

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
)

// Message is one thing to tell, to any number of people.
type Message struct {
	// To are people with accounts; each is told in their own language.
	To []uuid.UUID
	// Addresses are people without an account (invitations) or an address that
	// is not yet theirs (confirmation): they get a letter only.
	Addresses []Address
	// Key names the texts in the catalogue: Key+".title" (one line: the subject
	// and the line in the list), Key+".text" (paragraphs divided by an empty
	// line) and, when there is a Link, Key+".action" (its button; a general one
	// is used where the catalogue has none).
	Key string
	// Args fill the texts: strings, whole numbers ("N" chooses the plural) and
	// time.Time (shown with date and hour in Warsaw). No secrets: they are kept
	// with the notification; what is secret belongs into Link of a letter.
	Args map[string]any
	// Wording replaces Key for texts that a module brings, by language; Polish is required.
	Wording map[i18n.Lang]Wording
	// Link is a path on the platform ("/zaproszenie/…"), put behind the base URL.
	Link string
	// Mail also sends a letter to those in To, at once: for an invitation, a
	// changed or cancelled meeting, moderation and what a near deadline forces.
	// Everything else comes in the digest.
	Mail bool
	// Network is the network that the message is about, uuid.Nil for none: it
	// names the message in the digest, and people choose how to hear of each.
	Network uuid.UUID
	// MailOnly sends the letter without an entry in the list (password resets:
	// its Link is a secret).
	MailOnly bool
	// Once, when set, tells each person the same thing once however often sent
	// ("offer:"+id).
	Once string
}

// Wording is a module's own text in one language; plain text, never markup.
type Wording struct {
	Title  string `json:"title"`
	Text   string `json:"text"`
	Action string `json:"action,omitempty"`
}

// Address is a receiver without an account.
type Address struct {
	Mail string
	Lang i18n.Lang
}

// check finds programmer errors: a message is never made by hand of a visitor.
func (m *Message) check() error {
	switch {
	case (m.Key == "") == (len(m.Wording) == 0):
		return fmt.Errorf("notify: message needs a key or a wording")
	case m.Key != "" && !(i18n.Has(i18n.Polish, m.Key+".title") && i18n.Has(i18n.Polish, m.Key+".text")):
		return fmt.Errorf("notify: the catalogue lacks %s.title or .text", m.Key)
	case m.Key == "" && m.Wording[i18n.Polish].Title == "":
		return fmt.Errorf("notify: wording without a Polish title")
	case m.Link != "" && (!strings.HasPrefix(m.Link, "/") || strings.HasPrefix(m.Link, "//") || strings.ContainsAny(m.Link, "\\\r\n")):
		return fmt.Errorf("notify: link %q is not a path of the platform", m.Link)
	}
	return nil
}

// timeArg marks a time among stored arguments, so that it is shown as a date
// of the reader's language and not as an RFC 3339 string.
const timeArg = "\u0001time:"

func encodeArgs(args map[string]any) ([]byte, error) {
	out := make(map[string]any, len(args))
	for k, v := range args {
		switch x := v.(type) {
		case time.Time:
			out[k] = timeArg + x.UTC().Format(time.RFC3339Nano)
		case string:
			out[k] = strings.ReplaceAll(x, "\u0000", "")
		case int, int32, int64:
			out[k] = x
		default:
			return nil, fmt.Errorf("notify: argument %s has type %T", k, v)
		}
	}
	return json.Marshal(out)
}

func decodeArgs(raw []byte, l i18n.Lang) (map[string]any, error) {
	var in map[string]any
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if err := d.Decode(&in); err != nil {
		return nil, fmt.Errorf("read arguments: %w", err)
	}
	for k, v := range in {
		switch x := v.(type) {
		case json.Number:
			n, err := strconv.Atoi(x.String())
			if err != nil {
				return nil, fmt.Errorf("read argument %s: %w", k, err)
			}
			in[k] = n
		case string:
			if s, ok := strings.CutPrefix(x, timeArg); ok {
				t, err := time.Parse(time.RFC3339Nano, s)
				if err != nil {
					return nil, fmt.Errorf("read argument %s: %w", k, err)
				}
				in[k] = show.DateTime(l, t)
			}
		}
	}
	return in, nil
}

// stored is the text of a row, as it lies in both tables.
type stored struct {
	Key     string `db:"key"`
	Args    []byte `db:"args"`
	Wording []byte `db:"wording"`
	Link    string `db:"link"`
}

// words renders the texts in l.
func (s *stored) words(l i18n.Lang) (Wording, error) {
	if s.Key == "" {
		var all map[i18n.Lang]Wording
		if err := json.Unmarshal(s.Wording, &all); err != nil {
			return Wording{}, fmt.Errorf("read wording: %w", err)
		}
		w, ok := all[l]
		if !ok {
			w = all[i18n.Polish]
		}
		if w.Action == "" {
			w.Action = i18n.Text(l, "notify.open")
		}
		return w, nil
	}
	args, err := decodeArgs(s.Args, l)
	if err != nil {
		return Wording{}, err
	}
	w := Wording{
		Title:  i18n.TextMap(l, s.Key+".title", args),
		Text:   i18n.TextMap(l, s.Key+".text", args),
		Action: i18n.Text(l, "notify.open"),
	}
	if i18n.Has(l, s.Key+".action") {
		w.Action = i18n.TextMap(l, s.Key+".action", args)
	}
	return w, nil
}
