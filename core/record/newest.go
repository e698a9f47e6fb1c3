package record

import (
	"context"

	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
)

// Newest is the open record of a kind that was made last in a scope, without
// earlier versions; NotFound when there is none. It authorises nothing: the room
// that shows it has.
func (s *Service) Newest(ctx context.Context, q db.Q, scope effect.Scope, kind string) (*Record, error) {
	r, err := newest(ctx, q, scope, kind)
	if err != nil {
		return nil, err
	}
	k, err := s.kind(ctx, q, r.Module, r.Kind)
	if err != nil {
		return nil, err
	}
	f, err := s.form(ctx, q, r.Module, r.Kind, r.FormRev)
	if err != nil {
		return nil, err
	}
	out := &Record{ID: r.ID, Module: r.Module, Kind: r.Kind, Title: k.Title.In(string(i18n.FromContext(ctx))), Scope: r.scope(),
		Person: r.Person.UUID, Data: r.Data, FormRev: r.FormRev, Form: f, CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt, Version: r.Version}
	out.Answers, _ = form.DecodeAnswers(f, r.Data)
	return out, nil
}
