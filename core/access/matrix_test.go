package access_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/policies"
)

var update = flag.Bool("update", false, "write policies/matrix.golden anew")

const goldenMatrix = "../../policies/matrix.golden"

// The matrix is read by people in reviews: a change of a right shows as a
// changed cell.
func TestMatrixIsTheReviewedOne(t *testing.T) {
	t.Parallel()
	a := authorizer(t)
	roles := a.Roles()
	var b strings.Builder
	b.WriteString("# role x permission; written by: go test ./core/access -run Matrix -update\n")
	for i, r := range roles {
		fmt.Fprintf(&b, "# %2d %s\n", i+1, r)
	}
	fmt.Fprintf(&b, "%-26s", "")
	for i := range roles {
		fmt.Fprintf(&b, "%3d", i+1)
	}
	b.WriteByte('\n')
	for _, p := range a.Permissions() {
		fmt.Fprintf(&b, "%-26s", p)
		for _, r := range roles {
			cell := "  ."
			if a.Allowed(r, p) {
				cell = "  x"
			}
			b.WriteString(cell)
		}
		b.WriteByte('\n')
	}
	if *update {
		if err := os.WriteFile(goldenMatrix, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(goldenMatrix)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != b.String() {
		t.Errorf("policies/matrix.golden differs from the rules; look at every changed cell, then run with -update:\n%s", b.String())
	}
}

// reading are permissions beside :view, :list and :results that change nothing.
var reading = []access.Permission{"audit:export", "programme:rules", "territory:report"}

// The inspector reads, and takes the account of changes away: no act of theirs
// changes anything.
func TestInspectorOnlyReads(t *testing.T) {
	t.Parallel()
	a := authorizer(t)
	for _, p := range a.Permissions() {
		if a.Allowed(access.Inspector, p) && !slices.Contains(reading, p) && !strings.HasSuffix(string(p), ":view") && !strings.HasSuffix(string(p), ":list") && !strings.HasSuffix(string(p), ":results") {
			t.Errorf("inspector may %s", p)
		}
	}
}

func authorizer(t testing.TB) *access.Authorizer {
	t.Helper()
	a, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
