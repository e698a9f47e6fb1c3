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

// withOptions adds the statement timeout, the application name and "no JIT" to
// the DSN: our statements are short, and PostgreSQL, which judges by cost alone,
// would spend 50 to 200 ms on compiling some of them once tables are large.
// A DSN over the network must say its sslmode itself: a silent default would
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
		if q.Get("application_name") == "" {
			q.Set("application_name", "sieci")
		}
		if q.Get("jit") == "" {
			q.Set("jit", "off")
		}
		u.RawQuery = q.Encode()
		return u.String(), nil
	}
	if !strings.Contains(c.DSN, "sslmode=") {
		return "", fault.New(fault.Invalid, "app.dsn.sslmode")
	}
	return fmt.Sprintf("%s statement_timeout=%s application_name=sieci jit=off", c.DSN, ms), nil
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
