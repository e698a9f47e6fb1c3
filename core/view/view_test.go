package view_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/view"
)

func board(t testing.TB) *view.View {
	t.Helper()
	raw, err := os.ReadFile("testdata/board.json")
	if err != nil {
		t.Fatal(err)
	}
	v, list := view.Load(raw)
	for _, d := range list {
		t.Errorf("board: %s", d)
	}
	if v == nil {
		t.FailNow()
	}
	return v
}

// names knows one person; the other one in the board is not the reader's to see.
type names struct{ calls map[string][]string }

func (n names) Names(_ context.Context, kind string, ids []string) (map[string]view.Name, error) {
	n.calls[kind] = append(n.calls[kind], ids...)
	return map[string]view.Name{"p-1": {Label: "Anna Żak", To: &view.Link{To: "person", ID: "p-1"}}}, nil
}

type links struct{}

func (links) Route(to, id string) (string, bool) { return "/" + to + "/" + id, to != "nowhere" }

func resolved(t testing.TB, l i18n.Lang, v *view.View) *view.Resolved {
	t.Helper()
	r, err := view.Resolve(i18n.With(context.Background(), l), v, names{map[string][]string{}}, links{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestResolveAsksOncePerKind(t *testing.T) {
	t.Parallel()
	n := names{map[string][]string{}}
	if _, err := view.Resolve(context.Background(), board(t), n, links{}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(n.calls["person"], " "); got != "p-1 p-hidden" || len(n.calls) != 1 {
		t.Errorf("asked for %v", n.calls)
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	raw, err := view.NewDocument(resolved(t, i18n.Polish, board(t)))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Title string
		Nodes []map[string]any
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Title != "Tablica opiekuna" || len(doc.Nodes) != 12 {
		t.Errorf("title %q, %d nodes", doc.Title, len(doc.Nodes))
	}
	if s := string(raw); strings.Contains(s, "p-hidden") {
		t.Error("the id of a hidden person is in the document")
	}
	for _, want := range []string{`"text":"uczestnik"`, `"text":"5–7 kwietnia 2027 r."`, `"text":"21 godzin dydaktycznych"`, `"href":"/person/p-1"`, `"pages":4`} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the document lacks %s", want)
		}
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	v := board(t)
	r := resolved(t, i18n.Polish, v)
	if got := strings.Join(v.Tables(), " "); got != "teams n12 likert" {
		t.Errorf("tables: %s", got)
	}
	var b bytes.Buffer
	if err := view.WriteCSV(&b, r, "teams"); err != nil {
		t.Fatal(err)
	}
	want := "\ufeffZespół;Ryzyko;Termin;Kto\r\nŚwięciechowa;57,1;2027-04-05;Anna Żak\r\n'=CMD();0,5;;uczestnik\r\n"
	if b.String() != want {
		t.Errorf("got %q", b.String())
	}
	c := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff")))
	c.Comma = ';'
	if rows, err := c.ReadAll(); err != nil || len(rows) != 3 {
		t.Errorf("read back: %v, %v", rows, err)
	}
	if err := view.WriteCSV(&b, r, "nothing"); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown key: %v", err)
	}
}

func wrap(nodes string) []byte {
	return []byte(`{"kind":"view","v":1,"title":"X","nodes":[` + nodes + `]}`)
}

func TestLinterRefuses(t *testing.T) {
	t.Parallel()
	rep := func(s string, n int) string { return strings.TrimSuffix(strings.Repeat(s+",", n), ",") }
	fact := func(v string) string {
		return `{"type":"facts","items":[{"label":"L","value":` + v + `}]}`
	}
	table := func(columns, rows string) string {
		return `{"type":"table","title":"T","columns":[` + columns + `],"rows":[` + rows + `]}`
	}
	const col = `{"id":"a","label":"A","type":"int"}`
	chart := func(kind, columns, rows string) string {
		return `{"type":"chart","chart":"` + kind + `","title":"T","alt":"A","frame":{"columns":[{"id":"k","label":"K","type":"text"}` + columns + `],"rows":[` + rows + `]}}`
	}
	for name, c := range map[string]struct{ nodes, want string }{
		"unknown node":     {`{"type":"html","text":"<b>"}`, "nodes[0].type:unknown_type"},
		"no type":          {`{"text":"x"}`, "nodes[0].type:unknown_type"},
		"foreign member":   {`{"type":"text","text":"x","rows":[]}`, "nodes[0].rows:unknown_field"},
		"null node":        {`null`, "nodes[0]:json_type"},
		"many nodes":       {rep(`{"type":"text","text":"x"}`, 61), "nodes:many_nodes"},
		"deep sections":    {strings.Repeat(`{"type":"section","title":"S","nodes":[`, 5) + strings.Repeat(`]}`, 5), "nodes[0].nodes[0].nodes[0].nodes[0].nodes[0]:deep"},
		"repeated id":      {rep(`{"type":"text","id":"a","text":"x"}`, 2), "nodes[1].id:repeated_id"},
		"bidi":             {`{"type":"text","text":"a\u2066b"}`, "nodes[0].text:text_characters"},
		"no Polish":        {`{"type":"text","text":{"en":"x"}}`, "nodes[0].text:text_no_polish"},
		"unknown value":    {fact(`{"t":"html","v":"x"}`), "nodes[0].items[0].value.t:unknown_type"},
		"wrong value":      {fact(`{"t":"date","v":"5.04.2027"}`), "nodes[0].items[0].value:value"},
		"backward range":   {fact(`{"t":"dates","v":["2027-04-07","2027-04-05"]}`), "nodes[0].items[0].value:value"},
		"enum label":       {fact(`{"t":"enum","v":"x"}`), "nodes[0].items[0].value.l:text_missing"},
		"http":             {fact(`{"t":"ext","v":"http://ore.edu.pl"}`), "nodes[0].items[0].value:value"},
		"javascript":       {fact(`{"t":"ext","v":"javascript:alert(1)"}`), "nodes[0].items[0].value:value"},
		"user in address":  {fact(`{"t":"ext","v":"https://ore.edu.pl@evil.example"}`), "nodes[0].items[0].value:value"},
		"port":             {fact(`{"t":"ext","v":"https://ore.edu.pl:8080/"}`), "nodes[0].items[0].value:value"},
		"link name":        {fact(`{"t":"text","v":"x","to":{"to":"/etc/passwd"}}`), "nodes[0].items[0].value.to.to:name"},
		"huge number":      {fact(`{"t":"dec","v":1e300}`), "nodes[0].items[0].value:value"},
		"unknown in value": {fact(`{"t":"dec","v":1,"html":"x"}`), "nodes[0].items[0].value:json_type"},
		"no columns":       {table("", ""), "nodes[0].columns:columns"},
		"cells":            {table(col, `[1,2]`), "nodes[0].rows[0]:cells"},
		"cell type":        {table(col, `["x"]`), "nodes[0].rows[0][0]:value"},
		"many rows":        {table(col, rep(`[1]`, 501)), "nodes[0].rows:many_rows"},
		"chart kind":       {chart("pie", `,`+col, `["x",1]`), "nodes[0].chart:word"},
		"no series":        {chart("bar", ``, `["x"]`), "nodes[0].frame.columns:series"},
		"series type":      {chart("bar", `,{"id":"a","label":"A","type":"text"}`, `["x","y"]`), "nodes[0].frame.columns[1].type:series_type"},
		"negative":         {chart("stacked", `,`+col, `["x",-1]`), "nodes[0].frame.rows[0][1]:negative"},
		"no alt":           {`{"type":"chart","chart":"bar","title":"T","alt":"","frame":{"columns":[{"id":"k","label":"K","type":"text"},` + col + `],"rows":[]}}`, "nodes[0].alt:text_missing"},
		"progress":         {`{"type":"progress","label":"P","value":8,"max":7}`, "nodes[0]:progress"},
		"step state":       {`{"type":"steps","items":[{"label":"S","state":"later"}]}`, "nodes[0].items[0].state:word"},
		"event time":       {`{"type":"timeline","items":[{"at":{"t":"int","v":1},"label":"E"}]}`, "nodes[0].items[0].at:value"},
		"two current tabs": {`{"type":"tabs","label":"T","items":[{"label":"A"},{"label":"B"}]}`, "nodes[0].items:tabs"},
		"action id":        {`{"type":"actions","items":[{"id":"A B","label":"A"}]}`, "nodes[0].items[0].id:id"},
		"notice level":     {`{"type":"notice","level":"fatal","text":"x"}`, "nodes[0].level:word"},
	} {
		v, list := view.Load(wrap(c.nodes))
		if v != nil {
			t.Errorf("%s: accepted", name)
		}
		var got []string
		for _, d := range list {
			got = append(got, d.Path+":"+d.Code)
			if s := d.String(); strings.Contains(s, "view.lint.") || strings.Contains(s, "<no value>") {
				t.Errorf("%s: no text for %s", name, d.Key)
			}
		}
		if !strings.Contains(" "+strings.Join(got, " ")+" ", " "+c.want+" ") {
			t.Errorf("%s: want %s, got %v", name, c.want, got)
		}
	}
}

func TestCanonicalViewLoadsAgain(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(board(t))
	if err != nil {
		t.Fatal(err)
	}
	v, list := view.Load(raw)
	if v == nil || len(list) > 0 {
		t.Fatalf("%v", list)
	}
	again, _ := json.Marshal(v)
	if !bytes.Equal(raw, again) {
		t.Error("a view changes by being written and read")
	}
}
