package app

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/i18n"
)

// The README's table of settings is the program's own list.
func TestReadmeSettings(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Settings(i18n.English) {
		def := ""
		if s.Default != "" {
			def = " `" + s.Default + "`"
		}
		if row := fmt.Sprintf("| `%s` |%s | %s |\n", s.Name, def, s.Doc); !strings.Contains(string(raw), row) {
			t.Errorf("README.md lacks the row %s", row)
		}
	}
}
