package schedule

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// Check-in by a one-time code. Two kinds, both computed and kept nowhere:
//
// The meeting's code, six digits that the coordinator shows, holds for a few
// minutes; whoever is in the room types it under their own account. A person's
// code, eight characters on the printed sheet, stands for that person and is
// typed by them, or at the coordinator's computer. Either checks a person in
// once. Wrong codes are counted for each person and meeting.

const (
	// codeStep is how long one code of a meeting is shown; the one before holds
	// for as long again, for those who type slowly.
	codeStep = 5 * time.Minute
	// maxTries within tryWindow: guessing one of 2 codes of 10⁶ by 20 people all
	// through a meeting of 3 hours succeeds with less than 1 in 200.
	maxTries  = 5
	tryWindow = 10 * time.Minute
	// checkinLate is how long after its end a meeting takes codes.
	checkinLate = time.Hour
)

// Code is a meeting's code of the moment.
type Code struct {
	Value string    `json:"code"`
	Until time.Time `json:"until"` // when the next one is shown
}

func (s *Service) mac(parts ...[]byte) []byte {
	h := hmac.New(sha256.New, s.codeKey)
	for _, p := range parts {
		_, _ = fmt.Fprintf(h, "%d:", len(p))
		h.Write(p)
	}
	return h.Sum(nil)
}

func (s *Service) meetingCode(id uuid.UUID, step int64) string {
	sum := s.mac([]byte("meeting"), id[:], binary.BigEndian.AppendUint64(nil, uint64(step)))
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum)%1_000_000)
}

// alphabet leaves out 0, 1, I and O, which look alike on paper.
var alphabet = base32.NewEncoding("23456789ABCDEFGHJKLMNPQRSTUVWXYZ").WithPadding(base32.NoPadding)

// personCode is the person's own code at the meeting: 40 bits.
func (s *Service) personCode(meeting, person uuid.UUID) string {
	return alphabet.EncodeToString(s.mac([]byte("person"), meeting[:], person[:])[:5])
}

// plainCode is a code as typed, without spaces and dashes, in capitals.
func plainCode(s string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "\u00a0", "", "–", "").Replace(s))
}

func step(t time.Time) int64 { return t.Unix() / int64(codeStep/time.Second) }

// checking reports whether the meeting takes codes.
func (m *meetingRow) checking(now time.Time) bool {
	return m.registering(now) && !now.After(m.Ends.Add(checkinLate))
}

// Code is what the coordinator shows on the screen. Needs meeting:register.
// Conflict while the meeting takes no codes.
func (s *Service) Code(ctx context.Context, a *access.Actor, id uuid.UUID) (Code, error) {
	m, err := s.enter(ctx, a, id, PermRegister)
	if err != nil {
		return Code{}, err
	}
	now := s.clock.Now()
	if !m.checking(now) {
		return Code{}, conflict("schedule.code_closed")
	}
	n := step(now)
	return Code{Value: s.meetingCode(id, n), Until: time.Unix((n+1)*int64(codeStep/time.Second), 0).UTC()}, nil
}

// PersonCode is a person's code for the printed sheet, in two groups. Only who
// has read the register may hand it out.
func (s *Service) PersonCode(r *Register, person uuid.UUID) string {
	c := s.personCode(r.Meeting.ID, person)
	return c[:4] + "-" + c[4:]
}

