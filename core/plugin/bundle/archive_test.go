package bundle_test

import (
	"archive/tar"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/plugin/bundle"
)

// seed makes the key of these tests: the same on every run.
var key = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

// source writes what a small bundle is packed from.
func source(t testing.TB, change func(*bundle.Manifest)) bundle.Source {
	t.Helper()
	dir := t.TempDir()
	m := manifest()
	m.TaskTypes, m.JobKinds, m.Core = []string{"work"}, []string{"nightly"}, "0.5.0"
	if change != nil {
		change(&m)
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	put("manifest.json", string(raw))
	put("texts/pl.json", `{"a":"Zażółć","b":{"one":"sieć","many":"sieci"}}`)
	put("texts/en.json", `{"a":"Paint","b":{"one":"network","other":"networks"}}`)
	return bundle.Source{Dir: dir, Binaries: map[string]string{
		"linux/amd64": put("one", "bytes of a program"), "linux/arm64": put("two", "bytes for another machine"),
	}}
}

func packed(t testing.TB, change func(*bundle.Manifest)) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := source(t, change).Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func signed(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := bundle.Sign(&out, bytes.NewReader(packed(t, nil)), key); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func readWhole(raw []byte) (*bundle.Archive, map[string]string, error) {
	a, err := bundle.OpenArchive(bytes.NewReader(raw))
	if err != nil {
		return nil, nil, err
	}
	files := map[string]string{}
	err = a.Each(func(f bundle.File, r io.Reader) error {
		b, err := io.ReadAll(r)
		files[f.Name] = string(b)
		return err
	})
	return a, files, err
}

func TestArchiveRoundTrip(t *testing.T) {
	t.Parallel()
	a, files, err := readWhole(signed(t))
	if err != nil {
		t.Fatal(err)
	}
	if !a.SignedBy(key.Public().(ed25519.PublicKey)) || !bytes.Equal(a.Signature.Key, key.Public().(ed25519.PublicKey)) {
		t.Error("the signature does not hold")
	}
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, ed25519.SeedSize))
	if a.SignedBy(other.Public().(ed25519.PublicKey)) {
		t.Error("another key's signature holds")
	}
	if len(files) != 4 || files["sample-linux-amd64"] != "bytes of a program" || files["pl.json"] == "" || a.Manifest.Core != "0.5.0" || a.Manifest.Binaries[1].Size != 25 {
		t.Errorf("%v %+v", files, a.Manifest)
	}
	a, _, err = readWhole(packed(t, nil))
	if err != nil || a.Signature != nil || a.SignedBy(key.Public().(ed25519.PublicKey)) {
		t.Errorf("without a signature: %v", err)
	}
}

// The bytes of a bundle file are a promise: what was signed last year is read
// next year, and packing again gives the same.
func TestGoldenBytes(t *testing.T) {
	t.Parallel()
	one, two := signed(t), signed(t)
	if !bytes.Equal(one, two) {
		t.Error("the same sources gave different bytes")
	}
	sum := sha256.Sum256(one)
	const golden = "bebbcd68423cf35ee85b70cb87e097388a8f3e59323006b6ce4553be90ced536"
	if got := hex.EncodeToString(sum[:]); got != golden {
		t.Errorf("the format changed: %s, want %s", got, golden)
	}
}

type entry struct {
	tar.Header
	body string
}

// entries takes a bundle apart; join puts it together again.
func entries(t testing.TB, raw []byte) (out []entry) {
	t.Helper()
	for r := tar.NewReader(bytes.NewReader(raw)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, entry{*h, string(b)})
	}
}

