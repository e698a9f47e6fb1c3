// Package assets embeds the files that browsers fetch beside pages. Each is
// served under /s/{hash}/{name} with the hash of its content, so that it can be
// kept for ever and a new version has a new address.
package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"mime"
	"path"
)

//go:embed app.css mark.svg passkey.js
var files embed.FS

// Pattern is the route of all assets.
const Pattern = "/s/:hash/:name"

// File is one asset.
type File struct {
	Name, Type, Hash string
	Body, Gzip       []byte
}

var all = load("app.css", "mark.svg", "passkey.js")

func load(names ...string) map[string]File {
	out := make(map[string]File, len(names))
	for _, n := range names {
		body, err := files.ReadFile(n)
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(body)
		var z bytes.Buffer
		w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
		if err != nil {
			panic(err)
		}
		if _, err := w.Write(body); err != nil {
			panic(err)
		}
		if err := w.Close(); err != nil {
			panic(err)
		}
		out[n] = File{Name: n, Type: mime.TypeByExtension(path.Ext(n)), Hash: hex.EncodeToString(sum[:6]), Body: body, Gzip: z.Bytes()}
	}
	return out
}

// Get finds an asset by name.
func Get(name string) (File, bool) {
	f, ok := all[name]
	return f, ok
}

// URL is the address of the asset; it panics on an unknown name.
func URL(name string) string {
	f, ok := all[name]
	if !ok {
		panic("assets: no file " + name)
	}
	return "/s/" + f.Hash + "/" + f.Name
}
