package walk_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/oversight"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/plugins/thematic/thematic"
)

// changes are the tables that a statement writes.
var changes = regexp.MustCompile(`(?i)\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+([a-z_]+)`)

// ofItself are tables whose changes nobody answers for one by one, each with why.
var ofItself = map[string]string{
	"audit_event": "the account itself", "audit_link": "its chain", "audit_sealing": "its chain", "audit_cut": "its chain",
	"clock_setting":   "the clock of development",
	"idempotency_key": "that a form acts once",
	"throttle":        "counts attempts", "session": "when somebody was last seen; beginning and ending one is accounted for with the sign-in",
	"sign_in":   "failed attempts; the successful ones come with an account of their own",
	"mail_link": "a link mailed to somebody without an account", "mail_outbox": "what the mailer has sent", "notification": "what the owner has read",
	"search_doc": "an index, made of what is accounted for", "search_progress": "an index",
	"draft": "a form not sent yet", "file": "an upload that no act has taken up yet",
	"effect_scope": "what modules were told", "effect_event": "what modules are to be told", "effect_decision": "how a decision goes on", "effect_recheck": "a decision to be asked for again",
	"timer": "when modules are to be asked", "module_process": "how processes run", "module_job": "how jobs of modules run", "module_schedule": "when they run", "module_failure": "a module's last fault", "module_crash": "the same",
	"registry_import": "a file being read and compared; writing it is accounted for", "registry_file": "the same", "registry_note": "the same",
	"registry_stage_unit": "the same", "registry_stage_institution": "the same",
	"board_mark": "what somebody has read", "board_follow": "what somebody wants to be told of", "conversation_member": "what somebody has read", "meeting_code_try": "counts attempts",
	"person_import": "a list being read and compared; writing it is accounted for", "person_import_file": "the same", "person_import_row": "the same",
	"network_export": "how far a copy is", "meeting_delivery": "what the mailer has sent", "meeting_notice": "who was reminded",
	"ballot": "the urn tells nobody who answered", "ballot_voter": "the urn", "ballot_paper": "the urn", "ballot_answer": "the urn",
	"passkey_challenge": "a question to a browser", "api_token": "when it was last used",
	"record_kind": "what an enabled module declares", "record_form": "the same", "task_form": "the same",
}

// marks are statements by which a job or a sign-in notes for itself how far it is.
var marks = []string{
	"INSERT INTO totp",                                             // a secret that is shown; confirming it is accounted for
	"UPDATE person SET lang",                                       // in which language somebody reads
	"SET programme_alarm_at", "SET due_told_at", "SET reminded_at", // that people were reminded
	"UPDATE totp SET last_step",                         // that a code serves once; the sign-in is accounted for
	"UPDATE evaluation_round SET outcome",               // what a module made of a round that is closed
	"UPDATE person_invitation SET sent_at",              // when a letter went out; asking for it is accounted for
	"DELETE FROM person_invitation WHERE id IN (SELECT", // what ended months ago is forgotten
}

// ledger holds every transaction of a world to the rule that a change leaves an
// account in its own transaction.
type ledger struct {
	mu   sync.Mutex
	open map[string]string // statement by the table that it changed unaccounted
}