// CheckIn notes that the actor is at the meeting, by its code of the moment or
// the person's own. way "" takes the answered way, or the only one. Needs
// meeting:answer.
//
// Errors: NotFound; Invalid for a wrong code or way; TooMany after five wrong
// codes in ten minutes; Conflict when the meeting takes no codes, and for
// somebody who is checked in already.
func (s *Service) CheckIn(ctx context.Context, a *access.Actor, id uuid.UUID, code string, way Way) error {
	m, err := s.enter(ctx, a, id, PermAnswer)
	if err != nil {
		return err
	}
	now := s.clock.Now()
	if !m.checking(now) {
		return conflict("schedule.code_closed")
	}
	if err := s.try(ctx, id, a.Person); err != nil {
		return err
	}
	code = plainCode(code)
	right := equal(code, s.personCode(id, a.Person))
	for n := step(now) - 1; n <= step(now); n++ {
		right = right || equal(code, s.meetingCode(id, n))
	}
	if !right {
		return fault.InvalidFields(fault.Field{Path: "code", Key: "schedule.code_wrong"})
	}
	return s.checkIn(ctx, a, id, a.Person, way)
}

// CheckInFor notes a person by the code on their slip, typed at the
// coordinator's computer; it returns who it was. Needs meeting:register. Errors:
// as [Service.CheckIn].
func (s *Service) CheckInFor(ctx context.Context, a *access.Actor, id uuid.UUID, code string) (Person, error) {
	m, err := s.enter(ctx, a, id, PermRegister)
	if err != nil {
		return Person{}, err
	}
	if !m.checking(s.clock.Now()) {
		return Person{}, conflict("schedule.code_closed")
	}
	if err := s.try(ctx, id, a.Person); err != nil {
		return Person{}, err
	}
	code = plainCode(code)
	r := &Register{}
	if err := readRegister(ctx, s.db, m, s.clock.Now(), r); err != nil {
		return Person{}, err
	}
	for i := range r.Lines {
		if equal(code, s.personCode(id, r.Lines[i].ID)) {
			return r.Lines[i].Person, s.checkIn(ctx, a, id, r.Lines[i].ID, OnSite)
		}
	}
	return Person{}, fault.InvalidFields(fault.Field{Path: "code", Key: "schedule.code_wrong"})
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// try counts an attempt before the code is looked at, in a transaction of its
// own: a wrong code must not take the count back.
func (s *Service) try(ctx context.Context, meeting, person uuid.UUID) error {
	n, err := countTry(ctx, s.db, meeting, person, s.clock.Now())
	if err == nil && n > maxTries {
		err = fault.New(fault.TooMany, "schedule.code_tries", "Minutes", int(tryWindow/time.Minute))
	}
	return err
}

func (s *Service) checkIn(ctx context.Context, a *access.Actor, id, person uuid.UUID, way Way) error {
	return s.once(ctx, a, "meeting:checkin", []any{id, person, way}, func(ctx context.Context, tx *db.Tx) error {
		m, err := s.hold(ctx, tx, id)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if !m.checking(now) {
			return conflict("schedule.code_closed")
		}
		ok, err := isInvited(ctx, tx, m.Network, person, now)
		if err != nil {
			return err
		}
		if !ok {
			return fault.ErrNotFound
		}
		if way, err = wayOf(ctx, tx, m, person, way); err != nil {
			return err
		}
		fresh, err := putCheckIn(ctx, tx, id, person, Presence(way), a.Person, now)
		if err != nil {
			return err
		}
		if !fresh {
			return conflict("schedule.code_used")
		}
		if err := forgetTries(ctx, tx, id, a.Person); err != nil {
			return err
		}
		return s.note(ctx, tx, a, m, "meeting:checkin", person.String())
	})
}

// wayOf is how somebody who checks in takes part: as they say, as they answered,
// or the only way there is.
func wayOf(ctx context.Context, q db.Q, m *meetingRow, person uuid.UUID, way Way) (Way, error) {
	where := m.where()
	ways := where.Ways()
	if way == "" {
		answered, err := answerOf(ctx, q, m.ID, person)
		if err != nil {
			return "", err
		}
		if way = answered; (way == "" || way == No) && len(ways) == 1 {
			way = ways[0]
		}
	}
	if way == No || way == "" || !where.Offers(way) {
		return "", fault.InvalidFields(fault.Field{Path: "way", Key: "schedule.checkin_way"})
	}
	return way, nil
}
