package app

import (
	"slices"

	"ore.edu.pl/sieci/core/api/consentapi"
	"ore.edu.pl/sieci/core/api/electionapi"
	api "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/consent"
	"ore.edu.pl/sieci/core/election"
	"ore.edu.pl/sieci/core/report"
	"ore.edu.pl/sieci/core/web/consents"
	"ore.edu.pl/sieci/core/web/elections"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/reports"
)

// ending is what people of a network agree to, and what its year and a
// coordinator's time end with.
type ending struct {
	Elections *election.Service
	// Consents are contracts signed and photos allowed.
	Consents *consent.Service
	Reports  *report.Service
}

// wireElections builds the election of coordinators on the urn.
func (a *App) wireElections() {
	a.Elections = election.New(election.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock, Box: a.Ballots,
		Notify: a.Notify, Networks: a.Networks})
	a.Elections.Jobs(a.Jobs)
	a.Consents = consent.New(consent.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock, Contracts: a.Records, Notify: a.Notify})
}

// endingRoutes are the pages of all of them.
func (a *App) endingRoutes() []kit.Route {
	return slices.Concat(elections.Routes(elections.Deps{Elections: a.Elections, Clock: a.Clock}),
		consents.Routes(consents.Deps{Consents: a.Consents}), reports.Routes(reports.Deps{Reports: a.Reports, Clock: a.Clock}))
}

// endingAPI are the operations of elections and consents; documents are read by
// the API of the rooms whose numbers they hold.
func (a *App) endingAPI(x *api.API) {
	electionapi.Register(x, a.Elections)
	consentapi.Register(x, a.Consents)
}
