package walk_test

import (
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/network"
)

// What the matrix knows besides the tables and the policy. Every entry is a
// sentence that the service's own comment says, too.

// passedOver are rows that end what the others need, each with why.
var passedOver = map[string]string{
	"POST /wyloguj": "ends the session", "DELETE /api/v1/session": "ends the session",
}

const (
	// nobodys is the demand of rows that only the thing's own author may ask.
	nobodys access.Permission = "-"
	// onPlatform is the demand of rows about all places at once.
	onPlatform access.Permission = "*"
)

// demands are what a service asks besides the row's permission of those who made
// nothing of the thing: a permission at its place.
var demands = map[string]access.Permission{
	"GET /api/v1/dashboard": onPlatform, "GET /programy/nowy": onPlatform, "POST /programy/nowy": onPlatform,
	// One's own uploads, posts and submissions.
	"DELETE /api/v1/files/:id": nobodys,
	"PUT /api/v1/posts/:id":    nobodys, "DELETE /api/v1/posts/:id": nobodys, "POST /api/v1/posts/:id/addendum": nobodys, "POST /api/v1/posts/:id/appeal": nobodys,
	"GET /sieci/:id/wpisy/:wpis/edytuj": nobodys, "POST /sieci/:id/wpisy/:wpis/edytuj": nobodys, "GET /sieci/:id/wpisy/:wpis/usun": nobodys, "POST /sieci/:id/wpisy/:wpis/usun": nobodys,
	"GET /sieci/:id/wpisy/:wpis/uzupelnij": nobodys, "POST /sieci/:id/wpisy/:wpis/uzupelnij": nobodys, "GET /sieci/:id/wpisy/:wpis/odwolanie": nobodys, "POST /sieci/:id/wpisy/:wpis/odwolanie": nobodys,
	"GET /zadania/:id/oddaj": nobodys, "POST /zadania/:id/oddaj": nobodys, "POST /api/v1/tasks/:id/submissions": nobodys,
	// Others' membership of a group; one's own ends without a role.
	"DELETE /api/v1/groups/:id/members/:person/:role": "group:manage", "POST /grupy/:id/osoby/:osoba/usun": "group:manage",
	// Posts of a board that is not shared.
	"GET /sieci/:id/blog/:watek": "board:view", "GET /sieci/:id/wpisy/:wpis": "board:view",
	// What somebody else agreed to do.
	"PUT /api/v1/meetings/:id/actions/:action": "meeting:register", "POST /spotkania/:id/ustalenia/:zadanie": "meeting:register",
	// Others' resources.
	"GET /zasoby/:id/edytuj": "resource:edit", "POST /zasoby/:id/edytuj": "resource:edit", "PUT /api/v1/resources/:id": "resource:edit",
	"GET /zasoby/:id/nowa-wersja": "resource:edit", "POST /zasoby/:id/nowa-wersja": "resource:edit", "POST /api/v1/resources/:id/versions": "resource:edit",
	"GET /zasoby/:id/publikacja": "resource:edit", "POST /zasoby/:id/publikacja": "resource:edit", "POST /api/v1/resources/:id/publication": "resource:edit",
	"GET /zasoby/:id/usun": "resource:edit", "POST /zasoby/:id/usun": "resource:edit", "POST /api/v1/resources/:id/remove": "resource:edit",
	"POST /zasoby/:id/szkic": "resource:edit", "PUT /api/v1/resources/:id/draft": "resource:edit",
	// Documents of a network by themselves; its people read them as parts of its pages.
	"GET /zapisy/:id": "record:manage", "GET /api/v1/records/:id": "record:manage",
	// Whom one may write to: one's own network, by a membership or as its centre.
	"GET /api/v1/networks/:id/people-to-write-to": network.PermEdit,
	// A meeting in one's calendar: who is invited to it.
	"GET /spotkania/:id/kalendarz.ics": nobodys,
	// What is passed on with a network.
	"POST /api/v1/elections/:id/handover": "election:confirm", "POST /api/v1/elections/:id/handover/:item": "election:confirm", "POST /wybory/:id/lista/:rzecz": "election:confirm",
}

