package file

import (
	"encoding/hex"
	"io"
	"net/http"
	"strconv"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
)

// Content is a file with its bytes.
type Content struct {
	File
	io.ReadCloser
}

// Serve sends the file as an attachment: never shown inside the platform's
// own origin, never sniffed, kept by no shared cache. It closes the content.
func (c *Content) Serve(w http.ResponseWriter, r *http.Request) error {
	defer c.Close()
	h := w.Header()
	h.Set("Content-Type", c.MediaType)
	h.Set("Content-Disposition", Disposition(c.Name))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-cache")
	tag := `"` + hex.EncodeToString(c.SHA256) + `"`
	h.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Length", strconv.FormatInt(c.Size, 10))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	_, err := io.Copy(w, c)
	return err
}

// OpenFolder is the blob store in a folder, closed to other users. The caller closes it.
func OpenFolder(dir string) (*blob.Bucket, error) {
	return fileblob.OpenBucket(dir, &fileblob.Options{
		CreateDir: true, DirFileMode: 0o700,
		NoTempDir: true, // temporary names beside the target: renaming must not cross disks
		Metadata:  fileblob.MetadataDontWrite,
	})
}
