package form_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
)

const pl = i18n.Polish

func load(t testing.TB, items string, more ...string) *form.Form {
	t.Helper()
	f, list := form.Load(tiny(items, more...))
	if f == nil {
		t.Fatalf("%s", codes(list))
	}
	return f
}

func decode(t testing.TB, f *form.Form, raw string) form.Answers {
	t.Helper()
	a, errs := form.DecodeAnswers(f, []byte(raw))
	if len(errs) > 0 {
		t.Fatalf("%s: %s", raw, keys(errs))
	}
	return a
}

func TestTypedText(t *testing.T) {
	t.Parallel()
	one := func(kind, more string) string {
		return `{"id":"x","type":"` + kind + `","label":{"pl":"X"}` + more + `}`
	}
	for _, c := range []struct {
		item, raw string
		want      any    // nil: unanswered or refused
		key       string // of the field, "" for accepted
	}{
		{one("text", ""), "  Zażółć  ", "Zażółć", ""},
		{one("text", ""), "Z\u0307", "Ż", ""},
		{one("text", ""), "a\nb", "a b", ""},
		{one("text", ""), "   ", nil, ""},
		{one("text", ""), "a\u202eb", nil, "form.characters"},
		{one("text", ""), "a\x00b", nil, "form.characters"},
		{one("text", `,"max":3`), "żółć", nil, "form.long"},
		{one("longtext", ""), "a\r\nb", "a\nb", ""},
		{one("integer", ""), "1 234", int64(1234), ""},
		{one("integer", ""), "−5", int64(-5), ""},
		{one("integer", ""), "3,5", nil, "form.integer"},
		{one("integer", ""), "99999999999999999999", nil, "form.integer"},
		{one("integer", ""), "9999999999999999", nil, "form.number_big"},
		{one("decimal", ""), "3,5", 3.5, ""},
		{one("decimal", ""), "3.5", 3.5, ""},
		{one("decimal", ""), "1\u00a0234,50", 1234.5, ""},
		{one("decimal", ""), "-0", 0.0, ""},
		{one("decimal", ""), "1.234,5", nil, "form.decimal"},
		{one("decimal", ""), "3,555", nil, "form.decimals"},
		{one("decimal", ""), "NaN", nil, "form.decimal"},
		{one("decimal", ""), "1e5", nil, "form.decimal"},
		{one("decimal", ""), ",5", nil, "form.decimal"},
		{one("bool", ""), "true", true, ""},
		{one("bool", ""), "yes", nil, "form.wrong_type"},
		{one("date", ""), "5.04.2027", "2027-04-05", ""},
		{one("date", ""), "05.4.2027 r.", "2027-04-05", ""},
		{one("date", ""), "2027-04-05", "2027-04-05", ""},
		{one("date", ""), "5 kwietnia 2027 r.", "2027-04-05", ""},
		{one("date", ""), "31 maja 2027", "2027-05-31", ""},
		{one("date", ""), "31.04.2027", nil, "form.date"},
		{one("date", ""), "04.2027", nil, "form.date"},
		{one("time", ""), "9:30", "09:30", ""},
		{one("time", ""), "09.30", "09:30", ""},
		{one("time", ""), "24:00", nil, "form.time"},
		{one("datetime", ""), "5.04.2027 9:30", "2027-04-05T07:30:00Z", ""},
		{one("datetime", ""), "5 kwietnia 2027 r. 9:30", "2027-04-05T07:30:00Z", ""},
		{one("datetime", ""), "24.11.2026 9:30", "2026-11-24T08:30:00Z", ""},
		{one("datetime", ""), "28.03.2027 2:30", nil, "form.datetime_gap"},
		{one("datetime", ""), "31.10.2027 2:30", nil, "form.datetime_twice"},
		{one("datetime", ""), "31.10.2027 2:30 summer", "2027-10-31T00:30:00Z", ""},
		{one("datetime", ""), "31.10.2027 2:30 winter", "2027-10-31T01:30:00Z", ""},
		{one("datetime", ""), "5.04.2027", nil, "form.datetime"},
		{one("scale", ""), "10", int64(10), ""},
		{one("scale", `,"min":1,"max":5`), "0", nil, "form.between"},
		{one("choice", `,"options":[{"c":"a","l":{"pl":"A"}}]`), "b", nil, "form.option"},
		{one("multi", `,"options":[{"c":"a","l":{"pl":"A"}}]`), "a", []string{"a"}, ""},
		{one("ref", `,"ref":"szkola"`), "s-1", form.Ref{Kind: "szkola", ID: "s-1"}, ""},
	} {
		f := load(t, c.item)
		s := form.Start(f)
		s.Values["x"] = []string{c.raw}
		a, errs := form.Parse(f, s)
		key := ""
		if len(errs) > 0 {
			key = errs[0].Key
		}
		if !reflect.DeepEqual(a["x"], c.want) || key != c.key {
			t.Errorf("%s %q: got %#v, %q; want %#v, %q", f.Items[0].Type, c.raw, a["x"], key, c.want, c.key)
		}
		if key != "" && strings.Contains(form.Message(pl, errs[0]), "form.") {
			t.Errorf("no text for %s", key)
		}
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	f := load(t, itemA+","+itemN+","+itemD+
		`,{"id":"m","type":"multi","label":{"pl":"M"},"options":[{"c":"x","l":{"pl":"X"}},{"c":"y","l":{"pl":"Y"}}]}`+
		`,{"id":"b","type":"bool","label":{"pl":"B"}},{"id":"w","type":"decimal","label":{"pl":"W"}}`)
	a := decode(t, f, `{"a":"t","n":5,"d":"2027-04-05","m":["x"],"b":false}`)
	for cond, want := range map[string]form.Truth{
		`{"item":"a","op":"=","value":"t"}`:                                         form.True,
		`{"item":"a","op":"!=","value":"t"}`:                                        form.False,
		`{"item":"w","op":"=","value":1}`:                                           form.Unknown,
		`{"item":"w","op":"!=","value":1}`:                                          form.Unknown,
		`{"not":{"item":"w","op":"=","value":1}}`:                                   form.Unknown,
		`{"item":"w","op":"answered"}`:                                              form.False,
		`{"item":"w","op":"answered","value":false}`:                                form.True,
		`{"item":"n","op":">=","value":5}`:                                          form.True,
		`{"item":"n","op":"<","value":5}`:                                           form.False,
		`{"item":"d","op":">","value":"2027-04-04"}`:                                form.True,
		`{"item":"m","op":"in","value":["x","y"]}`:                                  form.True,
		`{"item":"m","op":"in","value":["y"]}`:                                      form.False,
		`{"item":"b","op":"=","value":false}`:                                       form.True,
		`{"item":"n","op":"=","item2":"w"}`:                                         form.Unknown,
		`{"all":[{"item":"w","op":"=","value":1},{"item":"n","op":"=","value":4}]}`: form.False,
		`{"all":[{"item":"w","op":"=","value":1},{"item":"n","op":"=","value":5}]}`: form.Unknown,
		`{"any":[{"item":"w","op":"=","value":1},{"item":"n","op":"=","value":5}]}`: form.True,
		`{"item":"nobody","op":"=","value":1}`:                                      form.Unknown,
		`{"item":"n","op":"=","value":"5"}`:                                         form.Unknown,
		`{"item":"n","op":"like","value":5}`:                                        form.Unknown,
		`{}`:                                                                        form.Unknown,
	} {
		var c form.Condition
		if err := json.Unmarshal([]byte(cond), &c); err != nil {
			t.Fatal(err)
		}
		if got := c.Eval(f, a); got != want {
			t.Errorf("%s: got %d, want %d", cond, got, want)
		}
	}
	if (*form.Condition)(nil).Eval(f, nil) != form.Unknown {
		t.Error("no condition")
	}
}

func TestFinalDropsWhatIsNotShown(t *testing.T) {
	t.Parallel()
	f := reference(t, "ankieta-po-spotkaniu")
	a := decode(t, f, `{"byl":"n","powod":"Choroba","ocena":{"o1":"5"},"polecenie":3,"brak":"Czasu"}`)
	draft := form.Validate(pl, f, a, form.Draft, nil)
	if len(draft.Answers) != 5 || len(draft.Errors) != 0 {
		t.Errorf("draft: %s %s", draft.Answers.Canonical(), keys(draft.Errors))
	}
	r := form.Validate(pl, f, a, form.Final, fault.Fields{{Path: "ocena.o2", Key: "form.option"}})
	if got := string(r.Answers.Canonical()); got != `{"byl":"n","powod":"Choroba"}` {
		t.Errorf("final: %s", got)
	}
	if len(r.Errors) != 0 {
		t.Errorf("errors of a hidden item stay: %s", keys(r.Errors))
	}
	if r.Missing["ocena"] != form.NotShown || r.Missing["brak"] != form.NotShown || r.Missing["powod"] != "" {
		t.Errorf("missing: %v", r.Missing)
	}
	yes := form.Validate(pl, f, decode(t, f, `{"byl":"t","ocena":{"o1":"nd"}}`), form.Final, nil)
	if got := keys(yes.Errors); got != "ocena.o2:form.required_choice" {
		t.Errorf("errors: %s", got)
	}
	if yes.Missing["ocena.o1"] != form.NotApplicable || yes.Missing["ocena.o2"] != form.Skipped || yes.Missing["polecenie"] != form.Skipped {
		t.Errorf("missing: %v", yes.Missing)
	}
}

func TestRowsAndChecks(t *testing.T) {
	t.Parallel()
	f := reference(t, "plan-wspomagania")
	a := decode(t, f, `{"szkola":{"kind":"szkola","id":"s1","label":"SP 1"},"obszar":"ocenianie","diagnoza":"D","cel":[{"_row":"r1","opis":"C"}],
	 "dzialania":[{"_row":"ra","nazwa":"N","od":"2027-04-05","do":"2027-04-07","zdalnie":true,"miejsce":"x"},
	              {"_row":"rb","nazwa":"M","od":"2027-04-05","do":"2027-04-01","zdalnie":false}]}`)
	r := form.Validate(pl, f, a, form.Final, nil)
	if got := keys(r.Errors); got != "dzialania[rb].do:text dzialania[rb].miejsce:form.required" {
		t.Errorf("errors: %s", got)
	}
	if r.Errors[0].Text != "Data zakończenia nie może być wcześniejsza niż data rozpoczęcia." {
		t.Errorf("text: %q", r.Errors[0].Text)
	}
	if v, ok := r.Answers.At("dzialania[ra].miejsce"); ok {
		t.Errorf("a hidden answer of a row is kept: %v", v)
	}
	if v, _ := r.Answers.At("dzialania[rb].do"); v != "2027-04-01" {
		t.Errorf("At: %v", v)
	}
	empty := form.Validate(pl, f, decode(t, f, `{}`), form.Final, nil)
	if got := keys(empty.Errors); got != "szkola:form.required_choice obszar:form.required_choice diagnoza:form.required cel:form.rows_few" {
		t.Errorf("empty: %s", got)
	}
	if got := keys(empty.Warnings); got != "dzialania:text" {
		t.Errorf("warnings: %s", got)
	}
	for _, path := range []string{"", "dzialania", "dzialania[", "dzialania[zz].od", "dzialania[ra", "dzialania[ra]x", "]a["} {
		if v, ok := a.At(path); ok && path != "dzialania" {
			t.Errorf("At(%q) = %v", path, v)
		}
	}
}

func TestDecodeAnswersRefuses(t *testing.T) {
	t.Parallel()
	f := reference(t, "plan-wspomagania")
	for raw, want := range map[string]string{
		`[]`:                                  ":form.answers_json",
		`{"a":1`:                              ":form.answers_json",
		`{"obszar":"x","obszar":"y"}`:         ":form.answers_json",
		`null`:                                ":form.answers_json",
		`{"x":1}`:                             "x:form.unknown_item",
		`{"obszar":5}`:                        "obszar:form.wrong_type",
		`{"cel":{}}`:                          "cel:form.wrong_type",
		`{"cel":[5]}`:                         "cel[0]:form.wrong_type",
		`{"cel":[{"_row":"A"}]}`:              "cel[0]._row:form.row_id",
		`{"cel":[{"_row":"r"},{"_row":"r"}]}`: "cel[1]._row:form.row_id",
		`{"cel":[{},{},{},{},{},{}]}`:         "cel:form.rows_many",
		`{"cel":[{"_row":"r","y":1}]}`:        "cel[r].y:form.unknown_item",
		`{"szkola":{"kind":"jst","id":"1"}}`:  "szkola:form.wrong_type",
		`{"dzialania":[{"_row":"r","koszt":"5"}]}`:  "dzialania[r].koszt:form.wrong_type",
		`{"dzialania":[{"_row":"r","koszt":1e-3}]}`: "dzialania[r].koszt:form.decimals",
	} {
		if _, errs := form.DecodeAnswers(f, []byte(raw)); keys(errs) != want {
			t.Errorf("%s: got %s, want %s", raw, keys(errs), want)
		}
	}
	a := decode(t, f, `{"cel":[{"opis":"x"}]}`)
	if id := a.Rows("cel")[0].ID; !form.RowID(id) || len(id) != 11 {
		t.Errorf("row id %q", id)
	}
}

func post(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

func TestStepShowsWhatAnswersBringUp(t *testing.T) {
	t.Parallel()
	f := reference(t, "ankieta-po-spotkaniu")
	s, o := form.Step(pl, f, form.Start(f), post("byl", "n", "_do", "submit", "_page", "0", "_shown", ""))
	if o.Done() || strings.Join(o.Revealed, " ") != "powod" {
		t.Fatalf("revealed %v, errors %s", o.Revealed, keys(o.Errors))
	}
	s, o = form.Step(pl, f, s, post("byl", "n", "powod", "Choroba", "_do", "submit", "_shown", "powod"))
	if !o.Done() || string(o.Result.Answers.Canonical()) != `{"byl":"n","powod":"Choroba"}` {
		t.Fatalf("not done: %v %s", o.Revealed, keys(o.Errors))
	}
	// Changing one's mind keeps the hidden answer in the draft, and asks anew.
	s, o = form.Step(pl, f, s, post("byl", "t", "powod", "Choroba", "_do", "submit", "_shown", "powod"))
	if o.Done() || strings.Join(o.Revealed, " ") != "ocena polecenie" || len(o.Errors) != 0 || s.Get("powod") != "Choroba" {
		t.Errorf("revealed %v, errors %s, kept %q", o.Revealed, keys(o.Errors), s.Get("powod"))
	}
	_, o = form.Step(pl, f, s, post("byl", "t", "ocena.o1", "5", "_do", "submit", "_shown", "ocena,polecenie"))
	if o.Done() || keys(o.Errors) != "ocena.o2:form.required_choice" {
		t.Errorf("errors %s", keys(o.Errors))
	}
}

func TestStepThroughPages(t *testing.T) {
	t.Parallel()
	f := reference(t, "diagnoza-sieci")
	if n := len(f.Pages()); n != 3 {
		t.Fatalf("%d pages", n)
	}
	s, o := form.Step(pl, f, form.Start(f), post("_do", "next", "_page", "0"))
	if s.Page != 0 || keys(o.Errors) != "szkola:form.required_choice rola:form.required_choice" {
		t.Fatalf("page %d, %s", s.Page, keys(o.Errors))
	}
	s, o = form.Step(pl, f, s, post("_do", "pick:szkola", "rola", "i", "staz", "dużo"))
	if o.Asked != form.PickRef || o.Path != "szkola" || o.Ref != "szkola" || s.Get("staz") != "dużo" {
		t.Fatalf("%+v, staz %q", o, s.Get("staz"))
	}
	s.Pick("szkola", "s-1", "SP 1")
	s, o = form.Step(pl, f, s, post("_do", "next", "szkola", "s-1", "szkola.label", "forged", "rola", "i", "staz", "12"))
	if s.Page != 0 || strings.Join(o.Revealed, " ") != "rola_inna" || s.Get("szkola.label") != "SP 1" {
		t.Fatalf("page %d, revealed %v, label %q", s.Page, o.Revealed, s.Get("szkola.label"))
	}
	s, _ = form.Step(pl, f, s, post("_do", "next", "_shown", "rola_inna", "szkola", "s-2", "rola", "n", "rola_inna", "", "staz", "12"))
	if s.Page != 1 || s.Get("szkola.label") != "" {
		t.Fatalf("page %d, label %q of another school", s.Page, s.Get("szkola.label"))
	}
	s, o = form.Step(pl, f, s, post("_do", "back", "_page", "1"))
	if s.Page != 0 || o.Asked != form.Back || s.Get("staz") != "12" {
		t.Fatalf("page %d", s.Page)
	}
	// Sending the last page finds what is missing on an earlier one.
	s.Page = 2
	s, o = form.Step(pl, f, s, post("_do", "submit", "_page", "2", "prowadzenie", "false"))
	if s.Page != 1 || keys(o.Errors) != "cele.c1:form.required_choice cele.c2:form.required_choice cele.c3:form.required_choice cele.c4:form.required_choice cele.c5:form.required_choice" {
		t.Errorf("page %d, %s", s.Page, keys(o.Errors))
	}
	raw, err := json.Marshal(s)
	var again form.State
	if err != nil || json.Unmarshal(raw, &again) != nil || !reflect.DeepEqual(s, again) {
		t.Errorf("a draft changes by being stored: %s", raw)
	}
}

func TestStepRowsAndFiles(t *testing.T) {
	t.Parallel()
	f := reference(t, "plan-wspomagania")
	s := form.Start(f)
	first := s.Rows["cel"][0]
	before := s
	s, o := form.Step(pl, f, s, post("_do", "add:dzialania", "cel._row", first, "cel["+first+"].opis", "Cel 1"))
	if o.Asked != form.AddRow || o.Path != "dzialania" || len(s.Rows["dzialania"]) != 1 || o.Row != s.Rows["dzialania"][0] {
		t.Fatalf("%+v %v", o, s.Rows)
	}
	if len(before.Rows["dzialania"]) != 0 || before.Get("cel["+first+"].opis") != "" {
		t.Error("Step changed the state it was given")
	}
	row := o.Row
	s, _ = form.Step(pl, f, s, post("_do", "save", "cel._row", first, "cel["+first+"].opis", "Cel 1", "dzialania._row", row, "dzialania["+row+"].od", "jutro"))
	if s.Get("dzialania["+row+"].od") != "jutro" {
		t.Error("what was typed is lost")
	}
	s, o = form.Step(pl, f, s, post("_do", "remove:dzialania["+row+"]", "cel._row", first, "dzialania._row", row))
	if o.Row != row || len(s.Rows["dzialania"]) != 0 || s.Get("dzialania["+row+"].od") != "" {
		t.Errorf("%+v %v", o, s)
	}
	s, o = form.Step(pl, f, s, post("_do", "remove:cel["+first+"]", "cel._row", first))
	if len(s.Rows["cel"]) != 1 || o.Row != "" {
		t.Error("the last obligatory row was removed")
	}
	for _, do := range []string{"add:brak", "add:cel[zz].opis", "remove:cel", "pick:obszar", "unfile:szkola:1", "add:", "goto:x", "goto:99", "???"} {
		if _, o := form.Step(pl, f, s, post("_do", do, "cel._row", first)); o.Row != "" || o.Ref != "" || o.File != "" || o.Done() {
			t.Errorf("%s: %+v", do, o)
		}
	}
	g := reference(t, "obserwacja-kolezenska")
	gs, _ := form.Step(pl, g, form.Start(g), post("_do", "save", "arkusz", "f1", "arkusz", "f2"))
	gs, o = form.Step(pl, g, gs, post("_do", "unfile:arkusz:f1", "arkusz", "f1", "arkusz", "f2"))
	if o.File != "f1" || strings.Join(gs.Values["arkusz"], " ") != "f2" {
		t.Errorf("%+v %v", o, gs.Values)
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	f := reference(t, "plan-wspomagania")
	a := decode(t, f, `{"obszar":"uczenie","szkola":{"id":"1","label":"A"},"cel":[{"_row":"r1","opis":"A"},{"_row":"r2","opis":"B"}]}`)
	b := decode(t, f, `{"diagnoza":"D","szkola":{"id":"1","label":"B"},"cel":[{"_row":"r3","opis":"C"},{"_row":"r1","opis":"A!"}]}`)
	var got []string
	for _, c := range form.Diff(f, a, b) {
		got = append(got, c.Kind+" "+c.Path)
	}
	want := "removed obszar, added diagnoza, removed cel[r2], added cel[r3], changed cel[r1].opis"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got %s", s)
	}
	if d := form.Diff(f, a, a); len(d) != 0 {
		t.Errorf("a differs from itself: %v", d)
	}
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	old := load(t, itemA+","+itemN+`,{"id":"g","type":"group","label":{"pl":"G"},"repeat":{"min":0,"max":3},"items":[`+itemD+`]}`)
	to := load(t, `{"id":"a2","type":"choice","label":{"pl":"A"},"options":[{"c":"t","l":{"pl":"T"}}]},{"id":"n","type":"text","label":{"pl":"N"}},{"id":"g","type":"group","label":{"pl":"G"},"repeat":{"min":0,"max":3},"items":[{"id":"dzien","type":"date","label":{"pl":"D"}}]}`)
	u := form.Upgrade{"a": "a2", "d": "dzien"}
	out, lost := u.Apply(old, to, decode(t, old, `{"a":"t","n":7,"g":[{"_row":"r1","d":"2027-04-05"}]}`))
	if got := string(out.Canonical()); got != `{"a2":"t","g":[{"_row":"r1","dzien":"2027-04-05"}],"n":"7"}` || len(lost) != 0 {
		t.Errorf("%s, lost %v", got, lost)
	}
	out, lost = form.Upgrade{"a": ""}.Apply(old, to, decode(t, old, `{"a":"t","g":[{"_row":"r1","d":"2027-04-05"}]}`))
	if strings.Join(lost, " ") != "a g[r1].d" || string(out.Canonical()) != `{"g":[{"_row":"r1"}]}` {
		t.Errorf("%s, lost %v", out.Canonical(), lost)
	}
}

type picker map[string]string

func (p picker) Label(_ context.Context, _, id string) (string, error) {
	switch l, ok := p[id]; {
	case id == "broken":
		return "", errors.New("database")
	case !ok:
		return "", fault.ErrNotFound
	default:
		return l, nil
	}
}

func TestResolveRefs(t *testing.T) {
	t.Parallel()
	f := reference(t, "plan-wspomagania")
	a := decode(t, f, `{"szkola":{"id":"1"},"sore":{"id":"2"}}`)
	errs, err := form.ResolveRefs(context.Background(), f, a, picker{"1": "SP 1"})
	if ref, _ := a.Ref("szkola"); err != nil || ref.Label != "SP 1" || keys(errs) != "sore:form.ref_unknown" {
		t.Errorf("%v, %s, %v", a, keys(errs), err)
	}
	if _, err := form.ResolveRefs(context.Background(), f, decode(t, f, `{"sore":{"id":"broken"}}`), picker{}); err == nil {
		t.Error("an error of the port is lost")
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	f := reference(t, "zalozenie-sieci")
	d, err := form.NewDocument(i18n.English, f, decode(t, f, `{"nazwa":"N"}`), fault.Fields{{Path: "opis", Key: "form.required"}})
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := json.Marshal(d)
	for _, want := range []string{`"title":"Found a network"`, `"label":"Places"`, `"nazwa":"N"`, `"message":"Fill in this field."`} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the document lacks %s: %s", want, raw)
		}
	}
	if f.Title["pl"] != "Załóż sieć" {
		t.Error("the form itself was changed")
	}
	rank := load(t, `{"id":"r","type":"rank","label":{"pl":"R"},"options":[{"c":"x","l":{"pl":"X"}}]}`)
	if _, err := form.NewDocument(pl, rank, nil, nil); !fault.Is(err, fault.Unavailable) {
		t.Errorf("rank: %v", err)
	}
}

// A form whose first page was left blank is one that was begun, also when it is
// read back from a draft.
func TestBlankStateIsKept(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(form.State{Page: 1, Values: map[string][]string{}})
	if err != nil {
		t.Fatal(err)
	}
	var s form.State
	if err := json.Unmarshal(raw, &s); err != nil || s.Values == nil || s.Page != 1 {
		t.Errorf("%s came back as %+v, %v", raw, s, err)
	}
}
