package main

import (
	"context"
	"os"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/registry"
)

func (p Program) importing(t func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "import", Short: t("cli.import")}
	for name, run := range map[string]func(context.Context, *app.App, *os.File) error{
		"terc": p.importTERC, "rspo": p.importRSPO, "people": p.importPeople,
	} {
		group.AddCommand(&cobra.Command{Use: name + " " + t("cli.import.arg"), Short: t("cli.import." + name), Args: oneFile,
			RunE: func(c *cobra.Command, args []string) error {
				f, err := os.Open(args[0])
				if err != nil {
					return fault.Wrap(err, fault.Invalid, "cli.import.open", "File", args[0])
				}
				defer f.Close()
				if st, err := f.Stat(); err == nil && st.IsDir() {
					return fault.New(fault.Invalid, "cli.import.open", "File", args[0])
				}
				return p.with(c.Context(), func(a *app.App) error { return run(c.Context(), a, f) })
			}})
	}
	return group
}

func oneFile(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fault.New(fault.Invalid, "cli.import.file", "Name", c.Name())
	}
	return nil
}

// operator is who acts at the command line: whoever may run it has the data in
// hand anyway.
func operator() *access.Actor { return access.Core("cli") }

func (p Program) importTERC(ctx context.Context, a *app.App, f *os.File) error {
	r, err := a.Registry.ImportTERC(ctx, operator(), f, p.progress(ctx)...)
	return p.registryReport(ctx, r, err)
}

func (p Program) importRSPO(ctx context.Context, a *app.App, f *os.File) error {
	r, err := a.Registry.ImportRSPO(ctx, operator(), f, p.progress(ctx)...)
	return p.registryReport(ctx, r, err)
}

// registryReport prints what came of the file; rejected rows are listed with
// their line, and the error that follows them is one sentence.
func (p Program) registryReport(ctx context.Context, r registry.Report, err error) error {
	r.Localize(ctx)
	for _, n := range r.Errors {
		p.print(p.Err, i18n.T(ctx, "cli.import.line", "Line", n.Line, "Text", n.Text))
	}
	for _, n := range r.Warnings {
		p.print(p.Err, i18n.T(ctx, "cli.import.line", "Line", n.Line, "Text", n.Text))
	}
	if err != nil {
		f := fault.As(err)
		if len(f.Fields) > 0 && r.Rejected > 0 { // the lines above say them
			return fault.New(f.Kind, "cli.import.nothing", "N", r.Rejected)
		}
		return err
	}
	p.print(p.Out, i18n.T(ctx, "cli.import.done", "Read", r.Read, "New", r.New, "Changed", r.Changed, "Same", r.Same))
	return nil
}

func (p Program) importPeople(ctx context.Context, a *app.App, f *os.File) error {
	r, err := a.Identity.ImportPeople(ctx, operator(), f)
	if err != nil {
		return err
	}
	l := i18n.FromContext(ctx)
	for _, e := range r.Errors {
		p.print(p.Err, i18n.T(ctx, "cli.import.line", "Line", e.Line, "Text", sentence(l, e.Field.Text, e.Field.Key, e.Field.Args)))
	}
	if len(r.Errors) > 0 {
		return fault.New(fault.Invalid, "cli.import.nothing", "N", len(r.Errors))
	}
	p.print(p.Out, i18n.T(ctx, "cli.import.people_done", "Rows", r.Rows, "Invited", r.Invited, "Known", r.Known))
	return nil
}

// progress draws a bar where a person watches.
func (p Program) progress(ctx context.Context) []registry.ImportOption {
	f, ok := p.Err.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	var bar *progressbar.ProgressBar
	return []registry.ImportOption{registry.WithProgress(func(done, total int) {
		if bar == nil {
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(f), progressbar.OptionClearOnFinish(),
				progressbar.OptionSetDescription(i18n.T(ctx, "cli.import.progress")))
		}
		// A terminal that went away spoils the bar, not the import.
		_ = bar.Set(done)
	})}
}
