package app

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/api/accountapi"
	"ore.edu.pl/sieci/core/api/exportapi"
	"ore.edu.pl/sieci/core/api/fileapi"
	api "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/api/libraryapi"
	"ore.edu.pl/sieci/core/api/moduleapi"
	"ore.edu.pl/sieci/core/api/needapi"
	"ore.edu.pl/sieci/core/api/networkapi"
	"ore.edu.pl/sieci/core/api/noticeapi"
	"ore.edu.pl/sieci/core/api/programmeapi"
	"ore.edu.pl/sieci/core/api/registryapi"
	"ore.edu.pl/sieci/core/api/rightsapi"
	"ore.edu.pl/sieci/core/api/scheduleapi"
	"ore.edu.pl/sieci/core/api/taskapi"
	"ore.edu.pl/sieci/core/api/trailapi"
	"ore.edu.pl/sieci/core/api/workapi"
	"ore.edu.pl/sieci/core/conversation"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/view"
	"ore.edu.pl/sieci/core/web"
	"ore.edu.pl/sieci/core/web/account"
	boardpages "ore.edu.pl/sieci/core/web/board"
	calendarpages "ore.edu.pl/sieci/core/web/calendar"
	"ore.edu.pl/sieci/core/web/consents"
	"ore.edu.pl/sieci/core/web/conversations"
	"ore.edu.pl/sieci/core/web/dev"
	"ore.edu.pl/sieci/core/web/elections"
	evaluationpages "ore.edu.pl/sieci/core/web/evaluations"
	"ore.edu.pl/sieci/core/web/exports"
	"ore.edu.pl/sieci/core/web/files"
	"ore.edu.pl/sieci/core/web/health"
	"ore.edu.pl/sieci/core/web/help"
	"ore.edu.pl/sieci/core/web/home"
	"ore.edu.pl/sieci/core/web/kit"
	librarypages "ore.edu.pl/sieci/core/web/library"
	"ore.edu.pl/sieci/core/web/meetings"
	"ore.edu.pl/sieci/core/web/modules"
	"ore.edu.pl/sieci/core/web/needs"
	"ore.edu.pl/sieci/core/web/networks"
	"ore.edu.pl/sieci/core/web/notices"
	"ore.edu.pl/sieci/core/web/people"
	"ore.edu.pl/sieci/core/web/programmes"
	registrypages "ore.edu.pl/sieci/core/web/registry"
	"ore.edu.pl/sieci/core/web/rights"
	"ore.edu.pl/sieci/core/web/tasks"
	"ore.edu.pl/sieci/core/web/trails"
	workpages "ore.edu.pl/sieci/core/web/work"
)

