package election

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/notify"
)

// Networks moves the coordinator's role; core/network does it.
type Networks interface {
	// Succeed makes an active member the coordinator in place of the present one,
	// in the transaction. Conflict when people are no longer what they were.
	Succeed(ctx context.Context, tx *db.Tx, a *access.Actor, network, to uuid.UUID) error
}

// Notifier tells people things in the transaction of what happened;
// *notify.Service is one.
type Notifier interface {
	Send(ctx context.Context, tx *db.Tx, m notify.Message) error
}

var _ Notifier = (*notify.Service)(nil)

// Config of the service; every field is required.
type Config struct {
	DB       *db.DB
	Access   *access.Authorizer
	Audit    *audit.Log
	Clock    clock.Clock
	Box      *ballot.Box
	Notify   Notifier
	Networks Networks
}

// Service runs elections. Safe for concurrent use.
type Service struct{ c Config }

// New makes the service.
func New(c Config) *Service { return &Service{c} }

// Jobs registers what happens at deadlines.
func (s *Service) Jobs(c *job.Client) {
	// Often enough that a person who moves the clock of a demonstration sees it.
	job.Add(c, job.Options{Title: "election.job.sweep", Every: 5 * time.Second}, func(ctx context.Context, _ *job.Job[sweepArgs]) error {
		_, err := s.Sweep(ctx)
		return err
	})
}

type sweepArgs struct{}

// Kind implements [job.Args].
func (sweepArgs) Kind() string { return "election.sweep" }

func (r *electionRow) place() access.Place {
	return access.Place{Network: r.Network, Centre: r.Centre, Programme: r.Programme.UUID}
}

func (r *networkRow) place() access.Place {
	return access.Place{Network: r.ID, Centre: r.Centre, Programme: r.Programme.UUID}
}

// Of is the network's newest election, nil when there was none, with what the
// reader may do. Needs [PermView].
func (s *Service) Of(ctx context.Context, a *access.Actor, network uuid.UUID) (*Election, *Frame, error) {
	var n *networkRow
	var r *electionRow
	err := db.Together(ctx, s.c.DB,
		func(ctx context.Context, q db.Q) (err error) { n, err = networkOf(ctx, q, network); return err },
		func(ctx context.Context, q db.Q) (err error) { r, err = latest(ctx, q, network); return err })
	if err != nil {
		return nil, nil, err
	}
	if err := s.c.Access.Require(a, PermView, n.place()); err != nil {
		return nil, nil, err
	}
	f := &Frame{ID: n.ID, Title: n.Title, Place: n.place(), Going: n.Status == "open", MayOpen: n.Status == "open" && s.c.Access.Can(a, PermOpen, n.place())}
	if r == nil {
		return nil, f, nil
	}
	e, err := s.view(ctx, a, r)
	return e, f, err
}

// Frame is the network around an election's page.
type Frame struct {
	ID      uuid.UUID
	Title   string
	Place   access.Place
	Going   bool // the network takes changes
	MayOpen bool
}

