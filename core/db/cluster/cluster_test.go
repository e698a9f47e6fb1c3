package cluster

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/fault"
)

// helperEnv makes this test binary be a server: it opens the cluster in the
// folder named, says so, and lives until it is killed or its input ends.
const (
	helperEnv    = "SIECI_TEST_CLUSTER_DIR"
	throwawayEnv = "SIECI_TEST_CLUSTER_THROWAWAY"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperEnv); dir != "" {
		k, err := Open(context.Background(), Config{Dir: dir, Throwaway: os.Getenv(throwawayEnv) != ""})
		fmt.Println("opened", err)
		_, _ = io.Copy(io.Discard, os.Stdin)
		if err == nil {
			err = k.Close()
		}
		fmt.Println("closed", err)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// folder is a short path that the user "postgres" can reach; test folders of
// root are closed.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "sieci-c-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The postmaster is gone when closing returns; its workers a moment later.
		data := filepath.Join(dir, "pg", "data")
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for end := time.Now().Add(30 * time.Second); len(workers(data)) > 0 && time.Now().Before(end); {
			<-tick.C
		}
		for _, pid := range workers(data) {
			t.Errorf("postgres %d still runs", pid)
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "pg")
}

func open(t *testing.T, dir string) *Cluster {
	t.Helper()
	k, err := Open(t.Context(), Config{Dir: dir})
	if err != nil {
		log, _ := os.ReadFile(logPath(dir))
		t.Fatalf("%v\n%s", err, log)
	}
	t.Cleanup(func() { closeIt(t, k) })
	return k
}

func closeIt(t *testing.T, k *Cluster) {
	t.Helper()
	if err := k.Close(); err != nil {
		t.Error(err)
	}
}

