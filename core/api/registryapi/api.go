// Package registryapi offers the register of places to programs: institutions,
// territorial units, centres with their territory, imports of official files.
package registryapi

import (
	"bytes"
	"context"

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
	Kind        string `query:"kind" enum:"school,kindergarten,complex,centre,library,counselling,local_government,ore,other"`
	Closed      bool   `query:"closed" doc:"Include institutions that no longer exist."`
}

type idIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

type listOut[T any] struct{ Body kit.List[T] }

type bodyOut[T any] struct{ Body T }

type createIn struct {
	Body struct {
		Kind      string   `json:"kind" enum:"school,kindergarten,complex,centre,library,counselling,local_government,ore,other"`
		Name      string   `json:"name" maxLength:"400"`
		Powiat    string   `json:"powiat" pattern:"^[0-9]{4}$"`
		Town      string   `json:"town,omitempty" maxLength:"200"`
		Email     string   `json:"email,omitempty" maxLength:"254"`
		Territory []string `json:"territory,omitempty" maxItems:"500" doc:"For centres: four-digit TERC codes of powiats."`
	}
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
	}
}

type importIn struct {
	Register string `path:"register" enum:"terc,rspo"`
	Skip     bool   `query:"skip_rejected" doc:"Write the right rows even if others are rejected."`
	RawBody  []byte `contentType:"text/csv"`
}

// Register adds the operations.
func Register(a *kit.API, d Deps) {
	r := d.Registry
	kit.Register(a, kit.Op{
		ID: "searchInstitutions", Method: "GET", Path: "/institutions", Perm: registry.PermSearch,
		Summary: "Find schools and institutions by words of name or town, or by RSPO number.",
	}, func(ctx context.Context, in *searchIn) (*listOut[registry.Institution], error) {
		items, next, err := r.Search(ctx, registry.SearchQuery{
			Text: in.Q, Voivodeship: in.Voivodeship, Powiat: in.Powiat, Kind: registry.Kind(in.Kind), Closed: in.Closed,
			After: in.After, Limit: in.Limit,
		})
		return &listOut[registry.Institution]{kit.Page(items, next)}, err
	})
	kit.Register(a, kit.Op{
		ID: "getInstitution", Method: "GET", Path: "/institutions/{id}", Perm: registry.PermSearch,
		Summary: "Read one institution.",
	}, func(ctx context.Context, in *idIn) (*bodyOut[registry.Institution], error) {
		i, err := r.Institution(ctx, nil, in.ID)
		return &bodyOut[registry.Institution]{i}, err
	})
	kit.Register(a, kit.Op{
		ID: "createInstitution", Method: "POST", Path: "/institutions", Perm: registry.PermManage, Status: 201,
		Summary: "Add a centre or another institution that the official register does not hold.",
	}, func(ctx context.Context, in *createIn) (*createdOut, error) {
		id, err := r.CreateInstitution(ctx, access.From(ctx), registry.NewInstitution{
			Kind: registry.Kind(in.Body.Kind), Name: in.Body.Name, Powiat: in.Body.Powiat, Town: in.Body.Town, Email: in.Body.Email,
			Territory: in.Body.Territory,
		})
		out := &createdOut{}
		out.Body.ID = id
		return out, err
	})
	registerCentres(a, r)
	registerImports(a, r)
}

func registerCentres(a *kit.API, r *registry.Service) {
	kit.Register(a, kit.Op{
		ID: "listCentres", Method: "GET", Path: "/centres", Perm: registry.PermManage,
		Summary: "List the centres that you may manage.",
	}, func(ctx context.Context, in *kit.PageIn) (*listOut[registry.Institution], error) {
		items, next, err := r.Centres(ctx, access.From(ctx), in.After, in.Limit)
		return &listOut[registry.Institution]{kit.Page(items, next)}, err
	})
	kit.Register(a, kit.Op{
		ID: "getCentre", Method: "GET", Path: "/centres/{id}", Perm: registry.PermManage,
		Summary: "Read a centre with its territory.",
	}, func(ctx context.Context, in *idIn) (*bodyOut[registry.CentreDetail], error) {
		c, err := r.Centre(ctx, access.From(ctx), in.ID)
		return &bodyOut[registry.CentreDetail]{c}, err
	})
	kit.Register(a, kit.Op{
		ID: "setCentreTerritory", Method: "PUT", Path: "/centres/{id}/territory", Perm: registry.PermManage, Status: 204,
		Summary: "Replace the powiats in which a centre acts.",
	}, func(ctx context.Context, in *territoryIn) (*kit.None, error) {
		return nil, r.SetTerritory(ctx, access.From(ctx), in.ID, in.Body.Powiats)
	})
	kit.Register(a, kit.Op{
		ID: "searchLocalGovernments", Method: "GET", Path: "/local-governments", Perm: registry.PermSearch,
		Summary: "Find gminas, powiats and voivodeships by name or TERC code.",
	}, func(ctx context.Context, in *struct {
		kit.PageIn
		Q string `query:"q" maxLength:"200"`
	},
	) (*listOut[registry.Unit], error) {
		items, next, err := r.LocalGovernments(ctx, in.Q, in.After, in.Limit)
		return &listOut[registry.Unit]{kit.Page(items, next)}, err
	})
}

func registerImports(a *kit.API, r *registry.Service) {
	kit.Register(a, kit.Op{
		ID: "importRegister", Method: "POST", Path: "/registers/{register}/imports", Perm: registry.PermImport, Upload: true, Status: 201,
		Summary:     "Import an official file of territorial units (terc) or schools (rspo).",
		Description: "The body is the CSV file as its office publishes it, at most 26 MiB. All or nothing: with a rejected row the answer is 422 with a pointer per row (#/lines/12/regon; the header is line 1).",
	}, func(ctx context.Context, in *importIn) (*bodyOut[registry.Report], error) {
		var opts []registry.ImportOption
		if in.Skip {
			opts = append(opts, registry.SkipRejected())
		}
		run := r.ImportRSPO
		if in.Register == "terc" {
			run = r.ImportTERC
		}
		rep, err := run(ctx, access.From(ctx), bytes.NewReader(in.RawBody), opts...)
		rep.Localize(ctx)
		return &bodyOut[registry.Report]{rep}, err
	})
	kit.Register(a, kit.Op{
		ID: "listRegisterImports", Method: "GET", Path: "/registers/imports", Perm: registry.PermImport,
		Summary: "List imports, newest first.",
	}, func(ctx context.Context, in *kit.AfterIn) (*listOut[registry.Report], error) {
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
		return &listOut[registry.Report]{kit.Page(items, next)}, err
	})
	kit.Register(a, kit.Op{
		ID: "getRegisterImport", Method: "GET", Path: "/registers/imports/{id}", Perm: registry.PermImport,
		Summary: "Read the report of one import.",
	}, func(ctx context.Context, in *idIn) (*bodyOut[registry.Report], error) {
		rep, err := r.Import(ctx, access.From(ctx), in.ID)
		rep.Localize(ctx)
		return &bodyOut[registry.Report]{rep}, err
	})
}
