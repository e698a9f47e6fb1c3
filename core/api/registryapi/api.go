// Package registryapi offers the register of places to programs: institutions,
// territorial units, centres with their territory, imports of official files.
package registryapi

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/registry"
)

// Deps are what the operations need.
type Deps struct{ Registry *registry.Service }

type searchIn struct {
	kit.PageIn
	Q           string `query:"q" maxLength:"200" doc:"Words of name or town, or an RSPO number; each must match, with or without Polish letters."`
	Voivodeship string `query:"voivodeship" pattern:"^([0-9]{2})?$" doc:"Two-digit TERC code."`
	Powiat      string `query:"powiat" pattern:"^([0-9]{4})?$" doc:"Four-digit TERC code."`
	Kind        string `query:"kind" enum:"school,kindergarten,complex,centre,library,counselling,local_government,ministry,curatorium,ore,department,partner,other"`
	Closed      bool   `query:"closed" doc:"Include institutions that no longer exist."`
	AsOfIn
}

type idIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

type centreIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
	AsOfIn
}

type listOut[T any] struct{ Body kit.List[T] }

type bodyOut[T any] struct{ Body T }

type createIn struct {
	Body struct {
		Kind      string   `json:"kind" enum:"school,kindergarten,complex,centre,library,counselling,local_government,ministry,curatorium,ore,department,partner,other"`
		Name      string   `json:"name" maxLength:"400"`
		Country   string   `json:"country,omitempty" pattern:"^([A-Z]{2})?$" doc:"ISO 3166-1 alpha-2; only partners are elsewhere than in Poland."`
		Powiat    string   `json:"powiat,omitempty" pattern:"^([0-9]{4})?$" doc:"Of the seat; missing abroad."`
		Town      string   `json:"town,omitempty" maxLength:"200"`
		Email     string   `json:"email,omitempty" maxLength:"254"`
		Website   string   `json:"website,omitempty" maxLength:"200"`
		Parent    string   `json:"parent,omitempty" maxLength:"36" doc:"For departments: the id of ORE or of the ministry."`
		Unit      string   `json:"unit,omitempty" pattern:"^([0-9]{2}([0-9]{2}([0-9]{3})?)?)?$" doc:"For offices of local governments: the TERC code."`
		Territory []string `json:"territory,omitempty" maxItems:"500" doc:"For centres: four-digit TERC codes of powiats."`
	}
}

type editIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Name    string `json:"name" maxLength:"400"`
		Powiat  string `json:"powiat,omitempty" pattern:"^([0-9]{4})?$"`
		Town    string `json:"town,omitempty" maxLength:"200"`
		Email   string `json:"email,omitempty" maxLength:"254"`
		Website string `json:"website,omitempty" maxLength:"200"`
		Closed  bool   `json:"closed,omitempty" doc:"Ends the organisation today; false opens it again."`
		Version int    `json:"version" minimum:"1" maximum:"2147483647"`
	}
}

type territoryPreviewIn struct {
	ID      uuid.UUID `path:"id" format:"uuid"`
	Powiats string    `query:"powiats" maxLength:"3000" doc:"Four-digit TERC codes, apart by commas."`
	From    string    `query:"from" format:"date" doc:"As of setCentreTerritory."`
	Reason  string    `query:"reason" maxLength:"1000"`
}

type createdOut struct {
	Body struct {
		ID uuid.UUID `json:"id"`
	}
}

type territoryIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Powiats []string `json:"powiats" maxItems:"500" doc:"Four-digit TERC codes; they replace the territory."`
		From    string   `json:"from,omitempty" format:"date" doc:"The first day; missing: today, for the first territory of a centre the beginning. Changes set for later days are replaced."`
		Reason  string   `json:"reason,omitempty" maxLength:"1000" doc:"Required when the first day has passed."`
	}
}

type importIn struct {
	Register string `path:"register" enum:"terc,rspo"`
	File     string `query:"file" maxLength:"200" doc:"The file's name, for people."`
	Whole    bool   `query:"whole" doc:"The file holds the whole register of schools: what it lacks is closed today."`
	RawBody  []byte `contentType:"text/csv"`
}

type rowsIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
	kit.AfterIn
	Change string `query:"change" enum:"new,changed,closed" default:"changed"`
}

type notesIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
	kit.AfterIn
	Level string `query:"level" enum:"rejected,warning" default:"rejected"`
}

