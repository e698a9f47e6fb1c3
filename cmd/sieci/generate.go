package main

import (
	"time"

	"github.com/spf13/cobra"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/app/country"
	"ore.edu.pl/sieci/core/i18n"
)

// generate fills an empty installation with an invented country, for measuring.
func (p Program) generate(t func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "generate", Short: t("country.cli.short")}
	var scale string
	var seed uint64
	c := &cobra.Command{Use: "country", Short: t("country.cli.country"), Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := country.ParseScale(scale)
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(a *app.App) error {
				began, last := time.Now(), time.Now()
				n, err := country.Make(c.Context(), a, s, seed, func(what string, n int) {
					if time.Since(last) > time.Second {
						last = time.Now()
						p.print(p.Err, i18n.T(c.Context(), "country.cli.progress", "Seconds", int(time.Since(began).Seconds()), "What", what, "N", n))
					}
				})
				if err != nil {
					return err
				}
				p.print(p.Out, i18n.T(c.Context(), "country.cli.done", "Institutions", n.Institutions, "People", n.People, "Networks", n.Networks, "Grants", n.Grants,
					"Posts", n.Posts, "Meetings", n.Meetings, "Seconds", int(time.Since(began).Seconds())))
				return nil
			})
		}}
	c.Flags().StringVar(&scale, "scale", "1/20", t("country.cli.scale"))
	c.Flags().Uint64Var(&seed, "seed", 1, t("country.cli.seed"))
	group.AddCommand(c)
	return group
}
