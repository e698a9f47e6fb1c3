// Package plugins holds, inside the program, what a new module begins with: the
// sources of the SDK and of the contract, and a small module of each kind (the
// folders of kit, which are compiled and tested here like any other). It owns no
// table.
package plugins

import (
	"bytes"
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed kit sdk/*.go sdk/sdktest sdk/texts sdk/view proto/sieci proto/CHANGELOG.md proto/SOURCES.md
var sources embed.FS

// Kinds are the kinds of module that can be begun.
var Kinds = []string{"network", "task", "evaluation"}

// File is one file of a new module; Path is below its folder, with slashes.
type File struct {
	Path string
	Data []byte
}

// The words that stand for the two halves of an id in kit's sources.
const (
	centreWord = "kitcentre"
	nameWord   = "kitname"
)

// sdkDir is the folder of a new module in which the SDK lies, as a Go module of
// its own: the new one is compiled without the platform's repository.
const sdkDir = "sieci"

// renamed are files that would mean something where they lie in this repository.
var renamed = map[string]string{"go.mod.txt": "go.mod", "go.sum.txt": "go.sum", "sdk.mod.txt": sdkDir + "/go.mod", "gitignore": ".gitignore"}

// New are the files of a new module, by path. kind is one of [Kinds]; id is
// "centre.name", checked by the caller.
func New(kind, id string) ([]File, error) {
	var out []File
	centre, name, _ := strings.Cut(id, ".")
	words := strings.NewReplacer(centreWord, centre, nameWord, name)
	for _, dir := range []string{"kit/common", "kit/" + kind} {
		list, err := read(dir)
		if err != nil {
			return nil, err
		}
		for _, f := range list {
			f.Path = strings.TrimPrefix(f.Path, dir+"/")
			if to, ok := renamed[f.Path]; ok {
				f.Path = to
			}
			f.Data = []byte(words.Replace(string(f.Data)))
			out = append(out, f)
		}
	}
	about := slices.IndexFunc(out, func(f File) bool { return f.Path == "about.md" })
	readme := slices.IndexFunc(out, func(f File) bool { return f.Path == "README.md" })
	out[readme].Data = bytes.Replace(out[readme].Data, []byte("(about.md)\n"), out[about].Data, 1)
	out = slices.Delete(out, about, about+1)
	for _, dir := range []string{"sdk", "proto"} {
		list, err := read(dir)
		if err != nil {
			return nil, err
		}
		for _, f := range list {
			if strings.HasSuffix(f.Path, "_test.go") {
				continue // they test the SDK, not the module
			}
			out = append(out, File{path.Join(sdkDir, "plugins", f.Path), f.Data})
		}
	}
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

func read(dir string) (out []File, err error) {
	err = fs.WalkDir(sources, dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := sources.ReadFile(name)
		out = append(out, File{name, raw})
		return err
	})
	return out, err
}
