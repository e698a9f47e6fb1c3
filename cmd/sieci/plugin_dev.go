package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/app/demo"
	"ore.edu.pl/sieci/core/db/cluster"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/plugin/bundle"
)

// developing is how "plugin dev" is asked for.
type developing struct {
	dir, addr string
	// empty leaves the sample data out.
	empty bool
}

// develop serves a platform of its own, with sample data, for one module in the
// making; nothing of it outlives the command.
func (p Program) develop(t func(string) string) *cobra.Command {
	var d developing
	c := &cobra.Command{Use: "dev " + t("cli.plugin.arg_dir"), Short: t("cli.plugin.dev"), Long: t("cli.plugin.dev_long"), Args: oneArgument("cli.plugin.dev_usage"),
		RunE: func(c *cobra.Command, args []string) error {
			d.dir = args[0]
			err := p.runDevelopment(c.Context(), d)
			if c.Context().Err() != nil && errors.Is(err, context.Canceled) {
				return nil // Ctrl-C is how it ends
			}
			return err
		}}
	c.Flags().StringVar(&d.addr, "addr", "127.0.0.1:8080", t("cli.plugin.dev_addr"))
	c.Flags().BoolVar(&d.empty, "empty", false, t("cli.plugin.dev_empty"))
	return c
}

func (p Program) runDevelopment(ctx context.Context, d developing) (err error) {
	if d.dir, err = filepath.Abs(d.dir); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(d.dir, "manifest.json")); err != nil {
		return fault.Wrap(err, fault.Invalid, "plugin.bundle.no_manifest", "Dir", d.dir)
	}
	if _, err := exec.LookPath("go"); err != nil {
		return fault.Wrap(err, fault.Invalid, "cli.plugin.dev_no_go")
	}
	if d.addr, err = choosePort(ctx, d.addr); err != nil {
		return err
	}
	// Short: sockets lie below it. As root, modules' own users walk through.
	tmp, err := os.MkdirTemp("/tmp", "sieci-dev-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	if err := os.Chmod(tmp, 0o711); err != nil {
		return err
	}
	p.print(p.Out, i18n.T(ctx, "cli.plugin.dev_starting"))
	k, err := cluster.Temporary(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	a, err := p.openDevelopment(ctx, d, tmp, k.DSN())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if !d.empty {
		if err := demo.Make(ctx, a); err != nil {
			return err
		}
		if err := p.guide(ctx, a); err != nil {
			return err
		}
	}
	w, err := p.newBench(a, d.dir, tmp)
	if err != nil {
		return err
	}
	return p.serveBench(ctx, a, w)
}

// openDevelopment opens the platform with settings of its own: of the caller's
// only those that say where modules lie and how they are held in. Nothing of a
// real installation, its database or its mail server, is within reach.
func (p Program) openDevelopment(ctx context.Context, d developing, tmp, dsn string) (*app.App, error) {
	_, port, err := net.SplitHostPort(d.addr)
	if err != nil {
		return nil, err
	}
	settings := []string{"SIECI_DATA=" + filepath.Join(tmp, "data"), "SIECI_DATABASE_URL=" + dsn, "SIECI_ADDR=" + d.addr,
		"SIECI_BASE_URL=http://localhost:" + port, "SIECI_DEV=true"}
	for _, name := range []string{"SIECI_PLUGINS", "SIECI_PLUGIN_TIER"} {
		settings = append(settings, name+"="+p.env(name))
	}
	c, err := app.Read(settings)
	if err != nil {
		return nil, err
	}
	l := slog.New(slog.NewTextHandler(p.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	slog.SetDefault(l)
	return app.Open(ctx, c, l)
}

// choosePort takes the port for a moment: the address that people type must be
// known before anything listens, also where any free port will do (":0"), and who
// asked for one that is taken should not wait for sample data to hear of it.
func choosePort(ctx context.Context, addr string) (string, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fault.New(fault.Invalid, "app.config.addr", "Name", "--addr", "Value", addr)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return "", fault.Wrap(err, fault.Unavailable, "app.port_busy", "Addr", addr)
	}
	if err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "app.port", "Addr", addr)
	}
	return net.JoinHostPort(host, strconv.Itoa(l.Addr().(*net.TCPAddr).Port)), l.Close()
}

// serveBench runs the server and the bench beside it until ctx ends or the
// server fails.
func (p Program) serveBench(ctx context.Context, a *app.App, w *bench) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ready, served := make(chan string, 1), make(chan error, 1)
	go func() {
		served <- a.Run(ctx, func(addr string) { ready <- addr })
		stop()
	}()
	select {
	case err := <-served:
		return err
	case addr := <-ready:
		p.print(p.Out, i18n.T(ctx, "cli.serving", "Addr", addr, "Base", a.Config.BaseURL))
		if p.Ready != nil {
			p.Ready(addr)
		}
	}
	err := w.work(ctx)
	stop()
	return errors.Join(err, <-served)
}

// newBench makes the bench, with the key that this platform alone trusts.
func (p Program) newBench(a *app.App, dir, tmp string) (*bench, error) {
	raw, err := os.ReadFile(app.DevelopmentKey(a.Config.Data))
	if err != nil {
		return nil, err
	}
	key, err := bundle.ParsePrivate(raw)
	if err != nil {
		return nil, err
	}
	stage := filepath.Join(tmp, "stage")
	if err := os.Mkdir(stage, 0o700); err != nil {
		return nil, err
	}
	return &bench{Program: p, a: a, dir: dir, stage: stage, key: key}, nil
}

// goEnv is the environment of the compiler: the author's own, for a static
// program for this system, whatever workspace the folder lies in.
func (p Program) goEnv() []string {
	out := []string{}
	for _, line := range p.Env {
		if !strings.HasPrefix(line, "SIECI_") {
			out = append(out, line)
		}
	}
	return append(out, "CGO_ENABLED=0", "GOWORK=off", "GOOS=linux")
}
