package audit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"

	"ore.edu.pl/sieci/core/db"
)

// Verdict is what [Log.Verify] found.
type Verdict struct {
	// Sealed are the links that hold; Unsealed the events that wait for theirs.
	Sealed, Unsealed int64
	// Checkpoint is the link after which the account begins; 0 when it was never cut.
	Checkpoint int64
	// Bad is the first place where the account does not hold; nil when it does.
	Bad *Bad
	// Missing is the newest head known outside the database that the chain no
	// longer reaches: its tail was cut off. Nil when it reaches all of them.
	Missing *Head
	// Differs is the first head known outside the database that the chain holds
	// otherwise: it was made anew. Nil when there is none.
	Differs *Head
	// Alone means that there are links and no head of them outside the database: a
	// tail that was cut off, or a chain made anew, would not be seen.
	Alone bool
}

// Holds reports whether nothing was found.
func (v *Verdict) Holds() bool { return v.Bad == nil && v.Missing == nil && v.Differs == nil }

// Bad is a place where the account does not hold.
type Bad struct {
	Link  int64 // 0 for an event that never was in the chain
	Event int64 // 0 when it is gone
	Why   Why
}

// Why something is bad.
type Why string

// The reasons.
const (
	Changed       Why = "changed"        // the event or its link was altered
	Gone          Why = "gone"           // a link or its event is missing
	Slipped       Why = "slipped"        // an event appeared behind the seal
	BadCheckpoint Why = "bad_checkpoint" // the checkpoint is not signed by this installation
)

// verifyPage is how many links are read at a time.
const verifyPage = 5000

// Verify reads the whole chain and compares it with the heads known outside the
// database, the oldest first. It writes nothing and may run beside a working
// server. step, when not nil, is told now and then how many links hold so far.
func (l *Log) Verify(ctx context.Context, q db.Q, heads []Head, step func(done int64)) (*Verdict, error) {
	v := &Verdict{}
	known := map[int64]*Head{}
	for i := range heads {
		known[heads[i].Link] = &heads[i]
	}
	at, err := l.begin(ctx, q, v)
	if err != nil {
		return nil, err
	}
	for v.Bad == nil {
		page, err := listLinks(ctx, q, at.Link, verifyPage)
		if err != nil {
			return nil, err
		}
		for i := range page {
			k := &page[i]
			if v.Bad = l.check(at, k); v.Bad != nil {
				break
			}
			copy(at.Hash[:], k.Hash)
			at.Link = k.Link
			v.Sealed++
			if h := known[k.Link]; h != nil && v.Differs == nil && h.Hash != at.Hash {
				v.Differs = h
			}
		}
		if step != nil {
			step(v.Sealed)
		}
		if len(page) < verifyPage {
			break
		}
	}
	end := at.Link
	if v.Bad == nil {
		v.Bad, err = slipped(ctx, q)
	} else { // what lies behind the bad place is not read; but it is there, or not
		var last Head
		last, err = lastLink(ctx, q)
		end = last.Link
	}
	if err != nil {
		return nil, err
	}
	for i := range heads {
		if heads[i].Link > end && (v.Missing == nil || heads[i].Link > v.Missing.Link) {
			v.Missing = &heads[i]
		}
	}
	v.Alone = len(heads) == 0 && v.Sealed > 0
	v.Unsealed, err = countUnsealed(ctx, q)
	return v, err
}

// begin is what the first link stands on: nothing, or the last checkpoint.
func (l *Log) begin(ctx context.Context, q db.Q, v *Verdict) (Head, error) {
	var at Head
	c, err := lastCheckpoint(ctx, q)
	if err != nil || c.Link == 0 {
		return at, err
	}
	v.Checkpoint, at.Link = c.Link, c.Link
	copy(at.Hash[:], c.Hash)
	if !hmac.Equal(c.Signature, l.sign(c.Link, c.Hash)) {
		v.Bad = &Bad{Link: c.Link, Why: BadCheckpoint}
	}
	return at, nil
}

// check holds one link against the one before it.
func (l *Log) check(before Head, k *linkRow) *Bad {
	switch {
	case k.Link != before.Link+1:
		return &Bad{Link: before.Link + 1, Why: Gone}
	case !k.Have:
		return &Bad{Link: k.Link, Event: k.EventID, Why: Gone}
	}
	want := l.hash(before.Hash, k.Link, &k.row)
	if len(k.Hash) != sha256.Size || !hmac.Equal(want[:], k.Hash) {
		return &Bad{Link: k.Link, Event: k.EventID, Why: Changed}
	}
	return nil
}
