package document

import (
	"archive/zip"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// WriteODT writes d as OpenDocument text 1.3 with named styles, so that the
// reader can change the look of all headings at once. made is the date that
// the file bears.
func WriteODT(w io.Writer, d *Document, made time.Time) error {
	z := zip.NewWriter(w)
	// The type comes first and uncompressed: programs recognise the file by it.
	parts := []struct {
		name, content string
		method        uint16
	}{
		{"mimetype", ODTType, zip.Store},
		{"META-INF/manifest.xml", odtManifest, zip.Deflate},
		{"meta.xml", odtMeta(d, made), zip.Deflate},
		{"styles.xml", odtStyles(d), zip.Deflate},
		{"content.xml", odtContent(d), zip.Deflate},
	}
	for _, p := range parts {
		f, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: p.method, Modified: made.UTC()})
		if err != nil {
			return fmt.Errorf("document: write odt: %w", err)
		}
		if _, err := io.WriteString(f, p.content); err != nil {
			return fmt.Errorf("document: write odt: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("document: write odt: %w", err)
	}
	return nil
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

const odtManifest = xmlHead + `<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">` +
	`<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="` + ODTType + `"/>` +
	`<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>` +
	`<manifest:file-entry manifest:full-path="styles.xml" manifest:media-type="text/xml"/>` +
	`<manifest:file-entry manifest:full-path="meta.xml" manifest:media-type="text/xml"/></manifest:manifest>`

const odtSpaces = ` xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"` +
	` xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"` +
	` xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"` +
	` xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" office:version="1.3"`

func odtMeta(d *Document, made time.Time) string {
	return xmlHead + `<office:document-meta` + odtSpaces + `><office:meta><meta:generator>Sieci</meta:generator><dc:title>` + escape(d.Title) +
		`</dc:title><dc:language>` + country(d.Lang) + `</dc:language><meta:creation-date>` + made.UTC().Format("2006-01-02T15:04:05") +
		`</meta:creation-date></office:meta></office:document-meta>`
}

func country(lang string) string {
	if lang == "en" {
		return "en-GB"
	}
	return "pl-PL"
}

func odtStyles(d *Document) string {
	l, c, _ := strings.Cut(country(d.Lang), "-")
	var b strings.Builder
	b.WriteString(xmlHead + `<office:document-styles` + odtSpaces + `><office:styles>` +
		`<style:default-style style:family="paragraph"><style:paragraph-properties fo:margin-bottom="0.2cm" fo:line-height="130%"/>` +
		`<style:text-properties fo:font-family="'Liberation Sans', Arial, sans-serif" fo:font-size="11pt" fo:language="` + l + `" fo:country="` + c + `"/></style:default-style>` +
		`<style:style style:name="Standard" style:family="paragraph"/>`)
	for level, size := range []string{"20pt", "15pt", "12.5pt", "11pt"} {
		fmt.Fprintf(&b, `<style:style style:name="Heading_20_%d" style:display-name="Heading %d" style:family="paragraph" style:parent-style-name="Standard" style:next-style-name="Standard" style:default-outline-level="%d">`+
			`<style:paragraph-properties fo:margin-top="0.5cm" fo:margin-bottom="0.2cm" fo:keep-with-next="always"/><style:text-properties fo:font-size="%s" fo:font-weight="bold"/></style:style>`, level+1, level+1, level+1, size)
	}
	b.WriteString(`<style:style style:name="Lead" style:family="paragraph" style:parent-style-name="Standard"><style:text-properties fo:font-size="9pt"/></style:style>` +
		`<style:style style:name="Caption" style:family="paragraph" style:parent-style-name="Standard"><style:paragraph-properties fo:keep-with-next="always"/><style:text-properties fo:font-weight="bold"/></style:style>` +
		`<style:style style:name="Cell" style:family="paragraph" style:parent-style-name="Standard"><style:paragraph-properties fo:margin-bottom="0cm"/><style:text-properties fo:font-size="10pt"/></style:style>` +
		`<style:style style:name="Number" style:family="paragraph" style:parent-style-name="Cell"><style:paragraph-properties fo:text-align="end"/></style:style>` +
		`<style:style style:name="Header" style:family="paragraph" style:parent-style-name="Cell"><style:text-properties fo:font-weight="bold"/></style:style>` +
		`<style:style style:name="Sign" style:family="paragraph" style:parent-style-name="Lead"><style:paragraph-properties fo:margin-top="1.6cm" fo:margin-right="9cm" fo:border-top="0.02cm solid #000000" fo:padding-top="0.1cm"/></style:style>` +
		`<text:list-style style:name="Dots"><text:list-level-style-bullet text:level="1" text:bullet-char="•"><style:list-level-properties text:space-before="0.4cm" text:min-label-width="0.6cm"/></text:list-level-style-bullet></text:list-style>` +
		`<text:list-style style:name="Numbers"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."><style:list-level-properties text:space-before="0.4cm" text:min-label-width="0.6cm"/></text:list-level-style-number></text:list-style>` +
		`</office:styles><office:automatic-styles><style:page-layout style:name="A4"><style:page-layout-properties fo:page-width="21cm" fo:page-height="29.7cm" fo:margin-top="2cm" fo:margin-bottom="2cm" fo:margin-left="2.2cm" fo:margin-right="2.2cm"/>` +
		`<style:footer-style/></style:page-layout></office:automatic-styles><office:master-styles><style:master-page style:name="Standard" style:page-layout-name="A4"><style:footer><text:p text:style-name="Lead">`)
	if d.Footer != "" {
		b.WriteString(escape(d.Footer) + " · ")
	}
	b.WriteString(`<text:page-number text:select-page="current">1</text:page-number></text:p></style:footer></style:master-page></office:master-styles></office:document-styles>`)
	return b.String()
}

func odtContent(d *Document) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<office:document-content` + odtSpaces + `><office:automatic-styles>` +
		`<style:style style:name="Border" style:family="table-cell"><style:table-cell-properties fo:border="0.02cm solid #787878" fo:padding="0.1cm"/></style:style>` +
		`<style:style style:name="Wide" style:family="table"><style:table-properties style:width="16.6cm" table:align="left"/></style:style>` +
		`</office:automatic-styles><office:body><office:text>`)
	odtHeading(&b, 1, d.Title)
	if d.Lead != "" {
		odtParagraph(&b, "Lead", d.Lead)
	}
	for i, block := range d.Blocks {
		odtBlock(&b, i, block)
	}
	b.WriteString(`</office:text></office:body></office:document-content>`)
	return b.String()
}

func odtHeading(b *strings.Builder, level int, text string) {
	fmt.Fprintf(b, `<text:h text:style-name="Heading_20_%d" text:outline-level="%d">%s</text:h>`, level, level, escape(text))
}

func odtParagraph(b *strings.Builder, style, text string) {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := range lines {
		lines[i] = escape(lines[i])
	}
	fmt.Fprintf(b, `<text:p text:style-name="%s">%s</text:p>`, style, strings.Join(lines, "<text:line-break/>"))
}

func odtBlock(b *strings.Builder, i int, block Block) {
	switch x := block.(type) {
	case Heading:
		odtHeading(b, min(max(x.Level, 2), 4), x.Text)
	case Paragraph:
		odtParagraph(b, "Standard", x.Text)
	case List:
		style := "Dots"
		if x.Numbered {
			style = "Numbers"
		}
		fmt.Fprintf(b, `<text:list text:style-name="%s">`, style)
		for _, item := range x.Items {
			b.WriteString(`<text:list-item>`)
			odtParagraph(b, "Standard", item)
			b.WriteString(`</text:list-item>`)
		}
		b.WriteString(`</text:list>`)
	case Facts:
		fmt.Fprintf(b, `<table:table table:name="Table%d" table:style-name="Wide"><table:table-column table:number-columns-repeated="2"/>`, i)
		for _, f := range x.Rows {
			b.WriteString(`<table:table-row>`)
			odtCell(b, "Header", f.Label)
			odtCell(b, "Cell", f.Value)
			b.WriteString(`</table:table-row>`)
		}
		b.WriteString(`</table:table>`)
		odtParagraph(b, "Standard", "")
	case Table:
		odtTable(b, i, &x)
	case Signature:
		odtParagraph(b, "Sign", x.Under)
	}
}

func odtTable(b *strings.Builder, i int, x *Table) {
	if len(x.Rows) == 0 {
		odtParagraph(b, "Standard", x.Caption+": "+x.Empty)
		return
	}
	odtParagraph(b, "Caption", x.Caption)
	fmt.Fprintf(b, `<table:table table:name="Table%d" table:style-name="Wide"><table:table-column table:number-columns-repeated="%d"/><table:table-header-rows><table:table-row>`, i, len(x.Columns))
	for _, c := range x.Columns {
		odtCell(b, "Header", c.Title)
	}
	b.WriteString(`</table:table-row></table:table-header-rows>`)
	for _, r := range x.Rows {
		b.WriteString(`<table:table-row>`)
		for n, c := range x.Columns {
			style, text := "Cell", ""
			if c.Number {
				style = "Number"
			}
			if n < len(r) {
				text = r[n]
			}
			odtCell(b, style, text)
		}
		b.WriteString(`</table:table-row>`)
	}
	b.WriteString(`</table:table>`)
	odtParagraph(b, "Standard", "")
}

func odtCell(b *strings.Builder, style, text string) {
	b.WriteString(`<table:table-cell table:style-name="Border" office:value-type="string">`)
	odtParagraph(b, style, text)
	b.WriteString(`</table:table-cell>`)
}

// escape makes text safe inside XML; what XML cannot hold is replaced.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
