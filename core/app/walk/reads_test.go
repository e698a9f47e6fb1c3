package walk_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/access"
)

// read is how a page or an operation that shows something is judged: whether it
// tells of other people more than a list of members does.
type read struct {
	verdict verdict
	why     string
	rows    string // addresses, of pages and operations
}

type verdict string

const (
	// accounted: others' data beyond a list of members; reading them leaves an
	// account, for things of a network when the reader has no role in it.
	accounted verdict = "accounted for"
	// sometimes is accounted of rows that show others' data only of things that
	// the matrix has not: the rooms hold them to it.
	sometimes verdict = "accounted for when it shows others' data"
	// free: nothing to account for.
	free verdict = "free"
)

// reads judge every row that shows something.
var reads = []read{
	{accounted, "accounts, roles, requests, invitations, hours, consents, reports of posts and messages, the account of changes", `
		/api/v1/appeals /api/v1/appeals/:id /api/v1/audit /api/v1/meetings/:id/register /api/v1/message-reports /api/v1/message-reports/:id
		/api/v1/networks/:id/consents/people /api/v1/networks/:id/hours /api/v1/networks/:id/invitations /api/v1/networks/:id/meetings/year
		/api/v1/networks/:id/requests /api/v1/networks/:id/waiting-list /api/v1/people /api/v1/people/:id /api/v1/people/:id/merge/:other
		/api/v1/people/invitations /api/v1/people/waiting /api/v1/roles /api/v1/roles/:id/preview /odwolania /odwolania/:odwolanie /rozmowy/zgloszenia /rozmowy/zgloszenia/:zgloszenie
		/sieci/:id/godziny /sieci/:id/kontrakt/osoby /sieci/:id/potwierdzenie /sieci/:id/potwierdzenie/:format /sieci/:id/potwierdzenie/osoby/:osoba/:format
		/sieci/:id/sprawozdanie /sieci/:id/sprawozdanie/:format /sieci/:id/uczestnicy/lista-rezerwowa /sieci/:id/uczestnicy/zapros
		/sieci/:id/uczestnicy/zgloszenia /spotkania/:id/lista /zarzadzanie/dziennik /zarzadzanie/osoby /zarzadzanie/osoby/:id
		/zarzadzanie/osoby/:id/drugi-skladnik /zarzadzanie/osoby/:id/placowka /zarzadzanie/osoby/:id/polacz /zarzadzanie/osoby/:id/zablokuj /zarzadzanie/osoby/zaproszenia
		/zarzadzanie/potwierdzenia /zarzadzanie/potwierdzenia/:id/odrzuc /zarzadzanie/role /zarzadzanie/role/:id/odbierz`},
	{sometimes, "what somebody handed in or wrote down, fields of a profile beyond the name, judged posts", `
		/api/v1/networks/:id/reports /api/v1/posts/:id/versions /api/v1/profiles/:id /api/v1/records/:id /api/v1/roles/preview /api/v1/tasks/:id
		/api/v1/tasks/:id/parts /osoby/:id /sieci/:id/forum/zgloszenia /sieci/:id/wpisy/:wpis/wersje /zadania/:id /zadania/:id/czesci /zadania/:id/ocen
		/zapisy/:id /zarzadzanie/role/nadaj`},
	{free, "a list of people, for who handed it in", `
		/api/v1/people/imports /api/v1/people/imports/:id /api/v1/people/imports/:id/rows /zarzadzanie/osoby/import /zarzadzanie/osoby/import/:id
		/zarzadzanie/osoby/import/:id/cofnij /zarzadzanie/osoby/import/:id/odrzucone.csv`},
	{free, "one's own: posts, conversations, and copies, which were accounted for when they were asked for", `
		/konto/klucze/:id /konto/dostawcy/:provider/polacz /sieci/:id/wpisy/:wpis/edytuj /sieci/:id/wpisy/:wpis/usun /sieci/:id/wpisy/:wpis/uzupelnij
		/sieci/:id/wpisy/:wpis/odwolanie /rozmowy/:rozmowa /rozmowy/:rozmowa/opusc /rozmowy/:rozmowa/wiadomosci/:nr/zglos /spotkania/:id/kalendarz.ics
		/zadania/:id/oddaj /kopie/:id/plik /api/v1/my/conversations/:id /api/v1/exports/:id /api/v1/exports/:id/file`},
	{free, "one's own", `
		/api/v1/account /api/v1/account/invitations /api/v1/networks/:id/lead-offer /sieci/:id/koordynator /konto/zaproszenia /api/v1/account/image-consents /api/v1/account/passkeys /api/v1/account/providers /api/v1/account/second-factor
		/api/v1/account/sessions /api/v1/account/sign-ins /api/v1/account/tokens /api/v1/calendar /api/v1/calendar/address /api/v1/group-invitations
		/api/v1/groups /api/v1/me/rights /api/v1/me/rights/why /api/v1/me/seen-by /api/v1/meetings /api/v1/my/conversations /api/v1/my/networks
		/api/v1/needs/own /api/v1/notifications /api/v1/notifications/settings /api/v1/tasks /grupy /grupy/zaproszenia /kalendarz /konto /konto/dostawcy
		/konto/drugi-skladnik /konto/drugi-skladnik/aplikacja /konto/drugi-skladnik/wylacz /konto/email /konto/email/wyslano /konto/haslo /konto/jezyk
		/konto/kalendarz /konto/kalendarz/wycofaj /konto/klucze /konto/klucze/dodaj /konto/logowania /konto/polacz /konto/potwierdz /konto/powiadomienia
		/konto/profil /konto/sesje /konto/tokeny /konto/uprawnienia /konto/uprawnienia/dlaczego /konto/uprawnienia/kto-widzi /konto/zgody /moje /moje/sieci
		/potrzeby /powiadomienia /rozmowy /rozmowy/nowa /zadania`},
	{free, "who belongs to a network, programme or group, and what its people do and write in front of each other", `
		/ankiety-terminow/:id /ankiety-terminow/:id/edytuj /ankiety-terminow/:id/wybierz /ankiety-terminow/:id/zamknij /ankiety/:id /ankiety/:id/edytuj
		/ankiety/:id/kod /ankiety/:id/otworz /ankiety/:id/usun /ankiety/:id/wyniki /ankiety/:id/wyniki/:tabela /ankiety/:id/zamknij /api/v1/blogs
		/api/v1/evaluations/:id /api/v1/evaluations/:id/results /api/v1/files/:id /api/v1/groups/:id /api/v1/groups/:id/commands/:command
		/api/v1/groups/:id/invitations /api/v1/groups/:id/tasks /api/v1/groups/:id/views/:view /api/v1/meetings/:id /api/v1/meetings/:id/code
		/api/v1/meetings/:id/minutes /api/v1/meetings/:id/programme /api/v1/meetings/:id/room /api/v1/networks/:id /api/v1/networks/:id/blog
		/api/v1/networks/:id/board/stats /api/v1/networks/:id/commands/:command /api/v1/networks/:id/consents /api/v1/networks/:id/directions
		/api/v1/networks/:id/dissemination /api/v1/networks/:id/election /api/v1/networks/:id/evaluations /api/v1/networks/:id/evaluations/bank
		/api/v1/networks/:id/exports /api/v1/networks/:id/groups /api/v1/networks/:id/handover /api/v1/networks/:id/meetings /api/v1/networks/:id/members
		/api/v1/networks/:id/people-to-write-to /api/v1/networks/:id/polls /api/v1/networks/:id/programme /api/v1/networks/:id/proposals /api/v1/networks/:id/resources
		/api/v1/networks/:id/tasks /api/v1/networks/:id/threads /api/v1/networks/:id/views/:view /api/v1/polls/:id /api/v1/posts/:id
		/api/v1/programmes/:id/boards/:view /api/v1/programmes/:id/groups /api/v1/programmes/:id/networks /api/v1/programmes/:id/network-requests /programy/:id/sieci /sieci/:id/program /api/v1/programmes/:id/tasks /api/v1/programmes/:id/views/:view /api/v1/records
		/api/v1/resources/:id /api/v1/resources/:id/files/:file /api/v1/threads/:id /blogi /blogi/:temat /grupy/:id /grupy/:id/czynnosc/:czynnosc
		/grupy/:id/edytuj /grupy/:id/przenies /grupy/:id/widok/:widok /grupy/:id/zadania /grupy/:id/zadania/komu /grupy/:id/zadania/nowe /grupy/:id/zapisy
		/grupy/:id/zapros /pliki/:id /programy/:id/grupy /programy/:id/grupy/nowa /programy/:id/tablica/:widok /programy/:id/widok/:widok /programy/:id/zadania
		/programy/:id/zadania/komu /programy/:id/zadania/nowe /programy/:id/zapisy /sieci/:id /sieci/:id/ankiety-terminow /sieci/:id/ankiety-terminow/nowa
		/sieci/:id/blog /sieci/:id/blog/:watek /sieci/:id/blog/:watek/nowe /sieci/:id/blog/:watek/odpowiedz /sieci/:id/blog/nowy /sieci/:id/czynnosc/:czynnosc
		/sieci/:id/dolacz /sieci/:id/edytuj /sieci/:id/ewaluacja /sieci/:id/ewaluacja/nowa /sieci/:id/forum /sieci/:id/forum/:watek
		/sieci/:id/forum/:watek/nowe /sieci/:id/forum/:watek/odpowiedz /sieci/:id/forum/nowy /sieci/:id/grupy /sieci/:id/grupy/nowa /sieci/:id/kierunki
		/sieci/:id/kontrakt /sieci/:id/kopie /sieci/:id/nastepny-rok /sieci/:id/otworz /sieci/:id/plan /sieci/:id/plan/:widok /sieci/:id/propozycje
		/sieci/:id/przekazanie /sieci/:id/rezygnacja /sieci/:id/spotkania /sieci/:id/spotkania/nowe /sieci/:id/uczestnicy /sieci/:id/uczestnicy/:osoba
		/sieci/:id/upowszechnianie /sieci/:id/upowszechnianie/:krok /sieci/:id/upowszechnianie/nowe /sieci/:id/wpisy/:wpis /sieci/:id/wpisy/:wpis/ukryj
		/sieci/:id/wpisy/:wpis/zglos /sieci/:id/wybory /sieci/:id/wybory/nowe /sieci/:id/zadania /sieci/:id/zadania/komu /sieci/:id/zadania/nowe
		/sieci/:id/zapisy /sieci/:id/zaproszenie /sieci/:id/zasoby /spotkania/:id /spotkania/:id/arkusz /spotkania/:id/edytuj /spotkania/:id/kod
		/spotkania/:id/materialy /spotkania/:id/obecnosc /spotkania/:id/odwolaj /spotkania/:id/oglos /spotkania/:id/pokoj /spotkania/:id/porzadek
		/spotkania/:id/porzadek/:punkt /spotkania/:id/program /spotkania/:id/protokol /spotkania/:id/przenies /spotkania/:id/usun /spotkania/:id/zamknij
		/zasoby/:id /zasoby/:id/edytuj /zasoby/:id/nowa-wersja /zasoby/:id/pliki/:plik /zasoby/:id/publikacja /zasoby/:id/usun /zasoby/:id/uzyj
		/zasoby/:id/wersje/:nr`},
	{free, "of nobody: texts, forms, registers, counts, things of the platform", `
		/ /api/v1/centres /api/v1/centres/:id /api/v1/centres/:id/programmes /api/v1/policy-directions /kierunki/lista /api/v1/modules/:id/configuration /api/v1/modules/:id/log /zarzadzanie/wtyczki/:id/dziennik /zarzadzanie/wtyczki/:id/ustawienia /api/v1/centres/:id/territory/preview /api/v1/dashboard /api/v1/direction-coverage /api/v1/institutions
		/api/v1/institutions/:id /api/v1/institutions/:id/history /api/v1/jobs /api/v1/jobs/:id /api/v1/local-governments /api/v1/module-bundles/:id
		/api/v1/module-keys /api/v1/modules /api/v1/needs /api/v1/needs/:id /api/v1/needs/board /api/v1/network-paces /api/v1/network-types /api/v1/networks
		/api/v1/openapi.json /api/v1/programme-coverage /api/v1/programme-coverage/:id /api/v1/programme-rules /api/v1/programmes /api/v1/programmes/:id
		/api/v1/programmes/:id/commands/:command /api/v1/programmes/:id/deliverables /api/v1/programmes/:id/deliverables/:deliverable/items
		/api/v1/programmes/:id/project /api/v1/record-kinds /api/v1/registers/imports /api/v1/registers/imports/:id /api/v1/registers/imports/:id/notes
		/api/v1/registers/imports/:id/rows /api/v1/resources /api/v1/resources/terms /api/v1/roles/givable /api/v1/school-breaks/:year /api/v1/search
		/api/v1/yearly-report /deklaracja-dostepnosci /healthz /kierunki /logowanie /pokrycie /pomoc /potrzeby/:id/edytuj /potrzeby/:id/wycofaj /potrzeby/nowa
		/programy /programy/:id /programy/:id/czynnosc/:czynnosc /programy/:id/edytuj /programy/:id/partnerzy /programy/:id/projekt
		/programy/:id/projekt/edytuj /programy/:id/wyniki /programy/:id/wyniki/:wynik /programy/:id/zasady/zmien /programy/nowy /programy/zasady /prywatnosc
		/raport-roczny /raport-roczny.csv /raport-roczny.xlsx /readyz /rejestracja /sieci /sieci/zaloz /sieci/zaloz/formularz /szkoly/:id /szkoly/wybierz
		/szukaj /zadania/:id/odwolaj /zadania/:id/otworz /zarzadzanie /zarzadzanie/kalendarz /zarzadzanie/organizacje/:id/edytuj /zarzadzanie/organizacje/nowa
		/zarzadzanie/osoby/zapros /zarzadzanie/placowki /zarzadzanie/placowki/:id /zarzadzanie/placowki/:id/obszar /zarzadzanie/placowki/:id/obszar/podglad
		/zarzadzanie/placowki/nowa /zarzadzanie/potrzeby /zarzadzanie/potrzeby/:temat /zarzadzanie/rejestry /zarzadzanie/rejestry/:id
		/zarzadzanie/rejestry/:id/cofnij /zarzadzanie/rejestry/:id/odrzucone.csv /zarzadzanie/wtyczki /zarzadzanie/wtyczki/:id /zarzadzanie/wtyczki/:id/gdzie
		/zarzadzanie/wtyczki/:id/wlacz /zarzadzanie/wtyczki/:id/wylacz /zarzadzanie/wtyczki/dodaj /zarzadzanie/wtyczki/klucze
		/zarzadzanie/wtyczki/klucze/:klucz/uniewaznij /zarzadzanie/wtyczki/klucze/dodaj /zarzadzanie/wtyczki/paczki/:paczka
		/zarzadzanie/wtyczki/paczki/:paczka/usun /zarzadzanie/zadania-systemu /zarzadzanie/zadania-systemu/:id /zarzadzanie/zadania-systemu/rdzen /zasoby
		/zasoby/nowy /zgodnosc`},
}

