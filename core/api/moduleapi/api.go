// Package moduleapi is the API of the administration of plugins.
package moduleapi

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/plugin"
)

type module struct {
	ID        string            `json:"id"`
	Title     map[string]string `json:"title"`
	Enabled   bool              `json:"enabled"`
	Version   string            `json:"version,omitempty" doc:"The version that is to run; missing when the plugin was never enabled."`
	Owner     *uuid.UUID        `json:"owner,omitempty" doc:"The centre whose keys sign it; missing for ORE."`
	Places    *places           `json:"places"`
	Available []available       `json:"available" doc:"Versions that were handed in or lie on the server that answers, newest last."`
	Nodes     []node            `json:"nodes"`
}

type available struct {
	Version  string     `json:"version"`
	Manifest string     `json:"manifest_sha256" doc:"To be sent with enableModule, so that what is enabled is what was read."`
	Bundle   *uuid.UUID `json:"bundle,omitempty" doc:"What was handed in; missing for a version delivered with the platform."`
	Current  bool       `json:"current,omitempty"`
	Failed   bool       `json:"failed,omitempty" doc:"Its dry run failed."`
}

// places says where networks of a plugin's types may be founded.
type places struct {
	Everywhere bool        `json:"everywhere"`
	Centres    []uuid.UUID `json:"centres,omitempty" maxItems:"200" doc:"Ids of centres, when not everywhere."`
}

func (p *places) where() *plugin.Where {
	if p == nil {
		return nil
	}
	return &plugin.Where{Everywhere: p.Everywhere, Centres: p.Centres}
}

type node struct {
	Name    string    `json:"name"`
	Version string    `json:"version"`
	State   string    `json:"state"`
	Cause   string    `json:"cause,omitempty" doc:"Kind of the reason."`
	Reason  string    `json:"reason,omitempty" doc:"Why it is not ready, in technical words."`
	Starts  int       `json:"starts"`
	Since   time.Time `json:"since"`
	Memory  int64     `json:"memory,omitempty" doc:"Bytes that the process takes."`
	Calls   int64     `json:"calls" doc:"Calls answered since the server came up."`
	Median  float64   `json:"median_ms" doc:"Of the last few hundred calls, half ended within these milliseconds."`
	Slowest float64   `json:"slowest_ms" doc:"And nineteen of twenty within these."`
	Sandbox *held     `json:"sandbox,omitempty" doc:"What holds the process in; missing while there is none."`
	Failure *failure  `json:"failure,omitempty" doc:"The last call that failed by the plugin's own fault."`
	Next    *nextNode `json:"next,omitempty" doc:"A version that comes up beside this one, to take its place."`
}

type nextNode struct {
	Version string `json:"version"`
	State   string `json:"state"`
	Cause   string `json:"cause,omitempty" doc:"Kind of the reason."`
	Reason  string `json:"reason,omitempty" doc:"Why it is not up, in technical words."`
}

type held struct {
	Tier        string   `json:"tier" enum:"none,basic,full" doc:"The highest tier of which all layers are in force."`
	Layers      []string `json:"layers" doc:"Layers seen in force: seccomp, privileges, limits, memory, user, user_namespace, network, processes, files, landlock. One more, python3, holds nothing in: the interpreter of the server runs the plugin."`
	LandlockABI int      `json:"landlockABI,omitempty" doc:"Version of Landlock in force."`
}

type failure struct {
	Cause string    `json:"cause" doc:"code: an error or a panic of its code; answer: it broke the contract; late; died."`
	Call  string    `json:"call"`
	Text  string    `json:"text"`
	At    time.Time `json:"at"`
}

