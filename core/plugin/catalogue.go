package plugin

// The story of a bundle's way into the catalogue. Somebody hands in a file. It is
// read from front to back once: form, signature, key, then the rules of judge.go,
// and only then its files, each hashed on its way into PostgreSQL; whatever is
// wrong ends it with one sentence and nothing kept. Then its program is started
// once, from the kept bytes and the way every node will start it, and asked what
// it is (the dry run). What it says, or why it could not, is kept beside it and
// makes the report that an administrator of ORE reads before enabling it. Nothing
// that was handed in acts for anybody before that.

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/supervisor"
)

// PermAdd hands in bundles and takes back those that were never enabled: a
// centre's administrators those that their own keys signed.
const PermAdd access.Permission = "module.bundle:add"

// AddBundle takes a bundle file: verifies it, keeps it, and runs it dry. Handing
// in the same file again gives the same id; another file of a version that was
// never enabled takes its place. A dry run that fails is part of the report, no
// error. Needs module.bundle:add at the centre whose key signed it.
//
// Errors: NotFound, Unauthenticated; Invalid with one sentence for everything
// that is wrong with the file; Conflict when the catalogue is full.
func (h *Host) AddBundle(ctx context.Context, r io.ReadSeeker) (uuid.UUID, error) {
	actor := access.From(ctx)
	if !h.c.Access.Anywhere(actor, PermAdd) {
		return uuid.Nil, h.c.Access.Require(actor, PermAdd, access.Place{})
	}
	select { // reading and running dry takes a processor and up to 100 MiB
	case h.adding <- struct{}{}:
		defer func() { <-h.adding }()
	case <-ctx.Done():
		return uuid.Nil, ctx.Err()
	}
	a, err := rewound(r)
	if err != nil {
		return uuid.Nil, err
	}
	key, err := h.signer(ctx, h.c.DB, a)
	if err != nil {
		return uuid.Nil, err
	}
	if !h.c.Access.Can(actor, PermAdd, access.Place{Centre: key.centre()}) {
		return uuid.Nil, fault.New(fault.Invalid, "plugin.add.not_yours", "Key", bundle.KeyID(a.Signature.Key))
	}
	if err := h.fits(&a.Manifest, key.centre()); err != nil {
		return uuid.Nil, err
	}
	id, known, err := h.keep(ctx, r, a, key)
	if err != nil {
		return id, err
	}
	if known { // run dry again when that did not end well, or not at all
		row, err := readBundle(ctx, h.c.DB, id)
		if err != nil || row == nil || row.Cause == "" && len(row.Description) > 0 {
			return id, err
		}
	}
	return id, h.dryRun(ctx, id)
}

// centre is the owner; uuid.Nil for ORE and for the development key.
func (k *Key) centre() uuid.UUID {
	if k == nil {
		return uuid.Nil
	}
	return k.Centre
}

func rewound(r io.ReadSeeker) (*bundle.Archive, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return bundle.OpenArchive(r)
}

// keep writes manifest and files; known when just this bundle was there.
func (h *Host) keep(ctx context.Context, r io.ReadSeeker, judged *bundle.Archive, key *Key) (id uuid.UUID, known bool, err error) {
	m := &judged.Manifest
	sum := sha256.Sum256(judged.Raw)
	if h.delivered(m.ID, m.Version) {
		return id, false, fault.New(fault.Invalid, "plugin.add.delivered", "ID", m.ID, "Version", m.Version)
	}
	err = h.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		// A transaction may be tried again: then the file is read again, too.
		a, err := rewound(r)
		if err == nil && !bytes.Equal(a.Raw, judged.Raw) {
			err = fault.New(fault.Invalid, "plugin.bundle.format")
		}
		if err != nil {
			return err
		}
		if err := lockModule(ctx, tx, m.ID); err != nil {
			return err
		}
		owner, err := readOwner(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if err := owner.follow(m, key.centre()); err != nil {
			return err
		}
		old, err := bundleOf(ctx, tx, m.ID, m.Version)
		if err != nil {
			return err
		}
		if known = old != nil && bytes.Equal(old.Sum, sum[:]); known {
			id = old.ID
			return a.Each(func(bundle.File, io.Reader) error { return nil })
		}
		if err := h.makeRoom(ctx, tx, old, key); err != nil {
			return err
		}
		if id, err = uuid.NewV7(); err != nil {
			return err
		}
		row := &bundleRow{ID: id, Module: m.ID, Version: m.Version, Manifest: a.Raw, Sum: sum[:], Signature: a.Signature.Bytes, AddedAt: h.c.Clock.Now()}
		if key != nil {
			row.Key = sql.NullString{String: key.ID, Valid: true}
		}
		for _, f := range m.Files() {
			row.Size += f.Size
		}
		if err := insertBundle(ctx, tx, row, access.From(ctx).Person); err != nil {
			return err
		}
		if err := a.Each(func(f bundle.File, r io.Reader) error { return writeChunks(ctx, tx, id, f, r) }); err != nil {
			return err
		}
		return h.noteAt(ctx, tx, key.centre(), audit.Event{Action: "module.bundle:add", ObjectKind: "module", ObjectID: m.ID, Fields: []string{"version", "bytes"}, Value: sum[:]})
	})
	return id, known, err
}

