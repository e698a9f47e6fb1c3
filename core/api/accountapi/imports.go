package accountapi

import (
	"bytes"
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
)

type importIn struct {
	File    string `query:"file" maxLength:"200" doc:"The file's name, for people."`
	RawBody []byte `contentType:"text/csv"`
}

type importRowsIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
	kit.AfterIn
	Outcome string `query:"outcome" enum:"new,changed,known,rejected,kept,removed" default:"rejected"`
}

type confirmIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Mail bool `json:"mail,omitempty" doc:"Send every new person a letter with a single-use link."`
	}
}

func registerImports(a *kit.API, s *identity.Service) {
	kit.Register(a, kit.Op{ID: "importPeople", Fresh: true, Method: "POST", Path: "/people/imports", Perm: identity.PermImport, Upload: true, Status: 201,
		Summary: "Hand in a list of people of one's reach.",
		Description: "The body is a CSV (UTF-8, UTF-16, Windows-1250) or XLSX file, at most 25 MiB and 20,000 people. It is read and judged in the background; " +
			"nothing is written before confirmPeopleImport. Ask getPeopleImport until the state is ready (or failed)."},
		func(ctx context.Context, in *importIn) (*bodyOut[identity.PeopleImport], error) {
			id, err := s.BeginPeople(ctx, access.From(ctx), in.File, bytes.NewReader(in.RawBody))
			if err != nil {
				return nil, err
			}
			return readImport(ctx, s, id)
		})
	kit.Register(a, kit.Op{ID: "listPeopleImports", Method: "GET", Path: "/people/imports", Perm: identity.PermImport, Summary: "List the lists one handed in, newest first; on the platform everybody's."},
		func(ctx context.Context, in *kit.AfterIn) (*listOut[identity.PeopleImport], error) {
			var before uuid.UUID
			if in.After != "" {
				var err error
				if before, err = uuid.Parse(in.After); err != nil {
					return nil, fault.InvalidFields(fault.Field{Path: "after", Key: "identity.bad_cursor"})
				}
			}
			items, more, err := s.PeopleImports(ctx, access.From(ctx), before)
			next := ""
			if more {
				next = items[len(items)-1].ID.String()
			}
			for i := range items {
				items[i].Localize(ctx)
			}
			return &listOut[identity.PeopleImport]{kit.Page(items, next)}, err
		})
	kit.Register(a, kit.Op{ID: "getPeopleImport", Method: "GET", Path: "/people/imports/{id}", Perm: identity.PermImport, Summary: "Read how far a list is, and what it makes."},
		func(ctx context.Context, in *idIn) (*bodyOut[identity.PeopleImport], error) {
			return readImport(ctx, s, in.ID)
		})
	kit.Register(a, kit.Op{ID: "listPeopleImportRows", Method: "GET", Path: "/people/imports/{id}/rows", Perm: identity.PermImport,
		Summary: "List the rows of a list with one outcome and the reasons, 50 a page, for a week."},
		func(ctx context.Context, in *importRowsIn) (*listOut[identity.ImportRow], error) {
			i, err := s.PeopleImport(ctx, access.From(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			items, next, err := s.PeopleImportRows(ctx, access.From(ctx), &i, identity.Outcome(in.Outcome), in.After, false)
			return &listOut[identity.ImportRow]{kit.Page(items, next)}, err
		})
	kit.Register(a, kit.Op{ID: "confirmPeopleImport", Fresh: true, Method: "POST", Path: "/people/imports/{id}/confirmation", Perm: identity.PermImport,
		Summary: "Write what the list's preview showed, in the background, all or nothing."},
		func(ctx context.Context, in *confirmIn) (*bodyOut[identity.PeopleImport], error) {
			if err := s.ConfirmPeople(ctx, access.From(ctx), in.ID, in.Body.Mail); err != nil {
				return nil, err
			}
			return readImport(ctx, s, in.ID)
		})
	for _, step := range []struct {
		id, path, summary string
		fresh             bool
		do                func(context.Context, *access.Actor, uuid.UUID) error
	}{
		{"cancelPeopleImport", "cancellation", "Stop the reading of a list, or throw a preview away.", false, s.CancelPeople},
		{"mailPeopleImport", "letters", "Send the new people of a written list their letters, once.", true, s.MailPeople},
		{"undoPeopleImport", "undo", "Take a list back within 24 hours: accounts that nobody used go, the others stay and say why.", true, s.UndoPeople},
	} {
		kit.Register(a, kit.Op{ID: step.id, Fresh: step.fresh, Method: "POST", Path: "/people/imports/{id}/" + step.path, Perm: identity.PermImport, Summary: step.summary},
			func(ctx context.Context, in *idIn) (*bodyOut[identity.PeopleImport], error) {
				if err := step.do(ctx, access.From(ctx), in.ID); err != nil {
					return nil, err
				}
				return readImport(ctx, s, in.ID)
			})
	}
}

func readImport(ctx context.Context, s *identity.Service, id uuid.UUID) (*bodyOut[identity.PeopleImport], error) {
	i, err := s.PeopleImport(ctx, access.From(ctx), id)
	i.Localize(ctx)
	return &bodyOut[identity.PeopleImport]{i}, err
}
