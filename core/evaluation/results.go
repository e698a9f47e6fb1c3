package evaluation

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/view"
)

// Results are what a reader may see of a closed round.
type Results struct {
	Round *Round
	// View holds the numbers and the open answers; nil while they are counted,
	// when they could not be, and when there are too few.
	View *view.View
}

// Results reads the results of a closed round in the reader's language. Needs
// evaluation:results in its network. Conflict "evaluation.not_closed" while it is
// open or a draft: nobody watches results grow.
func (s *Service) Results(ctx context.Context, a *access.Actor, id uuid.UUID) (*Results, error) {
	r, kept, err := findResult(ctx, s.db, id, a.Person)
	if err != nil {
		return nil, err
	}
	s.rights(a, r)
	if !r.May.View {
		return nil, fault.ErrNotFound
	}
	if err := s.auth.Require(a, PermResults, r.place); err != nil {
		return nil, err
	}
	if r.State != Closed {
		return nil, fault.New(fault.Conflict, "evaluation.not_closed")
	}
	out := &Results{Round: r}
	if r.Outcome != Ready {
		return out, nil
	}
	var f found
	if err := json.Unmarshal(kept, &f); err != nil {
		return nil, err
	}
	l := i18n.FromContext(ctx)
	document, ok := f.Views[string(l)]
	if !ok {
		document = f.Views[string(i18n.Polish)]
	}
	if out.View, err = resolve(document, f.Frames, r.Form, l); err != nil {
		return nil, err
	}
	if n := texts(l, r.Form, f.Texts); n != nil {
		out.View.Nodes = append(out.View.Nodes, view.Of(n)...)
	}
	return out, nil
}

// texts is the section of open answers; nil for a questionnaire without open questions.
func texts(l i18n.Lang, f *form.Form, list []Words) view.Node {
	if len(list) == 0 {
		return nil
	}
	plain := func(s string) view.Text { return view.Text{"": s} }
	sec := &view.Section{Title: plain(i18n.Text(l, "evaluation.texts.title")), Nodes: view.Of(
		&view.TextNode{Text: plain(i18n.Text(l, "evaluation.texts.lead", "Min", TextThreshold))})}
	for _, w := range list {
		it := f.Item(w.Path)
		if it == nil {
			continue
		}
		if w.Few {
			few := view.Value{T: view.TText, V: i18n.Text(l, "evaluation.texts.few", "Min", TextThreshold)}
			sec.Nodes = append(sec.Nodes, view.Of(&view.Facts{Items: []view.Fact{{Label: plain(it.Label.In(l)), Value: few}}})...)
			continue
		}
		n := &view.List{Head: view.Head{ID: "t_" + w.Path}, Title: plain(it.Label.In(l)), Items: make([]view.ListItem, len(w.Answers))}
		for i, s := range w.Answers {
			n.Items[i].Value = view.Value{T: view.TText, V: s}
		}
		sec.Nodes = append(sec.Nodes, view.Of(n)...)
		if w.More > 0 {
			sec.Nodes = append(sec.Nodes, view.Of(&view.Notice{Level: "info", Text: plain(i18n.Plural(l, "evaluation.texts.more", w.More))})...)
		}
	}
	return sec
}

// Recount asks the tool again to count a round on which it failed. Needs
// evaluation:manage.
func (s *Service) Recount(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	r, err := s.managed(ctx, a, id)
	if err != nil {
		return err
	}
	if r.Outcome != Failed && r.Outcome != Pending {
		return fault.New(fault.Conflict, "evaluation.counted")
	}
	err = s.Score(ctx, id)
	if k := fault.As(err); k != nil && k.Kind == fault.Internal {
		// The tool's fault; people read a sentence, the log the rest.
		return fault.Wrap(err, fault.Unavailable, "evaluation.not_counted")
	}
	return err
}
