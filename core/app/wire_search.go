package app

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"

	api "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/api/searchapi"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/search"
	"ore.edu.pl/sieci/core/search/lemma"
	"ore.edu.pl/sieci/core/web/kit"
	searchpages "ore.edu.pl/sieci/core/web/search"
)

// Dictionary is the name of the file with the base forms of Polish words, beside
// the program or in the data folder.
const Dictionary = "pl.lemma"

// wireSearch builds the index over what the rooms make findable; first of all
// rooms, for they are given it.
func (a *App) wireSearch() {
	a.Search = search.New(a.DB, a.Access, a.dictionary())
	a.Search.Keep(a.Clock)
	a.Search.Register(network.SearchSource(), library.SearchSource(library.BuiltIn()), board.SearchSource(), identity.SearchSource())
	a.Search.Jobs(a.Jobs, a.JobDB)
}

// dictionary opens the first dictionary that is there; nil for none: the search
// then finds whole words and says so.
func (a *App) dictionary() *lemma.Dictionary {
	dirs := []string{a.Config.Data}
	if program, err := os.Executable(); err == nil {
		dirs = append([]string{filepath.Dir(program)}, dirs...)
	}
	for _, dir := range dirs {
		d, err := lemma.Open(filepath.Join(dir, Dictionary))
		switch {
		case err == nil:
			return d
		case !errors.Is(err, os.ErrNotExist):
			a.Log.Warn("dictionary of inflection not read", slog.Any("err", err))
		}
	}
	a.Log.Debug("no dictionary of inflection: the search finds whole words only", slog.String("build", "sieci dev dictionary "+filepath.Join(a.Config.Data, Dictionary)))
	return nil
}

// searchRoutes is the page of the search.
func (a *App) searchRoutes() []kit.Route {
	return searchpages.Routes(searchpages.Deps{Index: a.Search, Networks: a.Networks})
}

func (a *App) searchAPI(x *api.API) { searchapi.Register(x, a.Search) }
