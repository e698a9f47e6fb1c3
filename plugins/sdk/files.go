package sdk

import (
	"encoding/json"
	"fmt"
	"io/fs"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// Identity reads id and version from the module's manifest, so that they are
// written in one place:
//
//	//go:embed manifest.json
//	var manifest []byte
//
// It panics when the manifest lacks one, which is a mistake of the program.
func Identity(manifest []byte) (id, version string) {
	var head struct{ ID, Version string }
	if err := json.Unmarshal(manifest, &head); err != nil || head.ID == "" || head.Version == "" {
		panic(fmt.Sprintf("sdk: manifest: %v, id %q, version %q", err, head.ID, head.Version))
	}
	return head.ID, head.Version
}

// ReadForm reads a form that was embedded, with the revision that it names
// itself ("rev"). It panics when that cannot be read, which is a mistake of the
// program.
func ReadForm(files fs.FS, path string) *v1.Document {
	raw, err := fs.ReadFile(files, path)
	if err != nil {
		panic(fmt.Sprintf("sdk: form: %v", err))
	}
	var head struct{ Rev uint32 }
	if err := json.Unmarshal(raw, &head); err != nil || head.Rev == 0 {
		panic(fmt.Sprintf("sdk: form %s: %v, revision %d", path, err, head.Rev))
	}
	return &v1.Document{Json: raw, Revision: head.Rev}
}
