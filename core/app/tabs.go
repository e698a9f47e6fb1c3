package app

import (
	"slices"

	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/consent"
	"ore.edu.pl/sieci/core/election"
	"ore.edu.pl/sieci/core/evaluation"
	"ore.edu.pl/sieci/core/export"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/report"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/task"
	boardpages "ore.edu.pl/sieci/core/web/board"
	"ore.edu.pl/sieci/core/web/consents"
	"ore.edu.pl/sieci/core/web/elections"
	evaluationpages "ore.edu.pl/sieci/core/web/evaluations"
	"ore.edu.pl/sieci/core/web/exports"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/meetings"
	"ore.edu.pl/sieci/core/web/networks"
	oversightpages "ore.edu.pl/sieci/core/web/oversight"
	"ore.edu.pl/sieci/core/web/reports"
)

// networkTabs are the pages of a network, in the order of its tabs. Each page
// shows them by calling [kit.Ctx.InNetwork].
func networkTabs() []kit.NetworkTab {
	return slices.Concat(networks.Tabs, []kit.NetworkTab{
		{Key: "meetings.tab.network", Path: meetings.Tab, Perm: schedule.PermView},
		{Key: "board.tab", Path: boardpages.Tab, Perm: board.PermView},
		{Key: "tasks.tab.network", Path: "/zadania", Perm: task.List},
		{Key: "library.tab.network", Path: "/zasoby", Perm: library.PermView},
		{Key: "evaluations.tab", Path: evaluationpages.Tab, Perm: evaluation.PermView},
		{Key: "programme.page.groups", Path: "/grupy", Perm: programme.ManageGroup},
		{Key: "consent.tab", Path: consents.Tab, Perm: consent.PermView, Aside: true},
		{Key: "election.tab", Path: elections.Tab, Perm: election.PermView, Aside: true},
		{Key: "report.tab", Path: reports.Tab, Perm: report.Perm, Aside: true},
		{Key: "oversight.tab", Path: oversightpages.Tab, Perm: network.PermEdit, Aside: true},
		{Key: "export.tab", Path: exports.Tab, Perm: export.Perm, Aside: true},
	})
}
