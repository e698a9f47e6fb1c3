package kit

import "bytes"

// nbsp in UTF-8.
const nbsp = "\u00a0"

// verbatim are elements whose text stays as it was typed.
var verbatim = [][]byte{[]byte("textarea"), []byte("pre"), []byte("code"), []byte("script"), []byte("style")}

// tie writes page with a no-break space after one-letter words (w, z, i, o, u,
// a) in the texts of a Polish page, so that no line ends with one. Tags,
// attributes and verbatim elements stay untouched.
func tie(out *bytes.Buffer, page []byte) {
	done := 0 // page[:done] is written
	for i := 0; i < len(page); {
		i = tagEnd(page, i)
		end := bytes.IndexByte(page[i:], '<')
		if end < 0 {
			end = len(page)
		} else {
			end += i
		}
		done = tieText(out, page, i, end, done)
		i = end
	}
	out.Write(page[done:])
}

// tieText ties the one-letter words of page[i:end], which holds no tag; it
// returns what is written then.
func tieText(out *bytes.Buffer, page []byte, i, end, done int) int {
	for from := i; ; {
		space := bytes.IndexByte(page[from:end], ' ')
		if space < 0 {
			return done
		}
		space += from
		from = space + 1
		if space > i && from < end && letter(page[space-1]) && wordStart(page[i:space-1]) {
			out.Write(page[done:space])
			out.WriteString(nbsp)
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
	if i+1 < len(p) && p[i+1] == '/' { // an end tag holds a name alone
		if k := bytes.IndexByte(p[i:], '>'); k >= 0 {
			return i + k + 1
		}
		return len(p)
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
