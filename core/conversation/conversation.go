package conversation

import (
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/place"
)

// The permissions of this context, as in policies/.
const (
	PermOwn   access.Permission = "conversation:own"   // one's own conversations
	PermJudge access.Permission = "conversation:judge" // messages disclosed to the centre
)

// Bounds of what people write, in characters, and of who takes part.
const (
	MaxTitle  = 120
	MaxBody   = 4000
	MaxReason = 1000
	// MaxPeople with the one who begins: more is a forum.
	MaxPeople = 8
	// PageSize is how many messages a page holds.
	PageSize = 50
	listPage = 30
	// maxFound is how many people a search for somebody to write to shows.
	maxFound = 50
)

// Person is somebody who takes part or could.
type Person struct {
	ID     uuid.UUID `json:"id" db:"id"`
	Name   string    `json:"name" db:"name"`
	School string    `json:"school,omitempty" db:"school"`
	place.Where
	// Left: no longer in the conversation.
	Left bool `json:"left,omitempty" db:"gone"`
}

// Conversation is one conversation as a list shows it.
type Conversation struct {
	ID      uuid.UUID `json:"id"`
	Network uuid.UUID `json:"network_id"`
	// NetworkTitle names the network that the people share.
	NetworkTitle string    `json:"network"`
	Title        string    `json:"title,omitempty"`
	People       []Person  `json:"people"` // without the reader
	Messages     int       `json:"messages"`
	Unread       int       `json:"unread"`
	LastAt       time.Time `json:"last_at"`
	// Open: the reader may write.
	Open bool `json:"open"`
}

// Message is one message.
type Message struct {
	Seq      int       `json:"number" db:"seq"`
	AuthorID uuid.UUID `json:"author_id" db:"author_id"`
	Author   string    `json:"author" db:"author"`
	Mine     bool      `json:"mine" db:"mine"`
	Body     string    `json:"body" db:"body"` // "" when hidden
	At       time.Time `json:"at" db:"created_at"`
	Hidden   bool      `json:"hidden,omitempty" db:"hidden"`
	// Reported: by the reader.
	Reported bool `json:"reported,omitempty" db:"reported"`
}

// Page is a page of a conversation.
type Page struct {
	Conversation
	List  []Message `json:"list"`
	Page  int       `json:"page"`
	Pages int       `json:"pages"`
}

// PageOf is the page on which message seq stands, from 1.
func PageOf(seq int) int { return (max(seq, 1)-1)/PageSize + 1 }

// Path is the address of a conversation.
func Path(id uuid.UUID) string { return ListPath + "/" + id.String() }

// Addresses of this context's pages.
const (
	ListPath    = "/rozmowy"
	ReportsPath = "/rozmowy/zgloszenia"
)
