package app

import (
	"ore.edu.pl/sieci/core/api/electionapi"
	api "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/election"
	"ore.edu.pl/sieci/core/report"
	"ore.edu.pl/sieci/core/web/elections"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/reports"
)

// ending is what a network's year, and a coordinator's time, ends with.
type ending struct {
	Elections *election.Service
	Reports   *report.Service
}

// wireElections builds the election of coordinators on the urn.
func (a *App) wireElections() {
	a.Elections = election.New(election.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock, Box: a.Ballots,
		Notify: a.Notify, Networks: a.Networks})
	a.Elections.Jobs(a.Jobs)
}

// endingRoutes are the pages of both.
func (a *App) endingRoutes() []kit.Route {
	return append(elections.Routes(elections.Deps{Elections: a.Elections, Clock: a.Clock}),
		reports.Routes(reports.Deps{Reports: a.Reports, Clock: a.Clock})...)
}

// endingAPI are the operations of elections; documents are read by the API of
// the rooms whose numbers they hold.
func (a *App) endingAPI(x *api.API) { electionapi.Register(x, a.Elections) }
