package room

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/schedule"
)

// Meetings reads a meeting as the actor may see it; *schedule.Service is one.
type Meetings interface {
	Get(ctx context.Context, a *access.Actor, id uuid.UUID) (*schedule.Detail, error)
}

var _ Meetings = (*schedule.Service)(nil)

// Entrance lets people into the rooms of meetings. Safe for concurrent use.
type Entrance struct {
	Meetings Meetings
	Room     Room
	Clock    clock.Clock
}

// Door is what a meeting's page says about its room.
type Door struct {
	// Offered: the meeting has a room and the reader takes part online or leads.
	Offered bool
	// Open: it may be entered now; else it opens at From.
	Open bool
	From time.Time
}

// Door is the door of a meeting that was read for its page.
func (e *Entrance) Door(d *schedule.Detail) Door {
	m := meetingOf(d)
	going := d.State == schedule.Announced || d.State == schedule.Held
	return Door{
		Offered: d.Online && going && (e.Room.Own() || d.Link != "") && (d.May.Manage || d.Answer == schedule.Online) && e.Clock.Now().Before(m.End.Add(After)),
		Open:    m.OpenAt(e.Clock.Now()), From: m.Start.Add(-Before),
	}
}

func meetingOf(d *schedule.Detail) Meeting {
	return Meeting{ID: d.ID, Title: d.Title, Start: d.Starts, End: d.Ends, Link: d.Link}
}

// Enter gives the actor a personal address of the meeting's room. For members
// who answered that they take part online, and those who lead; from [Before] the
// beginning to [After] the end. Needs meeting:view.
//
// Errors: NotFound for a meeting that the actor may not see or that has no room;
// Forbidden without that answer; Conflict outside the time; Unavailable when the
// server of rooms does not answer.
func (e *Entrance) Enter(ctx context.Context, a *access.Actor, meeting uuid.UUID) (string, error) {
	d, err := e.Meetings.Get(ctx, a, meeting)
	if err != nil {
		return "", err
	}
	if !d.Online || d.State != schedule.Announced && d.State != schedule.Held {
		return "", fault.ErrNotFound
	}
	if !d.May.Manage && d.Answer != schedule.Online {
		return "", fault.New(fault.Forbidden, "room.not_online")
	}
	door := e.Door(d)
	if !door.Offered {
		return "", fault.ErrNotFound
	}
	if !door.Open {
		return "", fault.New(fault.Conflict, "room.not_yet")
	}
	return e.Room.Link(ctx, meetingOf(d), Guest{ID: a.Person, Name: a.Name, Moderator: d.May.Manage})
}
