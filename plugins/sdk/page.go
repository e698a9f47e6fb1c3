package sdk

import (
	"encoding/json"
	"fmt"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// Page is the answer to a view request: a view document, or errors that say
// why there is nothing to show, or a wish for more data.
type Page struct {
	remarks
	wishes
	// View is marshalled to the vocabulary of views; sdk/view builds one.
	View any
}

func (p *Page) response() (*v1.RenderResponse, error) {
	out := &v1.RenderResponse{Diagnostics: p.list, Need: p.need}
	if p.View == nil || p.need != nil {
		return out, nil
	}
	raw, err := json.Marshal(p.View)
	if err != nil {
		return nil, fmt.Errorf("view: %w", err)
	}
	out.View = &v1.Document{Json: raw}
	return out, nil
}
