package kit

import (
	"reflect"
	"testing"

	"ore.edu.pl/sieci/core/web/ui"
)

// Two types called Problem, and one asked for in three ways.
func TestSchemasNamedAlike(t *testing.T) {
	t.Parallel()
	type Route struct{ Name string }
	r := schemas()
	first := r.Schema(reflect.TypeFor[Route](), true, "")
	again := r.Schema(reflect.TypeFor[*Route](), true, "")
	other := r.Schema(reflect.TypeFor[**Route](), true, "")
	second := r.Schema(reflect.TypeFor[ui.Problem](), true, "")
	third := r.Schema(reflect.TypeFor[Problem](), true, "")
	inner := r.Schema(reflect.TypeFor[struct{ Name string }](), true, "Problems")
	named := r.Schema(reflect.TypeFor[ui.Problems](), true, "")
	for i, got := range []string{first.Ref, again.Ref, other.Ref, second.Ref, third.Ref, inner.Ref, named.Ref} {
		if want := "#/components/schemas/" + []string{"Route", "Route", "Route", "Problem", "KitProblem", "Problems", "UiProblems"}[i]; got != want {
			t.Errorf("name %d is %s, want %s", i, got, want)
		}
	}
}
