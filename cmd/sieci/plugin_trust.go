package main

import (
	"context"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/plugin"
)

// trusting is a key that an author handed in.
type trusting struct {
	namespace, centre, name string
	months                  int
}

// usualMonths is how long a key is trusted unless one says otherwise: two school
// years.
const usualMonths = 24

// trust adds an author's public key, as Zarządzanie → Wtyczki → Klucze does.
func (p Program) trust(t func(string) string) *cobra.Command {
	var in trusting
	c := &cobra.Command{Use: "trust " + t("cli.plugin.arg_pub"), Short: t("cli.plugin.trust"), Args: oneArgument("cli.plugin.trust_usage"),
		RunE: func(c *cobra.Command, args []string) error {
			raw, err := os.ReadFile(args[0])
			if err != nil {
				return fault.Wrap(err, fault.Invalid, "cli.plugin.key_open", "File", args[0])
			}
			if in.namespace == "" {
				return fault.New(fault.Invalid, "cli.plugin.trust_usage")
			}
			return p.with(c.Context(), func(a *app.App) error { return p.addKey(access.With(c.Context(), operator()), a, string(raw), in) })
		}}
	c.Flags().StringVar(&in.namespace, "namespace", "", t("cli.plugin.trust_namespace"))
	c.Flags().StringVar(&in.centre, "centre", "", t("cli.plugin.trust_centre"))
	c.Flags().StringVar(&in.name, "name", "", t("cli.plugin.trust_name"))
	c.Flags().IntVar(&in.months, "months", usualMonths, t("cli.plugin.trust_months"))
	return c
}

func (p Program) addKey(ctx context.Context, a *app.App, public string, in trusting) error {
	var centre uuid.UUID
	if in.centre != "" {
		var err error
		if centre, err = centreOf(ctx, a, in.centre); err != nil {
			return err
		}
	}
	if in.name == "" {
		in.name = in.namespace
	}
	y, m, d := a.Modules.Now().In(clock.Warsaw).Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	until := today.AddDate(0, in.months, 0)
	id, err := a.Modules.AddKey(ctx, plugin.KeyInput{Public: public, Namespace: in.namespace, Centre: centre, Name: in.name, From: today, To: until})
	if err != nil {
		return err
	}
	p.print(p.Out, i18n.T(ctx, "cli.plugin.trusted", "Key", id, "Namespace", in.namespace, "Day", show.Date(i18n.FromContext(ctx), until)))
	return nil
}
