package kit

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
)

// IdemField is the hidden field with a form's idempotency key.
const IdemField = "idem"

// maxFields bounds the names in a form; the largest form of the vocabulary has
// 300 items and 50 rows of a repeat.
const maxFields = 20_000

// Form is a posted form.
type Form struct {
	// Values are as the browser sent them; Get and All tidy them.
	Values url.Values
	// Files are the uploads by field name; gone when the handler returns.
	Files map[string][]*multipart.FileHeader
}

// Get is the first value of a field: Unicode NFC (macOS sends NFD), without
// control characters and surrounding space.
func (f *Form) Get(name string) string { return Clean(f.Values.Get(name)) }

// Raw is the first value as sent: for passwords.
func (f *Form) Raw(name string) string { return f.Values.Get(name) }

// Text is Get for long texts: line ends become \n, inner space stays.
func (f *Form) Text(name string) string {
	return Clean(strings.ReplaceAll(strings.ReplaceAll(f.Values.Get(name), "\r\n", "\n"), "\r", "\n"))
}

// All is every value of a field, tidied, without empty ones.
func (f *Form) All(name string) []string {
	var out []string
	for _, v := range f.Values[name] {
		if v = Clean(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// Has reports whether the field was sent: a ticked box, a pressed button.
func (f *Form) Has(name string) bool { return f.Values.Has(name) }

// File is the first upload of a field, or nil when none was chosen.
func (f *Form) File(name string) *multipart.FileHeader {
	for _, h := range f.Files[name] {
		if h.Size > 0 || h.Filename != "" {
			return h
		}
	}
	return nil
}

// Clean is what [Form.Get] does to a value; the API does it to every text.
func Clean(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, "�"))
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < ' ' || r == 0x7f:
			return -1
		case r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069: // direction overrides hide what a text says
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// readForm parses the body of a POST and puts the idempotency key into the
// context. The key is the hidden field and a digest of everything sent: a
// double submit repeats both, while a form corrected after "back" is new.
func (c *Ctx) readForm() error {
	r := c.Request()
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && r.ContentLength != 0 {
		return fault.Wrap(err, fault.Invalid, "web.bad_form")
	}
	f := &Form{Values: url.Values{}}
	switch kind {
	case "multipart/form-data":
		err = r.ParseMultipartForm(1 << 20) // what is larger waits in temporary files
		if err == nil {
			f.Values, f.Files = r.MultipartForm.Value, r.MultipartForm.File
		}
	case "application/x-www-form-urlencoded":
		err = r.ParseForm()
		f.Values = r.PostForm
	case "":
	default:
		return fault.New(fault.Invalid, "web.bad_form")
	}
	if err != nil {
		return bodyError(err)
	}
	if len(f.Values) > maxFields {
		return fault.New(fault.TooLarge, "fault.too_large")
	}
	c.form = f
	if key := f.Values.Get(IdemField); idem.Valid(key) && len(key) <= 32 {
		c.e.SetRequest(r.WithContext(idem.WithForm(r.Context(), key, f.digest())))
	}
	return nil
}

func (c *Ctx) dropFiles() {
	if m := c.Request().MultipartForm; m != nil {
		_ = m.RemoveAll() // temporary files; the system clears what is left
	}
}

func bodyError(err error) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return fault.Wrap(err, fault.TooLarge, "fault.too_large")
	}
	return fault.Wrap(err, fault.Invalid, "web.bad_form")
}

// digest is 96 bits over names and values and over names and sizes of files.
func (f *Form) digest() string {
	h := sha256.New()
	for _, n := range sorted(f.Values) {
		if n != IdemField {
			fmt.Fprintf(h, "%q=%q;", n, f.Values[n])
		}
	}
	for _, n := range sorted(f.Files) {
		for _, file := range f.Files[n] {
			fmt.Fprintf(h, "%q=%q,%d;", n, file.Filename, file.Size)
		}
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}

func sorted[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for n := range m {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}
