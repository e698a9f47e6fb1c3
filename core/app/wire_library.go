package app

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/web/kit"
	librarypages "ore.edu.pl/sieci/core/web/library"
)

// wireLibrary builds the library of resources.
func (a *App) wireLibrary() {
	a.Library = library.New(library.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock, Notify: a.Notify, Files: a.Files, Search: a.Search})
	a.Engine.RegisterReader(library.Reader{Key: keyset.Key(a.Keys.Key("cursor"))}, effect.SourceDissemination)
}

// libraryRoutes are the pages of resources and of dissemination plans.
func (a *App) libraryRoutes() []kit.Route {
	return librarypages.Routes(librarypages.Deps{Library: a.Library, Files: a.Files, Clock: a.Clock})
}

// mention tells the library that a text at a place of the kind links resources.
// Rooms get it before the library is there; they use it when somebody writes.
func (a *App) mention(kind string) func(ctx context.Context, tx *db.Tx, by *access.Actor, network, at uuid.UUID, title, text string) error {
	return func(ctx context.Context, tx *db.Tx, by *access.Actor, network, at uuid.UUID, title, text string) error {
		return a.Library.Mention(ctx, tx, by, library.Place{Network: network, Kind: kind, ID: at, Title: title}, text)
	}
}
