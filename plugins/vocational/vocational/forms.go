package vocational

import (
	"embed"
	"encoding/json"
	"fmt"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

//go:embed forms/*.json
var formFiles embed.FS

// forms are the documents of the module by name.
var forms = readForms()

// names are the words for the codes of the forms' lists, by list, code and language.
var names = map[string]map[string]map[string]string{}

func readForms() map[string]*v1.Document {
	list, err := formFiles.ReadDir("forms")
	if err != nil {
		panic(err)
	}
	out := map[string]*v1.Document{}
	for _, f := range list {
		raw, err := formFiles.ReadFile("forms/" + f.Name())
		if err != nil {
			panic(err)
		}
		var head struct {
			Rev uint32 `json:"rev"`
		}
		if err := json.Unmarshal(raw, &head); err != nil {
			panic(fmt.Errorf("form %s: %w", f.Name(), err))
		}
		out[f.Name()[:len(f.Name())-len(".json")]] = &v1.Document{Json: raw, Revision: head.Rev}
	}
	return out
}

// The lists of the forms.
const (
	listRegions  = "wojewodztwa"
	listBranches = "branze"
	listSchools  = "typy"
)

func init() {
	for _, name := range []string{formNeed, formCandidate} {
		var f struct {
			Lists map[string][]struct {
				Code  string            `json:"c"`
				Label map[string]string `json:"l"`
			} `json:"lists"`
		}
		if err := json.Unmarshal(forms[name].GetJson(), &f); err != nil {
			panic(err)
		}
		for list, options := range f.Lists {
			names[list] = map[string]map[string]string{}
			for _, o := range options {
				names[list][o.Code] = o.Label
			}
		}
	}
}

// named is the word for a code of a list; the code itself when there is none.
func (w words) named(list, code string) string {
	if l := names[list][code]; l != nil {
		return l[string(w)]
	}
	return code
}
