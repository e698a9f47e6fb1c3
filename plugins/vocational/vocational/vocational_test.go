package vocational

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
	"ore.edu.pl/sieci/plugins/sdk/sdktest"
)

const (
	netID = "01900000-0000-7000-8000-0000000000a1"
	olga  = "01900000-0000-7000-8000-0000000000b1"
	nina  = "01900000-0000-7000-8000-0000000000b2"
)

type row = map[string]any

func id(n int) string { return fmt.Sprintf("01900000-0000-7000-8000-%012d", n) }

// with adds a slice with rows of data.
func with(s *v1.Snapshot, name string, list ...row) *v1.Snapshot {
	rows := make([]*v1.Row, len(list))
	for i, x := range list {
		rows[i] = sdktest.Row(s, id(len(s.GetSlices())*100+i), x, nil)
	}
	return sdktest.Slice(s, name, rows...)
}

func onDays(s *v1.Snapshot, days ...string) *v1.Snapshot {
	rows := make([]*v1.Row, len(days))
	for i, d := range days {
		rows[i] = sdktest.Row(s, id(900+i), row{"day": d}, map[string]any{"day": dayOf(d)})
	}
	return sdktest.Slice(s, sliceDays, rows...)
}

func lead() *v1.Snapshot { return sdktest.Snapshot(netID, stageWork, olga, roleCoordinator) }

// Both languages have the same texts, and every text that the code names is there.
func TestTexts(t *testing.T) {
	t.Parallel()
	base := func(k string) string {
		for _, form := range []string{".one", ".few", ".many", ".other"} {
			k = strings.TrimSuffix(k, form)
		}
		return k
	}
	have := map[string]map[string]bool{}
	for lang, list := range texts {
		have[lang] = map[string]bool{}
		for k := range list {
			have[lang][base(k)] = true
		}
	}
	for k := range have["pl"] {
		if !have["en"][k] {
			t.Errorf("%s has no English", k)
		}
	}
	for k := range have["en"] {
		if !have["pl"][k] {
			t.Errorf("%s has no Polish", k)
		}
	}
	named := regexp.MustCompile(`(?:\.t|\.n|both)\("([a-z_.]+)"`)
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(raw), -1) {
			if !strings.HasSuffix(m[1], ".") && !have["pl"][m[1]] {
				t.Errorf("%s: no text %s", f, m[1])
			}
		}
	}
	raw, err := json.Marshal(Module{}.Describe())
	if err != nil || regexp.MustCompile(`"pl":"(command|view|record|index)\.`).Match(raw) {
		t.Errorf("a title of the description has no text: %s", raw)
	}
}

func number(n int) *int { return &n }

