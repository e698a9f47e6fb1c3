package app

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/web/dev"
)

// mailbox shows the folder of unsent mails to the development page.
type mailbox struct{ folder *notify.Folder }

var _ dev.Mailbox = mailbox{}

// List implements [dev.Mailbox].
func (m mailbox) List(_ context.Context, limit int) ([]dev.Mail, error) {
	all, err := m.folder.Letters(limit)
	if err != nil {
		return nil, err
	}
	out := make([]dev.Mail, len(all))
	for i, l := range all {
		out[i] = devMail(l)
	}
	return out, nil
}

// Read implements [dev.Mailbox].
func (m mailbox) Read(_ context.Context, id string) (dev.Mail, error) {
	u, err := uuid.Parse(id)
	if err != nil {
		return dev.Mail{}, fault.ErrNotFound
	}
	l, err := m.folder.Letter(u)
	return devMail(l), err
}

func devMail(l notify.Letter) dev.Mail {
	return dev.Mail{ID: l.ID.String(), To: l.To, Subject: l.Subject, At: l.At, Text: l.Text}
}
