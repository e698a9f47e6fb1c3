package app

import (
	"slices"

	"ore.edu.pl/sieci/core/api/boardapi"
	"ore.edu.pl/sieci/core/api/conversationapi"
	api "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/conversation"
	boardpages "ore.edu.pl/sieci/core/web/board"
	"ore.edu.pl/sieci/core/web/conversations"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/people"
)

// talk is what people write for each other: the forum and blogs of networks,
// and private conversations.
type talk struct {
	Board         *board.Service
	Conversations *conversation.Service
}

// wireBoard builds the forum, the blogs and conversations.
func (a *App) wireBoard() {
	a.Board = board.New(board.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock, Notify: a.Notify, Files: a.Files, Search: a.Search, Linked: a.mention("thread")})
	a.Conversations = conversation.New(conversation.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock, Notify: a.Notify})
}

// boardRoutes are the pages of all of them.
func (a *App) boardRoutes() []kit.Route {
	return slices.Concat(
		boardpages.Routes(boardpages.Deps{Board: a.Board, Files: a.Files, Drafts: a.Drafts, Clock: a.Clock, Log: a.Log}),
		conversations.Routes(conversations.Deps{Conversations: a.Conversations, Log: a.Log}))
}

// boardAPI are the operations of all of them.
func (a *App) boardAPI(x *api.API) {
	boardapi.Register(x, a.Board)
	conversationapi.Register(x, a.Conversations)
}

// boardTodo is what waits for people there.
func (a *App) boardTodo() []kit.TodoSource {
	return []kit.TodoSource{conversations.Todo{Conversations: a.Conversations}, boardpages.Todo{Board: a.Board}}
}

// boardManage are the pages of those who judge.
func boardManage() []people.ManageLink {
	return []people.ManageLink{
		{Key: "board.page.appeals", Hint: "board.page.manage_hint", Href: boardpages.AppealsPath, Group: people.OfPeople},
		{Key: "conversation.page.reports", Hint: "conversation.page.manage_hint", Href: conversations.ReportsPath, Group: people.OfPeople},
	}
}
