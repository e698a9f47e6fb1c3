package measure_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// sent is one thing that the program asked of PostgreSQL and waited for.
type sent struct {
	how  string // "prepare", "run" of a prepared statement, or "plain" text
	sql  string
	args []any // texts, or nil
}

// tap stands between the program and PostgreSQL and notes what is sent. It is a
// witness of its own: what core/db counts is not believed but compared.
type tap struct {
	dsn  string // the address that leads through the tap
	mu   sync.Mutex
	list []sent
	torn error
}

// listen opens a tap in front of the server that dsn names (a socket folder).
func listen(t testing.TB, dsn string) *tap {
	t.Helper()
	dir, err := os.MkdirTemp("", "tap") // short: socket paths end at 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	p := &tap{}
	var fields []string
	host, port := "", "5432"
	for _, f := range strings.Fields(dsn) {
		switch k, v, _ := strings.Cut(f, "="); k {
		case "host":
			host = strings.Trim(v, "'")
			f = "host=" + dir
		case "port":
			port = v
		}
		fields = append(fields, f)
	}
	if !filepath.IsAbs(host) {
		t.Fatalf("the tests' server is not on a socket: %q", host)
	}
	p.dsn = strings.Join(fields, " ")
	name := ".s.PGSQL." + port
	l, err := net.Listen("unix", filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close(); _ = os.RemoveAll(dir) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.pass(c, filepath.Join(host, name))
		}
	}()
	return p
}

func (p *tap) pass(c net.Conn, to string) {
	defer c.Close()
	u, err := net.Dial("unix", to)
	if err != nil {
		return
	}
	defer u.Close()
	go func() { _, _ = io.Copy(c, u); _ = c.Close() }()
	if err := p.forward(bufio.NewReader(c), u); err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.torn = err
	}
}

// forward notes each message and only then passes it on: what has been
// answered has been noted.
func (p *tap) forward(r *bufio.Reader, to io.Writer) error {
	first, err := message(r, 0)
	if err != nil {
		return err
	}
	if _, err := to.Write(first); err != nil {
		return nil // the server went; the client learns it by itself
	}
	texts := map[string]string{} // by the statement's name
	var pending *sent
	for {
		m, err := message(r, 1)
		if err != nil {
			return err
		}
		body := m[5:]
		switch m[0] {
		case 'P':
			name, rest := cstring(body)
			texts[name], _ = cstring(rest)
			pending = &sent{how: "prepare", sql: texts[name]}
		case 'B':
			if pending, err = bound(body, texts); err != nil {
				return err
			}
		case 'Q':
			text, _ := cstring(body)
			p.note(&sent{how: "plain", sql: text})
		case 'S':
			if pending != nil { // a Close of a statement has nothing to tell
				p.note(pending)
			}
			pending = nil
		}
		if _, err := to.Write(m); err != nil {
			return nil
		}
	}
}

// message reads one; the first of a connection has no kind.
func message(r *bufio.Reader, kind int) ([]byte, error) {
	head := make([]byte, kind+4)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	m := append(head, make([]byte, binary.BigEndian.Uint32(head[kind:])-4)...)
	_, err := io.ReadFull(r, m[kind+4:])
	return m, err
}

func cstring(b []byte) (string, []byte) {
	s, rest, _ := bytes.Cut(b, []byte{0})
	return string(s), rest
}

// bound reads a Bind message with arguments in text form.
func bound(b []byte, texts map[string]string) (*sent, error) {
	_, b = cstring(b)
	name, b := cstring(b)
	s := &sent{how: "run", sql: texts[name]}
	formats := int(binary.BigEndian.Uint16(b))
	for i := range formats {
		if binary.BigEndian.Uint16(b[2+2*i:]) != 0 {
			return nil, fmt.Errorf("a binary argument of %.60s", s.sql)
		}
	}
	b = b[2+2*formats:]
	n := int(binary.BigEndian.Uint16(b))
	b = b[2:]
	for range n {
		size := int32(binary.BigEndian.Uint32(b))
		b = b[4:]
		if size < 0 {
			s.args = append(s.args, nil)
			continue
		}
		s.args = append(s.args, string(b[:size]))
		b = b[size:]
	}
	return s, nil
}

func (p *tap) note(s *sent) {
	if strings.Contains(s.sql, "clock_setting") {
		return // the clock asks every few seconds, for nobody's page
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, *s)
}

// take returns what was sent since the last call.
func (p *tap) take(t testing.TB) []sent {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.torn != nil {
		t.Fatalf("the tap broke: %v", p.torn)
	}
	out := p.list
	p.list = nil
	return out
}
