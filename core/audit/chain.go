package audit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

// The chain. A change writes its event in its own transaction and touches no
// chain: changes at the same time would wait for each other. [Log.Seal] gives
// the numbers afterwards. It takes events of transactions that are older than
// the oldest one still running: of those no more can appear, so none is skipped
// and no number is given twice. Each link is an HMAC of the link before and of
// the whole event, keyed with the installation's secret: whoever can write to
// the database but does not have the secret cannot forge one.
//
// The last link (the [Head]) is also written to a file outside the database, so
// that cutting the chain's tail off is seen.

// Head is the last link of the chain at some time.
type Head struct {
	Link int64
	Hash [sha256.Size]byte
	At   time.Time // when it was sealed
}

// sealBatch bounds the links of one transaction.
const sealBatch = 1000

// Seal gives the next events their links, at most 1000, and returns the new
// head and how many there were; call it again until there are none. One node
// seals at a time, others wait.
func (l *Log) Seal(ctx context.Context, d *db.DB) (head Head, n int, err error) {
	err = d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		s, err := lockSealing(ctx, tx)
		if err != nil {
			return err
		}
		// A restored database counts its transactions anew: there the numbers
		// of old events mean nothing, and all that is visible is taken.
		s.restored = s.Cluster != "" && s.Cluster != s.Here
		if s.restored {
			s.From, s.After = "0", 0
		}
		events, err := unsealed(ctx, tx, s, sealBatch)
		if err != nil {
			return err
		}
		if head, err = lastLink(ctx, tx); err != nil {
			return err
		}
		ids, links, hashes := make([]int64, len(events)), make([]int64, len(events)), make([][]byte, len(events))
		for i := range events {
			head = Head{Link: head.Link + 1, Hash: l.hash(head.Hash, head.Link+1, &events[i])}
			ids[i], links[i], hashes[i] = events[i].ID, head.Link, append([]byte(nil), head.Hash[:]...)
		}
		n = len(events)
		if n > 0 {
			if head.At, err = insertLinks(ctx, tx, links, ids, hashes); err != nil {
				return err
			}
		}
		next, after := s.Oldest, int64(0) // everything before it is sealed now
		if n == sealBatch {
			if next, after = events[n-1].Xact, events[n-1].ID; s.restored {
				return nil // go on from the beginning until nothing is left
			}
		}
		return setSealing(ctx, tx, next, after, s.Here)
	})
	return head, n, err
}

// hash is the link with this number: over the link before it and every column
// of the event but xact, which only orders. Each piece goes with its length, so
// that no two events read alike.
func (l *Log) hash(before [sha256.Size]byte, link int64, e *row) (out [sha256.Size]byte) {
	m := hmac.New(sha256.New, l.chainKey())
	number := func(n int64) {
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], uint64(n))
		m.Write(b[:])
	}
	text := func(s string) {
		number(int64(len(s)))
		m.Write([]byte(s))
	}
	id := func(id uuid.NullUUID) {
		if !id.Valid {
			number(0)
			return
		}
		number(int64(len(id.UUID)))
		m.Write(id.UUID[:])
	}
	m.Write(before[:])
	number(link)
	number(e.ID)
	number(e.At.UnixMicro())
	number(e.DomainAt.UnixMicro())
	id(e.ActorID)
	for _, s := range []string{e.ActorSystem, e.RequestID, e.Action, e.ObjectKind, e.ObjectID, e.ScopeKind} {
		text(s)
	}
	id(e.ScopeID)
	number(int64(len(e.Fields)))
	for _, s := range e.Fields {
		text(s)
	}
	text(string(e.Digest))
	copy(out[:], m.Sum(nil))
	return out
}

// sign is the signature of a checkpoint.
func (l *Log) sign(link int64, hash []byte) []byte {
	m := hmac.New(sha256.New, l.chainKey())
	m.Write([]byte("checkpoint"))
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(link)))
	m.Write(hash)
	return m.Sum(nil)
}

// chainKey keeps the chain's hashes apart from the digests of values.
func (l *Log) chainKey() []byte {
	m := hmac.New(sha256.New, l.key)
	m.Write([]byte("chain"))
	return m.Sum(nil)
}

// cutBatch bounds the events that one transaction of a cut deletes.
const cutBatch = 5000

// Cut deletes events that happened before the given time and are sealed, at
// most 5000, and leaves a signed checkpoint in their place; call it again until
// it deletes none. The newest link always stays. Events are never deleted in
// another way.
func (l *Log) Cut(ctx context.Context, d *db.DB, before time.Time) (n int64, err error) {
	err = d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := lockSealing(ctx, tx); err != nil {
			return err
		}
		last, err := cutPoint(ctx, tx, before, cutBatch)
		if err != nil || last.Link == 0 {
			return err
		}
		if err := insertCheckpoint(ctx, tx, last.Link, last.Hash[:], l.sign(last.Link, last.Hash[:])); err != nil {
			return err
		}
		n, err = deleteUpTo(ctx, tx, last.Link)
		return err
	})
	return n, err
}
