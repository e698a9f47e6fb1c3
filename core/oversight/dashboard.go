package oversight

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
)

// Running is a programme that goes on, with how many of its networks are open.
type Running struct {
	ID       uuid.UUID `db:"id" json:"id"`
	Code     string    `db:"code" json:"code"`
	Title    string    `db:"title" json:"title"`
	Networks int       `db:"networks" json:"networks"`
}

// Share is how many networks are open in a voivodeship, by their organisations.
type Share struct {
	Code     string `db:"code" json:"code"` // "" for organisations without a seat in the register
	Name     string `db:"name" json:"name"`
	Networks int    `db:"networks" json:"networks"`
	Centres  int    `db:"centres" json:"centres"` // organisations that run them
}

// Duty is a kind of thing that waits too long.
type Duty string

// The duties, the most pressing first.
const (
	DutyAccounts Duty = "accounts" // accounts to be confirmed
	DutyAppeals  Duty = "appeals"  // hidden posts and disclosed messages to be judged
	DutyRequests Duty = "requests" // requests to join a network
	DutyMeetings Duty = "meetings" // meetings held and not closed
	DutyTasks    Duty = "tasks"    // tasks past their date
)

// patience is after how many days a duty counts as overdue: tasks have dates of
// their own, the others are about people who wait for an answer.
var patience = map[Duty]int{DutyAccounts: 7, DutyAppeals: 7, DutyRequests: 14, DutyMeetings: 14, DutyTasks: 0}

// Overdue is one kind of duty that somebody is late with.
type Overdue struct {
	Duty Duty `db:"duty" json:"duty"`
	// N is how many, at most [MostOverdue]: then there may be more.
	N int `db:"n" json:"n"`
	// Oldest is since when the one that waits longest waits, or its date.
	Oldest time.Time `db:"oldest" json:"oldest"`
	// Days is the patience after which the duty counts.
	Days int `db:"-" json:"days"`
}

// MostOverdue bounds what is counted of one duty.
const MostOverdue = 1000

// mostRunning is how many programmes the dashboard names.
const mostRunning = 10

// Dashboard is the country at a glance.
type Dashboard struct {
	Overdue []Overdue `json:"overdue"` // those that there are, in their order
	Spread  []Share   `json:"voivodeships"`
	Running []Running `json:"programmes"` // by title, at most ten
	// More: there are more programmes than are named.
	More bool `json:"more_programmes"`
}

// MayDashboard reports whether the actor sees the dashboard of the whole country.
func (s *Service) MayDashboard(a *access.Actor) bool {
	return s.c.Access.Can(a, PermYear, access.Place{}) && s.c.Access.Can(a, PermPace, access.Place{})
}

// Dashboard is the country at a glance, for those who see all of it
// (territory:report and compliance:view on the platform); NotFound to others.
// One round trip; what waits is counted up to [MostOverdue].
func (s *Service) Dashboard(ctx context.Context, a *access.Actor) (*Dashboard, error) {
	for _, p := range []access.Permission{PermYear, PermPace} {
		if err := s.c.Access.Require(a, p, access.Place{}); err != nil {
			return nil, err
		}
	}
	d, now := &Dashboard{}, s.c.Clock.Now()
	err := db.Together(ctx, s.c.DB,
		func(ctx context.Context, q db.Q) (err error) { d.Overdue, err = overdue(ctx, q, now); return err },
		func(ctx context.Context, q db.Q) (err error) { d.Spread, err = spread(ctx, q); return err },
		func(ctx context.Context, q db.Q) (err error) {
			d.Running, err = running(ctx, q, mostRunning+1)
			return err
		})
	if err != nil {
		return nil, err
	}
	if len(d.Running) > mostRunning {
		d.Running, d.More = d.Running[:mostRunning], true
	}
	for i := range d.Overdue {
		d.Overdue[i].Days = patience[d.Overdue[i].Duty]
	}
	return d, nil
}