func (l *ledger) see(texts []string) {
	var found []string
	statement := map[string]string{}
	for _, text := range texts {
		if strings.Contains(text, "INSERT INTO audit_event") {
			return
		}
		if slices.ContainsFunc(marks, func(m string) bool { return strings.Contains(text, m) }) {
			continue
		}
		for _, m := range changes.FindAllStringSubmatch(text, -1) {
			table := strings.ToLower(m[1])
			if ofItself[table] == "" && !strings.HasPrefix(table, "river_") && table != "set" && table != "of" && table != "skip" {
				found = append(found, table)
				statement[table] = text
			}
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, table := range found {
		l.open[table] = strings.Join(strings.Fields(statement[table]), " ")
	}
}

// watch fails the test at its end for every change without an account.
func (w *world) watch() {
	l := &ledger{open: map[string]string{}}
	w.DB.Watch(l.see)
	w.t.Cleanup(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, table := range slices.Sorted(maps.Keys(l.open)) {
			w.t.Errorf("%s changed without an account: %.200s", table, l.open[table])
		}
	})
}

// call is a privileged act that succeeds when it can be accounted for.
type call struct{ method, path, body, kind string }

// apart are privileged operations that the test below does not make. They are
// held by the ledger alone: their account goes with the change's transaction, and
// one that cannot be written undoes it (core/audit, core/db).
var apart = map[string]string{
	"invitePersonAgain": "as invitePerson", "withdrawPersonInvitation": "the same", "resetSecondFactor": "as blockPerson, of somebody with a second step",
	"reportNeed": "what a school needs", "changeNeed": "the same", "withdrawNeed": "the same",
	"saveSchoolBreak": "the public calendar of schools", "importSchoolBreaks": "the same", "removeSchoolBreak": "the same",
	"editProgramme": "as createProgramme", "setIndicatorTarget": "the same", "setProgrammeProject": "the same", "addProgrammePartner": "the same",
	"removeProgrammePartner": "the same", "setProgrammeRule": "the same", "addDeliverable": "the same", "setDeliverableTarget": "the same",
	"addDeliverableItem": "the same", "removeDeliverableItem": "the same", "actInProgramme": "a command of a module: by its decision",
	"judgeMessage": "needs a message that somebody disclosed", "decideAppeal": "needs a hidden post",
	"confirmElection": "needs an election", "refuseElection": "the same",
	"importRegister": "only reads a file; nothing is written before the next", "confirmRegisterImport": "needs a file that was read: see the next test",
	"cancelRegisterImport": "writes nothing", "undoRegisterImport": "as confirmRegisterImport",
	"importPeople":    "only reads a list; nothing is written before the next",
	"editInstitution": "as createInstitution",
	"addModuleBundle": "needs a signed file: TestCentreDeliversItsOwnPlugin", "discardModuleBundle": "the same",
	"retryModule": "needs a module in quarantine", "startModuleJob": "a job of a module", "cancelModuleJob": "the same", "retryModuleJob": "the same",
}

// everyday are the roles that many people hold; what none of them may is privileged.
var everyday = []access.Role{access.Guest, access.User, access.Participant, access.Expert, access.Moderator, access.Coordinator,
	access.TeamMember, access.Head, access.Guardian, access.Founder}

// A privileged act that cannot be accounted for is not done: the answer is a
// sentence, nothing has changed, and the same act succeeds when the account can
// be written again. The acts come from the table of operations.
func TestNothingIsDoneUnaccounted(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.territories()
	id := w.network("Karol Koordynator", nil)
	nina, blocked := w.person("Nina Nauczycielka", 100234), w.person("Bolesław Blokowany", 100234)
	w.join("Nina Nauczycielka", id)
	w.exec(`UPDATE person SET state = 'blocked' WHERE id = $1`, blocked)
	w.grant(nina, access.Principal, access.Institution, w.institution(100234))
	var held uuid.UUID
	if err := w.DB.Get(t.Context(), &held, `SELECT id FROM role_grant WHERE person_id = $1 AND role = 'principal'`, nina); err != nil {
		t.Fatal(err)
	}
	pending := [2]uuid.UUID{uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())}
	for i, p := range pending {
		w.exec(`INSERT INTO person (id, email, name, sort_name, state, institution_id) VALUES ($1, $2, 'Ola Oczekująca', 'Oczekująca', 'pending', $3)`, p, fmt.Sprintf("ola%d@example.org", i), w.institution(100234))
	}
	w.exec(`INSERT INTO module_key (id, public_key, namespace, name, valid_from, valid_to, added_at) VALUES ('00000000000000aa', sha256('x'), 'inna', 'Klucz', '2026-01-01', '2027-01-01', now())`)
	count := uuid.Must(uuid.NewV7())
	w.exec(`INSERT INTO year_report (id, school_year, day, total, asked_by, created_at) VALUES ($1, 2024, '2025-01-15', 3, $2, now())`, count, w.admin)
	school, token := w.institution(100234).String(), w.token(w.admin)
	double := [2]uuid.UUID{w.person("Dorota Podwójna", 100234), w.person("Dorota Podwojna", 100234)}
	lists := w.lists(4)
	p, err := w.Programmes.Create(t.Context(), access.Core("test"), programme.NewProgramme{Code: "PROBNY", Title: "Program próbny"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Networks.EnterProgramme(t.Context(), w.actor("Karol Koordynator"), id, p.ID, ""); err != nil {
		t.Fatal(err)
	}
	other := w.led("Karol Koordynator", nil)
	if s, err := w.Networks.EnterProgramme(t.Context(), access.Core("test"), other, p.ID, ""); err != nil || s != network.TieIn {
		t.Fatal(s, err)
	}
	var asked uuid.UUID
	if err := w.DB.Get(t.Context(), &asked, `SELECT id FROM programme_network WHERE state = 'asked'`); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Oversight.AddDirection(t.Context(), access.Core("test"), oversight.NewDirection{SchoolYear: 2027, Polish: "Kierunek do usunięcia"}); err != nil {
		t.Fatal(err)
	}
	acts := map[string]call{
		"grantRole":               {"POST", "/roles", `{"person":"` + nina.String() + `","role":"centre_admin","scopeKind":"centre","scope":"` + w.centre.String() + `"}`, ""},
		"revokeRole":              {"DELETE", "/roles/" + held.String(), "", ""},
		"confirmPerson":           {"POST", "/people/" + pending[0].String() + "/confirmation", "", ""},
		"refusePerson":            {"POST", "/people/" + pending[1].String() + "/refusal", `{"reason":"Nie pracuje w tej szkole."}`, ""},
		"invitePerson":            {"POST", "/people", `{"email":"inna@example.org","name":"Inna Osoba","institution":"` + school + `"}`, ""},
		"unblockPerson":           {"POST", "/people/" + blocked.String() + "/unblock", "", ""},
		"blockPerson":             {"POST", "/people/" + nina.String() + "/block", "", ""},
		"employPerson":            {"PUT", "/people/" + nina.String() + "/institution", `{"institution":"` + w.institution(100310).String() + `"}`, ""},
		"disableModule":           {"POST", "/modules/" + thematic.ID + "/disable", "", ""},
		"enableModule":            {"POST", "/modules/" + thematic.ID + "/enable", `{"version":"` + thematic.Version + `"}`, ""},
		"configureModule":         {"PUT", "/modules/" + thematic.ID + "/configuration", `{"answers":{"wielkosc":25},"form_revision":1,"version":0}`, ""},
		"exportAudit":             {"POST", "/audit/export", `{}`, ""},
		"createInstitution":       {"POST", "/institutions", `{"kind":"centre","name":"Nowa placówka doskonalenia","town":"Leszno","powiat":"3063"}`, ""},
		"setCentreTerritory":      {"PUT", "/centres/" + w.centre.String() + "/territory", `{"powiats":["3013"]}`, ""},
		"createProgramme":         {"POST", "/programmes", `{"code":"NOWY","title":"Nowy program"}`, ""},
		"replaceCoordinator":      {"PUT", "/networks/" + id.String() + "/coordinator", `{"email":"` + address("Nina Nauczycielka") + `"}`, ""},
		"mergePeople":             {"POST", "/people/" + double[0].String() + "/merge", `{"other":"` + double[1].String() + `"}`, ""},
		"confirmPeopleImport":     {"POST", "/people/imports/" + lists[0].String() + "/confirmation", `{"mail":false}`, ""},
		"cancelPeopleImport":      {"POST", "/people/imports/" + lists[1].String() + "/cancellation", "", ""},
		"mailPeopleImport":        {"POST", "/people/imports/" + lists[2].String() + "/letters", "", ""},
		"undoPeopleImport":        {"POST", "/people/imports/" + lists[3].String() + "/undo", "", ""},
		"askExport":               {"POST", "/networks/" + id.String() + "/exports", `{"kind":"data"}`, ""},
		"countYearlyReport":       {"POST", "/yearly-report", `{"school_year":2025,"day":"2026-01-15"}`, ""},
		"cancelYearlyReport":      {"POST", "/yearly-report/" + count.String() + "/cancellation", "", ""},
		"setModulePlaces":         {"PUT", "/modules/" + thematic.ID + "/places", `{"everywhere":true}`, ""},
		"addModuleKey":            {"POST", "/module-keys", newKey(t), ""},
		"revokeModuleKey":         {"POST", "/module-keys/00000000000000aa/revoke", `{"reason":"Zgubiony"}`, ""},
		"setProgrammeOpen":        {"PUT", "/programmes/" + p.ID.String() + "/open", `{"open_to_networks":true}`, ""},
		"answerProgrammeRequest":  {"POST", "/programmes/" + p.ID.String() + "/network-requests/" + asked.String(), `{"accept":true}`, ""},
		"dismissProgrammeNetwork": {"POST", "/programmes/" + p.ID.String() + "/networks/" + other.String() + "/dismiss", `{"reason":"Sieć zmieniła temat."}`, ""},
		"addPolicyDirection":      {"POST", "/policy-directions", `{"school_year":2026,"pl":"Nowy kierunek"}`, ""},
		"removePolicyDirection":   {"DELETE", "/policy-directions/2027-1", "", ""},
	}
	for _, op := range w.API.Ops() {
		_, made := acts[op.ID]
		if op.Method == http.MethodGet || made || apart[op.ID] != "" {
			continue
		}
		if !slices.ContainsFunc(everyday, func(r access.Role) bool { return w.Access.Allowed(r, op.Perm) }) {
			t.Errorf("%s (%s) is privileged: make it in this test, or say why not", op.ID, op.Perm)
		}
	}
	do := func(c call) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), c.method, w.base+apikit.Base+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Idempotency-Key", uuid.NewString())
		r.Header.Set("Accept-Language", "pl")
		if c.body != "" {
			if c.kind == "" {
				c.kind = "application/json"
			}
			r.Header.Set("Content-Type", c.kind)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(raw)
	}
	member := w.client("Nina Nauczycielka")
	w.exec(`CREATE TRIGGER broken BEFORE INSERT ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()`)
	for _, op := range slices.Sorted(maps.Keys(acts)) {
		before := w.fingerprint()
		status, body := do(acts[op])
		var problem struct{ Detail, Title string }
		_ = json.Unmarshal([]byte(body), &problem)
		if status != http.StatusServiceUnavailable || !strings.Contains(problem.Detail+problem.Title, "w dzienniku zmian") {
			t.Errorf("%s, unaccounted: %d %.300s", op, status, body)
		}
		if after := w.fingerprint(); after != before {
			t.Errorf("%s changed something:\n%s\n%s", op, before, after)
		}
	}
	// So does a read of somebody's data, and nothing of them is shown.
	for _, path := range []string{"/people/" + nina.String(), "/people", "/people/waiting", "/audit?actor=" + nina.String(), "/networks/" + id.String() + "/hours"} {
		if status, body := do(call{method: "GET", path: path}); status != http.StatusServiceUnavailable || strings.Contains(body, "Nina") {
			t.Errorf("%s is read unaccounted: %d %.200s", path, status, body)
		}
	}
	if a, err := member.get("/sieci/" + id.String() + "/uczestnicy"); err != nil || a.status != http.StatusOK {
		t.Errorf("a member's own pages: %d, %v", a.status, err)
	}
	w.exec(`DROP TRIGGER broken ON audit_event`)
	order := append(slices.DeleteFunc(slices.Sorted(maps.Keys(acts)), func(op string) bool { return op == "blockPerson" || op == "disableModule" || op == "enableModule" }),
		"disableModule", "enableModule", "blockPerson")
	for _, op := range order {
		if status, body := do(acts[op]); status >= 300 {
			t.Errorf("%s, accounted for: %d %.300s", op, status, body)
		}
	}
	for _, path := range []string{"/people/" + blocked.String(), "/audit?actor=" + nina.String(), "/networks/" + id.String() + "/hours"} {
		before := w.number(`SELECT count(*) FROM audit_event WHERE actor_id = $1`, w.admin)
		if status, body := do(call{method: "GET", path: path}); status != http.StatusOK {
			t.Errorf("%s: %d %.200s", path, status, body)
		}
		if n := w.number(`SELECT count(*) FROM audit_event WHERE actor_id = $1`, w.admin) - before; n != 1 {
			t.Errorf("%s left %d accounts", path, n)
		}
	}
	if n := w.number(`SELECT count(*) FROM audit_event WHERE fields::text LIKE '%Nina%' OR object_id LIKE '%Nina%'`); n != 0 {
		t.Errorf("%d accounts hold names", n)
	}
}

// lists are lists of one person each that ORE's administrator handed in: the first
// two are previews, the others are written.
func (w *world) lists(n int) []uuid.UUID {
	w.t.Helper()
	var out []uuid.UUID
	for i := range n {
		text := fmt.Sprintf("Imię i nazwisko;E-mail;RSPO\nLidia Listowa;lista%d@example.org;100234\n", i)
		p, err := w.Identity.PreviewPeople(w.t.Context(), &access.Actor{Person: w.admin, Grants: access.Core("test").Grants}, "lista.csv", strings.NewReader(text), nil)
		if err == nil && i >= 2 {
			p, err = w.Identity.ApplyPeople(w.t.Context(), &access.Actor{Person: w.admin, Grants: access.Core("test").Grants}, p.ID, false, nil)
		}
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, p.ID)
	}
	return out
}

