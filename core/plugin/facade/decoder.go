package facade

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"
	"ore.edu.pl/sieci/core/effect"
	pluginv1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// From here on: wire → core. What a module sends is judged, never trusted.

// decoder reads one answer; the first thing wrong stays in err and the rest is
// then of no interest.
type decoder struct {
	decision uuid.UUID
	// handles are those of effects read so far; later effects may refer to them.
	handles map[string]bool
	err     error
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf(format, args...)
	}
}

// text accepts a plain text of at most max characters: no NUL, which
// PostgreSQL refuses, and no controls that reorder what people read.
func (d *decoder) text(what, s string, max int) string {
	if len(s) > 4*max || utf8.RuneCountInString(s) > max {
		d.fail("%s: longer than %d characters", what, max)
	}
	if strings.ContainsFunc(s, func(r rune) bool {
		return r == 0 || r == utf8.RuneError || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	}) {
		d.fail("%s: forbidden character", what)
	}
	return s
}

// needText is text that must be there.
func (d *decoder) needText(what, s string, max int) string {
	if strings.TrimSpace(s) == "" {
		d.fail("%s: missing", what)
	}
	return d.text(what, s, max)
}

func (d *decoder) name(what, s string) string {
	if !effect.ValidName(s) {
		d.fail("%s: %.80q is no name", what, s)
	}
	return s
}

// maybeName is a name or nothing.
func (d *decoder) maybeName(what, s string) string {
	if s == "" {
		return ""
	}
	return d.name(what, s)
}

// id reads an id, a reference to an earlier effect ("#handle"), or nothing.
func (d *decoder) id(what, s string) uuid.UUID {
	if s == "" {
		return uuid.Nil
	}
	if h, ok := strings.CutPrefix(s, "#"); ok {
		if !d.handles[h] {
			d.fail("%s: no earlier effect %.80q", what, s)
		}
		return effect.HandleID(d.decision, h)
	}
	if len(s) != 36 {
		d.fail("%s: %.80q is no id", what, s)
		return uuid.Nil
	}
	id, err := uuid.Parse(s)
	if err != nil || id == uuid.Nil {
		d.fail("%s: %.80q is no id", what, s)
	}
	return id
}

func (d *decoder) needID(what, s string) uuid.UUID {
	if s == "" {
		d.fail("%s: missing", what)
	}
	return d.id(what, s)
}

func (d *decoder) scopeKind(what string, k pluginv1.ScopeKind) effect.ScopeKind {
	for core, wire := range scopeKinds {
		if wire == k {
			return core
		}
	}
	d.fail("%s: unknown scope kind %d", what, k)
	return ""
}

func (d *decoder) scope(what string, s *pluginv1.Scope) effect.Scope {
	if s == nil {
		d.fail("%s: missing", what)
		return effect.Scope{}
	}
	return effect.Scope{Kind: d.scopeKind(what, s.GetKind()), ID: d.needID(what, s.GetId())}
}

// Sizes of documents (common.proto).
const (
	maxAnswers = 256 << 10
	maxForm    = 256 << 10
)

var nul = []byte(`\u0000`)

// document reads a JSON object, or nothing.
func (d *decoder) document(what string, doc *pluginv1.Document, max int) effect.Document {
	if doc == nil || len(doc.GetJson()) == 0 {
		return effect.Document{}
	}
	raw := doc.GetJson()
	switch {
	case len(raw) > max:
		d.fail("%s: %d bytes, at most %d", what, len(raw), max)
	case !utf8.Valid(raw) || !json.Valid(raw) || bytes.TrimLeft(raw, " \t\r\n")[0] != '{':
		d.fail("%s: no JSON object", what)
	case bytes.Contains(raw, nul):
		d.fail("%s: forbidden character", what)
	case doc.GetRevision() > math.MaxInt32:
		d.fail("%s: revision out of range", what)
	}
	return effect.Document{JSON: raw, Revision: int(doc.GetRevision())}
}

func (d *decoder) needDocument(what string, doc *pluginv1.Document, max int) effect.Document {
	out := d.document(what, doc, max)
	if out.IsZero() {
		d.fail("%s: missing", what)
	}
	return out
}

// time reads an instant between the years 1900 and 2200, or nothing.
func (d *decoder) time(what string, t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	out := t.AsTime()
	if !t.IsValid() || out.Year() < 1900 || out.Year() > 2200 {
		d.fail("%s: no time", what)
		return time.Time{}
	}
	return out.Truncate(time.Microsecond)
}