func (s *Service) view(ctx context.Context, a *access.Actor, r *electionRow) (*Election, error) {
	now := s.c.Clock.Now()
	e := &Election{ID: r.ID, Network: r.Network, NetworkTitle: r.NetworkTitle, State: r.State, OpenedBy: r.OpenedByName, Note: r.Note, Quorum: r.Quorum,
		StandUntil: r.StandUntil, VoteUntil: r.VoteUntil, Winner: r.WinnerName, WinnerID: r.Winner.UUID, Reason: r.Reason, EndedAt: r.EndedAt}
	if r.Eligible != nil {
		e.Eligible = *r.Eligible
	}
	if r.Votes != nil {
		e.Turnout = *r.Votes
	}
	can := func(p access.Permission) bool { return r.Status == "open" && s.c.Access.Can(a, p, r.place()) }
	e.May = Rights{Open: r.State.Open() && can(PermOpen), Stand: r.State == Standing && now.Before(r.StandUntil) && can(PermStand),
		Confirm: r.State == Elected && can(PermConfirm)}
	e.Concerned = a.Person == r.OpenedBy || r.Winner.Valid && a.Person == r.Winner.UUID || s.c.Access.Can(a, PermConfirm, r.place())
	readers := []func(context.Context, db.Q) error{
		func(ctx context.Context, q db.Q) (err error) {
			e.Candidates, err = candidates(ctx, q, r.ID)
			return err
		}}
	if r.State == Voting {
		readers = append(readers,
			func(ctx context.Context, q db.Q) (err error) {
				e.Listed, e.Voted, err = s.c.Box.Listed(ctx, q, r.Ballot.UUID, a.Person)
				return err
			},
			func(ctx context.Context, q db.Q) error {
				counts, err := s.c.Box.Counts(ctx, q, r.Ballot.UUID)
				e.Turnout = counts[r.Ballot.UUID].Answers
				return err
			})
	}
	if r.State == Confirmed && e.Concerned {
		readers = append(readers, func(ctx context.Context, q db.Q) (err error) { e.Items, err = items(ctx, q, r.ID); return err })
	}
	if err := db.Together(ctx, s.c.DB, readers...); err != nil {
		return nil, err
	}
	e.Stands = slices.ContainsFunc(e.Candidates, func(c Candidate) bool { return c.Person == a.Person })
	return e, nil
}

// Input is what a coordinator says who announces leaving.
type Input struct {
	Note string `json:"note"`
	// Quorum is the share of members who must vote, in per cent.
	Quorum     int       `json:"quorum_percent"`
	StandUntil time.Time `json:"stand_until"`
	VoteUntil  time.Time `json:"vote_until"`
}

func (in *Input) check(now time.Time) error {
	var bad fault.Fields
	in.Note = strings.TrimSpace(in.Note)
	if utf8.RuneCountInString(in.Note) > MaxNote {
		bad.Add("note", "election.text_long", "Max", MaxNote)
	}
	if in.Quorum < MinQuorum || in.Quorum > MaxQuorum {
		bad.Add("quorum", "election.quorum_range", "Min", MinQuorum, "Max", MaxQuorum)
	}
	switch {
	case in.StandUntil.Before(now.Add(MinStand)):
		bad.Add("stand_until", "election.stand_short", "Hours", int(MinStand.Hours()))
	case in.VoteUntil.Before(in.StandUntil.Add(MinVote)):
		bad.Add("vote_until", "election.vote_short", "Hours", int(MinVote.Hours()))
	case in.VoteUntil.After(now.Add(MaxTime)):
		bad.Add("vote_until", "election.time_long", "Days", int(MaxTime.Hours()/24))
	}
	return bad.Err()
}

// Announce opens an election and tells every member. Needs [PermOpen]; Conflict
// while another election is open or the network is not.
func (s *Service) Announce(ctx context.Context, a *access.Actor, network uuid.UUID, in Input) (uuid.UUID, error) {
	n, err := networkOf(ctx, s.c.DB, network)
	if err != nil {
		return uuid.Nil, err
	}
	if err := s.c.Access.Require(a, PermOpen, n.place()); err != nil {
		return uuid.Nil, err
	}
	if n.Status != "open" {
		return uuid.Nil, fault.New(fault.Conflict, "election.network_closed")
	}
	now := s.c.Clock.Now()
	if err := in.check(now); err != nil {
		return uuid.Nil, err
	}
	var id uuid.UUID
	err = s.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		id, err = idem.Do(ctx, tx, a.Person, string(PermOpen), []any{network, in}, func() (uuid.UUID, error) {
			id := uuid.Must(uuid.NewV7())
			if err := insertElection(ctx, tx, id, network, a.Person, in, now); err != nil {
				return uuid.Nil, err
			}
			people, err := s.voters(ctx, tx, network, now)
			if err != nil {
				return uuid.Nil, err
			}
			r := &electionRow{ID: id, Network: network, NetworkTitle: n.Title, StandUntil: in.StandUntil, VoteUntil: in.VoteUntil}
			if err := s.tell(ctx, tx, r, "election.notice.open", without(people, a.Person)); err != nil {
				return uuid.Nil, err
			}
			return id, s.note(ctx, tx, a, r, "election:open")
		})
		return err
	})
	return id, err
}

