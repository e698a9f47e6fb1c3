package registry

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
)

// PermEdit is to add organisations that no official register describes, to
// change those, and to draw the territories of centres. On the platform: a
// centre does not widen its own reach.
const PermEdit access.Permission = "registry:edit"

// PermContact is to keep the address and contacts of an organisation that no
// official register describes: at the organisation itself.
const PermContact access.Permission = "institution:edit"

var (
	_ = db.Constraint("institution_unit", fault.Invalid, "unit", "registry.unit_unknown")
	_ = db.Constraint("institution_unit_once", fault.Invalid, "unit", "registry.unit_taken")
)

// Home is the country of organisations that do not say otherwise.
const Home = "PL"

// Countries are those of partners abroad, as forms offer them; texts
// "registry.country_" + code.
var Countries = []string{"AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GE", "GR", "HR", "HU", "IE", "IL", "IS", "IT",
	"LT", "LU", "LV", "MD", "MT", "NL", "NO", Home, "PT", "RO", "SE", "SI", "SK", "TR", "UA", "US"}

// ByHand are the kinds of organisation that are added by hand, in the order in
// which forms offer them; schools come with their register.
var ByHand = []Kind{Partner, Department, ORE, Ministry, Curatorium, Centre, Library, Counselling, LocalGovernment, Other}

// NewInstitution is an institution that the official register does not hold.
type NewInstitution struct {
	Kind Kind   `json:"kind"`
	Name string `json:"name"`
	// Country has two letters, "" for Poland; only partners are elsewhere.
	Country string `json:"country"`
	Powiat  string `json:"powiat"` // four-digit TERC code; none abroad
	Town    string `json:"town"`
	Email   string `json:"email"`
	Website string `json:"website"`
	// Parent is for departments: ORE or the ministry to which it belongs.
	Parent uuid.UUID `json:"parent"`
	// Unit is for the offices of local governments: the TERC code of theirs.
	Unit string `json:"unit"`
	// Territory is for centres: four-digit codes of powiats.
	Territory []string `json:"territory"`
}

// CreateInstitution adds an organisation by hand. Needs [PermEdit];
// fault.Invalid names wrong fields.
func (s *Service) CreateInstitution(ctx context.Context, a *access.Actor, in NewInstitution) (uuid.UUID, error) {
	if err := s.auth.Require(a, PermEdit, access.Place{}); err != nil {
		return uuid.Nil, err
	}
	in.Territory = slices.Clone(in.Territory)
	if err := in.normalise(); err != nil {
		return uuid.Nil, err
	}
	var id uuid.UUID
	err := s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		id, err = idem.Do(ctx, tx, a.Person, "registry:create", in, func() (uuid.UUID, error) {
			return s.create(ctx, tx, a, in)
		})
		return err
	})
	return id, err
}

func (s *Service) create(ctx context.Context, tx *db.Tx, a *access.Actor, in NewInstitution) (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	if in.Kind == Department {
		above, err := institution(ctx, tx, in.Parent)
		if fault.Is(err, fault.NotFound) || err == nil && above.Kind != ORE && above.Kind != Ministry {
			return uuid.Nil, fault.InvalidFields(fault.Field{Path: "parent", Key: "registry.parent_missing"})
		}
		if err != nil {
			return uuid.Nil, err
		}
	}
	if err := insertInstitution(ctx, tx, id, in, s.today()); err != nil {
		return uuid.Nil, err
	}
	if in.Kind == Centre {
		if err := setTerritory(ctx, tx, id, in.Territory, beginning); err != nil {
			return uuid.Nil, err
		}
	}
	return id, s.audit.Write(ctx, tx, audit.Event{
		Actor: a.Person, System: a.System, Action: "institution:create", ObjectKind: "institution", ObjectID: id.String(),
		Fields: []string{"kind", "name", "country", "powiat", "town", "email", "website", "parent", "unit", "territory"},
	})
}

