package app

import (
	api "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/api/oversightapi"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/oversight"
	boardpages "ore.edu.pl/sieci/core/web/board"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/modules"
	oversightpages "ore.edu.pl/sieci/core/web/oversight"
	"ore.edu.pl/sieci/core/web/people"
)

// wireOversight builds what tells how networks do, with the library's vocabulary
// of the minister's directions.
func (a *App) wireOversight() {
	var list []oversight.Direction
	for _, t := range library.BuiltIn().Terms(library.Directions) {
		list = append(list, oversight.Direction{Code: t.Code, Polish: t.Polish, English: t.English, Year: t.Note})
	}
	a.Oversight = oversight.New(oversight.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock, Modules: a.Modules, Days: a.Days,
		Directions: list, CursorKey: a.Keys.Key("cursor")})
	a.Oversight.Jobs(a.Jobs, a.JobDB)
}

func (a *App) oversightRoutes() []kit.Route {
	return oversightpages.Routes(oversightpages.Deps{Oversight: a.Oversight})
}

func (a *App) oversightAPI(x *api.API) { oversightapi.Register(x, a.Oversight) }

// board are the parts of administration's start page: what waits too long first.
func (a *App) board() []people.BoardPart {
	return []people.BoardPart{
		oversightpages.Board{Oversight: a.Oversight, At: map[oversight.Duty]string{oversight.DutyAccounts: people.WaitingPath, oversight.DutyAppeals: boardpages.AppealsPath}},
		modules.Board{Modules: a.Modules},
	}
}

// oversightManage are its pages for those who manage.
func oversightManage() []people.ManageLink {
	return []people.ManageLink{
		{Key: "oversight.pace.title", Hint: "oversight.pace.menu_hint", Href: oversightpages.PacePath, Group: people.OfReports},
		{Key: "oversight.spread.title", Hint: "oversight.spread.menu_hint", Href: oversightpages.SpreadPath, Group: people.OfReports},
		{Key: "oversight.year.title", Hint: "oversight.year.menu_hint", Href: oversightpages.YearPath, Group: people.OfReports},
		{Key: "oversight.direction.title", Hint: "oversight.direction.menu_hint", Href: oversightpages.CoveragePath, Group: people.OfReports},
		{Key: "programme.rule.all", Hint: "programme.rule.menu_hint", Href: "/programy/zasady", Group: people.OfReports},
	}
}
