package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/plugin/bundle"
)

// plugin is what authors of plugins and administrators do with bundles. The
// commands up to check need no platform; that of development makes its own.
func (p Program) plugin(t func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "plugin", Short: t("cli.plugin")}
	group.AddCommand(p.newModule(t), p.develop(t), p.keygen(t), p.pack(t), p.sign(t), p.verifyBundle(t), p.checkBundle(t))
	group.AddCommand(p.catalogue(t)...)
	return group
}

// oneArgument refuses anything but one argument with the command's own sentence.
func oneArgument(key string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fault.New(fault.Invalid, key)
		}
		return nil
	}
}

func (p Program) keygen(t func(string) string) *cobra.Command {
	return &cobra.Command{Use: "keygen " + t("cli.plugin.arg_name"), Short: t("cli.plugin.keygen"), Args: oneArgument("cli.plugin.keygen_usage"),
		RunE: func(c *cobra.Command, args []string) error {
			public, private, err := ed25519.GenerateKey(rand.Reader)
			if err != nil {
				return err
			}
			secret, err := bundle.EncodePrivate(private)
			if err != nil {
				return err
			}
			open, err := bundle.EncodePublic(public)
			if err != nil {
				return err
			}
			base := strings.TrimSuffix(args[0], ".key")
			if err := create(base+".pub", open, 0o644); err != nil {
				return err
			}
			if err := create(base+".key", secret, 0o600); err != nil {
				return errors.Join(err, os.Remove(base+".pub"))
			}
			p.print(p.Out, i18n.T(c.Context(), "cli.plugin.made", "Private", base+".key", "Public", base+".pub", "Key", bundle.KeyID(public)))
			return nil
		}}
}

// create writes a file that does not exist yet: a key is never overwritten.
func create(path string, raw []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return fault.New(fault.Conflict, "cli.plugin.exists", "File", path)
	}
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "cli.plugin.write", "File", path)
	}
	_, err = f.Write(raw)
	return errors.Join(err, f.Sync(), f.Close())
}

func (p Program) pack(t func(string) string) *cobra.Command {
	var s bundle.Source
	var out string
	c := &cobra.Command{Use: "pack " + t("cli.plugin.arg_dir"), Short: t("cli.plugin.pack"), Args: oneArgument("cli.plugin.pack_usage"),
		RunE: func(c *cobra.Command, args []string) error {
			s.Dir = args[0]
			raw, _, err := s.Manifest()
			if err != nil {
				return err
			}
			m, err := bundle.ParseManifest(raw)
			if err != nil {
				return fault.Wrap(err, fault.Invalid, "plugin.bundle.manifest", "Detail", err.Error())
			}
			if out == "" {
				out = m.ID + "-" + m.Version + bundle.Ending
			}
			if err := replace(out, func(w io.Writer) error { _, err := s.Write(w); return err }); err != nil {
				return err
			}
			p.print(p.Out, i18n.T(c.Context(), "cli.plugin.packed", "File", out, "ID", m.ID, "Version", m.Version))
			return nil
		}}
	c.Flags().StringToStringVar(&s.Binaries, "binary", nil, t("cli.plugin.binary"))
	c.Flags().StringVar(&s.Texts, "texts", "", t("cli.plugin.texts"))
	c.Flags().StringVarP(&out, "out", "o", "", t("cli.plugin.out"))
	return c
}

// replace writes a bundle file beside the place and moves it there when it was
// written and can be read whole.
func replace(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".sieci-*")
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "cli.plugin.write", "File", path)
	}
	defer os.Remove(f.Name()) // gone already when all went well
	err = write(f)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err == nil {
		_, err = examine(f)
	}
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fault.Wrap(err, fault.Invalid, "cli.plugin.write", "File", path)
	}
	return nil
}

// examine reads a bundle file from front to back.
func examine(r io.Reader) (*bundle.Archive, error) {
	a, err := bundle.OpenArchive(r)
	if err != nil {
		return nil, err
	}
	return a, a.Each(func(bundle.File, io.Reader) error { return nil })
}

