package ui

import (
	"context"

	"ore.edu.pl/sieci/core/i18n"
)

// documentTitle is "Błąd: Title – Sieci"; the bare brand when the page has no title.
func (s *Shell) documentTitle(ctx context.Context) string {
	brand := i18n.T(ctx, "web.brand")
	if s.Title == "" {
		return brand
	}
	t := s.Title + " – " + brand
	if s.Wrong {
		t = i18n.T(ctx, "web.error_prefix") + " " + t
	}
	return t
}
