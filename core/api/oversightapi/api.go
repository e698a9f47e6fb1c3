// Package oversightapi is the API of what core/oversight tells.
package oversightapi

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/oversight"
)

// AsOfIn asks for the state of a day; embed it.
type AsOfIn struct {
	Day string `query:"day" format:"date" doc:"The state at the end of this day, not after today; default: now."`
}

// day is the day asked for, zero for none; the format is checked before.
func (in *AsOfIn) day() time.Time {
	t, err := time.Parse(time.DateOnly, in.Day)
	if err != nil {
		return time.Time{}
	}
	return t
}

type paceIn struct {
	kit.PageIn
	Year      int       `query:"school_year" minimum:"2000" maximum:"2100" doc:"The year in which it begins; default the current one."`
	Programme uuid.UUID `query:"programme"`
	Light     string    `query:"light" enum:"green,amber,red"`
	AsOfIn
}

type paceOut struct {
	Body kit.List[oversight.Pace]
}

type askingOut struct {
	Body kit.List[oversight.Asking]
}

type spreadIn struct {
	ID   uuid.UUID `path:"id"`
	Year int       `query:"school_year" minimum:"2000" maximum:"2100" doc:"The year in which it begins; default the current one."`
	AsOfIn
}

type spreadOut struct{ Body oversight.Spread }

type coverIn struct {
	Year int `query:"school_year" minimum:"2000" maximum:"2100"`
	AsOfIn
}

type coverOut struct {
	Body kit.List[oversight.Cover]
}

type directionsOut struct {
	Body kit.List[oversight.Direction]
}

type directionIn struct {
	Body struct {
		Year    int    `json:"school_year" minimum:"2000" maximum:"2100" doc:"The year in which it begins: the last, the running or the next one."`
		Polish  string `json:"pl" maxLength:"300"`
		English string `json:"en,omitempty" maxLength:"300" doc:"Missing: the Polish name is shown."`
	}
}

type directionCreated struct {
	Body struct {
		Code string `json:"code"`
	}
}

type codeIn struct {
	Code string `path:"code" maxLength:"40" pattern:"^[a-z0-9-]+$"`
}

type idIn struct {
	ID uuid.UUID `path:"id"`
}

type taggedOut struct{ Body oversight.Tagged }

type tagIn struct {
	ID   uuid.UUID `path:"id"`
	Body struct {
		Directions []string `json:"directions" maxItems:"5" doc:"Codes of the vocabulary."`
		Seen       []string `json:"seen" maxItems:"50" doc:"The codes that were read; others are 409."`
	}
}

type yearIn struct {
	Year      int       `query:"school_year" minimum:"2000" maximum:"2100" doc:"The year in which it begins; default that of the day."`
	Day       string    `query:"day" format:"date" doc:"Not after today, which is the default."`
	Programme uuid.UUID `query:"programme"`
}

type countIn struct {
	Body struct {
		Year      int       `json:"school_year" minimum:"2000" maximum:"2100" doc:"The year in which it begins."`
		Day       string    `json:"day" format:"date" doc:"Not after today."`
		Programme uuid.UUID `json:"programme,omitempty"`
	}
}

type dashboardOut struct{ Body oversight.Dashboard }

type yearOut struct{ Body oversight.Year }