// makeRoom takes away the bundle in whose place another one comes, which must
// never have run and have the same owner, and sees that the catalogue does not
// grow without end.
func (h *Host) makeRoom(ctx context.Context, tx *db.Tx, old *bundleRow, key *Key) error {
	if old != nil {
		if old.Owner.UUID != key.centre() {
			return fault.New(fault.Invalid, "plugin.add.owner", "ID", old.Module)
		}
		gone, err := removeBundle(ctx, tx, old.ID)
		if err == nil && !gone {
			err = fault.New(fault.Invalid, "plugin.add.same_version", "Version", old.Version)
		}
		return err
	}
	n, err := countBundles(ctx, tx, key.centre())
	if err == nil && n >= maxOfOwner {
		err = fault.New(fault.Conflict, "plugin.add.full", "Max", maxOfOwner)
	}
	return err
}

// maxOfOwner is how many bundles of one owner may wait without ever having been
// enabled: what a mistake in a script can fill stays bounded.
const maxOfOwner = 20

// delivered reports whether the version lies in this node's folder.
func (h *Host) delivered(id, version string) bool {
	list, _ := bundle.ReadAll(h.c.Bundles)
	return slices.ContainsFunc(list, func(b *bundle.Bundle) bool { return b.Manifest.ID == id && b.Manifest.Version == version })
}

// stored makes a bundle that can be started of what the catalogue keeps.
func (h *Host) stored(ctx context.Context, manifest []byte, id uuid.UUID) (*bundle.Bundle, error) {
	return bundle.Stored(manifest, func(x bundle.Binary) (io.ReadCloser, error) {
		return &chunks{ctx: ctx, q: h.c.DB, id: id, file: x.File}, nil
	})
}

// dryRun starts the bundle's program once and keeps what it says of itself.
func (h *Host) dryRun(ctx context.Context, id uuid.UUID) error {
	row, err := readBundle(ctx, h.c.DB, id)
	if err != nil || row == nil {
		return cmp.Or(err, error(fault.ErrNotFound))
	}
	b, err := h.stored(ctx, row.Manifest, id)
	if err != nil {
		return err
	}
	d, raw, err := h.examine(ctx, b)
	if err == nil {
		err = coherent(&b.Manifest, d, true)
	}
	if err == nil {
		err = claims(ctx, h.c.DB, d)
	}
	if err == nil {
		err = h.carries(ctx, d)
	}
	if ctx.Err() != nil {
		return ctx.Err() // nothing is known of the bundle then
	}
	cause, problem := "", ""
	if err != nil {
		cause, problem = string(cmp.Or(supervisor.CauseOf(err), supervisor.CauseStart)), cut(err.Error())
	}
	return putExamined(ctx, h.c.DB, id, raw, cause, problem)
}

// carries checks that nothing stored would be lost.
func (h *Host) carries(ctx context.Context, d *effect.Description) error {
	if h.c.Stored == nil {
		return nil
	}
	losses, err := h.c.Stored(ctx, h.c.DB, d)
	if err == nil && losses != "" {
		err = supervisor.Because(causeStored, errors.New(losses))
	}
	return err
}

// coherent judges what a module says of itself against its manifest. whole
// bundles promise their task types and job kinds.
func coherent(m *bundle.Manifest, d *effect.Description, whole bool) error {
	err := lint(m, d)
	if whole {
		err = errors.Join(err, promised(m, d))
	}
	if err != nil {
		return supervisor.Because(causeManifest, err)
	}
	return nil
}

