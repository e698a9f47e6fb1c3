package app

import "ore.edu.pl/sieci/core/report"

// wireReports builds what writes documents; it comes after all rooms whose
// numbers a report holds.
func (a *App) wireReports() {
	a.Reports = report.New(report.Config{DB: a.DB, Access: a.Access, Clock: a.Clock, Networks: a.Networks, Meetings: a.Meetings, Board: a.Board,
		Library: a.Library, Tasks: a.Tasks, Evaluations: a.Evaluations, Elections: a.Elections, Records: a.Records, Names: places{a.Registry}})
}
