package plugin

import (
	"regexp"
	"strings"
)

// masked stands in place of what could be about a person.
const masked = "▒▒▒"

// Patterns of personal data in what a module writes. It gets no names of
// accounts; but people write into forms what they like, and a module may write
// that into its log.
var (
	anAddress = regexp.MustCompile(`[\p{L}\p{N}._%+\-]+@[\p{L}\p{N}.\-]*\p{L}`)
	anID      = regexp.MustCompile(`\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b`)
	aMoment   = regexp.MustCompile(`\b\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?\b`)
	aNumber   = regexp.MustCompile(`\+?\d(?:[ \-]?\d){6,}`) // PESEL, telephone, account
	aName     = regexp.MustCompile(`\p{Lu}\p{Ll}+(?:-\p{Lu}\p{Ll}+)?(?: \p{Lu}\p{Ll}+(?:-\p{Lu}\p{Ll}+)?)+`)
)

// mask hides in a module's line what could be personal data: addresses of mail,
// numbers of seven and more digits, and two or more words in a row that begin
// with a capital letter, as names do. Ids and moments stay: they lead those who
// may see the person to it, and nobody else.
func mask(line string) string {
	line = anAddress.ReplaceAllString(line, masked)
	var b strings.Builder
	done := 0
	for _, at := range keep(line) {
		b.WriteString(aNumber.ReplaceAllString(line[done:at[0]], masked))
		b.WriteString(line[at[0]:at[1]])
		done = at[1]
	}
	b.WriteString(aNumber.ReplaceAllString(line[done:], masked))
	return aName.ReplaceAllString(b.String(), masked)
}

// keep are the places of ids and moments, in their order.
func keep(line string) [][]int {
	ids, moments := anID.FindAllStringIndex(line, -1), aMoment.FindAllStringIndex(line, -1)
	var out [][]int
	for len(ids)+len(moments) > 0 {
		next := &ids
		if len(ids) == 0 || len(moments) > 0 && moments[0][0] < ids[0][0] {
			next = &moments
		}
		if at := (*next)[0]; len(out) == 0 || at[0] >= out[len(out)-1][1] {
			out = append(out, at)
		}
		*next = (*next)[1:]
	}
	return out
}
