package conversation

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/notify"
)

// Report discloses one message of somebody else to the centre of the network,
// with the reason; consent must be true, for the message is no longer private
// then. NotFound for those who take no part; Conflict when the actor reported
// it already.
func (s *Service) Report(ctx context.Context, a *access.Actor, id uuid.UUID, seq int, reason string, consent bool) error {
	if err := s.own(a); err != nil {
		return err
	}
	h, err := readHead(ctx, s.db, id, a.Person, s.clock.Now())
	if err != nil {
		return err
	}
	m, err := message(ctx, s.db, id, seq, a.Person)
	if err != nil {
		return err
	}
	if m.Mine {
		return fault.New(fault.Forbidden, "conversation.own_message")
	}
	if m.Hidden {
		return fault.New(fault.Conflict, "conversation.hidden_already")
	}
	reason = strings.TrimSpace(reason)
	var f fault.Fields
	words(&f, "reason", "conversation.reason_missing", reason, MaxReason)
	if !consent {
		f.Add("consent", "conversation.consent_missing")
	}
	if err := f.Err(); err != nil {
		return err
	}
	_, err = act(ctx, s, a, "conversation:report", []any{id, seq, reason}, func(ctx context.Context, tx *db.Tx) (none, error) {
		report, err := uuid.NewV7()
		if err != nil {
			return none{}, err
		}
		now := s.clock.Now()
		if err := insertReport(ctx, tx, report, id, seq, h.Network, a.Person, reason, now); err != nil {
			return none{}, err
		}
		if err := s.note(ctx, tx, a, h.Network, "conversation:report", id); err != nil {
			return none{}, err
		}
		to, err := s.judges(ctx, tx, h.Centre, a.Person, m.AuthorID)
		if err != nil || len(to) == 0 {
			return none{}, err
		}
		return none{}, s.notify.Send(ctx, tx, notify.Message{To: to, Key: "conversation.notice.reported", Args: map[string]any{"Network": h.NetworkTitle},
			Link: ReportsPath + "/" + report.String(), Mail: true, Network: h.Network})
	})
	return err
}

// judges are the people of the centre, or of ORE when the centre has nobody but
// the people concerned.
func (s *Service) judges(ctx context.Context, tx *db.Tx, centre uuid.UUID, except ...uuid.UUID) ([]uuid.UUID, error) {
	for _, x := range []struct {
		role  access.Role
		kind  access.ScopeKind
		scope uuid.UUID
	}{{access.CentreAdmin, access.Centre, centre}, {access.OREAdmin, access.Platform, uuid.Nil}} {
		list, err := access.HoldersOf(ctx, tx, x.role, x.kind, x.scope, s.clock.Now(), 20)
		if err != nil {
			return nil, err
		}
		var out []uuid.UUID
		for _, id := range list {
			if id != except[0] && id != except[1] {
				out = append(out, id)
			}
		}
		if len(out) > 0 {
			return out, nil
		}
	}
	return nil, nil
}

// Disclosed is a message that somebody disclosed to the centre: that message
// alone, nothing else of the conversation.
type Disclosed struct {
	ID       uuid.UUID `json:"id" db:"id"`
	Network  uuid.UUID `json:"network_id" db:"network_id"`
	Title    string    `json:"network" db:"title"`
	Reporter string    `json:"reporter" db:"reporter"`
	Author   string    `json:"author" db:"author"`
	Body     string    `json:"body" db:"body"`
	At       time.Time `json:"written_at" db:"written_at"`
	Reason   string    `json:"reason" db:"reason"`
	Reported time.Time `json:"reported_at" db:"created_at"`
	Outcome  string    `json:"outcome,omitempty" db:"outcome"` // "", hidden, kept
	Answer   string    `json:"answer,omitempty" db:"answer"`
	// May: the actor may judge it; false for the two people concerned.
	May bool `json:"may_judge" db:"-"`

	AuthorID   uuid.UUID     `json:"-" db:"author_id"`
	ReporterID uuid.UUID     `json:"-" db:"reporter_id"`
	Talk       uuid.UUID     `json:"-" db:"conversation_id"`
	Seq        int           `json:"-" db:"seq"`
	Centre     uuid.UUID     `json:"-" db:"centre_id"`
	Programme  uuid.NullUUID `json:"-" db:"programme_id"`
}

func (d *Disclosed) mark(a *access.Actor) {
	d.May = d.Outcome == "" && d.AuthorID != a.Person && d.ReporterID != a.Person
}

