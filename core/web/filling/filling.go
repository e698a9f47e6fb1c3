package filling

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Names of this package's fields. No item of a form begins with "_".
const (
	fieldVersion = "_wersja" // of the draft that the page showed
	fieldWindow  = "_okno"
	fieldSaved   = "_zapis" // version of the record that the form was filled from
)

// savedCore is where the draft keeps that version.
const savedCore = "zapis"

// Config of a [Form]; Files, Saved, Beside, Repeated and Hidden may be left out.
type Config struct {
	Ctx    *kit.Ctx
	Drafts *draft.Service
	// Doc is the form; the zero Document when the module asks nothing. Decoded is
	// for rooms that have it already.
	Doc     effect.Document
	Decoded *form.Form
	Key     draft.Key
	// Found is the person's draft, where the room has read it along with other
	// things; it counts only if it has the Key. Nil: Open reads it.
	Found *draft.Draft
	// Path is the page of the form; Post where it is sent to, default Path; Back
	// where "save and come back later" leads.
	Path, Post, Back string
	Title, Submit    string
	Picker           form.Picker
	Files            form.Files
	// Saved is the record that the form edits, nil when there is none yet; Beside
	// is what the room reads in the same round trip as the draft and the record.
	Saved  func(ctx context.Context) (*effect.Saved, error)
	Beside func(ctx context.Context) error
	// Repeated leads somebody who sent a finished form twice to what came of it;
	// false when this form brought nothing about.
	Repeated func() (path, flash string, ok bool, err error)
	// Page is the page around a form; Head names the page and its crumbs.
	Page Page
	Head func(title string)
	// Kept and Dropped are shown after the draft was saved for later, or thrown
	// away; Done when somebody else saved the very same meanwhile.
	Kept, Dropped, Done string
	// Begin is the state of a form that nobody has begun; default: empty, or
	// what Saved gives.
	Begin func(*form.Form) form.State
	// Hidden are further fields of the room.
	Hidden []ui.Hidden
	// Remarks are shown beside the fields.
	Remarks fault.Fields
}

// kept is what a draft holds: what the core asked, by the names of its fields,
// the module's form, and the window that saved last.
type kept struct {
	Core   map[string]string `json:"core,omitempty"`
	Form   form.State        `json:"form"`
	Window string            `json:"window,omitempty"`
}

// Form is a module's form on its way through pages, in one request.
type Form struct {
	Config
	// Def is nil when the module asks nothing.
	Def *form.Form

	c      *kit.Ctx
	draft  *draft.Draft
	kept   kept
	window string
	// revealed are the questions that the answers just sent have brought up.
	revealed []string
	// gone is true when the page showed a draft that is no longer there.
	gone bool
}

// Open reads the draft, or begins one in memory: filled with what is saved.
func Open(c Config) (*Form, error) {
	f := &Form{Config: c, c: c.Ctx}
	if f.Post == "" {
		f.Post = f.Path
	}
	if f.Def = c.Decoded; f.Def == nil && !c.Doc.IsZero() {
		def, err := form.Decode(c.Doc.JSON)
		if err != nil {
			return nil, err
		}
		f.Def = def
	}
	if f.window = f.c.Form().Get(fieldWindow); f.window == "" || len(f.window) > 64 {
		f.window = idem.NewKey()[:12]
	}
	var beside []func(ctx context.Context) error
	if c.Beside != nil {
		beside = append(beside, c.Beside)
	}
	if err := f.read(beside...); err != nil {
		return nil, err
	}
	f.gone = f.draft.Version == 0 && f.shown() > 0
	return f, nil
}

// StateOf is the form that a draft of this package holds; the zero State when it
// holds none.
func StateOf(d *draft.Draft) form.State { return decode(d.State).Form }

func decode(raw []byte) kept {
	var k kept
	if json.Unmarshal(raw, &k) != nil {
		return kept{}
	}
	if k.Form.Values == nil && k.Core == nil { // a draft of the time when some rooms kept the form alone
		_ = json.Unmarshal(raw, &k.Form)
	}
	return k
}

// read finds the draft and, in case there is none, the record.
func (f *Form) read(beside ...func(ctx context.Context) error) error {
	var saved *effect.Saved
	var failed error // matters only when there is no draft
	readers := append([]func(ctx context.Context) error{f.load}, beside...)
	if f.Saved != nil && f.Def != nil {
		readers = append(readers, func(ctx context.Context) error { saved, failed = f.Saved(ctx); return nil })
	}
	if err := f.c.Together(readers...); err != nil {
		return err
	}
	return f.fill(saved, failed)
}

func (f *Form) load(ctx context.Context) error {
	f.draft, f.kept = &draft.Draft{Key: f.Key}, kept{}
	d := f.Found
	if f.Found = nil; d == nil { // a second look is at what is there now
		var err error
		if d, err = f.Drafts.Load(ctx, f.c.Actor(), f.Key); err != nil {
			if fault.Is(err, fault.NotFound) {
				return nil
			}
			return err
		}
	}
	if d.Key == f.Key {
		f.draft, f.kept = d, decode(d.State)
	}
	return nil
}

