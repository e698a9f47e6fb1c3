package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/plugin/conformance"
	"ore.edu.pl/sieci/core/plugin/sandbox"
)

// checkBundle tries a bundle in named cases, without a platform. Its exit code is
// 0 when all is well, 1 when a case failed, 2 when there was nothing to try.
func (p Program) checkBundle(t func(string) string) *cobra.Command {
	var seed uint64
	var asJSON bool
	var only []string
	c := &cobra.Command{Use: "check " + t("cli.plugin.arg_file"), Short: t("cli.plugin.check"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{fault.New(fault.Invalid, "cli.plugin.check_usage")}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			for _, name := range only {
				if !slices.Contains(conformance.Names(), name) {
					return &usageError{fault.New(fault.Invalid, "cli.plugin.check_unknown", "Name", name, "Names", strings.Join(conformance.Names(), ", "))}
				}
			}
			b, err := conformance.Open(args[0])
			if err != nil {
				return &usageError{err}
			}
			r, err := conformance.Run(c.Context(), conformance.Config{Bundle: b, Seed: seed, Only: only})
			if err != nil {
				return &usageError{fault.Wrap(err, fault.Unavailable, "cli.plugin.check_host", "Reason", err.Error())}
			}
			if asJSON {
				raw, err := json.MarshalIndent(r, "", "  ")
				if err != nil {
					return err
				}
				p.print(p.Out, string(raw))
			} else {
				p.tellCases(c.Context(), r, args[0])
			}
			if !r.Conforms() {
				return &childError{exitError}
			}
			return nil
		}}
	c.Flags().Uint64Var(&seed, "seed", 0, t("cli.plugin.check_seed"))
	c.Flags().BoolVar(&asJSON, "json", false, t("cli.plugin.check_json"))
	c.Flags().StringSliceVar(&only, "case", nil, t("cli.plugin.check_case"))
	return c
}

// tellCases prints a line for each case and what was found in it.
func (p Program) tellCases(ctx context.Context, r *conformance.Report, path string) {
	p.print(p.Out, i18n.T(ctx, "cli.plugin.check_head", "ID", r.Module, "Version", r.Version, "Tier", tierWord(ctx, r)))
	for _, c := range r.Cases {
		p.print(p.Out, fmt.Sprintf("%-14s %-15s %s", i18n.T(ctx, "cli.plugin.check_"+string(c.Outcome)), c.Name, i18n.T(ctx, "plugin.check."+c.Name)))
		for _, d := range c.Details {
			p.print(p.Out, "  – "+d)
		}
	}
	p.print(p.Out, i18n.T(ctx, "cli.plugin.check_sum", "Pass", r.Count(conformance.Pass), "Fail", r.Count(conformance.Fail),
		"None", r.Count(conformance.None), "Calls", r.Asked, "Slowest", r.Slowest))
	p.print(p.Out, i18n.T(ctx, "cli.plugin.check_again", "File", path, "Seed", r.Seed))
}

// tierWord says how far the program was held in.
func tierWord(ctx context.Context, r *conformance.Report) string {
	if r.Tier == "" {
		return "–"
	}
	tier := i18n.T(ctx, "modules.tier."+r.Tier)
	if slices.Contains(r.Layers, sandbox.Python) {
		return i18n.T(ctx, "modules.tier.python3", "Tier", tier)
	}
	return tier
}
