package vocational

import (
	"slices"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
)

// charter is what the network's founding form says.
type charter struct {
	Aim  string `json:"cel"`
	Rare int    `json:"prog"`
}

// usuallyRare is in how few schools a vocation is rare unless the charter says
// otherwise.
const usuallyRare = 3

func readCharter(s sdk.Snapshot) (charter, error) {
	list, err := read[charter](s, kindCharter)
	c := charter{}
	if len(list) > 0 {
		c = list[0]
	}
	if c.Rare == 0 {
		c.Rare = usuallyRare
	}
	return c, err
}

// entry is a code of the classification with its name, between two days.
type entry struct {
	Code  string `json:"kod"`
	Name  string `json:"nazwa"`
	Since string `json:"od"`
	Until string `json:"do"`
	Act   string `json:"akt"`
}

// flag says that a vocation is unique between two days, and on what basis.
type flag struct {
	Code     string `json:"kod"`
	Since    string `json:"od"`
	Until    string `json:"do,omitempty"`
	Basis    string `json:"podstawa"`
	EndBasis string `json:"podstawa_konca,omitempty"`
}

// within reports whether a day lies between two, the last of which may be open.
func within(day, since, until string) bool { return since <= day && (until == "" || day <= until) }

// overlap reports whether two periods share a day.
func overlap(a, b *flag) bool {
	return (a.Until == "" || b.Since <= a.Until) && (b.Until == "" || a.Since <= b.Until)
}

// flagged finds what made the vocation unique on a day; nil when it was not.
func flagged(list []flag, code, day string) *flag {
	for i := range list {
		if list[i].Code == code && within(day, list[i].Since, list[i].Until) {
			return &list[i]
		}
	}
	return nil
}

// classification knows the names of codes on a day.
func classification(list []entry, day string) map[string]string {
	out := map[string]string{}
	for _, e := range list {
		if within(day, e.Since, e.Until) {
			out[e.Code] = e.Name
		}
	}
	return out
}

// found keeps the founding form.
func found(r *sdk.Request, kind string) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	a.PutRecord(kind, r.GetScope(), kind, r.Document(), nil)
	return a, nil
}

// put makes the record, or revises the one that is there.
func put(a *sdk.Answer, s sdk.Snapshot, kind string, have []sdk.Row, data *v1.Document, index map[string]any) {
	if len(have) > 0 {
		a.ReviseRecord(kind, have[0], data, sdk.Index(index))
		return
	}
	a.PutRecord(kind, s.GetScope(), kind, data, sdk.Index(index))
}

// document saves a record of which the network has one, and which is its form
// and nothing more.
func document(r *sdk.Request, kind string) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	put(a, r.Snapshot, kind, r.Rows(kind), r.Document(), nil)
	a.Note(r.GetScope(), "note_"+kind, "")
	return a, nil
}

// sixDigits notes an error where the input has no code.
func sixDigits(a *sdk.Answer, r *sdk.Request, path, text string) string {
	c, ok := code(text)
	if !ok {
		a.Error(path, "bad_code", in(r.GetLocale()).t("bad_code"))
	}
	return c
}

// putVocation saves a version of a code; one that begins on the same day is revised.
func putVocation(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	var e entry
	if err := r.Input(&e); err != nil {
		return nil, err
	}
	if e.Code = sixDigits(a, r, "kod", e.Code); a.Refused() {
		return a, nil
	}
	if !r.Has(sliceSame) {
		a.Need(same(kindVocation, equal("code", e.Code)))
		return a, nil
	}
	var have []sdk.Row
	for _, row := range r.Rows(sliceSame) {
		var x entry
		if err := row.Decode(&x); err != nil {
			return nil, err
		}
		if x.Since == e.Since {
			have = append(have, row)
		} else if within(e.Since, x.Since, x.Until) || within(x.Since, e.Since, e.Until) {
			a.Error("od", "overlaps", in(r.GetLocale()).t("vocation.overlaps", "since", in(r.GetLocale()).shown(x.Since), "name", x.Name))
		}
	}
	a.Depends(v1.Source_SOURCE_RECORD, r.Rows(sliceSame)...)
	put(a, r.Snapshot, kindVocation, have, r.Document(), map[string]any{"code": e.Code, "since": dayOf(e.Since), "until": dayOf(e.Until)})
	a.Note(r.GetScope(), "note_vocation", "")
	return a, nil
}