// AsOfIn asks for the state of a day; embed it.
type AsOfIn struct {
	AsOf string `query:"asOf" pattern:"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$" doc:"The state of this day (2026-08-31) instead of today's."`
}

type institutionIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
	AsOfIn
}

// Register adds the operations.
func Register(a *kit.API, d Deps) {
	r := d.Registry
	kit.Register(a, kit.Op{
		ID: "searchInstitutions", Method: "GET", Path: "/institutions", Perm: registry.PermSearch,
		Summary: "Find schools and institutions by words of name or town, or by RSPO number.",
	}, func(ctx context.Context, in *searchIn) (*listOut[registry.Institution], error) {
		on, err := dayOf(in.AsOf)
		if err != nil {
			return nil, err
		}
		items, next, err := r.Search(ctx, registry.SearchQuery{
			Text: in.Q, Voivodeship: in.Voivodeship, Powiat: in.Powiat, Kind: registry.Kind(in.Kind), Closed: in.Closed,
			After: in.After, Limit: in.Limit, On: on,
		})
		return &listOut[registry.Institution]{kit.Page(items, next)}, err
	})
	kit.Register(a, kit.Op{
		ID: "getInstitution", Method: "GET", Path: "/institutions/{id}", Perm: registry.PermSearch,
		Summary: "Read one institution, closed ones too, with who runs it and what is taught there.",
	}, func(ctx context.Context, in *institutionIn) (*bodyOut[registry.Details], error) {
		on, err := dayOf(in.AsOf)
		if err != nil {
			return nil, err
		}
		d, err := r.Details(ctx, nil, in.ID, on)
		return &bodyOut[registry.Details]{d}, err
	})
	kit.Register(a, kit.Op{
		ID: "getInstitutionHistory", Method: "GET", Path: "/institutions/{id}/history", Perm: registry.PermSearch, Most: 50,
		Summary: "Read what the register said of an institution, the newest first.",
	}, func(ctx context.Context, in *idIn) (*listOut[registry.Details], error) {
		items, err := r.History(ctx, nil, in.ID)
		return &listOut[registry.Details]{kit.Page(items, "")}, err
	})
	kit.Register(a, kit.Op{
		ID: "createInstitution", Method: "POST", Path: "/institutions", Perm: registry.PermEdit, Status: 201,
		Summary: "Add a centre, a department, a partner or another organisation that the official register does not hold.",
	}, func(ctx context.Context, in *createIn) (*createdOut, error) {
		b := &in.Body
		n := registry.NewInstitution{
			Kind: registry.Kind(b.Kind), Name: b.Name, Country: b.Country, Powiat: b.Powiat, Town: b.Town, Email: b.Email, Website: b.Website,
			Unit: b.Unit, Territory: b.Territory,
		}
		if b.Parent != "" {
			var err error
			if n.Parent, err = uuid.Parse(b.Parent); err != nil {
				return nil, fault.InvalidFields(fault.Field{Path: "parent", Key: "registry.parent_missing"})
			}
		}
		id, err := r.CreateInstitution(ctx, access.From(ctx), n)
		out := &createdOut{}
		out.Body.ID = id
		return out, err
	})
	kit.Register(a, kit.Op{
		ID: "editInstitution", Method: "PUT", Path: "/institutions/{id}", Perm: registry.PermContact, Status: 204,
		Summary: "Change an organisation that no official register describes.",
	}, func(ctx context.Context, in *editIn) (*kit.None, error) {
		b := &in.Body
		return nil, r.EditInstitution(ctx, access.From(ctx), in.ID, registry.Edit{Name: b.Name, Powiat: b.Powiat, Town: b.Town, Email: b.Email,
			Website: b.Website, Closed: b.Closed, Version: b.Version})
	})
	registerCentres(a, r)
	registerImports(a, r)
}