// Change says how a right stands to that of the version that is enabled.
type Change string

// The changes of a right.
const (
	Added   Change = "added"
	Gone    Change = "gone"
	Altered Change = "altered" // on other kinds of scope
	Same    Change = "same"
)

// Right is a capability that a bundle asks for, or asks for no more.
type Right struct {
	bundle.Capability
	Change Change
}

// Report is what an administrator reads before enabling a bundle.
type Report struct {
	ID       uuid.UUID
	Manifest *bundle.Manifest
	// Key signed it; nil for the development key of this machine.
	Key *Key
	// Refused is the sentence for why it cannot be enabled now; nil when it can.
	Refused error
	// Cause and Problem say why the dry run failed; empty when it was fine.
	Cause, Problem string
	// Types are what it brings, by their titles.
	Types []effect.Text
	// Names are the titles of its commands and views.
	Names map[string]effect.Text
	// Rights stand beside those that the module has by Running, the version that was
	// enabled last or that it went back to ("" for none).
	Rights  []Right
	Running string
	// Enabled: this is what runs. Used: it was enabled once, so it stays. Off: the
	// module is not enabled, in no version.
	Enabled, Used, Off bool
	Size               int64
	AddedAt            time.Time
	AddedBy            string
}

// Report reads the report of a bundle. Needs module:list or module.bundle:add at
// the centre whose key signed it. Errors: NotFound, Unauthenticated.
func (h *Host) Report(ctx context.Context, id uuid.UUID) (*Report, error) {
	actor := access.From(ctx)
	if !h.c.Access.Anywhere(actor, PermList) {
		return nil, h.c.Access.Require(actor, PermList, access.Place{})
	}
	k, err := h.readKept(ctx, id)
	if err != nil {
		return nil, err
	}
	if k == nil || !h.c.Access.Can(actor, PermList, access.Place{Centre: k.row.Owner.UUID}) {
		return nil, fault.ErrNotFound
	}
	row, m := k.row, k.manifest
	r := &Report{ID: id, Manifest: m, Key: k.key, Cause: row.Cause, Problem: row.Problem, Used: row.Used, Size: row.Size, AddedAt: row.AddedAt, AddedBy: row.AddedBy,
		Refused: h.mayEnable(k)}
	var running *bundle.Manifest
	if r.Off = k.latest == nil || !k.latest.Enabled; k.latest != nil {
		r.Running, r.Enabled = k.latest.Version, k.latest.Enabled && bytes.Equal(k.latest.Sum, row.Sum)
		if running, err = bundle.ParseManifest(k.latest.Manifest); err != nil {
			return nil, err
		}
	}
	if running != nil { // what was withheld is new to the module when it gets it
		var had []grantRow
		if err := json.Unmarshal(k.latest.Grants, &had); err != nil {
			return nil, err
		}
		running.Capabilities = slices.DeleteFunc(running.Capabilities, func(c bundle.Capability) bool {
			return !slices.ContainsFunc(had, func(g grantRow) bool { return g.Capability == c.Name })
		})
	}
	r.Rights = difference(running, m)
	if len(row.Description) > 0 {
		var d effect.Description
		if err := json.Unmarshal(row.Description, &d); err != nil {
			return nil, err
		}
		r.Types, r.Names = titles(&d), names(&d)
	}
	return r, nil
}

// kept is a bundle of the catalogue with what it is judged by.
type kept struct {
	row      *bundleRow
	manifest *bundle.Manifest
	// key is nil for the development key, latest for a module never enabled.
	key    *Key
	owner  *ownerRow
	latest *runningRow
}

// readKept reads it in one round trip; nil for an unknown one.
func (h *Host) readKept(ctx context.Context, id uuid.UUID) (*kept, error) {
	k := &kept{}
	err := db.Together(ctx, h.c.DB,
		func(ctx context.Context, q db.Q) (err error) { k.row, err = readBundle(ctx, q, id); return err },
		func(ctx context.Context, q db.Q) (err error) { k.key, err = keyOfBundle(ctx, q, id); return err },
		func(ctx context.Context, q db.Q) (err error) { k.owner, err = ownerOfBundle(ctx, q, id); return err },
		func(ctx context.Context, q db.Q) (err error) { k.latest, err = runningOfBundle(ctx, q, id); return err })
	if err != nil || k.row == nil {
		return nil, err
	}
	k.manifest, err = bundle.ParseManifest(k.row.Manifest)
	return k, err
}

