-- +goose Up
CREATE TABLE network_export (
    id uuid PRIMARY KEY,
    network_id uuid NOT NULL REFERENCES network (id) ON DELETE CASCADE,
    person_id uuid NOT NULL REFERENCES person (id),
    kind text NOT NULL,
    lang text NOT NULL,
    state text NOT NULL DEFAULT 'waiting',
    done integer NOT NULL DEFAULT 0,
    total integer NOT NULL,
    size bigint NOT NULL DEFAULT 0,
    job_id bigint,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT network_export_kind CHECK (kind IN ('data', 'site')),
    CONSTRAINT network_export_lang CHECK (lang IN ('pl', 'en')),
    CONSTRAINT network_export_state CHECK (state IN ('waiting', 'done', 'failed', 'cancelled', 'expired')),
    CONSTRAINT network_export_progress CHECK (done BETWEEN 0 AND total),
    CONSTRAINT network_export_ended CHECK ((state = 'waiting') = (ended_at IS NULL))
);
COMMENT ON TABLE network_export IS 'Copies of a network that somebody asked for (data: JSON and files; site: pages to read without a server): done of total parts are made; the bytes lie beside uploaded files for seven days. Owner: core/export.';
CREATE INDEX network_export_network ON network_export (network_id, id DESC);
CREATE INDEX network_export_person ON network_export (person_id);
CREATE INDEX network_export_ended ON network_export (ended_at) WHERE state = 'done';
CREATE UNIQUE INDEX network_export_one_open ON network_export (network_id, person_id, kind) WHERE state = 'waiting';

-- +goose Down
DROP TABLE network_export;