func registerCentres(a *kit.API, r *registry.Service) {
	kit.Register(a, kit.Op{
		ID: "listCentres", Method: "GET", Path: "/centres", Perm: registry.PermManage,
		Summary: "List the centres that you may manage.",
	}, func(ctx context.Context, in *struct {
		kit.PageIn
		AsOfIn
	},
	) (*listOut[registry.Institution], error) {
		on, err := dayOf(in.AsOf)
		if err != nil {
			return nil, err
		}
		items, next, err := r.CentresAsOf(ctx, access.From(ctx), on, in.After, in.Limit)
		return &listOut[registry.Institution]{kit.Page(items, next)}, err
	})
	kit.Register(a, kit.Op{
		ID: "getCentre", Method: "GET", Path: "/centres/{id}", Perm: registry.PermManage,
		Summary: "Read a centre with its territory, of today or of a day.",
	}, func(ctx context.Context, in *centreIn) (*bodyOut[registry.CentreDetail], error) {
		on, err := dayOf(in.AsOf)
		if err != nil {
			return nil, err
		}
		c, err := r.CentreOn(ctx, access.From(ctx), in.ID, on)
		return &bodyOut[registry.CentreDetail]{c}, err
	})
	kit.Register(a, kit.Op{
		ID: "previewCentreTerritory", Method: "GET", Path: "/centres/{id}/territory/preview", Perm: registry.PermEdit,
		Summary: "What another territory would change: powiats gained and lost, with their schools, people and other centres. Nothing is written.",
	}, func(ctx context.Context, in *territoryPreviewIn) (*bodyOut[registry.TerritoryChange], error) {
		var list []string
		if in.Powiats != "" {
			list = strings.Split(in.Powiats, ",")
		}
		from, err := dayAt("from", in.From)
		if err != nil {
			return nil, err
		}
		x, err := r.PreviewTerritory(ctx, access.From(ctx), in.ID, registry.TerritoryEdit{Powiats: list, From: from, Reason: in.Reason})
		return &bodyOut[registry.TerritoryChange]{x}, err
	})
	kit.Register(a, kit.Op{
		ID: "setCentreTerritory", Fresh: true, Method: "PUT", Path: "/centres/{id}/territory", Perm: registry.PermEdit, Status: 204,
		Summary: "Replace the powiats in which a centre acts, from a day on; earlier days keep theirs.",
	}, func(ctx context.Context, in *territoryIn) (*kit.None, error) {
		from, err := dayAt("from", in.Body.From)
		if err != nil {
			return nil, err
		}
		return nil, r.SetTerritoryFrom(ctx, access.From(ctx), in.ID, registry.TerritoryEdit{Powiats: in.Body.Powiats, From: from, Reason: in.Body.Reason})
	})
	kit.Register(a, kit.Op{
		ID: "searchLocalGovernments", Method: "GET", Path: "/local-governments", Perm: registry.PermSearch,
		Summary: "Find gminas, powiats and voivodeships by name or TERC code.",
	}, func(ctx context.Context, in *struct {
		kit.PageIn
		Q string `query:"q" maxLength:"200"`
		AsOfIn
	},
	) (*listOut[registry.Unit], error) {
		on, err := dayOf(in.AsOf)
		if err != nil {
			return nil, err
		}
		if on.IsZero() {
			on = r.Today()
		}
		items, next, err := r.LocalGovernmentsAsOf(ctx, on, in.Q, in.After, in.Limit)
		return &listOut[registry.Unit]{kit.Page(items, next)}, err
	})
	kit.Register(a, kit.Op{
		ID: "getUnitHistory", Method: "GET", Path: "/units/{code}/history", Perm: registry.PermSearch, Most: 50,
		Summary: "Read what a territorial unit was, the newest first; a gmina also under the code of its former kind.",
	}, func(ctx context.Context, in *struct {
		Code string `path:"code" pattern:"^[0-9]{2}([0-9]{2}([0-9]{3})?)?$" doc:"TERC code of 2, 4 or 7 digits."`
	},
	) (*listOut[registry.Unit], error) {
		items, err := r.UnitHistory(ctx, nil, in.Code)
		return &listOut[registry.Unit]{kit.Page(items, "")}, err
	})
}

