package runner

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
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

// logPipe reads what a plugin writes into the host's log.
type logPipe struct {
	log   *slog.Logger
	heard func(line string) // nil for nobody
	done  sync.WaitGroup
	limit *rate.Limiter
	lost  atomic.Int64 // lines dropped since the last one kept
}

func newLogPipe(log *slog.Logger, heard func(line string)) *logPipe {
	return &logPipe{log: log, heard: heard, limit: rate.NewLimiter(logLines, logBurst)}
}

// from logs what comes out of r until it ends.
func (l *logPipe) from(r io.ReadCloser) {
	l.done.Go(func() {
		defer r.Close()
		b := bufio.NewReaderSize(r, 16<<10)
		for {
			line, err := readLine(b)
			if line != "" {
				l.say(line)
			}
			if err != nil {
				l.flush()
				return
			}
		}
	})
}

// writer takes what comes over go-plugin's own stream: once a Go plugin serves,
// its standard output and error arrive there and no longer in the pipe. The
// stream ends with the connection; closing the writer ends the logging.
func (l *logPipe) writer() io.WriteCloser {
	r, w := io.Pipe()
	l.from(r)
	return w
}

func (l *logPipe) say(line string) {
	if !l.limit.AllowN(time.Now(), 1) {
		l.lost.Add(1)
		return
	}
	l.flush()
	line = escape(line)
	l.log.Log(context.Background(), slog.LevelInfo, "plugin says", "line", line)
	if l.heard != nil {
		l.heard(line)
	}
}

func (l *logPipe) flush() {
	if n := l.lost.Swap(0); n > 0 {
		l.log.Warn("plugin log lines dropped", "lines", n)
		if l.heard != nil {
			l.heard("[lines dropped: " + strconv.FormatInt(n, 10) + "]")
		}
	}
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
