package main

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"

	"github.com/spf13/cobra"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/i18n"
)

// usageError is a command line that cannot be understood.
type usageError struct{ error }

// Unwrap is the sentence, where there is one.
func (u *usageError) Unwrap() error { return u.error }

// root builds the tree of commands with the texts of ctx's language.
func (p Program) root(ctx context.Context) *cobra.Command {
	t := func(key string) string { return i18n.T(ctx, key) }
	root := &cobra.Command{
		Use: "sieci", Short: t("cli.short"), SilenceUsage: true, SilenceErrors: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		Args:              cobra.NoArgs,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.AddCommand(p.serve(ctx, t), p.migrate(t), p.version(t), p.admin(t), p.importing(t), p.demo(t), p.audit(t), p.plugin(t), p.generate(t), p.dev(t))
	root.SetUsageTemplate(usageTemplate(t))
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		if c.Name() == "help" {
			c.Short = t("cli.help.command")
		}
	}
	prepare(root, t)
	return root
}

// usageTemplate is cobra's, with our words.
func usageTemplate(t func(string) string) string {
	return t("cli.help.usage") + `
  {{if .HasAvailableSubCommands}}{{.CommandPath}} …{{else}}{{.UseLine}}{{end}}
{{if .HasAvailableSubCommands}}
` + t("cli.help.commands") + `{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}
{{end}}{{if .HasAvailableLocalFlags}}
` + t("cli.help.flags") + `
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}
{{end}}`
}

// prepare goes over the tree: words of the help flag, what cobra says of
// arguments as errors of usage, a group named without its command, too.
func prepare(c *cobra.Command, t func(string) string) {
	c.DisableFlagsInUseLine = true // cobra's word for them is English
	c.Flags().BoolP("help", "h", false, t("cli.help.help"))
	check := c.Args
	c.Args = func(c *cobra.Command, args []string) error {
		if check == nil {
			return nil
		}
		if err := check(c, args); err != nil {
			return &usageError{err}
		}
		return nil
	}
	if c.HasSubCommands() && c.RunE == nil && c.Run == nil {
		c.RunE = func(c *cobra.Command, _ []string) error {
			return errors.Join(c.Help(), &usageError{errors.New("group without a command")})
		}
	}
	for _, sub := range c.Commands() {
		prepare(sub, t)
	}
}

// open reads the settings and opens the platform; the caller closes.
func (p Program) open(ctx context.Context, change func(*app.Config)) (*app.App, error) {
	c, err := app.Read(p.Env)
	if err != nil {
		return nil, err
	}
	if change != nil {
		change(&c)
	}
	return app.Open(ctx, c, p.log())
}

// with opens the platform for one command and closes it.
func (p Program) with(ctx context.Context, f func(a *app.App) error) error {
	a, err := p.open(ctx, nil)
	if err != nil {
		return err
	}
	return errors.Join(f(a), a.Close())
}

// log writes structured lines to Err, and is the default of what logs without
// being given a logger.
func (p Program) log() *slog.Logger {
	l := slog.New(slog.NewTextHandler(p.Err, nil))
	slog.SetDefault(l)
	return l
}

func (p Program) version(t func(string) string) *cobra.Command {
	return &cobra.Command{Use: "version", Short: t("cli.version"), Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			p.print(p.Out, "sieci "+revision())
			return nil
		}}
}

// revision is what the binary was built from.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	out := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			out += " " + s.Value
		}
	}
	return out
}
