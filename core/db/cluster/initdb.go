package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"ore.edu.pl/sieci/core/fault"
)

// initdb makes the cluster unless it is there. It works in a side folder that
// is renamed when whole, so that a killed run leaves nothing that looks like a
// cluster.
func (o owner) initdb(ctx context.Context, b binaries, c Config) error {
	data := filepath.Join(c.Dir, "data")
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err == nil {
		return nil
	}
	if left, err := os.ReadDir(data); err == nil && len(left) > 0 {
		return fault.New(fault.Unavailable, "app.postgres.not_a_cluster", "Dir", data)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(err, fault.Unavailable, "app.folder", "Dir", data)
	}
	var out []byte
	var err error
	for _, locale := range o.locales(b) {
		side := filepath.Join(c.Dir, "data.new")
		if err := os.RemoveAll(side); err != nil {
			return fmt.Errorf("clear half-made cluster: %w", err)
		}
		if out, err = o.runInitdb(ctx, b, c, side, locale); err == nil {
			if err := o.admit(side); err != nil {
				return err
			}
			return os.Rename(side, data)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return fault.Wrap(fmt.Errorf("%w: %s", err, out), fault.Unavailable, "app.postgres.initdb", "Line", lastOf(out))
}

// locales are tried in turn: Polish order by ICU (independent of the system's
// locales, the same on every machine), else code points. Lists that people
// read are ordered by stored sort keys or by COLLATE, so both are correct.
func (o owner) locales(b binaries) [][]string {
	plain := []string{"--locale=C.UTF-8"}
	icu := []string{"--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=pl-PL"}
	if b.major >= 17 {
		plain = []string{"--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"}
	}
	return [][]string{icu, plain, {"--no-locale"}}
}

func (o owner) runInitdb(ctx context.Context, b binaries, c Config, side string, locale []string) ([]byte, error) {
	args := append([]string{"-D", side, "--encoding=UTF8", "--username=" + database, "--auth-local=peer",
		"--auth-host=reject", "--data-checksums", "--no-instructions"}, locale...)
	if c.Throwaway {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(b.dir, "initdb"), args...)
	cmd.Dir = c.Dir
	cmd.Env = environment(b)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: o.credential(), Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd.CombinedOutput()
}

// admit lets in the platform's database user for the kernel's word on who
// connects, and nobody else.
func (o owner) admit(data string) error {
	hba := fmt.Sprintf("# Written by Sieci: unix socket only.\nlocal all %s peer map=sieci\n", database)
	var ident bytes.Buffer
	ident.WriteString("# Written by Sieci.\n")
	for _, name := range o.clients {
		fmt.Fprintf(&ident, "sieci %q %s\n", name, database)
	}
	for name, text := range map[string]string{"pg_hba.conf": hba, "pg_ident.conf": ident.String()} {
		// Truncating keeps the file's owner, which initdb made the right one.
		if err := os.WriteFile(filepath.Join(data, name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

// environment is all that PostgreSQL's programs see of ours.
func environment(b binaries) []string {
	return []string{"PATH=" + b.dir + ":/usr/bin:/bin", "LANG=C.UTF-8", "LC_MESSAGES=C"}
}

func lastOf(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.Contains(lines[i], "error") || strings.Contains(lines[i], "FATAL") {
			return strings.TrimSpace(lines[i])
		}
	}
	return strings.TrimSpace(lines[len(lines)-1])
}
