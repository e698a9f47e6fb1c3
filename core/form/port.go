package form

import (
	"context"

	"ore.edu.pl/sieci/core/fault"
)

// Picker knows the things that ref items point to; the web and the API supply
// one that sees with the signed-in person's eyes.
type Picker interface {
	// Label is what the thing is called now. A thing that does not exist, that
	// the person may not choose, or of an unknown kind is fault.NotFound.
	Label(ctx context.Context, kind, id string) (string, error)
}

// Lister is optional for a Picker: kinds with few things (the members of one
// network) are shown as a list instead of a search page.
type Lister interface {
	// Options lists the things of a kind, at most [MaxOptions]; ok is false
	// when there are more or the kind is not one to list.
	Options(ctx context.Context, kind string) (list []Ref, ok bool, err error)
}

// Upload is a file already sent, as its list on the page shows it.
type Upload struct {
	ID   string
	Name string
	Size int64  // bytes
	URL  string // where it can be downloaded; may be empty
}

// Files describes uploaded files to the renderer.
type Files interface {
	// Uploads returns what is known about the files; unknown and foreign ids
	// are left out.
	Uploads(ctx context.Context, ids []string) (map[string]Upload, error)
}

// ResolveRefs asks p for the label of every reference in a (in place). Things
// the person may not choose become fields; other errors of p are returned.
func ResolveRefs(ctx context.Context, f *Form, a Answers, p Picker) (fault.Fields, error) {
	var errs fault.Fields
	var failed error
	walk(f, a, func(v visit) {
		ref, ok := v.value().(Ref)
		if !ok || failed != nil {
			return
		}
		label, err := p.Label(ctx, ref.Kind, ref.ID)
		switch {
		case fault.Is(err, fault.NotFound):
			errs.Add(v.path, "form.ref_unknown")
		case err != nil:
			failed = err
		default:
			ref.Label = label
			v.scope.answers[v.item.ID] = ref
		}
	})
	return errs, failed
}
