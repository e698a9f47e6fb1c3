package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/effect/tell"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/plugin/sandbox"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/record"
	"ore.edu.pl/sieci/core/register"
	"ore.edu.pl/sieci/core/task"
	"ore.edu.pl/sieci/core/web/health"
	"ore.edu.pl/sieci/core/web/modules"
	"ore.edu.pl/sieci/core/work"
)

// wireWork builds what modules decide about: the host of their processes, the
// engine of decisions, and the contexts whose effects it applies.
func (a *App) wireWork(ctx context.Context) error {
	key := keyset.Key(a.Keys.Key("cursor"))
	development, err := developmentKey(a.Config)
	if err != nil {
		return err
	}
	a.Modules = plugin.New(plugin.Config{DB: a.JobDB, Audit: a.Audit, Access: a.Access, Clock: a.Clock, Log: a.Log, Development: development,
		Bundles: a.Config.Plugins, Tier: sandbox.Tier(a.Config.PluginTier), Runtimes: a.Config.PluginRuntimes, Tell: a.tellTrouble,
		Stored: func(ctx context.Context, q db.Q, d *effect.Description) (string, error) {
			losses, err := a.Records.Carry(ctx, q, d)
			return losses.String(), err
		},
		Declare: []func(context.Context, *db.Tx, *effect.Description) error{a.declare}})
	if err := a.Modules.Load(ctx); err != nil {
		return err
	}
	a.starts = append(a.starts, func(ctx context.Context) (func() error, error) {
		return a.Modules.Stop, a.Modules.Start(ctx)
	})
	a.Engine = effect.New(effect.Config{DB: a.DB, Clock: a.Clock, Audit: a.Audit, Access: a.Access, Modules: a.Modules})
	a.Records = record.New(record.Config{DB: a.DB, Clock: a.Clock, Audit: a.Audit, Access: a.Access, Scopes: a.Engine, CursorKey: key})
	a.Programmes = programme.New(programme.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock,
		Modules: a.Modules, Engine: a.Engine, Notify: a.Notify, CursorKey: key})
	a.Networks = network.New(network.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock, Origins: a.Needs,
		Modules: a.Modules, Engine: a.Engine, Notify: a.Notify, Accounts: a.Identity, CursorKey: key, Search: a.Search})
	a.Tasks = task.New(task.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock,
		Modules: a.Modules, Engine: a.Engine, Notify: a.Notify, Files: a.Files, CursorKey: key})
	a.Work = work.New(work.Config{DB: a.JobDB, Access: a.Access, Audit: a.Audit, Clock: a.Clock,
		Modules: a.Modules, Engine: a.Engine, Jobs: a.Jobs})
	a.Drafts = draft.New(a.DB)
	a.register()
	return nil
}

// tellTrouble tells those who run the platform what became of a plugin.
func (a *App) tellTrouble(ctx context.Context, tx *db.Tx, t plugin.Trouble) error {
	to, err := access.HoldersOf(ctx, tx, access.OREAdmin, access.Platform, uuid.Nil, a.Clock.Now(), 50)
	if err != nil {
		return err
	}
	key := "modules.notice.quarantine"
	if t.Previous != "" {
		key = "modules.notice.rollback"
	}
	return a.Notify.Send(ctx, tx, notify.Message{To: to, Key: key, Mail: true, Link: modules.Path + "/" + t.Module,
		Args: map[string]any{"Name": t.Title["pl"], "Version": t.Version, "Previous": t.Previous}})
}

// declare runs in the transaction in which a module is enabled.
func (a *App) declare(ctx context.Context, tx *db.Tx, d *effect.Description) error {
	for _, f := range []func(context.Context, *db.Tx, *effect.Description) error{a.Records.Declare, a.Tasks.Declare, a.Work.Declare} {
		if err := f(ctx, tx, d); err != nil {
			return err
		}
	}
	return nil
}

