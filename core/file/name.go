package file

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// cleanName makes a name safe to store and to show: composed letters (macOS
// sends ł and ż apart from their marks), no folders, no control or direction
// characters (which can make "fdp.exe" look like "exe.pdf"), a fitting ending.
// fallback stands where nothing is left.
func cleanName(raw, fallback string, t contentType) string {
	s := norm.NFC.String(strings.ToValidUTF8(raw, ""))
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029':
			return -1
		case unicode.IsSpace(r):
			return ' '
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		}
		return r
	}, s)
	s = strings.TrimRight(strings.Join(strings.Fields(s), " "), " .")
	ext := strings.ToLower(path.Ext(s))
	if slices.Contains(t.endings, ext) {
		s = s[:len(s)-len(ext)]
	} else {
		ext = t.endings[0]
	}
	s = strings.Trim(s, " .")
	if s == "" {
		s = fallback
	}
	if r := []rune(s); len(r) > maxName-len(ext) {
		s = strings.TrimRight(string(r[:maxName-len(ext)]), " .")
	}
	return s + ext
}

// Disposition is the Content-Disposition of a download (RFC 6266): never
// inline, the name in UTF-8 and, for very old programs, in plain letters.
func Disposition(name string) string {
	var plain, exact strings.Builder
	for _, r := range norm.NFD.String(name) {
		switch {
		case r == 'ł':
			plain.WriteByte('l')
		case r == 'Ł':
			plain.WriteByte('L')
		case unicode.Is(unicode.Mn, r):
		case r < ' ' || r > '~' || strings.ContainsRune(`"\%;`, r):
			plain.WriteByte('_')
		default:
			plain.WriteRune(r)
		}
	}
	for _, b := range []byte(name) {
		if b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || strings.IndexByte("!#$&+-.^_`|~", b) >= 0 {
			exact.WriteByte(b)
		} else {
			fmt.Fprintf(&exact, "%%%02X", b)
		}
	}
	return fmt.Sprintf(`attachment; filename="%s"; filename*=UTF-8''%s`, plain.String(), exact.String())
}
