package file

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCleanName(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"plan.pdf":                        "plan.pdf",
		"Plan.PDF":                        "Plan.pdf",
		`C:\Users\ewa\plan.pdf`:           "plan.pdf",
		"../../etc/passwd":                "passwd.pdf",
		"z\u0307o\u0301łta.pdf":           "żółta.pdf", // as macOS sends it
		"umowa\u202efdp.exe":              "umowafdp.exe.pdf",
		"a\x00b\r\n.pdf":                  "ab.pdf",
		"  .pdf ":                         "plik.pdf",
		"":                                "plik.pdf",
		"\xff\xfe":                        "plik.pdf",
		`a<b>"c".pdf`:                     "a_b__c_.pdf",
		strings.Repeat("ż", 300) + ".pdf": strings.Repeat("ż", 196) + ".pdf",
	} {
		got := cleanName(raw, "plik", pdf)
		if got != want || !utf8.ValidString(got) {
			t.Errorf("%q became %q, want %q", raw, got, want)
		}
	}
}
