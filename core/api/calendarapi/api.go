// Package calendarapi is the API of calendars: one's meetings with holidays and
// breaks, the address for calendar programs, winter breaks, online rooms, and
// polls for dates.
package calendarapi

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/almanac"
	"ore.edu.pl/sieci/core/schedule/calendar"
	"ore.edu.pl/sieci/core/schedule/diary"
	"ore.edu.pl/sieci/core/schedule/feed"
	"ore.edu.pl/sieci/core/schedule/poll"
	"ore.edu.pl/sieci/core/schedule/room"
)

// Deps are the services behind the operations.
type Deps struct {
	Diary    *diary.Service
	Feed     *feed.Service
	Polls    *poll.Service
	Breaks   *almanac.Service
	Entrance *room.Entrance
}

// IDIn names what the operation is about.
type IDIn struct {
	ID uuid.UUID `path:"id"`
}

// note is a holiday, a break or another reason against a day.
type note struct {
	Kind         string   `json:"kind" enum:"holiday,school_free,winter_break,summer_break,weekend,unannounced"`
	Text         string   `json:"text"`
	From         string   `json:"from" format:"date"`
	To           string   `json:"to" format:"date"`
	Voivodeships []string `json:"voivodeships,omitempty" doc:"TERYT codes that a winter break concerns."`
}

func notes(ctx context.Context, list []calendar.Clash) []note {
	out := make([]note, len(list))
	for i, k := range list {
		out[i] = note{k.Kind.String(), k.Text(ctx), k.Span.From.Format(time.DateOnly), k.Span.To.Format(time.DateOnly), k.Voivodeships}
	}
	return out
}

type calendarIn struct {
	From        string `query:"from" format:"date" required:"true"`
	To          string `query:"to" format:"date" required:"true" doc:"Included; at most 400 days."`
	Network     string `query:"network" maxLength:"36" doc:"Meetings of this network alone."`
	Voivodeship string `query:"voivodeship" maxLength:"2" doc:"TERYT code whose winter breaks are shown; that of one's institution when missing."`
}

type calendarOut struct {
	Body struct {
		Voivodeship string             `json:"voivodeship,omitempty"`
		Meetings    []schedule.Meeting `json:"meetings"`
		Days        []note             `json:"days"`
	}
}

func day(path, s string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, fault.InvalidFields(fault.Field{Path: path, Key: calendar.WrongDate})
	}
	return t, nil
}

func read(d *diary.Service) func(context.Context, *calendarIn) (*calendarOut, error) {
	return func(ctx context.Context, in *calendarIn) (*calendarOut, error) {
		from, err := day("from", in.From)
		if err != nil {
			return nil, err
		}
		to, err := day("to", in.To)
		if err != nil {
			return nil, err
		}
		q := diary.Query{Days: calendar.Span{From: from, To: to}, Voivodeship: in.Voivodeship}
		if in.Network != "" {
			if q.Network, err = uuid.Parse(in.Network); err != nil {
				return nil, fault.ErrNotFound
			}
		}
		v, err := d.Read(ctx, access.From(ctx), q)
		if err != nil {
			return nil, err
		}
		out := &calendarOut{}
		out.Body.Voivodeship, out.Body.Meetings, out.Body.Days = v.Voivodeship, v.Meetings, notes(ctx, v.Notes)
		if out.Body.Meetings == nil {
			out.Body.Meetings = []schedule.Meeting{}
		}
		return out, nil
	}
}

type stateOut struct {
	Body struct {
		Active bool       `json:"active"`
		Since  *time.Time `json:"since,omitempty"`
	}
}

type addressOut struct {
	Body struct {
		Address string `json:"address" doc:"Shown once: only its digest is kept."`
	}
}

type roomOut struct {
	Body struct {
		URL string `json:"url" doc:"For this person, to be opened at once."`
	}
}

// YearIn names a school year.
type YearIn struct {
	Year int `path:"year" minimum:"2000" maximum:"2100"`
}

type breakRow struct {
	Voivodeship string `json:"voivodeship"`
	From        string `json:"from" format:"date"`
	To          string `json:"to" format:"date"`
	Source      string `json:"source"`
	Added       bool   `json:"added" doc:"Entered by an administrator; the others come with the program."`
}

type yearOut struct {
	Body struct {
		Year    int        `json:"year"`
		Breaks  []breakRow `json:"breaks"`
		Missing []string   `json:"missing" doc:"TERYT codes of voivodeships without known dates."`
		Version string     `json:"version"`
	}
}

type breakIn struct {
	Body struct {
		Voivodeships []string `json:"voivodeships" maxItems:"16" doc:"TERYT codes."`
		From         string   `json:"from" format:"date"`
		To           string   `json:"to" format:"date"`
		Source       string   `json:"source" maxLength:"200"`
		Version      string   `json:"version,omitempty" maxLength:"64" doc:"Of the year when it was read; refused when somebody changed it since."`
	}
}

type importIn struct {
	Body struct {
		CSV string `json:"csv" maxLength:"262144" doc:"Header voivodeship,from,to,source."`
	}
}

