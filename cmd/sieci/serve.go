package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/app/demo"
	"ore.edu.pl/sieci/core/i18n"
)

func (p Program) serve(ctx context.Context, t func(string) string) *cobra.Command {
	withDemo := false
	c := &cobra.Command{Use: "serve", Short: t("cli.serve"), Long: settingsHelp(ctx), Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.runServer(c.Context(), withDemo) }}
	c.Flags().BoolVar(&withDemo, "demo", false, t("demo.flag"))
	return c
}

func (p Program) runServer(ctx context.Context, withDemo bool) error {
	a, err := p.open(ctx, nil)
	if err != nil {
		return err
	}
	if withDemo {
		if err = demo.Make(ctx, a); err == nil {
			err = p.guide(ctx, a)
		}
		if err != nil {
			return errors.Join(err, a.Close())
		}
	}
	err = a.Run(ctx, func(addr string) {
		p.print(p.Out, i18n.T(ctx, "cli.serving", "Addr", addr, "Base", a.Config.BaseURL))
		if p.Ready != nil {
			p.Ready(addr)
		}
	})
	return errors.Join(err, a.Close())
}

// settingsHelp lists the environment under "sieci serve --help".
func settingsHelp(ctx context.Context) string {
	out := i18n.T(ctx, "cli.serve.long") + "\n"
	for _, s := range app.Settings(i18n.FromContext(ctx)) {
		out += "\n  " + s.Name
		if s.Default != "" {
			out += " (" + s.Default + ")"
		}
		out += "\n      " + s.Doc
	}
	return out
}

func (p Program) migrate(t func(string) string) *cobra.Command {
	return &cobra.Command{Use: "migrate", Short: t("cli.migrate"), Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			// Opening migrates: a program never runs on an older schema.
			return p.with(c.Context(), func(*app.App) error {
				p.print(p.Out, i18n.T(c.Context(), "cli.migrated"))
				return nil
			})
		}}
}
