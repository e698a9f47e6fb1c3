// Package health answers machines that watch the server: /healthz (the process
// lives) and /readyz (it can serve), both JSON.
package health

import (
	"context"
	"net/http"

	"ore.edu.pl/sieci/core/web/kit"
)

// State is what /readyz says.
type State struct {
	// Database and Migrations decide readiness: a server without either serves nothing.
	Database   bool `json:"database"`
	Migrations bool `json:"migrations"`
	// Modules are listed and never make the server unready: with every module
	// down, identity, lists and membership still work.
	Modules []Module `json:"modules"`
}

// Module is the state of one module on this node.
type Module struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	State   string `json:"state"`
}

// Prober looks at the parts of the platform; core/app implements it.
type Prober interface {
	Probe(ctx context.Context) State
}

// Routes are the two addresses.
func Routes(p Prober) []kit.Route {
	return []kit.Route{
		kit.Get("/healthz", kit.Public, func(c *kit.Ctx) error {
			return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
		}),
		kit.Get("/readyz", kit.Public, func(c *kit.Ctx) error {
			s := p.Probe(c.Context())
			if s.Modules == nil {
				s.Modules = []Module{}
			}
			status := http.StatusOK
			if !s.Database || !s.Migrations {
				status = http.StatusServiceUnavailable
			}
			return c.JSON(status, s)
		}),
	}
}
