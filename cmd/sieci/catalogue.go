package main

import (
	"context"
	"io"
	"os"
	"strconv"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/plugin"
)

// catalogue are the commands of "plugin" that act on the platform: what the
// pages under Zarządzanie → Wtyczki do, by whoever may run commands here.
func (p Program) catalogue(t func(string) string) []*cobra.Command {
	act := func(name, arg, key string, n int, f func(ctx context.Context, a *app.App, args []string) error) *cobra.Command {
		return &cobra.Command{Use: name + arg, Short: t(key),
			Args: func(_ *cobra.Command, args []string) error {
				if len(args) != n {
					return fault.New(fault.Invalid, key+"_usage")
				}
				return nil
			},
			RunE: func(c *cobra.Command, args []string) error {
				return p.with(c.Context(), func(a *app.App) error { return f(access.With(c.Context(), operator()), a, args) })
			}}
	}
	add := act("add", " "+t("cli.plugin.arg_file"), "cli.plugin.add", 1, p.addBundle)
	list := act("list", "", "cli.plugin.list", 0, p.listPlugins)
	var centres, withheld []string
	var all bool
	enable := act("enable", " "+t("cli.plugin.arg_enable"), "cli.plugin.enable", 2, func(ctx context.Context, a *app.App, args []string) error {
		if all {
			withheld = []string{}
		}
		return p.enable(ctx, a, args[0], args[1], centres, withheld)
	})
	enable.Flags().StringSliceVar(&withheld, "withhold", nil, t("cli.plugin.withhold"))
	enable.Flags().BoolVar(&all, "grant-all", false, t("cli.plugin.grant_all"))
	enable.MarkFlagsMutuallyExclusive("withhold", "grant-all")
	enable.Flags().StringSliceVar(&centres, "centre", nil, t("cli.plugin.centre"))
	disable := act("disable", " "+t("cli.plugin.arg_id"), "cli.plugin.disable", 1, func(ctx context.Context, a *app.App, args []string) error {
		if err := a.Modules.Disable(ctx, args[0]); err != nil {
			return absent(err, args[0])
		}
		p.print(p.Out, i18n.T(ctx, "cli.plugin.disabled", "ID", args[0]))
		return nil
	})
	configure := act("configure", " "+t("cli.plugin.arg_configure"), "cli.plugin.configure", 1, p.configure)
	configure.Args = func(_ *cobra.Command, args []string) error {
		if len(args) != 1 && len(args) != 2 {
			return fault.New(fault.Invalid, "cli.plugin.configure_usage")
		}
		return nil
	}
	return []*cobra.Command{p.trust(t), add, list, enable, configure, disable}
}

// absent says of which plugin there is nothing.
func absent(err error, id string) error {
	if fault.Is(err, fault.NotFound) {
		return fault.Wrap(err, fault.NotFound, "cli.plugin.unknown", "ID", id)
	}
	return err
}

func (p Program) addBundle(ctx context.Context, a *app.App, args []string) error {
	f, err := openBundle(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	id, err := a.Modules.AddBundle(ctx, f)
	if err != nil {
		return err
	}
	r, err := a.Modules.Report(ctx, id)
	if err != nil {
		return err
	}
	m := r.Manifest
	for _, x := range r.Rights {
		p.print(p.Out, i18n.T(ctx, "cli.plugin.right", "Change", i18n.T(ctx, "modules.change."+string(x.Change)), "Name", x.Name, "Reason", x.Reason.In(string(i18n.FromContext(ctx)))))
	}
	if r.Problem != "" {
		p.print(p.Err, r.Problem)
	}
	if r.Refused != nil {
		return r.Refused
	}
	p.print(p.Out, i18n.T(ctx, "cli.plugin.added", "ID", m.ID, "Version", m.Version))
	return nil
}

// maxAnswers bounds a file of answers, in bytes.
const maxAnswers = 256 << 10

// configure saves answers to a plugin's form, or shows form and answers.
func (p Program) configure(ctx context.Context, a *app.App, args []string) error {
	c, err := a.Modules.Configuration(ctx, args[0])
	if err != nil {
		return absent(err, args[0])
	}
	if len(args) == 1 {
		p.print(p.Out, string(c.Form.JSON))
		if len(c.Answers.JSON) > 0 {
			p.print(p.Out, string(c.Answers.JSON))
		}
		return nil
	}
	f, err := os.Open(args[1])
	if err != nil {
		return err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxAnswers))
	if err != nil {
		return err
	}
	if err := a.Modules.Configure(ctx, args[0], effect.Document{JSON: raw, Revision: c.Form.Revision}, c.Version); err != nil {
		return err
	}
	p.print(p.Out, i18n.T(ctx, "cli.plugin.configured", "ID", args[0]))
	return nil
}

func (p Program) listPlugins(ctx context.Context, a *app.App, _ []string) error {
	list, unreadable, err := a.Modules.List(ctx)
	if err != nil {
		return err
	}
	for _, e := range list {
		for _, v := range e.Available {
			state := "cli.plugin.state_off"
			switch {
			case v.Current:
				state = "cli.plugin.state_on"
			case v.Failed:
				state = "cli.plugin.state_failed"
			}
			source := "cli.plugin.from_folder"
			if v.Bundle != uuid.Nil {
				source = "cli.plugin.from_bundle"
			}
			p.print(p.Out, e.ID+" "+v.Version+" "+i18n.T(ctx, state)+", "+i18n.T(ctx, source))
		}
	}
	for _, u := range unreadable {
		p.print(p.Err, u)
	}
	return nil
}

// centreOf is a centre by its id or by its number in RSPO, which people know.
func centreOf(ctx context.Context, a *app.App, text string) (uuid.UUID, error) {
	if id, err := uuid.Parse(text); err == nil {
		return id, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return uuid.Nil, fault.New(fault.Invalid, "cli.plugin.centre_wrong", "Text", text)
	}
	i, err := a.Registry.ByRSPO(ctx, a.DB, n)
	if fault.Is(err, fault.NotFound) {
		return uuid.Nil, fault.New(fault.Invalid, "cli.plugin.centre_wrong", "Text", text)
	}
	if err != nil {
		return uuid.Nil, err
	}
	return i.ID, nil
}

// enable enables a version, for the centres named or for all; nil
// for withheld leaves optional rights as they stand.
func (p Program) enable(ctx context.Context, a *app.App, id, version string, centres, withheld []string) error {
	terms := plugin.Terms{Withheld: withheld}
	if len(centres) > 0 {
		terms.Where = &plugin.Where{}
	}
	for _, s := range centres {
		c, err := centreOf(ctx, a, s)
		if err != nil {
			return err
		}
		terms.Where.Centres = append(terms.Where.Centres, c)
	}
	if err := a.Modules.EnableOn(ctx, id, version, terms); err != nil {
		return absent(err, id+" "+version)
	}
	p.print(p.Out, i18n.T(ctx, "cli.plugin.enabled", "ID", id, "Version", version))
	return nil
}
