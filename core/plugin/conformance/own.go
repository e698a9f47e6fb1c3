package conformance

import (
	"encoding/json"
	"fmt"
	"time"

	"ore.edu.pl/sieci/core/effect"
)

// own are the data of a row of the core's own sources (plugins/proto/SOURCES.md).
func (w *world) own(r *effect.Row, spec *effect.SliceSpec, i int) json.RawMessage {
	var data any
	pick := func(list ...string) string { return list[w.rng.IntN(len(list))] }
	words := func() string { return polishWords[w.rng.IntN(len(polishWords))] }
	switch spec.Source {
	case effect.SourceMember:
		role := "participant"
		if i == 0 {
			role = "coordinator"
		}
		m := map[string]any{"person": newID(w.rng), "role": role, "roles": []string{role}, "state": pick("active", "active", "active", "invited", "ended"), "since": w.day()}
		for _, a := range spec.Attributes {
			switch a {
			case "group":
				m["groups"] = w.groupIDs(2)
			case "territory":
				m["territory"] = fmt.Sprintf("%07d", 201011+w.rng.IntN(3000))
			default:
				m[a] = newID(w.rng)
			}
		}
		data = m
	case effect.SourceGroup:
		if len(w.groups) > 0 && i < len(w.groups) {
			r.ID, r.Scope = w.groups[i].ID, w.groups[i]
		}
		name := words()
		r.Index["name"] = name
		data = map[string]any{"kind": spec.Kind, "name": name, "members": w.rng.IntN(30), "parent": w.base.Scope.ID}
	case effect.SourceTask:
		data = w.task(spec)
	case effect.SourceIndicator:
		target, done := w.rng.Int64N(100), w.rng.Int64N(100)
		name := fmt.Sprintf("indicator_%d", i)
		r.Index["name"], r.Index["target"], r.Index["achieved"] = name, target, done
		data = map[string]any{"name": name, "target": target, "achieved": done}
	case effect.SourceNetwork:
		data = map[string]any{"type": effect.Qualify(w.s.d.Module, "network"), "name": words(), "stage": w.base.Stage, "members": w.rng.IntN(60)}
	case effect.SourceMeeting:
		data = map[string]any{"kind": pick("organisational", "working", "summary"), "title": words(), "starts": w.day(), "minutes": 90, "place": words(),
			"state": pick("draft", "announced", "held", "closed", "cancelled")}
	case effect.SourceEvaluation:
		data = map[string]any{"tool": "ore.survey:survey", "title": words(), "state": pick("open", "closed"), "invited": 20, "answered": w.rng.IntN(21),
			"opened": today.AddDate(0, 0, -20), "closes": today.AddDate(0, 0, 5), "closed": today.AddDate(0, 0, -1)}
	case effect.SourceRegister:
		data = w.register(r, spec, i)
	default:
		data = map[string]any{"what": words(), "state": pick("planned", "done", "dropped"), "due": w.day().Format(time.DateOnly), "product": w.rng.IntN(2) == 0}
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return json.RawMessage("{}")
	}
	return raw
}

// register is a row of the registers: what it stands in its index is what the core
// puts there, too.
func (w *world) register(r *effect.Row, spec *effect.SliceSpec, i int) map[string]any {
	code := fmt.Sprintf("%06d", 311000+i)
	r.Version = 0
	switch spec.Kind {
	case "day":
		day := effect.Date(today.AddDate(0, -i, 0).Format(time.DateOnly))
		r.Index["day"] = day
		return map[string]any{"day": day, "register": "rspo"}
	case "vocation":
		n, before := w.rng.Int64N(9), w.rng.Int64N(9)
		m := map[string]any{"code": code, "name": polishWords[w.rng.IntN(len(polishWords))], "schools": n, "voivodeships": min(n, 3)}
		r.Index["code"], r.Index["schools"] = code, n
		if spec.ComparedWith != "" {
			m["before"], r.Index["before"] = before, before
		}
		return m
	}
	r.Version, r.Index["voivodeship"], r.Index["powiat"] = 1, "30", "3013"
	return map[string]any{"rspo": 100000 + i, "name": polishWords[w.rng.IntN(len(polishWords))], "town": "Leszno", "type": "Technikum",
		"voivodeship": "30", "voivodeship_name": "wielkopolskie", "powiat": "3013", "vocations": []any{map[string]any{"code": code, "name": "Zawód"}}}
}

// task is a task of the kind, or of the module's first type.
func (w *world) task(spec *effect.SliceSpec) map[string]any {
	state := []string{"open", "submitted", "returned", "accepted", "escalated"}[w.rng.IntN(5)]
	m := map[string]any{"type": spec.Kind, "title": polishWords[w.rng.IntN(len(polishWords))], "state": state, "due": w.day(), "submissions": []any{}}
	typ, ok := w.s.d.TaskType(spec.Kind)
	if !ok && len(w.s.d.TaskTypes) > 0 {
		typ, ok = &w.s.d.TaskTypes[0], true
		m["type"] = typ.Name
	}
	if !ok {
		return m
	}
	m["assignee"] = map[string]any{"kind": typ.Assignees[0], "id": newID(w.rng)}
	if doc := w.s.form(typ.Form).some(w.rng); state != "open" && !doc.IsZero() {
		m["submissions"] = []any{map[string]any{"id": newID(w.rng), "authors": []any{newID(w.rng)}, "state": state, "submitted": w.day(), "answers": doc.JSON}}
	}
	return m
}

func (w *world) groupIDs(most int) []string {
	out := []string{}
	for _, g := range w.groups[:min(most, len(w.groups))] {
		out = append(out, g.ID.String())
	}
	return out
}