// Register adds the operations.
func Register(a *kit.API, s *oversight.Service) {
	year := func(n int) int {
		if n == 0 {
			return clock.SchoolYear(s.Now())
		}
		return n
	}
	kit.Register(a, kit.Op{ID: "listNetworkPaces", Method: "GET", Path: "/network-paces", Perm: oversight.PermPace, Tag: "oversight",
		Summary: "Whether networks of a school year meet as often as their rules ask, by title."},
		func(ctx context.Context, in *paceIn) (*paceOut, error) {
			p, err := s.Paces(ctx, access.From(ctx), oversight.PaceQuery{Year: year(in.Year), Programme: in.Programme, Light: oversight.Light(in.Light), Day: in.day()}, in.After, in.Limit)
			if err != nil {
				return nil, err
			}
			return &paceOut{kit.Page(p.Items, p.Next)}, nil
		})
	kit.Register(a, kit.Op{ID: "listProgrammesByPowiat", Method: "GET", Path: "/programme-coverage", Perm: oversight.PermPace, Tag: "oversight",
		Summary: "Programmes that ask for networks in each powiat of their territory, by title."},
		func(ctx context.Context, in *kit.PageIn) (*askingOut, error) {
			p, err := s.Askings(ctx, access.From(ctx), in.After, in.Limit)
			if err != nil {
				return nil, err
			}
			return &askingOut{kit.Page(p.Items, p.Next)}, nil
		})
	kit.Register(a, kit.Op{ID: "getProgrammeCoverage", Method: "GET", Path: "/programme-coverage/{id}", Perm: oversight.PermPace, Tag: "oversight",
		Summary: "How many networks of a programme each powiat of its territory has, how many are missing, and until when they can begin."},
		func(ctx context.Context, in *spreadIn) (*spreadOut, error) {
			x, err := s.Spread(ctx, access.From(ctx), in.ID, year(in.Year), in.day())
			if err != nil {
				return nil, err
			}
			return &spreadOut{*x}, nil
		})
	kit.Register(a, kit.Op{ID: "listDirectionCoverage", Most: kit.Whole, Method: "GET", Path: "/direction-coverage", Perm: oversight.PermPace, Tag: "oversight",
		Summary: "What networks of a school year do about each of the minister's directions of education policy."},
		func(ctx context.Context, in *coverIn) (*coverOut, error) {
			l, err := s.Coverage(ctx, access.From(ctx), year(in.Year), in.day())
			if err != nil {
				return nil, err
			}
			return &coverOut{kit.Page(l, "")}, nil
		})
	kit.Register(a, kit.Op{ID: "listPolicyDirections", Most: kit.Whole, Method: "GET", Path: "/policy-directions", Perm: oversight.PermDirections, Tag: "oversight",
		Summary: "The minister's directions of education policy by school year: those that come with the program and those entered."},
		func(ctx context.Context, _ *kit.None) (*directionsOut, error) {
			l, err := s.Directions(ctx)
			if err != nil {
				return nil, err
			}
			return &directionsOut{kit.Page(l, "")}, nil
		})
	kit.Register(a, kit.Op{ID: "addPolicyDirection", Method: "POST", Path: "/policy-directions", Perm: oversight.PermDirections, Tag: "oversight", Status: 201,
		Summary: "Enter a direction that the minister announced for a school year."},
		func(ctx context.Context, in *directionIn) (*directionCreated, error) {
			code, err := s.AddDirection(ctx, access.From(ctx), oversight.NewDirection{SchoolYear: in.Body.Year, Polish: in.Body.Polish, English: in.Body.English})
			out := &directionCreated{}
			out.Body.Code = code
			return out, err
		})
	kit.Register(a, kit.Op{ID: "removePolicyDirection", Method: "DELETE", Path: "/policy-directions/{code}", Perm: oversight.PermDirections, Tag: "oversight", Status: 204,
		Summary: "Take back a direction that was entered and that no network names or named."},
		func(ctx context.Context, in *codeIn) (*kit.None, error) {
			return nil, s.RemoveDirection(ctx, access.From(ctx), in.Code)
		})
	kit.Register(a, kit.Op{ID: "getNetworkDirections", Method: "GET", Path: "/networks/{id}/directions", Perm: network.PermEdit, Tag: "oversight",
		Summary: "The directions of education policy that a network works on."},
		func(ctx context.Context, in *idIn) (*taggedOut, error) {
			t, err := s.Tagged(ctx, access.From(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return &taggedOut{*t}, nil
		})
	kit.Register(a, kit.Op{ID: "setNetworkDirections", Method: "PUT", Path: "/networks/{id}/directions", Perm: network.PermEdit, Tag: "oversight", Status: 204,
		Summary: "Save the directions of education policy that a network works on."},
		func(ctx context.Context, in *tagIn) (*kit.None, error) {
			return nil, s.Tag(ctx, access.From(ctx), in.ID, in.Body.Directions, in.Body.Seen)
		})
	kit.Register(a, kit.Op{ID: "getDashboard", Method: "GET", Path: "/dashboard", Perm: oversight.PermYear, Tag: "oversight",
		Summary: "The country at a glance: what is overdue, open networks by voivodeship, programmes going on. For those who see all of it."},
		func(ctx context.Context, _ *kit.None) (*dashboardOut, error) {
			d, err := s.Dashboard(ctx, access.From(ctx))
			if err != nil {
				return nil, err
			}
			return &dashboardOut{*d}, nil
		})
	kit.Register(a, kit.Op{ID: "countYearlyReport", Method: "POST", Path: "/yearly-report", Perm: oversight.PermYear, Tag: "oversight", Status: 204,
		Summary: "Have a yearly report of the whole country counted that is too large to be counted at once (kept); getYearlyReport tells how far it is. For those who see all of it."},
		func(ctx context.Context, in *countIn) (*kit.None, error) {
			q := oversight.YearQuery{SchoolYear: in.Body.Year, Programme: in.Body.Programme}
			var err error
			if q.Day, err = day(in.Body.Day); err != nil {
				return nil, err
			}
			return nil, s.CountYear(ctx, access.From(ctx), q)
		})
	kit.Register(a, kit.Op{ID: "cancelYearlyReport", Method: "POST", Path: "/yearly-report/{id}/cancellation", Perm: oversight.PermYear, Tag: "oversight", Status: 204,
		Summary: "Stop the count of a yearly report."},
		func(ctx context.Context, in *idIn) (*kit.None, error) {
			return nil, s.StopCount(ctx, access.From(ctx), in.ID)
		})
	kit.Register(a, kit.Op{ID: "getYearlyReport", Method: "GET", Path: "/yearly-report", Perm: oversight.PermYear, Tag: "oversight",
		Summary: "A school year by powiat and voivodeship as of a day, by the register of that day; one of the whole country that is very large as it was counted last (countYearlyReport)."},
		func(ctx context.Context, in *yearIn) (*yearOut, error) {
			q := oversight.YearQuery{SchoolYear: in.Year, Programme: in.Programme}
			if in.Day != "" {
				var err error
				if q.Day, err = day(in.Day); err != nil {
					return nil, err
				}
			}
			y, err := s.Year(ctx, access.From(ctx), q)
			if err != nil {
				return nil, err
			}
			return &yearOut{*y}, nil
		})
}

func day(raw string) (time.Time, error) {
	d, err := time.Parse(time.DateOnly, raw)
	if err != nil {
		return d, fault.InvalidFields(fault.Field{Path: "day", Key: "oversight.day"})
	}
	return d, nil
}
