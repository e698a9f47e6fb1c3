package vocational

import (
	"cmp"
	"slices"
	"strings"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
)

// Kinds of decision, as the form's codes.
const (
	kindAdmission = "wpis"
	kindRemoval   = "skreslenie"
)

// training is the kind of condition that a completed training meets.
const training = "szkolenie"

// condition is one of admission, in force between two days.
type condition struct {
	Code  string `json:"kod"`
	Text  string `json:"tresc"`
	Kind  string `json:"rodzaj"`
	Hours int    `json:"godziny"`
	Since string `json:"od"`
	Until string `json:"do"`
	Basis string `json:"podstawa"`
}

// candidate is a person on the way to the register, on it, or struck off it.
type candidate struct {
	Number    string   `json:"numer"`
	Name      string   `json:"nazwisko"`
	Published bool     `json:"publikacja"`
	Schools   []string `json:"typy"`
	Subjects  []struct {
		Name string `json:"przedmiot"`
	} `json:"przedmioty"`
	Region string `json:"region"`
	Ties   []struct {
		RSPO int `json:"rspo"`
	} `json:"powiazania"`
	Met []struct {
		Condition string `json:"warunek"`
		Since     string `json:"dzien"`
		Proof     string `json:"dowod"`
	} `json:"spelnione"`
	Trainings []struct {
		Name      string `json:"szkolenie"`
		Completed string `json:"ukonczone"`
		Hours     int    `json:"godziny"`
	} `json:"szkolenia"`
}

// decision is an admission or a removal.
type decision struct {
	Number   string `json:"numer"`
	Kind     string `json:"rodzaj"`
	Decision string `json:"decyzja"`
	Day      string `json:"dzien"`
	Basis    string `json:"podstawa"`
	Reason   string `json:"powod,omitempty"`
}

// meets reports whether the candidate meets a condition on a day.
func (c *candidate) meets(x *condition, day string) bool {
	for _, m := range c.Met {
		if sameWord(m.Condition, x.Code) && m.Since != "" && m.Since <= day {
			return true
		}
	}
	if x.Kind != training {
		return false
	}
	hours := 0
	for _, t := range c.Trainings {
		if t.Completed != "" && t.Completed <= day {
			hours += t.Hours
		}
	}
	return hours > 0 && hours >= x.Hours
}

func sameWord(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) }

// unmet are the conditions in force on the day that the candidate does not meet.
func (c *candidate) unmet(list []condition, day string) []condition {
	var out []condition
	for i := range list {
		if within(day, list[i].Since, list[i].Until) && !c.meets(&list[i], day) {
			out = append(out, list[i])
		}
	}
	return out
}

// history are the decisions about a candidate, by day.
func history(list []decision, number string) []decision {
	var out []decision
	for _, d := range list {
		if sameWord(d.Number, number) {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b decision) int { return cmp.Compare(a.Day, b.Day) })
	return out
}

// on is the decision that holds on a day; nil before the first.
func on(list []decision, day string) (last *decision) {
	for i := range list {
		if list[i].Day <= day {
			last = &list[i]
		}
	}
	return last
}

func putCondition(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	var c condition
	if err := r.Input(&c); err != nil {
		return nil, err
	}
	key := strings.ToLower(strings.TrimSpace(c.Code))
	if !r.Has(sliceSame) {
		a.Need(same(kindCondition, equal("code", key)))
		return a, nil
	}
	var have []sdk.Row
	for _, row := range r.Rows(sliceSame) {
		var x condition
		if err := row.Decode(&x); err != nil {
			return nil, err
		}
		if x.Since == c.Since {
			have = append(have, row)
		} else if within(c.Since, x.Since, x.Until) || within(x.Since, c.Since, c.Until) {
			w := in(r.GetLocale())
			a.Error("od", "overlaps", w.t("condition.overlaps", "since", w.shown(x.Since)))
		}
	}
	a.Depends(v1.Source_SOURCE_RECORD, r.Rows(sliceSame)...)
	put(a, r.Snapshot, kindCondition, have, r.Document(), map[string]any{"code": key, "since": dayOf(c.Since), "until": dayOf(c.Until)})
	a.Note(r.GetScope(), "note_condition", "")
	return a, nil
}

