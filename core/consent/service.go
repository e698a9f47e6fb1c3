package consent

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/record"
)

// Contracts knows what networks agreed on; *record.Service does.
type Contracts interface {
	Newest(ctx context.Context, q db.Q, scope effect.Scope, kind string) (*record.Record, error)
}

// Notifier tells people things in the transaction of what happened;
// *notify.Service is one.
type Notifier interface {
	Send(ctx context.Context, tx *db.Tx, m notify.Message) error
}

var (
	_ Contracts = (*record.Service)(nil)
	_ Notifier  = (*notify.Service)(nil)
)

// Config of the service; every field is required.
type Config struct {
	DB        *db.DB
	Access    *access.Authorizer
	Audit     *audit.Log
	Clock     clock.Clock
	Contracts Contracts
	Notify    Notifier
}

// Service keeps what people agree to. Safe for concurrent use.
type Service struct{ c Config }

// New makes the service.
func New(c Config) *Service { return &Service{c} }

func (s *Service) contract(ctx context.Context, q db.Q, network uuid.UUID) (*Contract, error) {
	r, err := s.c.Contracts.Newest(ctx, q, effect.Scope{Kind: effect.Network, ID: network}, ContractKind)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &Contract{Record: r.ID, Version: r.Version, Title: r.Title, Since: r.ChangedAt, Form: r.Form, Answers: r.Answers}, nil
}

// Mine reads the contract of a network and what the actor agreed to there. Needs
// [PermView].
func (s *Service) Mine(ctx context.Context, a *access.Actor, network uuid.UUID) (*Mine, error) {
	var n networkRow
	m := &Mine{}
	err := db.Together(ctx, s.c.DB,
		func(ctx context.Context, q db.Q) (err error) { n, err = networkOf(ctx, q, network); return err },
		func(ctx context.Context, q db.Q) (err error) {
			m.Contract, err = s.contract(ctx, q, network)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			m.Signed, err = signature(ctx, q, network, a.Person)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			m.Image, err = decision(ctx, q, network, a.Person)
			return err
		})
	if err != nil {
		return nil, err
	}
	if err := s.c.Access.Require(a, PermView, n.place()); err != nil {
		return nil, err
	}
	m.Network = n.network()
	m.MayGive = m.Network.Going && s.c.Access.Can(a, PermGive, n.place())
	m.MayList = s.c.Access.Can(a, PermList, n.place())
	return m, nil
}

// Sign signs the contract of a network in the version that the actor has read.
// Needs [PermGive].
//
// Errors: NotFound without permission or contract; Conflict "consent.changed"
// when the words are others by now, "consent.closed" when the network is not open.
func (s *Service) Sign(ctx context.Context, a *access.Actor, network uuid.UUID, version int64) error {
	return s.give(ctx, a, network, "consent:sign", []any{network, version}, func(ctx context.Context, tx *db.Tx, n *networkRow) (bool, error) {
		c, err := s.contract(ctx, tx, network)
		switch {
		case err != nil:
			return false, err
		case c == nil:
			return false, fault.ErrNotFound
		case c.Version != version:
			return false, fault.New(fault.Conflict, "consent.changed")
		}
		return insertSignature(ctx, tx, network, a.Person, c, s.c.Clock.Now())
	})
}

// Allow says yes to photos, in the words of [Wording]. Needs [PermGive]; Conflict
// "consent.closed" when the network is not open.
func (s *Service) Allow(ctx context.Context, a *access.Actor, network uuid.UUID) error {
	return s.give(ctx, a, network, "consent:image_yes", []any{network, true}, func(ctx context.Context, tx *db.Tx, n *networkRow) (bool, error) {
		return s.decide(ctx, tx, a, network, true)
	})
}

// give is the frame of what one does inside an open network.
func (s *Service) give(ctx context.Context, a *access.Actor, network uuid.UUID, action string, input any, f func(ctx context.Context, tx *db.Tx, n *networkRow) (bool, error)) error {
	n, err := networkOf(ctx, s.c.DB, network)
	if err != nil {
		return err
	}
	if err := s.c.Access.Require(a, PermGive, n.place()); err != nil {
		return err
	}
	return s.act(ctx, a, action, input, func(ctx context.Context, tx *db.Tx) error {
		n, err := lockNetwork(ctx, tx, network)
		if err != nil {
			return err
		}
		if n.Status != "open" {
			return fault.New(fault.Conflict, "consent.closed")
		}
		done, err := f(ctx, tx, &n)
		if err != nil || !done {
			return err
		}
		return s.note(ctx, tx, a, network, action)
	})
}

