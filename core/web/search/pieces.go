package search

import (
	"context"
	"io"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/search"
)

// pieces are a text with the words that were looked for marked; every piece is
// escaped, and nothing stands between them that is not in the text.
func pieces(list []search.Piece) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		for _, p := range list {
			text := templ.EscapeString(p.Text)
			if p.Hit {
				text = "<mark>" + text + "</mark>"
			}
			if _, err := io.WriteString(w, text); err != nil {
				return err
			}
		}
		return nil
	})
}
