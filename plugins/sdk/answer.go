package sdk

import (
	"fmt"
	"regexp"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// remarks collects diagnostics; answers, verdicts and pages have them.
type remarks struct{ list []*v1.Diagnostic }

// Error refuses the act: path is a form path or "", code the rule's name, text
// a sentence in the snapshot's language.
func (r *remarks) Error(path, code, text string) { r.add(v1.Severity_SEVERITY_ERROR, path, code, text) }

// Warn lets the act go on only with a reason that the person gives.
func (r *remarks) Warn(path, code, text string) {
	r.add(v1.Severity_SEVERITY_WARNING, path, code, text)
}

// Info says something and changes nothing.
func (r *remarks) Info(path, code, text string) { r.add(v1.Severity_SEVERITY_INFO, path, code, text) }

func (r *remarks) add(s v1.Severity, path, code, text string) {
	r.list = append(r.list, &v1.Diagnostic{Severity: s, Path: path, Code: code, Text: text})
}

// Refused reports whether an error was noted.
func (r *remarks) Refused() bool {
	for _, d := range r.list {
		if d.GetSeverity() == v1.Severity_SEVERITY_ERROR {
			return true
		}
	}
	return false
}

// wishes collects what the core should read before it asks again.
type wishes struct{ need *v1.Need }

// Need asks for rows and to be asked again (at most five rounds).
func (w *wishes) Need(s ...*v1.SliceSpec) {
	if w.need == nil {
		w.need = &v1.Need{}
	}
	w.need.Slices = append(w.need.Slices, s...)
}

// NeedAggregate asks for numbers over rows and to be asked again.
func (w *wishes) NeedAggregate(s ...*v1.AggregateSpec) {
	if w.need == nil {
		w.need = &v1.Need{}
	}
	w.need.Aggregates = append(w.need.Aggregates, s...)
}

// Answer is a decision in the making. The zero value is an answer that changes
// nothing. Not safe for concurrent use.
type Answer struct {
	remarks
	wishes
	effects []*v1.Effect
	depends []*v1.RowVersion
	job     *v1.JobProgress
}

// Effect appends an effect made by hand; kind is one of the contract's
// Effect_… wrappers. The handle names what it creates for later effects; ""
// gives it a name by its place, which is stable for equal answers.
func (a *Answer) Effect(handle string, e *v1.Effect) Ref {
	if handle == "" {
		handle = fmt.Sprintf("e%d", len(a.effects)+1)
	}
	if !handlePattern.MatchString(handle) {
		panic(fmt.Sprintf("sdk: handle %q: lower-case letters, digits and underscores, a letter first", handle))
	}
	e.Handle = handle
	a.effects = append(a.effects, e)
	return Ref("#" + handle)
}

var handlePattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// Ref stands for the id of what an earlier effect creates, in later effects.
type Ref string

// Depends notes that the answer holds only while the rows are as they were.
func (a *Answer) Depends(source v1.Source, rows ...Row) {
	for _, r := range rows {
		a.depends = append(a.depends, r.depends(source))
	}
}

// Progress ends a job page: continuation comes back with the next page.
func (a *Answer) Progress(continuation []byte, completed, total uint64) {
	a.job = &v1.JobProgress{Continuation: continuation, Completed: completed, Total: total}
}

// Done ends a job.
func (a *Answer) Done(completed uint64) {
	a.job = &v1.JobProgress{Done: true, Completed: completed, Total: completed}
}

// Diagnostics are those noted so far.
func (a *Answer) Diagnostics() []*v1.Diagnostic { return a.list }

// Effects are those appended so far.
func (a *Answer) Effects() []*v1.Effect { return a.effects }

func (a *Answer) response() *v1.DecideResponse {
	if a == nil {
		return &v1.DecideResponse{}
	}
	out := &v1.DecideResponse{Diagnostics: a.list, Need: a.need, DependsOn: a.depends, Job: a.job}
	// A refusal changes nothing; sending its effects would only cost.
	if a.need == nil && !a.Refused() {
		out.Effects = a.effects
	}
	return out
}

// Verdict is the answer to a guard: empty means that the act may be done.
type Verdict struct {
	remarks
	wishes
	depends []*v1.RowVersion
}

// Depends notes that the verdict holds only while the rows are as they were.
func (v *Verdict) Depends(source v1.Source, rows ...Row) {
	for _, r := range rows {
		v.depends = append(v.depends, r.depends(source))
	}
}

func (v *Verdict) response() *v1.GuardResponse {
	if v == nil {
		return &v1.GuardResponse{}
	}
	return &v1.GuardResponse{Diagnostics: v.list, Need: v.need, DependsOn: v.depends}
}