type importOut struct {
	Body struct {
		Breaks int `json:"breaks"`
	}
}

type removeIn struct {
	YearIn
	Voivodeship string `path:"voivodeship" maxLength:"2"`
}

// Register adds the operations.
func Register(a *kit.API, d Deps) {
	kit.Register(a, kit.Op{ID: "getCalendar", Method: "GET", Path: "/calendar", Perm: diary.PermSelf, Summary: "One's meetings in a stretch of days, with holidays and breaks."}, read(d.Diary))
	kit.Register(a, kit.Op{ID: "getCalendarAddress", Method: "GET", Path: "/calendar/address", Perm: feed.PermSelf, Summary: "Whether one's calendar has an address for calendar programs."},
		func(ctx context.Context, _ *kit.None) (*stateOut, error) {
			s, err := d.Feed.State(ctx, access.From(ctx))
			out := &stateOut{}
			if out.Body.Active = s.Active; s.Active {
				since := s.Since.UTC()
				out.Body.Since = &since
			}
			return out, err
		})
	kit.Register(a, kit.Op{ID: "renewCalendarAddress", Method: "POST", Path: "/calendar/address", Perm: feed.PermSelf, Status: 201, Summary: "Make an address of one's calendar; an earlier one stops working."},
		func(ctx context.Context, _ *kit.None) (*addressOut, error) {
			address, err := d.Feed.Renew(ctx, access.From(ctx))
			out := &addressOut{}
			out.Body.Address = address
			return out, err
		})
	kit.Register(a, kit.Op{ID: "revokeCalendarAddress", Method: "DELETE", Path: "/calendar/address", Perm: feed.PermSelf, Status: 204, Summary: "Revoke the address of one's calendar."},
		func(ctx context.Context, _ *kit.None) (*kit.None, error) {
			return nil, d.Feed.Revoke(ctx, access.From(ctx))
		})
	kit.Register(a, kit.Op{ID: "enterMeetingRoom", Method: "GET", Path: "/meetings/{id}/room", Tag: "calendar", Perm: schedule.PermView, Summary: "A personal address of a meeting's online room, near its time."},
		func(ctx context.Context, in *IDIn) (*roomOut, error) {
			link, err := d.Entrance.Enter(ctx, access.From(ctx), in.ID)
			out := &roomOut{}
			out.Body.URL = link
			return out, err
		})
	breaks(a, d.Breaks)
	polls(a, d.Polls)
}

func breaks(a *kit.API, s *almanac.Service) {
	kit.Register(a, kit.Op{ID: "getSchoolBreaks", Method: "GET", Path: "/school-breaks/{year}", Perm: almanac.PermEdit, Summary: "Winter breaks of a year."},
		func(ctx context.Context, in *YearIn) (*yearOut, error) {
			y, err := s.Year(ctx, access.From(ctx), in.Year)
			if err != nil {
				return nil, err
			}
			out := &yearOut{}
			out.Body.Year, out.Body.Version, out.Body.Missing, out.Body.Breaks = y.Year, y.Version, append([]string{}, y.Missing...), []breakRow{}
			for _, e := range y.Entries {
				out.Body.Breaks = append(out.Body.Breaks, breakRow{e.Voivodeship, e.From.Format(time.DateOnly), e.To.Format(time.DateOnly), e.Source, e.Added})
			}
			return out, nil
		})
	kit.Register(a, kit.Op{ID: "saveSchoolBreak", Method: "PUT", Path: "/school-breaks", Perm: almanac.PermEdit, Status: 204, Summary: "Enter the winter break of some voivodeships."},
		func(ctx context.Context, in *breakIn) (*kit.None, error) {
			from, err := day("from", in.Body.From)
			if err != nil {
				return nil, err
			}
			to, err := day("to", in.Body.To)
			if err != nil {
				return nil, err
			}
			return nil, s.Save(ctx, access.From(ctx), almanac.Turn{Voivodeships: in.Body.Voivodeships, Span: calendar.Span{From: from, To: to}, Source: in.Body.Source}, in.Body.Version)
		})
	kit.Register(a, kit.Op{ID: "importSchoolBreaks", Method: "POST", Path: "/school-breaks/import", Perm: almanac.PermEdit, Summary: "Enter winter breaks from CSV, all or none."},
		func(ctx context.Context, in *importIn) (*importOut, error) {
			n, err := s.Import(ctx, access.From(ctx), strings.NewReader(in.Body.CSV))
			out := &importOut{}
			out.Body.Breaks = n
			return out, err
		})
	kit.Register(a, kit.Op{ID: "removeSchoolBreak", Method: "DELETE", Path: "/school-breaks/{year}/{voivodeship}", Perm: almanac.PermEdit, Status: 204, Summary: "Remove an entered winter break."},
		func(ctx context.Context, in *removeIn) (*kit.None, error) {
			return nil, s.Remove(ctx, access.From(ctx), in.Voivodeship, in.Year)
		})
}
