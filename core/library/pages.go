package library

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"encoding/xml"
	"io"
	"regexp"
	"strconv"
	"strings"

	"ore.edu.pl/sieci/core/file"
)

// maxInflated bounds what is unpacked to count pages: a part that holds the
// number is a few kilobytes, object streams of a 25 MiB PDF a few megabytes.
const maxInflated = 32 << 20

const pdfType = "application/pdf"

// statistics are the parts of office documents that say how many pages there
// are, and the elements that say it. Word processors write what they counted
// when the file was last saved.
var statistics = map[string][]string{
	"docProps/app.xml": {"Pages", "Slides"},
	"meta.xml":         {"document-statistic"},
}

// countable reports whether files of the type say how many pages they have.
func countable(mediaType string) bool {
	return mediaType == pdfType || strings.Contains(mediaType, "officedocument.wordprocessing") || strings.Contains(mediaType, "officedocument.presentation") ||
		strings.HasSuffix(mediaType, "opendocument.text") || strings.HasSuffix(mediaType, "opendocument.presentation")
}

// countPages reads how many pages or slides a file has; 0 when it does not say,
// or says nonsense. It is a help for readers, nothing is decided by it.
func countPages(mediaType string, r io.Reader) (int, error) {
	raw, err := io.ReadAll(io.LimitReader(r, file.MaxSize))
	if err != nil {
		return 0, err
	}
	n := 0
	if mediaType == pdfType {
		n = pdfPages(raw)
	} else {
		n = officePages(raw)
	}
	if n < 1 || n > 100000 {
		return 0, nil
	}
	return n, nil
}

func officePages(raw []byte) int {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return 0
	}
	for _, f := range z.File {
		names, ok := statistics[f.Name]
		if !ok {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return 0
		}
		n := statistic(io.LimitReader(r, 1<<20), names)
		_ = r.Close() // read only
		if n > 0 {
			return n
		}
	}
	return 0
}

// statistic finds the first of the elements with a number: its text, or the
// attribute page-count of an OpenDocument.
func statistic(r io.Reader, names []string) int {
	d := xml.NewDecoder(r)
	for {
		t, err := d.Token()
		if err != nil {
			return 0
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		for _, name := range names {
			if e.Name.Local != name {
				continue
			}
			for _, a := range e.Attr {
				if a.Name.Local == "page-count" {
					return number(a.Value)
				}
			}
			var text string
			if d.DecodeElement(&text, &e) == nil && number(text) > 0 {
				return number(text)
			}
		}
	}
}

func number(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		return 0
	}
	return n
}

var (
	pagesNode = regexp.MustCompile(`/Type\s*/Pages\b`)
	nodeCount = regexp.MustCompile(`/Count\s+(\d{1,6})\b`)
	objStream = regexp.MustCompile(`/Type\s*/ObjStm\b`)
)

// pdfPages is the largest /Count of the page tree's nodes, which is its root's;
// nodes may lie in compressed object streams.
func pdfPages(raw []byte) int {
	best := largestCount(raw)
	budget := maxInflated
	for _, at := range objStream.FindAllIndex(raw, 10000) {
		body := raw[at[1]:]
		i := bytes.Index(body, []byte("stream"))
		if i < 0 || i > 4096 {
			continue
		}
		body = bytes.TrimLeft(body[i+len("stream"):], "\r\n")
		z, err := zlib.NewReader(bytes.NewReader(body))
		if err != nil {
			continue
		}
		text, _ := io.ReadAll(io.LimitReader(z, int64(budget))) // what could be read counts
		if budget -= len(text); budget <= 0 {
			break
		}
		best = max(best, largestCount(text))
	}
	return best
}

// A node's dictionary is looked for this far around its type (the list of a
// node's children may be long), for so many nodes: a PDF made to be slow costs
// some megabytes of reading.
const (
	nodeSpan = 16 << 10
	maxNodes = 1000
)

func largestCount(raw []byte) int {
	best := 0
	for _, at := range pagesNode.FindAllIndex(raw, maxNodes) {
		for _, m := range nodeCount.FindAllSubmatch(enclosing(raw, at[0]), 1) {
			best = max(best, number(string(m[1])))
		}
	}
	return best
}

// enclosing is the dictionary << … >> around a place, as far as it lies near.
func enclosing(raw []byte, at int) []byte {
	from, to := at, at
	for depth := 0; from > 1 && at-from < nodeSpan; from-- {
		pair := string(raw[from-2 : from])
		if pair == ">>" {
			depth++
			from--
		} else if pair == "<<" {
			if depth == 0 {
				break
			}
			depth--
			from--
		}
	}
	for depth := 0; to+1 < len(raw) && to-at < nodeSpan; to++ {
		pair := string(raw[to : to+2])
		if pair == "<<" {
			depth++
			to++
		} else if pair == ">>" {
			if depth == 0 {
				break
			}
			depth--
			to++
		}
	}
	return raw[from:to]
}
