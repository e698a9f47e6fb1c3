package kit

import "bytes"

// nbsp in UTF-8.
const nbsp = "\u00a0"

// verbatim are elements whose text stays as it was typed.
var verbatim = [][]byte{[]byte("textarea"), []byte("pre"), []byte("code"), []byte("script"), []byte("style")}

// tie puts a no-break space after one-letter words (w, z, i, o, u, a) in the
// texts of a Polish page, so that no line ends with one. Tags, attributes and
// verbatim elements stay untouched.
func tie(page []byte) []byte {
	out := make([]byte, 0, len(page)+len(page)/32)
	for i := 0; i < len(page); {
		end := tagEnd(page, i)
		out = append(out, page[i:end]...)
		i = end
		next := bytes.IndexByte(page[i:], '<')
		if next < 0 {
			next = len(page) - i
		}
		out = tieText(out, page[i:i+next])
		i += next
	}
	return out
}

// tieText appends text, which holds no tag, with its one-letter words tied.
func tieText(out, text []byte) []byte {
	done := 0
	for from := 0; ; {
		space := bytes.IndexByte(text[from:], ' ')
		if space < 0 {
			return append(out, text[done:]...)
		}
		space += from
		from = space + 1
		if space > 0 && from < len(text) && letter(text[space-1]) && wordStart(text[:space-1]) {
			out = append(append(out, text[done:space]...), nbsp...)
			done = from
		}
	}
}

func letter(b byte) bool {
	switch b {
	case 'w', 'z', 'i', 'o', 'u', 'a', 'W', 'Z', 'I', 'O', 'U', 'A':
		return true
	}
	return false
}

// wordStart reports whether a word may begin after before.
func wordStart(before []byte) bool {
	if len(before) == 0 {
		return true
	}
	switch before[len(before)-1] {
	case ' ', '\n', '\t', '(':
		return true
	}
	return bytes.HasSuffix(before, []byte("„")) || bytes.HasSuffix(before, []byte(nbsp))
}

// tagEnd is where the tag at i ends, past the text of verbatim elements; i
// itself when there is no tag. A > between double quotes ends nothing; templ
// writes no other quotes.
func tagEnd(p []byte, i int) int {
	if p[i] != '<' {
		return i
	}
	j := i
	for quotes := 0; ; {
		k := bytes.IndexByte(p[j:], '>')
		if k < 0 {
			return len(p)
		}
		quotes += bytes.Count(p[j:j+k], []byte{'"'})
		j += k + 1
		if quotes%2 == 0 {
			break
		}
	}
	if name := verbatimAt(p[i+1:]); name != nil {
		k := bytes.Index(p[j:], append([]byte("</"), name...))
		if k < 0 {
			return len(p)
		}
		return j + k
	}
	return j
}

// verbatimAt is the verbatim element that a tag opens, or nil; tag begins after its <.
func verbatimAt(tag []byte) []byte {
	switch tag[0] {
	case 't', 'p', 'c', 's':
	default:
		return nil
	}
	for _, name := range verbatim {
		if bytes.HasPrefix(tag, name) && (tag[len(name)] == ' ' || tag[len(name)] == '>') {
			return name
		}
	}
	return nil
}
