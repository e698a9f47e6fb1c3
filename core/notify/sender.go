package notify

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// Sender hands a letter over. An error means that it was not accepted;
// a [Refusal] says whether another attempt can help.
type Sender interface {
	Send(ctx context.Context, m *mail.Msg) error
}

// Refusal is a mail server's no. Its text holds no address.
type Refusal struct {
	Code  int
	Final bool
}

// Error implements error.
func (r *Refusal) Error() string {
	return fmt.Sprintf("mail server refused the letter (code %d, final %t)", r.Code, r.Final)
}

type smtpSender struct {
	host    string
	options []mail.Option
}

var (
	_ Sender = (*smtpSender)(nil)
	_ Sender = (*Folder)(nil)
)

// SMTP makes a sender from a URL: smtps://user:password@host (TLS from the
// first byte, port 465), smtp://host (STARTTLS demanded, port 587), or
// smtp://host?tls=none for a server on the same machine.
func SMTP(raw string) (Sender, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("mail server address is not a URL such as smtp://host:587")
	}
	opts := []mail.Option{mail.WithTimeout(30 * time.Second), mail.WithoutNoop()}
	port := 587
	tls := cmp.Or(u.Query().Get("tls"), "starttls")
	switch {
	case u.Scheme == "smtps":
		port = 465
		opts = append(opts, mail.WithSSL())
	case u.Scheme == "smtp" && tls == "starttls":
		opts = append(opts, mail.WithTLSPolicy(mail.TLSMandatory))
	case u.Scheme == "smtp" && tls == "none":
		port = 25
		opts = append(opts, mail.WithTLSPolicy(mail.NoTLS))
	default:
		return nil, errors.New("mail server address must begin with smtps:// or smtp:// and have tls=starttls or tls=none")
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil {
			return nil, errors.New("mail server address has a wrong port")
		}
	}
	opts = append(opts, mail.WithPort(port))
	if u.User != nil {
		pass, _ := u.User.Password()
		auth := mail.SMTPAuthAutoDiscover
		if tls == "none" && u.Scheme == "smtp" {
			auth = mail.SMTPAuthPlainNoEnc
		}
		opts = append(opts, mail.WithSMTPAuth(auth), mail.WithUsername(u.User.Username()), mail.WithPassword(pass))
	}
	if _, err := mail.NewClient(u.Hostname(), opts...); err != nil {
		return nil, errors.New("mail server address is not usable")
	}
	return &smtpSender{host: u.Hostname(), options: opts}, nil
}

func (s *smtpSender) Send(ctx context.Context, m *mail.Msg) error {
	c, err := mail.NewClient(s.host, s.options...)
	if err != nil {
		return err
	}
	conn, err := c.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("reach mail server: %w", err)
	}
	err = c.SendWithSMTPClient(conn, m)
	// A failing QUIT after the server took the letter is no failure: trying
	// again would send it twice.
	_ = c.CloseWithSMTPClient(conn)
	if err == nil {
		return nil
	}
	var se *mail.SendError
	if errors.As(err, &se) {
		return &Refusal{Code: se.ErrorCode(), Final: se.ErrorCode() >= 500}
	}
	return errors.New("mail server broke off")
}

// Folder keeps letters as .eml files, for installations without a mail server
// and for the development page. One file per letter: a repeat replaces it.
type Folder struct{ dir string }

// NewFolder makes the folder, closed to other users: letters hold secret links.
func NewFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("mail folder: %w", err)
	}
	return &Folder{dir: dir}, nil
}

// Send implements [Sender].
func (f *Folder) Send(_ context.Context, m *mail.Msg) error {
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return fmt.Errorf("write letter: %w", err)
	}
	id, _, _ := strings.Cut(strings.Trim(m.GetMessageID(), "<>"), "@")
	path := filepath.Join(f.dir, filepath.Base(id)+".eml")
	if err := os.WriteFile(path+".new", b.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write letter: %w", err)
	}
	return os.Rename(path+".new", path)
}
