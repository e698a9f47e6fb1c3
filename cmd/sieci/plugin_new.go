package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/plugins"
)

// newModule writes the folder of a new module. It needs nothing but this program.
func (p Program) newModule(t func(string) string) *cobra.Command {
	var dir string
	c := &cobra.Command{Use: "new " + t("cli.plugin.arg_new"), Short: t("cli.plugin.new"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fault.New(fault.Invalid, "cli.plugin.new_usage")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return p.writeModule(c.Context(), args[0], args[1], dir) }}
	c.Flags().StringVar(&dir, "dir", "", t("cli.plugin.new_dir"))
	return c
}

func (p Program) writeModule(ctx context.Context, kind, id, dir string) error {
	if !slices.Contains(plugins.Kinds, kind) {
		return fault.New(fault.Invalid, "cli.plugin.new_kind", "Kind", kind)
	}
	if !bundle.ValidID(id) {
		return fault.New(fault.Invalid, "cli.plugin.new_id", "ID", id)
	}
	_, name, _ := strings.Cut(id, ".")
	if dir == "" {
		dir = name
	}
	files, err := plugins.New(kind, id)
	if err != nil {
		return err
	}
	if err := writeFolder(dir, files); err != nil {
		return err
	}
	p.print(p.Out, i18n.T(ctx, "cli.plugin.new_made", "ID", id, "Dir", dir))
	return nil
}

// writeFolder writes all files beside the place and moves them there: whoever
// interrupts it finds no half of a module. A folder that holds something is
// left as it is.
func writeFolder(dir string, files []plugins.File) error {
	dir = filepath.Clean(dir)
	have, err := os.ReadDir(dir)
	there := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) || len(have) > 0 {
		return fault.Wrap(err, fault.Conflict, "cli.plugin.new_full", "Dir", dir)
	}
	beside := filepath.Dir(dir)
	if there {
		beside = dir // an empty one stays, it may be the shell's own
	}
	tmp, err := os.MkdirTemp(beside, ".sieci-*")
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "cli.plugin.write", "File", dir)
	}
	err = writeFiles(tmp, files)
	switch {
	case err != nil:
	case there:
		err = moveInto(tmp, dir)
	default:
		err = os.Rename(tmp, dir)
	}
	if err != nil {
		err = fault.Wrap(err, fault.Invalid, "cli.plugin.write", "File", dir)
	}
	return errors.Join(err, os.RemoveAll(tmp)) // gone already when all went well
}

func writeFiles(dir string, files []plugins.File) error {
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			return err
		}
	}
	return os.Chmod(dir, 0o755)
}

// moveInto moves what is in from into the folder to, or nothing of it.
func moveInto(from, to string) error {
	list, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for i, e := range list {
		if err := os.Rename(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			for _, moved := range list[:i] {
				err = errors.Join(err, os.RemoveAll(filepath.Join(to, moved.Name())))
			}
			return err
		}
	}
	return nil
}
