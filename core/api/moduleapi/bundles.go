package moduleapi

import (
	"bytes"
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/plugin/bundle"
)

type report struct {
	ID       uuid.UUID `json:"id"`
	Module   string    `json:"module"`
	Version  string    `json:"version"`
	Key      string    `json:"key,omitempty" doc:"Number of the key that signed it; missing for this server's development key."`
	Running  string    `json:"running,omitempty" doc:"The version that was enabled last."`
	Enabled  bool      `json:"enabled"`
	Refused  string    `json:"refused,omitempty" doc:"Why it cannot be enabled, for people; missing when it can."`
	Cause    string    `json:"cause,omitempty" doc:"Kind of why the dry run failed."`
	Problem  string    `json:"problem,omitempty" doc:"Why the dry run failed, in technical words."`
	Rights   []right   `json:"rights" doc:"What it asks for beside what the running version has."`
	Size     int64     `json:"size" doc:"Bytes of its files."`
	AddedAt  time.Time `json:"addedAt"`
	Platform []string  `json:"platforms" doc:"For example linux/amd64."`
	Runtime  string    `json:"runtime,omitempty" doc:"The interpreter that runs it (python3), which the setting SIECI_PLUGIN_RUNTIMES must permit; missing for a program of its own."`
}

type right struct {
	Name   string            `json:"name"`
	Scopes []string          `json:"scopes"`
	Reason map[string]string `json:"reason"`
	Change string            `json:"change" enum:"added,altered,gone,same"`
}

type reportOut struct{ Body report }

type bundleIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

type uploadIn struct {
	RawBody []byte `contentType:"application/octet-stream"`
}

func registerBundles(a *kit.API, h *plugin.Host) {
	kit.Register(a, kit.Op{ID: "addModuleBundle", Fresh: true, Method: "POST", Path: "/module-bundles", Tag: "modules", Perm: plugin.PermAdd, Status: 201,
		Upload: true, UploadMost: bundle.MaxFile + 1<<20,
		Summary:     "Hand in a bundle file: it is verified, kept and run dry.",
		Description: "The body is the file itself, at most 100 MiB. A dry run that fails is part of the report. Nothing acts before enableModule."},
		func(ctx context.Context, in *uploadIn) (*reportOut, error) {
			id, err := h.AddBundle(ctx, bytes.NewReader(in.RawBody))
			if err != nil {
				return nil, err
			}
			return readReport(ctx, h, id)
		})
	kit.Register(a, kit.Op{ID: "getModuleBundle", Method: "GET", Path: "/module-bundles/{id}", Tag: "modules", Perm: plugin.PermList,
		Summary: "Read the report of a bundle."},
		func(ctx context.Context, in *bundleIn) (*reportOut, error) { return readReport(ctx, h, in.ID) })
	kit.Register(a, kit.Op{ID: "discardModuleBundle", Method: "DELETE", Path: "/module-bundles/{id}", Tag: "modules", Perm: plugin.PermAdd, Status: 204,
		Summary: "Take back a bundle that was never enabled."},
		func(ctx context.Context, in *bundleIn) (*kit.None, error) { return nil, h.DiscardBundle(ctx, in.ID) })
}

func readReport(ctx context.Context, h *plugin.Host, id uuid.UUID) (*reportOut, error) {
	r, err := h.Report(ctx, id)
	if err != nil {
		return nil, err
	}
	m := r.Manifest
	out := report{ID: id, Module: m.ID, Version: m.Version, Running: r.Running, Enabled: r.Enabled, Cause: r.Cause, Problem: r.Problem, Size: r.Size, AddedAt: r.AddedAt.UTC(), Rights: []right{}, Platform: []string{}, Runtime: m.Runtime}
	if r.Key != nil {
		out.Key = r.Key.ID
	}
	if r.Refused != nil {
		f := fault.As(r.Refused)
		out.Refused = i18n.TextMap(i18n.FromContext(ctx), f.Key, f.Args)
	}
	for _, x := range r.Rights {
		y := right{Name: x.Name, Reason: x.Reason, Change: string(x.Change), Scopes: []string{}}
		for _, s := range x.Scopes {
			y.Scopes = append(y.Scopes, string(s))
		}
		out.Rights = append(out.Rights, y)
	}
	for _, b := range m.Binaries {
		out.Platform = append(out.Platform, b.OS+"/"+b.Arch)
	}
	return &reportOut{out}, nil
}