// putFlag declares a vocation unique from a day.
func putFlag(r *sdk.Request) (*sdk.Answer, error) {
	a, w := &sdk.Answer{}, in(r.GetLocale())
	var f flag
	if err := r.Input(&f); err != nil {
		return nil, err
	}
	if f.Code = sixDigits(a, r, "kod", f.Code); f.Until != "" && f.EndBasis == "" {
		a.Error("podstawa_konca", "no_end_basis", w.t("flag.no_end_basis"))
	}
	if a.Refused() {
		return a, nil
	}
	if !r.Has(sliceSame) {
		a.Need(same(kindFlag, equal("code", f.Code)), taught(sliceTaught, "", "", equal("code", f.Code)))
		return a, nil
	}
	list, err := read[flag](r.Snapshot, sliceSame)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if overlap(&list[i], &f) {
			a.Error("od", "overlaps", w.t("flag.overlaps", "since", w.shown(list[i].Since)))
		}
	}
	if len(r.Rows(sliceTaught)) == 0 {
		a.Warn("kod", "untaught", w.t("flag.untaught"))
	}
	a.Depends(v1.Source_SOURCE_RECORD, r.Rows(sliceSame)...)
	a.PutRecord(kindFlag, r.GetScope(), kindFlag, sdk.Doc(f, forms[kindFlag].GetRevision()), flagIndex(&f))
	a.Note(r.GetScope(), "note_flag", "")
	return a, nil
}

func flagIndex(f *flag) map[string]*v1.Value {
	return sdk.Index(map[string]any{"code": f.Code, "since": dayOf(f.Since), "until": dayOf(f.Until)})
}

// endFlag says until when a vocation that is unique was.
func endFlag(r *sdk.Request) (*sdk.Answer, error) {
	a, w := &sdk.Answer{}, in(r.GetLocale())
	var end flag
	if err := r.Input(&end); err != nil {
		return nil, err
	}
	if end.Code = sixDigits(a, r, "kod", end.Code); a.Refused() {
		return a, nil
	}
	if !r.Has(sliceSame) {
		a.Need(same(kindFlag, equal("code", end.Code)))
		return a, nil
	}
	for _, row := range r.Rows(sliceSame) {
		var f flag
		if err := row.Decode(&f); err != nil {
			return nil, err
		}
		if f.Until != "" {
			continue
		}
		if end.Until < f.Since {
			a.Error("do", "too_early", w.t("flag.too_early", "since", w.shown(f.Since)))
			return a, nil
		}
		f.Until, f.EndBasis = end.Until, end.EndBasis
		a.ReviseRecord(kindFlag, row, sdk.Doc(f, forms[kindFlag].GetRevision()), flagIndex(&f))
		a.Note(r.GetScope(), "note_unflag", "")
		return a, nil
	}
	a.Error("kod", "not_unique", w.t("flag.not_unique"))
	return a, nil
}

// teaching is what a member teaches.
type teaching struct {
	Vocations []struct {
		Code string `json:"kod"`
	} `json:"zawody"`
}

// codes are the codes of it, each once.
func (t *teaching) codes() []string {
	var out []string
	for _, v := range t.Vocations {
		if c, ok := code(v.Code); ok && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// teach saves what the acting member teaches.
func teach(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	var t teaching
	if err := r.Input(&t); err != nil {
		return nil, err
	}
	for _, v := range t.Vocations {
		if _, ok := code(v.Code); !ok {
			a.Error("", "bad_code", in(r.GetLocale()).t("teach.bad_code", "code", v.Code))
		}
	}
	if have := r.Rows(kindTeaching); len(have) > 0 {
		a.ReviseRecord(kindTeaching, have[0], r.Document(), nil)
		return a, nil
	}
	a.Effect(kindTeaching, &v1.Effect{Kind: &v1.Effect_RecordPut{RecordPut: &v1.RecordPut{
		Scope: r.GetScope(), Kind: kindTeaching, Data: r.Document(), PersonId: r.Person(),
	}}})
	return a, nil
}

// memberLeft closes what somebody who is gone taught.
func memberLeft(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	var who struct {
		Person string `json:"person"`
	}
	if err := r.Input(&who); err != nil || who.Person == "" {
		return a, err
	}
	if !r.Has(sliceSame) {
		a.Need(same(kindTeaching, open(), equal("@person", sdk.ID(who.Person))))
		return a, nil
	}
	for _, row := range r.Rows(sliceSame) {
		a.CloseRecord("", row, in(r.GetLocale()).t("teach.left"))
	}
	return a, nil
}

// putNeed keeps a need of vocational education.
func putNeed(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	var n need
	if err := r.Input(&n); err != nil {
		return nil, err
	}
	a.PutRecord(kindNeed, r.GetScope(), kindNeed, r.Document(), sdk.Index(map[string]any{"branch": n.Branch, "region": n.Region}))
	return a, nil
}

// need is what vocational education lacks somewhere.
type need struct {
	Branch string `json:"branza"`
	Region string `json:"region"`
	School *struct {
		ID string `json:"id"`
	} `json:"szkola"`
	Text string `json:"potrzeba"`
}

func closeNetwork(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	if r.Stage() != stageWork {
		a.Error("", "closed", in(r.GetLocale()).t("stage.already"))
		return a, nil
	}
	a.SetStage(r.GetScope(), stageWork, stageClosed)
	return a, nil
}
