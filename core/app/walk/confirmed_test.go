package walk_test

import (
	"net/http"
	"strings"
)

// grave are the operations before which people confirm who they are: what gives
// somebody a right or a territory, takes others' data away, installs a module, or
// changes how somebody signs in.
var grave = map[string]string{
	"rights": `
		grantRole revokeRole assignNetworkRole revokeNetworkRole replaceCoordinator answerHandover answerLeadOffer enterProgramme confirmElection addGroupMember inviteToGroup
		setCentreTerritory createToken`,
	"others' data": `exportAudit askExport downloadExport`,
	"modules":      `addModuleBundle enableModule configureModule retryModule setModulePlaces addModuleKey revokeModuleKey`,
	"many at once": `importPeople confirmPeopleImport mailPeopleImport undoPeopleImport confirmRegisterImport`,
	"who somebody is": `
		blockPerson unblockPerson resetSecondFactor mergePeople mergeOwnAccounts proveOtherAccount requestEmailChange
		beginPasskey removePasskey beginSecondFactor confirmSecondFactor removeSecondFactor makeRecoveryCodes unlinkProvider`,
}

// everydayActs are all other operations that change something, by why nobody
// confirms anything before them.
var everydayActs = map[string]string{
	"whoever acts shows who they are by it, or ends what is theirs": `
		acceptInvitation addPasskey beginPasskeyProof beginPasskeySession changeEmail changePassword closeSession confirmByPasskey confirmIdentity
		confirmRegistration endOtherSessions endSession openPasskeySession openSession register renamePasskey requestPasswordReset resetPassword revokeToken`,
	"makes an account or moves one, which has no right over others by that": `
		answerOwnInvitation cancelPeopleImport confirmPerson employPerson invitePerson invitePersonAgain refusePerson`,
	"a place of its own that is made with its first roles: nothing that was there opens to anybody": `
		createGroup createInstitution createProgramme foundNetwork moveGroup renewNetwork`,
	"asks people to be members, which shows them a list of members, or proposes what others confirm": `
		answerGroupInvitation decideJoinRequest inviteToNetwork joinNetwork offerSeat openNetwork proposeHandover`,
	"says of a network that asked whether it belongs to a programme, or of a programme whom it lets in": `
		answerProgrammeRequest setProgrammeOpen`,
	"ends or takes away": `
		cancelElection disableModule discardModuleBundle refuseElection removeGroupMember removeNetworkMember withdrawGroupInvitation withdrawInvitation
		dismissProgrammeNetwork leaveProgramme withdrawPersonInvitation withdrawProgrammeRequest`,
	"the daily work of a network, a programme or a register, and one's own settings": `
		actInGroup actInNetwork actInProgramme addAgendaItem addPolicyDirection addDeliverable addDeliverableItem addDisseminationStep addHandoverItem addMeetingFiles
		addProgrammePartner addResourceVersion addToPost adoptAgendaItem announceElection announceMeeting answerMeeting answerPoll appealPost
		appreciateResource assignTask cancelExport cancelMeeting cancelModuleJob cancelRegisterImport cancelTask cancelYearlyReport castBallot castVote
		changeNeed checkIn checkInPerson choosePollSlot closeEvaluation closeMeeting closePoll countYearlyReport createMeeting createPoll createResource
		decideAppeal decideImageConsent decideResource decideTask deletePost discardEvaluation discardFile dropAgendaItem dropMeeting dropMeetingFile
		editAgendaItem editDisseminationStep editEvaluation editInstitution editMeeting editNetwork editPoll editPost editProgramme editResource followThread
		hidePost importRegister importSchoolBreaks issueEvaluationCode judgeMessage keepPollDate keepPost leaveConversation leaveNetwork markBoardRead
		markNotificationsRead moveAgendaItem openEvaluation openVote planNetworkFromNeeds prepareEvaluation proposeToNetwork publishResource raisePollConflict
		reassignTask recountEvaluation remindEvaluation remindPoll removeDeliverableItem removePolicyDirection removeProgrammePartner removeResource removeSchoolBreak renameGroup
		renewCalendarAddress reopenPoll reopenTask replyToThread reportMessage reportNeed reportPost restoreResource retryModuleJob revokeCalendarAddress
		saveMinutes saveNotificationSettings saveRegister saveResourceDraft saveSchoolBreak sendProgramme setBoardLevel setDeliverableTarget
		setDisseminationStep setIndicatorTarget setLanguage setNetworkDirections setProgrammeProject setProgrammeRule setThreadFlags shareEntry showPostAgain
		signContract standDownInElection standInElection startConversation startModuleJob startThread stopNotifications submitTask tickAction tickHandoverItem
		undoRegisterImport unuseResource updateProfile uploadFile useResource voteInElection withdrawImageConsent withdrawNeed withdrawPollConflict
		withdrawProposal withdrawResource writeMessage`,
}

// taken are pages that hand out a file with others' data; they ask, too.
var taken = []string{"GET /kopie/:id/plik", "GET /api/v1/exports/:id/file", "GET /sieci/:id/sprawozdanie/:format", "GET /sieci/:id/potwierdzenie/osoby/:osoba/:format",
	"GET /zarzadzanie/osoby/import/:id/odrzucone.csv"}

// harmless are pages that hand out files without, each with why.
var harmless = map[string]string{
	"GET /raport-roczny.csv": "counts by powiat, of nobody", "GET /raport-roczny.xlsx": "the same",
	"GET /ankiety/:id/wyniki/:tabela":             "answers without names, of five and more",
	"GET /zarzadzanie/rejestry/:id/odrzucone.csv": "rows of a public register",
	"GET /zasoby/:id/pliki/:plik":                 "what its author shared", "GET /api/v1/resources/:id/files/:file": "the same",
	"GET /pliki/:id": "a file of a page that shows it", "GET /api/v1/files/:id": "the same",
	"GET /sieci/:id/potwierdzenie/:format": "one's own",
	"GET /spotkania/:id/kalendarz.ics":     "one's own calendar",
}

// confirmations hold the tables to what is confirmed before: every operation that
// changes something is judged, the grave ones ask, and so does every page that
// hands out a file with others' data.
func (m *matrix) confirmations(shown []*cell) {
	m.t.Helper()
	judged := map[string]bool{} // by operation: whether it asks
	for fresh, list := range map[bool]map[string]string{true: grave, false: everydayActs} {
		for _, ids := range list {
			for _, id := range strings.Fields(ids) {
				if _, twice := judged[id]; twice {
					m.t.Errorf("%s is judged twice", id)
				}
				judged[id] = fresh
			}
		}
	}
	asks := map[string]bool{}
	for _, r := range m.rows {
		asks[r.name] = r.fresh
		fresh, known := judged[r.op]
		switch {
		case r.op == "" || r.method == http.MethodGet && !known:
		case !known:
			m.t.Errorf("%s: say in grave or everydayActs whether people confirm who they are before it", r.op)
		case fresh != r.fresh:
			m.t.Errorf("%s: Fresh is %v", r.op, r.fresh)
		}
		delete(judged, r.op)
	}
	for id := range judged {
		m.t.Errorf("%s is judged and is no operation", id)
	}
	for _, name := range taken {
		if !asks[name] {
			m.t.Errorf("%s hands out others' data without asking who takes them", name)
		}
	}
	files := map[string]bool{}
	for _, c := range shown {
		if c.file && !asks[c.row.name] && harmless[c.row.name] == "" && !files[c.row.name] {
			files[c.row.name] = true
			m.t.Errorf("%s hands out a file: say in taken or harmless whether others' data are in it", c.row.name)
		}
	}
}
