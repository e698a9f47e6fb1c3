package plugin

// What a bundle may not do, whatever its author signed: each rule has a sentence
// of its own. They are asked when a bundle is handed in and again when it is
// enabled, for between the two a key may be revoked and another version come.

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/fold"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/supervisor"
	"ore.edu.pl/sieci/plugins/sdk"
)

// CoreVersion is the platform's version as manifests name it ("core"): its first
// two numbers grow when modules get something new to build on.
const CoreVersion = "0.5.0"

// centreRoles are the roles to which a centre's own module may give something:
// those inside the centre. Whoever stands above it is not the centre's to steer.
var centreRoles = []access.Role{access.Participant, access.Coordinator, access.Expert, access.Moderator, access.Head, access.Guardian,
	access.TeamMember, access.Founder, access.CentreAdmin, access.User, access.Guest}

// fits judges a manifest by itself; centre is uuid.Nil for ORE's own.
func (h *Host) fits(m *bundle.Manifest, centre uuid.UUID) error {
	if err := h.permits(m.Runtime); err != nil {
		return err
	}
	return Fits(m, h.c.Access.Roles(), centre != uuid.Nil)
}

// permits refuses interpreters that this platform's setting does not name.
func (h *Host) permits(runtime string) error {
	if runtime != "" && !slices.Contains(h.c.Runtimes, runtime) {
		return fault.New(fault.Invalid, "plugin.add.runtime", "Runtime", runtime)
	}
	return nil
}

// Fits judges a manifest by itself: does this core run it on this machine, and
// does its role map stay inside what its owner, a centre or ORE, may give. known
// are the platform's roles. Errors: Invalid with one sentence.
func Fits(m *bundle.Manifest, known []access.Role, centre bool) error {
	if m.Contract.From > sdk.ContractRevision || m.Contract.To < sdk.ContractRevision {
		return fault.New(fault.Invalid, "plugin.add.contract", "From", m.Contract.From, "To", m.Contract.To, "Core", sdk.ContractRevision)
	}
	if m.Core != "" && compareVersions(m.Core, CoreVersion) > 0 {
		return fault.New(fault.Invalid, "plugin.add.core", "Want", m.Core, "Core", CoreVersion)
	}
	if !slices.ContainsFunc(m.Binaries, func(x bundle.Binary) bool { return x.OS == runtime.GOOS && x.Arch == runtime.GOARCH }) {
		return fault.New(fault.Invalid, "plugin.add.platform", "OS", runtime.GOOS, "Arch", runtime.GOARCH)
	}
	if centre && slices.ContainsFunc(m.Capabilities, func(c bundle.Capability) bool { return c.Name == answersCapability }) {
		return fault.New(fault.Invalid, "plugin.add.answers")
	}
	return judgeRoles(m.Roles, known, centre)
}

// judgeRoles lints a role map: only roles that exist; nothing but pages for
// everybody (guests and all who have an account are no role, they are the whole
// country); and from a centre nothing for those who stand above centres.
func judgeRoles(roles []bundle.Role, known []access.Role, centre bool) error {
	for _, r := range roles {
		role := access.Role(r.Role)
		if r.Role == "system" {
			continue
		}
		if !slices.Contains(known, role) || strings.Contains(r.Role, ".") {
			return fault.New(fault.Invalid, "plugin.add.role_unknown", "Role", r.Role)
		}
		if (role == access.Guest || role == access.User) && (len(r.Commands) > 0 || len(r.Effects) > 0) {
			return fault.New(fault.Invalid, "plugin.add.role_everybody", "Role", r.Role)
		}
		if centre && !slices.Contains(centreRoles, role) {
			return fault.New(fault.Invalid, "plugin.add.role_above", "Role", r.Role)
		}
	}
	return nil
}

// signer finds the key that signed a bundle and judges it; nil stands for the
// development key, which speaks for every namespace on this machine.
func (h *Host) signer(ctx context.Context, q db.Q, a *bundle.Archive) (*Key, error) {
	if a.Signature == nil {
		return nil, fault.New(fault.Invalid, "plugin.bundle.unsigned")
	}
	if !a.SignedBy(a.Signature.Key) {
		return nil, fault.New(fault.Invalid, "plugin.bundle.forged")
	}
	if h.c.Development != nil && h.c.Development.Equal(a.Signature.Key) {
		return nil, nil
	}
	k, err := readKey(ctx, q, bundle.KeyID(a.Signature.Key))
	if err != nil {
		return nil, err
	}
	if k == nil || !k.public.Equal(a.Signature.Key) {
		return nil, fault.New(fault.Invalid, "plugin.add.unknown_key", "Key", bundle.KeyID(a.Signature.Key))
	}
	return k, k.judge(a.Manifest.ID, h.c.Clock.Now())
}

