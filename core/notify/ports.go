package notify

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/i18n"
)

// People knows where to write to a person; identity implements it.
type People interface {
	// MailReceiver is called outside any transaction, when a letter is about to
	// go out; ok is false for who must not be written to (erased, refused, missing).
	MailReceiver(ctx context.Context, person uuid.UUID) (to Receiver, ok bool, err error)
}

// Receiver of a letter.
type Receiver struct {
	Address string
	Lang    i18n.Lang
}

// Networks knows what networks are called; core/app joins it to core/network.
type Networks interface {
	// Titles names the networks; unknown ones are left out. No permission is
	// asked: only people who were told of a network see its name.
	Titles(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error)
	// Of lists the networks in which the actor holds a role, at most 200.
	Of(ctx context.Context, a *access.Actor) ([]NamedNetwork, error)
}

// NamedNetwork is a network of the reader.
type NamedNetwork struct {
	ID    uuid.UUID
	Title string
}

// FreeDay tells about a day in Warsaw: whether it is free for everybody (a
// weekend, a public holiday), and else in which voivodeships (TERYT codes)
// schools have their winter break.
type FreeDay func(day time.Time) (everybody bool, voivodeships []string)
