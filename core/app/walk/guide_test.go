package walk_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/web/webtest"
)

// author is somebody who follows the guide in a shell, step by step.
type author struct {
	*world
	dir string
	env []string
}

var commands = regexp.MustCompile("(?s)```sh\n(.*?)```")

// The guide for authors, as it is printed: every command in its order, from an
// empty folder to a type that one centre's people found networks of, a new
// version and the end. The server runs all the while.
func TestGuideForAuthors(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(root + "/plugins/README.md")
	if err != nil {
		t.Fatal(err)
	}
	program, err := built.program()
	if err != nil {
		t.Fatal(err)
	}
	w := bare(t)
	w.grant(w.person("Klara Koordynator", 900101), access.Founder, access.Centre, w.centre)
	elsewhere := w.institution(900102)
	w.grant(w.person("Daniel Dalej", 900102), access.Founder, access.Centre, elsewhere)
	a := &author{w, t.TempDir(), append(os.Environ(), "PATH="+filepath.Dir(program)+":"+os.Getenv("PATH"), "LANG=pl_PL.UTF-8", "SIECI_TEST_DATABASE_URL=",
		"SIECI_DATABASE_URL="+w.dsn, "SIECI_DATA="+w.Config.Data, "SIECI_PLUGINS="+w.Config.Plugins, "SIECI_DEV=true")}
	began := time.Now()
	c, d := w.as("Klara Koordynator"), w.as("Daniel Dalej")
	var network string
	for _, block := range commands.FindAllStringSubmatch(string(raw), -1) {
		for line := range strings.Lines(block[1]) {
			line = strings.TrimSpace(line)
			switch {
			case strings.HasPrefix(line, "cd "):
				a.dir = filepath.Join(a.dir, strings.TrimPrefix(line, "cd "))
			case strings.HasPrefix(line, "sieci plugin dev"):
				a.develops(line)
			default:
				a.runs(line)
			}
			switch line {
			case "sieci plugin enable wierzbowo.tutoring 1.0.0 --centre 900101":
				w.upIn("wierzbowo.tutoring", "1.0.0")
				d.Go("/sieci/zaloz").ExpectNoText("Sieć tutoring")
				network = a.founds(c)
			case "sieci plugin enable wierzbowo.tutoring 1.1.0":
				w.upIn("wierzbowo.tutoring", "1.1.0")
				a.writes(c, network)
			case "sieci plugin disable wierzbowo.tutoring":
				w.load()
				c.Go(network).ExpectText("Ten rodzaj sieci jest wyłączony").Click("Zapisy tej sieci").ExpectText("Jak oceniać, żeby pomagać?", "Notatka z próby")
				c.Go("/sieci/zaloz").ExpectNoText("Sieć tutoring")
			}
		}
	}
	t.Logf("followed in %s", time.Since(began).Round(time.Second))
	if network == "" {
		t.Error("the guide enables nothing")
	}
}

// runs runs one line of the guide.
func (a *author) runs(line string) {
	a.t.Helper()
	cmd := exec.CommandContext(a.t.Context(), "/bin/sh", "-c", line)
	cmd.Dir, cmd.Env = a.dir, a.env
	began := time.Now()
	out, err := cmd.CombinedOutput()
	if err != nil {
		a.t.Fatalf("%s: %v\n%s", line, err, out)
	}
	a.t.Logf("%s (%s)\n%s", line, time.Since(began).Round(time.Millisecond), out)
	if line == "sieci plugin list" && !strings.Contains(string(out), "wierzbowo.tutoring 1.") {
		a.t.Errorf("%s\n%s", line, out)
	}
}