// putCandidate saves what is known of a candidate, by number.
func putCandidate(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	var c candidate
	if err := r.Input(&c); err != nil {
		return nil, err
	}
	number := strings.TrimSpace(c.Number)
	if !r.Has(sliceSame) {
		a.Need(same(kindCandidate, equal("number", number)))
		return a, nil
	}
	if len(r.Rows(sliceSame)) > 0 {
		// A number is typed: whoever corrects a card says that it is meant.
		a.Warn("numer", "known_number", in(r.GetLocale()).t("candidate.known", "number", number))
	}
	put(a, r.Snapshot, kindCandidate, r.Rows(sliceSame), r.Document(), map[string]any{"number": number, "region": c.Region})
	a.Note(r.GetScope(), "note_candidate", "")
	return a, nil
}

// decide admits a candidate to the register or strikes an expert off it.
func decide(r *sdk.Request, kind string) (*sdk.Answer, error) {
	a, w := &sdk.Answer{}, in(r.GetLocale())
	var d decision
	if err := r.Input(&d); err != nil {
		return nil, err
	}
	d.Number, d.Decision, d.Kind = strings.TrimSpace(d.Number), strings.TrimSpace(d.Decision), kind
	if !r.Has(sliceSame) {
		past := records(kindDecision, most, equal("number", d.Number))
		twin := records(kindDecision, 1, equal("decision", d.Decision))
		twin.Name = "twin"
		a.Need(same(kindCandidate, equal("number", d.Number)), past, twin)
		return a, nil
	}
	rows := r.Rows(sliceSame)
	if len(rows) == 0 {
		a.Error("numer", "unknown_number", w.t("candidate.unknown", "number", d.Number))
		return a, nil
	}
	var c candidate
	if err := rows[0].Decode(&c); err != nil {
		return nil, err
	}
	past, err := read[decision](r.Snapshot, kindDecision)
	if err != nil {
		return nil, err
	}
	if len(r.Rows("twin")) > 0 {
		a.Error("decyzja", "same_decision", w.t("decision.same"))
	}
	d.judge(a, w, history(past, d.Number), today(r.Snapshot))
	if kind == kindAdmission {
		list, err := read[condition](r.Snapshot, kindCondition)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(list, func(x condition) bool { return within(d.Day, x.Since, x.Until) }) {
			a.Warn("dzien", "no_conditions", w.t("decision.no_conditions"))
		}
		for _, x := range c.unmet(list, d.Day) {
			a.Error("numer", "unmet", w.t("decision.unmet", "condition", x.Text, "basis", x.Basis))
		}
		a.Depends(v1.Source_SOURCE_RECORD, r.Rows(kindCondition)...)
	}
	a.Depends(v1.Source_SOURCE_RECORD, rows...)
	a.Depends(v1.Source_SOURCE_RECORD, r.Rows(kindDecision)...)
	a.PutRecord(kindDecision, r.GetScope(), kindDecision, sdk.Doc(d, forms[kindDecision].GetRevision()),
		sdk.Index(map[string]any{"number": d.Number, "decision": d.Decision, "day": dayOf(d.Day)}))
	a.Note(r.GetScope(), "note_"+map[string]string{kindAdmission: "admitted", kindRemoval: "removed"}[kind], "")
	return a, nil
}

// judge refuses a decision that does not follow from those before it.
func (d *decision) judge(a *sdk.Answer, w words, past []decision, today string) {
	if d.Day > today {
		a.Error("dzien", "future", w.t("decision.future"))
	}
	var last *decision
	if len(past) > 0 {
		last = &past[len(past)-1]
	}
	admitted := last != nil && last.Kind == kindAdmission
	switch {
	case d.Kind == kindAdmission && admitted:
		a.Error("numer", "admitted", w.t("decision.admitted", "day", w.shown(last.Day), "decision", last.Decision))
	case d.Kind == kindRemoval && !admitted:
		a.Error("numer", "not_admitted", w.t("decision.not_admitted"))
	case last != nil && d.Day <= last.Day:
		a.Error("dzien", "too_early", w.t("decision.too_early", "day", w.shown(last.Day)))
	}
}