func openBundle(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "plugin.bundle.open", "File", path)
	}
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return nil, errors.Join(fault.New(fault.Invalid, "plugin.bundle.open", "File", path), f.Close())
	}
	return f, nil
}

// keyFile reads one of the two files of a key.
func keyFile[K any](path string, parse func([]byte) (K, error)) (key K, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return key, fault.Wrap(err, fault.Invalid, "cli.plugin.key_open", "File", path)
	}
	return parse(raw)
}

func (p Program) sign(t func(string) string) *cobra.Command {
	var keyPath string
	c := &cobra.Command{Use: "sign " + t("cli.plugin.arg_file"), Short: t("cli.plugin.sign"), Args: oneArgument("cli.plugin.sign_usage"),
		RunE: func(c *cobra.Command, args []string) error {
			if keyPath == "" {
				return fault.New(fault.Invalid, "cli.plugin.sign_usage")
			}
			key, err := keyFile(keyPath, bundle.ParsePrivate)
			if err != nil {
				return err
			}
			f, err := openBundle(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			var m *bundle.Manifest
			err = replace(args[0], func(w io.Writer) (err error) { m, err = bundle.Sign(w, f, key); return err })
			if err != nil {
				return err
			}
			p.print(p.Out, i18n.T(c.Context(), "cli.plugin.signed", "ID", m.ID, "Version", m.Version, "Key", bundle.KeyID(key.Public().(ed25519.PublicKey))))
			return nil
		}}
	c.Flags().StringVar(&keyPath, "key", "", t("cli.plugin.key"))
	return c
}

func (p Program) verifyBundle(t func(string) string) *cobra.Command {
	var keyPath string
	c := &cobra.Command{Use: "verify " + t("cli.plugin.arg_file"), Short: t("cli.plugin.verify"), Args: oneArgument("cli.plugin.verify_usage"),
		RunE: func(c *cobra.Command, args []string) error {
			f, err := openBundle(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			a, err := examine(f)
			if err != nil {
				return err
			}
			if a.Signature == nil {
				return fault.New(fault.Invalid, "plugin.bundle.unsigned")
			}
			key := a.Signature.Key
			if keyPath != "" {
				if key, err = keyFile(keyPath, bundle.ParsePublic); err != nil {
					return err
				}
				if !key.Equal(a.Signature.Key) {
					return fault.New(fault.Invalid, "cli.plugin.other_key", "Key", bundle.KeyID(a.Signature.Key), "Want", bundle.KeyID(key))
				}
			}
			if !a.SignedBy(key) {
				return fault.New(fault.Invalid, "plugin.bundle.forged")
			}
			p.tell(c.Context(), a, keyPath != "")
			return nil
		}}
	c.Flags().StringVar(&keyPath, "key", "", t("cli.plugin.public"))
	return c
}

// tell prints what a bundle is, who signed it and what it asks for.
func (p Program) tell(ctx context.Context, a *bundle.Archive, known bool) {
	m := &a.Manifest
	p.print(p.Out, i18n.T(ctx, "cli.plugin.is", "ID", m.ID, "Version", m.Version, "Title", m.Title.In(string(i18n.FromContext(ctx)))))
	p.print(p.Out, i18n.T(ctx, "cli.plugin.by", "Key", bundle.KeyID(a.Signature.Key), "Namespace", bundle.Namespace(m.ID)))
	if !known {
		p.print(p.Out, i18n.T(ctx, "cli.plugin.by_whom"))
	}
	for _, x := range m.Binaries {
		p.print(p.Out, i18n.T(ctx, "cli.plugin.platform", "OS", x.OS, "Arch", x.Arch, "Size", fmt.Sprintf("%.1f", float64(x.Size)/(1<<20))))
	}
	for _, x := range m.Capabilities {
		p.print(p.Out, i18n.T(ctx, "cli.plugin.asks", "Name", x.Name, "Reason", x.Reason.In(string(i18n.FromContext(ctx)))))
	}
	if len(m.Capabilities) == 0 {
		p.print(p.Out, i18n.T(ctx, "cli.plugin.asks_nothing"))
	}
}
