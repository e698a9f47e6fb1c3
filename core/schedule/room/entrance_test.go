package room_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/room"
)

// one is a meeting as a reader sees it.
type one struct{ d schedule.Detail }

func (o one) Get(context.Context, *access.Actor, uuid.UUID) (*schedule.Detail, error) {
	d := o.d
	return &d, nil
}

func TestWhoMayEnterAndWhen(t *testing.T) {
	t.Parallel()
	own, err := room.New(room.Settings{JitsiURL: "https://meet.example", JitsiAppID: "sieci", JitsiSecret: "tajne", Key: key, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	base := schedule.Detail{Meeting: schedule.Meeting{ID: meeting.ID, Title: "Spotkanie", State: schedule.Announced, Starts: meeting.Start, Ends: meeting.End, Online: true, Answer: schedule.Online}}
	actor := &access.Actor{Person: anna.ID, Name: anna.Name}
	for name, c := range map[string]struct {
		room   room.Room
		change func(d *schedule.Detail)
		at     time.Time
		kind   fault.Kind
		key    string
	}{
		"online, in time":   {own, func(*schedule.Detail) {}, now, 0, ""},
		"comes on site":     {own, func(d *schedule.Detail) { d.Answer = schedule.OnSite }, now, fault.Forbidden, "room.not_online"},
		"silent":            {own, func(d *schedule.Detail) { d.Answer = "" }, now, fault.Forbidden, "room.not_online"},
		"leads":             {own, func(d *schedule.Detail) { d.Answer, d.May.Manage = "", true }, now, 0, ""},
		"too early":         {own, func(*schedule.Detail) {}, now.Add(-time.Hour), fault.Conflict, "room.not_yet"},
		"long over":         {own, func(*schedule.Detail) {}, meeting.End.Add(time.Hour), fault.NotFound, "fault.not_found"},
		"cancelled":         {own, func(d *schedule.Detail) { d.State = schedule.Cancelled }, now, fault.NotFound, "fault.not_found"},
		"not online at all": {own, func(d *schedule.Detail) { d.Online = false }, now, fault.NotFound, "fault.not_found"},
		"no link pasted":    {room.Pasted{}, func(*schedule.Detail) {}, now, fault.NotFound, "fault.not_found"},
		"a link pasted":     {room.Pasted{}, func(d *schedule.Detail) { d.Link = "https://teams.example/1" }, now, 0, ""},
	} {
		d := base
		c.change(&d)
		e := room.Entrance{Meetings: one{d}, Room: c.room, Clock: clock.NewFixed(c.at)}
		link, err := e.Enter(t.Context(), actor, meeting.ID)
		if c.key == "" {
			if err != nil || !strings.HasPrefix(link, "https://") {
				t.Errorf("%s: %q, %v", name, link, err)
			}
			continue
		}
		if f := fault.As(err); f == nil || f.Kind != c.kind || f.Key != c.key {
			t.Errorf("%s: %q, %v, want %s", name, link, err, c.key)
		}
	}
}