// narrower are rows that close to some whom the role would let in, because of
// the state of the thing or of who they are to it.
var narrower = map[string]string{
	"GET /api/v1/programmes/:id/project": "a programme shows itself to everybody once its data are there", "GET /programy/:id/projekt": "the same",
	"GET /api/v1/networks/:id/commands/:command": "each command says who may give it", "GET /sieci/:id/czynnosc/:czynnosc": "the same", "POST /sieci/:id/czynnosc/:czynnosc": "the same",
	"GET /api/v1/networks/:id/views/:view": "each view says who may see it", "GET /sieci/:id/plan/:widok": "the same",
	"GET /api/v1/networks/:id/people-to-write-to": "only who is in it by a membership",
	"GET /api/v1/networks/:id/handover":           "there is none", "GET /sieci/:id/przekazanie": "only who hands over, receives or confirms",
	"POST /api/v1/networks/:id/handover/answer": "the same", "POST /sieci/:id/przekazanie/odpowiedz": "the same",
	"GET /sieci/:id/koordynator": "only to whom the role is offered", "POST /sieci/:id/koordynator": "the same",
	"GET /api/v1/networks/:id/lead-offer": "the same", "POST /api/v1/networks/:id/lead-offer": "the same",
	"GET /sieci/:id/zaproszenie": "only who is invited", "GET /sieci/:id/dolacz": "by invitation only", "POST /sieci/:id/dolacz": "the same", "POST /api/v1/networks/:id/join": "the same",
	"GET /sieci/:id/rezygnacja": "only who is in it by a membership", "POST /sieci/:id/rezygnacja": "the same", "POST /api/v1/networks/:id/leave": "the same",
	"POST /api/v1/networks/:id/contract/signature": "no contract was agreed on yet", "POST /sieci/:id/kontrakt": "the same",
	"POST /api/v1/networks/:id/successor": "the module's decision asks for its own right too", "POST /sieci/:id/nastepny-rok": "the same",
	"GET /sieci/:id/potwierdzenie": "only who took part", "GET /sieci/:id/potwierdzenie/:format": "the same",
	"GET /sieci/:id/wpisy/:wpis/zglos": "who may hide a post hides it",
	"GET /sieci/zaloz/formularz":       "after the page before", "POST /sieci/zaloz/formularz": "the same", "POST /sieci/zaloz": "names no type",
	"GET /spotkania/:id/obecnosc": "while the meeting goes on", "GET /spotkania/:id/pokoj": "before a meeting online", "GET /api/v1/meetings/:id/room": "the same",
	"PUT /api/v1/meetings/:id/answer":         "only who is invited to it",
	"DELETE /api/v1/meetings/:id/files/:file": "the file is of a resource", "POST /spotkania/:id/materialy/:plik/usun": "the same",
	"GET /zadania/:id": "who does tasks there sees the own ones", "GET /api/v1/tasks/:id": "the same",
	"GET /zadania/:id/ocen": "nothing was handed in", "POST /zadania/:id/ocen": "the same",
	"GET /zasoby/:id/uzyj": "it lies in the network already", "POST /zasoby/:id/uzyj/:siec/cofnij": "the network does not use it", "DELETE /api/v1/resources/:id/uses/:network": "the same",
	"GET /ankiety-terminow/:id/wybierz": "while people answer", "POST /ankiety-terminow/:id/wybierz": "the same",
	"GET /grupy/:id/przenies": "moving needs group:manage above the group", "POST /grupy/:id/przenies": "the same", "PUT /api/v1/groups/:id/parent": "the same",
	"GET /blogi/:temat": "nothing of the topic is shared", "POST /rozmowy/nowa": "names no network", "POST /raport-roczny": "names no day",
	"POST /zarzadzanie/osoby/:id/polacz": "names no second account",
	"GET /zarzadzanie/role/nadaj":        "names nobody", "POST /zarzadzanie/role/nadaj": "the same",
	"POST /api/v1/account/email/confirmation": "names no letter", "POST /api/v1/invitations/accept": "the same", "POST /api/v1/notifications/stop": "the same",
	"POST /api/v1/password-resets/complete": "the same", "POST /api/v1/registrations/confirm": "the same",
	"GET /zarzadzanie/wtyczki/:id/wlacz": "it is enabled", "POST /zarzadzanie/wtyczki/:id/wlacz": "the same", "POST /zarzadzanie/wtyczki/:id/ponow": "it is in no quarantine", "POST /api/v1/modules/:id/retry": "the same",
	"GET /zarzadzanie/wtyczki/paczki/:paczka": "no bundle was handed in", "GET /zarzadzanie/wtyczki/paczki/:paczka/usun": "the same", "POST /zarzadzanie/wtyczki/paczki/:paczka/usun": "the same",
	"GET /api/v1/module-bundles/:id": "the same", "DELETE /api/v1/module-bundles/:id": "the same",
	"POST /zarzadzanie/kalendarz/:rok/:wojewodztwo/usun": "no break was entered", "DELETE /api/v1/school-breaks/:year/:voivodeship": "the same",
}

// wider are rows that show a part of themselves to more than the role map says
// at the thing's place.
var wider = map[string]string{
	"GET /programy/:id/grupy": "who has a group in the programme finds that group there, and no other", "GET /api/v1/programmes/:id/groups": "the same",
	"GET /osoby/:id": "who is in a network together", "GET /api/v1/profiles/:id": "the same",
}
