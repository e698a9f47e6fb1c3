package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/db/dbtest"
)

// runEnv makes this test binary be the program, for tests that kill it.
const runEnv = "SIECI_TEST_RUN_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(runEnv) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// buffer is written by the program and read by the test at once.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// data is a short folder that the user "postgres" can walk through.
func data(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "sieci-m-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

type result struct {
	code     int
	out, err string
}

func run(t *testing.T, env []string, args ...string) result {
	t.Helper()
	var out, errs buffer
	code := Program{Args: args, Env: append([]string{"PATH=" + os.Getenv("PATH")}, env...), In: strings.NewReader(""), Out: &out, Err: &errs}.Run(t.Context())
	return result{code, out.String(), errs.String()}
}

// server runs "serve" in this process until stop.
type server struct {
	url  string
	stop func() result
}

func serve(t *testing.T, env ...string) *server {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var out, errs buffer
	ready, done := make(chan string, 1), make(chan int, 1)
	p := Program{Args: []string{"serve"}, Env: append([]string{"PATH=" + os.Getenv("PATH"), "SIECI_ADDR=127.0.0.1:0"}, env...),
		In: strings.NewReader(""), Out: &out, Err: &errs, Ready: func(addr string) { ready <- addr }}
	go func() { done <- p.Run(ctx) }()
	s := &server{stop: sync.OnceValue(func() result {
		cancel()
		return result{<-done, out.String(), errs.String()}
	})}
	t.Cleanup(func() { s.stop() })
	select {
	case addr := <-ready:
		s.url = "http://" + addr
	case code := <-done:
		done <- code
		t.Fatalf("serve ended with %d: %s", code, errs.String())
	case <-time.After(2 * time.Minute):
		t.Fatal("serve was not ready in 2 minutes")
	}
	return s
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// A new user's way without any database of their own: the first administrator
// before the server, commands beside it, a stop that leaves nothing running.
func TestFromNothing(t *testing.T) {
	t.Parallel()
	dir := data(t)
	env := []string{"SIECI_DATA=" + dir, "LANG=pl_PL.UTF-8", "SIECI_METRICS_ADDR=127.0.0.1:0"}
	if r := run(t, env, "admin", "create", "--email", "ada@ore.example", "--name", "Ada Żak"); r.code != exitOK || !strings.Contains(r.out, "http://localhost:8080/zaproszenie/") {
		t.Fatalf("admin create: %+v", r)
	}
	s := serve(t, env...)
	if code, body := get(t, s.url+"/readyz"); code != http.StatusOK || !strings.Contains(body, `"migrations":true`) {
		t.Fatalf("readyz: %d %s", code, body)
	}
	if r := run(t, env, "admin", "create", "--email", "ola@ore.example", "--name", "Ola"); r.code != exitError || r.out != "" || strings.Count(r.err, "\n") != 1 {
		t.Fatalf("a second first administrator: %+v", r)
	}
	if r := run(t, env, "migrate"); r.code != exitOK {
		t.Fatalf("migrate beside the server: %+v", r)
	}
	if code, _ := get(t, s.url+"/healthz"); code != http.StatusOK {
		t.Fatal("a command stopped the server's database")
	}
	if r := s.stop(); r.code != exitOK {
		t.Fatalf("serve: %+v", r)
	}
	if _, err := os.Stat(filepath.Join(dir, "postgres", "data", "postmaster.pid")); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("postgres was left running: %v", err)
	}
}

// The server is killed and leaves postgres behind; the next start takes it over.
func TestServerKilled(t *testing.T) {
	t.Parallel()
	dir := data(t)
	cmd := exec.Command(os.Args[0], "serve")
	cmd.Env = append(os.Environ(), runEnv+"=1", "SIECI_DATA="+dir, "SIECI_ADDR=127.0.0.1:0", "SIECI_TEST_DATABASE_URL=")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil { // it says that it serves
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	s := serve(t, "SIECI_DATA="+dir)
	if code, body := get(t, s.url+"/readyz"); code != http.StatusOK {
		t.Fatalf("readyz: %d %s", code, body)
	}
	if r := s.stop(); r.code != exitOK {
		t.Fatalf("serve: %+v", r)
	}
	if _, err := os.Stat(filepath.Join(dir, "postgres", "data", "postmaster.pid")); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("postgres was left running: %v", err)
	}
}

// SIGTERM, as systemd sends it, ends the server in order.
func TestTerminated(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0], "serve")
	cmd.Env = append(os.Environ(), runEnv+"=1", "SIECI_DATA="+data(t), "SIECI_ADDR=127.0.0.1:0", "SIECI_DATABASE_URL="+dbtest.NewDSN(t))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