func ask(t *testing.T, k *Cluster, query string) string {
	t.Helper()
	d, err := sql.Open("postgres", k.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var out string
	if err := d.QueryRowContext(t.Context(), query).Scan(&out); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

func running(t *testing.T, dir string) int {
	t.Helper()
	pid, err := postmaster(filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// until waits for what another process does.
func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(30 * time.Second); !f(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("in 30 s not: %s", what)
		}
	}
}

// server runs [Open] in another process, which can be killed.
type server struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func serve(t *testing.T, dir string, env ...string) *server {
	t.Helper()
	s := &server{cmd: exec.Command(os.Args[0])}
	s.cmd.Env = append(append(os.Environ(), helperEnv+"="+dir), env...)
	var err error
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.out = bufio.NewScanner(out)
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	s.says(t, "opened <nil>")
	return s
}

func (s *server) says(t *testing.T, want string) {
	t.Helper()
	if !s.out.Scan() || s.out.Text() != want {
		t.Fatalf("helper said %q, want %q", s.out.Text(), want)
	}
}

func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

func TestFreshCluster(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	k := open(t, dir)
	for query, want := range map[string]string{
		"SHOW data_checksums":   "on",
		"SHOW fsync":            "on",
		"SHOW listen_addresses": "",
		"SHOW server_encoding":  "UTF8",
		"SELECT current_user":   "sieci",
		"SELECT lower('ŻÓŁĆ')":  "żółć",
		"SELECT datname FROM pg_database WHERE datname = current_database()": "sieci",
	} {
		if got := ask(t, k, query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	if got := ask(t, k, "SELECT string_agg(x, '' ORDER BY x) FROM unnest(ARRAY['z','ł','m','l','ą','b','a']) x"); got != "aąblłmz" {
		t.Errorf("Polish order: %s", got)
	}
	for _, d := range []string{dir, k.socket, k.data()} {
		st, err := os.Stat(d)
		if err != nil || st.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", d, st.Mode(), err)
		}
	}
	closeIt(t, k)
	if pid := running(t, dir); pid != 0 {
		t.Errorf("postgres %d runs after the last user left", pid)
	}
	again := open(t, dir)
	if got := ask(t, again, "SELECT current_database()"); got != "sieci" {
		t.Errorf("second start: %s", got)
	}
}

// Somebody else on the machine gets neither to the socket nor, where they have
// a way to it, past the kernel's word on who they are.
func TestClosedToOthers(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs root to act as another user")
	}
	k := open(t, folder(t))
	const nobody = 65534
	as := func(uid uint32, args ...string) error {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		cmd.Dir = "/"
		return cmd.Run()
	}
	if err := as(nobody, "/bin/ls", k.socket); err == nil {
		t.Fatal("nobody lists the socket's folder")
	}
	if err := as(k.owner.uid, "/bin/ls", k.socket); err != nil {
		t.Fatalf("the owner: %v", err)
	}
	psql := filepath.Join(k.bin.dir, "psql")
	if _, err := os.Stat(psql); err != nil {
		t.Skip("psql is not installed: the second half was not tried")
	}
	query := []string{psql, "-qAt", "-h", k.socket, "-U", "sieci", "-d", "sieci", "-c", "SELECT 1"}
	if err := as(k.owner.uid, query...); err != nil {
		t.Fatalf("the owner: %v", err)
	}
	for _, path := range []string{k.c.Dir, k.socket, socketFile(k.socket)} {
		if err := os.Chmod(path, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := as(nobody, query...); err == nil {
		t.Fatal("nobody was let in")
	}
	if err := os.Chmod(k.c.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
}

// Two who open a new folder at the same moment both get in, whoever of them
// makes it.
func TestFolderMadeByTwo(t *testing.T) {
	t.Parallel()
	o, err := whoOwns()
	if err != nil {
		t.Fatal(err)
	}
	for range 300 {
		dir := folder(t)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := o.own(dir); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if t.Failed() {
			return
		}
	}
}

func TestManyUsersOneServer(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	var wg sync.WaitGroup
	all := make([]*Cluster, 4)
	for i := range all {
		wg.Go(func() {
			k, err := Open(t.Context(), Config{Dir: dir})
			if err != nil {
				t.Error(err)
				return
			}
			all[i] = k
			t.Cleanup(func() { closeIt(t, k) })
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	pid := running(t, dir)
	for i, k := range all {
		if got := running(t, dir); got != pid || pid == 0 {
			t.Fatalf("postgres %d became %d with %d users left", pid, got, len(all)-i)
		}
		ask(t, k, "SELECT 'x'")
		closeIt(t, k)
	}
	if got := running(t, dir); got != 0 {
		t.Fatalf("postgres %d outlived its users", got)
	}
}

// A command beside a running server joins it, and leaves it running.
func TestCommandBesideServer(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := serve(t, dir)
	pid := running(t, dir)
	k := open(t, dir)
	if got := running(t, dir); got != pid {
		t.Fatalf("postgres %d became %d", pid, got)
	}
	closeIt(t, k)
	if got := running(t, dir); got != pid {
		t.Fatalf("the command stopped the server's postgres")
	}
	if err := s.in.Close(); err != nil {
		t.Fatal(err)
	}
	s.says(t, "closed <nil>")
	if got := running(t, dir); got != 0 {
		t.Fatalf("postgres %d outlived the server", got)
	}
}

func TestPostgresKilled(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	k := open(t, dir)
	write(t, k)
	pid := running(t, dir)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	until(t, "postgres runs again", func() bool {
		got := running(t, dir)
		return got != 0 && got != pid && answers(t.Context(), k.DSN()) == nil
	})
	kept(t, k)
}

func write(t *testing.T, k *Cluster) {
	t.Helper()
	d, err := sql.Open("postgres", k.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.ExecContext(t.Context(), "CREATE TABLE kept AS SELECT 'here' AS x"); err != nil {
		t.Fatal(err)
	}
}

func kept(t *testing.T, k *Cluster) {
	t.Helper()
	if got := ask(t, k, "SELECT x FROM kept"); got != "here" {
		t.Fatalf("data after recovery: %q", got)
	}
}

// The server is killed and leaves postgres running: it is joined, and stopped
// by its new last user.
func TestServerKilled(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := serve(t, dir)
	pid := running(t, dir)
	s.kill()
	if got := running(t, dir); got != pid {
		t.Fatalf("postgres %d became %d", pid, got)
	}
	k := open(t, dir)
	if got := running(t, dir); got != pid {
		t.Fatalf("postgres %d was not joined, %d runs", pid, got)
	}
	closeIt(t, k)
	if got := running(t, dir); got != 0 {
		t.Fatalf("postgres %d runs on", got)
	}
}

func TestServerAndPostgresKilled(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := serve(t, dir)
	k := open(t, dir)
	write(t, k)
	closeIt(t, k)
	pid := running(t, dir)
	s.kill()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	kept(t, open(t, dir))
}

// After a reboot the number in postmaster.pid is another program's.
func TestStalePidFile(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	k := open(t, dir)
	write(t, k)
	pid := running(t, dir)
	path := filepath.Join(dir, "data", "postmaster.pid")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	closeIt(t, k)
	alive := exec.Command("/bin/cat") // waits for input that never comes
	alive.SysProcAttr = &syscall.SysProcAttr{Credential: k.owner.credential()}
	if _, err := alive.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := alive.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = alive.Process.Kill(); _ = alive.Wait() }()
	stale := strings.Replace(string(raw), fmt.Sprint(pid), fmt.Sprint(alive.Process.Pid), 1)
	if err := os.WriteFile(path, []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Lchown(path, int(k.owner.uid), int(k.owner.gid)); err != nil {
		t.Fatal(err)
	}
	kept(t, open(t, dir))
}

func TestOtherVersion(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	closeIt(t, open(t, dir))
	version := filepath.Join(dir, "data", "PG_VERSION")
	if err := os.WriteFile(version, []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), Config{Dir: dir})
	f := fault.As(err)
	if err == nil || f.Key != "app.postgres.version" || f.Args["Major"] != "9" {
		t.Fatalf("got %v", err)
	}
	if pid := running(t, dir); pid != 0 {
		t.Fatal("postgres was started on it")
	}
}

// initdb was killed half-way.
func TestHalfMade(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	o, err := whoOwns()
	if err != nil {
		t.Fatal(err)
	}
	if err := o.prepareDir(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "data.new", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	ask(t, open(t, dir), "SELECT 'x'")
}

func TestForeignData(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	o, err := whoOwns()
	if err != nil {
		t.Fatal(err)
	}
	if err := o.prepareDir(dir); err != nil {
		t.Fatal(err)
	}
	precious := filepath.Join(dir, "data", "thesis.odt")
	if err := os.MkdirAll(filepath.Dir(precious), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(precious, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{Dir: dir}); err == nil || fault.As(err).Key != "app.postgres.not_a_cluster" {
		t.Fatalf("got %v", err)
	}
	if _, err := os.Stat(precious); err != nil {
		t.Fatal(err)
	}
}

func TestLongPath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), strings.Repeat("długi", 20))
	o, err := whoOwns()
	if err != nil {
		t.Fatal(err)
	}
	if err := o.prepareDir(filepath.Dir(dir)); err != nil {
		t.Fatal(err)
	}
	k := open(t, dir)
	t.Cleanup(func() { _ = os.RemoveAll(k.socket) })
	if strings.HasPrefix(k.socket, dir) || len(socketFile(k.socket)) > longestSocket {
		t.Fatalf("socket in %s", k.socket)
	}
	ask(t, k, "SELECT 'x'")
	st, err := os.Stat(k.socket)
	if err != nil || st.Mode().Perm() != 0o700 {
		t.Fatalf("%v, %v", st.Mode(), err)
	}
}

// A folder that somebody else may write to is not used.
func TestOpenFolderRefused(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{Dir: dir}); err == nil || fault.As(err).Key != "app.postgres.foreign" {
		t.Fatalf("got %v", err)
	}
}

func TestWalledFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root runs postgres as another user")
	}
	dir := folder(t)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{Dir: filepath.Join(dir, "pg")}); err == nil || fault.As(err).Key != "app.postgres.walled" {
		t.Fatalf("got %v", err)
	}
}

// Everything above once more under an ordinary account.
func TestAsOrdinaryUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("this run is under an ordinary account already")
	}
	o, err := whoOwns()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "sieci-t-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "cluster.test")
	if err := os.WriteFile(binary, self, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary, "-test.run", "TestFreshCluster|TestCommandBesideServer|TestPostgresKilled|TestServerKilled|TestStalePidFile|TestOpenFolderRefused")
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=/", "LANG=C.UTF-8"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: o.uid, Gid: o.gid}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// A throwaway cluster dies with the process that started it, however that ends.
func TestThrowawayDiesWithItsProcess(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := serve(t, dir, throwawayEnv+"=1")
	pid := running(t, dir)
	if pid == 0 {
		t.Fatal("no postgres")
	}
	s.kill()
	// The postmaster goes first, its workers notice a moment later.
	until(t, "postgres and its workers are gone", func() bool {
		return running(t, dir) == 0 && len(workers(filepath.Join(dir, "data"))) == 0
	})
}

func TestTemporary(t *testing.T) {
	t.Parallel()
	k, err := Temporary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(t, k, "SHOW fsync"); got != "off" {
		t.Errorf("fsync %s", got)
	}
	closeIt(t, k)
	if _, err := os.Stat(k.remove); !os.IsNotExist(err) {
		t.Errorf("folder: %v", err)
	}
}