// voters are the members who elect: participants and who leads.
func (s *Service) voters(ctx context.Context, q db.Q, network uuid.UUID, at time.Time) ([]uuid.UUID, error) {
	var all []uuid.UUID
	for _, role := range []access.Role{access.Participant, access.Coordinator} {
		ids, err := access.HoldersOf(ctx, q, role, access.Network, network, at, 5000)
		if err != nil {
			return nil, err
		}
		all = append(all, ids...)
	}
	slices.SortFunc(all, func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(all), nil
}

func without(all []uuid.UUID, one uuid.UUID) []uuid.UUID {
	return slices.DeleteFunc(slices.Clone(all), func(p uuid.UUID) bool { return p == one })
}

// change runs f on a locked election for whoever holds p; states are those in
// which the act makes sense, else Conflict "election.moved_on".
func (s *Service) change(ctx context.Context, a *access.Actor, id uuid.UUID, p access.Permission, input any, states []State, f func(ctx context.Context, tx *db.Tx, r *electionRow) error) error {
	r, err := byID(ctx, s.c.DB, id)
	if err != nil {
		return err
	}
	if err := s.c.Access.Require(a, p, r.place()); err != nil {
		return err
	}
	return s.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := idem.Do(ctx, tx, a.Person, string(p), input, func() (struct{}, error) {
			r, err := lock(ctx, tx, id)
			if err != nil {
				return struct{}{}, err
			}
			if r.Status != "open" {
				return struct{}{}, fault.New(fault.Conflict, "election.network_closed")
			}
			if !slices.Contains(states, r.State) {
				return struct{}{}, fault.New(fault.Conflict, "election.moved_on")
			}
			return struct{}{}, f(ctx, tx, r)
		})
		return err
	})
}

// Stand makes the actor a candidate, or changes what they say. Needs
// [PermStand], before the time to stand is over.
func (s *Service) Stand(ctx context.Context, a *access.Actor, id uuid.UUID, statement string) error {
	statement = strings.TrimSpace(statement)
	if n := utf8.RuneCountInString(statement); n == 0 || n > MaxStatement {
		var bad fault.Fields
		bad.Add("statement", "election.statement", "Max", MaxStatement)
		return bad.Err()
	}
	return s.change(ctx, a, id, PermStand, []any{"stand", id, statement}, []State{Standing}, func(ctx context.Context, tx *db.Tx, r *electionRow) error {
		now := s.c.Clock.Now()
		if !now.Before(r.StandUntil) {
			return fault.New(fault.Conflict, "election.moved_on")
		}
		if a.Person == r.OpenedBy {
			return fault.New(fault.Conflict, "election.not_leaver")
		}
		if err := putCandidate(ctx, tx, id, a.Person, statement, now); err != nil {
			return err
		}
		return s.note(ctx, tx, a, r, "election:stand")
	})
}

// StandDown takes the actor's candidacy back, before the voting begins.
func (s *Service) StandDown(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	return s.change(ctx, a, id, PermStand, []any{"down", id}, []State{Standing}, func(ctx context.Context, tx *db.Tx, r *electionRow) error {
		gone, err := dropCandidate(ctx, tx, id, a.Person)
		if err != nil || !gone {
			return err
		}
		return s.note(ctx, tx, a, r, "election:stand_down")
	})
}