// Refuse says no to photos, or takes a yes back: then the coordinators are told,
// because photos must go. Needs [PermGive], or an own yes: consent is as easy to
// take back as to give, whatever became of the network and of one's place in it.
func (s *Service) Refuse(ctx context.Context, a *access.Actor, network uuid.UUID) error {
	if !a.SignedIn() {
		return fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	n, err := networkOf(ctx, s.c.DB, network)
	if err != nil {
		return err
	}
	may := n.Status == "open" && s.c.Access.Can(a, PermGive, n.place())
	return s.act(ctx, a, "consent:image_no", []any{network, false}, func(ctx context.Context, tx *db.Tx) error {
		was, err := decision(ctx, tx, network, a.Person)
		if err != nil {
			return err
		}
		back := was != nil && was.Granted
		if !may && !back {
			return s.refused(a, &n)
		}
		done, err := s.decide(ctx, tx, a, network, false)
		if err != nil || !done {
			return err
		}
		if back {
			if err := s.tell(ctx, tx, a, &n); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, a, network, "consent:image_no")
	})
}

// refused is why nothing can be decided here: the network is over, or not theirs.
func (s *Service) refused(a *access.Actor, n *networkRow) error {
	if err := s.c.Access.Require(a, PermGive, n.place()); err != nil {
		return err
	}
	return fault.New(fault.Conflict, "consent.closed")
}

// decide writes a decision unless the newest one says the same.
func (s *Service) decide(ctx context.Context, tx *db.Tx, a *access.Actor, network uuid.UUID, yes bool) (bool, error) {
	if err := lockPerson(ctx, tx, a.Person); err != nil {
		return false, err
	}
	was, err := decision(ctx, tx, network, a.Person)
	if err != nil || was != nil && was.Granted == yes && was.Wording == Wording {
		return false, err
	}
	return true, insertDecision(ctx, tx, network, a.Person, yes, s.c.Clock.Now())
}

func (s *Service) act(ctx context.Context, a *access.Actor, operation string, input any, f func(ctx context.Context, tx *db.Tx) error) error {
	return s.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := idem.Do(ctx, tx, a.Person, operation, input, func() (struct{}, error) { return struct{}{}, f(ctx, tx) })
		return err
	})
}

func (s *Service) tell(ctx context.Context, tx *db.Tx, a *access.Actor, n *networkRow) error {
	leads, err := access.HoldersOf(ctx, tx, access.Coordinator, access.Network, n.ID, s.c.Clock.Now(), 50)
	if err != nil || len(leads) == 0 {
		return err
	}
	name, err := nameOf(ctx, tx, a.Person)
	if err != nil {
		return err
	}
	return s.c.Notify.Send(ctx, tx, notify.Message{To: leads, Key: "consent.notice.withdrawn", Network: n.ID, Link: Path(n.ID) + "/osoby",
		Args: map[string]any{"Title": n.Title, "Name": name}, Mail: true})
}

// People lists the active members of a network by name with what they agreed to,
// limit 1–100 (0 = 50). Needs [PermList].
func (s *Service) People(ctx context.Context, a *access.Actor, network uuid.UUID, after string, limit int) (*People, error) {
	name, id, err := readCursor(after)
	if err != nil {
		return nil, err
	}
	if limit <= 0 || limit > 100 {
		limit = 50
	}
	var n networkRow
	var rows []personRow
	out := &People{}
	err = db.Together(ctx, s.c.DB,
		func(ctx context.Context, q db.Q) (err error) { n, err = networkOf(ctx, q, network); return err },
		func(ctx context.Context, q db.Q) (err error) {
			out.Contract, err = s.contract(ctx, q, network)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			rows, err = people(ctx, q, network, name, id, limit+1)
			return err
		})
	if err != nil {
		return nil, err
	}
	if err := s.c.Access.Require(a, PermList, n.place()); err != nil {
		return nil, err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		out.Next = cursor(&rows[limit-1])
	}
	out.Network = n.network()
	for i := range rows {
		out.People = append(out.People, rows[i].person())
	}
	if a.On(access.Network, network) || !a.SignedIn() {
		return out, nil
	}
	return out, s.c.Audit.Read(ctx, s.c.DB, audit.Event{Actor: a.Person, Action: "consent:read", ObjectKind: "network", ObjectID: network.String(),
		ScopeKind: string(access.Network), ScopeID: network})
}

// Own lists the actor's newest decisions about photos, one a network, at most
// 200. Needs an account.
func (s *Service) Own(ctx context.Context, a *access.Actor) ([]Own, error) {
	if !a.SignedIn() {
		return nil, fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	return own(ctx, s.c.DB, a.Person)
}

// Path is the page of a network's contract and of consents.
func Path(network uuid.UUID) string { return "/sieci/" + network.String() + "/kontrakt" }

func (s *Service) note(ctx context.Context, tx *db.Tx, a *access.Actor, network uuid.UUID, action string) error {
	return s.c.Audit.Write(ctx, tx, audit.Event{Actor: a.Person, System: a.System, Action: action, ObjectKind: "person", ObjectID: a.Person.String(),
		ScopeKind: string(access.Network), ScopeID: network})
}

const todoPart = "consent.todo"

// Todo is a network whose contract the reader has not signed as it is now.
type Todo struct {
	Network uuid.UUID `json:"network_id"`
	Title   string    `json:"title"`
}

// AskTodo is the part of a person's first page with contracts to sign.
func (s *Service) AskTodo(a *access.Actor) (gather.Part, bool) {
	return gather.Part{Key: todoPart, SQL: todoSQL}, a.SignedIn() && s.c.Access.Anywhere(a, PermGive)
}

// ReadTodo reads the rows of [Service.AskTodo].
func (s *Service) ReadTodo(f gather.Found) ([]Todo, error) { return gather.Decode[Todo](f, todoPart) }
