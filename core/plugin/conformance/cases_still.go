package conformance

// Cases about what a bundle and its module say of themselves.

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/facade"
	"ore.edu.pl/sieci/policies"
)

// bundle: it was read whole and verified before anything else.
func (s *suite) bundle(_ context.Context, f *found) {
	switch {
	case s.b.Key != "":
		f.note("signed with the key %s", s.b.Key)
	case s.b.Kept:
		f.note("not signed yet: a platform takes only a signed one")
	default:
		f.note("a folder, as beside the platform")
	}
}

// platformRoles are the roles of the platform; reading its rules takes a while.
var platformRoles = sync.OnceValues(func() ([]access.Role, error) {
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		return nil, err
	}
	return auth.Roles(), nil
})

// manifest: this core runs it, and its role map stays inside what the owner of
// its namespace may give.
func (s *suite) manifest(_ context.Context, f *found) {
	known, err := platformRoles()
	if err != nil {
		s.host = err
		return
	}
	centre := bundle.Namespace(s.b.Manifest.ID) != "ore"
	if err := plugin.Fits(&s.b.Manifest, known, centre); err != nil {
		f.bad("%v", err)
	}
}

// newerCore is the revision of the contract of a core that does not exist yet.
const newerCore = 1000

// negotiation: it starts in the sandbox within the time, speaks the contract's
// handshake, and describes itself to this core and to a newer one alike.
func (s *suite) negotiation(ctx context.Context, f *found) {
	v, err := s.module(ctx)
	if err != nil {
		f.bad("it does not start: %v", err)
		return
	}
	st := s.proc.Sandbox()
	s.report.Tier, s.report.Layers = string(st.Tier()), st.Layers()
	d, raw, err := s.describe(ctx, v)
	if err != nil {
		f.bad("it does not describe itself: %v", err)
		return
	}
	s.d, s.raw = d, raw
	newer, err := v.DescribeTo(ctx, "99.0.0-nowa.1", newerCore)
	if err != nil {
		f.bad("to a newer core it does not describe itself: %v", err)
	} else if other, _ := json.Marshal(newer); !bytes.Equal(raw, other) {
		f.bad("to a newer core it describes itself otherwise")
	}
	ready, reason, err := v.Health(ctx)
	if err != nil || !ready {
		f.bad("it is not ready after its start: %s %v", reason, err)
	}
	f.note("contract revision %d, tier %s", d.ContractRevision, s.report.Tier)
	s.collect()
}

func (s *suite) describe(ctx context.Context, v *facade.V1) (*effect.Description, []byte, error) {
	d, err := v.Describe(ctx, plugin.CoreVersion)
	if err != nil {
		return nil, nil, err
	}
	raw, err := json.Marshal(d)
	return d, raw, err
}

// description: the same at every call and from every process, sound as a whole,
// and nothing in it that the manifest does not name.
func (s *suite) description(ctx context.Context, f *found) {
	for _, err := range lines(plugin.Coherent(&s.b.Manifest, s.d)) {
		f.bad("%s", err)
	}
	v, err := s.module(ctx)
	if err == nil {
		_, again, err := s.describe(ctx, v)
		if err != nil || !bytes.Equal(again, s.raw) {
			f.bad("asked again, it describes itself otherwise: %v", err)
		}
	}
	other, err := s.start(ctx)
	if err != nil {
		f.bad("a second process does not start: %v", err)
		return
	}
	defer other.Kill()
	if _, again, err := s.describe(ctx, s.speak(other)); err != nil || !bytes.Equal(again, s.raw) {
		f.bad("a second process describes itself otherwise: %v", err)
	}
	f.note("%d types of networks, %d of programmes, %d of tasks, %d tools, %d kinds of records, %d of jobs",
		len(s.d.NetworkTypes), len(s.d.ProgrammeTypes), len(s.d.TaskTypes), len(s.d.ToolTypes), len(s.d.RecordKinds), len(s.d.JobKinds))
}

// lines are the findings that were joined into an error.
func lines(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}

// texts: whatever people read is there in Polish and in every other language that
// the bundle offers.
func (s *suite) texts(_ context.Context, f *found) {
	want := s.langs()
	n := 0
	for what, v := range map[string]any{"manifest": s.b.Raw, "description": s.raw} {
		var tree any
		if err := json.Unmarshal(v.([]byte), &tree); err != nil {
			f.bad("%s: %v", what, err)
			continue
		}
		n += complete(f, what, tree, want)
	}
	f.note("%d texts in %s", n, strings.Join(want, ", "))
}