// Reports lists disclosed messages that wait for a judgement, the oldest first,
// at most 50. Needs conversation:judge somewhere; reading them is accounted for.
func (s *Service) Reports(ctx context.Context, a *access.Actor) ([]Disclosed, error) {
	if !a.SignedIn() {
		return nil, fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	if !s.auth.Anywhere(a, PermJudge) {
		return nil, fault.ErrNotFound
	}
	reach := s.auth.Reach(a, PermJudge)
	out, err := openReports(ctx, s.db, reach.All, reach.Centres)
	for i := range out {
		out[i].mark(a)
	}
	if err != nil || len(out) == 0 {
		return out, err
	}
	return out, s.audit.Read(ctx, s.db, audit.Event{Actor: a.Person, Action: "conversation:read", ObjectKind: "conversation_report"})
}

// OneReport reads a disclosed message. Needs conversation:judge; reading it is
// accounted for.
func (s *Service) OneReport(ctx context.Context, a *access.Actor, id uuid.UUID) (Disclosed, error) {
	d, err := s.report(ctx, a, id)
	if err != nil {
		return Disclosed{}, err
	}
	return d, s.audit.Read(ctx, s.db, audit.Event{Actor: a.Person, Action: "conversation:read", ObjectKind: "conversation_report", ObjectID: id.String(),
		ScopeKind: string(access.Network), ScopeID: d.Network})
}

// report is [Service.OneReport] for an act that accounts for itself.
func (s *Service) report(ctx context.Context, a *access.Actor, id uuid.UUID) (Disclosed, error) {
	if !a.SignedIn() {
		return Disclosed{}, fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	d, err := readReport(ctx, s.db, id)
	if err != nil {
		return d, err
	}
	d.mark(a)
	return d, s.auth.Require(a, PermJudge, access.Place{Centre: d.Centre, Programme: d.Programme.UUID, Network: d.Network})
}

// Judge ends a report: the message is taken out of sight, or stays. Author (of
// a hidden message) and reporter are told why. Needs conversation:judge.
// Forbidden for those two people; Conflict when it is judged already.
func (s *Service) Judge(ctx context.Context, a *access.Actor, id uuid.UUID, hide bool, answer string) error {
	d, err := s.report(ctx, a, id)
	if err != nil {
		return err
	}
	if d.AuthorID == a.Person || d.ReporterID == a.Person {
		return fault.New(fault.Forbidden, "conversation.own_message")
	}
	answer = strings.TrimSpace(answer)
	var f fault.Fields
	words(&f, "answer", "conversation.reason_missing", answer, MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	outcome := "kept"
	if hide {
		outcome = "hidden"
	}
	_, err = act(ctx, s, a, "conversation:judge", []any{id, outcome, answer}, func(ctx context.Context, tx *db.Tx) (none, error) {
		now := s.clock.Now()
		ok, err := judge(ctx, tx, id, outcome, answer, a.Person, now)
		if err != nil {
			return none{}, err
		}
		if !ok {
			return none{}, fault.New(fault.Conflict, "conversation.judged")
		}
		if hide {
			if err := hideMessage(ctx, tx, d.Talk, d.Seq, now); err != nil {
				return none{}, err
			}
		}
		if err := s.note(ctx, tx, a, d.Network, "conversation:judge", d.Talk); err != nil {
			return none{}, err
		}
		tell := func(key string, to uuid.UUID) error {
			return s.notify.Send(ctx, tx, notify.Message{To: []uuid.UUID{to}, Key: "conversation.notice." + key, Link: Path(d.Talk), Mail: true, Network: d.Network,
				Args: map[string]any{"Reason": answer}})
		}
		if hide {
			if err := tell("hidden", d.AuthorID); err != nil {
				return none{}, err
			}
		}
		return none{}, tell("report_"+outcome, d.ReporterID)
	})
	return err
}

// Todo is what waits for a person in conversations.
type Todo struct {
	Kind  string    `json:"kind"` // unread or report
	ID    uuid.UUID `json:"id"`   // of the report
	Title string    `json:"title"`
	N     int       `json:"n"`
}

const todoPart = "conversation.todo"

// AskTodo is the part of a page that says what waits in conversations: new
// messages, and disclosed ones for those who judge; false for a guest.
func (s *Service) AskTodo(a *access.Actor) (gather.Part, bool) {
	reach := s.auth.Reach(a, PermJudge)
	return gather.Part{Key: todoPart, SQL: todoRows, Args: []any{reach.All, db.Array(reach.Centres)}}, a.SignedIn()
}

// ReadTodo reads the rows of [Service.AskTodo].
func (s *Service) ReadTodo(f gather.Found) ([]Todo, error) { return gather.Decode[Todo](f, todoPart) }
