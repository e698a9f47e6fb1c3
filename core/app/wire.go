package app

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"ore.edu.pl/sieci/core/access"
	api "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/export"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/need"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/oversight"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/record"
	"ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/almanac"
	"ore.edu.pl/sieci/core/schedule/diary"
	"ore.edu.pl/sieci/core/schedule/feed"
	"ore.edu.pl/sieci/core/schedule/poll"
	online "ore.edu.pl/sieci/core/schedule/room"
	"ore.edu.pl/sieci/core/search"
	"ore.edu.pl/sieci/core/task"
	"ore.edu.pl/sieci/core/trail"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/work"
	"ore.edu.pl/sieci/policies"
)

// services are the contexts, built on base.
type services struct {
	Roles    *access.Service
	Notify   *notify.Service
	Identity *identity.Service
	Registry *registry.Service
	// Modules runs the processes of modules; Engine asks them and applies what
	// they decide.
	Modules    *plugin.Host
	Engine     *effect.Engine
	Records    *record.Service
	Programmes *programme.Service
	Networks   *network.Service
	Tasks      *task.Service
	Meetings   *schedule.Service
	// Days knows holidays and breaks; Diary and Feed are people's calendars, Polls
	// find dates, Entrance lets into online rooms.
	Days     *almanac.Service
	Diary    *diary.Service
	Feed     *feed.Service
	Polls    *poll.Service
	Entrance *online.Entrance
	Library  *library.Service
	Search   *search.Index
	talk
	survey
	ending
	// Work runs the jobs of modules.
	Work   *work.Service
	Drafts *draft.Service
	// Trail is the account of changes, sealed.
	Trail *trail.Service
	// Needs are what schools report.
	Needs *need.Service
	// Oversight tells how networks do.
	Oversight *oversight.Service
	// Exports makes copies of networks to take away.
	Exports *export.Service
	// Site and API hold the tables of pages and operations.
	Site *kit.Server
	API  *api.API
	// Handler is web and API.
	Handler http.Handler

	// starts are what runs beside the requests, in the order of starting; each
	// returns how to stop it.
	starts []func(ctx context.Context) (stop func() error, err error)
}

func (a *App) wire(ctx context.Context) error {
	var err error
	a.Roles, err = access.NewService(access.Config{DB: a.DB, Authorizer: a.Access, Audit: a.Audit, Clock: a.Clock, Delegation: policies.Delegation})
	if err != nil {
		return err
	}
	a.wireTrail()
	a.wireNeeds()
	a.wireSearch()
	a.wireNotify()
	providers, err := a.Config.identityProviders()
	if err != nil {
		return err
	}
	a.starts = append(a.starts, a.tellSecondFactor)
	a.Identity = identity.New(identity.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock,
		Notify: a.Notify, Secret: a.Keys.Key("throttle"), Sealing: a.Keys.Key("sealing"), SecondFactor: a.Config.secondFactor(), Base: a.Config.BaseURL, Providers: providers, Jobs: a.Jobs, Search: a.Search,
		References: personReferences(), Movers: personMovers()})
	a.Registry = registry.New(a.DB, a.Access, a.Audit, a.Clock)
	a.Registry.Jobs(a.Jobs)
	if err := a.wireWork(ctx); err != nil {
		return err
	}
	a.Identity.Settlers = []identity.Settler{a.Roles.EndOwnSupport, a.Programmes.EndOwnSupport}
	a.wireDays()
	a.wireMeetings()
	if err := a.wireCalendar(); err != nil {
		return err
	}
	a.wireLibrary()
	a.wireBoard()
	a.wireEvaluation()
	a.wireElections()
	a.wireReports()
	a.wireExports()
	a.wireOversight()
	return a.pages()
}

// tellSecondFactor says at the start of a server when the setting has no effect;
// otherwise nobody would notice.
func (a *App) tellSecondFactor(context.Context) (stop func() error, err error) {
	if len(a.Config.secondFactor()) == 0 && len(a.Config.SecondFactor) > 0 && !slices.Contains(a.Config.SecondFactor, noRoles) {
		a.Log.Warn("nobody is made to set up a second step at signing in: the base address is this machine's own, or development pages are on",
			slog.String("SIECI_BASE_URL", a.Config.BaseURL), slog.String("SIECI_SECOND_FACTOR", strings.Join(a.Config.SecondFactor, ",")))
	}
	return func() error { return nil }, nil
}