// judgements are the verdicts by the row's name.
func judgements(t testing.TB) map[string]verdict {
	t.Helper()
	out := map[string]verdict{}
	for _, r := range reads {
		for _, address := range strings.Fields(r.rows) {
			name := http.MethodGet + " " + address
			if out[name] != "" {
				t.Errorf("%s is judged twice", name)
			}
			out[name] = r.verdict
		}
	}
	return out
}

// accountedReads holds what was shown in the matrix to the judgements: reads of
// others' data have left an account, and nothing else has; and every row that
// shows something is judged.
func (m *matrix) accountedReads(shown []*cell) {
	m.t.Helper()
	judged := judgements(m.t)
	for _, r := range m.rows {
		if r.method == http.MethodGet && outside(r.path) == "" && judged[r.name] == "" {
			m.t.Errorf("%s: say in reads whether it shows other people's data beyond a list of members", r.name)
		}
	}
	var told []string
	m.must(m.DB.Select(m.t.Context(), &told, `SELECT DISTINCT request_id FROM audit_event WHERE request_id <> '' LIMIT 100000`))
	slices.Sort(told)
	seen := map[string]bool{}
	for _, c := range shown {
		_, account := slices.BinarySearch(told, c.told)
		verdict := judged[c.row.name]
		switch {
		case c.status == http.StatusOK && verdict == accounted && !account && outsider(m.actors[c.who]) && !m.ownHours(c):
			m.t.Errorf("%s read %s (%s) without an account", c.who, c.row.name, c.where)
		case verdict == free && account:
			m.t.Errorf("%s read %s (%s), which is judged to tell of nobody, and left an account", c.who, c.row.name, c.where)
		}
		seen[c.row.name] = seen[c.row.name] || account
	}
	for name, v := range judged {
		if v == accounted && !seen[name] {
			m.t.Errorf("%s is judged to be accounted for, and nobody's reading was", name)
		}
	}
}

// ownHours reports whether a page of hours shows its reader nobody's but their own:
// who may not see hours finds the page without them.
func (m *matrix) ownHours(c *cell) bool {
	return slices.Contains([]string{"GET /sieci/:id/godziny", "GET /sieci/:id/sprawozdanie", "GET /sieci/:id/sprawozdanie/:format", "GET /api/v1/networks/:id/hours"}, c.row.name) &&
		!m.Access.Anywhere(m.actors[c.who], "meeting:hours")
}

// outsider reports whether somebody has no role in a network or a group: what its
// own people see of each other is not accounted for.
func outsider(a *access.Actor) bool {
	return a.SignedIn() && !slices.ContainsFunc(a.Grants, func(g access.Grant) bool { return g.Kind == access.Network || g.Kind == access.Group })
}