// pages puts the rooms of the web and of the API on one server.
func (a *App) pages() error {
	site, err := a.site()
	if err != nil {
		return err
	}
	asker := a.asker()
	rooms := [][]kit.Route{
		home.Routes(home.Deps{DB: a.DB, Clock: a.Clock, Log: a.Log, Todo: append([]kit.TodoSource{
			networks.Todo{Networks: a.Networks}, tasks.Todo{Tasks: a.Tasks},
			programmes.Todo{Programmes: a.Programmes}, modules.Todo{Modules: a.Modules}, people.Todo{Identity: a.Identity}, account.Offers{Identity: a.Identity},
			librarypages.Todo{Library: a.Library}, meetings.Todo{Meetings: a.Meetings}, calendarpages.Todo{Polls: a.Polls}, evaluationpages.Todo{Evaluations: a.Evaluations}, elections.Todo{Elections: a.Elections}, consents.Todo{Consents: a.Consents},
		}, a.boardTodo()...), Sections: []home.Section{notices.Section{Notify: a.Notify}, networks.Mine{Networks: a.Networks}, account.LastSignIn{Identity: a.Identity}}}),
		help.Routes(site),
		account.Routes(account.Deps{Identity: a.Identity, Registry: a.Registry, Settle: a.settle,
			Links: []account.Link{{Key: "account.offer.title", Path: account.OffersPath}, {Key: "notices.settings.title", Path: notify.SettingsPath}, {Key: "calendar.feed.title", Path: calendarpages.FeedPath},
				{Key: "conversation.page.title", Path: conversation.ListPath}, {Key: "board.page.blogs", Path: boardpages.BlogsPath}, {Key: "consent.own", Path: consents.OwnPath}, {Key: "rights.title", Path: rights.Path}, {Key: "rights.seen.title", Path: rights.SeenPath}}}),
		people.Routes(people.Deps{Identity: a.Identity, Roles: a.Roles, Registry: a.Registry,
			Programmes: programmesForRoles{a}, Networks: networksForRoles{a}, Manage: append([]people.ManageLink{
				{Key: "app.menu.programmes", Hint: "app.menu.programmes_hint", Href: "/programy", Group: people.OfNetworks},
				{Key: "need.board.title", Hint: "need.board.menu_hint", Href: needs.BoardPath, Group: people.OfNetworks},
				{Key: "need.own.title", Hint: "need.own.lead", Href: needs.OwnPath, Group: people.OfNetworks},
				{Key: "app.menu.centres", Hint: "app.menu.centres_hint", Href: registrypages.CentresPath, Group: people.OfNetworks},
				{Key: "registry.browse_title", Hint: "registry.browse_lead", Href: registrypages.PickSchoolPath, Group: people.OfNetworks},
				{Key: "app.menu.registers", Hint: "app.menu.registers_hint", Href: registrypages.ImportsPath, Group: people.OfPlatform},
				{Key: "modules.menu", Hint: "modules.menu_hint", Href: modules.Path, Group: people.OfPlatform},
				{Key: "calendar.menu", Hint: "calendar.menu_hint", Href: calendarpages.BreaksPath, Group: people.OfPlatform},
				{Key: "trail.page.title", Hint: "trail.page.menu_hint", Href: trails.Path, Group: people.OfPlatform},
				{Key: "app.menu.work", Hint: "app.menu.work_hint", Href: workpages.Path, Group: people.OfPlatform},
			}, append(oversightManage(), boardManage()...)...), Board: a.board()}),
		registrypages.Routes(registrypages.Deps{Registry: a.Registry}),
		networks.Routes(networks.Deps{DB: a.DB, Networks: a.Networks, Registry: a.Registry, Drafts: a.Drafts, Clock: a.Clock,
			Names: places{a.Registry}, Links: links{}, Picker: registry.Picker{S: a.Registry}, Talk: conversations.NewPath, Plans: plans{a.Needs},
			Panels: []networks.Panel{meetings.Panel{Meetings: a.Meetings}, calendarpages.Panel{Polls: a.Polls}, boardpages.Panel{Board: a.Board}, librarypages.Panel{Library: a.Library}, evaluationpages.Panel{Evaluations: a.Evaluations}}}),
		a.libraryRoutes(),
		a.searchRoutes(),
		a.boardRoutes(),
		a.evaluationRoutes(),
		a.meetingRoutes(),
		a.calendarRoutes(),
		tasks.Routes(tasks.Deps{Tasks: a.Tasks, Files: a.Files, Drafts: a.Drafts, Clock: a.Clock, Picker: registry.Picker{S: a.Registry}}),
		programmes.Routes(programmes.Deps{Programmes: a.Programmes, Networks: a.Networks, Records: a.Records, Drafts: a.Drafts, Clock: a.Clock,
			Modules: a.Modules, Names: places{a.Registry}, Links: links{}, Picker: registry.Picker{S: a.Registry}}),
		workpages.Routes(workpages.Deps{Work: a.Work, Jobs: a.Jobs}),
		notices.Routes(notices.Deps{Notify: a.Notify, Regions: a.regions}),
		a.endingRoutes(),
		exports.Routes(exports.Deps{Exports: a.Exports}),
		files.Routes(files.Deps{Files: a.Files}),
		trails.Routes(trails.Deps{Trail: a.Trail, BaseURL: a.Config.BaseURL}),
		a.needRoutes(),
		a.oversightRoutes(),
		rights.Routes(rights.Deps{Roles: a.Roles, Asker: asker, Clock: a.Clock}),
		modules.Routes(modules.Deps{Modules: a.Modules, Drafts: a.Drafts}),
		health.Routes(&prober{db: a.DB, modules: a.moduleStates}),
	}
	if a.Config.Dev {
		d := dev.Deps{Clock: a.Clock}
		if a.Mailbox != nil {
			d.Mail = mailbox{a.Mailbox}
		}
		rooms = append(rooms, dev.Routes(d))
	}
	s, err := web.New(kit.Config{DB: a.DB, BaseURL: a.Config.BaseURL, AllowPlainHTTP: a.Config.AllowInsecure,
		TrustedProxies: a.Config.Proxies(), Authorizer: a.Access, Authenticator: a.Identity,
		Registerer: a.Metrics, Log: a.Log, Development: a.Config.Dev, Publisher: site.Publisher,
		NetworkTabs: networkTabs()}, rooms...)
	if err != nil {
		return err
	}
	x := api.New(s, a.Access)
	accountapi.Register(x, accountapi.Deps{Identity: a.Identity, Roles: a.Roles, Settle: a.settle})
	networkapi.Register(x, networkapi.Deps{Networks: a.Networks})
	noticeapi.Register(x, a.Notify)
	fileapi.Register(x, a.Files)
	taskapi.Register(x, a.Tasks)
	scheduleapi.Register(x, a.Meetings)
	a.calendarAPI(x)
	a.boardAPI(x)
	a.evaluationAPI(x)
	a.searchAPI(x)
	libraryapi.Register(x, libraryapi.Deps{Library: a.Library, Files: a.Files})
	programmeapi.Register(x, programmeapi.Deps{Programmes: a.Programmes, Records: a.Records})
	a.endingAPI(x)
	exportapi.Register(x, a.Exports)
	trailapi.Register(x, a.Trail)
	needapi.Register(x, a.Needs)
	a.oversightAPI(x)
	rightsapi.Register(x, rightsapi.Deps{Roles: a.Roles, Asker: asker, Clock: a.Clock})
	workapi.Register(x, a.Work)
	moduleapi.Register(x, a.Modules)
	registryapi.Register(x, registryapi.Deps{Registry: a.Registry})
	a.Site, a.API, a.Handler = s, x, s
	return nil
}

// places tells views of modules what institutions and local governments are called.
type places struct{ r *registry.Service }

var _ view.Names = places{}

// Names implements [view.Names]; the register is public.
func (p places) Names(ctx context.Context, kind string, ids []string) (map[string]view.Name, error) {
	ref := map[string]string{view.TSchool: registry.RefSchool, view.TJST: registry.RefLocalGovernment}[kind]
	found, err := p.r.Labels(ctx, ref, ids)
	out := make(map[string]view.Name, len(found))
	for id, label := range found {
		out[id] = view.Name{Label: label}
	}
	return out, err
}

// links are the routes that views of modules may name.
type links struct{}

var _ view.Links = links{}

// Route implements [view.Links].
func (links) Route(to, id string) (string, bool) {
	base, ok := map[string]string{"network": "/sieci", "siec": "/sieci", "task": "/zadania", "zadanie": "/zadania",
		"programme": "/programy", "program": "/programy", "group": "/grupy", "grupa": "/grupy"}[to]
	if !ok {
		return "", false
	}
	if id == "" {
		return base, true
	}
	_, err := uuid.Parse(id)
	return base + "/" + id, err == nil
}
