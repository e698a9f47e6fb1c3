package form

import (
	"ore.edu.pl/sieci/core/form/declared"
)

// lintPrefix begins the catalogue keys of the linter's messages.
const lintPrefix = "form.lint."

// Load reads and lints a form. The form is nil when a finding refuses it;
// warnings may come with a usable form.
func Load(raw []byte) (*Form, []Diagnostic) {
	r := declared.NewReport(lintPrefix)
	f := &Form{}
	if !declared.Decode(raw, MaxBytes, f, r) {
		return nil, r.List()
	}
	f.lint(r)
	list := r.List()
	if declared.Errors(list) {
		return nil, list
	}
	return f, list
}

// Decode is Load for callers that want an error: Invalid, with one field for
// each finding that refuses the form.
func Decode(raw []byte) (*Form, error) {
	f, list := Load(raw)
	if err := declared.Err(list); err != nil {
		return nil, err
	}
	return f, nil
}

// MustLoad is Load for forms that are part of the program; it panics on any
// finding that refuses the form.
func MustLoad(raw []byte) *Form {
	f, list := Load(raw)
	if f == nil {
		panic("form: " + list[0].String())
	}
	return f
}

// Lint checks a form made in Go.
func (f *Form) Lint() []Diagnostic {
	r := declared.NewReport(lintPrefix)
	f.lint(r)
	return r.List()
}

// Must lints a form made in Go and panics on a finding that refuses it.
func Must(f *Form) *Form {
	if list := f.Lint(); declared.Errors(list) {
		panic("form: " + list[0].String())
	}
	return f
}
