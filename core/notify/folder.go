package notify

import (
	"cmp"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
)

// Letter is a letter in the folder, for the development page.
type Letter struct {
	ID      uuid.UUID
	At      time.Time
	To      string
	Subject string
	// Text is the plain part; only [Folder.Letter] fills it.
	Text string
}

// Letters lists the newest letters, at most limit.
func (f *Folder) Letters(limit int) ([]Letter, error) {
	names, err := filepath.Glob(filepath.Join(f.dir, "*.eml"))
	if err != nil {
		return nil, err
	}
	// Names are UUIDs of version 7: they sort by time.
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(b, a) })
	names = names[:min(len(names), limit)]
	out := make([]Letter, 0, len(names))
	for _, n := range names {
		id, err := uuid.Parse(strings.TrimSuffix(filepath.Base(n), ".eml"))
		if err != nil {
			continue // somebody else's file
		}
		l, err := f.Letter(id)
		if err != nil {
			return nil, err
		}
		l.Text = ""
		out = append(out, l)
	}
	return out, nil
}

// Letter reads one letter; NotFound when there is none.
func (f *Folder) Letter(id uuid.UUID) (Letter, error) {
	file, err := os.Open(filepath.Join(f.dir, id.String()+".eml"))
	if os.IsNotExist(err) {
		return Letter{}, fault.ErrNotFound
	}
	if err != nil {
		return Letter{}, err
	}
	defer file.Close()
	m, err := mail.ReadMessage(file)
	if err != nil {
		return Letter{}, fmt.Errorf("read letter: %w", err)
	}
	l := Letter{ID: id}
	if l.At, err = m.Header.Date(); err != nil {
		return Letter{}, fmt.Errorf("read letter: %w", err)
	}
	to, err := m.Header.AddressList("To")
	if err != nil {
		return Letter{}, fmt.Errorf("read letter: %w", err)
	}
	l.To = to[0].Address
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return Letter{}, fmt.Errorf("read letter: %w", err)
	}
	l.Text, err = plainPart(m)
	return l, err
}

func plainPart(m *mail.Message) (string, error) {
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return "", fmt.Errorf("read letter: %w", err)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if err != nil {
			return "", fmt.Errorf("read letter: %w", err)
		}
		if t, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type")); t == "text/plain" {
			b, err := io.ReadAll(quotedprintable.NewReader(p))
			return strings.ReplaceAll(string(b), "\r\n", "\n"), err
		}
	}
}

// Dir is the folder, for the message that tells where letters lie.
func (f *Folder) Dir() string { return f.dir }
