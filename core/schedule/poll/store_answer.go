package poll

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/gather"
)

// inside is what lies within a poll.
type inside struct {
	slots        []Slot
	people       []Person
	conflicts    []Conflict
	voivodeships []string
}

// Parts of a poll's page. $1 is the reader, $2 the network, $3 the moment and $5
// the poll.
var (
	slotsSQL = `SELECT s.id, s.starts_at AS starts, s.ends_at AS ends,
			count(*) FILTER (WHERE x.answer = 'yes' AND k.person_id IS NOT NULL) AS yes,
			count(*) FILTER (WHERE x.answer = 'maybe' AND k.person_id IS NOT NULL) AS maybe,
			count(*) FILTER (WHERE x.answer = 'no' AND k.person_id IS NOT NULL) AS no,
			coalesce(json_agg(p.name ORDER BY p.sort_name) FILTER (WHERE x.answer = 'no' AND k.lead <> ''), '[]') AS key_people_no,
			coalesce(max(x.answer) FILTER (WHERE x.person_id = $1), '') AS my_answer
		FROM poll_slot s LEFT JOIN poll_answer x ON x.slot_id = s.id LEFT JOIN ` + asked("$2", "$3") + ` k ON k.person_id = x.person_id
			LEFT JOIN person p ON p.id = x.person_id
		WHERE s.poll_id = $5 GROUP BY s.id ORDER BY s.starts_at, s.ends_at LIMIT $6`
	peopleSQL = `SELECT k.person_id AS id, p.name, k.lead AS role,
			(SELECT coalesce(json_object_agg(x.slot_id, x.answer), '{}') FROM poll_answer x JOIN poll_slot s ON s.id = x.slot_id
				WHERE s.poll_id = $5 AND x.person_id = k.person_id) AS answers
		FROM ` + asked("$2", "$3") + ` k JOIN person p ON p.id = k.person_id ORDER BY p.sort_name, p.id LIMIT $6`
	conflictsSQL = `SELECT c.id, c.person_id, p.name, coalesce(k.lead, '') AS role, c.note, c.state, c.raised_at, c.reason, c.settled_at
		FROM poll_conflict c JOIN person p ON p.id = c.person_id LEFT JOIN ` + asked("$2", "$3") + ` k ON k.person_id = c.person_id
		WHERE c.poll_id = $5 AND c.state <> 'withdrawn' ORDER BY c.id DESC LIMIT $6`
	placesSQL = `SELECT DISTINCT left(coalesce(i.powiat_code, i.gmina_code), 2) AS code FROM ` + asked("$2", "$3") + ` k
			JOIN person p ON p.id = k.person_id JOIN institution i ON i.id = p.institution_id
		WHERE coalesce(i.powiat_code, i.gmina_code) IS NOT NULL ORDER BY 1 LIMIT 16`
)

type place struct {
	Code string `json:"code"`
}

func readInside(ctx context.Context, q db.Q, r *pollRow, person uuid.UUID, at time.Time) (*inside, error) {
	f, err := gather.All(ctx, q, gather.Query{Person: person, Scope: r.Network, Now: at},
		gather.Part{Key: "slots", SQL: slotsSQL, Args: []any{r.ID, MaxSlots}},
		gather.Part{Key: "people", SQL: peopleSQL, Args: []any{r.ID, maxPeople}},
		gather.Part{Key: "conflicts", SQL: conflictsSQL, Args: []any{r.ID, maxConflict}},
		gather.Part{Key: "places", SQL: placesSQL})
	if err != nil {
		return nil, err
	}
	var in inside
	if in.slots, err = gather.Decode[Slot](f, "slots"); err != nil {
		return nil, err
	}
	if in.people, err = gather.Decode[Person](f, "people"); err != nil {
		return nil, err
	}
	if in.conflicts, err = gather.Decode[Conflict](f, "conflicts"); err != nil {
		return nil, err
	}
	places, err := gather.Decode[place](f, "places")
	for _, p := range places {
		in.voivodeships = append(in.voivodeships, p.Code)
	}
	return &in, err
}

// voivodeships are those in which the network's people work.
func voivodeships(ctx context.Context, q db.Q, network uuid.UUID, at time.Time) ([]string, error) {
	places, err := gather.Read[place](ctx, q, gather.Query{Scope: network, Now: at}, gather.Part{Key: "places", SQL: placesSQL})
	var out []string
	for _, p := range places {
		out = append(out, p.Code)
	}
	return out, err
}

// askedPeople lists everybody whom a network's polls ask.
func askedPeople(ctx context.Context, q db.Q, network uuid.UUID, at time.Time) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := q.Select(ctx, &ids, `SELECT k.person_id FROM `+asked("$1", "$2")+` k ORDER BY 1 LIMIT 5000`, network, at)
	return ids, err
}

// silent are those asked who did not answer every slot.
func silent(ctx context.Context, q db.Q, poll, network uuid.UUID, at time.Time) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := q.Select(ctx, &ids, `SELECT k.person_id FROM `+asked("$2", "$3")+` k WHERE EXISTS (SELECT 1 FROM poll_slot s WHERE s.poll_id = $1
			AND NOT EXISTS (SELECT 1 FROM poll_answer x WHERE x.slot_id = s.id AND x.person_id = k.person_id)) ORDER BY 1 LIMIT 5000`, poll, network, at)
	return ids, err
}

