package main

import (
	"github.com/spf13/cobra"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/identity"
)

func (p Program) admin(t func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "admin", Short: t("cli.admin")}
	var in identity.FirstAdmin
	create := &cobra.Command{Use: "create", Short: t("cli.admin.create"), Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(a *app.App) error {
				link, err := a.Identity.CreateFirstAdmin(c.Context(), in)
				if err != nil {
					return err
				}
				if link == "" {
					p.print(p.Out, i18n.T(c.Context(), "cli.admin.have", "Email", in.Email))
					return nil
				}
				p.print(p.Out, i18n.T(c.Context(), "cli.admin.made", "Link", a.Config.BaseURL+link))
				return nil
			})
		}}
	create.Flags().StringVar(&in.Email, "email", "", t("cli.admin.email"))
	create.Flags().StringVar(&in.Name, "name", "", t("cli.admin.name"))
	create.Flags().BoolVar(&in.Force, "force", false, t("cli.admin.force"))
	group.AddCommand(create)
	return group
}
