// Package policies embeds the Casbin model and the role → permission rules.
package policies

import _ "embed"

// Model is the Casbin model.
//
//go:embed model.conf
var Model string

// Rules are the role → permission rules, one "p, role, object, action" a line.
//
//go:embed rules.csv
var Rules string

// Delegation says who gives which role on what kind of scope.
//
//go:embed delegation.csv
var Delegation string
