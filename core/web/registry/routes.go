// Package registry holds the pages of the register: the search page on which a
// school, another organisation or a local government is found and picked without
// a script, the pages of what the register says of them on a day, organisations
// added by hand, the imports of official files, and the centres with their
// territory.
package registry

import (
	"net/url"
	"regexp"

	"ore.edu.pl/sieci/core/access"
	places "ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/web/kit"
)

// Addresses of this room that others link to.
const (
	// PickSchoolPath is the search page for institutions. Query: powrot, the
	// local address to come back to, and pole, the parameter in which it gets
	// the id of the chosen institution (default "instytucja").
	PickSchoolPath = "/szkoly/wybierz"
	// PickLocalGovernmentPath is the same for local governments; pole (default
	// "jst") gets the TERC code.
	PickLocalGovernmentPath = "/jst/wybierz"
	// SchoolsPath + "/" + id is the page of an institution; query na-dzien asks
	// for its state of a day.
	SchoolsPath = "/szkoly"
	// UnitsPath + "/" + code is the page of a territorial unit.
	UnitsPath = "/jst"
	// ImportsPath lists and takes imports of the official registers.
	ImportsPath = "/zarzadzanie/rejestry"
	// CentresPath lists the centres; one centre is CentresPath + "/" + id.
	CentresPath = "/zarzadzanie/placowki"
)

// Deps are what the pages need.
type Deps struct{ Registry *places.Service }

// centreLinks lead from a centre to pages of other rooms, for those who hold
// their permission somewhere.
var centreLinks = []struct {
	key, href string
	perm      access.Permission
}{
	{"registry.centre_accounts", "/zarzadzanie/potwierdzenia", "person:confirm"},
	{"registry.centre_persons", "/zarzadzanie/osoby", "person:list"},
	{"registry.centre_roles", "/zarzadzanie/role", "role:list"},
}

type pages struct{ Deps }

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	return []kit.Route{
		kit.Get(PickSchoolPath, places.PermSearch, p.pickSchool),
		kit.Get(PickLocalGovernmentPath, places.PermSearch, p.pickLocalGovernment),
		kit.Get(SchoolsPath+"/:id", places.PermSearch, p.school),
		kit.Get(UnitsPath+"/:code", places.PermSearch, p.unit),
		kit.Get(ImportsPath, places.PermImport, p.imports),
		kit.Post(ImportsPath, places.PermImport, "importRegister", p.importFile).WithUpload(),
		kit.Get(ImportsPath+"/:id", places.PermImport, p.importPage),
		kit.Get(ImportsPath+"/:id/odrzucone.csv", places.PermImport, p.rejected),
		kit.Post(ImportsPath+"/:id/zatwierdz", places.PermImport, "confirmRegisterImport", p.act(p.confirm, "registry.flash.confirmed")).WithReauth(),
		kit.Post(ImportsPath+"/:id/anuluj", places.PermImport, "cancelRegisterImport", p.act(p.cancel, "registry.flash.cancelled")),
		kit.Get(ImportsPath+"/:id/cofnij", places.PermImport, p.askUndo),
		kit.Post(ImportsPath+"/:id/cofnij", places.PermImport, "undoRegisterImport", p.undo),
		kit.Get(CentresPath, places.PermManage, p.centres),
		kit.Get(CentresPath+"/nowa", places.PermEdit, p.newCentre),
		kit.Post(CentresPath+"/nowa", places.PermEdit, "createInstitution", p.createCentre),
		kit.Get(CentresPath+"/:id", places.PermManage, p.centre),
		kit.Get(CentresPath+"/:id/obszar", places.PermEdit, p.territory),
		kit.Get(CentresPath+"/:id/obszar/podglad", places.PermEdit, p.previewTerritory),
		kit.Post(CentresPath+"/:id/obszar", places.PermEdit, "setCentreTerritory", p.setTerritory).WithReauth(),
		kit.Get(OrganisationsPath+"/nowa", places.PermEdit, p.newOrganisation),
		kit.Post(OrganisationsPath+"/nowa", places.PermEdit, "createInstitution", p.createOrganisation),
		kit.Get(OrganisationsPath+"/:id/edytuj", places.PermContact, p.editOrganisation),
		kit.Post(OrganisationsPath+"/:id/edytuj", places.PermContact, "editInstitution", p.updateOrganisation),
	}
}

var fieldName = regexp.MustCompile(`^[a-z][a-zA-Z0-9_.\[\]-]{0,99}$`)

// comeBack is where a picking page leads with the chosen id; "" when it was
// opened without a valid place to return to.
func comeBack(back, field, id string) string {
	u, err := url.Parse(kit.LocalPath(back, ""))
	if err != nil || u.Path == "" {
		return ""
	}
	q := u.Query()
	q.Set(field, id)
	u.RawQuery = q.Encode()
	return u.String()
}

// field is the parameter asked for, or the page's own name for it.
func field(asked, fallback string) string {
	if fieldName.MatchString(asked) {
		return asked
	}
	return fallback
}

// here is the address of a list page with another query.
func here(path string, q url.Values, after string) string {
	out := url.Values{}
	for k, v := range q {
		if k != "po" && len(v) > 0 && v[0] != "" {
			out[k] = v[:1]
		}
	}
	if after != "" {
		out.Set("po", after)
	}
	if len(out) == 0 {
		return path
	}
	return path + "?" + out.Encode()
}
