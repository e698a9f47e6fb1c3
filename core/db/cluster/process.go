package cluster

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/fault"
)

// child is a postgres that this process started.
type child struct {
	cmd    *exec.Cmd
	exited chan struct{}
}

// keepLog is the size above which the server's log is put aside at a start.
const keepLog = 10 << 20

func logPath(dir string) string { return filepath.Join(dir, "postgres.log") }

func (o owner) start(b binaries, c Config, data, socket string) (*child, error) {
	if st, err := os.Stat(logPath(c.Dir)); err == nil && st.Size() > keepLog {
		if err := os.Rename(logPath(c.Dir), logPath(c.Dir)+".old"); err != nil {
			return nil, err
		}
	}
	log, err := os.OpenFile(logPath(c.Dir), os.O_CREATE|os.O_APPEND|os.O_WRONLY|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	args := []string{"-D", data, "-c", "listen_addresses=", "-c", "port=" + strconv.Itoa(port),
		"-c", `unix_socket_directories="` + strings.ReplaceAll(socket, `"`, `""`) + `"`, "-c", "unix_socket_permissions=0700",
		"-c", "lc_messages=C", "-c", "log_line_prefix=%m [%p] ", "-c", "timezone=UTC"}
	if c.Throwaway {
		args = append(args, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
			"-c", "max_connections=300", "-c", "autovacuum=off")
	}
	cmd := exec.Command(filepath.Join(b.dir, "postgres"), args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.Dir, environment(b), log, log
	// A session of its own: Ctrl-C in the terminal is for us, who then stop
	// postgres after the last request.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: o.credential(), Setsid: true}
	if c.Throwaway {
		cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT
	}
	ch := &child{cmd: cmd, exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The death signal follows the thread that started the child.
		runtime.LockOSThread()
		defer close(ch.exited)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in its log
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return ch, nil
}

func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	<-c.exited
}

// postmaster is the pid of the postgres that runs on data, or 0. The pid file
// alone proves nothing: after a crash its number may be another program's. A
// postmaster's working folder is its data.
func postmaster(data string) (int, error) {
	raw, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fault.Wrap(err, fault.Unavailable, "app.folder", "Dir", data)
	}
	first, _, _ := bytes.Cut(raw, []byte("\n"))
	pid, err := strconv.Atoi(string(bytes.TrimSpace(first)))
	if err != nil || pid <= 1 || !worksIn(pid, data) {
		return 0, nil // being written, or stale
	}
	return pid, nil
}

// worksIn reports whether the process is a living postgres whose working
// folder is dir.
func worksIn(pid int, dir string) bool {
	proc := "/proc/" + strconv.Itoa(pid)
	if name, err := os.ReadFile(proc + "/comm"); err != nil || !bytes.HasPrefix(name, []byte("postgres")) {
		return false
	}
	a, err := os.Stat(proc + "/cwd")
	if err != nil {
		return false
	}
	b, err := os.Stat(dir)
	return err == nil && os.SameFile(a, b) && !zombie(proc)
}

// zombie: killed and not yet waited for by its parent.
func zombie(proc string) bool {
	raw, err := os.ReadFile(proc + "/stat")
	if err != nil {
		return true
	}
	_, after, ok := strings.Cut(string(raw), ") ")
	return !ok || strings.HasPrefix(after, "Z") || strings.HasPrefix(after, "X")
}

// clearStale makes way for a start after postgres was killed: it waits for
// server processes that outlived their postmaster (they notice at once; two at
// work on one data folder would ruin it), and removes the lock files whose
// number now belongs to another program, or to a corpse that no init buries (in
// containers), either of which postgres would take for a running server.
func (k *Cluster) clearStale(ctx context.Context) error {
	for {
		left := workers(k.data())
		if len(left) == 0 {
			break
		}
		if err := pause(ctx); err != nil {
			return fault.Wrap(err, fault.Unavailable, "app.postgres.stuck", "Pid", left[0], "Dir", k.data())
		}
	}
	for _, path := range []string{filepath.Join(k.data(), "postmaster.pid"), socketFile(k.socket) + ".lock"} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// workers are the server processes at work on data.
func workers(data string) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var out []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil && worksIn(pid, data) {
			out = append(out, pid)
		}
	}
	return out
}

// shutDown stops postgres in its fast mode (open transactions are rolled back)
// and waits for its end; the caller holds the start lock and is the last user.
func (k *Cluster) shutDown(ctx context.Context) error {
	pid, err := postmaster(k.data())
	if err != nil {
		return err
	}
	for sent := false; pid != 0; sent = true {
		if !sent {
			if err := syscall.Kill(pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("stop postgres: %w", err)
			}
		}
		if err := pause(ctx); err != nil {
			return fmt.Errorf("stop postgres: %w", err)
		}
		if !worksIn(pid, k.data()) {
			pid = 0
		}
	}
	if k.child != nil {
		<-k.child.exited
	}
	return nil
}

// answers reports whether the server takes connections.
func answers(ctx context.Context, dsn string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	d, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.PingContext(ctx)
}

func createDatabase(ctx context.Context, dsn string) error {
	d, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	defer d.Close()
	var have bool
	if err := d.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", database).Scan(&have); err != nil || have {
		return err
	}
	_, err = d.ExecContext(ctx, "CREATE DATABASE "+pq.QuoteIdentifier(database))
	return err
}

// lastLine is the last complaint of the server's log.
func lastLine(path string) string {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return lastOf(raw[max(0, len(raw)-8192):])
}
