// Package command is what the API says of a module's command, the same in
// networks, programmes and groups: its form, what the form is filled with, and
// the version to send back. It owns no table.
package command

import (
	"encoding/json"

	"ore.edu.pl/sieci/core/effect"
)

// Out is a command that the caller may give.
type Out struct {
	Name     string            `json:"name"`
	Title    map[string]string `json:"title"`
	Form     json.RawMessage   `json:"form,omitempty" doc:"A form document; missing when the command asks nothing."`
	Revision int               `json:"revision,omitempty" doc:"Of the form."`
	Answers  json.RawMessage   `json:"answers,omitempty" doc:"What is saved in the record that the command edits; missing when there is none yet."`
	Saved    int               `json:"answers_revision,omitempty" doc:"Of the form that the answers follow."`
	Version  int64             `json:"version" doc:"Of that record, 0 when there is none: send it back with the command."`
}

// Of makes it; saved is nil when there is no record yet.
func Of(k *effect.CommandKind, saved *effect.Saved) Out {
	out := Out{Name: k.Name, Title: k.Title, Form: k.Form.JSON, Revision: k.Form.Revision, Version: saved.Version()}
	if saved != nil {
		out.Answers, out.Saved = saved.Answers.JSON, saved.Answers.Revision
	}
	return out
}
