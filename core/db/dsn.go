package db

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/fault"
)

// settings are what every connection of ours asks of PostgreSQL unless the DSN
// says otherwise. No JIT: our statements are short, and PostgreSQL, which judges
// by cost alone, would spend 50 to 200 ms on compiling some of them once tables
// are large. A random page costs what it costs on solid state and in memory: at
// the default of four times a sequential one, the planner reads a whole table of
// territories to name the places of twenty schools.
var settings = []struct{ name, value string }{
	{"application_name", "sieci"},
	{"jit", "off"},
	{"random_page_cost", "1.1"},
}

// withOptions adds the statement timeout and our settings to the DSN. A DSN over the network must say its sslmode itself: a silent default would
// be either insecure or a riddle.
func withOptions(c Config) (string, error) {
	ms := strconv.FormatInt(c.StatementTimeout.Milliseconds(), 10)
	if strings.HasPrefix(c.DSN, "postgres://") || strings.HasPrefix(c.DSN, "postgresql://") {
		u, err := url.Parse(c.DSN)
		if err != nil {
			return "", fault.New(fault.Invalid, "app.dsn.url")
		}
		q := u.Query()
		if q.Get("sslmode") == "" {
			return "", fault.New(fault.Invalid, "app.dsn.sslmode")
		}
		if q.Get("statement_timeout") == "" {
			q.Set("statement_timeout", ms)
		}
		for _, o := range settings {
			if q.Get(o.name) == "" {
				q.Set(o.name, o.value)
			}
		}
		u.RawQuery = q.Encode()
		return u.String(), nil
	}
	if !strings.Contains(c.DSN, "sslmode=") {
		return "", fault.New(fault.Invalid, "app.dsn.sslmode")
	}
	dsn := fmt.Sprintf("%s statement_timeout=%s", c.DSN, ms)
	for _, o := range settings {
		if !strings.Contains(dsn, o.name+"=") {
			dsn += " " + o.name + "=" + o.value
		}
	}
	return dsn, nil
}

// Reason is why a database could not be opened, in words of the server or the
// network, without the address (which may hold a password).
func Reason(err error) string {
	var p *pq.Error
	var n *net.OpError
	switch {
	case errors.As(err, &p):
		return p.Message
	case errors.As(err, &n):
		return n.Err.Error()
	}
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err.Error()
}
