package library

import (
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
)

// The permissions of this context, as in policies/. Whoever sees the list sees
// in it what is open to them.
const (
	PermList     access.Permission = "resource:list"    // everybody
	PermView     access.Permission = "resource:view"    // what a network or centre keeps for itself
	PermCreate   access.Permission = "resource:create"  // and change one's own
	PermEdit     access.Permission = "resource:edit"    // change and remove anybody's
	PermUse      access.Permission = "resource:use"     // put on a network's shelf
	PermPropose  access.Permission = "resource:propose" // for publication
	PermPublish  access.Permission = "resource:publish"
	PermUseful   access.Permission = "resource:appreciate"
	PermPlan     access.Permission = "dissemination:view"
	PermPlanEdit access.Permission = "dissemination:edit"
)

// FileKind is what files of the library are attached to: a version.
const FileKind = "resource_version"

// State is where a resource stands.
type State string

// The states.
const (
	Draft   State = "draft"
	Shared  State = "shared"
	Removed State = "removed"
)

// Audience is who may read a shared resource.
type Audience string

// The audiences, each wider than the one before.
const (
	Network  Audience = "network"  // its network, or its centre
	Platform Audience = "platform" // everybody signed in
	Public   Audience = "public"   // everybody, on the public page
)

// Decision is how the last question of publication ended; "" while there was none.
type Decision string

// The decisions.
const (
	Published Decision = "published"
	Refused   Decision = "refused"
	Withdrawn Decision = "withdrawn"
)

// Bounds of what people write.
const (
	MinTitle         = 3
	MaxTitle         = 200
	MaxDescription   = 10000
	MaxLicenceText   = 500
	MinAccessibility = 10
	MaxAccessibility = 1000
	MaxAuthors       = 10
	MaxAuthor        = 120
	MaxTags          = 20
	MaxFiles         = 10
	MaxLink          = 1000
	MaxNote          = 1000
	MaxAlt           = 500
	MaxReason        = 1000
)

// Details are what people say about a resource.
type Details struct {
	Title string `json:"title"`
	// Kind and Licence are codes of the vocabularies; LicenceText the terms of
	// the licence "own".
	Kind        string `json:"kind"`
	Description string `json:"description"` // Markdown
	Licence     string `json:"licence"`
	LicenceText string `json:"licence_text,omitempty"`
	// Authors are the names that the authors chose to show.
	Authors []string `json:"authors"`
	// Accessibility says what is accessible in the files, and what is not.
	Accessibility string `json:"accessibility"`
	// Tags are terms of the vocabularies, "topic:ocenianie".
	Tags []string `json:"tags"`
	// Product marks what the network worked out itself.
	Product bool `json:"product"`
}

// NewFile is an upload of the actor for a version.
type NewFile struct {
	ID uuid.UUID `json:"id"`
	// Alt are the words that stand for an image; required for images.
	Alt string `json:"alt,omitempty"`
}

// Contents are the files of a version, or an address elsewhere, or both.
type Contents struct {
	Files []NewFile `json:"files"`
	Link  string    `json:"link,omitempty"` // http or https
	// Note says what changed in this version.
	Note string `json:"note,omitempty"`
}

// NewResource is a resource to be added to a network, or to a centre's own.
type NewResource struct {
	Network uuid.UUID `json:"network_id,omitzero"`
	Centre  uuid.UUID `json:"centre_id,omitzero"` // when Network is not set
	Details
	Contents
	// Share shows it to its network (or centre) at once; otherwise it is a draft.
	Share bool `json:"share"`
}

// File is a file of a version.
type File struct {
	ID        uuid.UUID `json:"id"`
	Name      string    `json:"name"`
	MediaType string    `json:"media_type"`
	Size      int64     `json:"size"` // bytes
	Alt       string    `json:"alt,omitempty"`
	Pages     int       `json:"pages,omitempty"` // pages or slides; 0 when unknown
}

// Version is one version of the contents.
type Version struct {
	ID        uuid.UUID `json:"id"`
	No        int       `json:"no"`
	Note      string    `json:"note,omitempty"`
	Link      string    `json:"link,omitempty"`
	By        string    `json:"by"`
	CreatedAt time.Time `json:"created_at"`
	Files     []File    `json:"files"`
}

