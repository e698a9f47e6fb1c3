package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/web/kit"
)

// App is the whole platform in one value. [Open] it, then [App.Run] the server
// or call its services from a command; [App.Close] it in either case.
type App struct {
	base
	services

	once     sync.Once
	closeErr error
}

// Open connects, migrates and builds everything, and starts nothing: no job
// runs and no port is taken until [App.Run]. So commands work beside a running
// server and without one. What a person can put right comes as a fault with a
// sentence; on error everything opened is closed again.
func Open(ctx context.Context, c Config, log *slog.Logger) (_ *App, err error) {
	a := &App{base: base{Config: c, Log: log}}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if err := a.open(ctx); err != nil {
		return nil, err
	}
	if err := a.wire(ctx); err != nil {
		return nil, err
	}
	return a, nil
}

// Close closes everything in reverse order; again is harmless.
func (a *App) Close() error {
	a.once.Do(func() { a.closeErr = a.close() })
	return a.closeErr
}

const (
	// drain is how long requests in flight may take to end at a stop: a little
	// above the 15 s that one may last at all.
	drain = 17 * time.Second
	// stopJobs is how long running jobs may take before they are interrupted.
	stopJobs = 10 * time.Second
)

// Run serves until ctx ends, then lets requests and jobs come to their end.
// ready, when set, is called with the address once the port is taken.
func (a *App) Run(ctx context.Context, ready func(addr string)) (err error) {
	l, err := listen(ctx, a.Config.Addr)
	if err != nil {
		return err
	}
	defer l.Close()
	var ml net.Listener
	if a.Config.MetricsAddr != "" {
		if ml, err = listen(ctx, a.Config.MetricsAddr); err != nil {
			return err
		}
		defer ml.Close()
	}
	for _, start := range a.starts {
		stop, err := start(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	if err := a.Jobs.Start(ctx); err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopJobs)
		defer cancel()
		err = errors.Join(err, a.Jobs.Stop(ctx))
	}()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return serve(ctx, l, a.Handler) })
	if ml != nil {
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", promhttp.HandlerFor(a.Metrics, promhttp.HandlerOpts{Registry: a.Metrics}))
		g.Go(func() error { return serve(ctx, ml, mux) })
	}
	a.Log.InfoContext(ctx, "serving", "addr", l.Addr().String(), "base", a.Config.BaseURL)
	if ready != nil {
		ready(l.Addr().String())
	}
	return g.Wait()
}

func listen(ctx context.Context, addr string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fault.Wrap(err, fault.Unavailable, "app.port_busy", "Addr", addr)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "app.port", "Addr", addr)
	}
	return l, nil
}

// serve answers until ctx ends, then lets requests in flight finish.
func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		// The largest upload, 25 MiB, passes at 1.8 Mbit/s; the answer then has
		// the 15 s of the work and as long again to be written.
		ReadTimeout:    kit.ReadTimeout,
		WriteTimeout:   kit.ReadTimeout + 30*time.Second,
		IdleTimeout:    2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
		// Requests outlive the signal that stops the server.
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
		ErrorLog:    slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := s.Shutdown(end); err != nil {
		return errors.Join(fmt.Errorf("requests still running at the end: %w", err), s.Close())
	}
	return nil
}
