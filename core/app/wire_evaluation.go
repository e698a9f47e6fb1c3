package app

import (
	"ore.edu.pl/sieci/core/api/evaluationapi"
	api "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/evaluation"
	evaluationpages "ore.edu.pl/sieci/core/web/evaluations"
	"ore.edu.pl/sieci/core/web/kit"
)

// survey is what people answer without a name.
type survey struct {
	Ballots     *ballot.Box
	Evaluations *evaluation.Service
}

// wireEvaluation builds the urn and the evaluations that use it.
func (a *App) wireEvaluation() {
	a.Ballots = ballot.New(ballot.Config{DB: a.DB, Key: a.Keys.Key("ballot")})
	a.Evaluations = evaluation.New(evaluation.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock, Tools: a.Modules.Tools(), Engine: a.Engine,
		Notify: a.Notify, Ballots: a.Ballots, CursorKey: a.Keys.Key("cursor")})
	a.Evaluations.Register(a.Engine)
	a.Ballots.Jobs(a.Jobs)
	a.Evaluations.Jobs(a.Jobs)
}

// evaluationRoutes are the pages of evaluations and those under codes.
func (a *App) evaluationRoutes() []kit.Route {
	return evaluationpages.Routes(evaluationpages.Deps{Evaluations: a.Evaluations, Clock: a.Clock})
}

// evaluationAPI are the operations of both.
func (a *App) evaluationAPI(x *api.API) { evaluationapi.Register(x, a.Evaluations) }
