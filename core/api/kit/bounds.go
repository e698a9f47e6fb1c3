package kit

import (
	"math"

	"github.com/danielgtaylor/huma/v2"
)

// bound gives limits to every whole number of an operation's input that has
// none: what the database's 32 bits hold and, since the numbers of the API are
// counts, years and versions, nothing below 0.
func (a *API) bound(op Op) {
	o := a.operation(op)
	for _, p := range o.Parameters {
		a.boundSchema(p.Schema)
	}
	if o.RequestBody == nil {
		return
	}
	for _, m := range o.RequestBody.Content {
		a.boundSchema(m.Schema)
	}
}

func (a *API) boundSchema(s *huma.Schema) {
	if s == nil || a.bounded[s] {
		return
	}
	a.bounded[s] = true
	if s.Ref != "" {
		a.boundSchema(a.huma.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref))
		return
	}
	if s.Type == huma.TypeInteger && len(s.Enum) == 0 {
		least, most := 0.0, float64(math.MaxInt32)
		if s.Minimum == nil && s.ExclusiveMinimum == nil {
			s.Minimum = &least
		}
		if s.Maximum == nil && s.ExclusiveMaximum == nil {
			s.Maximum = &most
		}
		s.PrecomputeMessages()
	}
	a.boundSchema(s.Items)
	for _, p := range s.Properties {
		a.boundSchema(p)
	}
}
