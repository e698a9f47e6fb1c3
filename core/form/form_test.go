package form_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
)

// reference loads one of the eight reference forms.
func reference(t testing.TB, name string) *form.Form {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	f, list := form.Load(raw)
	for _, d := range list {
		t.Errorf("%s: %s", name, d)
	}
	if f == nil {
		t.FailNow()
	}
	return f
}

func references(t testing.TB) map[string]*form.Form {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 8 {
		t.Fatalf("reference forms: %d found, %v", len(files), err)
	}
	out := map[string]*form.Form{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		out[name] = reference(t, name)
	}
	return out
}

func codes(list []form.Diagnostic) string {
	var out []string
	for _, d := range list {
		out = append(out, d.Path+":"+d.Code)
	}
	return strings.Join(out, " ")
}

func keys(fields fault.Fields) string {
	var out []string
	for _, f := range fields {
		s := f.Path + ":" + f.Key
		if f.Text != "" {
			s = f.Path + ":text"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestReferenceFormsPassTheLinter(t *testing.T) {
	t.Parallel()
	for name, f := range references(t) {
		again, list := form.Load(f.Canonical())
		if again == nil || len(list) > 0 {
			t.Fatalf("%s: the canonical spelling does not load: %s", name, codes(list))
		}
		if again.Sum() != f.Sum() || len(f.Sum()) != 64 {
			t.Errorf("%s: the sum of the canonical spelling differs", name)
		}
		if err := form.Renderable(f); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// tiny wraps items (and further members) into a form.
func tiny(items string, more ...string) []byte {
	return []byte(`{"kind":"form","v":1,"id":"x","rev":1,"title":{"pl":"X"},"items":[` + items + `]` + strings.Join(more, "") + `}`)
}

const (
	itemA = `{"id":"a","type":"choice","label":{"pl":"A"},"options":[{"c":"t","l":{"pl":"T"}},{"c":"n","l":{"pl":"N"}}]}`
	itemN = `{"id":"n","type":"integer","label":{"pl":"N"},"min":0,"max":10}`
	itemD = `{"id":"d","type":"date","label":{"pl":"D"}}`
)

func when(cond string) string {
	return itemA + "," + itemN + "," + itemD + `,{"id":"z","type":"text","label":{"pl":"Z"},"when":` + cond + `}`
}

func TestLinterRefuses(t *testing.T) {
	t.Parallel()
	rep := func(s string, n int) string { return strings.TrimSuffix(strings.Repeat(s+",", n), ",") }
	deep := strings.Repeat(`{"id":"g","type":"group","label":{"pl":"G"},"items":[`, 5) + itemA + strings.Repeat(`]}`, 5)
	for name, c := range map[string]struct {
		raw  []byte
		want string // one of the findings
	}{
		"not JSON":          {[]byte(`{"kind":`), ":json"},
		"not UTF-8":         {[]byte("{\"kind\":\"\xff\"}"), ":not_utf8"},
		"too large":         {[]byte(`{"kind":"` + strings.Repeat("x", form.MaxBytes) + `"}`), ":too_large"},
		"very deep":         {[]byte(strings.Repeat("[", 40) + strings.Repeat("]", 40)), ":json_depth"},
		"unknown member":    {tiny(`{"id":"a","type":"text","label":{"pl":"A"},"html":"<b>"}`), "items[0].html:unknown_field"},
		"wrong case":        {tiny(`{"ID":"a","type":"text","label":{"pl":"A"}}`), "items[0].ID:unknown_field"},
		"repeated member":   {tiny(`{"id":"a","id":"b","type":"text","label":{"pl":"A"}}`), "items[0].id:repeated_field"},
		"wrong JSON type":   {tiny(`{"id":"a","type":"text","label":{"pl":"A"},"required":"yes"}`), "items[0].required:json_type"},
		"null item":         {tiny(`null`), "items[0]:json_type"},
		"kind":              {[]byte(`{"kind":"view","v":1,"id":"x","rev":1,"title":{"pl":"X"},"items":[` + itemA + `]}`), "kind:kind"},
		"vocabulary":        {[]byte(`{"kind":"form","v":2,"id":"x","rev":1,"title":{"pl":"X"},"items":[` + itemA + `]}`), "v:vocabulary"},
		"unknown type":      {tiny(`{"id":"a","type":"html","label":{"pl":"A"}}`), "items[0].type:unknown_type"},
		"no Polish":         {tiny(`{"id":"a","type":"text","label":{"en":"A"}}`), "items[0].label:text_no_polish"},
		"plain string text": {tiny(`{"id":"a","type":"text","label":"A"}`), "items[0].label:text_no_polish"},
		"language":          {tiny(`{"id":"a","type":"text","label":{"pl":"A","polski":"A"}}`), "items[0].label.polski:text_language"},
		"bidi":              {tiny(`{"id":"a","type":"text","label":{"pl":"A\u202eB"}}`), "items[0].label.pl:text_characters"},
		"control":           {tiny(`{"id":"a","type":"text","label":{"pl":"A\u0000B"}}`), "items[0].label.pl:text_characters"},
		"long text":         {tiny(`{"id":"a","type":"text","label":{"pl":"` + strings.Repeat("ż", 2001) + `"}}`), "items[0].label.pl:text_long"},
		"id":                {tiny(`{"id":"a-b","type":"text","label":{"pl":"A"}}`), "items[0].id:id"},
		"repeated id":       {tiny(itemA + "," + itemA), "items[1].id:repeated_id"},
		"no items":          {tiny(``), "items:no_items"},
		"many items":        {tiny(rep(itemD, 301)), "items:many_items"},
		"deep items":        {tiny(deep), "items[0].items[0].items[0].items[0].items[0]:deep"},
		"no options":        {tiny(`{"id":"a","type":"choice","label":{"pl":"A"}}`), "items[0].options:no_options"},
		"many options":      {tiny(`{"id":"a","type":"choice","label":{"pl":"A"},"options":[` + rep(`{"c":"x","l":{"pl":"X"}}`, 101) + `]}`), "items[0].options:many_options"},
		"repeated code":     {tiny(`{"id":"a","type":"choice","label":{"pl":"A"},"options":[` + rep(`{"c":"x","l":{"pl":"X"}}`, 2) + `]}`), "items[0].options[1].c:repeated_code"},
		"unknown list":      {tiny(`{"id":"a","type":"choice","label":{"pl":"A"},"list":"brak"}`), "items[0].list:unknown_list"},
		"options on text":   {tiny(`{"id":"a","type":"text","label":{"pl":"A"},"options":[{"c":"x","l":{"pl":"X"}}]}`), "items[0].options:not_for_type"},
		"bounds":            {tiny(`{"id":"a","type":"integer","label":{"pl":"A"},"min":5,"max":1}`), "items[0].max:bounds_order"},
		"scale bounds":      {tiny(`{"id":"a","type":"scale","label":{"pl":"A"},"max":11}`), "items[0].max:bound"},
		"huge number":       {tiny(`{"id":"a","type":"integer","label":{"pl":"A"},"max":1e30}`), "items[0].max:bound"},
		"infinite number":   {tiny(`{"id":"a","type":"integer","label":{"pl":"A"},"max":1e999}`), "items[0].max:json_type"},
		"matrix rows":       {tiny(`{"id":"a","type":"matrix","label":{"pl":"A"},"options":[{"c":"1","l":{"pl":"X"}}]}`), "items[0].rows:no_rows"},
		"many matrix rows":  {tiny(`{"id":"a","type":"matrix","label":{"pl":"A"},"options":[{"c":"1","l":{"pl":"X"}}],"rows":[` + rep(`{"id":"r","label":{"pl":"R"}}`, 31) + `]}`), "items[0].rows:many_rows"},
		"unknown scale":     {tiny(`{"id":"a","type":"matrix","label":{"pl":"A"},"scale":"s","options":[{"c":"1","l":{"pl":"X"}}],"rows":[{"id":"r","label":{"pl":"R"}}]}`), "items[0].scale:unknown_scale"},
		"repeat":            {tiny(`{"id":"g","type":"group","label":{"pl":"G"},"repeat":{"min":0,"max":51},"items":[` + itemA + `]}`), "items[0].repeat:repeat"},
		"nested rows":       {tiny(`{"id":"g","type":"group","label":{"pl":"G"},"repeat":{"min":8,"max":9},"items":[{"id":"h","type":"group","label":{"pl":"H"},"repeat":{"min":7,"max":9},"items":[` + itemA + `]}]}`), "items[0].items[0].repeat:repeat_least"},
		"unknown ref":       {tiny(when(`{"item":"q","op":"=","value":"t"}`)), "items[3].when.item:unknown_ref"},
		"own ref":           {tiny(when(`{"item":"z","op":"answered"}`)), "items[3].when.item:forward_ref"},
		"forward ref":       {tiny(`{"id":"z","type":"text","label":{"pl":"Z"},"when":{"item":"a","op":"answered"}},` + itemA), "items[0].when.item:forward_ref"},
		"type mismatch":     {tiny(when(`{"item":"n","op":"=","value":"t"}`)), "items[3].when.value:value_type"},
		"bad date":          {tiny(when(`{"item":"d","op":"<","value":"5.04.2027"}`)), "items[3].when.value:value_type"},
		"op on choice":      {tiny(when(`{"item":"a","op":"<","value":"t"}`)), "items[3].when.op:op_type"},
		"unknown option":    {tiny(when(`{"item":"a","op":"=","value":"x"}`)), "items[3].when.value:unknown_option"},
		"unknown op":        {tiny(when(`{"item":"a","op":"matches","value":".*"}`)), "items[3].when.op:op"},
		"two shapes":        {tiny(when(`{"item":"a","op":"answered","not":{"item":"a","op":"answered"}}`)), "items[3].when:condition_shape"},
		"empty condition":   {tiny(when(`{}`)), "items[3].when:condition_shape"},
		"value and item2":   {tiny(when(`{"item":"n","op":"=","value":1,"item2":"d"}`)), "items[3].when:value_or_item2"},
		"item2 type":        {tiny(when(`{"item":"n","op":"=","item2":"d"}`)), "items[3].when.item2:item2_type"},
		"many comparisons":  {tiny(when(`{"any":[` + rep(`{"item":"a","op":"answered"}`, 51) + `]}`)), "items[3].when:many_comparisons"},
		"contradiction":     {tiny(when(`{"all":[{"item":"a","op":"=","value":"t"},{"item":"a","op":"=","value":"n"}]}`)), "items[3].when:unreachable"},
		"out of range":      {tiny(when(`{"item":"n","op":">","value":10}`)), "items[3].when:unreachable"},
		"negation":          {tiny(when(`{"all":[{"item":"a","op":"answered"},{"not":{"item":"a","op":"in","value":["t","n"]}}]}`)), "items[3].when:unreachable"},
		"date range":        {tiny(when(`{"all":[{"item":"d","op":">","value":"2027-01-02"},{"item":"d","op":"<","value":"2027-01-01"}]}`)), "items[3].when:unreachable"},
		"hidden source": {tiny(when(`{"item":"a","op":"=","value":"t"}`) +
			`,{"id":"y","type":"text","label":{"pl":"Y"},"when":{"all":[{"item":"z","op":"answered"},{"item":"a","op":"=","value":"n"}]}}`), "items[4].when:unreachable"},
		"into a repeat": {tiny(`{"id":"g","type":"group","label":{"pl":"G"},"repeat":{"min":0,"max":5},"items":[` + itemA + `]},{"id":"z","type":"text","label":{"pl":"Z"},"when":{"item":"a","op":"answered"}}`), "items[1].when.item:scope_ref"},
		"check group":   {tiny(itemA, `,"checks":[{"id":"k","in":"a","assert":{"item":"a","op":"answered"},"msg":{"pl":"M"}}]`), "checks[0].in:unknown_group"},
		"check level":   {tiny(itemA, `,"checks":[{"id":"k","assert":{"item":"a","op":"answered"},"msg":{"pl":"M"},"level":"fatal"}]`), "checks[0].level:level"},
		"check message": {tiny(itemA, `,"checks":[{"id":"k","assert":{"item":"a","op":"answered"},"msg":{}}]`), "checks[0].msg:text_missing"},
	} {
		f, list := form.Load(c.raw)
		if f != nil {
			t.Errorf("%s: accepted", name)
		}
		if !strings.Contains(" "+codes(list)+" ", " "+c.want+" ") {
			t.Errorf("%s: want %s, got %s", name, c.want, codes(list))
		}
		for _, d := range list {
			if s := d.String(); strings.Contains(s, "form.lint.") || strings.Contains(s, "<no value>") {
				t.Errorf("%s: no text for %s", name, d.Key)
			}
		}
	}
}

func TestLinterAccepts(t *testing.T) {
	t.Parallel()
	for name, items := range map[string]string{
		"number in range":    when(`{"item":"n","op":">","value":9}`),
		"negated":            when(`{"not":{"item":"a","op":"=","value":"t"}}`),
		"same item twice":    when(`{"any":[{"item":"a","op":"=","value":"t"},{"item":"a","op":"=","value":"n"}]}`),
		"one day":            when(`{"all":[{"item":"d","op":">=","value":"2027-01-01"},{"item":"d","op":"<=","value":"2027-01-01"}]}`),
		"rank and nested":    `{"id":"r","type":"rank","label":{"pl":"R"},"options":[{"c":"x","l":{"pl":"X"}}]},{"id":"g","type":"group","label":{"pl":"G"},"repeat":{"min":0,"max":5},"items":[{"id":"m","type":"matrix","label":{"pl":"M"},"options":[{"c":"1","l":{"pl":"X"}}],"rows":[{"id":"r1","label":{"pl":"R"}}]}]}`,
		"outer from a row":   itemA + `,{"id":"g","type":"group","label":{"pl":"G"},"repeat":{"min":0,"max":5},"items":[{"id":"z","type":"text","label":{"pl":"Z"},"when":{"item":"a","op":"answered"}}]}`,
		"answered repeat":    `{"id":"g","type":"group","label":{"pl":"G"},"repeat":{"min":0,"max":5},"items":[` + itemN + `]},{"id":"z","type":"text","label":{"pl":"Z"},"when":{"item":"g","op":"answered"}}`,
		"not known as never": when(`{"all":[{"item":"n","op":">","value":3},{"item":"n","op":"<","value":4}]}`),
	} {
		if f, list := form.Load(tiny(items)); f == nil || len(list) > 0 {
			t.Errorf("%s: %s", name, codes(list))
		}
	}
}
