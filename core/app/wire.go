package app

import (
	"context"
	"net/http"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/web"
	"ore.edu.pl/sieci/core/web/dev"
	"ore.edu.pl/sieci/core/web/health"
	"ore.edu.pl/sieci/core/web/help"
	"ore.edu.pl/sieci/core/web/home"
	"ore.edu.pl/sieci/core/web/kit"
	registrypages "ore.edu.pl/sieci/core/web/registry"
	"ore.edu.pl/sieci/policies"
)

// services are the contexts, built on base.
type services struct {
	Roles    *access.Service
	Notify   *notify.Service
	Identity *identity.Service
	Registry *registry.Service
	// Handler is web and API.
	Handler http.Handler

	// starts are what runs beside the requests, in the order of starting; each
	// returns how to stop it.
	starts []func(ctx context.Context) (stop func() error, err error)
}

func (a *App) wire(context.Context) error {
	var err error
	a.Roles, err = access.NewService(access.Config{DB: a.DB, Authorizer: a.Access, Audit: a.Audit, Clock: a.Clock, Delegation: policies.Delegation})
	if err != nil {
		return err
	}
	a.Notify = notify.New(notify.Config{DB: a.DB, Access: a.Access, Clock: a.Clock, Jobs: a.Jobs,
		People: identity.Receivers{DB: a.DB}, Sender: a.Sender, BaseURL: a.Config.BaseURL, From: a.Config.MailFrom})
	a.Identity = identity.New(identity.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock,
		Notify: a.Notify, Secret: a.Keys.Key("throttle"), Jobs: a.Jobs})
	a.Registry = registry.New(a.DB, a.Access, a.Audit, a.Clock)
	return a.pages()
}

func (a *App) pages() error {
	site, err := a.site()
	if err != nil {
		return err
	}
	rooms := [][]kit.Route{
		home.Routes(home.Deps{Clock: a.Clock, Log: a.Log}),
		help.Routes(site),
		registrypages.Routes(registrypages.Deps{Registry: a.Registry}),
		health.Routes(&prober{db: a.DB}),
	}
	if a.Config.Dev {
		d := dev.Deps{Clock: a.Clock}
		if a.Mailbox != nil {
			d.Mail = mailbox{a.Mailbox}
		}
		rooms = append(rooms, dev.Routes(d))
	}
	s, err := web.New(kit.Config{BaseURL: a.Config.BaseURL, AllowPlainHTTP: a.Config.AllowInsecure,
		TrustedProxies: a.Config.Proxies(), Authorizer: a.Access, Authenticator: a.Identity,
		Registerer: a.Metrics, Log: a.Log, Development: a.Config.Dev}, rooms...)
	if err != nil {
		return err
	}
	a.Handler = s
	return nil
}
