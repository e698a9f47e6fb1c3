-- +goose Up
CREATE TABLE clock_setting (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT clock_setting_one_row CHECK (only_row),
    offset_us bigint NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE clock_setting IS 'How far the domain clock is ahead of real time, in microseconds; moved only on the development page. Owner: core/app.';
INSERT INTO clock_setting DEFAULT VALUES;

CREATE TABLE audit_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    domain_at timestamptz NOT NULL,
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    actor_id uuid,
    actor_system text NOT NULL DEFAULT '',
    request_id text NOT NULL DEFAULT '',
    action text NOT NULL,
    object_kind text NOT NULL,
    object_id text NOT NULL,
    scope_kind text NOT NULL DEFAULT '',
    scope_id uuid,
    fields text[] NOT NULL DEFAULT '{}',
    digest bytea,
    CONSTRAINT audit_event_who CHECK (actor_id IS NOT NULL OR actor_system <> '')
);
COMMENT ON TABLE audit_event IS 'Append-only account of every change, written in its transaction: ids, field names and keyed digests, never names or values of people (KRI 2024, accountability). Owner: core/audit.';
CREATE INDEX audit_event_object ON audit_event (object_kind, object_id, id);
CREATE INDEX audit_event_actor ON audit_event (actor_id, id);
CREATE INDEX audit_event_scope ON audit_event (scope_kind, scope_id, id);
-- +goose StatementBegin
CREATE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_event is append-only';
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse();

CREATE TABLE idempotency_key (
    person_id uuid NOT NULL,
    key text NOT NULL,
    operation text NOT NULL,
    fingerprint bytea NOT NULL,
    done boolean NOT NULL DEFAULT false,
    result jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (person_id, key),
    CONSTRAINT idempotency_key_length CHECK (length(key) BETWEEN 8 AND 64)
);
COMMENT ON TABLE idempotency_key IS 'Keys of submitted forms and API calls with what they led to, so that a double submit changes things once; kept 48 hours. Owner: core/idem.';
CREATE INDEX idempotency_key_created ON idempotency_key (created_at);

CREATE TABLE draft (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    form text NOT NULL,
    subject text NOT NULL DEFAULT '',
    rev integer NOT NULL DEFAULT 0,
    state jsonb NOT NULL,
    version integer NOT NULL DEFAULT 1,
    saved_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT draft_size CHECK (pg_column_size(state) <= 1048576),
    CONSTRAINT draft_one UNIQUE (person_id, form, subject)
);
COMMENT ON TABLE draft IS 'Forms that somebody began and will finish later ("Zapisz i wróć później"); kept 90 days. Owner: core/draft.';
CREATE INDEX draft_saved ON draft (saved_at);

-- +goose Down
DROP TABLE draft, idempotency_key, audit_event, clock_setting;
DROP FUNCTION audit_event_refuse();
