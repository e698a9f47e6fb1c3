package vocational

import (
	"cmp"
	"slices"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
	"ore.edu.pl/sieci/plugins/sdk/view"
)

// alert is a vocation whose number of schools fell.
type alert struct {
	Code   string `json:"kod"`
	Name   string `json:"nazwa"`
	Before int    `json:"przed"`
	After  int    `json:"po"`
	Day    string `json:"dzien"`
}

// homePage is the network's first page: what it is for, what became rarer, what
// the reader teaches.
func homePage(r *sdk.ViewRequest) (*sdk.Page, error) {
	w := in(r.GetLocale())
	c, err := readCharter(r.Snapshot)
	if err != nil {
		return nil, err
	}
	flags, err := read[flag](r.Snapshot, kindFlag)
	if err != nil {
		return nil, err
	}
	alerts, err := read[alert](r.Snapshot, kindAlert)
	if err != nil {
		return nil, err
	}
	v := view.New(w.t("view.home"))
	unique := 0
	for i := range flags {
		if within(today(r.Snapshot), flags[i].Since, flags[i].Until) {
			unique++
		}
	}
	facts := []view.Fact{{Label: w.t("home.unique"), Value: view.Int(unique)}, {Label: w.t("home.rare"), Value: view.Text(w.n("home.rare_at_most", c.Rare))}}
	if c.Aim != "" {
		facts = append([]view.Fact{{Label: w.t("home.aim"), Value: view.Text(c.Aim)}}, facts...)
	}
	v.Add(view.Facts("", facts...))
	items := []view.Item{}
	for _, x := range alerts {
		fall := rarity{Schools: x.After, Before: &x.Before}
		items = append(items, view.Item{Value: view.Text(x.Name + " (" + x.Code + "): " + fall.change(w)), Note: w.t("home.alert_day", "day", w.shown(x.Day)), To: &view.Link{To: "view", ID: viewRadar}})
	}
	v.Add(view.List(w.t("home.alerts"), w.t("home.no_alerts"), items...))
	if member := r.HasRole(roleParticipant) || r.HasRole(roleCoordinator); member && r.Stage() == stageWork {
		label := "home.change_mine"
		if len(r.Rows(kindTeaching)) == 0 {
			label = "home.tell_mine"
			v.Add(view.Notice("info", w.t("home.untold")))
		}
		v.Add(view.List(w.t("home.mine"), "", view.Item{Value: view.Text(w.t(label)), To: &view.Link{To: "command", ID: commandTeach}}))
	}
	return &sdk.Page{View: v}, nil
}

// taughtBy counts the active members who teach each vocation, and names them.
func taughtBy(s sdk.Snapshot) (map[string][]string, error) {
	active := map[string]bool{}
	people, err := read[struct {
		Person string `json:"person"`
	}](s, sliceMembers)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		active[p.Person] = true
	}
	out := map[string][]string{}
	for _, row := range s.Rows(kindTeaching) {
		var t teaching
		if err := row.Decode(&t); err != nil {
			return nil, err
		}
		// Whose record it is stands in the index, as with every record of a person.
		person := row.Text("@person")
		if person == "" || !active[person] {
			continue
		}
		for _, c := range t.codes() {
			out[c] = append(out[c], person)
		}
	}
	return out, nil
}

// groupSections is how many vocations have a list of their own on the page of
// groups; the others share a table, for a page has sixty parts at most.
const groupSections = 25

