package effect

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

func nullID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }

type decisionRow struct {
	ID                    uuid.UUID
	Module, Version, Type string
	Scope                 Scope
	InputKind, InputName  string
	Actor                 uuid.UUID
	Digest                []byte          `db:"digest"`
	Outcome               json.RawMessage `db:"outcome"`
	Acknowledged          json.RawMessage
	At                    time.Time
}

// insertDecision reports false when the decision was taken before.
func insertDecision(ctx context.Context, tx *db.Tx, r *decisionRow) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO effect_decision
		(id, module, version, type, scope_kind, scope_id, input_kind, input_name, actor_id, digest, outcome, acknowledged, domain_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (id) DO NOTHING`,
		r.ID, r.Module, r.Version, r.Type, r.Scope.Kind, r.Scope.ID, r.InputKind, r.InputName, nullID(r.Actor), r.Digest,
		string(r.Outcome), string(r.Acknowledged), r.At)
	return n == 1, err
}

// readDecision returns nil when the decision was not taken.
func readDecision(ctx context.Context, q db.Q, id uuid.UUID) (*decisionRow, error) {
	var r decisionRow
	err := q.Get(ctx, &r, `SELECT digest, outcome FROM effect_decision WHERE id = $1`, id)
	if db.IsNoRows(err) {
		return nil, nil
	}
	return &r, err
}

// lockFirst makes those wait who would make the first record of a kind in a scope.
func lockFirst(ctx context.Context, tx *db.Tx, s Scope, kind string) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('effect_first/' || $1 || '/' || $2, 0))`, s.ID.String(), kind)
	return err
}

type eventRow struct {
	ID        uuid.UUID       `db:"id"`
	Type      string          `db:"type"`
	ScopeKind string          `db:"scope_kind"`
	ScopeID   uuid.UUID       `db:"scope_id"`
	Name      string          `db:"name"`
	AtKind    string          `db:"at_kind"`
	AtID      uuid.UUID       `db:"at_id"`
	Data      json.RawMessage `db:"data"`
	Depth     int             `db:"depth"`
	At        time.Time       `db:"at"`
	Tries     int             `db:"tries"`
}

func insertEvent(ctx context.Context, tx *db.Tx, r *eventRow) error {
	_, err := tx.Exec(ctx, `WITH line AS (
		INSERT INTO effect_scope (type, scope_kind, scope_id, last_seq) VALUES ($2, $3, $4, 1)
		ON CONFLICT (scope_id, type) DO UPDATE SET last_seq = effect_scope.last_seq + 1 RETURNING last_seq)
		INSERT INTO effect_event (id, type, scope_kind, scope_id, seq, name, at_kind, at_id, data, depth, at)
		SELECT $1, $2, $3, $4, last_seq, $5, $6, $7, $8, $9, $10 FROM line`,
		r.ID, r.Type, r.ScopeKind, r.ScopeID, r.Name, r.AtKind, r.AtID, string(r.Data), r.Depth, r.At)
	return err
}

// nextEvent is the oldest event of a stream that waits; nil when there is none
// or its time has not come.
func nextEvent(ctx context.Context, q db.Q, typ string, s Scope) (*eventRow, error) {
	var r struct {
		eventRow
		Ready bool `db:"ready"`
	}
	err := q.Get(ctx, &r, `SELECT id, type, scope_kind, scope_id, name, at_kind, at_id, data, depth, at, tries, next_try <= now() AS ready
		FROM effect_event WHERE type = $1 AND scope_id = $2 AND done_at IS NULL ORDER BY seq LIMIT 1`, typ, s.ID)
	if db.IsNoRows(err) || err == nil && !r.Ready {
		return nil, nil
	}
	return &r.eventRow, err
}

