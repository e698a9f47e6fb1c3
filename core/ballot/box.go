package ballot

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/job"
)

// MaxPayload is the largest answer or draft, in bytes.
const MaxPayload = 256 << 10

// Config of a [Box].
type Config struct {
	DB *db.DB // required
	// Key is the installation's half of the keys, at least 32 bytes; it must not
	// lie in the database. The same on every node.
	Key []byte
}

// Box holds ballots. Safe for concurrent use. It checks no permission: who may
// open and close a ballot is its owner's matter (an evaluation, an election).
type Box struct {
	c    Config
	jobs *job.Client // nil until [Box.Jobs]
}

// New makes a box; it panics on an incomplete configuration.
func New(c Config) *Box {
	if c.DB == nil || len(c.Key) < 32 {
		panic("ballot: incomplete configuration")
	}
	return &Box{c: c}
}

// Counts are all that is told of an open ballot.
type Counts struct {
	// Eligible may answer, Issued took a code, Answers were given.
	Eligible int `json:"eligible"`
	Issued   int `json:"issued"`
	Answers  int `json:"answers"`
}

// Paper is what lies under a code.
type Paper struct {
	Ballot uuid.UUID
	// Closed means that the ballot is over; nothing else is then known.
	Closed bool
	// Cast means that the answer was given.
	Cast bool
	// Draft is what was saved under the code; nil for nothing.
	Draft []byte
	// Hash is under what the paper lies, for people who want to look;
	// Sealed the size of the sealed answer in bytes.
	Hash   []byte
	Sealed int
}

// Answer is one answer of a closed ballot; its id is random and says nothing.
type Answer struct {
	ID      uuid.UUID `db:"id"`
	Payload string    `db:"payload"`
}

// Open makes a ballot for the people, in the caller's transaction. Who may
// answer is fixed from now on. Invalid without people.
func (b *Box) Open(ctx context.Context, tx *db.Tx, people []uuid.UUID) (uuid.UUID, error) {
	people = slices.Clone(people)
	slices.SortFunc(people, func(x, y uuid.UUID) int { return slices.Compare(x[:], y[:]) })
	people = slices.Compact(people)
	if len(people) == 0 {
		return uuid.Nil, fault.New(fault.Invalid, "ballot.nobody")
	}
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return uuid.Nil, err
	}
	id := uuid.New() // random: not even the ballot says when it was
	for range slugTries {
		done, err := insertBallot(ctx, tx, id, rand.Text()[:slugLength], secret, len(people))
		if err != nil {
			return uuid.Nil, err
		}
		if done {
			return id, insertVoters(ctx, tx, id, people)
		}
	}
	return uuid.Nil, fmt.Errorf("ballot: no free slug in %d tries", slugTries)
}

// slugTries is how many of 33 million short names are tried.
const slugTries = 20