// groupsPage lists the members by what they teach.
func groupsPage(r *sdk.ViewRequest) (*sdk.Page, error) {
	if next := restOfMembers(r); next != nil {
		return next, nil
	}
	w := in(r.GetLocale())
	by, err := taughtBy(r.Snapshot)
	if err != nil {
		return nil, err
	}
	list, err := read[entry](r.Snapshot, kindVocation)
	if err != nil {
		return nil, err
	}
	names := classification(list, today(r.Snapshot))
	codes := make([]string, 0, len(by))
	for c := range by {
		codes = append(codes, c)
	}
	slices.SortFunc(codes, func(a, b string) int { return cmp.Or(cmp.Compare(names[a], names[b]), cmp.Compare(a, b)) })
	v := view.New(w.t("view.groups"))
	if len(codes) == 0 {
		v.Add(view.Notice("info", w.t("groups.none")))
	}
	var rows [][]view.Value
	for i, c := range codes {
		if i < groupSections {
			items := []view.Item{}
			for _, p := range by[c] {
				items = append(items, view.Item{Value: view.Person(p)})
			}
			v.Add(view.Section(titleOf(w, names, c)+": "+w.n("groups.people", len(items)), view.List("", "", items...)))
			continue
		}
		for _, p := range by[c] {
			rows = append(rows, []view.Value{view.Text(titleOf(w, names, c)), view.Person(p)})
		}
	}
	if len(rows) > 0 {
		v.Add(view.Table("pozostale", w.t("groups.others"), "", []view.Column{
			{ID: "zawod", Label: w.t("radar.vocation"), Type: "text"}, {ID: "osoba", Label: w.t("groups.person"), Type: "person"},
		}, rows[:min(len(rows), most)]))
	}
	return &sdk.Page{View: v}, nil
}

// restOfMembers asks for members beyond those that came, while the platform
// still answers; nil when all did.
func restOfMembers(r *sdk.ViewRequest) *sdk.Page {
	const rounds = 4 // of five that there are: one is left for what else a page asks
	more := r.More(sliceMembers)
	if more == "" || r.GetRound() >= rounds {
		return nil
	}
	next := members()
	next.Cursor = more
	p := &sdk.Page{}
	p.Need(next)
	return p
}

// titleOf is a vocation's name with its code.
func titleOf(w words, names map[string]string, c string) string {
	if n := names[c]; n != "" {
		return n + " (" + c + ")"
	}
	return w.t("vocation.code", "code", c)
}

// radarSeries is how many earlier days of the register the page of one vocation shows.
const radarSeries = 5

// radarPage tells how rare vocations are, or, asked for one, who teaches it.
func radarPage(r *sdk.ViewRequest) (*sdk.Page, error) {
	w := in(r.GetLocale())
	day, good := asked(r)
	known := registerDays(r.Snapshot)
	one, isCode := code(r.Param("kod"))
	if !r.Has(sliceTaught) {
		p := &sdk.Page{}
		p.Need(taught(sliceTaught, day, reading(known, day)))
		if isCode {
			p.Need(schools(one, day))
			for i, d := range known[min(1, len(known)):] {
				if i < radarSeries {
					p.Need(taught("day_"+string(rune('a'+i)), d, "", equal("code", one)))
				}
			}
		}
		return p, nil
	}
	x, err := radarOf(r, day)
	if err != nil {
		return nil, err
	}
	v := view.New(w.t("view.radar"))
	if !good {
		v.Add(view.Notice("warn", w.t("bad_day")))
	}
	if r.Param("kod") != "" && !isCode {
		v.Add(view.Notice("warn", w.t("bad_code")))
	}
	if len(known) == 0 {
		v.Add(view.Notice("warn", w.t("radar.no_register")))
	}
	if isCode {
		err = x.one(v, r, w, one)
	} else {
		x.all(v, r, w)
	}
	return &sdk.Page{View: v}, err
}

// radar is what the page knows.
type radar struct {
	day     string
	rare    int
	list    []rarity
	flags   []flag
	names   map[string]string
	by      map[string][]string
	changed string // the day on which the register last changed, by the day asked for
}

func radarOf(r *sdk.ViewRequest, day string) (*radar, error) {
	c, err := readCharter(r.Snapshot)
	if err != nil {
		return nil, err
	}
	x := &radar{day: day, rare: c.Rare}
	if x.list, err = read[rarity](r.Snapshot, sliceTaught); err != nil {
		return nil, err
	}
	if x.flags, err = read[flag](r.Snapshot, kindFlag); err != nil {
		return nil, err
	}
	entries, err := read[entry](r.Snapshot, kindVocation)
	if err != nil {
		return nil, err
	}
	x.names = classification(entries, day)
	for i := range x.list {
		if x.names[x.list[i].Code] == "" {
			x.names[x.list[i].Code] = x.list[i].Name
		}
	}
	for _, d := range registerDays(r.Snapshot) {
		if d <= day && x.changed == "" {
			x.changed = d
		}
	}
	x.by, err = taughtBy(r.Snapshot)
	return x, err
}

