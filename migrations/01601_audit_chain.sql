-- +goose Up
CREATE INDEX audit_event_xact ON audit_event (xact, id);
CREATE INDEX audit_event_time ON audit_event USING brin (at) WITH (pages_per_range = 16, autosummarize = on);

CREATE TABLE audit_link (
    link bigint PRIMARY KEY CONSTRAINT audit_link_number CHECK (link > 0),
    event_id bigint NOT NULL CONSTRAINT audit_link_once UNIQUE
        CONSTRAINT audit_link_event REFERENCES audit_event,
    hash bytea NOT NULL CONSTRAINT audit_link_hash CHECK (octet_length(hash) = 32),
    sealed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE audit_link IS 'The chain that seals the account of changes: each link holds a keyed hash of the link before and of its event. Owner: core/audit.';

CREATE TABLE audit_sealing (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT audit_sealing_one_row CHECK (only_row),
    xact text NOT NULL DEFAULT '0',
    cluster text NOT NULL DEFAULT ''
);
COMMENT ON TABLE audit_sealing IS 'How far the account of changes is sealed: every event of a transaction before xact has its link; cluster tells a restored database, whose transactions are counted anew. Owner: core/audit.';
INSERT INTO audit_sealing DEFAULT VALUES;

CREATE TABLE audit_cut (
    link bigint PRIMARY KEY,
    hash bytea NOT NULL CONSTRAINT audit_cut_hash CHECK (octet_length(hash) = 32),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    signature bytea NOT NULL CONSTRAINT audit_cut_signature CHECK (octet_length(signature) = 32)
);
COMMENT ON TABLE audit_cut IS 'Where the kept time cut the account of changes: events up to this link are deleted, and its signed hash is what the next link stands on. Owner: core/audit.';

-- Deleting is for the cut at a checkpoint alone, which says so.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('sieci.audit_cut', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_link_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_link
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse();

-- +goose Down
DROP TRIGGER audit_link_append_only ON audit_link;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_event is append-only';
END $$;
-- +goose StatementEnd
DROP TABLE audit_cut;
DROP TABLE audit_sealing;
DROP TABLE audit_link;
DROP INDEX audit_event_time, audit_event_xact;
