// Command sieci is the platform in one binary: the server and the commands
// that an administrator runs beside it or without it.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(app.GCPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := Program{Args: os.Args[1:], Env: os.Environ(), In: os.Stdin, Out: os.Stdout, Err: os.Stderr}.Run(ctx)
	stop()
	os.Exit(code)
}

// Program is one run of the binary as a value, so that tests run the whole of it.
type Program struct {
	Args []string
	// Env are "NAME=value" lines.
	Env      []string
	In       io.Reader
	Out, Err io.Writer
	// Ready, when set, is called with the address once "serve" answers.
	Ready func(addr string)
}

// Exit codes.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2 // a command line that cannot be understood
)

// Run does what the arguments say and returns the exit code; it ends when ctx
// does. What a person can put right is one sentence on Err, in Polish or, for
// an English LANG, in English.
func (p Program) Run(ctx context.Context) int {
	ctx = i18n.With(ctx, p.language())
	root := p.root(ctx)
	root.SetArgs(p.Args)
	root.SetIn(p.In)
	root.SetOut(p.Out)
	root.SetErr(p.Err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	// A child's exit code is ours ("dev test-database").
	var child *childError
	if errors.As(err, &child) {
		return child.code
	}
	if ctx.Err() != nil {
		// Asked to end: what broke off because of that is no failure.
		p.print(p.Err, i18n.T(ctx, "cli.interrupted"))
		if len(p.Args) > 0 && p.Args[0] == "serve" {
			return exitOK
		}
		return exitError
	}
	p.complain(ctx, err)
	var usage *usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitError
}

// complain writes what went wrong in the reader's language, and the cause of
// what nobody foresaw.
func (p Program) complain(ctx context.Context, err error) {
	var usage *usageError
	var known *fault.Error
	if errors.As(err, &usage) && !errors.As(err, &known) {
		p.print(p.Err, i18n.T(ctx, "cli.usage", "Line", strings.Join(append([]string{"sieci"}, p.Args...), " ")))
		return
	}
	f := fault.As(err)
	if f.Kind == fault.Internal {
		p.print(p.Err, i18n.T(ctx, "cli.failed", "Reason", err.Error()))
		return
	}
	l := i18n.FromContext(ctx)
	if len(f.Fields) == 0 {
		p.print(p.Err, sentence(l, f.Text, f.Key, f.Args))
		return
	}
	for _, x := range f.Fields {
		p.print(p.Err, sentence(l, x.Text, x.Key, x.Args))
	}
}

func sentence(l i18n.Lang, text, key string, args fault.Args) string {
	if text != "" {
		return text
	}
	return i18n.TextMap(l, key, args)
}

// print writes a line; a closed pipe is nobody's concern.
func (Program) print(w io.Writer, line string) { _, _ = io.WriteString(w, line+"\n") }

// env is the value of a variable, or "".
func (p Program) env(name string) string {
	for i := len(p.Env) - 1; i >= 0; i-- {
		if v, ok := cutName(p.Env[i], name); ok {
			return v
		}
	}
	return ""
}

func cutName(line, name string) (string, bool) {
	if len(line) > len(name) && line[:len(name)] == name && line[len(name)] == '=' {
		return line[len(name)+1:], true
	}
	return "", false
}

// language follows the usual variables; English only where one says so.
func (p Program) language() i18n.Lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		v := p.env(name)
		if v == "" {
			continue
		}
		if len(v) >= 2 && v[:2] == "en" {
			return i18n.English
		}
		return i18n.Polish
	}
	return i18n.Polish
}
