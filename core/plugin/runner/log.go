package runner

import (
	"bufio"
	"context"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/time/rate"
)

// Limits of a plugin's log. A module that writes more loses the rest, with a
// line that says how much; it is never slowed by our writing and never fills
// the host's log.
const (
	maxLine  = 2000 // bytes of one line kept
	logLines = 20   // lines a second kept
	logBurst = 200  // lines kept at once
)

// logPipe reads a plugin's standard error into the host's log.
type logPipe struct {
	log   *slog.Logger
	done  sync.WaitGroup
	limit *rate.Limiter
}

func newLogPipe(log *slog.Logger) *logPipe {
	return &logPipe{log: log, limit: rate.NewLimiter(logLines, logBurst)}
}

func (l *logPipe) from(r *os.File) {
	l.done.Go(func() {
		defer r.Close()
		lost := 0
		b := bufio.NewReaderSize(r, 16<<10)
		for {
			line, err := readLine(b)
			if line != "" {
				if l.limit.AllowN(time.Now(), 1) {
					if lost > 0 {
						l.log.Warn("plugin log lines dropped", "lines", lost)
						lost = 0
					}
					l.log.Log(context.Background(), slog.LevelInfo, "plugin says", "line", escape(line))
				} else {
					lost++
				}
			}
			if err != nil {
				if lost > 0 {
					l.log.Warn("plugin log lines dropped", "lines", lost)
				}
				return
			}
		}
	})
}

// readLine returns the next line, cut at maxLine; the rest of a longer line is
// read and thrown away.
func readLine(b *bufio.Reader) (string, error) {
	var kept []byte
	for {
		part, more, err := b.ReadLine()
		if room := maxLine - len(kept); room > 0 {
			kept = append(kept, part[:min(len(part), room)]...)
		}
		if err != nil || !more {
			return string(kept), err
		}
	}
}

// escape makes a line harmless in any log viewer: control and bidirectional
// characters and broken UTF-8 are shown as code points, so that a module cannot
// forge lines of the host.
func escape(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			b.WriteString(`\x`)
			const digits = "0123456789abcdef"
			b.WriteByte(digits[s[i]>>4])
			b.WriteByte(digits[s[i]&15])
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029':
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