func registerImports(a *kit.API, r *registry.Service) {
	kit.Register(a, kit.Op{
		ID: "importRegister", Method: "POST", Path: "/registers/{register}/imports", Perm: registry.PermImport, Upload: true, Status: 201,
		Summary: "Hand in an official file of territorial units (terc) or schools (rspo).",
		Description: "The body is the CSV file as its office publishes it (UTF-8, UTF-16 or Windows-1250), at most 26 MiB. It is read and compared in the background; " +
			"nothing is written before confirmRegisterImport. Ask getRegisterImport until the state is ready (or failed).",
	}, func(ctx context.Context, in *importIn) (*bodyOut[registry.Import], error) {
		actor := access.From(ctx)
		id, err := r.Begin(ctx, actor, registry.Source{Register: in.Register, File: in.File, Whole: in.Whole && in.Register == registry.RSPO}, bytes.NewReader(in.RawBody))
		if err != nil {
			return nil, err
		}
		return readImport(ctx, r, id)
	})
	kit.Register(a, kit.Op{
		ID: "listRegisterImports", Method: "GET", Path: "/registers/imports", Perm: registry.PermImport,
		Summary: "List imports, newest first.",
	}, func(ctx context.Context, in *kit.AfterIn) (*listOut[registry.Import], error) {
		var before uuid.UUID
		if in.After != "" {
			var err error
			if before, err = uuid.Parse(in.After); err != nil {
				return nil, fault.InvalidFields(fault.Field{Path: "after", Key: "registry.cursor"})
			}
		}
		items, more, err := r.Imports(ctx, access.From(ctx), before)
		next := ""
		if more {
			next = items[len(items)-1].ID.String()
		}
		for i := range items {
			items[i].Localize(ctx)
		}
		return &listOut[registry.Import]{kit.Page(items, next)}, err
	})
	kit.Register(a, kit.Op{
		ID: "getRegisterImport", Method: "GET", Path: "/registers/imports/{id}", Perm: registry.PermImport,
		Summary: "Read how far an import is, and what it changes.",
	}, func(ctx context.Context, in *idIn) (*bodyOut[registry.Import], error) {
		return readImport(ctx, r, in.ID)
	})
	kit.Register(a, kit.Op{
		ID: "listRegisterImportRows", Method: "GET", Path: "/registers/imports/{id}/rows", Perm: registry.PermImport,
		Summary: "List what an import changes, 50 a page, for a week.",
	}, func(ctx context.Context, in *rowsIn) (*listOut[registry.Row], error) {
		i, err := r.Import(ctx, access.From(ctx), in.ID)
		if err != nil {
			return nil, err
		}
		items, next, err := r.ImportRows(ctx, access.From(ctx), &i, registry.Change(in.Change), in.After)
		return &listOut[registry.Row]{kit.Page(items, next)}, err
	})
	kit.Register(a, kit.Op{
		ID: "listRegisterImportNotes", Method: "GET", Path: "/registers/imports/{id}/notes", Perm: registry.PermImport,
		Summary: "List why rows were rejected, or what was let through with a remark, 50 a page, for a week.",
	}, func(ctx context.Context, in *notesIn) (*listOut[registry.RowNote], error) {
		i, err := r.Import(ctx, access.From(ctx), in.ID)
		if err != nil {
			return nil, err
		}
		items, next, err := r.ImportNotes(ctx, access.From(ctx), &i, registry.Change(in.Level), in.After, false)
		return &listOut[registry.RowNote]{kit.Page(items, next)}, err
	})
	for _, step := range []struct {
		id, path, summary string
		do                func(context.Context, *access.Actor, uuid.UUID) error
	}{
		{"confirmRegisterImport", "confirmation", "Write what the import's preview showed, in the background and in one transaction.", r.Confirm},
		{"cancelRegisterImport", "cancellation", "Stop the reading of a file, or throw a preview away.", r.Cancel},
		{"undoRegisterImport", "undo", "Take a written import back, within 24 hours and while nothing depends on it.", r.Undo},
	} {
		kit.Register(a, kit.Op{
			ID: step.id, Method: "POST", Path: "/registers/imports/{id}/" + step.path, Perm: registry.PermImport, Summary: step.summary,
			Fresh: step.id == "confirmRegisterImport",
		}, func(ctx context.Context, in *idIn) (*bodyOut[registry.Import], error) {
			if err := step.do(ctx, access.From(ctx), in.ID); err != nil {
				return nil, err
			}
			return readImport(ctx, r, in.ID)
		})
	}
}

func readImport(ctx context.Context, r *registry.Service, id uuid.UUID) (*bodyOut[registry.Import], error) {
	i, err := r.Import(ctx, access.From(ctx), id)
	i.Localize(ctx)
	return &bodyOut[registry.Import]{i}, err
}

// dayOf reads a day of the query; zero for none.
func dayOf(s string) (time.Time, error) { return dayAt("asOf", s) }

func dayAt(path, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return d, fault.InvalidFields(fault.Field{Path: path, Key: "tasks.date"})
	}
	return d, nil
}
