// Package needapi is the API of what schools need.
package needapi

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/need"
)

type idIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

type needOut struct{ Body need.Need }

type listOut struct{ Body kit.List[need.Need] }

type reportIn struct {
	Body struct {
		Institution uuid.UUID `json:"institution" format:"uuid"`
		Topic       string    `json:"topic" maxLength:"60" doc:"A code of the vocabulary of topics."`
		SchoolYear  int       `json:"schoolYear,omitempty" minimum:"0" maximum:"2200" doc:"The year it begins; missing: the present one."`
		People      int       `json:"people" minimum:"-1" maximum:"100000" doc:"Teachers who would take part, 1-500."`
		Note        string    `json:"note,omitempty" maxLength:"4000"`
	}
}

type changeIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		People  int    `json:"people" minimum:"-1" maximum:"100000"`
		Note    string `json:"note,omitempty" maxLength:"4000"`
		Version int    `json:"version" minimum:"0" doc:"As read; another one is 409."`
	}
}

type idOut struct {
	Body struct {
		ID uuid.UUID `json:"id" format:"uuid"`
	}
}

type boardIn struct {
	SchoolYear int    `query:"schoolYear" minimum:"0" maximum:"2200"`
	Powiat     string `query:"powiat" maxLength:"4" doc:"TERC code."`
}

type boardOut struct{ Body need.Board }

type clusterIn struct {
	kit.PageIn
	Topic      string `query:"topic" required:"true" maxLength:"60"`
	SchoolYear int    `query:"schoolYear" minimum:"0" maximum:"2200"`
	Powiat     string `query:"powiat" maxLength:"4" doc:"TERC code."`
}

type planIn struct {
	Body struct {
		Centre     uuid.UUID   `json:"centre" format:"uuid"`
		Topic      string      `json:"topic" maxLength:"60"`
		SchoolYear int         `json:"schoolYear,omitempty" minimum:"0" maximum:"2200"`
		Schools    []uuid.UUID `json:"schools" maxItems:"1000"`
	}
}

// Register adds the operations.
func Register(a *kit.API, s *need.Service) {
	kit.Register(a, kit.Op{ID: "listOwnNeeds", Method: "GET", Path: "/needs/own", Perm: need.PermReport, Most: 100, Summary: "List what the schools need for which one speaks."},
		func(ctx context.Context, _ *kit.None) (*listOut, error) {
			list, err := s.Own(ctx, access.From(ctx))
			return &listOut{kit.Page(list, "")}, err
		})
	kit.Register(a, kit.Op{ID: "getNeed", Method: "GET", Path: "/needs/{id}", Perm: need.PermReport, Summary: "Read what a school needs."},
		func(ctx context.Context, in *idIn) (*needOut, error) {
			n, err := s.One(ctx, access.From(ctx), in.ID)
			return &needOut{n}, err
		})
	kit.Register(a, kit.Op{ID: "reportNeed", Method: "POST", Path: "/needs", Perm: need.PermReport, Status: 201, Summary: "Report what a school needs, once for a topic and a school year."},
		func(ctx context.Context, in *reportIn) (*idOut, error) {
			id, err := s.Report(ctx, access.From(ctx), need.Input{Institution: in.Body.Institution, Topic: in.Body.Topic, SchoolYear: in.Body.SchoolYear,
				People: in.Body.People, Note: in.Body.Note})
			out := &idOut{}
			out.Body.ID = id
			return out, err
		})
	kit.Register(a, kit.Op{ID: "changeNeed", Method: "PUT", Path: "/needs/{id}", Perm: need.PermReport, Status: 204, Summary: "Change a need that no network meets yet."},
		func(ctx context.Context, in *changeIn) (*kit.None, error) {
			return nil, s.Change(ctx, access.From(ctx), in.ID, need.Input{People: in.Body.People, Note: in.Body.Note, Version: in.Body.Version})
		})
	kit.Register(a, kit.Op{ID: "withdrawNeed", Method: "DELETE", Path: "/needs/{id}", Perm: need.PermReport, Status: 204, Summary: "Take a need back that no network meets yet."},
		func(ctx context.Context, in *idIn) (*kit.None, error) {
			return nil, s.Withdraw(ctx, access.From(ctx), in.ID)
		})
	kit.Register(a, kit.Op{ID: "getNeedBoard", Method: "GET", Path: "/needs/board", Perm: need.PermBoard, Summary: "What one's territory needs in a school year, by topic and by powiat."},
		func(ctx context.Context, in *boardIn) (*boardOut, error) {
			b, err := s.Board(ctx, access.From(ctx), in.SchoolYear, in.Powiat)
			return &boardOut{b}, err
		})
	kit.Register(a, kit.Op{ID: "listNeeds", Method: "GET", Path: "/needs", Perm: need.PermList, Summary: "List the schools of one's territory with a need, unmet ones first."},
		func(ctx context.Context, in *clusterIn) (*listOut, error) {
			list, next, err := s.Cluster(ctx, access.From(ctx), in.Topic, in.SchoolYear, in.Powiat, in.After, in.Limit)
			return &listOut{kit.Page(list, next)}, err
		})
	kit.Register(a, kit.Op{ID: "planNetworkFromNeeds", Method: "POST", Path: "/needs/plans", Perm: need.PermList, Status: 201,
		Summary: "Choose the schools of a network to be founded; give the id as origin when founding it."},
		func(ctx context.Context, in *planIn) (*idOut, error) {
			id, err := s.Begin(ctx, access.From(ctx), in.Body.Centre, in.Body.Topic, in.Body.SchoolYear, in.Body.Schools)
			out := &idOut{}
			out.Body.ID = id
			return out, err
		})
}