type key struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Namespace string     `json:"namespace"`
	Centre    *uuid.UUID `json:"centre,omitempty" doc:"The owner; missing for ORE."`
	From      string     `json:"from" format:"date"`
	To        string     `json:"to" format:"date"`
	State     string     `json:"state" enum:"good,early,expired,revoked"`
	Reason    string     `json:"reason,omitempty" doc:"Why it was revoked."`
	Running   []string   `json:"running" doc:"Enabled plugins whose running version it signed."`
}

type keysOut struct{ Body kit.List[key] }

type keyOut struct {
	Body struct {
		ID string `json:"id"`
	}
}

type keyIn struct {
	Body struct {
		Name      string    `json:"name" maxLength:"200"`
		Namespace string    `json:"namespace" maxLength:"31"`
		Centre    uuid.UUID `json:"centre,omitempty" format:"uuid" doc:"The owner; missing for ORE."`
		From      string    `json:"from" format:"date"`
		To        string    `json:"to" format:"date" doc:"At most five years later."`
		Public    string    `json:"public" maxLength:"2000" doc:"The .pub file (PEM)."`
	}
}

type revokeIn struct {
	ID   string `path:"id" pattern:"^[0-9a-f]{16}$"`
	Body struct {
		Reason string `json:"reason" minLength:"3" maxLength:"500"`
	}
}

func registerKeys(a *kit.API, h *plugin.Host) {
	kit.Register(a, kit.Op{ID: "listModuleKeys", Most: 500, Method: "GET", Path: "/module-keys", Tag: "modules", Perm: plugin.PermKeys,
		Summary: "List the keys that may sign bundles: all, or those of your centres."},
		func(ctx context.Context, _ *kit.None) (*keysOut, error) {
			list, err := h.Keys(ctx)
			if err != nil {
				return nil, err
			}
			out := make([]key, len(list))
			for i := range list {
				k := &list[i]
				out[i] = key{k.ID, k.Name, k.Namespace, some(k.Centre), k.From.Format(time.DateOnly), k.To.Format(time.DateOnly), string(k.State(h.Now())), k.Reason, append([]string{}, k.Running...)}
			}
			return &keysOut{kit.Page(out, "")}, nil
		})
	kit.Register(a, kit.Op{ID: "addModuleKey", Fresh: true, Method: "POST", Path: "/module-keys", Tag: "modules", Perm: plugin.PermKeyManage, Status: 201,
		Summary: "Make a public key known, for one namespace of one owner."},
		func(ctx context.Context, in *keyIn) (*keyOut, error) {
			b := &in.Body
			k := plugin.KeyInput{Public: b.Public, Namespace: b.Namespace, Centre: b.Centre, Name: b.Name}
			// What is no day stays zero, which the service refuses by field.
			k.From, _ = time.Parse(time.DateOnly, b.From)
			k.To, _ = time.Parse(time.DateOnly, b.To)
			id, err := h.AddKey(ctx, k)
			var out keyOut
			out.Body.ID = id
			return &out, err
		})
	kit.Register(a, kit.Op{ID: "revokeModuleKey", Fresh: true, Method: "POST", Path: "/module-keys/{id}/revoke", Tag: "modules", Perm: plugin.PermKeyManage, Status: 204,
		Summary: "Revoke a key: what it signed can be neither added nor enabled any more."},
		func(ctx context.Context, in *revokeIn) (*kit.None, error) {
			return nil, h.RevokeKey(ctx, in.ID, in.Body.Reason)
		})
}
