package app

import (
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/meetings"
)

// wireMeetings builds the meetings of networks and joins them to the engine and
// to the jobs.
func (a *App) wireMeetings() {
	a.Meetings = schedule.New(schedule.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock, Modules: a.Modules, Engine: a.Engine,
		Notify: a.Notify, Files: a.Files, Days: a.Days, CursorKey: keyset.Key(a.Keys.Key("cursor")), CodeKey: a.Keys.Key("meeting-code"), Linked: a.mention("meeting")})
	effects := a.Meetings.Applier()
	a.Engine.RegisterApplier(effects, effects.Kinds()...)
	a.Engine.RegisterReader(a.Meetings.Reader(), effect.SourceMeeting)
	a.Meetings.Jobs(a.Jobs)
}

// meetingRoutes are the pages of meetings.
func (a *App) meetingRoutes() []kit.Route {
	return meetings.Routes(meetings.Deps{Meetings: a.Meetings, Files: a.Files, Clock: a.Clock, Entrance: a.Entrance})
}
