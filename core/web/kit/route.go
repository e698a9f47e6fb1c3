package kit

import (
	"net/http"
	"strings"

	"ore.edu.pl/sieci/core/access"
)

// Permissions of routes that need nothing more precise.
const (
	// Public is held by everybody.
	Public access.Permission = "page:read"
	// SignedIn is held by every confirmed account.
	SignedIn access.Permission = "account:self"
)

// Route is one row of the table: who may do what at which address.
type Route struct {
	Method string // GET or POST
	Path   string // Echo pattern, "/sieci/:id"
	// Perm is checked coarsely by the router (at some place the actor may do
	// it); the service decides precisely.
	Perm access.Permission
	// Op is the id of the API operation that does the same; every POST names
	// one, or says in PageOnly why there is none.
	Op       string
	PageOnly string
	// Upload lifts the body ceiling from 1 MiB to 26 MiB (a file of 25 MiB and its form).
	Upload bool
	// Most is a ceiling of its own for files that are larger, in bytes; 0 = none.
	Most int64
	// Secret: the form holds a password, so the sign-in page does not keep its
	// fields when the session has ended.
	Secret bool
	// Unlinked: the address itself is the key (a code of a secret ballot). Who
	// asks is not looked up, whatever cookie comes along; the request is not
	// logged unless it fails; nothing keeps the page, and no link out of it tells
	// its address.
	Unlinked bool
	// Fresh: the act asks whoever is signed in to confirm who they are, unless
	// they did so a short time ago. The operation says the same.
	Fresh bool
	// Unconfined: open to people who must set up a second step first.
	Unconfined bool
	Handler    func(*Ctx) error
}

// Ceilings of request bodies, in bytes.
const (
	BodyLimit   = 1 << 20
	UploadLimit = 26 << 20
)

// Get is a route that shows a page.
func Get(path string, perm access.Permission, h func(*Ctx) error) Route {
	return Route{Method: http.MethodGet, Path: path, Perm: perm, Handler: h}
}

// Post is a route that changes something and answers 303, or 422 with the form.
func Post(path string, perm access.Permission, op string, h func(*Ctx) error) Route {
	return Route{Method: http.MethodPost, Path: path, Perm: perm, Op: op, Handler: h}
}

// PostPage is Post for acts that only make sense in a browser; why says so.
func PostPage(path string, perm access.Permission, why string, h func(*Ctx) error) Route {
	return Route{Method: http.MethodPost, Path: path, Perm: perm, PageOnly: why, Handler: h}
}

// WithUpload returns r with the ceiling for files.
func (r Route) WithUpload() Route {
	r.Upload = true
	return r
}

// WithUploadOf returns r with a ceiling of its own for the file and its form.
func (r Route) WithUploadOf(most int64) Route {
	r.Upload, r.Most = true, most
	return r
}

// WithSecrets returns r as a form with passwords.
func (r Route) WithSecrets() Route {
	r.Secret = true
	return r
}

// Apart returns r as a page that is not to be linked with a person.
func (r Route) Apart() Route {
	r.Unlinked = true
	return r
}

// WithReauth returns r as an act before which people confirm who they are. What
// they had typed is kept, but for files: put it on the form's page as well.
func (r Route) WithReauth() Route {
	r.Fresh = true
	return r
}

// WhileConfined returns r as open to people who must set up a second step at
// signing in before they may do anything else.
func (r Route) WhileConfined() Route {
	r.Unconfined = true
	return r
}

// check panics on a row that a programmer got wrong.
func (r *Route) check() {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		panic("web route: method of " + r.Path + " is neither GET nor POST")
	case !strings.HasPrefix(r.Path, "/"):
		panic("web route: path " + r.Path + " does not begin with /")
	case r.Perm == "":
		panic("web route: " + r.Path + " has no permission")
	case r.Handler == nil:
		panic("web route: " + r.Path + " has no handler")
	case r.Method == http.MethodPost && (r.Op == "") == (r.PageOnly == ""):
		panic("web route: POST " + r.Path + " names an API operation or says why there is none")
	}
}
