package notify

import (
	"context"

	"github.com/google/uuid"
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
