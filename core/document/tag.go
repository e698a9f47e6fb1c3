package document

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// element of the structure tree (ISO 32000-1, 14.7). Its kids are elements and
// marked pieces of pages, in reading order.
type element struct {
	tag   string
	scope string // of a TH: Column or Row
	kids  []kid
}

// kid is an element, or the piece id of a page.
type kid struct {
	element  *element
	page, id int
}

func (e *element) add(tag string) *element {
	n := &element{tag: tag}
	e.kids = append(e.kids, kid{element: n})
	return n
}

// tree writes elements as PDF objects.
type tree struct {
	x *model.XRefTable
	// owners are, for each page, the elements of its pieces by id.
	owners map[int][]types.Object
	pages  map[int]types.IndirectRef
}

func (t *tree) object(o types.Object) (types.IndirectRef, error) {
	r, err := t.x.IndRefForNewObject(o)
	if err != nil {
		return types.IndirectRef{}, err
	}
	return *r, nil
}

func (t *tree) page(n int) (types.IndirectRef, error) {
	if r, ok := t.pages[n]; ok {
		return r, nil
	}
	r, err := t.x.PageDictIndRef(n)
	if err != nil {
		return types.IndirectRef{}, err
	}
	t.pages[n] = *r
	return *r, nil
}

func (t *tree) write(e *element, parent types.IndirectRef) (types.IndirectRef, error) {
	d := types.Dict{"Type": types.Name("StructElem"), "S": types.Name(e.tag), "P": parent}
	if e.scope != "" {
		d["A"] = types.Dict{"O": types.Name("Table"), "Scope": types.Name(e.scope)}
	}
	me, err := t.object(d)
	if err != nil {
		return me, err
	}
	var kids types.Array
	for _, k := range e.kids {
		if k.element != nil {
			r, err := t.write(k.element, me)
			if err != nil {
				return me, err
			}
			kids = append(kids, r)
			continue
		}
		page, err := t.page(k.page)
		if err != nil {
			return me, err
		}
		kids = append(kids, types.Dict{"Type": types.Name("MCR"), "Pg": page, "MCID": types.Integer(k.id)})
		for len(t.owners[k.page]) <= k.id {
			t.owners[k.page] = append(t.owners[k.page], nil)
		}
		t.owners[k.page][k.id] = me
	}
	if len(kids) > 0 {
		d["K"] = kids
	}
	return me, nil
}

// tag adds the structure, the language and the PDF/UA mark to a drawn file.
func tag(w io.Writer, raw []byte, root *element, doc *Document) error {
	conf := model.NewDefaultConfiguration()
	conf.ValidationMode = model.ValidationRelaxed
	ctx, err := api.ReadContext(bytes.NewReader(raw), conf)
	if err != nil {
		return err
	}
	if err := api.ValidateContext(ctx); err != nil {
		return err
	}
	catalogue, err := ctx.Catalog()
	if err != nil {
		return err
	}
	t := &tree{x: ctx.XRefTable, owners: map[int][]types.Object{}, pages: map[int]types.IndirectRef{}}
	top := types.Dict{"Type": types.Name("StructTreeRoot")}
	topRef, err := t.object(top)
	if err != nil {
		return err
	}
	first, err := t.write(root, topRef)
	if err != nil {
		return err
	}
	top["K"] = types.Array{first}
	var numbers types.Array
	for n := 1; n <= ctx.PageCount; n++ {
		d, _, _, err := ctx.PageDict(n, false)
		if err != nil {
			return err
		}
		d["StructParents"], d["Tabs"] = types.Integer(n-1), types.Name("S")
		owners, err := t.object(types.Array(t.owners[n]))
		if err != nil {
			return err
		}
		numbers = append(numbers, types.Integer(n-1), owners)
	}
	parents, err := t.object(types.Dict{"Nums": numbers})
	if err != nil {
		return err
	}
	top["ParentTree"], top["ParentTreeNextKey"] = parents, types.Integer(ctx.PageCount)
	catalogue["StructTreeRoot"] = topRef
	catalogue["MarkInfo"] = types.Dict{"Marked": types.Boolean(true)}
	catalogue["Lang"] = types.StringLiteral(doc.Lang)
	catalogue["ViewerPreferences"] = types.Dict{"DisplayDocTitle": types.Boolean(true)}
	meta := types.StreamDict{Dict: types.Dict{"Type": types.Name("Metadata"), "Subtype": types.Name("XML")}, Content: []byte(xmp(doc))}
	if err := meta.Encode(); err != nil {
		return err
	}
	if catalogue["Metadata"], err = t.object(meta); err != nil {
		return err
	}
	return api.WriteContext(ctx, w)
}

// xmp says title, language and PDF/UA part 1.
func xmp(d *Document) string {
	var title strings.Builder
	_ = xml.EscapeText(&title, []byte(d.Title)) // a Builder takes everything
	return fmt.Sprintf(`<?xpacket begin="%s" id="W5M0MpCehiHzreSzNTczkc9d"?>`+
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">`+
		`<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" xmlns:dc="http://purl.org/dc/elements/1.1/">`+
		`<pdfuaid:part>1</pdfuaid:part><dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title>`+
		`<dc:language><rdf:Bag><rdf:li>%s</rdf:li></rdf:Bag></dc:language></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`,
		"\ufeff", title.String(), d.Lang)
}
