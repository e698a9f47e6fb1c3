package networks

import (
	"cmp"
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

const listPath = "/sieci"

func pathOf(id uuid.UUID) string { return listPath + "/" + id.String() }

// frame is what surrounds every page inside a network.
type frame struct {
	network.Brief
	Path string
	// Here is the address of the tab that the page belongs to.
	Here string
}

// inside names a page of a network and gives its frame.
func (p *pages) inside(c *kit.Ctx, b network.Brief, title, tab string) frame {
	c.InNetwork(b.ID, b.Title, title, b.Place, tab)
	return frame{Brief: b, Path: pathOf(b.ID), Here: pathOf(b.ID) + tab}
}

// withQuery is the address of a page with another query; empty values are left out.
func withQuery(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// paging is the links under a list whose cursor is the parameter "po".
func paging(c *kit.Ctx, path, next string, keep ...string) ui.Pages {
	var out ui.Pages
	if next != "" {
		out.Next = withQuery(path, append(keep, "po", next)...)
	}
	if c.Query("po") != "" {
		out.First = withQuery(path, keep...)
	}
	return out
}

func on(ctx context.Context, t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return show.Date(i18n.FromContext(ctx), *t)
}

func at(ctx context.Context, t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return show.DateTime(i18n.FromContext(ctx), *t)
}

// seats says how full a network is: "14 z 20".
func seats(ctx context.Context, taken, capacity int) string {
	if capacity == 0 {
		return i18n.T(ctx, "networks.seats_unlimited", "Taken", taken)
	}
	return i18n.T(ctx, "networks.seats", "Taken", taken, "Capacity", capacity)
}

func statusTag(ctx context.Context, s network.Status) (string, ui.Tone) {
	tone := map[network.Status]ui.Tone{network.Draft: ui.Warn, network.Open: ui.Good}[s]
	if tone == "" {
		tone = ui.Neutral
	}
	return i18n.T(ctx, "networks.status."+string(s)), tone
}

var doorTones = map[network.Door]ui.Tone{
	network.DoorMember: ui.Good, network.DoorOpen: ui.Good, network.DoorOffered: ui.Warn, network.DoorInvited: ui.Warn,
	network.DoorWaiting: ui.Info, network.DoorRequested: ui.Info, network.DoorDraft: ui.Warn,
}

func doorTag(ctx context.Context, d network.Door) tag {
	return tag{i18n.T(ctx, "networks.door."+string(d)), cmp.Or(doorTones[d], ui.Neutral)}
}

// tag is a word on a card.
type tag struct {
	text string
	tone ui.Tone
}

func roleNames(ctx context.Context, roles []string) string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = roleName(ctx, r)
	}
	return strings.Join(out, ", ")
}

// roleName is the core's name of a role; a module's own role is shown as it is.
func roleName(ctx context.Context, role string) string {
	key := "networks.role." + role
	if i18n.Has(i18n.FromContext(ctx), key) {
		return i18n.T(ctx, key)
	}
	return role
}

// reasons reads the answers to a module's warnings from a form; codes that were
// on the page are named in the hidden fields "ostrzezenie".
func reasons(f *kit.Form) []effect.Acknowledgement {
	var out []effect.Acknowledgement
	for _, name := range f.All("ostrzezenie") {
		rest := strings.TrimPrefix(name, "reason.")
		code, path, _ := strings.Cut(rest, ".")
		if why := f.Text(name); why != "" {
			out = append(out, effect.Acknowledgement{Code: code, Path: path, Reason: why})
		}
	}
	return out
}

// dayEnd reads a day "2026-12-08" as its last moment's end in Warsaw.
func dayEnd(day string) (time.Time, bool) {
	t, err := time.ParseInLocation(time.DateOnly, day, clock.Warsaw)
	if err != nil {
		return time.Time{}, false
	}
	return t.AddDate(0, 0, 1).UTC(), true
}

// dayOf is the reverse of dayEnd, for the control.
func dayOf(end time.Time) string {
	if end.IsZero() {
		return ""
	}
	return end.In(clock.Warsaw).AddDate(0, 0, -1).Format(time.DateOnly)
}

// number reads a whole number; -1 for anything else, 0 for nothing.
func number(s string) int {
	s = strings.ReplaceAll(strings.TrimSpace(s), " ", "")
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n <= 0 {
		return -1
	}
	return n
}
