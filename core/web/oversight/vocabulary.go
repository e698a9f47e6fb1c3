package oversight

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/oversight"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// listedDirection is one of the vocabulary.
type listedDirection struct {
	Name   string
	Action string // "" for one that comes with the program
}

type yearOfDirections struct {
	ID, Title string
	List      []listedDirection
}

type vocabularyView struct {
	ui.FormView
	Inputs []ui.Input
	Years  []yearOfDirections // the newest first
}

func (p *pages) vocabularyPage(c *kit.Ctx, pr ui.Problems) (templ.Component, error) {
	known, err := p.Oversight.Directions(c.Context())
	if err != nil {
		return nil, err
	}
	f := c.Form()
	v := vocabularyView{FormView: ui.FormView{Title: c.T("oversight.vocabulary.title"), Lead: c.T("oversight.vocabulary.lead"), Action: VocabularyPath, Submit: c.T("oversight.vocabulary.add"), Problems: pr,
		Cancel: ui.Link{Text: c.T("oversight.vocabulary.back"), Href: CoveragePath}}}
	value := f.Get("year")
	if value == "" {
		value = strconv.Itoa(clock.SchoolYear(p.Oversight.Now()))
	}
	year := ui.Input{Kind: ui.Select, Name: "year", Label: c.T("oversight.vocabulary.year"), Value: value, Size: "medium"}
	for _, y := range p.Oversight.Years() {
		year.Options = append(year.Options, ui.Option{Value: strconv.Itoa(y), Text: show.SchoolYear(y)})
	}
	v.Inputs = []ui.Input{year,
		{Kind: ui.Textarea, Name: "name", Label: c.T("oversight.vocabulary.name"), Hint: c.T("oversight.vocabulary.name_hint"), Value: f.Text("name"), Max: oversight.MaxDirection, Rows: 2},
		{Name: "english", Label: c.T("oversight.vocabulary.english"), Value: f.Text("english"), Max: oversight.MaxDirection, Optional: true}}
	for _, d := range slices.Backward(known) {
		if n := len(v.Years); n == 0 || v.Years[n-1].ID != "r"+d.Year[:4] {
			v.Years = append(v.Years, yearOfDirections{ID: "r" + d.Year[:4], Title: c.T("oversight.vocabulary.of", "Year", d.Year)})
		}
		x := listedDirection{Name: d.Polish}
		if c.Lang() == "en" {
			x.Name = d.English
		}
		if d.Entered {
			x.Action = VocabularyPath + "/" + d.Code + "/usun"
		}
		y := &v.Years[len(v.Years)-1]
		y.List = slices.Insert(y.List, 0, x)
	}
	frame(c, v.Title)
	c.Page(v.Title).Crumb(c.T("oversight.direction.title"), CoveragePath)
	return vocabularyPage(v), nil
}

func (p *pages) vocabulary(c *kit.Ctx) error {
	page, err := p.vocabularyPage(c, ui.Problems{})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, page)
}

func (p *pages) addDirection(c *kit.Ctx) error {
	f := c.Form()
	year, _ := strconv.Atoi(f.Get("year")) // what is no year is refused beside the field
	_, err := p.Oversight.AddDirection(c.Context(), c.Actor(), oversight.NewDirection{SchoolYear: year, Polish: f.Text("name"), English: f.Text("english")})
	return p.vocabularyDone(c, err, "oversight.flash.direction_added")
}

func (p *pages) removeDirection(c *kit.Ctx) error {
	return p.vocabularyDone(c, p.Oversight.RemoveDirection(c.Context(), c.Actor(), c.Param("kod")), "oversight.flash.direction_removed")
}

func (p *pages) vocabularyDone(c *kit.Ctx, err error, flash string) error {
	if err == nil {
		return c.Redirect(VocabularyPath, flash)
	}
	var broken error
	wrong := c.Retry(err, func(pr ui.Problems) templ.Component {
		page, e := p.vocabularyPage(c, pr)
		if e != nil {
			broken = e
			return templ.NopComponent
		}
		return page
	})
	if broken != nil {
		return broken
	}
	return wrong
}
