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
    closed_at timestamptz,
    CONSTRAINT programme_code CHECK (code ~ '^[A-Z0-9][A-Z0-9-]{1,19}$'),
    CONSTRAINT programme_title CHECK (length(title) BETWEEN 1 AND 200),
    CONSTRAINT programme_period CHECK (ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on)
);
COMMENT ON TABLE programme IS 'Programmes: parents of networks and groups. Owner: core/programme.';
CREATE INDEX programme_list ON programme (title, id);
CREATE INDEX programme_centre ON programme (centre_id);

CREATE TABLE indicator (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL REFERENCES programme (id),
    code text NOT NULL,
    title jsonb NOT NULL,
    unit jsonb NOT NULL DEFAULT '{}',
    target bigint NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT indicator_once UNIQUE (programme_id, code),
    CONSTRAINT indicator_target CHECK (target >= 0)
);
COMMENT ON TABLE indicator IS 'Indicators of a programme with their targets. Owner: core/programme.';

CREATE TABLE indicator_achievement (
    id uuid PRIMARY KEY,
    indicator_id uuid NOT NULL REFERENCES indicator (id),
    amount bigint NOT NULL DEFAULT 1,
    scope_kind text NOT NULL,
    scope_id uuid NOT NULL,
    evidence_id uuid NOT NULL,
    achieved_by uuid REFERENCES person (id),
    at timestamptz NOT NULL,
    CONSTRAINT indicator_achievement_once UNIQUE (indicator_id, evidence_id),
    CONSTRAINT indicator_achievement_amount CHECK (amount > 0),
    CONSTRAINT indicator_achievement_scope_kind CHECK (scope_kind IN ('programme', 'group'))
);
COMMENT ON TABLE indicator_achievement IS 'What counts towards an indicator: once per piece of evidence, and once per group where it counts for a group. Owner: core/programme.';
CREATE UNIQUE INDEX indicator_achievement_group ON indicator_achievement (indicator_id, scope_id) WHERE scope_kind = 'group';
CREATE INDEX indicator_achievement_by ON indicator_achievement (achieved_by);

CREATE TABLE record_kind (
    module text NOT NULL,
    name text NOT NULL,
    definition jsonb NOT NULL,
    slots jsonb NOT NULL,
    declared_at timestamptz NOT NULL,
    PRIMARY KEY (module, name)
);
COMMENT ON TABLE record_kind IS 'Kinds of records as modules declared them when last enabled, and in which column of record each index field lies; stays when the module goes, so that its records can be read. Owner: core/record.';

CREATE TABLE record_form (
    module text NOT NULL,
    kind text NOT NULL,
    rev integer NOT NULL,
    sha256 bytea NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (module, kind, rev),
    CONSTRAINT record_form_kind FOREIGN KEY (module, kind) REFERENCES record_kind (module, name),
    CONSTRAINT record_form_size CHECK (octet_length(document) <= 262144)
);
COMMENT ON TABLE record_form IS 'Every published revision of a record kind''s form; immutable, records stay at theirs. Owner: core/record.';

CREATE TABLE record (
    id uuid PRIMARY KEY,
    module text NOT NULL,
    kind text NOT NULL,
    scope_kind text NOT NULL,
    scope_id uuid NOT NULL,
    person_id uuid REFERENCES person (id),
    author_id uuid REFERENCES person (id),
    decision_id uuid NOT NULL,
    form_rev integer NOT NULL,
    data jsonb NOT NULL,
    n1 numeric, n2 numeric, n3 numeric, n4 numeric, n5 numeric, n6 numeric, n7 numeric, n8 numeric,
    t1 text, t2 text, t3 text, t4 text, t5 text, t6 text, t7 text, t8 text,
    closed_at timestamptz,
    closed_note text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT record_kind_known FOREIGN KEY (module, kind) REFERENCES record_kind (module, name),
    CONSTRAINT record_scope_kind CHECK (scope_kind IN ('programme', 'network', 'group', 'membership')),
    CONSTRAINT record_size CHECK (octet_length(data::text) <= 1048576),
    CONSTRAINT record_closed_note CHECK (length(closed_note) <= 500)
);
COMMENT ON TABLE record IS 'Records of module-declared kinds: validated answers of a form at a revision, with up to eight typed index fields (n1-n8 numbers, dates and instants, t1-t8 texts and ids; record_kind.slots says which). Owner: core/record.';
CREATE INDEX record_scope ON record (scope_id, module, kind, id);
CREATE INDEX record_of_kind ON record (module, kind, id);
CREATE INDEX record_person ON record (person_id);
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
    scope_id uuid NOT NULL,
    value text NOT NULL,
    record_id uuid NOT NULL REFERENCES record (id),
    CONSTRAINT record_key_once PRIMARY KEY (scope_id, module, kind, name, value)
);
COMMENT ON TABLE record_key IS 'Unique keys declared by record kinds, of open records. Owner: core/record.';
CREATE INDEX record_key_record ON record_key (record_id);

-- +goose Down
DROP TABLE record_key, record_version, record, record_form, record_kind, indicator_achievement, indicator, programme;
