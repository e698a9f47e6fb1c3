package sdk

import (
	"encoding/json"
	"fmt"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// Request asks for a decision. Exactly one of Command, Event, Timer and Job is set.
type Request struct {
	Snapshot
	// Type is the local name of the type asked.
	Type    string
	Command *v1.Command
	Event   *v1.Event
	Timer   *v1.Timer
	Job     *v1.JobPage
	raw     *v1.DecideRequest
}

func newRequest(in *v1.DecideRequest) *Request {
	return &Request{
		Snapshot: Snapshot{in.GetSnapshot()}, Type: in.GetType(),
		Command: in.GetCommand(), Event: in.GetEvent(), Timer: in.GetTimer(), Job: in.GetJob(), raw: in,
	}
}

// Raw is the request as it came.
func (r *Request) Raw() *v1.DecideRequest { return r.raw }

// Name is the name of the command, event, timer or job kind.
func (r *Request) Name() string {
	switch {
	case r.Command != nil:
		return r.Command.GetName()
	case r.Event != nil:
		return r.Event.GetName()
	case r.Timer != nil:
		return r.Timer.GetName()
	case r.Job != nil:
		return r.Job.GetName()
	}
	return ""
}

// Document is the input that came with the command, event, timer or job; nil when none did.
func (r *Request) Document() *v1.Document {
	switch {
	case r.Command != nil:
		return r.Command.GetInput()
	case r.Event != nil:
		return r.Event.GetData()
	case r.Timer != nil:
		return r.Timer.GetData()
	case r.Job != nil:
		return r.Job.GetInput()
	}
	return nil
}

// Input reads the document into a struct with JSON tags; an absent one leaves it as it is.
func (r *Request) Input(into any) error {
	d := r.Document()
	if len(d.GetJson()) == 0 {
		return nil
	}
	if err := json.Unmarshal(d.GetJson(), into); err != nil {
		return fmt.Errorf("input of %s: %w", r.Name(), err)
	}
	return nil
}

// ViewRequest asks for a page.
type ViewRequest struct {
	*v1.RenderRequest
	Snapshot
}

// Param is a parameter of the page's address.
func (r *ViewRequest) Param(name string) string { return r.GetParameters()[name] }

// GuardRequest asks whether an act of the core may be done.
type GuardRequest struct {
	*v1.GuardRequest
	Snapshot
}

// Arguments reads the act's arguments into a struct with JSON tags.
func (r *GuardRequest) Arguments(into any) error {
	d := r.GuardRequest.GetArguments()
	if len(d.GetJson()) == 0 {
		return nil
	}
	if err := json.Unmarshal(d.GetJson(), into); err != nil {
		return fmt.Errorf("arguments of %s: %w", r.GetCommand(), err)
	}
	return nil
}
