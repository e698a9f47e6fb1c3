package board

import (
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/markdown"
)

// The permissions of this context, as in policies/.
const (
	PermView     access.Permission = "board:view"     // read a network's forum and blogs
	PermPost     access.Permission = "board:post"     // write there
	PermModerate access.Permission = "board:moderate" // hide, pin, close, judge reports
	PermJudge    access.Permission = "board:judge"    // decide appeals
	PermShare    access.Permission = "blog:share"     // show an entry to people of other networks
	PermBlogs    access.Permission = "blog:list"      // read the blogs that one may see
)

// Bounds of what people write, in characters.
const (
	MinTitle    = 3
	MaxTitle    = 200
	MaxBody     = markdown.Max
	MaxAddendum = 4000
	MaxTopic    = 120
	MaxReason   = 1000
	MaxAppeal   = 2000
	MaxAlt      = 500
)

const (
	// EditTime is how long the author may change or delete a post: long enough
	// for a slip, too short to change what others have answered.
	EditTime = 15 * time.Minute
	// PageSize is how many posts a page of a thread holds.
	PageSize = 30
	// MaxFiles of one post.
	MaxFiles = 10
	// maxTopics of a network keeps the list of topics a list.
	maxTopics = 50
	listPage  = 30
)

// FileKind is the kind of object under which core/file knows posts.
const FileKind = "board_post"

// Kind tells threads of the forum from entries of the blogs.
type Kind string

// The kinds.
const (
	Forum Kind = "forum"
	Blog  Kind = "blog"
)

// State of a post or a thread.
type State string

// The states.
const (
	Shown   State = "shown"
	Hidden  State = "hidden"
	Deleted State = "deleted"
)

// Level is what a member wants to hear of a network's forum and blogs.
type Level string

// The levels; Threads is the default.
const (
	All     Level = "all"     // every post
	Threads Level = "threads" // new threads and entries
	None    Level = "none"    // only what happens in threads that they follow
)

// Levels lists the levels as forms offer them.
var Levels = []Level{All, Threads, None}

// Licences under which a blog hands a file on, as forms offer them.
var Licences = []string{"cc-by", "cc-by-sa", "cc0", "reserved"}

// Network is what every page of the board shows of its network.
type Network struct {
	ID    uuid.UUID `json:"id"`
	Title string    `json:"title"`
	// Open is false for a network that is over: nobody writes there.
	Open bool   `json:"open"`
	May  Rights `json:"may"`
	// Place is where permissions of the network are asked.
	Place access.Place `json:"-"`
}

// Rights are what the reader may do on the board of a network.
type Rights struct {
	View     bool `json:"view"`
	Post     bool `json:"post"` // false in a network that is not open
	Moderate bool `json:"moderate"`
	Judge    bool `json:"judge"`
	Share    bool `json:"share"`
}

// Thread is a thread or an entry as lists show it.
type Thread struct {
	ID         uuid.UUID `json:"id"`
	Network    uuid.UUID `json:"network_id"`
	Kind       Kind      `json:"kind"`
	Title      string    `json:"title"` // "" when hidden from the reader
	State      State     `json:"state"`
	Topic      uuid.UUID `json:"topic_id,omitzero"`
	TopicTitle string    `json:"topic,omitempty"`
	Author     string    `json:"author"`
	AuthorRole string    `json:"author_role,omitempty"`
	Mine       bool      `json:"mine"`
	CreatedAt  time.Time `json:"created_at"`
	// Posts are all numbers given, tombstones included.
	Posts      int       `json:"posts"`
	LastAt     time.Time `json:"last_at"`
	LastAuthor string    `json:"last_author"`
	// Unread is how many posts lie after the last one read; 0 for readers from
	// other networks.
	Unread int  `json:"unread"`
	Pinned bool `json:"pinned"`
	Closed bool `json:"closed"`
	Shared bool `json:"shared"`
	// Follow is whether the reader hears of new posts in this thread.
	Follow bool `json:"follow"`
	// Lead is the beginning of an entry's words; "" in the forum.
	Lead    string `json:"lead,omitempty"`
	Version int    `json:"version"`
}

// File is a file of a post.
type File struct {
	ID        uuid.UUID `json:"id"`
	Name      string    `json:"name"`
	MediaType string    `json:"media_type"`
	Size      int64     `json:"size"` // bytes
	Alt       string    `json:"alt,omitempty"`
	Licence   string    `json:"licence,omitempty"`
}

// Image reports whether the file is shown as a picture.
func (f *File) Image() bool { return image(f.MediaType) }

// Post is one post as its reader may see it: the words of a post that is hidden
// from them or deleted are empty.
type Post struct {
	ID         uuid.UUID `json:"id"`
	Seq        int       `json:"number"`
	AuthorID   uuid.UUID `json:"author_id"`
	Author     string    `json:"author"`
	AuthorRole string    `json:"author_role,omitempty"`
	State      State     `json:"state"`
	// Body is Markdown, filled where a single post is read; HTML is made of it.
	Body         string        `json:"body,omitempty"`
	HTML         markdown.Safe `json:"html"`
	CreatedAt    time.Time     `json:"created_at"`
	EditedAt     *time.Time    `json:"edited_at,omitempty"`
	AddendumHTML markdown.Safe `json:"addendum_html,omitzero"`
	AddendumAt   *time.Time    `json:"addendum_at,omitempty"`
	Files        []File        `json:"files,omitempty"`
	Version      int           `json:"version"`
	// Hiding says why it is hidden; nil for posts in sight.
	Hiding *Hiding `json:"hiding,omitempty"`
	// May is what the reader may do with it.
	May PostRights `json:"may"`
}

// PostRights are what the reader may do with a post.
type PostRights struct {
	Quote    bool `json:"quote"`
	Edit     bool `json:"edit"`
	Delete   bool `json:"delete"`
	Addendum bool `json:"addendum"`
	Report   bool `json:"report"`
	Hide     bool `json:"hide"`
	Lift     bool `json:"lift"`
	Appeal   bool `json:"appeal"`
}

// Hiding is what a tombstone of a hidden post says, and how the appeal stands.
type Hiding struct {
	Role   string    `json:"by_role"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
	// Appealed and Decision ("", upheld, restored) are shown to the author and
	// to those who moderate.
	Appealed bool   `json:"appealed,omitempty"`
	Decision string `json:"decision,omitempty"`
}

// Attachment is an uploaded file that a post takes in.
type Attachment struct {
	ID uuid.UUID `json:"id"`
	// Alt describes a picture to those who do not see it; required for pictures.
	Alt string `json:"alt,omitempty"`
	// Licence is one of [Licences]; required in blogs, "" in the forum.
	Licence string `json:"licence,omitempty"`
}

// Entry is what opens a thread or stands in a blog.
type Entry struct {
	Title string `json:"title"`
	Body  string `json:"body"` // Markdown
	// Topic or NewTopic (its title) is required in a blog, neither in the forum.
	Topic    uuid.UUID    `json:"topic_id,omitzero"`
	NewTopic string       `json:"new_topic,omitempty"`
	Files    []Attachment `json:"files,omitempty"`
}

// Topic is a topic of a network's blogs.
type Topic struct {
	ID        uuid.UUID `json:"id" db:"id"`
	Network   uuid.UUID `json:"network_id" db:"network_id"`
	NetworkIs string    `json:"network" db:"network_title"`
	Title     string    `json:"title" db:"title"`
	Entries   int       `json:"entries" db:"entries"`
}