func (n *NewInstitution) normalise() error {
	var f fault.Fields
	checkTexts(&f, &n.Name, &n.Town, &n.Email, &n.Website)
	slices.Sort(n.Territory)
	n.Territory = slices.Compact(n.Territory)
	if !n.Kind.known() {
		f.Add("kind", "registry.kind_unknown")
	}
	if n.Country == "" {
		n.Country = Home
	}
	abroad := n.Country != Home
	switch {
	case !slices.Contains(Countries, n.Country):
		f.Add("country", "registry.country_unknown")
	case abroad && n.Kind != Partner:
		f.Add("country", "registry.country_partner_only")
	}
	switch {
	case abroad:
		n.Powiat = ""
	case n.Powiat == "":
		f.Add("powiat", "registry.powiat_missing")
	case !digits(n.Powiat, 4):
		f.Add("powiat", "registry.powiat_unknown")
	}
	if n.Kind != Department {
		n.Parent = uuid.Nil
	} else if n.Parent == uuid.Nil {
		f.Add("parent", "registry.parent_missing")
	}
	if n.Kind != LocalGovernment {
		n.Unit = ""
	} else if n.Unit != "" && !digits(n.Unit, 2) && !digits(n.Unit, 4) && !digits(n.Unit, 7) {
		f.Add("unit", "registry.unit_unknown")
	}
	checkTerritory(&f, n.Kind, n.Territory)
	return f.Err()
}

// checkTexts cleans and checks what every organisation says of itself.
func checkTexts(f *fault.Fields, name, town, email, website *string) {
	*name, *town, *email, *website = clean(*name), clean(*town), strings.ToLower(clean(*email)), clean(*website)
	if l := len([]rune(*name)); l == 0 {
		f.Add("name", "registry.name_missing")
	} else if l > maxName {
		f.Add("name", "registry.name_long", "Max", maxName)
	}
	if len([]rune(*town)) > maxField {
		f.Add("town", "registry.name_long", "Max", maxField)
	}
	if *email != "" && !address(*email) {
		f.Add("email", "registry.email_wrong")
	}
	if len([]rune(*website)) > maxField {
		f.Add("website", "registry.name_long", "Max", maxField)
	}
}

// Edit is what may change of an organisation that no official register
// describes. Kind and country stay: another kind is another organisation.
type Edit struct {
	Name    string `json:"name"`
	Powiat  string `json:"powiat"`
	Town    string `json:"town"`
	Email   string `json:"email"`
	Website string `json:"website"`
	// Closed ends it today; false opens it again.
	Closed  bool `json:"closed"`
	Version int  `json:"version"`
}