func nodeOf(n *plugin.NodeStatus) node {
	out := node{Name: n.Node, Version: n.Version, State: n.State, Cause: n.Cause, Reason: n.Reason, Starts: n.Starts, Since: n.Since.UTC(), Memory: n.Memory,
		Calls: n.Calls, Median: float64(n.Median.Microseconds()) / 1000, Slowest: float64(n.Slowest.Microseconds()) / 1000}
	if n.Tier != "" {
		out.Sandbox = &held{string(n.Tier), n.Layers, n.Landlock}
	}
	if x := n.Next; x != nil {
		out.Next = &nextNode{x.Version, x.State, x.Cause, x.Reason}
	}
	if f := n.Failure; f != nil {
		out.Failure = &failure{string(f.Cause), f.Call, f.Text, f.At.UTC()}
	}
	return out
}

type listOut struct{ Body kit.List[module] }

// IDIn names what the operation is about.
type IDIn struct {
	ID string `path:"id" maxLength:"100" doc:"For example ore.thematic."`
}

type enableIn struct {
	IDIn
	Body struct {
		Version  string   `json:"version" maxLength:"50"`
		Withheld []string `json:"withheld,omitempty" maxItems:"100" doc:"Names of capabilities not to be granted; the manifest must call them optional. Missing: optional ones stay as they stand, at first all are granted."`
		Manifest string   `json:"manifest_sha256,omitempty" maxLength:"64" doc:"Of the version that was read; another one that took its place is 409."`
		Places   *places  `json:"places,omitempty" doc:"Missing: as it stands, at first everywhere."`
	}
}

type configBody struct {
	Form         json.RawMessage `json:"form" doc:"The form of the version that is to run."`
	FormRevision int             `json:"form_revision"`
	Answers      json.RawMessage `json:"answers,omitempty" doc:"What reaches the plugin; missing while nothing that fits is set."`
	Version      int64           `json:"version" doc:"Counts savings; to be sent with configureModule."`
	Lost         []string        `json:"lost,omitempty" doc:"Questions of an earlier revision whose answers found no place."`
	ChangedAt    *time.Time      `json:"changed_at,omitempty"`
}

type configOut struct{ Body configBody }

type configIn struct {
	IDIn
	Body struct {
		Answers      json.RawMessage `json:"answers"`
		FormRevision int             `json:"form_revision" minimum:"1"`
		Version      int64           `json:"version" minimum:"0" doc:"Of the answers that were read, 0 for none; another one is 409."`
	}
}

type logIn struct {
	IDIn
	Before int64 `query:"after" minimum:"0" doc:"The next of the page before: the lines before that one."`
}

type logLine struct {
	ID      int64     `json:"id"`
	At      time.Time `json:"at"`
	Node    string    `json:"node"`
	Version string    `json:"version"`
	Line    string    `json:"line"`
}

type logOut struct{ Body kit.List[logLine] }

type placesIn struct {
	IDIn
	Body places
}

