package app

import (
	api "ore.edu.pl/sieci/core/api/kit"

	"ore.edu.pl/sieci/core/api/calendarapi"
	"ore.edu.pl/sieci/core/schedule/almanac"
	"ore.edu.pl/sieci/core/schedule/diary"
	"ore.edu.pl/sieci/core/schedule/feed"
	"ore.edu.pl/sieci/core/schedule/poll"
	online "ore.edu.pl/sieci/core/schedule/room"
	calendarpages "ore.edu.pl/sieci/core/web/calendar"
	"ore.edu.pl/sieci/core/web/kit"
)

// wireDays builds the calendar of holidays and breaks; meetings and
// notifications ask it.
func (a *App) wireDays() {
	a.Days = almanac.New(almanac.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock, Log: a.Log})
}

// wireCalendar builds what stands around meetings: people's calendars, polls
// for dates and the door of online rooms.
func (a *App) wireCalendar() error {
	rooms, err := online.New(a.Config.rooms(a.Keys.Key("room")))
	if err != nil {
		return err
	}
	a.Entrance = &online.Entrance{Meetings: a.Meetings, Room: rooms, Clock: a.Clock}
	a.Diary = &diary.Service{DB: a.DB, Access: a.Access, Meetings: a.Meetings, Days: a.Days}
	a.Feed = feed.New(feed.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock, Meetings: a.Meetings, BaseURL: a.Config.BaseURL})
	a.Polls = poll.New(poll.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock, Notify: a.Notify, Days: a.Days, Meetings: a.Meetings})
	a.Polls.Jobs(a.Jobs)
	return nil
}

// calendarRoutes are the pages of calendars and polls.
func (a *App) calendarRoutes() []kit.Route {
	return calendarpages.Routes(calendarpages.Deps{Diary: a.Diary, Feed: a.Feed, Polls: a.Polls, Breaks: a.Days, Entrance: a.Entrance, Clock: a.Clock})
}

// calendarAPI adds their operations.
func (a *App) calendarAPI(x *api.API) {
	calendarapi.Register(x, calendarapi.Deps{Diary: a.Diary, Feed: a.Feed, Polls: a.Polls, Breaks: a.Days, Entrance: a.Entrance})
}
