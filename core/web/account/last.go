package account

import (
	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/kit"
)

// LastSignIn tells people on their first page when and where they signed in
// before, so that they notice when it was not them.
type LastSignIn struct{ Identity *identity.Service }

// Ask implements home.Section.
func (l LastSignIn) Ask(a *access.Actor) (gather.Part, bool) { return l.Identity.AskLastSignIn(a) }

// Show implements home.Section; nothing at the first sign-in.
func (l LastSignIn) Show(c *kit.Ctx, f gather.Found) (templ.Component, error) {
	r, err := l.Identity.ReadLastSignIn(f)
	if err != nil || r.At.IsZero() {
		return nil, err
	}
	return lastSignIn(show.DateTime(c.Lang(), r.At) + ", " + browserName(c, r.Agent)), nil
}