// mayEnable judges a kept bundle as of now.
func (h *Host) mayEnable(k *kept) error {
	switch {
	case k.key != nil:
		if err := k.key.judge(k.manifest.ID, h.c.Clock.Now()); err != nil {
			return err
		}
	case !(&bundle.Archive{Raw: k.row.Manifest, Signature: &bundle.Signature{Bytes: k.row.Signature}}).SignedBy(h.c.Development):
		return fault.New(fault.Invalid, "plugin.add.development")
	}
	if err := h.fits(k.manifest, k.key.centre()); err != nil {
		return err
	}
	if err := k.owner.follow(k.manifest, k.key.centre()); err != nil {
		return err
	}
	if k.row.Cause != "" || len(k.row.Description) == 0 {
		return fault.New(fault.Invalid, "plugin.add.failed")
	}
	return nil
}

// names are the titles of commands and views.
func names(d *effect.Description) map[string]effect.Text {
	out := map[string]effect.Text{}
	add := func(b *effect.Behaviour) {
		for i := range b.Commands {
			out[b.Commands[i].Name] = b.Commands[i].Title
		}
		for i := range b.Views {
			out[b.Views[i].Name] = b.Views[i].Title
		}
	}
	for i := range d.NetworkTypes {
		add(&d.NetworkTypes[i].Behaviour)
	}
	for i := range d.ProgrammeTypes {
		add(&d.ProgrammeTypes[i].Behaviour)
	}
	for i := range d.TaskTypes {
		add(&d.TaskTypes[i].Behaviour)
	}
	return out
}

func titles(d *effect.Description) (out []effect.Text) {
	for i := range d.NetworkTypes {
		out = append(out, d.NetworkTypes[i].Title)
	}
	for i := range d.ProgrammeTypes {
		out = append(out, d.ProgrammeTypes[i].Title)
	}
	for i := range d.TaskTypes {
		out = append(out, d.TaskTypes[i].Title)
	}
	for i := range d.ToolTypes {
		out = append(out, d.ToolTypes[i].Title)
	}
	return out
}

// difference puts what a manifest asks for beside what another one, which may be
// nil, asked for: new rights first, then altered ones, those that go, the rest.
func difference(old, m *bundle.Manifest) []Right {
	var out []Right
	before := map[string]bundle.Capability{}
	if old != nil {
		for _, c := range old.Capabilities {
			before[c.Name] = c
		}
	}
	for _, c := range m.Capabilities {
		was, had := before[c.Name]
		delete(before, c.Name)
		change := Same
		switch {
		case !had:
			change = Added
		case !sameScopes(was.Scopes, c.Scopes) || was.Optional != c.Optional:
			change = Altered
		}
		out = append(out, Right{c, change})
	}
	for _, c := range before {
		out = append(out, Right{c, Gone})
	}
	order := []Change{Added, Altered, Gone, Same}
	slices.SortFunc(out, func(a, b Right) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Change), slices.Index(order, b.Change)), strings.Compare(a.Name, b.Name))
	})
	return out
}

func sameScopes(a, b []effect.ScopeKind) bool {
	x, y := slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(x, y)
}

// DiscardBundle takes back a bundle that was never enabled. Needs
// module.bundle:add at the centre whose key signed it. Errors: NotFound;
// Conflict for a bundle that runs or ran, which stays.
func (h *Host) DiscardBundle(ctx context.Context, id uuid.UUID) error {
	actor := access.From(ctx)
	if !h.c.Access.Anywhere(actor, PermAdd) {
		return h.c.Access.Require(actor, PermAdd, access.Place{})
	}
	return h.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := readBundle(ctx, tx, id)
		if err != nil {
			return err
		}
		if row == nil || !h.c.Access.Can(actor, PermAdd, access.Place{Centre: row.Owner.UUID}) {
			return fault.ErrNotFound
		}
		gone, err := removeBundle(ctx, tx, id)
		if err != nil {
			return err
		}
		if !gone {
			return fault.New(fault.Conflict, "plugin.add.used")
		}
		return h.noteAt(ctx, tx, row.Owner.UUID, audit.Event{Action: "module.bundle:drop", ObjectKind: "module", ObjectID: row.Module, Fields: []string{"version", "bytes"}, Value: row.Sum})
	})
}