func (d *decoder) needTime(what string, t *timestamppb.Timestamp) time.Time {
	if t == nil {
		d.fail("%s: missing", what)
	}
	return d.time(what, t)
}

func (d *decoder) words(what string, t *pluginv1.Text, required bool) effect.Text {
	if t == nil || len(t.GetByLanguage()) == 0 {
		if required {
			d.fail("%s: missing", what)
		}
		return nil
	}
	out := effect.Text{}
	if len(t.GetByLanguage()) > 20 {
		d.fail("%s: too many languages", what)
		return nil
	}
	for lang, s := range t.GetByLanguage() {
		if len(lang) < 2 || len(lang) > 8 {
			d.fail("%s: %q is no language", what, lang)
		}
		out[lang] = d.text(what, s, 2000)
	}
	if strings.TrimSpace(out["pl"]) == "" {
		d.fail("%s: no Polish text", what)
	}
	return out
}

func (d *decoder) index(what string, m map[string]*pluginv1.Value) map[string]effect.Value {
	if len(m) == 0 {
		return nil
	}
	if len(m) > 8 {
		d.fail("%s: more than 8 index fields", what)
		return nil
	}
	out := make(map[string]effect.Value, len(m))
	for name, v := range m {
		out[d.name(what, name)] = d.value(what+"."+name, v)
	}
	return out
}

func (d *decoder) value(what string, v *pluginv1.Value) effect.Value {
	switch v := v.GetValue().(type) {
	case nil:
		return nil
	case *pluginv1.Value_Text:
		return d.text(what, v.Text, 500)
	case *pluginv1.Value_Integer:
		return v.Integer
	case *pluginv1.Value_Number:
		if math.IsNaN(v.Number) || math.IsInf(v.Number, 0) {
			d.fail("%s: not a finite number", what)
		}
		return v.Number
	case *pluginv1.Value_Boolean:
		return v.Boolean
	case *pluginv1.Value_Date:
		if v.Date == nil {
			d.fail("%s: no date", what)
			return nil
		}
		return d.day(what, v.Date)
	case *pluginv1.Value_Instant:
		return d.needTime(what, v.Instant)
	case *pluginv1.Value_Ref:
		return d.needID(what, v.Ref)
	}
	d.fail("%s: unknown type of value", what)
	return nil
}

func (d *decoder) diagnostics(list []*pluginv1.Diagnostic) []effect.Diagnostic {
	if len(list) > 100 {
		d.fail("%d diagnostics, at most 100", len(list))
		return nil
	}
	out := make([]effect.Diagnostic, 0, len(list))
	for _, m := range list {
		o := effect.Diagnostic{Path: d.text("diagnostic path", m.GetPath(), 200), Code: d.name("diagnostic code", m.GetCode()), Text: d.needText("diagnostic text", m.GetText(), 1000)}
		switch m.GetSeverity() {
		case pluginv1.Severity_SEVERITY_INFO:
			o.Severity = effect.SeverityInfo
		case pluginv1.Severity_SEVERITY_WARNING:
			o.Severity = effect.SeverityWarning
		case pluginv1.Severity_SEVERITY_ERROR:
			o.Severity = effect.SeverityError
		default:
			d.fail("diagnostic %s: unknown severity %d", o.Code, m.GetSeverity())
		}
		out = append(out, o)
	}
	return out
}

func (d *decoder) versions(list []*pluginv1.RowVersion) []effect.RowVersion {
	if len(list) > 5000 {
		d.fail("depends on %d rows, at most 5000", len(list))
		return nil
	}
	out := make([]effect.RowVersion, 0, len(list))
	for _, m := range list {
		out = append(out, effect.RowVersion{Source: d.source("depends_on", m.GetSource()), ID: d.needID("depends_on", m.GetId()), Version: m.GetVersion()})
	}
	return out
}

func (d *decoder) progress(p *pluginv1.JobProgress) *effect.Progress {
	if p == nil {
		return nil
	}
	if len(p.GetContinuation()) > 64<<10 {
		d.fail("continuation of %d bytes, at most 64 KiB", len(p.GetContinuation()))
	}
	return &effect.Progress{Done: p.GetDone(), Continuation: p.GetContinuation(), Completed: p.GetCompleted(), Total: p.GetTotal()}
}
