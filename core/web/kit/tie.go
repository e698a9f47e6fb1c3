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
	done, text := 0, 0 // page[:done] is written; page[text:i] is text before i
	for i := 0; i < len(page); {
		switch page[i] {
		case '<':
			i = tagEnd(page, i)
			text = i
			continue
		case ' ':
			if i > text && i+1 < len(page) && page[i+1] != '<' && single[page[i-1]] && wordStart(page[text:i-1]) {
				out.Write(page[done:i])
				out.WriteString(nbsp)
				done = i + 1
			}
		}
		i++
	}
	out.Write(page[done:])
}

// single are the letters that are words of their own.
var single = [256]bool{'w': true, 'z': true, 'i': true, 'o': true, 'u': true, 'a': true, 'W': true, 'Z': true, 'I': true, 'O': true, 'U': true, 'A': true}

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

// tagEnd is where the tag at i ends, past the text of verbatim elements. A >
// between double quotes ends nothing; templ writes no other quotes.
func tagEnd(p []byte, i int) int {
	quoted := false
	for j := i + 1; j < len(p); j++ {
		switch p[j] {
		case '"':
			quoted = !quoted
		case '>':
			if quoted {
				continue
			}
			if name := verbatimAt(p[i+1:]); name != nil {
				k := bytes.Index(p[j+1:], append([]byte("</"), name...))
				if k < 0 {
					return len(p)
				}
				return j + 1 + k
			}
			return j + 1
		}
	}
	return len(p)
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
