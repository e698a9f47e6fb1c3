package file

import (
	"archive/zip"
	"bytes"
	"errors"
	"image"
	_ "image/jpeg" // decoders for the size check
	_ "image/png"
	"io"
	"net/http"
	"path"
	"strings"
	"unicode/utf8"

	"ore.edu.pl/sieci/core/fault"
)

// A kind of content that is taken, and the endings that its names may have;
// the first is added to a name that has none of them.
type contentType struct {
	media   string
	endings []string
}

var (
	pdf  = contentType{"application/pdf", []string{".pdf"}}
	png  = contentType{"image/png", []string{".png"}}
	jpeg = contentType{"image/jpeg", []string{".jpg", ".jpeg"}}
	text = contentType{"text/plain; charset=utf-8", []string{".txt", ".md"}}
	csv  = contentType{"text/csv; charset=utf-8", []string{".csv"}}
	// Text that is not UTF-8 keeps its bytes; its charset is not guessed.
	textOther = contentType{"text/plain", []string{".txt", ".md"}}
	csvOther  = contentType{"text/csv", []string{".csv"}}
)

// office maps a part that only such a document has to its type.
var office = map[string]contentType{
	"word/document.xml":    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", []string{".docx"}},
	"xl/workbook.xml":      {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", []string{".xlsx"}},
	"ppt/presentation.xml": {"application/vnd.openxmlformats-officedocument.presentationml.presentation", []string{".pptx"}},
}

// openDocument maps the content of the entry "mimetype" to the ending.
var openDocument = map[string]string{
	"application/vnd.oasis.opendocument.text":         ".odt",
	"application/vnd.oasis.opendocument.spreadsheet":  ".ods",
	"application/vnd.oasis.opendocument.presentation": ".odp",
}

// Endings lists what is taken, for the accept attribute and the hint of forms.
var Endings = []string{".pdf", ".odt", ".ods", ".odp", ".docx", ".xlsx", ".pptx", ".png", ".jpg", ".jpeg", ".txt", ".csv"}

var errType = fault.New(fault.Invalid, "file.type")

// detect tells the type by the content, never by the name or by what the
// browser said; name only parts text from CSV, which look alike.
func detect(r io.ReaderAt, size int64, name string) (contentType, error) {
	head := make([]byte, 512)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return contentType{}, err
	}
	head = head[:n]
	sniffed, _, _ := strings.Cut(http.DetectContentType(head), ";")
	switch sniffed {
	case pdf.media:
		return pdf, nil
	case png.media:
		return png, checkPixels(r, size)
	case jpeg.media:
		return jpeg, checkPixels(r, size)
	case "application/zip":
		return detectZip(r, size)
	case "text/plain":
		return detectText(r, size, name)
	}
	return contentType{}, errType
}

func checkPixels(r io.ReaderAt, size int64) error {
	c, _, err := image.DecodeConfig(io.NewSectionReader(r, 0, size))
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "file.broken")
	}
	if int64(c.Width)*int64(c.Height) > maxPixels {
		return fault.New(fault.Invalid, "file.pixels")
	}
	return nil
}

// maxEntries of a document's archive; a real one has some hundreds.
const maxEntries = 10_000

func detectZip(r io.ReaderAt, size int64) (contentType, error) {
	z, err := zip.NewReader(r, size)
	if err != nil || len(z.File) > maxEntries {
		return contentType{}, fault.New(fault.Invalid, "file.broken")
	}
	var found contentType
	hasTypes := false
	for i, f := range z.File {
		switch {
		case strings.EqualFold(path.Base(f.Name), "vbaProject.bin"):
			return contentType{}, fault.New(fault.Invalid, "file.macros")
		case i == 0 && f.Name == "mimetype":
			return detectOpenDocument(f)
		case f.Name == "[Content_Types].xml":
			hasTypes = true
		}
		if t, ok := office[f.Name]; ok {
			found = t
		}
	}
	if found.media == "" || !hasTypes {
		return contentType{}, errType
	}
	return found, nil
}

func detectOpenDocument(f *zip.File) (contentType, error) {
	rc, err := f.Open()
	if err != nil {
		return contentType{}, fault.Wrap(err, fault.Invalid, "file.broken")
	}
	defer rc.Close()
	b, err := io.ReadAll(io.LimitReader(rc, 128))
	if err != nil {
		return contentType{}, fault.Wrap(err, fault.Invalid, "file.broken")
	}
	ending, ok := openDocument[string(b)]
	if !ok {
		return contentType{}, errType
	}
	return contentType{string(b), []string{ending}}, nil
}

func detectText(r io.ReaderAt, size int64, name string) (contentType, error) {
	b, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return contentType{}, err
	}
	if bytes.IndexByte(b, 0) >= 0 {
		return contentType{}, errType
	}
	isCSV := strings.EqualFold(path.Ext(name), ".csv")
	switch valid := utf8.Valid(b); {
	case valid && isCSV:
		return csv, nil
	case valid:
		return text, nil
	case isCSV:
		return csvOther, nil
	}
	return textOther, nil
}
