// Package i18n is the message catalogue: Polish first, English second, CLDR
// plurals. Every text that a person sees comes from here; a room's texts lie in
// locales/<room>.pl.json and locales/<room>.en.json, keys start with the room's
// name ("network.title"). A text is a string with {{.Name}} places, or an
// object with the plural forms one, few, many, other (English: one, other).
package i18n

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/collate"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed locales/*.json
var files embed.FS

// Lang is a language of the interface.
type Lang string

// The languages of the interface; Polish is the default.
const (
	Polish  Lang = "pl"
	English Lang = "en"
)

// Langs lists the languages, the default first.
var Langs = []Lang{Polish, English}

type ctxKey struct{}

// simple are the texts that need no machinery of templates, most of what a page shows.
var (
	localizers, keys, simple = mustLoad(files)
	polish, english          = simple[Polish], simple[English]
)

// With returns a context whose texts are in l.
func With(ctx context.Context, l Lang) context.Context { return context.WithValue(ctx, ctxKey{}, l) }

// FromContext is the language of ctx; Polish when none was set.
func FromContext(ctx context.Context) Lang {
	if l, ok := ctx.Value(ctxKey{}).(Lang); ok {
		return l
	}
	return Polish
}

// Parse returns the supported language named by s ("pl", "en-GB"), or false.
func Parse(s string) (Lang, bool) {
	tag, err := language.Parse(s)
	if err != nil {
		return Polish, false
	}
	base, _ := tag.Base()
	switch base.String() {
	case "pl":
		return Polish, true
	case "en":
		return English, true
	}
	return Polish, false
}

// T returns the text of key in the language of ctx; args are pairs of name and
// value. A missing key returns the key and logs an error: a test keeps the
// catalogue complete.
func T(ctx context.Context, key string, args ...any) string {
	return Text(FromContext(ctx), key, args...)
}

// N returns the plural text of key for count n; {{.N}} is the count.
func N(ctx context.Context, key string, n int, args ...any) string {
	return Plural(FromContext(ctx), key, n, args...)
}

// Text is T with an explicit language.
func Text(l Lang, key string, args ...any) string {
	if p := simpleOf(l, key); p != nil {
		if text, ok := p[plural.Other].fill(args, 0, false); ok {
			return text
		}
	}
	return localize(l, key, nil, argMap(args))
}

// Plural is N with an explicit language.
func Plural(l Lang, key string, n int, args ...any) string {
	if p := simpleOf(l, key); p != nil {
		if text, ok := p[formOf(l, n)].fill(args, n, true); ok {
			return text
		}
	}
	m := argMap(args)
	if m == nil {
		m = map[string]any{}
	}
	m["N"] = n
	return localize(l, key, n, m)
}

// TextMap is Text with the arguments as a map (fault.Args).
func TextMap(l Lang, key string, args map[string]any) string {
	if len(args) == 0 {
		return Text(l, key)
	}
	if n, ok := args["N"].(int); ok {
		return localize(l, key, n, args)
	}
	return localize(l, key, nil, args)
}

// Has reports whether the catalogue has key in l.
func Has(l Lang, key string) bool { return keys[l][key] }

// Sort puts names in the order in which a reader of the language looks for them
// (ś after s, not after z).
func Sort(l Lang, names []string) { collate.New(language.Make(string(l))).SortStrings(names) }

// simpleOf is nil where the text needs templates. A page asks some hundred times,
// so the language costs no look into a map.
func simpleOf(l Lang, key string) *patterns {
	switch l {
	case Polish:
		return polish[key]
	case English:
		return english[key]
	}
	return nil
}

func localize(l Lang, key string, count any, data map[string]any) string {
	loc, ok := localizers[l]
	if !ok {
		loc = localizers[Polish]
	}
	s, err := loc.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: count})
	if err != nil && s == "" {
		slog.Error("text missing from the catalogue", "key", key, "lang", string(l), "err", err)
		return key
	}
	return s
}

func argMap(args []any) map[string]any {
	if len(args) == 0 {
		return nil
	}
	m := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i].(string)] = args[i+1]
	}
	return m
}

func mustLoad(fsys fs.FS) (map[Lang]*i18n.Localizer, map[Lang]map[string]bool, map[Lang]map[string]*patterns) {
	bundle := i18n.NewBundle(language.Polish)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	names, err := fs.Glob(fsys, "locales/*.json")
	if err != nil {
		panic(err)
	}
	have := map[Lang]map[string]bool{Polish: {}, English: {}}
	plain := map[Lang]map[string]*patterns{Polish: {}, English: {}}
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			panic(err)
		}
		base := strings.TrimSuffix(path.Base(name), ".json")
		dot := strings.LastIndexByte(base, '.')
		l := Lang(base[dot+1:])
		mf, err := bundle.ParseMessageFileBytes(raw, "texts."+string(l)+".json")
		if err != nil {
			panic(fmt.Errorf("i18n: %s: %w", name, err))
		}
		for _, m := range mf.Messages {
			if have[l][m.ID] {
				panic(fmt.Errorf("i18n: %s: key %q is defined twice", name, m.ID))
			}
			have[l][m.ID] = true
			plain[l][m.ID] = patternsOf(m)
		}
	}
	out := map[Lang]*i18n.Localizer{}
	for _, l := range Langs {
		out[l] = i18n.NewLocalizer(bundle, string(l))
	}
	return out, have, plain
}
