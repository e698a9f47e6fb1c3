package people

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// employPath, below a person, is where another place of work is noted.
const employPath = "/placowka"

type employView struct {
	Facts              []ui.Fact // the person and where they work so far
	Institution        uuid.UUID // chosen; uuid.Nil before
	School             string    // its name
	Here, Action, Pick string
	Problems           ui.Problems
}

// employView reads the person and the chosen institution.
func (p *pages) employView(c *kit.Ctx, id, chosen uuid.UUID) (employView, error) {
	v := employView{Here: PeoplePath + "/" + id.String()}
	v.Action = v.Here + employPath
	v.Pick = "/szkoly/wybierz?" + url.Values{"powrot": {v.Action}, "pole": {"instytucja"}}.Encode()
	var who identity.Account
	var school registry.Institution
	err := c.Together(
		func(ctx context.Context) (err error) { who, err = p.Identity.Person(ctx, c.Actor(), id); return err },
		func(ctx context.Context) (err error) {
			if chosen == uuid.Nil {
				return nil
			}
			school, err = p.Registry.Institution(ctx, nil, chosen)
			if fault.Is(err, fault.NotFound) { // an unknown one counts as none chosen
				return nil
			}
			v.Institution = chosen
			return err
		})
	if err != nil {
		return v, err
	}
	if v.Institution != uuid.Nil {
		v.School = school.Label(c.Context())
	}
	v.Facts = []ui.Fact{{Label: c.T("people.name"), Value: who.Name}}
	if who.Institution.Valid {
		v.Facts = append(v.Facts, ui.Fact{Label: c.T("people.employ.now"), Value: who.School.Label(c.Context())})
	}
	c.Page(c.T("people.employ.title")).In(ManagePath).Crumb(c.T("people.manage.title"), ManagePath).Crumb(c.T("people.list.title"), PeoplePath).Crumb(who.Name, v.Here)
	return v, nil
}

func (p *pages) employForm(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	v, err := p.employView(c, id, c.QueryUUID("instytucja"))
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, employPage(v))
}

func (p *pages) employ(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	chosen, _ := uuid.Parse(c.Form().Get("institution")) // none chosen is the service's to say
	err = p.Identity.Employ(c.Context(), c.Actor(), identity.Employment{Person: id, Institution: chosen})
	if err != nil {
		v, e := p.employView(c, id, chosen)
		if e != nil {
			return e
		}
		return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return employPage(v) })
	}
	// Whoever confirms people of one school only may see them no more.
	return c.Redirect(PeoplePath+"/"+id.String(), "people.flash.employed")
}