// register joins the contexts to the engine and to the jobs. Groups and
// programmes share some effects and the slice of members with networks:
// core/programme takes those and passes on what is a network's.
func (a *App) register() {
	records, programmes := a.Records.Applier(), a.Programmes.Applier(a.Networks.Applier())
	tasks, jobs := a.Tasks.Applier(), a.Work.Applier()
	messages := tell.New(a.Notify, scopePath)
	a.Engine.RegisterApplier(records, records.Kinds()...)
	a.Engine.RegisterApplier(programmes, programmes.Kinds()...)
	a.Engine.RegisterApplier(programmes, programmes.SharedKinds()...)
	a.Engine.RegisterApplier(tasks, tasks.Kinds()...)
	a.Engine.RegisterApplier(jobs, jobs.Kinds()...)
	a.Engine.RegisterApplier(messages, messages.Kinds()...)
	a.Engine.RegisterReader(a.Records.Reader(), effect.SourceRecord)
	a.Engine.RegisterReader(a.Tasks.Reader(), effect.SourceTask)
	a.Engine.RegisterReader(register.Reader{Registry: a.Registry, Key: keyset.Key(a.Keys.Key("cursor"))}, effect.SourceRegister)
	a.Engine.RegisterReader(a.Programmes.GroupReader(), effect.SourceGroup)
	a.Engine.RegisterReader(a.Programmes.IndicatorReader(), effect.SourceIndicator)
	a.Engine.RegisterReader(a.Programmes.MemberReader(a.Networks.MemberReader()), effect.SourceMember)
	a.Engine.RegisterScopes(a.Programmes.Scopes(), effect.Programme, effect.Group)
	a.Networks.Register(a.Engine)
	a.Engine.RegisterReferences(references{a})
	a.Identity.Lead(a.Networks)

	a.Engine.Watch(a.Work)
	a.Engine.Jobs(a.Jobs)
	a.Networks.Jobs(a.Jobs)
	a.Drafts.Jobs(a.Jobs)
	job.Add(a.Jobs, job.Options{Title: "idem.job.sweep", Every: time.Hour}, func(ctx context.Context, _ *job.Job[idemSweep]) error {
		_, err := idem.Sweep(ctx, a.JobDB)
		return err
	})
}

// idemSweep forgets old idempotency keys.
type idemSweep struct{}

// Kind implements [job.Args].
func (idemSweep) Kind() string { return "idem.sweep" }

// settle brings a person with a new account into the network that invited them
// and returns its page, or the page where something is left to answer.
func (a *App) settle(ctx context.Context, person uuid.UUID) (string, error) {
	id, err := a.Networks.Settle(ctx, person, false)
	if err != nil {
		return "", err
	}
	if id == uuid.Nil {
		if id, err = a.Networks.LeadOffered(ctx, person); err != nil || id == uuid.Nil {
			return "", err
		}
		return "/sieci/" + id.String() + "/koordynator", nil
	}
	return "/sieci/" + id.String() + "/zaproszenie", nil
}

// scopePath is the page of a scope, for links in messages.
func scopePath(s effect.ScopeState, view string) string {
	var at string
	switch s.Scope.Kind {
	case effect.Network:
		at = "/sieci/"
	case effect.Programme:
		at = "/programy/"
	case effect.Group:
		at = "/grupy/"
	default:
		return ""
	}
	if s.Scope.ID == uuid.Nil {
		return ""
	}
	at += s.Scope.ID.String()
	if view != "" && s.Scope.Kind == effect.Network {
		at += "/plan/" + view
	}
	return at
}

// moduleStates is how this node's processes run, for /readyz.
func (a *App) moduleStates(context.Context) []health.Module {
	local := a.Modules.Local()
	out := make([]health.Module, 0, len(local))
	for id, s := range local {
		m := health.Module{ID: id, State: string(s.State)}
		if found, err := a.Modules.ByID(id); err == nil {
			m.Version = found.Info().Version
		}
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b health.Module) int { return strings.Compare(a.ID, b.ID) })
	return out
}