// Cancel ends an open election without a result. Needs [PermOpen].
func (s *Service) Cancel(ctx context.Context, a *access.Actor, id uuid.UUID, reason string) error {
	if err := reasonOK(reason); err != nil {
		return err
	}
	return s.change(ctx, a, id, PermOpen, []any{"cancel", id, reason}, []State{Standing, Voting}, func(ctx context.Context, tx *db.Tx, r *electionRow) error {
		now := s.c.Clock.Now()
		if r.State == Voting {
			if _, err := s.c.Box.Close(ctx, tx, r.Ballot.UUID); err != nil { // the papers go unread
				return err
			}
		}
		if err := endElection(ctx, tx, id, Cancelled, strings.TrimSpace(reason), a.Person, nil, now); err != nil {
			return err
		}
		people, err := s.voters(ctx, tx, r.Network, now)
		if err != nil {
			return err
		}
		if err := s.tell(ctx, tx, r, "election.notice.cancelled", without(people, a.Person)); err != nil {
			return err
		}
		return s.note(ctx, tx, a, r, "election:cancel")
	})
}

func reasonOK(reason string) error {
	if n := utf8.RuneCountInString(strings.TrimSpace(reason)); n == 0 || n > MaxReason {
		var bad fault.Fields
		bad.Add("reason", "election.reason", "Max", MaxReason)
		return bad.Err()
	}
	return nil
}

// NewNonce is what a voting form carries, so that sending it twice votes once.
func NewNonce() string { return ballot.NewNonce() }

// Vote gives the actor's vote: a candidate's id, or [Nobody]. It cannot be
// changed or asked for. Needs [PermVote] and to be on the list; Conflict when
// the vote was given, the voting is over or the network is closed. No audit entry and no idempotency
// key: neither a database nor a log says what somebody voted.
func (s *Service) Vote(ctx context.Context, a *access.Actor, id uuid.UUID, choice, nonce string) error {
	r, err := byID(ctx, s.c.DB, id)
	if err != nil {
		return err
	}
	if err := s.c.Access.Require(a, PermVote, r.place()); err != nil {
		return err
	}
	if r.Status != "open" {
		return fault.New(fault.Conflict, "election.network_closed")
	}
	if r.State != Voting || !s.c.Clock.Now().Before(r.VoteUntil) {
		return fault.New(fault.Conflict, "election.voting_over")
	}
	if !ballot.ValidNonce(nonce) {
		nonce = ballot.NewNonce()
	}
	list, err := candidates(ctx, s.c.DB, id)
	if err != nil {
		return err
	}
	if choice != Nobody && !slices.ContainsFunc(list, func(c Candidate) bool { return c.Person.String() == choice }) {
		var bad fault.Fields
		bad.Add("choice", "election.choice")
		return bad.Err()
	}
	code, err := s.c.Box.Issue(ctx, r.Ballot.UUID, a.Person, nonce)
	if err != nil {
		return err
	}
	return s.c.Box.Cast(ctx, code, []byte(choice))
}

// Confirm makes the elected member the coordinator: the rights move in this
// transaction, and the list of what is to be passed on begins. Needs
// [PermConfirm]. Conflict when the elected person is no active member any more.
func (s *Service) Confirm(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	return s.change(ctx, a, id, PermConfirm, []any{"confirm", id}, []State{Elected}, func(ctx context.Context, tx *db.Tx, r *electionRow) error {
		now := s.c.Clock.Now()
		if err := s.c.Networks.Succeed(ctx, tx, a, r.Network, r.Winner.UUID); err != nil {
			return err
		}
		if err := endElection(ctx, tx, id, Confirmed, "", a.Person, nil, now); err != nil {
			return err
		}
		if err := insertItems(ctx, tx, id, Items); err != nil {
			return err
		}
		people, err := s.voters(ctx, tx, r.Network, now)
		if err != nil {
			return err
		}
		if err := s.tell(ctx, tx, r, "election.notice.confirmed", people); err != nil {
			return err
		}
		return s.note(ctx, tx, a, r, "election:confirm")
	})
}