// fingerprint is what the privileged acts could have changed.
func (w *world) fingerprint() string {
	w.t.Helper()
	var out []string
	for _, table := range strings.Fields("role_grant person institution centre_territory module module_grant programme network membership network_export mail_link registry_import handover person_import person_import_row person_invitation") {
		var sum string
		if err := w.DB.SQL().QueryRowContext(w.t.Context(), `SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM `+table+` t`).Scan(&sum); err != nil {
			w.t.Fatal(err)
		}
		out = append(out, table+" "+sum[:8])
	}
	return strings.Join(out, ", ")
}

// A register that cannot be accounted for is not written, not a row of it.
func TestRegisterIsNotWrittenUnaccounted(t *testing.T) {
	t.Parallel()
	w := bare(t)
	w.exec(`CREATE TRIGGER broken BEFORE INSERT ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()`)
	before := w.fingerprint()
	_, err := w.Registry.ImportRSPO(t.Context(), access.Core("test"), bytes.NewReader(many(320_000, 30)))
	if !fault.Is(err, fault.Unavailable) || fault.As(err).Key != "audit.unrecorded" {
		t.Errorf("written unaccounted: %v", err)
	}
	if n := w.number(`SELECT count(*) FROM institution WHERE rspo >= 320000 AND rspo < 330000`); n != 0 || w.fingerprint() != before {
		t.Errorf("%d schools of a register that was not accounted for", n)
	}
	w.exec(`DROP TRIGGER broken ON audit_event`)
	if _, err := w.Registry.ImportRSPO(t.Context(), access.Core("test"), bytes.NewReader(many(320_000, 30))); err != nil {
		t.Error(err)
	}
}

// newKey is the body that adds a public key.
func newKey(t *testing.T) string {
	t.Helper()
	public, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	pem, err := bundle.EncodePublic(public)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]string{"name": "Zespół", "namespace": "nowa", "from": "2026-09-01", "to": "2027-08-31", "public": string(pem)})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