// all shows every rare vocation.
func (x *radar) all(v *view.View, r *sdk.ViewRequest, w words) {
	for _, f := range lost(x.list, x.flags, x.rare, x.day) {
		v.Add(view.Notice("warn", titleOf(w, x.names, f.Code)+": "+f.change(w)))
		if len(v.Nodes) > 12 {
			break // the table says the rest
		}
	}
	var rows [][]view.Value
	for _, f := range rare(x.list, x.flags, x.rare, x.day) {
		unique := "—"
		if u := flagged(x.flags, f.Code, x.day); u != nil {
			unique = w.t("radar.since", "since", w.shown(u.Since))
		}
		rows = append(rows, []view.Value{view.Text(f.Code), view.Text(cmp.Or(x.names[f.Code], "—")), view.Text(f.change(w)),
			view.Int(f.Voivodeships), view.Int(len(x.by[f.Code])), view.Text(unique)})
	}
	title := w.t("radar.title", "day", w.shown(x.day))
	v.Add(view.Table("radar", title, w.t("radar.none"), []view.Column{
		{ID: "kod", Label: w.t("radar.code"), Type: "text"}, {ID: "zawod", Label: w.t("radar.vocation"), Type: "text"}, {ID: "szkoly", Label: w.t("radar.schools_label"), Type: "text"},
		{ID: "wojewodztwa", Label: w.t("radar.voivodeships_short"), Type: "int"}, {ID: "nauczyciele", Label: w.t("radar.teachers_short"), Type: "int"}, {ID: "unikatowy", Label: w.t("radar.unique"), Type: "text"},
	}, rows[:min(len(rows), most)]))
	if x.changed != "" {
		v.Add(view.Prose(w.t("radar.compared", "day", w.shown(x.changed))))
	}
	if (r.HasRole(roleCoordinator) || r.HasRole(roleORE)) && r.Stage() == stageWork {
		v.Add(view.Actions(view.Action{ID: commandLook, Label: w.t("radar.look")}))
	}
}

// one shows a vocation: its schools, how their number went, who teaches it here.
func (x *radar) one(v *view.View, r *sdk.ViewRequest, w words, c string) error {
	f := rarity{Code: c}
	if i := slices.IndexFunc(x.list, func(y rarity) bool { return y.Code == c }); i >= 0 {
		f = x.list[i]
	}
	if f.Schools < f.was() {
		v.Add(view.Notice("warn", titleOf(w, x.names, c)+": "+f.change(w)))
	}
	facts := []view.Fact{{Label: w.t("radar.code"), Value: view.Text(c)}, {Label: w.t("radar.schools_label"), Value: view.Text(f.change(w))},
		{Label: w.t("radar.voivodeships"), Value: view.Int(f.Voivodeships)}, {Label: w.t("radar.teachers"), Value: view.Int(len(x.by[c]))}}
	if u := flagged(x.flags, c, x.day); u != nil {
		facts = append(facts, view.Fact{Label: w.t("radar.unique"), Value: view.Text(w.t("radar.unique_since", "since", w.shown(u.Since), "basis", u.Basis))})
	}
	v.Add(view.Facts(titleOf(w, x.names, c), facts...))
	var rows [][]view.Value
	for _, row := range r.Rows(sliceSchools) {
		var s school
		if err := row.Decode(&s); err != nil {
			return err
		}
		rows = append(rows, []view.Value{view.Text(s.Name), view.Text(s.Town), view.Text(w.named(listRegions, s.Voivodeship))})
	}
	v.Add(view.Table("szkoly", w.t("radar.who", "day", w.shown(x.day)), w.t("radar.nobody"), []view.Column{
		{ID: "szkola", Label: w.t("radar.school"), Type: "text"}, {ID: "miejscowosc", Label: w.t("radar.town"), Type: "text"}, {ID: "wojewodztwo", Label: w.t("radar.region"), Type: "text"},
	}, rows))
	v.Add(series(r, w, x, &f))
	if r.HasRole(roleCoordinator) && r.Stage() == stageWork && len(rows) > 0 {
		v.Add(view.List(w.t("radar.next"), "", view.Item{Value: view.Text(w.t("radar.invite")), Note: w.t("radar.invite_note", "code", c), To: &view.Link{To: "command", ID: commandInvite}}))
	}
	return nil
}

