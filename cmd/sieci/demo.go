package main

import (
	"context"

	"github.com/spf13/cobra"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/app/demo"
)

func (p Program) demo(t func(string) string) *cobra.Command {
	return &cobra.Command{Use: "demo", Short: t("demo.command"), Long: t("demo.command.long"), Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(a *app.App) error {
				if err := demo.Make(c.Context(), a); err != nil {
					return err
				}
				return p.guide(c.Context(), a)
			})
		}}
}

// guide prints the accounts of the demonstration and what to try.
func (p Program) guide(ctx context.Context, a *app.App) error {
	g, err := demo.Read(ctx, a)
	if err == nil {
		p.print(p.Out, g.Text(ctx))
	}
	return err
}
