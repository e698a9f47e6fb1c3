package networks

import (
	"context"
	"strconv"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/network"
)

// savedField carries the version of the record that a form was filled from.
const savedField = "zapis"

// fill starts a form that edits a record with what was saved; a draft wins.
func (w *flow) fill(n *network.Network, command string) error {
	if w.form == nil {
		return nil
	}
	if w.begun.Core == nil {
		w.begun.Core = map[string]string{}
	}
	if base := w.c.Form().Get(savedField); base != "" {
		w.begun.Core[savedField] = base
	}
	if !w.fresh {
		return nil
	}
	saved, err := w.p.Networks.Saved(w.c.Context(), w.c.Actor(), n, command, uuid.Nil)
	if err != nil || saved == nil || saved.Answers.Revision != w.form.Rev {
		return err
	}
	a, _ := form.DecodeAnswers(w.form, saved.Answers.JSON)
	w.begun.Form = form.FromAnswers(w.form, a)
	if w.begun.Core[savedField] == "" {
		w.begun.Core[savedField] = version(saved)
	}
	return nil
}

// overtaken reports whether somebody saved the record after the form was
// filled. The next attempt then counts as one that knows of it.
func (w *flow) overtaken(n *network.Network, command string) (bool, error) {
	base := w.begun.Core[savedField]
	saved, err := w.p.Networks.Saved(w.c.Context(), w.c.Actor(), n, command, uuid.Nil)
	if err != nil || saved == nil || base == version(saved) {
		return false, err
	}
	w.begun.Core[savedField] = version(saved)
	return true, w.save()
}

func version(s *effect.Saved) string { return strconv.FormatInt(s.Row.Version, 10) }

// refMember is the kind of reference that members of the network answer for.
const refMember = "osoba"

// memberPicker offers the members of one network to forms of its module, and
// leaves other things to the platform's picker.
type memberPicker struct {
	p *pages
	n *network.Network
}

var (
	_ form.Picker = memberPicker{}
	_ form.Lister = memberPicker{}
)

// Label implements [form.Picker].
func (m memberPicker) Label(ctx context.Context, kind, id string) (string, error) {
	if kind != refMember {
		if m.p.Picker == nil {
			return "", fault.ErrNotFound
		}
		return m.p.Picker.Label(ctx, kind, id)
	}
	person := uuidOf(id)
	names, err := m.p.Networks.Names(ctx, access.From(ctx), m.n.Brief(), []uuid.UUID{person})
	if err != nil {
		return "", err
	}
	if name, ok := names[person]; ok {
		return name, nil
	}
	return "", fault.ErrNotFound
}

// Options implements [form.Lister]: the active members, when they are few.
func (m memberPicker) Options(ctx context.Context, kind string) ([]form.Ref, bool, error) {
	if kind != refMember {
		if l, ok := m.p.Picker.(form.Lister); ok {
			return l.Options(ctx, kind)
		}
		return nil, false, nil
	}
	page, err := m.p.Networks.Members(ctx, access.From(ctx), m.n.ID, false, "", form.MaxOptions)
	if err != nil || page.Next != "" {
		return nil, false, err
	}
	out := make([]form.Ref, len(page.Members))
	for i, r := range page.Members {
		out[i] = form.Ref{Kind: refMember, ID: r.Person.String(), Label: r.Name}
	}
	return out, true, nil
}