// putAnswers keeps answers to slots of the poll; it returns how many slots were
// of this poll.
func putAnswers(ctx context.Context, tx *db.Tx, poll, person uuid.UUID, given map[uuid.UUID]Answer, at time.Time) (int, error) {
	var slots, answers []string
	for id, a := range given {
		slots, answers = append(slots, id.String()), append(answers, string(a))
	}
	if len(slots) == 0 {
		return 0, nil
	}
	n, err := tx.Exec(ctx, `INSERT INTO poll_answer (slot_id, person_id, answer, answered_at)
		SELECT s.id, $2, x.answer, $5 FROM unnest(CAST($3 AS uuid[]), CAST($4 AS text[])) AS x (slot, answer) JOIN poll_slot s ON s.id = x.slot AND s.poll_id = $1
		ORDER BY s.id
		ON CONFLICT (slot_id, person_id) DO UPDATE SET answer = excluded.answer, answered_at = excluded.answered_at`, poll, person, pq.Array(slots), pq.Array(answers), at)
	return int(n), err
}

// putRest answers the slots that have no answer of the person.
func putRest(ctx context.Context, tx *db.Tx, poll, person uuid.UUID, rest Answer, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO poll_answer (slot_id, person_id, answer, answered_at)
		SELECT s.id, $2, $3, $4 FROM poll_slot s WHERE s.poll_id = $1 ORDER BY s.id ON CONFLICT DO NOTHING`, poll, person, string(rest), at)
	return err
}

// raiseConflict is false when the person has an open one.
func raiseConflict(ctx context.Context, tx *db.Tx, poll, person uuid.UUID, note string, at time.Time) (bool, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO poll_conflict (id, poll_id, person_id, note, raised_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (poll_id, person_id) WHERE state = 'open' DO NOTHING`, id, poll, person, note, at)
	return n > 0, err
}

func withdrawConflict(ctx context.Context, tx *db.Tx, poll, person uuid.UUID, at time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE poll_conflict SET state = 'withdrawn', settled_by = $2, settled_at = $3 WHERE poll_id = $1 AND person_id = $2 AND state = 'open'`, poll, person, at)
}

// keepConflict settles an open conflict and returns who raised it.
func keepConflict(ctx context.Context, tx *db.Tx, poll, id, by uuid.UUID, reason string, at time.Time) (uuid.UUID, error) {
	var person uuid.UUID
	err := tx.Get(ctx, &person, `UPDATE poll_conflict SET state = 'kept', reason = $4, settled_by = $3, settled_at = $5
		WHERE poll_id = $1 AND id = $2 AND state = 'open' RETURNING person_id`, poll, id, by, reason, at)
	return person, err
}

// A poll whose dates are all over asks nobody any more; who manages it still
// finds it in their list, to close it.

// todoSQL: $5 are the networks where the person answers, $6 those where they
// manage polls.
const todoSQL = `SELECT t.poll, t.title, t.network, t.what, t.due FROM (
		SELECT p.id AS poll, p.title, n.title AS network, 'answer' AS what, p.answer_by AS due FROM poll p JOIN network n ON n.id = p.network_id
		WHERE p.state = 'open' AND n.status = 'open' AND p.network_id = ANY(CAST($5 AS uuid[])) AND EXISTS (SELECT 1 FROM poll_slot s WHERE s.poll_id = p.id AND s.starts_at > $3)
			AND EXISTS (SELECT 1 FROM poll_slot s WHERE s.poll_id = p.id AND NOT EXISTS (SELECT 1 FROM poll_answer x WHERE x.slot_id = s.id AND x.person_id = $1))
		UNION ALL
		SELECT p.id, p.title, n.title, 'choose', p.answer_by FROM poll p JOIN network n ON n.id = p.network_id
		WHERE p.state = 'open' AND n.status = 'open' AND p.network_id = ANY(CAST($6 AS uuid[])) AND p.answer_by <= $3
		UNION ALL
		SELECT p.id, p.title, n.title, 'conflict', m.starts_at FROM poll p JOIN network n ON n.id = p.network_id
			JOIN poll_slot s ON s.id = p.chosen_slot JOIN meeting m ON m.id = p.meeting_id AND m.starts_at = s.starts_at
		WHERE p.state = 'chosen' AND n.status = 'open' AND p.network_id = ANY(CAST($6 AS uuid[])) AND m.starts_at > $3 AND m.state IN ('draft', 'announced')
			AND EXISTS (SELECT 1 FROM poll_conflict c WHERE c.poll_id = p.id AND c.state = 'open')) t
	ORDER BY t.due, t.poll LIMIT $4`

func todoArgs(answer, manage []uuid.UUID) []any { return []any{pq.Array(answer), pq.Array(manage)} }

// runningSQL: $1 is the reader, $2 the network.
const runningSQL = `SELECT p.id, p.title, p.answer_by, (SELECT count(*) FROM poll_slot s WHERE s.poll_id = p.id) AS slots,
		(SELECT count(*) FROM poll_answer x JOIN poll_slot s ON s.id = x.slot_id WHERE s.poll_id = p.id AND x.person_id = $1) AS mine
	FROM poll p WHERE p.network_id = $2 AND p.state = 'open' AND EXISTS (SELECT 1 FROM poll_slot s WHERE s.poll_id = p.id AND s.starts_at > $3) ORDER BY p.answer_by, p.id LIMIT $4`
