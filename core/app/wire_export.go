package app

import (
	"ore.edu.pl/sieci/core/export"
)

// wireExports builds what makes copies of networks; it comes after all rooms
// whose words a copy holds.
func (a *App) wireExports() {
	a.Exports = export.New(export.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock, Jobs: a.Jobs, Files: a.Files,
		Networks: a.Networks, Notify: a.Notify, BaseURL: a.Config.BaseURL, Sources: []export.Source{
			export.Members{Networks: a.Networks}, export.Meetings{Meetings: a.Meetings}, export.Board{Board: a.Board},
			export.Library{Library: a.Library},
		}})
}