// develops does what is done while the line runs: breaks the module, sees that
// the version before goes on, mends it, and leaves. There is no sample data in
// it: that would take most of the time of the test, and has tests of its own.
func (a *author) develops(line string) {
	a.t.Helper()
	began := time.Now()
	defer func() { a.t.Logf("%s (%s)", line, time.Since(began).Round(time.Millisecond)) }()
	cmd := exec.Command("/bin/sh", "-c", "exec "+line+" --empty --addr 127.0.0.1:0")
	cmd.Dir, cmd.Env = a.dir, a.env
	r, wr := io.Pipe()
	cmd.Stdout, cmd.Stderr = wr, wr
	if err := cmd.Start(); err != nil {
		a.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait(); wr.Close() }()
	defer func() { _ = cmd.Process.Kill() }() // ended already when all went well
	lines := make(chan string, 1000)
	go func() {
		for s := bufio.NewScanner(r); s.Scan(); {
			lines <- s.Text()
		}
		close(lines)
	}()
	var said []string
	says := func(want string) {
		a.t.Helper()
		for {
			select {
			case l, ok := <-lines:
				said = append(said, l)
				if strings.Contains(l, want) {
					return
				}
				if !ok {
					a.t.Fatalf("%s ended without %q:\n%s", line, want, strings.Join(said, "\n"))
				}
			case <-time.After(time.Minute):
				a.t.Fatalf("%s never says %q:\n%s", line, want, strings.Join(said, "\n"))
			}
		}
	}
	says("Działa wierzbowo.tutoring 1.0.0-dev.1 ")
	file := filepath.Join(a.dir, "main.go")
	good, err := os.ReadFile(file)
	if err != nil {
		a.t.Fatal(err)
	}
	a.saves(file, string(good)+"\nvar broken int = \"\"\n")
	says("main.go:")
	says("Dalej działa wersja 1.0.0-dev.1.")
	a.saves(file, string(good))
	says("Działa wierzbowo.tutoring 1.0.0-dev.3 ")
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		a.t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			a.t.Errorf("%s: %v\n%s", line, err, strings.Join(said, "\n"))
		}
	case <-time.After(time.Minute):
		a.t.Errorf("%s does not end", line)
	}
}

func (a *author) saves(file, text string) {
	a.t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		a.t.Fatal(err)
	}
}

// founds founds a network of the new type by hand and returns its address.
func (a *author) founds(p *webtest.Page) string {
	a.t.Helper()
	p.Go("/sieci/zaloz").ExpectText("Sieć tutoring").Click("Dalej")
	p.Fill("Nazwa sieci", "Oceny, które pomagają").Choose("Otwarte").Fill("Liczba miejsc", "20").Fill("Cel", "Uczymy się oceniać tak, żeby pomagać.").Click("Dalej")
	p.Fill("Na jakie pytanie sieć szuka odpowiedzi?", "Jak oceniać, żeby pomagać?").Choose("Dla nauczycieli").Click("Załóż sieć").ExpectStatus(200).ExpectText("Sieć powstała")
	at := p.Path()
	p.Go(at).ExpectText("Przygotowanie", "Jak oceniać, żeby pomagać?", "Nie zapisano jeszcze żadnej próby")
	return at
}

// writes uses a network that the version before founded.
func (a *author) writes(p *webtest.Page, at string) {
	a.t.Helper()
	p.Go(at).ExpectText("Jak oceniać, żeby pomagać?").Click("Zapisz próbę")
	p.Fill("Kiedy?", "2026-11-20").Fill("Co wypróbowano?", "Ocena bez stopni").Fill("Co z tego wynika?", "Uczniowie częściej pytają.").Click("Zapisz próbę").ExpectStatus(200)
	p.Go(at).ExpectText("Ocena bez stopni", "Uczniowie częściej pytają.")
}

// load takes over what another process changed; the server would by itself
// within seconds.
func (w *world) load() {
	w.t.Helper()
	if err := w.Modules.Load(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// upIn returns when the server's calls go to the version.
func (w *world) upIn(id, version string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		w.load()
		for _, m := range w.Modules.Enabled() {
			if i := m.Info(); i.ID == id && i.Version == version && w.Modules.Await(ctx, id) == nil {
				return
			}
		}
		select {
		case <-ctx.Done():
			w.t.Fatalf("%s %s never became ready", id, version)
		case <-tick.C:
		}
	}
}
