package main

import (
	"context"

	"github.com/spf13/cobra"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
)

func (p Program) audit(t func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "audit", Short: t("trail.cli.short")}
	group.AddCommand(&cobra.Command{Use: "verify", Short: t("trail.cli.verify"), Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(a *app.App) error { return p.verify(c.Context(), a) })
		}})
	return group
}

// verify prints what was found, and fails when the account does not hold.
func (p Program) verify(ctx context.Context, a *app.App) error {
	v, err := a.Trail.Verify(ctx, func(done int64) {
		if done%100_000 == 0 && done > 0 {
			p.print(p.Err, i18n.T(ctx, "trail.cli.progress", "N", done))
		}
	})
	if err != nil {
		return err
	}
	if v.Checkpoint > 0 {
		p.print(p.Out, i18n.T(ctx, "trail.cli.checkpoint", "Link", v.Checkpoint))
	}
	p.print(p.Out, i18n.N(ctx, "trail.cli.sealed", int(v.Sealed)))
	p.print(p.Out, i18n.N(ctx, "trail.cli.unsealed", int(v.Unsealed)))
	if b := v.Bad; b != nil {
		p.print(p.Out, i18n.T(ctx, "trail.cli."+string(b.Why), "Link", b.Link, "Event", b.Event))
	}
	for _, x := range []struct {
		key  string
		head *audit.Head
	}{{"trail.cli.missing", v.Missing}, {"trail.cli.differs", v.Differs}} {
		if x.head != nil {
			p.print(p.Out, i18n.T(ctx, x.key, "Link", x.head.Link, "At", show.DateTime(i18n.FromContext(ctx), x.head.At)))
		}
	}
	if v.Alone {
		p.print(p.Out, i18n.T(ctx, "trail.cli.alone"))
	}
	if !v.Holds() {
		return fault.New(fault.Conflict, "trail.cli.broken")
	}
	p.print(p.Out, i18n.T(ctx, "trail.cli.good"))
	return nil
}