// langs are the languages that the bundle offers.
func (s *suite) langs() []string {
	langs := map[string]bool{}
	for l := range s.b.Manifest.Title {
		langs[l] = true
	}
	for _, l := range s.b.Langs {
		langs[l] = true
	}
	return slices.Sorted(maps.Keys(langs))
}

// speaks looks at the texts of a document that the module made.
func (s *suite) speaks(f *found, what string, doc []byte) {
	var tree any
	if err := json.Unmarshal(doc, &tree); err == nil {
		complete(f, what, tree, s.langs())
	}
}

// complete looks at every text below v: an object with a text under "pl".
func complete(f *found, path string, v any, langs []string) (n int) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			n += complete(f, path, x, langs)
		}
	case map[string]any:
		if _, isText := v["pl"].(string); isText {
			for _, l := range langs {
				if s, _ := v[l].(string); strings.TrimSpace(s) == "" {
					f.bad("%s: %.80q has no text in %q", path, v["pl"], l)
				}
			}
			return 1
		}
		at := path
		for _, name := range []string{"name", "id", "c"} {
			if s, ok := v[name].(string); ok {
				at += "." + s
				break
			}
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			n += complete(f, at, v[key], langs)
		}
	}
	return n
}

// formsLint: every form is one that this core shows, and there are answers to it
// that it takes.
func (s *suite) formsLint(_ context.Context, f *found) {
	n := 0
	try := func(what string, d effect.Document) {
		if d.IsZero() {
			return
		}
		n++
		loaded, list := form.Load(d.JSON)
		for _, x := range list {
			if !x.Warning {
				f.bad("%s: %s", what, x)
			}
		}
		if loaded == nil {
			return
		}
		if err := form.Renderable(loaded); err != nil {
			f.bad("%s: it has items that this core does not show yet", what)
		}
		if made := s.form(d); len(made.answers) == 0 {
			f.note("%s: no answers were found that fit it", what)
		}
	}
	try("configuration", s.d.Configuration)
	for i := range s.d.RecordKinds {
		try("record kind "+s.d.RecordKinds[i].Name, s.d.RecordKinds[i].Form)
	}
	for i := range s.d.TaskTypes {
		try("task type "+s.d.TaskTypes[i].Name, s.d.TaskTypes[i].Form)
	}
	for i := range s.d.NetworkTypes {
		try("network type "+s.d.NetworkTypes[i].Name, s.d.NetworkTypes[i].FoundingForm)
	}
	for i := range s.d.ProgrammeTypes {
		try("programme type "+s.d.ProgrammeTypes[i].Name, s.d.ProgrammeTypes[i].FoundingForm)
	}
	for _, t := range s.things {
		if t.sort == aCommand && t.name != "found" {
			try(t.key(), t.form)
		}
	}
	if n == 0 {
		f.absent("it has no form")
		return
	}
	f.note("%d forms", n)
}

// rights: the slices that it declares need no right that the manifest does not
// ask for, and there is somebody to give its commands.
func (s *suite) rights(_ context.Context, f *found) {
	for _, t := range s.things {
		for _, w := range t.wants.Slices {
			for _, a := range w.Attributes {
				if !s.holds("member."+a, t.scopes[0]) {
					f.bad("%s: slice %s wants the %s of members without the capability member.%s", t.key(), w.Name, a, a)
				}
			}
			if k, ok := s.d.RecordKind(w.Kind); ok && k.Personal != nil && w.Source == effect.SourceRecord && !s.holds("record.personal", t.scopes[0]) {
				f.bad("%s: slice %s reads records with personal data without the capability record.personal", t.key(), w.Name)
			}
		}
		if !t.given && t.name != "found" && !s.core(t) {
			f.note("no role of the manifest holds %s", t.key())
		}
	}
	for i := range s.d.ToolTypes {
		if s.d.ToolTypes[i].Answers && !s.holds("evaluation.answers", effect.Network) {
			f.bad("the tool %s wants answers without the capability evaluation.answers", s.d.ToolTypes[i].Name)
		}
	}
	f.note("%d capabilities, %d roles", len(s.b.Manifest.Capabilities), len(s.b.Manifest.Roles))
}

// core reports whether a command is the core's own, which asks the module first.
func (s *suite) core(t *thing) bool {
	_, task := s.d.TaskType(t.typ)
	return task && slices.Contains([]string{"submit", "accept", "return"}, t.name)
}
