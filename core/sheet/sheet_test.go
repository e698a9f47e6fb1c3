package sheet_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	wide "golang.org/x/text/encoding/unicode"
	"ore.edu.pl/sieci/core/sheet"
)

func TestEncodingsOfOffices(t *testing.T) {
	t.Parallel()
	const text = "Imię;Szkoła\r\n\r\nŻółć;\"Liceum;\r\nw Łodzi\"\r\n"
	cp, err := charmap.Windows1250.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	le, err := wide.UTF16(wide.LittleEndian, wide.UseBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	be, err := wide.UTF16(wide.BigEndian, wide.IgnoreBOM).NewEncoder().String("name,school\nJan,Liceum\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string]string{"UTF-8": text, "UTF-8 with mark": "\ufeff" + text, "Windows-1250": cp, "UTF-16": le} {
		rows, err := sheet.Read(t.Context(), []byte(raw), 10)
		if err != nil || len(rows) != 2 || rows[1].Line != 3 || rows[1].Cells[0] != "Żółć" || sheet.Clean(rows[1].Cells[1]) != "Liceum; w Łodzi" {
			t.Errorf("%s: %v %v", name, rows, err)
		}
	}
	if rows, err := sheet.Read(t.Context(), []byte(be), 10); err != nil || len(rows) != 2 || rows[1].Cells[1] != "Liceum" {
		t.Errorf("UTF-16 without a mark: %v %v", rows, err)
	}
}

func pack(t *testing.T, parts map[string]io.Reader) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// zeros never end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestHostileFiles(t *testing.T) {
	t.Parallel()
	bomb := pack(t, map[string]io.Reader{"xl/worksheets/sheet1.xml": io.LimitReader(zeros{}, sheet.MaxUnpacked+1)})
	if len(bomb) > 1<<20 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	// One that lies about its size: 10 bytes, it says.
	liar := bytes.Clone(bomb)
	for _, head := range []struct {
		mark   string
		offset int
	}{{"PK\x07\x08", 12}, {"PK\x01\x02", 24}} {
		at := bytes.LastIndex(liar, []byte(head.mark))
		copy(liar[at+head.offset:], []byte{10, 0, 0, 0})
	}
	many := map[string]io.Reader{}
	for i := range 1001 {
		many[fmt.Sprint(i)] = strings.NewReader("x")
	}
	far := excelize.NewFile()
	defer far.Close()
	if err := far.SetCellValue("Sheet1", "A1", "name"); err != nil {
		t.Fatal(err)
	}
	if err := far.SetCellValue("Sheet1", "XFD1048576", "x"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := far.Write(&b); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"a bomb":                     {bomb, sheet.ErrUnpacked},
		"a bomb that lies":           {liar, sheet.ErrEncoding},
		"very many parts":            {pack(t, many), sheet.ErrUnpacked},
		"a zip of something else":    {pack(t, map[string]io.Reader{"x": strings.NewReader("x")}), sheet.ErrEncoding},
		"a cell in the last row":     {b.Bytes(), sheet.ErrLong},
		"a workbook with a password": {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00\x00"), sheet.ErrEncoding},
		"nothing":                    {[]byte(" \n "), sheet.ErrEmpty},
		"too many rows":              {[]byte(strings.Repeat("a\n", 12)), sheet.ErrLong},
		"a picture":                  {[]byte("\x89PNG\r\n\x1a\n\x00\x00"), sheet.ErrEncoding},
	} {
		if _, err := sheet.Read(t.Context(), c.raw, 10); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	var broken *sheet.Broken
	if _, err := sheet.Read(t.Context(), []byte("a,b\n\"c,d\n"), 10); !errors.As(err, &broken) || broken.Line != 2 {
		t.Errorf("a quotation mark: %v", err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sheet.Read(over, []byte("a\nb\n"), 10); !errors.Is(err, context.Canceled) {
		t.Errorf("a deadline: %v", err)
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	rows, err := sheet.Read(t.Context(), []byte(strings.Repeat("x,", 5000)+"\n"+strings.Repeat("ł", 100_000)+"\n"), 10)
	if err != nil || len(rows[0].Cells) != 64 || len(rows[1].Cells[0]) > 4<<10 {
		t.Errorf("%d cells, %v", len(rows[0].Cells), err)
	}
	for text, want := range map[string]string{"=1+1": "'=1+1", "+48 22": "'+48 22", "-1": "'-1", "@SUM": "'@SUM", "\tx": "'\tx", "Jan": "Jan", "": ""} {
		if got := sheet.Plain(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
