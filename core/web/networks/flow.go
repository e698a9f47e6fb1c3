package networks

import (
	"context"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	formrender "ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/filling"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// acting opens the form of a module's command.
func (p *pages) acting(c *kit.Ctx, n *network.Network, k effect.CommandKind) (*filling.Form, error) {
	path, title := pathOf(n.ID), k.Title.In(string(c.Lang()))
	picker := &memberPicker{p: p, n: n}
	return filling.Open(filling.Config{
		Ctx: c, Drafts: p.Drafts, Doc: k.Form, Key: draft.Key{Form: "network.act." + n.QualifiedType() + "." + k.Name, Subject: n.ID.String()},
		Path: path + "/czynnosc/" + k.Name, Back: path, Title: title, Submit: title, Picker: picker,
		Saved: func(ctx context.Context) (*effect.Saved, error) {
			return p.Networks.Saved(ctx, c.Actor(), n, k.Name, uuid.Nil)
		},
		Beside: picker.read,
		Repeated: func() (string, string, bool, error) {
			done, err := p.Networks.Acted(c.Context(), c.Actor(), n.ID, k.Name)
			return path, "networks.flash.done", done, err
		},
		Page: func(body templ.Component, wrong []formrender.Problem, pr ui.Problems) templ.Component {
			return actPage(actView{frame: p.inside(c, n.Brief(), title, "/plan"), Title: title, Form: body, FormProblems: wrong, Problems: pr})
		},
		Head: func(title string) { p.inside(c, n.Brief(), title, "/plan") },
		Kept: "networks.flash.kept", Dropped: "networks.flash.dropped", Done: "networks.flash.done",
	})
}

// founding opens the draft of a type and centre.
func (p *pages) founding(c *kit.Ctx, typ string, centre uuid.UUID) (*filling.Form, network.TypeOption, error) {
	t, err := p.Networks.TypeFor(c.Context(), typ)
	if err == nil && !t.Info.At(centre) {
		err = fault.ErrNotFound
	}
	if err != nil {
		return nil, t, err
	}
	w, err := filling.Open(filling.Config{
		Ctx: c, Drafts: p.Drafts, Doc: t.Of.FoundingForm, Key: draft.Key{Form: foundDraft, Subject: subject(typ, centre)},
		Path: withQuery(foundFormPath, "rodzaj", typ, "placowka", centre.String()), Back: foundPath,
		Title: c.T("networks.found"), Submit: c.T("networks.found"), Picker: p.Picker,
		Repeated: func() (string, string, bool, error) {
			id, err := p.Networks.Founded(c.Context(), c.Actor())
			if fault.Is(err, fault.NotFound) {
				return "", "", false, nil
			}
			return pathOf(id), "networks.flash.founded", err == nil, err
		},
		Page: func(body templ.Component, wrong []formrender.Problem, pr ui.Problems) templ.Component {
			foundHead(c, c.T("networks.found"))
			return stepPage(settingsView{Title: c.T("networks.found"), Lead: t.Of.Title.In(string(c.Lang())), Form: body, FormProblems: wrong, Problems: pr})
		},
		Head: func(title string) { foundHead(c, title) },
		Kept: "networks.flash.kept", Dropped: "networks.flash.dropped",
	})
	return w, t, err
}

// refMember is the kind of reference that members of the network answer for.
const refMember = "osoba"

// memberPicker offers the members of one network to forms of its module, and
// leaves other things to the platform's picker.
type memberPicker struct {
	p *pages
	n *network.Network
	// few are the members, when there are few.
	few []form.Ref
	ok  bool
}

var (
	_ form.Picker = (*memberPicker)(nil)
	_ form.Lister = (*memberPicker)(nil)
)

// read finds the members, along with what else the page reads.
func (m *memberPicker) read(ctx context.Context) error {
	if !m.n.May.Members {
		return nil
	}
	page, err := m.p.Networks.Members(ctx, access.From(ctx), m.n.ID, false, "", form.MaxOptions)
	if err != nil || page.Next != "" {
		return err
	}
	m.few, m.ok = make([]form.Ref, len(page.Members)), true
	for i, r := range page.Members {
		m.few[i] = form.Ref{Kind: refMember, ID: r.Person.String(), Label: r.Name}
	}
	return nil
}

// Label implements [form.Picker].
func (m *memberPicker) Label(ctx context.Context, kind, id string) (string, error) {
	if kind != refMember {
		if m.p.Picker == nil {
			return "", fault.ErrNotFound
		}
		return m.p.Picker.Label(ctx, kind, id)
	}
	person := uuidOf(id)
	for _, r := range m.few {
		if r.ID == id {
			return r.Label, nil
		}
	}
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
func (m *memberPicker) Options(ctx context.Context, kind string) ([]form.Ref, bool, error) {
	if kind != refMember {
		if l, ok := m.p.Picker.(form.Lister); ok {
			return l.Options(ctx, kind)
		}
		return nil, false, nil
	}
	return m.few, m.ok, nil
}
