-- +goose Up
CREATE TABLE programme (
    id uuid PRIMARY KEY,
    code text NOT NULL CONSTRAINT programme_code_once UNIQUE,
    title text NOT NULL,
    module text NOT NULL DEFAULT '',
    type text NOT NULL DEFAULT '',
    centre_id uuid REFERENCES institution (id),
    stage text NOT NULL DEFAULT '',
    starts_on date,
    ends_on date,
    created_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT programme_title CHECK (length(title) BETWEEN 1 AND 200),
    CONSTRAINT programme_period CHECK (ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on)
);
COMMENT ON TABLE programme IS 'Programmes: parents of networks and groups. Owner: core/programme.';
CREATE INDEX programme_centre ON programme (centre_id);

CREATE TABLE indicator (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL REFERENCES programme (id),
    code text NOT NULL,
    title text NOT NULL,
    target numeric NOT NULL,
    CONSTRAINT indicator_once UNIQUE (programme_id, code),
    CONSTRAINT indicator_target CHECK (target >= 0)
);
COMMENT ON TABLE indicator IS 'Indicators of a programme with their targets. Owner: core/programme.';

CREATE TABLE indicator_achievement (
    id uuid PRIMARY KEY,
    indicator_id uuid NOT NULL REFERENCES indicator (id),
    scope_kind text NOT NULL,
    scope_id uuid NOT NULL,
    record_id uuid,
    achieved_by uuid REFERENCES person (id),
    at timestamptz NOT NULL,
    CONSTRAINT indicator_achievement_once UNIQUE (indicator_id, scope_kind, scope_id)
);
COMMENT ON TABLE indicator_achievement IS 'What counts towards an indicator: once per scope, with its evidence. Owner: core/programme.';
CREATE INDEX indicator_achievement_by ON indicator_achievement (achieved_by);

CREATE TABLE record (
    id uuid PRIMARY KEY,
    module text NOT NULL,
    kind text NOT NULL,
    scope_kind text NOT NULL,
    scope_id uuid NOT NULL,
    programme_id uuid,
    network_id uuid,
    group_id uuid,
    author_id uuid REFERENCES person (id),
    form_rev integer NOT NULL DEFAULT 0,
    form_sha256 bytea,
    data jsonb NOT NULL,
    n1 numeric, n2 numeric, n3 numeric, n4 numeric, n5 numeric, n6 numeric, n7 numeric, n8 numeric,
    t1 text, t2 text, t3 text, t4 text, t5 text, t6 text, t7 text, t8 text,
    closed_at timestamptz,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT record_scope_kind CHECK (scope_kind IN ('programme', 'network', 'group', 'membership')),
    CONSTRAINT record_size CHECK (octet_length(data::text) <= 1048576)
);
COMMENT ON TABLE record IS 'Records of module-declared kinds: validated answers of a form at a revision, with up to eight typed index fields (n1-n8 numbers and dates, t1-t8 texts and ids). Owner: core/record.';
CREATE INDEX record_scope ON record (scope_kind, scope_id, module, kind, id);
CREATE INDEX record_network ON record (network_id, module, kind, id);
CREATE INDEX record_programme ON record (programme_id, module, kind, id);
CREATE INDEX record_group ON record (group_id, module, kind, id);
CREATE INDEX record_author ON record (author_id);

CREATE TABLE record_version (
    record_id uuid NOT NULL REFERENCES record (id),
    version integer NOT NULL,
    form_rev integer NOT NULL,
    data jsonb NOT NULL,
    author_id uuid REFERENCES person (id),
    at timestamptz NOT NULL,
    PRIMARY KEY (record_id, version)
);
COMMENT ON TABLE record_version IS 'Earlier contents of records whose kind keeps versions. Owner: core/record.';
CREATE INDEX record_version_author ON record_version (author_id);

CREATE TABLE record_key (
    module text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    scope_kind text NOT NULL,
    scope_id uuid NOT NULL,
    value text NOT NULL,
    record_id uuid NOT NULL REFERENCES record (id),
    CONSTRAINT record_key_once PRIMARY KEY (module, kind, name, scope_kind, scope_id, value)
);
COMMENT ON TABLE record_key IS 'Unique keys declared by record kinds. Owner: core/record.';
CREATE INDEX record_key_record ON record_key (record_id);

-- +goose Down
DROP TABLE record_key, record_version, record, indicator_achievement, indicator, programme;
