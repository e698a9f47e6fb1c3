package webtest

import "testing"

// The matrix is asked for by one word; a usual run takes a narrow light and a
// wide dark screen.
func TestViews(t *testing.T) {
	t.Parallel()
	for extent, want := range map[string][]string{
		"":     {"320-light", "1280-dark"},
		"full": {"320-light", "320-dark", "1280-light", "1280-dark"},
	} {
		got := views(extent)
		if len(got) != len(want) {
			t.Errorf("%q: %d screens, want %v", extent, len(got), want)
			continue
		}
		for i, v := range got {
			if v.Name != want[i] {
				t.Errorf("%q: screen %d is %s, want %s", extent, i, v.Name, want[i])
			}
		}
	}
}
