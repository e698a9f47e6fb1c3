package export

import (
	"context"
	"strings"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/document"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/place"
)

// Members is the part with the people of a network: name, school and role, as
// every participant sees them.
type Members struct{ Networks *network.Service }

var _ Source = Members{}

// Part implements [Source].
func (Members) Part() string { return "members" }

// person is a line of data/members.json.
type person struct {
	Name   string `json:"name"`
	School string `json:"school"`
	place.Where
	Roles []string `json:"roles"`
}

// Write implements [Source].
func (m Members) Write(ctx context.Context, a *access.Actor, n *network.Network, out *Sink) error {
	table := document.Table{Caption: out.T("export.part.members"), Empty: out.T("export.none"),
		Columns: []document.Column{{Title: out.T("export.col.person")}, {Title: out.T("export.col.school")}, {Title: out.T("export.col.role")}}}
	next := ""
	for {
		page, err := m.Networks.Members(ctx, a, n.ID, false, next, 100)
		if err != nil {
			return err
		}
		for i := range page.Members {
			x := &page.Members[i]
			if err := out.Data(person{x.Name, x.School, x.Where, x.Roles}); err != nil {
				return err
			}
			table.Rows = append(table.Rows, []string{x.Name, x.Label(ctx, x.School), strings.Join(roles(out, x.Roles), ", ")})
		}
		if next = page.Next; next == "" {
			break
		}
	}
	return out.Page(Page{Title: out.T("export.part.members"), Body: []any{table}})
}

func roles(out *Sink, list []string) []string {
	names := make([]string, len(list))
	for i, r := range list {
		names[i] = out.role(r)
	}
	return names
}

// role is the name of a role; a module's own role is shown as it is.
func (o *Sink) role(r string) string {
	if key := "networks.role." + r; i18n.Has(o.lang, key) {
		return o.T(key)
	}
	return r
}
