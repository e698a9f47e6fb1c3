package kit

import (
	"context"
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/gather"
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
// for something exports one; all are asked by one statement.
type TodoSource interface {
	// Ask is what to read for the actor, a person signed in: at most $4 rows, the
	// most urgent first. False when the room never asks this person for anything.
	Ask(a *access.Actor) (gather.Part, bool)
	// Read makes items of the rows. It is called when Ask gave a part, and reads
	// nothing else. The actor and their language are in ctx.
	Read(ctx context.Context, f gather.Found) ([]TodoItem, error)
}