// fill starts the form when there is no draft of it: answers to another revision
// would not fit.
func (f *Form) fill(saved *effect.Saved, failed error) error {
	if f.Def == nil {
		return nil
	}
	if f.Saved != nil {
		if base := f.c.Form().Get(fieldSaved); base != "" {
			f.core()[savedCore] = base
		}
	}
	if f.draft.Version > 0 && f.draft.Rev == f.Def.Rev && f.kept.Form.Values != nil {
		return nil
	}
	f.draft.Rev = f.Def.Rev
	if f.Begin != nil {
		f.kept.Form = f.Begin(f.Def)
		return nil
	}
	f.kept.Form = form.Start(f.Def)
	if f.Saved == nil || failed != nil {
		return failed
	}
	if f.core()[savedCore] == "" {
		f.kept.Core[savedCore] = strconv.FormatInt(saved.Version(), 10)
	}
	if theirs, ok := f.savedState(saved); ok {
		f.kept.Form = theirs
	}
	return nil
}

// savedState is the record in the form; false when it follows another revision.
func (f *Form) savedState(s *effect.Saved) (form.State, bool) {
	if s == nil || s.Answers.Revision != f.Def.Rev {
		return form.State{}, false
	}
	a, _ := form.DecodeAnswers(f.Def, s.Answers.JSON)
	return form.FromAnswers(f.Def, a), true
}

func (f *Form) core() map[string]string {
	if f.kept.Core == nil {
		f.kept.Core = map[string]string{}
	}
	return f.kept.Core
}

// Core is what the core asked on its own pages of the form; nil before it did.
func (f *Form) Core() map[string]string { return f.kept.Core }

// State is the form as it stands.
func (f *Form) State() form.State { return f.kept.Form }

// Begun reports whether there is a draft.
func (f *Form) Begun() bool { return f.draft.Version > 0 }

// Filled is the version of the record that the form was filled from, for the
// change that it asks for.
func (f *Form) Filled() *int64 {
	if f.Saved == nil {
		return nil
	}
	n, _ := strconv.ParseInt(f.core()[savedCore], 10, 64)
	return &n
}

// shown is the version of the draft that the page showed.
func (f *Form) shown() int {
	n, _ := strconv.Atoi(f.c.Form().Get(fieldVersion))
	return n
}

// Sent reports whether a page of the form was sent, or a button elsewhere that
// leads to it.
func (f *Form) Sent() bool { return f.c.Form().Has(fieldVersion) }

// stale reports whether another window saved the draft after the page was shown.
func (f *Form) stale() bool {
	return f.draft.Version > 0 && f.shown() != f.draft.Version && f.kept.Window != f.window
}

// Keys are the fields by which a page of the form tells what it showed.
func (f *Form) Keys() []ui.Hidden {
	out := append([]ui.Hidden{}, f.Hidden...)
	out = append(out, ui.Hidden{Name: fieldVersion, Value: strconv.Itoa(f.draft.Version)}, ui.Hidden{Name: fieldWindow, Value: f.window})
	if f.Saved != nil {
		out = append(out, ui.Hidden{Name: fieldSaved, Value: f.core()[savedCore]})
	}
	return out
}

// Here is the form's page in this window.
func (f *Form) Here() string {
	sep := "?"
	if strings.Contains(f.Path, "?") {
		sep = "&"
	}
	return f.Path + sep + url.Values{fieldWindow: {f.window}}.Encode()
}

// saveTries bounds how often two sendings of one window, which is one press of
// the button too many, give way to each other.
const saveTries = 3

// save writes the draft. Conflict "draft.stale" when another window did.
func (f *Form) save() error {
	f.kept.Window = f.window
	raw, err := json.Marshal(f.kept)
	if err != nil {
		return err
	}
	f.draft.State = raw
	for try := 1; ; try++ {
		v, err := f.Drafts.Save(f.c.Context(), f.c.Actor(), f.draft)
		if err == nil {
			f.draft.Version = v
			return nil
		}
		if !fault.Is(err, fault.Conflict) || try == saveTries {
			return err
		}
		now, e := f.Drafts.Load(f.c.Context(), f.c.Actor(), f.Key)
		switch {
		case fault.Is(e, fault.NotFound): // sent twice: the other one has finished
			f.draft.Version = 0
			continue
		case e != nil:
			return e
		}
		var other kept
		if json.Unmarshal(now.State, &other) != nil || other.Window != f.window {
			return err
		}
		f.draft.Version = now.Version
	}
}

// SaveCore keeps what the core asked on a page of its own. Conflict
// "draft.stale" when another window saved; [Form.Core] is then what that one did.
func (f *Form) SaveCore(core map[string]string) error {
	if f.stale() {
		return fault.New(fault.Conflict, "draft.stale")
	}
	f.kept.Core = core
	err := f.save()
	if fault.Is(err, fault.Conflict) {
		if e := f.load(f.c.Context()); e != nil {
			return e
		}
	}
	return err
}

// Forget throws the draft away.
func (f *Form) Forget() error {
	if f.draft.Version == 0 {
		return nil
	}
	return f.Drafts.Delete(f.c.Context(), f.c.Actor(), f.Key)
}

// Answers are those of the form as it stands.
func (f *Form) Answers() effect.Document {
	if f.Def == nil {
		return effect.Document{}
	}
	a, _ := form.Parse(f.Def, f.kept.Form)
	return f.document(a)
}

func (f *Form) document(a form.Answers) effect.Document {
	return effect.Document{JSON: a.Canonical(), Revision: f.Def.Rev}
}