// Issue gives the person their code, once. nonce is [NewNonce]; the same one
// again within two minutes gives the same code (a form sent twice). NotFound for
// who is not on the list; Conflict "ballot.issued" for who took a code already,
// "ballot.closed" when it is over. It runs a transaction of its own and must not
// be wrapped in one that writes about the person: what commits together can be
// joined later.
func (b *Box) Issue(ctx context.Context, ballot, person uuid.UUID, nonce string) (Code, error) {
	if !ValidNonce(nonce) {
		return "", fault.New(fault.Invalid, "ballot.bad_form")
	}
	var code Code
	err := b.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		h, err := holdBallot(ctx, tx, ballot)
		if err != nil {
			return err
		}
		if h.State != stateOpen {
			return fault.New(fault.Conflict, "ballot.closed")
		}
		code = b.mint(h.Secret, h.Slug, nonce)
		first, err := markIssued(ctx, tx, ballot, person, receipt(nonce))
		if err != nil || first {
			return err
		}
		had, err := receiptOf(ctx, tx, ballot, person)
		if err != nil {
			return err
		}
		if subtle.ConstantTimeCompare(had, receipt(nonce)) != 1 {
			return fault.New(fault.Conflict, "ballot.issued")
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return code, nil
}

// Listed reports whether the person may answer and whether they took their code.
// Nobody is listed once the ballot is closed.
func (b *Box) Listed(ctx context.Context, q db.Q, ballot, person uuid.UUID) (listed, issued bool, err error) {
	return findVoter(ctx, q, ballot, person)
}

// Find reads the paper of a code. NotFound for a code that no ballot gave out.
func (b *Box) Find(ctx context.Context, q db.Q, c Code) (*Paper, error) {
	r, err := findPaper(ctx, q, c.slug(), c.hash())
	if err != nil {
		return nil, err
	}
	p := &Paper{Ballot: r.Ballot, Closed: r.State != stateOpen}
	if p.Closed {
		return p, nil
	}
	if !b.genuine(r.Secret, c) {
		return nil, fault.ErrNotFound
	}
	p.Hash, p.Sealed, p.Cast = c.hash(), r.Sealed, r.Sealed > 0
	if r.Draft != nil {
		if p.Draft, err = unseal(c.draftKey(), c.hash(), r.Draft); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// SaveDraft keeps what is being written, readable with the code alone. Conflict
// when the answer was given or the ballot is closed.
func (b *Box) SaveDraft(ctx context.Context, c Code, state []byte) error {
	return b.write(ctx, c, state, func(ctx context.Context, tx *db.Tx, h *ballotRow) (bool, error) {
		sealed, err := seal(c.draftKey(), c.hash(), state)
		if err != nil {
			return false, err
		}
		return putDraft(ctx, tx, h.ID, c.hash(), sealed)
	})
}

// Cast gives the answer, once. Conflict "ballot.cast" when it was given already:
// a form sent twice, for whoever shows it; "ballot.closed" when it is over;
// NotFound for a code that no ballot gave out. The answer is there when Cast
// returns nil.
func (b *Box) Cast(ctx context.Context, c Code, payload []byte) error {
	return b.write(ctx, c, payload, func(ctx context.Context, tx *db.Tx, h *ballotRow) (bool, error) {
		sealed, err := seal(b.key(h.Secret, "seal"), c.hash(), payload)
		if err != nil {
			return false, err
		}
		return putSealed(ctx, tx, h.ID, c.hash(), sealed)
	})
}

// write is the frame of both: the ballot is held open while the paper is written.
func (b *Box) write(ctx context.Context, c Code, data []byte, put func(context.Context, *db.Tx, *ballotRow) (bool, error)) error {
	if len(data) > MaxPayload {
		return fault.New(fault.TooLarge, "fault.too_large")
	}
	return b.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		h, err := holdSlug(ctx, tx, c.slug())
		if err != nil {
			return err
		}
		if h.State != stateOpen {
			return fault.New(fault.Conflict, "ballot.closed")
		}
		if !b.genuine(h.Secret, c) {
			return fault.ErrNotFound
		}
		written, err := put(ctx, tx, &h)
		if err == nil && !written {
			err = fault.New(fault.Conflict, "ballot.cast")
		}
		return err
	})
}

// Close ends the ballot in the caller's transaction: the answers are shuffled
// and written anew, papers, list of people and key are gone. Answering waits for
// it and is then refused. A closed ballot gives its counts again.
func (b *Box) Close(ctx context.Context, tx *db.Tx, ballot uuid.UUID) (Counts, error) {
	h, err := lockBallot(ctx, tx, ballot)
	if err != nil {
		return Counts{}, err
	}
	if h.State != stateOpen {
		n, err := countsOf(ctx, tx, []uuid.UUID{ballot})
		return n[ballot], err
	}
	papers, err := sealedPapers(ctx, tx, ballot)
	if err != nil {
		return Counts{}, err
	}
	key := b.key(h.Secret, "seal")
	answers := make([]string, len(papers))
	for i, p := range papers {
		plain, err := unseal(key, p.Hash, p.Sealed)
		if err != nil {
			return Counts{}, err
		}
		answers[i] = string(plain)
	}
	if err := shuffle(answers); err != nil {
		return Counts{}, err
	}
	if err := insertAnswers(ctx, tx, ballot, answers); err != nil {
		return Counts{}, err
	}
	n := Counts{Eligible: h.Eligible, Answers: len(answers)}
	if n.Issued, err = endBallot(ctx, tx, ballot, len(answers)); err != nil {
		return Counts{}, err
	}
	if b.jobs != nil {
		_, err = b.jobs.Insert(ctx, tx, wipeArgs{}, &job.Opts{Once: true})
	}
	return n, err
}

// shuffle puts the answers in an order that nobody can repeat.
func shuffle(list []string) error {
	var seed [32]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return err
	}
	mathrand.New(mathrand.NewChaCha8(seed)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return nil
}

// Counts tells how far ballots are, open or closed, by id.
func (b *Box) Counts(ctx context.Context, q db.Q, ballots ...uuid.UUID) (map[uuid.UUID]Counts, error) {
	return countsOf(ctx, q, ballots)
}

// Waiting lists who did not take their code yet, at most limit, in the order of
// ids after the given one: for reminders, which nobody sees.
func (b *Box) Waiting(ctx context.Context, q db.Q, ballot, after uuid.UUID, limit int) ([]uuid.UUID, error) {
	return waiting(ctx, q, ballot, after, limit)
}

// Answers reads answers of a closed ballot in the order of their random ids,
// after the given one; none while it is open.
func (b *Box) Answers(ctx context.Context, q db.Q, ballot, after uuid.UUID, limit int) ([]Answer, error) {
	return listAnswers(ctx, q, ballot, after, limit)
}

type wipeArgs struct{}

// Kind implements [job.Args].
func (wipeArgs) Kind() string { return "ballot.wipe" }

type forgetArgs struct{}

// Kind implements [job.Args].
func (forgetArgs) Kind() string { return "ballot.forget" }

// Jobs registers what the box does by itself: it forgets receipts, and has the
// database clear rows of closed ballots off its pages.
func (b *Box) Jobs(c *job.Client) {
	b.jobs = c
	job.Add(c, job.Options{Title: "ballot.job.wipe"}, func(ctx context.Context, _ *job.Job[wipeArgs]) error {
		return vacuum(ctx, b.c.DB)
	})
	job.Add(c, job.Options{Title: "ballot.job.forget", Every: time.Minute}, func(ctx context.Context, _ *job.Job[forgetArgs]) error {
		return b.Forget(ctx)
	})
}

// Forget forgets the receipts of forms sent by now.
func (b *Box) Forget(ctx context.Context) error { return forgetReceipts(ctx, b.c.DB) }
