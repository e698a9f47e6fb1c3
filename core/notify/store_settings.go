package notify

import (
	"context"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

type settingRow struct {
	Digest    string         `db:"digest"`
	QuietFrom int            `db:"quiet_from"`
	QuietTo   int            `db:"quiet_to"`
	FreeDays  bool           `db:"free_days"`
	Region    string         `db:"region"`
	Version   int            `db:"version"`
	Networks  pq.StringArray `db:"networks"`
	Chosen    pq.StringArray `db:"chosen"`
}

func settingsOf(ctx context.Context, q db.Q, person uuid.UUID, names []NamedNetwork) (Settings, error) {
	ids := make([]uuid.UUID, len(names))
	for i, n := range names {
		ids[i] = n.ID
	}
	var r settingRow
	err := q.Get(ctx, &r, `
		SELECT coalesce(s.digest, 'daily') AS digest, coalesce(s.quiet_from, 20) AS quiet_from, coalesce(s.quiet_to, 7) AS quiet_to,
			coalesce(s.free_days, true) AS free_days, `+regionSQL("$1")+` AS region, coalesce(s.version, 0) AS version,
			ARRAY(SELECT CAST(network_id AS text) FROM notify_network WHERE person_id = $1 AND network_id = any(CAST($2 AS uuid[])) ORDER BY network_id) AS networks,
			ARRAY(SELECT frequency FROM notify_network WHERE person_id = $1 AND network_id = any(CAST($2 AS uuid[])) ORDER BY network_id) AS chosen
		FROM (SELECT 1) one LEFT JOIN notify_setting s ON s.person_id = $1`, person, pq.Array(ids))
	if err != nil {
		return Settings{}, err
	}
	chosen := make(map[string]Frequency, len(r.Networks))
	for i, id := range r.Networks {
		chosen[id] = Frequency(r.Chosen[i])
	}
	out := Settings{Digest: Rhythm(r.Digest), QuietFrom: r.QuietFrom, QuietTo: r.QuietTo, FreeDays: r.FreeDays, Region: r.Region, Version: r.Version}
	for _, n := range names {
		f, ok := chosen[n.ID.String()]
		if !ok {
			f = InDigest
		}
		out.Networks = append(out.Networks, NetworkSetting{ID: n.ID, Title: n.Title, Frequency: f})
	}
	return out, nil
}

// saveSettings replaces the settings at the version read; what waits for a
// digest that will not come any more stops waiting.
func saveSettings(ctx context.Context, tx *db.Tx, person uuid.UUID, in *Settings) error {
	n, err := tx.Exec(ctx, `
		INSERT INTO notify_setting AS s (person_id, digest, quiet_from, quiet_to, free_days, region)
		SELECT $1, $2, $3, $4, $5, $6 WHERE $7 = 0 OR EXISTS (SELECT 1 FROM notify_setting WHERE person_id = $1)
		ON CONFLICT (person_id) DO UPDATE SET digest = excluded.digest, quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to,
			free_days = excluded.free_days, region = excluded.region, version = s.version + 1
		WHERE s.version = $7`, person, string(in.Digest), in.QuietFrom, in.QuietTo, in.FreeDays, in.Region, in.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "notify.stale")
	}
	ids, chosen := make([]uuid.UUID, len(in.Networks)), make([]string, len(in.Networks))
	for i, x := range in.Networks {
		ids[i], chosen[i] = x.ID, string(x.Frequency)
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO notify_network (person_id, network_id, frequency)
		SELECT $1, n, f FROM unnest(CAST($2 AS uuid[]), CAST($3 AS text[])) AS x (n, f)
		ON CONFLICT (person_id, network_id) DO UPDATE SET frequency = excluded.frequency`, person, pq.Array(ids), pq.Array(chosen)); err != nil {
		return err
	}
	return stopWaiting(ctx, tx, person)
}

// stop writes what a stop link asks for.
func stop(ctx context.Context, tx *db.Tx, person, network uuid.UUID) error {
	var err error
	if network == uuid.Nil {
		_, err = tx.Exec(ctx, `INSERT INTO notify_setting (person_id, digest, region)
			SELECT p.id, 'none', `+regionSQL("p.id")+` FROM person p LEFT JOIN notify_setting s ON s.person_id = p.id WHERE p.id = $1
			ON CONFLICT (person_id) DO UPDATE SET digest = 'none', version = notify_setting.version + 1`, person)
	} else {
		_, err = tx.Exec(ctx, `INSERT INTO notify_network (person_id, network_id, frequency) SELECT id, $2, 'none' FROM person WHERE id = $1
			ON CONFLICT (person_id, network_id) DO UPDATE SET frequency = 'none'`, person, network)
	}
	if err != nil {
		return err
	}
	return stopWaiting(ctx, tx, person)
}

// stopWaiting takes entries out of waiting that no digest will carry.
func stopWaiting(ctx context.Context, tx *db.Tx, person uuid.UUID) error {
	_, err := tx.Exec(ctx, `
		UPDATE notification n SET mailing = 'none' WHERE person_id = $1 AND mailing = 'waiting' AND (
			EXISTS (SELECT 1 FROM notify_setting s WHERE s.person_id = $1 AND s.digest = 'none')
			OR EXISTS (SELECT 1 FROM notify_network w WHERE w.person_id = $1 AND w.network_id = n.network_id AND w.frequency = 'none'))`, person)
	return err
}
