package plugin

// What administrators set for a module as a whole, by a form of the module's own.
// The answers are kept with the form under which they were given. A version with
// another revision of it gets them carried over by the names of its questions;
// when what comes of that does not fit, it gets none, and its page says so: a
// module works without.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
)

// Configuration is a module's form for administrators with what was set by it.
type Configuration struct {
	Module string
	Title  effect.Text
	// Form is that of the version which is to run.
	Form effect.Document
	// Answers fit Form and reach the module; zero when none do.
	Answers effect.Document
	// Version counts savings, 0 for none.
	Version int64
	// Lost are the questions of an earlier revision whose answers found no place;
	// everything is lost when what was left did not fit.
	Lost      []string
	ChangedAt time.Time
	ChangedBy string
}

// Configuration reads what was set for a module. Needs module:list at the centre
// whose key signed it. Errors: NotFound, also for a module that asks nothing or
// was never enabled; Unauthenticated.
func (h *Host) Configuration(ctx context.Context, id string) (*Configuration, error) {
	actor := access.From(ctx)
	if !h.c.Access.Anywhere(actor, PermList) {
		return nil, h.c.Access.Require(actor, PermList, access.Place{})
	}
	row, err := readConfigured(ctx, h.c.DB, id)
	if err != nil {
		return nil, err
	}
	if row == nil || !h.c.Access.Can(actor, PermList, access.Place{Centre: row.Owner.UUID}) {
		return nil, fault.ErrNotFound
	}
	var d effect.Description
	if err := json.Unmarshal(row.Description, &d); err != nil {
		return nil, fmt.Errorf("stored description: %w", err)
	}
	if d.Configuration.IsZero() {
		return nil, fault.ErrNotFound
	}
	c := &Configuration{Module: id, Form: d.Configuration, Version: row.Version.Int64, ChangedAt: row.ChangedAt.Time, ChangedBy: row.ChangedBy}
	var m struct {
		Title effect.Text `json:"title"`
	}
	if err := json.Unmarshal(row.Manifest, &m); err != nil {
		return nil, err
	}
	c.Title = m.Title
	c.Answers, c.Lost, err = row.config().fit(d.Configuration)
	return c, err
}

// Configure saves answers to the module's form; version is the one that was read
// ([Configuration.Version]). The same answers again change nothing. All nodes
// hand them to the module within seconds, without a new process. Needs
// module:enable. Errors: NotFound; Invalid with the form's paths;
// [effect.ErrOvertaken] when somebody else saved meanwhile; Conflict when the form
// is no longer the one answered.
func (h *Host) Configure(ctx context.Context, id string, answers effect.Document, version int64) error {
	actor := access.From(ctx)
	if err := h.c.Access.Require(actor, PermEnable, access.Place{}); err != nil {
		return err
	}
	if err := h.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		at := h.c.Clock.Now()
		known, err := revise(ctx, tx, id, actor.Person, at) // holds the module
		if err != nil {
			return err
		}
		row, err := readConfigured(ctx, tx, id)
		if err != nil {
			return err
		}
		if !known || row == nil {
			return fault.ErrNotFound
		}
		var d effect.Description
		if err := json.Unmarshal(row.Description, &d); err != nil {
			return fmt.Errorf("stored description: %w", err)
		}
		if d.Configuration.IsZero() {
			return fault.ErrNotFound
		}
		if answers.Revision != d.Configuration.Revision {
			return fault.New(fault.Conflict, "plugin.config.form_changed")
		}
		clean, err := answered(i18n.FromContext(ctx), d.Configuration, answers.JSON)
		if err != nil {
			return err
		}
		if now, _, err := row.config().fit(d.Configuration); err == nil && string(now.JSON) == string(clean) && row.Revision.Int64 == int64(answers.Revision) {
			return errSame
		}
		if row.Version.Int64 != version {
			return effect.ErrOvertaken
		}
		if err := putConfig(ctx, tx, id, d.Configuration, clean, actor.Person, at); err != nil {
			return err
		}
		tx.AfterCommit(h.Kick)
		return h.noteAt(ctx, tx, row.Owner.UUID, audit.Event{Action: "module:configure", ObjectKind: "module", ObjectID: id, Fields: []string{"configuration"}, Value: clean})
	}); err != nil && !errors.Is(err, errSame) {
		return err
	}
	return h.Load(ctx)
}

// errSame ends a transaction that has nothing to change.
var errSame = errors.New("the same answers")

// answered validates answers and returns them as they are kept.
func answered(l i18n.Lang, d effect.Document, raw []byte) ([]byte, error) {
	f, err := form.Decode(d.JSON)
	if err != nil {
		return nil, fmt.Errorf("configuration form: %w", err)
	}
	a, wrong := form.DecodeAnswers(f, raw)
	r := form.Validate(l, f, a, form.Final, wrong)
	if err := r.Err(); err != nil {
		return nil, err
	}
	return r.Answers.Canonical(), nil
}

// config is what was saved; zero for nothing.
type config struct {
	form    []byte
	answers effect.Document
}

// fit carries the answers over to a form. lost are the paths that found no place.
func (c config) fit(now effect.Document) (fit effect.Document, lost []string, err error) {
	if c.answers.IsZero() || now.IsZero() {
		return effect.Document{}, nil, nil
	}
	was, err := form.Decode(c.form)
	if err != nil {
		return fit, nil, fmt.Errorf("stored configuration form: %w", err)
	}
	to, err := form.Decode(now.JSON)
	if err != nil {
		return fit, nil, fmt.Errorf("configuration form: %w", err)
	}
	a, wrong := form.DecodeAnswers(was, c.answers.JSON)
	if len(wrong) > 0 {
		return fit, nil, fmt.Errorf("stored configuration: %w", wrong.Err())
	}
	if c.answers.Revision != now.Revision {
		a, lost = form.Upgrade{}.Apply(was, to, a)
	}
	r := form.Validate(i18n.Polish, to, a, form.Final, nil)
	if r.Err() != nil {
		for _, it := range was.Items {
			if _, ok := a[it.ID]; ok {
				lost = append(lost, it.ID)
			}
		}
		return effect.Document{}, lost, nil
	}
	return effect.Document{JSON: r.Answers.Canonical(), Revision: now.Revision}, lost, nil
}

// lintConfiguration: a module's settings ask for nothing that lies in a scope.
func lintConfiguration(d effect.Document) error {
	f, err := form.Decode(d.JSON)
	if d.IsZero() || err != nil {
		return nil // there is none, or what is wrong was said already
	}
	var bad error
	var look func(items []*form.Item)
	look = func(items []*form.Item) {
		for _, it := range items {
			if it.Type == form.TypeFile || it.Type == form.TypeRef {
				bad = fmt.Errorf("configuration: question %s asks for a file or a reference", it.ID)
			}
			look(it.Items)
		}
	}
	look(f.Items)
	return bad
}