// What a person can put right is one sentence and a code that is not zero.
func TestOneSentence(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = busy.Close() }) // after the parallel parts
	dsn := "SIECI_DATABASE_URL=" + dbtest.NewDSN(t)
	notFolder := filepath.Join(data(t), "file")
	if err := os.WriteFile(notFolder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	folder := "SIECI_DATA=" + data(t)
	for name, c := range map[string]struct {
		env  []string
		want string
	}{
		"busy port":         {[]string{dsn, folder, "SIECI_ADDR=" + busy.Addr().String()}, "zajęty"},
		"busy metrics port": {[]string{dsn, folder, "SIECI_ADDR=127.0.0.1:0", "SIECI_METRICS_ADDR=" + busy.Addr().String()}, "zajęty"},
		"no such address":   {[]string{dsn, folder, "SIECI_ADDR=192.0.2.1:80"}, "SIECI_ADDR"},
		"unusable folder":   {[]string{dsn, "SIECI_DATA=" + notFolder}, notFolder},
		"nobody listens":    {[]string{folder, "SIECI_DATABASE_URL=postgres://u:hunter2@127.0.0.1:1/x?sslmode=disable"}, "SIECI_DATABASE_URL"},
		"no sslmode":        {[]string{folder, "SIECI_DATABASE_URL=postgres://u:hunter2@127.0.0.1/x"}, "sslmode"},
		"no such database":  {[]string{folder, dsn + "_not_there"}, "SIECI_DATABASE_URL"},
		"plain http":        {[]string{dsn, folder, "SIECI_BASE_URL=http://sieci.example"}, "https"},
		"English":           {[]string{dsn, folder, "LANG=en_GB.UTF-8", "SIECI_DEV=maybe"}, "must be"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := run(t, c.env, "serve")
			if r.code != exitError || r.out != "" || strings.Count(strings.TrimSpace(r.err), "\n") != 0 || !strings.Contains(r.err, c.want) || strings.Contains(r.err, "hunter2") {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"version"}, exitOK, "sieci "},
		{[]string{"help"}, exitOK, "Polecenia:"},
		{[]string{"serve", "--help"}, exitOK, "SIECI_DATABASE_URL"},
		{[]string{"nonsense"}, exitUsage, "sieci nonsense"},
		{[]string{"import", "terc"}, exitUsage, "Podaj plik"},
		{[]string{"import", "terc", "/tmp"}, exitError, "Nie można otworzyć pliku /tmp"},
		{[]string{"import", "terc", "--help"}, exitOK, "sieci import terc PLIK\n"},
		{[]string{"admin", "create", "--help"}, exitOK, "--email ADRES"},
		{[]string{"admin", "create", "--nonsense"}, exitUsage, "--nonsense"},
		{[]string{"import", "terc", "/no/such/file"}, exitError, "/no/such/file"},
	} {
		r := run(t, nil, c.args...)
		if r.code != c.code || !strings.Contains(r.out+r.err, c.want) {
			t.Errorf("%v: %+v", c.args, r)
		}
	}
}

// A file is previewed, asked about and written; wrong rows are named and left
// out, and the last line is for scripts.
func TestImport(t *testing.T) {
	t.Parallel()
	dir := data(t)
	env := []string{"SIECI_DATA=" + dir, "SIECI_DATABASE_URL=" + dbtest.NewDSN(t)}
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const head = "WOJ;POW;GMI;RODZ;NAZWA;NAZWA_DOD;STAN_NA\n"
	wrong := file("wrong.csv", head+"14;;;;MAZOWIECKIE;województwo;2024-01-01\n15;99;01;7;X;gmina;2024-01-01\n")
	r := run(t, env, "import", "terc", wrong)
	if r.code != exitError || !strings.Contains(r.err, "Wiersz 3") || !strings.Contains(r.err, "Niczego nie zapisano") || strings.Contains(r.out, "new=") {
		t.Fatalf("nobody agreed: %+v", r)
	}
	// A file that is none of this kind says what it lacks.
	r = run(t, env, "import", "terc", file("other.csv", "question_key;language\n1;pl\n"))
	if r.code != exitError || !strings.Contains(r.err, "brakuje kolumn") || strings.Contains(r.err, "0 wierszy") {
		t.Fatalf("another kind of file: %+v", r)
	}
	last := func(r result) string {
		lines := strings.Split(strings.TrimRight(r.out, "\n"), "\n")
		return lines[len(lines)-1]
	}
	if r := run(t, env, "import", "terc", wrong, "--yes"); r.code != exitOK || last(r) != "new=1 changed=0 closed=0 rejected=1" {
		t.Fatalf("the right row of a file with a wrong one: %+v", r)
	}
	right := file("right.csv", head+"14;;;;MAZOWIECKIE;województwo;2024-01-01\n14;65;;;Warszawa;miasto stołeczne, na prawach powiatu;2024-01-01\n14;65;01;1;M.st. Warszawa;gmina miejska, miasto stołeczne;2024-01-01\n")
	if r := run(t, env, "import", "terc", "--yes", right); r.code != exitOK || last(r) != "new=2 changed=0 closed=0 rejected=0" {
		t.Fatalf("right file: %+v", r)
	}
	// Nothing changes: nobody is asked.
	if r := run(t, env, "import", "terc", right); r.code != exitOK || last(r) != "new=0 changed=0 closed=0 rejected=0" {
		t.Fatalf("again: %+v", r)
	}
}

// The hidden command hands a throwaway server to a command and its code back.
func TestDevTestDatabase(t *testing.T) {
	t.Parallel()
	r := run(t, nil, "dev", "test-database", "--", "/bin/sh", "-c", `echo "$SIECI_TEST_DATABASE_URL"; exit 7`)
	if r.code != 7 || !strings.Contains(r.out, "host='/tmp/sieci-test-") {
		t.Fatalf("%+v", r)
	}
}
