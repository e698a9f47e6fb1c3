package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/spf13/cobra"
	"ore.edu.pl/sieci/core/db/cluster"
	"ore.edu.pl/sieci/core/db/dbtest/env"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/search/lemma"
)

// childError carries the exit code of a command that we ran.
type childError struct{ code int }

// Error implements error.
func (e *childError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// dev is for those who work on Sieci; hidden from the help.
func (p Program) dev(t func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "dev", Hidden: true, Short: t("cli.dev")}
	group.AddCommand(&cobra.Command{Use: "test-database -- COMMAND…", Short: t("cli.dev.test_database"), Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return p.withTestDatabase(c.Context(), args) }})
	group.AddCommand(&cobra.Command{Use: "dictionary FILE", Short: t("cli.dev.dictionary"), Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return p.buildDictionary(c.Context(), args[0]) }})
	return group
}

// buildDictionary makes the dictionary of inflection for the search; where the
// distribution's is not installed it says so, and that is no error: the search
// finds whole words then.
func (p Program) buildDictionary(ctx context.Context, path string) error {
	built, err := lemma.BuildFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		p.print(p.Err, i18n.T(ctx, "cli.dictionary_missing", "File", lemma.WordFile))
		return nil
	case err != nil:
		return err
	case built:
		p.print(p.Out, i18n.T(ctx, "cli.dictionary_built", "File", path))
		p.print(p.Out, lemma.Notice)
	}
	return nil
}

// withTestDatabase runs a command with the address of a throwaway cluster in
// its environment: one for all packages of a test run.
func (p Program) withTestDatabase(ctx context.Context, args []string) error {
	k, err := cluster.Temporary(ctx)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(p.Env, env.Name+"="+k.AdminDSN())
	cmd.Stdin, cmd.Stdout, cmd.Stderr = p.In, p.Out, p.Err
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = &childError{max(exit.ExitCode(), exitError)}
	}
	return errors.Join(err, k.Close())
}
