package programmeapi

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/programme"
)

type cardOut struct{ Body programme.Card }

type projectIn struct {
	IDIn
	Body struct {
		Value   int64    `json:"value_grosze" minimum:"0" maximum:"100000000000"`
		Own     int64    `json:"own_grosze" minimum:"0" maximum:"100000000000"`
		Badges  []string `json:"badges" maxItems:"10" doc:"power, pokl, popc, fers, ferc, efs, efsplus, efrr, erasmus, kpo, budget."`
		Public  bool     `json:"public"`
		Version int64    `json:"version" minimum:"0" doc:"0: nothing was saved yet."`
	}
}

type partnerIn struct {
	IDIn
	Body struct {
		Name    string `json:"name" maxLength:"200"`
		Country string `json:"country" maxLength:"2" doc:"ISO 3166-1: PL."`
		Share   int64  `json:"share_grosze,omitempty" minimum:"0" maximum:"100000000000"`
	}
}

type partnerIDIn struct {
	IDIn
	Partner uuid.UUID `path:"partner"`
}

type ruleIn struct {
	IDIn
	Body struct {
		From     string    `json:"from" format:"date"`
		Networks int       `json:"networks_least" minimum:"0" maximum:"1000" doc:"In each powiat; 0: no rule."`
		Least    int       `json:"meetings_least" minimum:"0" maximum:"30"`
		Most     int       `json:"meetings_most" minimum:"1" maximum:"60"`
		Last     uuid.UUID `json:"last,omitempty" doc:"Id of the newest rule that was read; missing: there is none."`
	}
}

type ruledOut struct {
	Body kit.List[programme.Ruled]
}

func projects(a *kit.API, s *programme.Service) {
	kit.Register(a, kit.Op{ID: "listProgrammeRules", Method: "GET", Path: "/programme-rules", Perm: programme.SeeRules, Tag: "programmes", Summary: "The rules in force of open programmes, by title."},
		func(ctx context.Context, in *kit.PageIn) (*ruledOut, error) {
			p, err := s.Ruling(ctx, access.From(ctx), in.After, in.Limit)
			if err != nil {
				return nil, err
			}
			return &ruledOut{kit.Page(p.Items, p.Next)}, nil
		})
	kit.Register(a, kit.Op{ID: "getProgrammeProject", Method: "GET", Path: "/programmes/{id}/project", Perm: programme.About, Summary: "Project data of a programme and its rules; of public ones for everybody."},
		func(ctx context.Context, in *IDIn) (*cardOut, error) {
			c, err := s.Card(ctx, access.From(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return &cardOut{*c}, nil
		})
	kit.Register(a, kit.Op{ID: "setProgrammeProject", Method: "PUT", Path: "/programmes/{id}/project", Perm: programme.Edit, Status: 204, Summary: "Save project data of a programme at a version."},
		func(ctx context.Context, in *projectIn) (*kit.None, error) {
			b := &in.Body
			return nil, s.SetProject(ctx, access.From(ctx), in.ID, programme.Project{Value: b.Value, Own: b.Own, Badges: b.Badges, Public: b.Public, Version: b.Version})
		})
	kit.Register(a, kit.Op{ID: "addProgrammePartner", Method: "POST", Path: "/programmes/{id}/partners", Perm: programme.Edit, Status: 204, Summary: "Add a partner of a programme."},
		func(ctx context.Context, in *partnerIn) (*kit.None, error) {
			return nil, s.AddPartner(ctx, access.From(ctx), in.ID, programme.Partner{Name: in.Body.Name, Country: in.Body.Country, Share: in.Body.Share})
		})
	kit.Register(a, kit.Op{ID: "removeProgrammePartner", Method: "DELETE", Path: "/programmes/{id}/partners/{partner}", Perm: programme.Edit, Status: 204, Summary: "Take a partner away."},
		func(ctx context.Context, in *partnerIDIn) (*kit.None, error) {
			return nil, s.RemovePartner(ctx, access.From(ctx), in.ID, in.Partner)
		})
	kit.Register(a, kit.Op{ID: "setProgrammeRule", Method: "POST", Path: "/programmes/{id}/rules", Perm: programme.Edit, Status: 204, Summary: "Set what a programme asks of its networks from a day on."},
		func(ctx context.Context, in *ruleIn) (*kit.None, error) {
			b := &in.Body
			from, err := day("from", b.From)
			if err != nil {
				return nil, err
			}
			return nil, s.SetRule(ctx, access.From(ctx), in.ID, programme.Rule{From: from, Networks: b.Networks, MeetingsLeast: b.Least, MeetingsMost: b.Most}, b.Last)
		})
}