// judge says whether the key may sign the module now.
func (k *Key) judge(module string, now time.Time) error {
	if k.Namespace != bundle.Namespace(module) {
		return fault.New(fault.Invalid, "plugin.add.namespace", "Key", k.ID, "Namespace", k.Namespace, "ID", module)
	}
	return k.refuse(now)
}

// follow judges a bundle against what the catalogue knows of the module: the
// same owner, and a version above the one that was enabled last, or that one
// again. o is nil for a module that was never enabled.
func (o *ownerRow) follow(m *bundle.Manifest, centre uuid.UUID) error {
	if o == nil {
		return nil
	}
	if o.Centre.UUID != centre {
		return fault.New(fault.Invalid, "plugin.add.owner", "ID", m.ID)
	}
	if compareVersions(m.Version, o.Version) < 0 {
		return fault.New(fault.Invalid, "plugin.add.lower", "Version", m.Version, "Have", o.Version)
	}
	return nil
}

// claims finds an enabled module that has a type of network, programme or tool of
// the same Polish title: people could not tell the two apart. Types' own names
// cannot clash, they begin with the module's id. Enabling asks it in its
// transaction, one after the other.
func claims(ctx context.Context, q db.Q, d *effect.Description) error {
	others, err := readTypes(ctx, q, d.Module)
	if err != nil {
		return err
	}
	titles := typeTitles(d)
	for _, o := range others {
		var have effect.Description
		if err := json.Unmarshal(o.Description, &have); err != nil {
			return fmt.Errorf("stored description of %s: %w", o.ID, err)
		}
		for _, t := range typeTitles(&have) {
			if slices.Contains(titles, t) {
				return supervisor.Because(causeTaken, errors.New(o.ID+" has a type of that title already: "+t))
			}
		}
	}
	return nil
}

func typeTitles(d *effect.Description) (out []string) {
	for i := range d.NetworkTypes {
		out = append(out, fold.Text(d.NetworkTypes[i].Title.In("pl")))
	}
	for i := range d.ProgrammeTypes {
		out = append(out, fold.Text(d.ProgrammeTypes[i].Title.In("pl")))
	}
	for i := range d.ToolTypes {
		out = append(out, fold.Text(d.ToolTypes[i].Title.In("pl")))
	}
	return out
}

// Coherent judges what a module of a bundle file says of itself: whether it makes
// sense as a whole, fits its manifest, and brings nothing that the manifest does
// not name. All that is wrong comes back joined, for the module's author.
func Coherent(m *bundle.Manifest, d *effect.Description) error { return coherent(m, d, true) }

// promised checks that what the module describes beside types of networks and
// programmes is what its signed manifest names.
func promised(m *bundle.Manifest, d *effect.Description) error {
	var errs []error
	for i := range d.TaskTypes {
		if n := d.TaskTypes[i].Name; !slices.Contains(m.TaskTypes, n) {
			errs = append(errs, errors.New("task type "+n+" is not in the manifest"))
		}
	}
	for i := range d.JobKinds {
		if n := d.JobKinds[i].Name; !slices.Contains(m.JobKinds, n) {
			errs = append(errs, errors.New("job kind "+n+" is not in the manifest"))
		}
	}
	return errors.Join(errs...)
}

// compareVersions orders versions as semver does: numbers first, and what has an
// ending ("-rc.1") comes before what has none.
func compareVersions(a, b string) int {
	x, xe, _ := strings.Cut(a, "-")
	y, ye, _ := strings.Cut(b, "-")
	xs, ys := strings.Split(x, "."), strings.Split(y, ".")
	for i := range min(len(xs), len(ys)) {
		if c := compareParts(xs[i], ys[i]); c != 0 {
			return c
		}
	}
	switch {
	case xe == ye:
		return 0
	case xe == "":
		return 1
	case ye == "":
		return -1
	}
	xs, ys = strings.Split(xe, "."), strings.Split(ye, ".")
	for i := range min(len(xs), len(ys)) {
		if c := compareParts(xs[i], ys[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(xs), len(ys))
}

// compareParts orders numbers as such and before words.
func compareParts(a, b string) int {
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	switch {
	case errX == nil && errY == nil:
		return cmp.Compare(x, y)
	case errX == nil:
		return -1
	case errY == nil:
		return 1
	}
	return cmp.Compare(a, b)
}