func join(t testing.TB, list []entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range list {
		e.Size = int64(len(e.body))
		if err := w.WriteHeader(&e.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func file(name, body string) entry {
	return entry{tar.Header{Name: name, Mode: 0o644, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}, body}
}

func TestArchiveRefuses(t *testing.T) {
	t.Parallel()
	// The entries: 0 manifest, 1 signature, 2 en, 3 pl, 4 and 5 binaries.
	for name, c := range map[string]struct {
		key    string
		change func(l []entry) []entry
		raw    func(b []byte) []byte
	}{
		"a changed byte of a binary": {key: "tampered", change: func(l []entry) []entry { l[4].body = "Bytes of a program"; return l }},
		"a longer binary":            {key: "tampered", change: func(l []entry) []entry { l[4].body += "!"; return l }},
		"a changed text":             {key: "tampered", change: func(l []entry) []entry { l[3].body = strings.Replace(l[3].body, "Za", "za", 1); return l }},
		"a file nobody listed":       {key: "unlisted", change: func(l []entry) []entry { return append(l, file("zzz", "more")) }},
		"one nobody listed between":  {key: "unlisted", change: func(l []entry) []entry { return append(l[:3:3], append([]entry{file("mine", "x")}, l[3:]...)...) }},
		"a missing file":             {key: "missing", change: func(l []entry) []entry { return l[:5] }},
		"a name twice":               {key: "order", change: func(l []entry) []entry { return append(l, l[5]) }},
		"the signature twice":        {key: "twice", change: func(l []entry) []entry { return append(l[:2:2], l[1:]...) }},
		"another order":              {key: "order", change: func(l []entry) []entry { l[2], l[3] = l[3], l[2]; return l }},
		"the manifest not first":     {key: "first", change: func(l []entry) []entry { return l[1:] }},
		"a link": {key: "special", change: func(l []entry) []entry {
			l[4] = entry{tar.Header{Name: "sample-linux-amd64", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink, Format: tar.FormatUSTAR}, ""}
			return l
		}},
		"a hard link": {key: "special", change: func(l []entry) []entry {
			l[4] = entry{tar.Header{Name: "sample-linux-amd64", Linkname: "pl.json", Typeflag: tar.TypeLink, Format: tar.FormatUSTAR}, ""}
			return l
		}},
		"a device": {key: "special", change: func(l []entry) []entry {
			return append(l, entry{tar.Header{Name: "null", Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 3, Format: tar.FormatUSTAR}, ""})
		}},
		"a folder above":   {key: "special", change: func(l []entry) []entry { return append(l, file("../x", "x")) }},
		"an absolute name": {key: "special", change: func(l []entry) []entry { return append(l, file("/x", "x")) }},
		"a folder":         {key: "special", change: func(l []entry) []entry { return append(l, file("texts/x", "x")) }},
		"a long header": {key: "special", change: func(l []entry) []entry {
			l[5].Format, l[5].PAXRecords = tar.FormatPAX, map[string]string{"SIECI.x": "y"}
			return l
		}},
		"a broken signature":  {key: "signature", change: func(l []entry) []entry { l[1].body = `{"algorithm":"none"}`; return l }},
		"a large signature":   {key: "part", change: func(l []entry) []entry { l[1].body += strings.Repeat(" ", 5000); return l }},
		"a manifest and more": {key: "manifest", change: func(l []entry) []entry { l[0].body += "{}"; return l }},
		"an unknown field":    {key: "manifest", change: func(l []entry) []entry { l[0].body = strings.Replace(l[0].body, "{", `{"x":1,`, 1); return l }},
		"no texts in Polish": {key: "no_polish", change: func(l []entry) []entry {
			l[0].body = strings.ReplaceAll(l[0].body, `"lang": "pl"`, `"lang": "de"`)
			return l
		}},
		"more than it may have": {key: "large", change: func(l []entry) []entry {
			l[0].body = strings.ReplaceAll(l[0].body, `"size": 18`, `"size": 104857600`)
			return l
		}},
		"bytes behind the end": {key: "behind", raw: func(b []byte) []byte { return append(b, "hidden"...) }},
		"cut off":              {key: "format", raw: func(b []byte) []byte { return b[:len(b)-3000] }},
		"no archive":           {key: "format", raw: func([]byte) []byte { return bytes.Repeat([]byte("PK\x03\x04"), 500) }},
		"nothing":              {key: "format", raw: func([]byte) []byte { return nil }},
	} {
		raw := signed(t)
		if c.change != nil {
			raw = join(t, c.change(entries(t, raw)))
		}
		if c.raw != nil {
			raw = c.raw(raw)
		}
		if _, _, err := readWhole(raw); !fault.Is(err, fault.Invalid) || fault.As(err).Key != "plugin.bundle."+c.key {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
}

// endless is a source that never ends: a reader without a ceiling would.
type endless struct{ head io.Reader }

func (e endless) Read(p []byte) (int, error) {
	if n, _ := e.head.Read(p); n > 0 {
		return n, nil
	}
	clear(p)
	return len(p), nil
}

func TestArchiveEndsAtItsCeiling(t *testing.T) {
	t.Parallel()
	raw := signed(t)
	a, err := bundle.OpenArchive(endless{bytes.NewReader(raw[:len(raw)-1024])})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Each(func(bundle.File, io.Reader) error { return nil }); !fault.Is(err, fault.Invalid) {
		t.Errorf("zeros without end: %v", err)
	}
}

func TestTextsOfABundle(t *testing.T) {
	t.Parallel()
	for text, key := range map[string]string{
		`{"a":"x"}`:                      "text_lacks",
		`{"a":"x","b":"y","c":"z"}`:      "text_extra",
		`{"a":"x","b":["y"]}`:            "texts",
		`[]`:                             "texts",
		`{"a":"x","b":"` + "\xff" + `"}`: "texts",
		`{"a":"x","b":{"one":{"more":"nested"}}}`: "texts",
	} {
		s := source(t, nil)
		if err := os.WriteFile(filepath.Join(s.Dir, "texts", "en.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if _, err := s.Write(&out); err != nil {
			t.Fatal(err)
		}
		if _, _, err := readWhole(out.Bytes()); !fault.Is(err, fault.Invalid) || fault.As(err).Key != "plugin.bundle."+key {
			t.Errorf("%s: %v, want %s", text, err, key)
		}
	}
}

func TestKeyFiles(t *testing.T) {
	t.Parallel()
	private, err := bundle.EncodePrivate(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := bundle.EncodePublic(key.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	back, err := bundle.ParsePrivate(private)
	if err != nil || !back.Equal(key) {
		t.Errorf("private: %v", err)
	}
	pub, err := bundle.ParsePublic(public)
	if err != nil || !pub.Equal(key.Public()) || len(bundle.KeyID(pub)) != 16 {
		t.Errorf("public: %v", err)
	}
	if _, err := bundle.ParsePublic(private); fault.As(err).Key != "plugin.key.secret" {
		t.Errorf("a private key handed in: %v", err)
	}
	if _, err := bundle.ParsePublic([]byte("x")); fault.As(err).Key != "plugin.key.public" {
		t.Errorf("no key: %v", err)
	}
}

// FuzzArchive: whatever the bytes, reading ends, with the whole bundle or a
// sentence; what is read whole has only listed files with their digests.
func FuzzArchive(f *testing.F) {
	f.Add(signed(f))
	f.Add(packed(f, nil))
	f.Add(join(f, []entry{file("manifest.json", "{}")}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, files, err := readWhole(raw)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("no sentence: %v", err)
			}
			return
		}
		list := a.Manifest.Files()
		if len(list) != len(files) {
			t.Fatalf("%d files of %d", len(files), len(list))
		}
		for _, x := range list {
			if sum := sha256.Sum256([]byte(files[x.Name])); hex.EncodeToString(sum[:]) != x.SHA256 {
				t.Fatalf("%s is not what the manifest names", x.Name)
			}
		}
	})
}