// Refuse ends the election with the centre's reason. Needs [PermConfirm].
func (s *Service) Refuse(ctx context.Context, a *access.Actor, id uuid.UUID, reason string) error {
	if err := reasonOK(reason); err != nil {
		return err
	}
	return s.change(ctx, a, id, PermConfirm, []any{"refuse", id, reason}, []State{Elected}, func(ctx context.Context, tx *db.Tx, r *electionRow) error {
		now := s.c.Clock.Now()
		if err := endElection(ctx, tx, id, Refused, strings.TrimSpace(reason), a.Person, nil, now); err != nil {
			return err
		}
		people, err := s.voters(ctx, tx, r.Network, now)
		if err != nil {
			return err
		}
		if err := s.tell(ctx, tx, r, "election.notice.refused", people); err != nil {
			return err
		}
		return s.note(ctx, tx, a, r, "election:refuse")
	})
}

// Items are what a coordinator passes on, by the key of their text.
var Items = []string{"materials", "matters", "meetings", "promises", "members", "plan", "contacts"}

// Tick marks something as passed on, or not; the former and the new coordinator
// and the centre may.
func (s *Service) Tick(ctx context.Context, a *access.Actor, id, item uuid.UUID, done bool) error {
	return s.passing(ctx, a, id, []any{"tick", id, item, done}, func(ctx context.Context, tx *db.Tx, r *electionRow) error {
		ok, err := tickItem(ctx, tx, id, item, a.Person, done, s.c.Clock.Now())
		if err == nil && !ok {
			return fault.ErrNotFound
		}
		return err
	})
}

// AddItem puts an own text on the list of what is passed on.
func (s *Service) AddItem(ctx context.Context, a *access.Actor, id uuid.UUID, text string) error {
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n == 0 || n > MaxItem {
		var bad fault.Fields
		bad.Add("text", "election.item_text", "Max", MaxItem)
		return bad.Err()
	}
	return s.passing(ctx, a, id, []any{"item", id, text}, func(ctx context.Context, tx *db.Tx, r *electionRow) error {
		ok, err := addItem(ctx, tx, id, text)
		if err == nil && !ok {
			return fault.New(fault.Conflict, "election.items_many", "Max", MaxItems)
		}
		return err
	})
}

func (s *Service) passing(ctx context.Context, a *access.Actor, id uuid.UUID, input any, f func(ctx context.Context, tx *db.Tx, r *electionRow) error) error {
	r, err := byID(ctx, s.c.DB, id)
	if err != nil {
		return err
	}
	if a.Person != r.OpenedBy && a.Person != r.Winner.UUID && !s.c.Access.Can(a, PermConfirm, r.place()) || !a.SignedIn() {
		return fault.ErrNotFound
	}
	return s.change(ctx, a, id, PermView, input, []State{Confirmed}, func(ctx context.Context, tx *db.Tx, r *electionRow) error {
		if err := f(ctx, tx, r); err != nil {
			return err
		}
		return s.note(ctx, tx, a, r, "election:pass")
	})
}

func (s *Service) tell(ctx context.Context, tx *db.Tx, r *electionRow, key string, to []uuid.UUID) error {
	if len(to) == 0 {
		return nil
	}
	return s.c.Notify.Send(ctx, tx, notify.Message{To: to, Key: key, Network: r.Network, Link: Path(r.Network), Once: key + ":" + r.ID.String(),
		Args: map[string]any{"Title": r.NetworkTitle, "Stand": r.StandUntil, "Until": r.VoteUntil}})
}

// Path is the page of a network's election.
func Path(network uuid.UUID) string { return "/sieci/" + network.String() + "/wybory" }

func (s *Service) note(ctx context.Context, tx *db.Tx, a *access.Actor, r *electionRow, action string) error {
	return s.c.Audit.Write(ctx, tx, audit.Event{Actor: a.Person, System: a.System, Action: action, ObjectKind: "election", ObjectID: r.ID.String(),
		ScopeKind: string(access.Network), ScopeID: r.Network})
}

const todoPart = "election.todo"

// Network is the network of an election, for whoever sees it. Needs [PermView].
func (s *Service) Network(ctx context.Context, a *access.Actor, id uuid.UUID) (uuid.UUID, error) {
	r, err := byID(ctx, s.c.DB, id)
	if err != nil {
		return uuid.Nil, err
	}
	return r.Network, s.c.Access.Require(a, PermView, r.place())
}
