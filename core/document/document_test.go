package document_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"ore.edu.pl/sieci/core/document"
)

var made = time.Date(2027, 6, 20, 12, 0, 0, 0, time.UTC)

func sample(rows int) *document.Document {
	d := &document.Document{Title: "Sprawozdanie & <raport> „Zażółć”", Lead: "Rok szkolny 2026/2027", Lang: "pl", Footer: "CDN Wierzbowo",
		Blocks: []document.Block{
			document.Facts{Rows: []document.Fact{{Label: "Koordynator", Value: "Świętosława Brzęczyszczykiewicz-Ćwiąkalska"}, {Label: "Siedziba", Value: "Łódź-Żółtańce"}}},
			document.Heading{Level: 2, Text: "Spotkania"},
			document.Paragraph{Text: strings.Repeat("Gęślą jaźń w długim akapicie. ", 40) + "\nNowa linia."},
			document.List{Items: []string{"pierwszy", "drugi"}},
			document.List{Numbered: true, Items: []string{"raz"}},
		}}
	t := document.Table{Caption: "Obecność", Columns: []document.Column{{Title: "Uczestnik", Share: 3}, {Title: "Godziny", Number: true}}, Empty: "brak"}
	for range rows {
		t.Rows = append(t.Rows, []string{"Żaneta Ćma " + strings.Repeat("długie ", 20), "9"})
	}
	d.Blocks = append(d.Blocks, t, document.Table{Caption: "Goście", Columns: []document.Column{{Title: "Kto"}}, Empty: "nie było"}, document.Signature{Under: "podpis koordynatora"})
	return d
}

// The structure of the PDF is whole: every marked piece of every page has its
// element, headings, rows and header cells are counted, language and title are said.
func TestPDFIsTagged(t *testing.T) {
	t.Parallel()
	const rows = 60 // several pages
	var b bytes.Buffer
	if err := document.WritePDF(&b, sample(rows), made); err != nil {
		t.Fatal(err)
	}
	ctx, err := api.ReadContext(bytes.NewReader(b.Bytes()), model.NewDefaultConfiguration())
	if err != nil {
		t.Fatal(err)
	}
	if err := api.ValidateContext(ctx); err != nil {
		t.Fatal(err)
	}
	if ctx.PageCount < 4 {
		t.Errorf("%d pages", ctx.PageCount)
	}
	c, err := ctx.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	if l, _ := c["Lang"].(types.StringLiteral); string(l) != "pl" {
		t.Errorf("language %v", c["Lang"])
	}
	count, pieces := map[string]int{}, map[int]int{}
	walk(t, ctx, c["StructTreeRoot"], count, pieces)
	for tag, want := range map[string]int{"H1": 1, "H2": 1, "L": 2, "LI": 3, "LBody": 3, "Table": 2, "Caption": 1, "TR": 2 + 1 + rows, "TH": 2 + 2 + rows, "TD": 2 + rows} {
		if count[tag] != want {
			t.Errorf("%d %s, want %d", count[tag], tag, want)
		}
	}
	for n := 1; n <= ctx.PageCount; n++ {
		content, err := ctx.PageContent(mustPage(t, ctx, n), n)
		if err != nil {
			t.Fatal(err)
		}
		marked := len(regexp.MustCompile(`BDC\b`).FindAll(content, -1))
		begun := len(regexp.MustCompile(`B(DC|MC)\b`).FindAll(content, -1))
		if ended := len(regexp.MustCompile(`\bEMC\b`).FindAll(content, -1)); begun != ended {
			t.Errorf("page %d: %d pieces begun, %d ended", n, begun, ended)
		}
		if pieces[n] != marked {
			t.Errorf("page %d: %d pieces drawn, %d in the structure", n, marked, pieces[n])
		}
	}
}

func mustPage(t *testing.T, ctx *model.Context, n int) types.Dict {
	t.Helper()
	d, _, _, err := ctx.PageDict(n, false)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func walk(t *testing.T, ctx *model.Context, o types.Object, count map[string]int, pieces map[int]int) {
	t.Helper()
	o, err := ctx.Dereference(o)
	if err != nil {
		t.Fatal(err)
	}
	switch o := o.(type) {
	case types.Dict:
		if o["MCID"] != nil {
			ref := o["Pg"].(types.IndirectRef)
			for n := 1; n <= ctx.PageCount; n++ {
				if r, err := ctx.PageDictIndRef(n); err == nil && r.ObjectNumber == ref.ObjectNumber {
					pieces[n]++
				}
			}
			return
		}
		if s, ok := o["S"].(types.Name); ok {
			count[string(s)]++
		}
		if o["K"] != nil {
			walk(t, ctx, o["K"], count, pieces)
		}
	case types.Array:
		for _, k := range o {
			walk(t, ctx, k, count, pieces)
		}
	}
}

// What people see and copy from the PDF is the text, with Polish letters, in
// reading order; poppler is asked where it is installed.
func TestPDFText(t *testing.T) {
	t.Parallel()
	bin, err := exec.LookPath("pdftotext")
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("pdftotext (poppler-utils) is not installed")
	}
	var b, out bytes.Buffer
	if err := document.WritePDF(&b, sample(3), made); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, "-", "-")
	cmd.Stdin, cmd.Stdout = &b, &out
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Sprawozdanie & <raport> „Zażółć”", "Świętosława Brzęczyszczykiewicz-Ćwiąkalska", "Żaneta Ćma", "Goście: nie było", "podpis koordynatora", "CDN Wierzbowo"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// The ODT names its type first and uncompressed, all parts are well-formed,
// headings have levels and the table a header row.
func TestODT(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	d := sample(2)
	d.Blocks = append(d.Blocks, document.Paragraph{Text: "zły \x00 znak </text:p>"})
	if err := document.WriteODT(&b, d, made); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if f := z.File[0]; f.Name != "mimetype" || f.Method != zip.Store {
		t.Errorf("first is %s, method %d", f.Name, f.Method)
	}
	var content string
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		all, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "content.xml" {
			content = string(all)
		}
		if f.Name == "mimetype" {
			continue
		}
		x := xml.NewDecoder(bytes.NewReader(all))
		for {
			if _, err := x.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
		}
	}
	for _, want := range []string{`text:outline-level="1">Sprawozdanie &amp; &lt;raport&gt; „Zażółć”</text:h>`, "<table:table-header-rows>", "Nowa linia.", "<text:line-break/>", "Goście: nie było"} {
		if !strings.Contains(content, want) {
			t.Errorf("no %q", want)
		}
	}
}
