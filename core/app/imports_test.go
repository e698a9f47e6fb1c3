package app

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "ore.edu.pl/sieci/"

// layers of the core, the lowest first: a package imports its own layer's
// leaves and what lies below, never what lies beside or above. Rooms of one
// layer that know each other are named in beside.
var layers = [][]string{
	{"fault", "clock", "i18n", "markdown", "document", "sheet"},
	{"db", "form", "view", "idem"},
	{"audit", "gather", "place"},
	{"access"},
	{"registry", "identity", "job", "notify", "file", "draft", "ballot", "search", "trail"},
	{"effect"},
	{"record", "programme", "register"},
	{"network", "task", "work", "schedule", "board", "conversation", "library", "evaluation", "election", "consent", "need", "credential"},
	{"plugin", "export", "report", "oversight"},
	{"api", "web"},
	{"app"},
}

// beside are the steps to the side that the design allows: who may import whom
// within a layer.
var beside = map[string][]string{
	"i18n":     {"fault", "clock"},
	"form":     {"view"},
	"view":     {"form"},
	"idem":     {"db"},
	"draft":    {"job"},
	"identity": {"registry", "job", "notify", "search"},
	"search":   {"job"},
	"registry": {"job"},
	"notify":   {"job"},
	"file":     {"job"},
	"ballot":   {"job"},
	"trail":    {"job"},
	"api":      {"web"},
}

// third are libraries with a room of their own. A room ending in "/..." holds
// for all below; a file pattern narrows it to files of that name.
var third = []struct {
	library string
	rooms   []string
	files   string
}{
	{"github.com/labstack/echo/", []string{"core/web/...", "core/api/..."}, ""},
	{"github.com/danielgtaylor/huma/", []string{"core/api/..."}, ""},
	{"github.com/casbin/", []string{"core/access"}, ""},
	{"github.com/jmoiron/sqlx", []string{"core/db/..."}, ""},
	{"github.com/jmoiron/sqlx", []string{"core/..."}, "store"},
	{"github.com/lib/pq", []string{"core/db/..."}, ""},
	{"github.com/lib/pq", []string{"core/..."}, "store"},
	{"github.com/hashicorp/go-plugin", []string{"core/plugin/...", "plugins/sdk/..."}, ""},
	{"github.com/riverqueue/", []string{"core/job", "core/db"}, ""},
	{"github.com/wneessen/go-mail", []string{"core/notify"}, ""},
	{"codeberg.org/go-pdf/", []string{"core/document"}, ""},
	{"github.com/pdfcpu/", []string{"core/document"}, ""},
	{"github.com/xuri/", []string{"core/oversight", "core/sheet"}, ""},
	{"gocloud.dev/", []string{"core/file"}, ""},
	{"github.com/blevesearch/", []string{"core/search/lemma"}, ""},
	{"github.com/spf13/", []string{"cmd/..."}, ""},
	{"github.com/knadh/koanf", []string{"core/app"}, ""},
}

// source is one Go file that is not a test.
type source struct {
	pkg     string // "core/network"
	file    string
	imports []string
}

func sources(t *testing.T) []source {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var out []source
	for _, top := range []string{"cmd", "core", "plugins", "policies", "migrations"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && (d.Name() == "testdata" || d.Name() == "pins"):
				return fs.SkipDir
			case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, raw, parser.ImportsOnly)
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(root, filepath.Dir(path))
			if err != nil {
				return err
			}
			s := source{pkg: filepath.ToSlash(rel), file: d.Name()}
			for _, i := range f.Imports {
				p, err := strconv.Unquote(i.Path.Value)
				if err != nil {
					return err
				}
				s.imports = append(s.imports, p)
			}
			out = append(out, s)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(out) < 100 {
		t.Fatalf("only %d files found", len(out))
	}
	return out
}

// room is the first folder below core: "core/db/dbtest" lies in "db".
func room(pkg string) (string, bool) {
	rest, ok := strings.CutPrefix(pkg, "core/")
	name, _, _ := strings.Cut(rest, "/")
	return name, ok
}

func layerOf(name string) int {
	return slices.IndexFunc(layers, func(l []string) bool { return slices.Contains(l, name) })
}

func within(pkg, pattern string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == prefix || strings.HasPrefix(pkg, prefix+"/")
	}
	return pkg == pattern
}

// harness packages exist for tests only and may reach where tests reach.
var harness = []string{"core/db/dbtest", "core/web/webtest", "core/effect/effecttest", "core/plugin/plugintest"}

// TestDirections keeps the order of rooms of the design.
func TestDirections(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		from, inCore := room(s.pkg)
		if slices.ContainsFunc(harness, func(h string) bool { return within(s.pkg, h+"/...") }) {
			continue
		}
		if inCore && layerOf(from) < 0 {
			t.Errorf("%s: the room %q has no layer", s.pkg, from)
			continue
		}
		for _, imp := range s.imports {
			to, ours := strings.CutPrefix(imp, module)
			if !ours {
				continue
			}
			if problem := direction(s.pkg, from, inCore, to); problem != "" {
				t.Errorf("%s/%s imports %s: %s", s.pkg, s.file, to, problem)
			}
		}
	}
}

func direction(pkg, from string, inCore bool, to string) string {
	target, toCore := room(to)
	switch {
	case within(pkg, "plugins/..."):
		if toCore || within(to, "cmd/...") {
			return "a module knows the SDK only"
		}
		own := strings.Join(strings.SplitN(pkg, "/", 3)[:2], "/") + "/..."
		// The messages of plugins/proto are the words in which the SDK speaks.
		for _, free := range []string{"plugins/sdk/...", "plugins/proto/...", own} {
			if within(to, free) {
				return ""
			}
		}
		return "a first-party module imports the SDK and itself only"
	case within(pkg, "cmd/..."):
		return "" // the top
	case within(to, "cmd/..."):
		return "nothing imports a command"
	case within(to, "plugins/..."):
		if from != "plugin" && from != "app" {
			return "the core meets modules in core/plugin only"
		}
	case !inCore || !toCore || from == target || from == "app":
		return ""
	case layerOf(target) > layerOf(from):
		return "against the direction"
	case layerOf(target) == layerOf(from) && !slices.Contains(beside[from], target):
		return "a room beside it"
	}
	return ""
}

// TestLibrariesStayInTheirRooms keeps frameworks replaceable.
func TestLibrariesStayInTheirRooms(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		for _, imp := range s.imports {
			ruled, allowed := false, false
			for _, rule := range third {
				if imp != strings.TrimSuffix(rule.library, "/") && !strings.HasPrefix(imp, rule.library) {
					continue
				}
				ruled = true
				allowed = allowed || strings.HasPrefix(s.file, rule.files) && slices.ContainsFunc(rule.rooms, func(r string) bool { return within(s.pkg, r) })
			}
			if ruled && !allowed {
				t.Errorf("%s/%s imports %s", s.pkg, s.file, imp)
			}
		}
	}
}