func markDelivered(ctx context.Context, tx *db.Tx, id uuid.UUID) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE effect_event SET done_at = now() WHERE id = $1 AND done_at IS NULL`, id)
	return n == 1, err
}

func delayEvent(ctx context.Context, q db.Q, id uuid.UUID, tries int, until time.Time) error {
	_, err := q.Exec(ctx, `UPDATE effect_event SET tries = $2, next_try = $3 WHERE id = $1 AND done_at IS NULL`, id, tries, until)
	return err
}

func giveUpEvent(ctx context.Context, q db.Q, id uuid.UUID) error {
	_, err := q.Exec(ctx, `UPDATE effect_event SET tries = tries + 1, done_at = now(), failed = true WHERE id = $1 AND done_at IS NULL`, id)
	return err
}

type streamRow struct {
	Type      string    `db:"type"`
	ScopeKind string    `db:"scope_kind"`
	ScopeID   uuid.UUID `db:"scope_id"`
}

func waitingStreams(ctx context.Context, q db.Q, limit int) ([]streamRow, error) {
	var out []streamRow
	err := q.Select(ctx, &out, `SELECT type, scope_kind, scope_id FROM effect_event
		WHERE done_at IS NULL AND next_try <= now() GROUP BY type, scope_kind, scope_id ORDER BY min(next_try), scope_id LIMIT $1`, limit)
	return out, err
}

type timerRow struct {
	ID        uuid.UUID       `db:"id"`
	Type      string          `db:"type"`
	ScopeKind string          `db:"scope_kind"`
	ScopeID   uuid.UUID       `db:"scope_id"`
	Name      string          `db:"name"`
	Key       string          `db:"key"`
	DueAt     time.Time       `db:"due_at"`
	Data      json.RawMessage `db:"data"`
	Tries     int             `db:"tries"`
	Decision  uuid.UUID
}

func upsertTimer(ctx context.Context, tx *db.Tx, r *timerRow) error {
	_, err := tx.Exec(ctx, `INSERT INTO timer (id, type, scope_kind, scope_id, name, key, due_at, data, decision_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (scope_id, type, name, key) WHERE fired_at IS NULL DO UPDATE
		SET due_at = excluded.due_at, data = excluded.data, decision_id = excluded.decision_id, tries = 0, next_try = now()`,
		r.ID, r.Type, r.ScopeKind, r.ScopeID, r.Name, r.Key, r.DueAt, string(r.Data), r.Decision)
	return err
}

func deleteTimer(ctx context.Context, tx *db.Tx, typ string, s Scope, name, key string) error {
	_, err := tx.Exec(ctx, `DELETE FROM timer WHERE scope_id = $1 AND type = $2 AND name = $3 AND key = $4 AND fired_at IS NULL`, s.ID, typ, name, key)
	return err
}

func dueTimers(ctx context.Context, q db.Q, now time.Time, limit int) ([]timerRow, error) {
	var out []timerRow
	err := q.Select(ctx, &out, `SELECT id, type, scope_kind, scope_id, name, key, due_at, data, tries FROM timer
		WHERE fired_at IS NULL AND due_at <= $1 AND next_try <= now() ORDER BY due_at, id LIMIT $2`, now, limit)
	return out, err
}

func markFired(ctx context.Context, tx *db.Tx, id uuid.UUID, due, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE timer SET fired_at = $3 WHERE id = $1 AND due_at = $2 AND fired_at IS NULL`, id, due, now)
	return n == 1, err
}

func delayTimer(ctx context.Context, q db.Q, id uuid.UUID, tries int, until time.Time) error {
	_, err := q.Exec(ctx, `UPDATE timer SET tries = $2, next_try = $3 WHERE id = $1 AND fired_at IS NULL`, id, tries, until)
	return err
}

func giveUpTimer(ctx context.Context, q db.Q, id uuid.UUID, now time.Time) error {
	_, err := q.Exec(ctx, `UPDATE timer SET fired_at = $2, failed = true, tries = tries + 1 WHERE id = $1 AND fired_at IS NULL`, id, now)
	return err
}

type recheckRow struct {
	ID          uuid.UUID       `db:"id"`
	Type        string          `db:"type"`
	Command     string          `db:"command"`
	ScopeKind   string          `db:"scope_kind"`
	ScopeID     uuid.UUID       `db:"scope_id"`
	Arguments   json.RawMessage `db:"arguments"`
	Actor       uuid.NullUUID   `db:"actor_id"`
	Diagnostics json.RawMessage `db:"diagnostics"`
	At          time.Time
}

func insertRecheck(ctx context.Context, tx *db.Tx, r *recheckRow) error {
	_, err := tx.Exec(ctx, `INSERT INTO effect_recheck (id, type, command, scope_kind, scope_id, arguments, actor_id, domain_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, r.ID, r.Type, r.Command, r.ScopeKind, r.ScopeID, string(r.Arguments), r.Actor, r.At)
	return err
}

func readRechecks(ctx context.Context, q db.Q, limit int) ([]recheckRow, error) {
	var out []recheckRow
	err := q.Select(ctx, &out, `SELECT id, type, command, scope_kind, scope_id, arguments, actor_id FROM effect_recheck
		WHERE checked_at IS NULL ORDER BY id LIMIT $1`, limit)
	return out, err
}

func finishRecheck(ctx context.Context, q db.Q, id uuid.UUID, diagnostics json.RawMessage, now time.Time) error {
	_, err := q.Exec(ctx, `UPDATE effect_recheck SET checked_at = $2, diagnostics = $3 WHERE id = $1 AND checked_at IS NULL`, id, now, string(diagnostics))
	return err
}

func readFlags(ctx context.Context, q db.Q, s Scope) ([]recheckRow, error) {
	var out []recheckRow
	err := q.Select(ctx, &out, `SELECT id, command, diagnostics FROM effect_recheck
		WHERE scope_kind = $1 AND scope_id = $2 AND checked_at IS NOT NULL AND diagnostics <> '[]' ORDER BY id DESC LIMIT 50`, s.Kind, s.ID)
	return out, err
}

// prune deletes what nobody will ask for: delivered events after 30 days,
// fired timers after 90, decisions after 400 (longer than any retry).
func prune(ctx context.Context, q db.Q) error {
	for _, query := range []string{
		`DELETE FROM effect_event WHERE id IN (SELECT id FROM effect_event WHERE done_at < now() - interval '30 days' LIMIT 1000)`,
		`DELETE FROM timer WHERE id IN (SELECT id FROM timer WHERE fired_at IS NOT NULL AND created_at < now() - interval '90 days' LIMIT 1000)`,
		`DELETE FROM effect_decision WHERE id IN (SELECT id FROM effect_decision WHERE created_at < now() - interval '400 days' LIMIT 1000)`,
	} {
		if _, err := q.Exec(ctx, query); err != nil {
			return err
		}
	}
	return nil
}
