package registry

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/fold"
)

// The tables that know how official files name things. They are data, because
// the offices change a heading more often than we release.
var (
	//go:embed data/columns.json
	columnsJSON []byte
	//go:embed data/types.json
	typesJSON []byte

	columnTables = mustRead[map[string]map[string]columnAlias](columnsJSON)
	typeTable    = mustRead[typeData](typesJSON)
)

// columnAlias is a column that an import reads: the headings under which it
// comes, the first being the official one.
type columnAlias struct {
	Names    []string `json:"names"`
	Required bool     `json:"required"`
}

type typeData struct {
	// Kinds map the register's types to ours by how their folded name begins.
	Kinds []struct {
		Kind   Kind     `json:"kind"`
		Begins []string `json:"begins"`
	} `json:"kinds"`
	// Abbreviations are what people type instead of words of a name.
	Abbreviations []struct{ Words, Short string } `json:"abbreviations"`
}

func mustRead[T any](raw []byte) (v T) {
	if err := json.Unmarshal(raw, &v); err != nil {
		panic("registry: embedded table: " + err.Error())
	}
	return v
}

// layout is where the columns of a table stand in one file.
type layout struct {
	at    map[string]int
	title []string
	width int
}

// findLayout recognises the header of a file. A required column that is missing
// is an error that names its official heading; unknown columns are ignored.
func findLayout(table string, header []string) (layout, error) {
	l := layout{at: map[string]int{}, title: header, width: len(header)}
	seen := map[string]int{}
	for i, h := range header {
		if _, twice := seen[heading(h)]; !twice {
			seen[heading(h)] = i
		}
	}
	var missing []string
	for name, alias := range columnTables[table] {
		found := false
		for _, n := range alias.Names {
			if i, ok := seen[heading(n)]; ok {
				l.at[name], found = i, true
				break
			}
		}
		if !found && alias.Required {
			missing = append(missing, alias.Names[0])
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return l, fault.InvalidFields(fault.Field{Path: "file", Key: "registry.columns_missing", Args: fault.Args{"Columns": strings.Join(missing, ", ")}})
	}
	return l, nil
}

// heading makes a heading comparable: "E-mail", "e mail" and "EMAIL" are one.
func heading(s string) string { return strings.Join(fold.Words(s), "") }

func kindOf(typeName string) Kind {
	folded := strings.Join(fold.Words(typeName), " ")
	best, length := Other, 0
	for _, k := range typeTable.Kinds {
		for _, b := range k.Begins {
			if len(b) > length && strings.HasPrefix(folded, b) {
				best, length = k.Kind, len(b)
			}
		}
	}
	return best
}
