package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/registry"
)

// importOptions are the flags of an import.
type importOptions struct{ yes, whole, mail bool }

func (p Program) importing(t func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "import", Short: t("cli.import")}
	for name, run := range map[string]func(context.Context, *app.App, *os.File, importOptions) error{
		registry.TERC: p.importRegister(registry.TERC), registry.RSPO: p.importRegister(registry.RSPO), "people": p.importPeople,
	} {
		var o importOptions
		c := &cobra.Command{Use: name + " " + t("cli.import.arg"), Short: t("cli.import." + name), Args: oneFile,
			RunE: func(c *cobra.Command, args []string) error {
				f, err := os.Open(args[0])
				if err != nil {
					return fault.Wrap(err, fault.Invalid, "cli.import.open", "File", args[0])
				}
				defer f.Close()
				if st, err := f.Stat(); err == nil && st.IsDir() {
					return fault.New(fault.Invalid, "cli.import.open", "File", args[0])
				}
				return p.with(c.Context(), func(a *app.App) error { return run(c.Context(), a, f, o) })
			}}
		c.Flags().BoolVar(&o.yes, "yes", false, t("cli.import.yes"))
		if name == "people" {
			c.Flags().BoolVar(&o.mail, "mail", false, t("cli.import.mail"))
		}
		if name == registry.RSPO {
			c.Flags().BoolVar(&o.whole, "whole", false, t("cli.import.whole"))
		}
		group.AddCommand(c)
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

// importRegister reads a file, says what it would change, asks (unless told
// not to) and writes it. The last line is for scripts.
func (p Program) importRegister(register string) func(context.Context, *app.App, *os.File, importOptions) error {
	return func(ctx context.Context, a *app.App, f *os.File, o importOptions) error {
		i, err := a.Registry.Preview(ctx, operator(), registry.Source{Register: register, File: filepath.Base(f.Name()), Whole: o.whole}, f, p.progress(ctx)...)
		if err != nil {
			return err
		}
		i.Localize(ctx)
		p.remarks(ctx, &i)
		p.print(p.Out, i18n.T(ctx, "cli.import.preview", "Read", i.Read, "New", i.New, "Changed", i.Changed, "Closed", i.Closed, "Same", i.Same, "Rejected", i.Rejected))
		if i.Changes() > 0 && !o.yes && !p.agreed(ctx, "cli.import.ask") {
			if err := a.Registry.Cancel(context.WithoutCancel(ctx), operator(), i.ID); err != nil {
				return err
			}
			return fault.New(fault.Invalid, "cli.import.declined")
		}
		if i, err = a.Registry.Apply(ctx, operator(), i.ID); err != nil {
			return err
		}
		p.print(p.Out, fmt.Sprintf("new=%d changed=%d closed=%d rejected=%d", i.New, i.Changed, i.Closed, i.Rejected))
		return nil
	}
}

// remarks lists rejected rows with their line, and what was let through.
func (p Program) remarks(ctx context.Context, i *registry.Import) {
	for _, list := range [][]registry.RowNote{i.Errors, i.Warnings} {
		for _, n := range list {
			p.print(p.Err, i18n.T(ctx, "cli.import.line", "Line", n.Line, "Text", n.Text))
		}
	}
	if more := i.Rejected - len(i.Errors); more > 0 {
		p.print(p.Err, i18n.T(ctx, "cli.import.more", "N", more))
	}
}

// agreed asks the person at the terminal; anything but a yes is a no.
func (p Program) agreed(ctx context.Context, ask string) bool {
	// Not on Out, whose last line is for scripts.
	_, _ = io.WriteString(p.Err, i18n.T(ctx, ask)+" ")
	if p.In == nil {
		return false
	}
	answer, _ := bufio.NewReader(p.In).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "t", "tak", "y", "yes":
		return true
	}
	return false
}

// importPeople reads a list, says what it would make, asks (unless told not to)
// and writes it; letters go out when asked for. The last line is for scripts.
func (p Program) importPeople(ctx context.Context, a *app.App, f *os.File, o importOptions) error {
	i, err := a.Identity.PreviewPeople(ctx, operator(), filepath.Base(f.Name()), f, p.bar(ctx))
	if err != nil {
		return err
	}
	if err := p.rejected(ctx, a, &i); err != nil {
		return err
	}
	p.print(p.Out, i18n.T(ctx, "cli.import.people_preview", "Read", i.Read, "New", i.New, "Changed", i.Changed, "Known", i.Known, "Rejected", i.Rejected))
	if i.Changes() > 0 && !o.yes && !p.agreed(ctx, "cli.import.people_ask") {
		if err := a.Identity.CancelPeople(context.WithoutCancel(ctx), operator(), i.ID); err != nil {
			return err
		}
		return fault.New(fault.Invalid, "cli.import.declined")
	}
	if i, err = a.Identity.ApplyPeople(ctx, operator(), i.ID, o.mail, p.bar(ctx)); err != nil {
		return err
	}
	p.print(p.Out, fmt.Sprintf("new=%d changed=%d known=%d rejected=%d", i.New, i.Changed, i.Known, i.Rejected))
	return nil
}

// rejected lists the rows of a list of people that were rejected, with their line.
func (p Program) rejected(ctx context.Context, a *app.App, i *identity.PeopleImport) error {
	for after := ""; ; {
		rows, next, err := a.Identity.PeopleImportRows(ctx, operator(), i, identity.RowRejected, after, true)
		if err != nil {
			return err
		}
		for _, r := range rows {
			for _, n := range r.Notes {
				p.print(p.Err, i18n.T(ctx, "cli.import.line", "Line", r.Line, "Text", n.Text))
			}
		}
		if after = next; after == "" {
			return nil
		}
	}
}

// progress draws a bar where a person watches.
func (p Program) progress(ctx context.Context) []registry.ImportOption {
	if f := p.bar(ctx); f != nil {
		return []registry.ImportOption{registry.WithProgress(f)}
	}
	return nil
}

// bar is a bar on the terminal, nil where nobody watches.
func (p Program) bar(ctx context.Context) func(done, total int) {
	f, ok := p.Err.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	var bar *progressbar.ProgressBar
	return func(done, total int) {
		if bar == nil {
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(f), progressbar.OptionClearOnFinish(),
				progressbar.OptionSetDescription(i18n.T(ctx, "cli.import.progress")))
		}
		// A terminal that went away spoils the bar, not the import.
		_ = bar.Set(done)
	}
}
