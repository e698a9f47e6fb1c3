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
		if page[i] == '<' {
			end := tagEnd(page, i)
			out = append(out, page[i:end]...)
			i = end
			continue
		}
		if single(page, i) {
			out = append(append(out, page[i]), nbsp...)
			i += 2
			continue
		}
		out = append(out, page[i])
		i++
	}
	return out
}

// single reports whether a one-letter word and a space stand at i.
func single(p []byte, i int) bool {
	if i+2 >= len(p) || p[i+1] != ' ' || bytes.IndexByte([]byte("wziouaWZIOUA"), p[i]) < 0 {
		return false
	}
	if i == 0 {
		return true
	}
	// the no-break space that this function wrote after the word before is seen
	// as the space it was
	switch p[i-1] {
	case ' ', '\n', '\t', '(', '>':
		return p[i-1] != '>' || !bytes.HasSuffix(p[:i], []byte("-->"))
	}
	return bytes.HasSuffix(p[:i], []byte("„")) || bytes.HasSuffix(p[:i], []byte(nbsp))
}

// tagEnd is where the tag at i ends; past the closing tag for verbatim elements.
func tagEnd(p []byte, i int) int {
	quote := byte(0)
	j := i + 1
	for ; j < len(p); j++ {
		switch b := p[j]; {
		case quote != 0:
			if b == quote {
				quote = 0
			}
		case b == '"' || b == '\'':
			quote = b
		case b == '>':
			j++
			goto found
		}
	}
	return len(p)
found:
	for _, name := range verbatim {
		if bytes.HasPrefix(p[i+1:], name) && (p[i+1+len(name)] == ' ' || p[i+1+len(name)] == '>') {
			if k := bytes.Index(p[j:], append([]byte("</"), name...)); k >= 0 {
				return j + k
			}
			return len(p)
		}
	}
	return j
}