// EditInstitution changes an organisation that was added by hand. Needs
// [PermContact] at it, and [PermEdit] for name, powiat and end, which decide who
// is over it: Invalid to others. NotFound for an unknown one; Conflict "registry.edit_register"
// for one that a register describes, "registry.edit_changed" when somebody
// changed it meanwhile; Invalid names wrong fields.
func (s *Service) EditInstitution(ctx context.Context, a *access.Actor, id uuid.UUID, in Edit) error {
	if err := s.auth.Require(a, PermContact, access.Place{Institution: id}); err != nil {
		return err
	}
	now, err := institution(ctx, s.db, id)
	if err != nil {
		return err
	}
	if now.RSPO != nil {
		return fault.New(fault.Conflict, "registry.edit_register")
	}
	var f fault.Fields
	checkTexts(&f, &in.Name, &in.Town, &in.Email, &in.Website)
	if now.Country != Home {
		in.Powiat = ""
	} else if !digits(in.Powiat, 4) {
		f.Add("powiat", "registry.powiat_missing")
	}
	if !s.auth.Can(a, PermEdit, access.Place{}) {
		for _, x := range edited(&now, &in) {
			if x == "name" || x == "powiat" || x == "closed" {
				f.Add(x, "registry.edit_contact_only")
			}
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	type input struct {
		ID uuid.UUID
		In Edit
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := idem.Do(ctx, tx, a.Person, "registry:edit", input{id, in}, func() (bool, error) {
			changed, err := updateInstitution(ctx, tx, id, in, s.today())
			if err != nil {
				return false, err
			}
			if !changed {
				return false, fault.New(fault.Conflict, "registry.edit_changed")
			}
			return true, s.audit.Write(ctx, tx, audit.Event{
				Actor: a.Person, System: a.System, Action: "institution:edit", ObjectKind: "institution", ObjectID: id.String(), Fields: edited(&now, &in),
			})
		})
		return err
	})
}

// edited names the fields that an edit changes.
func edited(was *Institution, in *Edit) []string {
	out := []string{}
	for _, x := range []struct {
		name    string
		changed bool
	}{
		{"name", was.Name != in.Name}, {"powiat", was.PowiatCode != in.Powiat}, {"town", was.Town != in.Town}, {"email", was.Email != in.Email},
		{"website", was.Website != in.Website}, {"closed", (was.ClosedOn != nil) != in.Closed},
	} {
		if x.changed {
			out = append(out, x.name)
		}
	}
	return out
}

// Gain is a powiat that a centre's new territory would add or leave out, with
// what that means.
type Gain struct {
	Unit
	// Added: the centre begins to act there; else it ends.
	Added bool `json:"added"`
	// Schools are the open schools and kindergartens of the powiat, People the
	// active accounts of its institutions: the centre's administrators gain or
	// lose sight of them.
	Schools int `json:"schools" db:"schools"`
	People  int `json:"people" db:"people"`
	// Others are the other centres that act there.
	Others db.StringArray `json:"others" db:"others"`
}

// TerritoryChange is what another territory would change.
type TerritoryChange struct {
	// From is the first day of it.
	From time.Time `json:"from"`
	// Replaced are changes set for a later day, which this one takes the place of.
	Replaced int    `json:"replaced"`
	Powiats  []Gain `json:"powiats"` // only those that differ, by code
	// Holders have a role of the centre that follows its territory.
	Holders int `json:"holders"`
}

// PreviewTerritory tells what [Service.SetTerritoryFrom] would change against the
// territory that holds on its first day, and writes nothing. Needs [PermEdit];
// errors as there.
func (s *Service) PreviewTerritory(ctx context.Context, a *access.Actor, centre uuid.UUID, in TerritoryEdit) (TerritoryChange, error) {
	var x TerritoryChange
	if err := s.auth.Require(a, PermEdit, access.Place{}); err != nil {
		return x, err
	}
	in.tidy()
	var had bool
	var known []Unit
	err := db.Together(ctx, s.db,
		func(ctx context.Context, q db.Q) error { _, err := centreRow(ctx, q, centre); return err },
		func(ctx context.Context, q db.Q) (err error) { had, err = hasTerritory(ctx, q, centre); return err },
		func(ctx context.Context, q db.Q) (err error) {
			// Names and units of today: those of a day to come are not known.
			known, err = unitsOf(ctx, q, in.Powiats, s.today())
			return err
		})
	if err != nil {
		return x, err
	}
	from, err := s.checkTerritoryEdit(&in, had)
	if err != nil {
		return x, err
	}
	for _, p := range in.Powiats {
		if !slices.ContainsFunc(known, func(u Unit) bool { return u.Code == p && (u.Kind == Powiat || u.Kind == CityPowiat) }) {
			return x, fault.InvalidFields(fault.Field{Path: "territory", Key: "registry.powiat_unknown"})
		}
	}
	x.From = from
	err = db.Together(ctx, s.db,
		func(ctx context.Context, q db.Q) (err error) {
			x.Powiats, err = territoryGains(ctx, q, centre, in.Powiats, from)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			x.Holders, err = centreHolders(ctx, q, centre, s.clock.Now())
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			x.Replaced, err = laterChanges(ctx, q, centre, from)
			return err
		})
	return x, err
}

// Seats lists ORE and the ministries: to which departments belong.
func (s *Service) Seats(ctx context.Context) ([]Institution, error) { return seats(ctx, s.db) }

// OfficeOf is the organisation of a local government; NotFound when none was added.
func (s *Service) OfficeOf(ctx context.Context, q db.Q, code string) (Institution, error) {
	return officeOf(ctx, s.q(q), code)
}
