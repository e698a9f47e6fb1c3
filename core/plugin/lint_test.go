package plugin_test

import (
	"testing"

	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/plugin"
)

// What a view can be asked for fits into an address: short answers, none required.
func TestParametersOfViews(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		items string
		good  bool
	}{
		"all types": {`{"id":"a","type":"text","label":{"pl":"A"}},{"id":"b","type":"integer","label":{"pl":"B"}},{"id":"c","type":"date","label":{"pl":"C"}},
			{"id":"d","type":"choice","label":{"pl":"D"},"options":[{"c":"x","l":{"pl":"X"}},{"c":"y","l":{"pl":"Y"}}]}`, true},
		"required":       {`{"id":"a","type":"text","label":{"pl":"A"},"required":true}`, false},
		"a long answer":  {`{"id":"a","type":"longtext","label":{"pl":"A"}}`, false},
		"a file":         {`{"id":"a","type":"file","label":{"pl":"A"}}`, false},
		"the platform's": {`{"id":"tabela","type":"text","label":{"pl":"A"}}`, false},
		"conditional":    {`{"id":"a","type":"text","label":{"pl":"A"}},{"id":"b","type":"text","label":{"pl":"B"},"when":{"all":[{"item":"a","op":"answered"}]}}`, false},
	} {
		err := plugin.Parameters(effect.Document{Revision: 1, JSON: []byte(`{"kind":"form","v":1,"id":"pytanie","rev":1,"title":{"pl":"Pytanie"},"items":[` + c.items + `]}`)})
		if c.good != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
