package kit

import (
	"context"
	"time"

	"ore.edu.pl/sieci/core/access"
)

// TodoItem is one line of "Co teraz" on /moje.
type TodoItem struct {
	// Text says what to do, in the reader's language: "Odpowiedz na zaproszenie".
	Text string
	// Where names the network or thing concerned; may be empty.
	Where string
	Href  string
	// Due is the domain time by which; zero when there is no date. Dated items
	// come first, earliest first.
	Due time.Time
}

// TodoSource finds what a person should do next. Every room that asks people
// for something exports one. At most limit items, the most urgent first; one
// query. The actor's language is in ctx.
type TodoSource interface {
	Todo(ctx context.Context, actor *access.Actor, limit int) ([]TodoItem, error)
}
