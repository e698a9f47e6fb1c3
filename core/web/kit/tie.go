package kit

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// nbsp in UTF-8.
const nbsp = "\u00a0"

// verbatim are elements whose text stays as it was typed, with the beginning of
// the tag that ends each.
var verbatim = [...]struct{ name, end []byte }{
	{[]byte("textarea"), []byte("</textarea")}, {[]byte("pre"), []byte("</pre")}, {[]byte("code"), []byte("</code")},
	{[]byte("script"), []byte("</script")}, {[]byte("style"), []byte("</style")},
}

// tie writes page with a no-break space after one-letter words (w, z, i, o, u,
// a) in the texts of a Polish page, so that no line ends with one. Tags,
// attributes and verbatim elements stay untouched.
//
// Every page goes through here, so no byte is looked at by itself: eight at a
// time are searched for a space behind one letter behind no letter, and only
// there it is found out which tag stands before. So no tag may hold a <, and no
// verbatim element another than code in pre; templ and our Markdown see to that.
func tie(out *bytes.Buffer, page []byte) {
	out.Grow(len(page) + len(page)/32)
	done := 0         // page[:done] is written
	tag, text := 0, 0 // the last tag known begins at tag, and text follows it at text
	before := uint64(0)
	for i := 0; i < len(page); i += 8 {
		var word uint64
		if i+8 <= len(page) {
			word = binary.LittleEndian.Uint64(page[i:])
		} else {
			var last [8]byte
			copy(last[:], page[i:])
			word = binary.LittleEndian.Uint64(last[:])
		}
		letters := word << 1 & (ones << 7)
		one := letters<<8 | before>>56      // a letter stands before
		none := ^(letters<<16 | before>>48) // and none before that
		before = letters
		for found := spacesOf(word) & one & none; found != 0; found &= found - 1 {
			k := i + bits.TrailingZeros64(found)>>3
			if !single[page[k-1]] || k > 1 && !wordEnd[page[k-2]] || page[k] != ' ' || k+1 == len(page) || page[k+1] == '<' {
				continue
			}
			if n := bytes.LastIndexByte(page[tag:k], '<'); n >= 0 && (n > 0 || text == 0) {
				tag += n
				text = tagEnd(page, tag)
			}
			if k > text && wordStart(page[text:k-1]) {
				out.Write(page[done:k])
				out.WriteString(nbsp)
				done = k + 1
			}
		}
	}
	out.Write(page[done:])
}

// ones has the lowest bit of each byte. The bit 0x40 is set in all letters of
// one byte and in the first byte of longer ones, and not set in spaces, digits,
// brackets, > and the last byte of longer signs.
const ones = 0x0101010101010101

// spacesOf marks the spaces in word, each by the highest bit of its byte; now and
// then also what is no space, behind one.
func spacesOf(word uint64) uint64 {
	x := word ^ ones*' '
	return (x - ones) &^ x & (ones << 7)
}

// single are the letters that are words of their own.
var single = [256]bool{'w': true, 'z': true, 'i': true, 'o': true, 'u': true, 'a': true, 'W': true, 'Z': true, 'I': true, 'O': true, 'U': true, 'A': true}

// wordEnd are the bytes behind which a word may begin: the end of a tag, and
// the last bytes of what wordStart looks for (of „ and nbsp in UTF-8 too).
var wordEnd = [256]bool{' ': true, '\n': true, '\t': true, '(': true, '>': true, 0x9e: true, 0xa0: true}

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
	for j := i + 1; ; {
		n := bytes.IndexByte(p[j:], '>')
		if n < 0 {
			return len(p)
		}
		if bytes.Count(p[j:j+n], quote)%2 == 1 {
			quoted = !quoted
		}
		if j += n + 1; quoted {
			continue
		}
		end := verbatimEnd(p[i+1:])
		if end == nil {
			return j
		}
		k := bytes.Index(p[j:], end)
		if k < 0 {
			return len(p)
		}
		return j + k
	}
}

var quote = []byte{'"'}

// verbatimEnd begins the tag that ends the verbatim element which a tag opens,
// or is nil; tag begins after its <.
func verbatimEnd(tag []byte) []byte {
	switch tag[0] {
	case 't', 'p', 'c', 's':
	default:
		return nil
	}
	for i := range verbatim {
		v := &verbatim[i]
		if bytes.HasPrefix(tag, v.name) && (tag[len(v.name)] == ' ' || tag[len(v.name)] == '>') {
			return v.end
		}
	}
	return nil
}