func TestRarity(t *testing.T) {
	t.Parallel()
	list := []rarity{
		{Code: "111111", Schools: 9, Before: number(9)}, {Code: "222222", Schools: 1, Before: number(2)}, {Code: "333333", Schools: 8, Before: number(9)},
		{Code: "444444", Schools: 0, Before: number(1)}, {Code: "555555", Schools: 3, Before: number(1)},
	}
	flags := []flag{{Code: "333333", Since: "2026-01-01", Until: "2026-12-31"}, {Code: "666666", Since: "2026-01-01"}, {Code: "777777", Since: "2027-01-01"}}
	codes := func(list []rarity) (out []string) {
		for _, x := range list {
			out = append(out, x.Code)
		}
		return out
	}
	if got := codes(rare(list, flags, 2, "2026-11-24")); !slices.Equal(got, []string{"444444", "666666", "222222", "555555", "333333"}) {
		t.Errorf("rare: %v", got)
	}
	if got := codes(lost(list, flags, 2, "2026-11-24")); !slices.Equal(got, []string{"222222", "333333", "444444"}) {
		t.Errorf("lost: %v", got)
	}
	if got := codes(lost(list, flags, 2, "2027-01-01")); !slices.Equal(got, []string{"222222", "444444"}) {
		t.Errorf("lost when no longer unique: %v", got)
	}
	for n, want := range map[int]string{1: "2 → 1 szkoła", 3: "2 → 3 szkoły", 5: "2 → 5 szkół", 0: "2 → 0 szkół", 2: "2 szkoły, bez zmian"} {
		x := rarity{Schools: n, Before: number(2)}
		if got := x.change("pl"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

// A look asks for what changed since the last one and tells of it once.
func TestWatch(t *testing.T) {
	t.Parallel()
	job := func(s *v1.Snapshot) *v1.DecideResponse {
		return sdktest.Decide(t, Module{}, &v1.DecideRequest{Type: typeNetwork, Snapshot: sdktest.System(s), Input: &v1.DecideRequest_Job{Job: &v1.JobPage{Name: jobWatch}}})
	}
	if got := job(lead()); !got.GetJob().GetDone() || len(got.GetEffects()) > 0 {
		t.Errorf("without a register: %v", got)
	}
	s := onDays(with(lead(), kindWatch, row{"dzien": "2026-09-01"}), "2026-11-20", "2026-09-01")
	need := job(s).GetNeed().GetSlices()
	if len(need) != 1 || need[0].GetAsOf().GetDay() != 20 || need[0].GetComparedWith().GetMonth() != 9 {
		t.Fatalf("need: %v", need)
	}
	with(s, sliceTaught, row{"code": "311933", "name": "Stroiciel", "schools": 1, "before": 2}, row{"code": "522306", "schools": 40, "before": 41})
	got := job(s)
	kinds := []string{}
	for _, e := range got.GetEffects() {
		switch k := e.GetKind().(type) {
		case *v1.Effect_RecordPut:
			kinds = append(kinds, "put "+k.RecordPut.GetKind())
		case *v1.Effect_RecordRevise:
			kinds = append(kinds, "revise")
		case *v1.Effect_Notify:
			kinds = append(kinds, "notify")
			if body := k.Notify.GetBody().GetByLanguage()["pl"]; !strings.Contains(body, "Stroiciel (311933): 2 → 1 szkoła") {
				t.Errorf("letter: %s", body)
			}
		}
	}
	if !slices.Equal(kinds, []string{"put alert", "revise", "notify"}) || !got.GetJob().GetDone() {
		t.Errorf("%v %v", kinds, got.GetJob())
	}
	same := onDays(with(lead(), kindWatch, row{"dzien": "2026-11-20"}), "2026-11-20")
	if got := job(same); len(got.GetEffects()) > 0 || got.GetNeed() != nil {
		t.Errorf("nothing new: %v", got)
	}
}

// Conditions hold between their days; training counts by its hours on the day.
func TestConditions(t *testing.T) {
	t.Parallel()
	var c candidate
	if err := json.Unmarshal([]byte(`{"spelnione":[{"warunek":" Staz ","dzien":"2024-01-01"}],"szkolenia":[{"ukonczone":"2026-01-10","godziny":20},{"ukonczone":"2026-03-10","godziny":20}]}`), &c); err != nil {
		t.Fatal(err)
	}
	list := []condition{
		{Code: "staz", Since: "2020-01-01"}, {Code: "szkolenie", Kind: training, Hours: 30, Since: "2020-01-01"},
		{Code: "dawny", Since: "2000-01-01", Until: "2019-12-31"}, {Code: "nowy", Since: "2027-01-01"},
	}
	for day, want := range map[string]int{"2019-06-01": 1, "2023-06-01": 2, "2026-02-01": 1, "2026-04-01": 0, "2027-01-01": 1} {
		if got := c.unmet(list, day); len(got) != want {
			t.Errorf("%s: %+v, want %d", day, got, want)
		}
	}
}

// Decisions follow from each other; the state of every day can be read.
func TestDecisions(t *testing.T) {
	t.Parallel()
	admitted := decision{Number: "K-1", Kind: kindAdmission, Decision: "1/2026", Day: "2026-02-01"}
	removed := decision{Number: "k-1", Kind: kindRemoval, Decision: "2/2026", Day: "2026-08-01"}
	past := history([]decision{removed, {Number: "K-2", Day: "2026-03-01"}, admitted}, "K-1")
	for day, want := range map[string]string{"2026-01-31": "kandydat", "2026-02-01": "na liście od 1.02.2026", "2026-07-31": "na liście od 1.02.2026", "2026-08-01": "skreślenie z dniem 1.08.2026"} {
		if got := stateOn("pl", on(past, day)); got != want {
			t.Errorf("%s: %q, want %q", day, got, want)
		}
	}
	for name, c := range map[string]struct {
		d    decision
		past []decision
		code string
	}{
		"first":              {decision{Kind: kindAdmission, Day: "2026-02-01"}, nil, ""},
		"removal of nobody":  {decision{Kind: kindRemoval, Day: "2026-02-01"}, nil, "not_admitted"},
		"twice":              {decision{Kind: kindAdmission, Day: "2026-05-01"}, past[:1], "admitted"},
		"before the last":    {decision{Kind: kindRemoval, Day: "2026-01-01"}, past[:1], "too_early"},
		"again after it all": {decision{Kind: kindAdmission, Day: "2026-09-01"}, past, ""},
		"not yet":            {decision{Kind: kindAdmission, Day: "2026-12-01"}, nil, "future"},
	} {
		a := &sdk.Answer{}
		c.d.judge(a, "pl", c.past, "2026-11-24")
		var codes []string
		for _, x := range a.Diagnostics() {
			codes = append(codes, x.GetCode())
		}
		if got := strings.Join(codes, " "); got != c.code {
			t.Errorf("%s: %q, want %q", name, got, c.code)
		}
	}
}

// Only schools from which nobody is in the network are invited, and never a crowd.
func TestInvite(t *testing.T) {
	t.Parallel()
	ask := func(here string, schools int) *v1.DecideResponse {
		s := with(lead(), sliceMembers, row{"person": nina, "organisation": here})
		list := make([]row, schools)
		for i := range list {
			list[i] = row{"name": fmt.Sprint("Szkoła ", i)}
		}
		return sdktest.Command(t, Module{}, typeNetwork, commandInvite, row{"kod": "311933"}, with(s, sliceSchools, list...))
	}
	if got := ask(id(100), 3); len(got.GetEffects()) != 2 || got.GetEffects()[0].GetMemberInvite().GetInstitutionId() != id(101) {
		t.Errorf("%v", got)
	}
	for n, code := range map[int]string{0: "nobody", 1: "all_here", mostInvited + 2: "too_many"} {
		if got := ask(id(100), n); len(got.GetDiagnostics()) != 1 || got.GetDiagnostics()[0].GetCode() != code {
			t.Errorf("%d schools: %v", n, got.GetDiagnostics())
		}
	}
	if got := sdktest.Command(t, Module{}, typeNetwork, commandInvite, row{"kod": "311933"}, lead()); len(got.GetNeed().GetSlices()) != 1 {
		t.Errorf("need: %v", got)
	}
}