// Use is a place where a resource is used.
type Use struct {
	Network      uuid.UUID `json:"network_id"`
	NetworkTitle string    `json:"network"`
	Kind         string    `json:"kind"` // network, meeting, thread
	Place        uuid.UUID `json:"place_id"`
	Title        string    `json:"title,omitempty"` // of the meeting or thread
	Note         string    `json:"note,omitempty"`
	At           time.Time `json:"used_at"`
	// May: the reader may take it away again.
	May bool `json:"may_remove,omitempty"`
}

// Resource is everything that a resource's page shows.
type Resource struct {
	ID uuid.UUID `json:"id"`
	// Network is uuid.Nil for what a centre added itself.
	Network       uuid.UUID `json:"network_id,omitzero"`
	NetworkTitle  string    `json:"network,omitempty"`
	NetworkOpen   bool      `json:"-"`
	Centre        uuid.UUID `json:"centre_id"`
	CentreName    string    `json:"centre"`
	State         State     `json:"state"`
	StateReason   string    `json:"state_reason,omitempty"`
	Audience      Audience  `json:"audience"`
	Asked         Audience  `json:"asked_audience,omitempty"` // waits for the centre
	Decision      Decision  `json:"decision,omitempty"`
	DecidedAt     time.Time `json:"decided_at,omitzero"`
	Reason        string    `json:"decision_reason,omitempty"`
	CreatedAt     time.Time `json:"created_at"`
	ChangedAt     time.Time `json:"changed_at"`
	CreatedBy     uuid.UUID `json:"-"`
	CreatedByName string    `json:"created_by,omitempty"` // for those inside
	Useful        int       `json:"useful"`
	Mine          bool      `json:"useful_to_me"`
	Version       int       `json:"version"` // of the description, for editing
	Details
	// Versions, the newest first; at most 50.
	Versions []Version `json:"versions"`
	// Uses, the newest first; at most 50. Meetings and threads only for those
	// who see their network.
	Uses []Use  `json:"uses"`
	May  Rights `json:"may"`
	// Gone: it was published once and is not any more; only Reason and
	// DecidedAt are told.
	Gone bool `json:"gone,omitempty"`
}

// Latest is the newest version; nil when there is none.
func (r *Resource) Latest() *Version {
	if len(r.Versions) == 0 {
		return nil
	}
	return &r.Versions[0]
}

// Of is a version by its number; nil when there is none.
func (r *Resource) Of(no int) *Version {
	for i := range r.Versions {
		if r.Versions[i].No == no {
			return &r.Versions[i]
		}
	}
	return nil
}

// Rights are what the reader may do with a resource; services check again.
type Rights struct {
	Edit     bool `json:"edit"`     // description, new versions, removal
	Propose  bool `json:"propose"`  // ask the centre to publish
	Publish  bool `json:"publish"`  // decide about publication
	Withdraw bool `json:"withdraw"` // take back a publication
	Restore  bool `json:"restore"`
	Use      bool `json:"use"` // in some network
	Useful   bool `json:"appreciate"`
	Inside   bool `json:"inside"` // sees it because of network or centre
}

// Card is a resource in a list.
type Card struct {
	ID           uuid.UUID `json:"id"`
	Title        string    `json:"title"`
	Kind         string    `json:"kind"`
	Description  string    `json:"description"` // the first 300 characters
	Licence      string    `json:"licence"`
	Authors      []string  `json:"authors"`
	Tags         []string  `json:"tags"`
	Product      bool      `json:"product"`
	State        State     `json:"state"`
	Audience     Audience  `json:"audience"`
	Asked        Audience  `json:"asked_audience,omitempty"`
	Network      uuid.UUID `json:"network_id,omitzero"`
	NetworkTitle string    `json:"network,omitempty"`
	CentreName   string    `json:"centre"`
	Useful       int       `json:"useful"`
	Versions     int       `json:"versions"`
	ChangedAt    time.Time `json:"changed_at"`
	// Link and Files are those of the latest version.
	Link  string `json:"link,omitempty"`
	Files []File `json:"files"`
	// Used: it stands on this shelf because the network uses it.
	Used bool `json:"used,omitempty"`
}

// Product is a product of a network, for its report.
type Product struct {
	ID       uuid.UUID `json:"id" db:"id"`
	Title    string    `json:"title" db:"title"`
	Kind     string    `json:"kind" db:"kind"`
	Licence  string    `json:"licence" db:"licence"`
	Audience Audience  `json:"audience" db:"audience"`
	Useful   int       `json:"useful" db:"useful"`
	Uses     int       `json:"uses" db:"uses"`
}
