package thematic

import (
	"embed"
	"encoding/json"
	"fmt"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

//go:embed forms/*.json
var formFiles embed.FS

// forms are the documents of the module by name.
var forms = map[string]*v1.Document{
	kindCharter: readForm(kindCharter), kindPlan: readForm(kindPlan), kindContract: readForm(kindContract),
	formSettings: readForm(formSettings), kindSummary: readForm(kindSummary), typeObservation: readForm(typeObservation),
}

func readForm(name string) *v1.Document {
	raw, err := formFiles.ReadFile("forms/" + name + ".json")
	if err != nil {
		panic(err)
	}
	var head struct {
		Rev uint32 `json:"rev"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		panic(fmt.Errorf("form %s: %w", name, err))
	}
	return &v1.Document{Json: raw, Revision: head.Rev}
}

// formSettings is what administrators are asked.
const formSettings = "settings"

// goals are the five goals of a network, as the codes of the forms, in order.
var goals = []string{"wiedza", "umiejetnosci", "zadania", "rozwiazania", "kontakty"}

// charter is what the module reads of the founding form's answers.
type charter struct {
	Area      string   `json:"obszar"`
	OtherArea string   `json:"obszar_inny"`
	Need      string   `json:"potrzeba"`
	Goals     []string `json:"cele"`
	Way       []string `json:"sposob"`
	Meetings  int      `json:"spotkania"`

	Own map[string]string `json:"-"` // a goal in own words, by its code
}

// UnmarshalJSON also collects the goals in own words, "cel_<code>".
func (c *charter) UnmarshalJSON(raw []byte) error {
	type plain charter
	if err := json.Unmarshal(raw, (*plain)(c)); err != nil {
		return err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	c.Own = map[string]string{}
	for _, g := range goals {
		var s string
		if v, ok := all["cel_"+g]; ok && json.Unmarshal(v, &s) == nil && s != "" {
			c.Own[g] = s
		}
	}
	return nil
}

// goal is a goal as the network puts it.
func (c *charter) goal(w words, code string) string {
	if own := c.Own[code]; own != "" {
		return own
	}
	return w.t("goal." + code)
}
