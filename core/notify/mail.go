package notify

// How a letter goes out. The job reads the row and its receiver, renders,
// hands the letter to the Sender with no transaction open, then marks the row
// and completes the job in one transaction. A row that is no longer waiting was
// handed over by an earlier run of the same job and is left alone. What fails
// for good (5xx) is marked refused; what may pass is tried again with growing
// pauses for about two days, then given up. No address or text gets into the log.

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/wneessen/go-mail"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/job"
)

const (
	// mailTimeout covers the slow greeting of a grey-listing server.
	mailTimeout = 90 * time.Second
	// mailAttempts with mailPause reach over two days, as RFC 5321 4.5.4.1 advises at least.
	mailAttempts = 16
)

func mailPause(attempt int) time.Duration {
	return min(time.Minute<<(2*min(attempt-1, 5)), 6*time.Hour)
}

// MailArgs is a letter to hand over.
type MailArgs struct {
	Letter uuid.UUID `json:"letter"`
}

// Kind implements [job.Args].
func (MailArgs) Kind() string { return "notify.mail" }

func (s *Service) mail(ctx context.Context, j *job.Job[MailArgs]) error {
	row, err := getLetter(ctx, s.c.DB, j.Args.Letter)
	if db.IsNoRows(err) {
		return nil // erased together with its receiver
	}
	if err != nil {
		return err
	}
	if row.State != waiting {
		return nil
	}
	to, ok, err := s.receiver(ctx, &row)
	if err != nil {
		return err
	}
	if !ok {
		return s.finish(ctx, j, dropped, 0)
	}
	letter, ok, err := s.render(ctx, &row, to)
	if err != nil {
		return err
	}
	if !ok {
		return s.finish(ctx, j, dropped, 0)
	}
	err = s.c.Sender.Send(ctx, letter)
	var no *Refusal
	switch {
	case err == nil:
		return s.finish(ctx, j, sent, 0)
	case errors.As(err, &no) && no.Final:
		return s.finish(ctx, j, refused, no.Code)
	case j.Last():
		return s.finish(ctx, j, givenUp, 0)
	}
	return err
}

func (s *Service) finish(ctx context.Context, j *job.Job[MailArgs], state string, code int) error {
	return s.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := finishLetter(ctx, tx, j.Args.Letter, state, code); err != nil {
			return err
		}
		return j.Complete(ctx, tx)
	})
}

func (s *Service) receiver(ctx context.Context, r *letterRow) (Receiver, bool, error) {
	if r.Person.Valid {
		return s.c.People.MailReceiver(ctx, r.Person.UUID)
	}
	return Receiver{Address: r.Address, Lang: i18n.Lang(r.Lang)}, true, nil
}

// render makes the letter; false when there is nothing left to say. An error
// that no further attempt mends gives the job up.
func (s *Service) render(ctx context.Context, r *letterRow, to Receiver) (*mail.Msg, bool, error) {
	p := letterParts{Lang: string(to.Lang), Base: s.c.BaseURL, Greeting: i18n.Text(to.Lang, "notify.greeting"),
		Footer: i18n.Text(to.Lang, "notify.footer", "Base", s.c.BaseURL)}
	var err error
	if r.Key == digestKey {
		ok := false
		if ok, err = s.digestParts(ctx, r, to.Lang, &p); err == nil && !ok {
			return nil, false, nil
		}
	} else {
		err = s.plainParts(r, to.Lang, &p)
	}
	if err != nil {
		return nil, false, err
	}
	m, err := s.compose(r, to, &p)
	if err != nil {
		return nil, false, job.GiveUp(err)
	}
	return m, true, nil
}

// compose makes the message of text and HTML.
func (s *Service) compose(r *letterRow, to Receiver, p *letterParts) (*mail.Msg, error) {
	m := mail.NewMsg()
	if err := m.FromFormat(i18n.Text(to.Lang, "notify.sender"), s.c.From); err != nil {
		return nil, errors.New("sender's address is not valid")
	}
	if err := m.To(to.Address); err != nil {
		return nil, errors.New("receiver's address is not valid")
	}
	m.Subject(p.Title)
	m.SetDate()
	// The row's id: the same on every attempt, so that a receiver can drop a second copy.
	m.SetMessageIDWithValue(r.ID.String() + "@" + hostOf(s.c.BaseURL))
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office replies
	m.SetGenHeader(mail.HeaderContentLang, string(to.Lang))
	if r.Person.Valid && (r.Key == digestKey || r.Network.Valid) {
		token := s.stopToken(r.Person.UUID, r.Network.UUID)
		p.Settings, p.Stop = i18n.Text(to.Lang, "notify.stop", "Settings", s.c.BaseURL+SettingsPath), s.c.BaseURL+StopPath+token
		m.SetGenHeader("List-Unsubscribe", "<"+p.Stop+">")                    // RFC 2369
		m.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click") // RFC 8058
	}
	m.SetBodyString(mail.TypeTextPlain, p.text())
	html, err := p.html()
	if err != nil {
		return nil, fmt.Errorf("render letter: %w", err)
	}
	m.AddAlternativeString(mail.TypeTextHTML, html)
	return m, nil
}

// plainParts fills a letter that tells one thing.
func (s *Service) plainParts(r *letterRow, l i18n.Lang, p *letterParts) error {
	w, err := r.words(l)
	if err != nil {
		return job.GiveUp(err)
	}
	p.Title = strings.Join(strings.Fields(w.Title), " ")
	for para := range strings.SplitSeq(w.Text, "\n\n") {
		if para = strings.TrimSpace(para); para != "" {
			p.Paragraphs = append(p.Paragraphs, para)
		}
	}
	if r.Link != "" {
		p.Link, p.Action = s.c.BaseURL+r.Link, w.Action
		p.LinkHint = i18n.Text(l, "notify.link_hint")
	}
	return nil
}

// SweepArgs removes what is old.
type SweepArgs struct{}

// Kind implements [job.Args].
func (SweepArgs) Kind() string { return "notify.sweep" }

const (
	keepNotifications = 365 * 24 * time.Hour // a school year and its summer
	keepLetters       = 30 * 24 * time.Hour  // long enough to answer "did you write to me?"
)

func (s *Service) sweep(ctx context.Context, _ *job.Job[SweepArgs]) error {
	for {
		a, err := sweepNotifications(ctx, s.c.DB, s.c.Clock.Now().Add(-keepNotifications))
		if err != nil {
			return err
		}
		b, err := sweepLetters(ctx, s.c.DB, time.Now().Add(-keepLetters))
		if err != nil {
			return err
		}
		if a < sweepSize && b < sweepSize {
			return nil
		}
	}
}