// series is the number of schools on the last days on which the register changed.
func series(r *sdk.ViewRequest, w words, x *radar, f *rarity) view.Node {
	rows := [][]view.Value{{view.Date(x.day), view.Int(f.Schools)}}
	known := registerDays(r.Snapshot)
	for i, d := range known[min(1, len(known)):] {
		name := "day_" + string(rune('a'+i))
		if i >= radarSeries || d >= x.day || !r.Has(name) {
			continue
		}
		n := 0
		for _, row := range r.Rows(name) {
			n = int(row.Int("schools"))
		}
		rows = append(rows, []view.Value{view.Date(d), view.Int(n)})
	}
	return view.Table("trend", w.t("radar.series"), "", []view.Column{{ID: "dzien", Label: w.t("radar.day"), Type: "date"}, {ID: "szkoly", Label: w.t("radar.schools_label"), Type: "int"}}, rows)
}

// needsPage counts needs by branch and voivodeship and lists the latest.
func needsPage(r *sdk.ViewRequest) (*sdk.Page, error) {
	w := in(r.GetLocale())
	v := view.New(w.t("view.needs"))
	cells := slices.Clone(r.Cells(kindNeed))
	slices.SortStableFunc(cells, func(a, b *v1.Cell) int { return cmp.Compare(b.GetCount(), a.GetCount()) })
	var rows [][]view.Value
	for _, c := range cells {
		if len(c.GetBy()) == 2 && !c.GetSuppressed() {
			rows = append(rows, []view.Value{view.Text(w.named(listBranches, c.GetBy()[0].GetText())), view.Text(w.named(listRegions, c.GetBy()[1].GetText())), view.Int(int(c.GetCount()))})
		}
	}
	branch, region := view.Column{ID: "branza", Label: w.t("needs.branch"), Type: "text"}, view.Column{ID: "wojewodztwo", Label: w.t("radar.region"), Type: "text"}
	v.Add(view.Table("zestawienie", w.t("needs.count"), w.t("needs.none"), []view.Column{branch, region, {ID: "ile", Label: w.t("needs.number"), Type: "int"}}, rows[:min(len(rows), most)]))
	list, err := read[need](r.Snapshot, kindNeed)
	if err != nil {
		return nil, err
	}
	var latest [][]view.Value
	for i := range list {
		n := &list[i]
		var where view.Value
		if n.School != nil && n.School.ID != "" {
			where = view.School(n.School.ID)
		}
		latest = append(latest, []view.Value{view.Text(w.named(listBranches, n.Branch)), view.Text(w.named(listRegions, n.Region)), where, view.Text(n.Text)})
	}
	if len(latest) > 0 {
		v.Add(view.Table("ostatnie", w.t("needs.latest"), "", []view.Column{branch, region, {ID: "placowka", Label: w.t("needs.school"), Type: "school"}, {ID: "potrzeba", Label: w.t("needs.text"), Type: "text"}}, latest))
	}
	if r.Stage() == stageWork && (r.HasRole(roleParticipant) || r.HasRole(roleCoordinator)) {
		v.Add(view.List("", "", view.Item{Value: view.Text(w.t("needs.add")), To: &view.Link{To: "command", ID: commandNeed}}))
	}
	return &sdk.Page{View: v}, nil
}
