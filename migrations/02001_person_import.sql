-- +goose Up
CREATE TABLE person_import (
    id uuid PRIMARY KEY,
    state text NOT NULL CONSTRAINT person_import_state
        CHECK (state IN ('reading', 'ready', 'writing', 'done', 'mailing', 'undoing', 'undone', 'cancelled', 'failed', 'expired')),
    name text NOT NULL DEFAULT '',
    sha256 bytea NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid CONSTRAINT person_import_by REFERENCES person,
    acted_by uuid CONSTRAINT person_import_acted_by REFERENCES person,
    mail boolean NOT NULL DEFAULT false,
    phase text NOT NULL DEFAULT '',
    done integer NOT NULL DEFAULT 0,
    total integer NOT NULL DEFAULT 0,
    new integer NOT NULL DEFAULT 0,
    changed integer NOT NULL DEFAULT 0,
    known integer NOT NULL DEFAULT 0,
    rejected integer NOT NULL DEFAULT 0,
    kept integer NOT NULL DEFAULT 0,
    job_id bigint,
    confirmed_at timestamptz,
    ended_at timestamptz,
    failure jsonb
);
COMMENT ON TABLE person_import IS 'Lists of people handed in, with how far each is; by_id is null at the command line. The job of a list works with the rights that acted_by (else by_id) has at that time. Owner: core/identity.';
CREATE INDEX person_import_by_index ON person_import (by_id, id);
CREATE INDEX person_import_acted_by_index ON person_import (acted_by);
CREATE INDEX person_import_open ON person_import (id) WHERE state IN ('reading', 'ready');

CREATE TABLE person_import_file (
    import_id uuid CONSTRAINT person_import_file_pkey PRIMARY KEY CONSTRAINT person_import_file_import REFERENCES person_import ON DELETE CASCADE,
    raw bytea NOT NULL
);
COMMENT ON TABLE person_import_file IS 'Files that wait to be read; gone as soon as they are. Owner: core/identity.';

CREATE TABLE person_import_row (
    import_id uuid CONSTRAINT person_import_row_import REFERENCES person_import ON DELETE CASCADE,
    no integer,
    line integer NOT NULL,
    outcome text NOT NULL CONSTRAINT person_import_row_outcome CHECK (outcome IN ('new', 'changed', 'known', 'rejected', 'kept', 'removed')),
    email text NOT NULL,
    name text NOT NULL,
    function text NOT NULL,
    institution_id uuid CONSTRAINT person_import_row_institution REFERENCES institution,
    person_id uuid CONSTRAINT person_import_row_person REFERENCES person ON DELETE SET NULL,
    was jsonb,
    version integer NOT NULL DEFAULT 0,
    notes jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (import_id, no)
);
COMMENT ON TABLE person_import_row IS 'The rows of a list of people and what became of each, for a week; person_id is set once the account is made or was changed by this list, was and version tell what a changed one was before. Owner: core/identity.';
CREATE INDEX person_import_row_page ON person_import_row (import_id, outcome, no);
CREATE INDEX person_import_row_institution_index ON person_import_row (institution_id);
CREATE INDEX person_import_row_person_index ON person_import_row (person_id);

-- +goose Down
DROP TABLE person_import_row, person_import_file, person_import;