// some is nil for no id.
func some(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

// Register adds the operations.
func Register(a *kit.API, h *plugin.Host) {
	kit.Register(a, kit.Op{ID: "listModules", Most: kit.Whole, Method: "GET", Path: "/modules", Perm: plugin.PermList, Summary: "List plugins and how they run."},
		func(ctx context.Context, _ *kit.None) (*listOut, error) {
			list, _, err := h.List(ctx)
			if err != nil {
				return nil, err
			}
			out := make([]module, len(list))
			for i, e := range list {
				out[i] = module{ID: e.ID, Title: e.Title, Enabled: e.Enabled, Version: e.Version, Owner: some(e.Owner), Available: []available{}, Nodes: []node{}}
				out[i].Places = &places{Everywhere: e.Everywhere}
				for _, p := range e.Places {
					out[i].Places.Centres = append(out[i].Places.Centres, p.ID)
				}
				for _, v := range e.Available {
					out[i].Available = append(out[i].Available, available{v.Version, v.Manifest, some(v.Bundle), v.Current, v.Failed})
				}
				for _, n := range e.Nodes {
					out[i].Nodes = append(out[i].Nodes, nodeOf(&n))
				}
			}
			return &listOut{kit.Page(out, "")}, nil
		})
	kit.Register(a, kit.Op{ID: "enableModule", Fresh: true, Method: "POST", Path: "/modules/{id}/enable", Perm: plugin.PermEnable, Status: 204,
		Summary: "Switch a version of a plugin on, for all servers."},
		func(ctx context.Context, in *enableIn) (*kit.None, error) {
			return nil, h.EnableOn(ctx, in.ID, in.Body.Version, plugin.Terms{Withheld: in.Body.Withheld, Manifest: in.Body.Manifest, Where: in.Body.Places.where()})
		})
	kit.Register(a, kit.Op{ID: "getModuleConfiguration", Method: "GET", Path: "/modules/{id}/configuration", Perm: plugin.PermList,
		Summary: "Read what was set for a plugin by its own form; 404 when it asks nothing."},
		func(ctx context.Context, in *IDIn) (*configOut, error) {
			c, err := h.Configuration(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			out := &configOut{Body: configBody{Form: c.Form.JSON, FormRevision: c.Form.Revision, Answers: c.Answers.JSON, Version: c.Version, Lost: c.Lost}}
			if c.Version > 0 {
				at := c.ChangedAt.UTC()
				out.Body.ChangedAt = &at
			}
			return out, nil
		})
	kit.Register(a, kit.Op{ID: "configureModule", Fresh: true, Method: "PUT", Path: "/modules/{id}/configuration", Perm: plugin.PermEnable, Status: 204,
		Summary: "Save answers to a plugin's form; all servers hand them to it within seconds."},
		func(ctx context.Context, in *configIn) (*kit.None, error) {
			return nil, h.Configure(ctx, in.ID, effect.Document{JSON: in.Body.Answers, Revision: in.Body.FormRevision}, in.Body.Version)
		})
	kit.Register(a, kit.Op{ID: "listModuleLog", Most: 100, Method: "GET", Path: "/modules/{id}/log", Perm: plugin.PermList,
		Summary: "Read what a plugin's processes wrote lately, newest first; personal data are covered."},
		func(ctx context.Context, in *logIn) (*logOut, error) {
			lines, next, err := h.Log(ctx, in.ID, in.Before)
			if err != nil {
				return nil, err
			}
			out := make([]logLine, len(lines))
			for i, x := range lines {
				out[i] = logLine{x.ID, x.At.UTC(), x.Node, x.Version, x.Line}
			}
			after := ""
			if next != 0 {
				after = strconv.FormatInt(next, 10)
			}
			return &logOut{kit.Page(out, after)}, nil
		})
	kit.Register(a, kit.Op{ID: "setModulePlaces", Fresh: true, Method: "PUT", Path: "/modules/{id}/places", Perm: plugin.PermEnable, Status: 204,
		Summary: "Say at which centres networks of a plugin's types may be founded; networks that stand go on."},
		func(ctx context.Context, in *placesIn) (*kit.None, error) {
			return nil, h.SetWhere(ctx, in.ID, *in.Body.where())
		})
	kit.Register(a, kit.Op{ID: "retryModule", Fresh: true, Method: "POST", Path: "/modules/{id}/retry", Perm: plugin.PermEnable, Status: 204,
		Summary: "Take a plugin out of quarantine, on all servers; 404 when it is in none."},
		func(ctx context.Context, in *IDIn) (*kit.None, error) { return nil, h.Retry(ctx, in.ID) })
	kit.Register(a, kit.Op{ID: "disableModule", Method: "POST", Path: "/modules/{id}/disable", Perm: plugin.PermEnable, Status: 204,
		Summary: "Switch a plugin off; its networks become read-only and nothing is deleted."},
		func(ctx context.Context, in *IDIn) (*kit.None, error) { return nil, h.Disable(ctx, in.ID) })
	registerBundles(a, h)
	registerKeys(a, h)
}
