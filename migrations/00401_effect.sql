-- +goose Up
CREATE TABLE effect_decision (
    id uuid PRIMARY KEY,
    module text NOT NULL,
    version text NOT NULL,
    type text NOT NULL,
    scope_kind text NOT NULL,
    scope_id uuid NOT NULL,
    input_kind text NOT NULL,
    input_name text NOT NULL,
    actor_id uuid,
    digest bytea NOT NULL,
    outcome jsonb NOT NULL,
    acknowledged jsonb NOT NULL DEFAULT '[]',
    domain_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT effect_decision_scope CHECK (scope_kind IN ('programme', 'network', 'group', 'membership')),
    CONSTRAINT effect_decision_input CHECK (input_kind IN ('command', 'event', 'timer', 'job'))
);
COMMENT ON TABLE effect_decision IS 'Decisions of modules that were applied, each once, with the reasons given for warnings; kept 400 days. Owner: core/effect.';
CREATE INDEX effect_decision_scope_at ON effect_decision (scope_id, created_at);
CREATE INDEX effect_decision_created ON effect_decision (created_at);

CREATE TABLE effect_scope (
    type text NOT NULL,
    scope_kind text NOT NULL,
    scope_id uuid NOT NULL,
    last_seq bigint NOT NULL,
    PRIMARY KEY (scope_id, type)
);
COMMENT ON TABLE effect_scope IS 'The last number given to an event of a type in a scope; its row is locked from the append to the commit, which puts events in order. Owner: core/effect.';

CREATE TABLE effect_event (
    id uuid PRIMARY KEY,
    type text NOT NULL,
    scope_kind text NOT NULL,
    scope_id uuid NOT NULL,
    seq bigint NOT NULL,
    name text NOT NULL,
    at_kind text NOT NULL,
    at_id uuid NOT NULL,
    data jsonb NOT NULL,
    depth integer NOT NULL,
    at timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    next_try timestamptz NOT NULL DEFAULT now(),
    done_at timestamptz,
    failed boolean NOT NULL DEFAULT false,
    CONSTRAINT effect_event_order UNIQUE (scope_id, type, seq),
    CONSTRAINT effect_event_depth CHECK (depth BETWEEN 0 AND 3)
);
COMMENT ON TABLE effect_event IS 'What modules are to be told, in order per type and scope; at is domain time, next_try and done_at are real time. Delivered ones are kept 30 days. Owner: core/effect.';
CREATE INDEX effect_event_waiting ON effect_event (scope_id, type, seq) WHERE done_at IS NULL;
CREATE INDEX effect_event_next ON effect_event (next_try) WHERE done_at IS NULL;
CREATE INDEX effect_event_done ON effect_event (done_at) WHERE done_at IS NOT NULL;

CREATE TABLE timer (
    id uuid PRIMARY KEY,
    type text NOT NULL,
    scope_kind text NOT NULL,
    scope_id uuid NOT NULL,
    name text NOT NULL,
    key text NOT NULL DEFAULT '',
    due_at timestamptz NOT NULL,
    data jsonb NOT NULL DEFAULT '{}',
    decision_id uuid NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    next_try timestamptz NOT NULL DEFAULT now(),
    fired_at timestamptz,
    failed boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT timer_key_length CHECK (length(key) <= 100)
);
COMMENT ON TABLE timer IS 'Timers set by modules; due_at and fired_at are domain time, next_try is real time. One of a name and key waits in a scope. Owner: core/effect.';
CREATE UNIQUE INDEX timer_one_waiting ON timer (scope_id, type, name, key) WHERE fired_at IS NULL;
CREATE INDEX timer_due ON timer (due_at) WHERE fired_at IS NULL;
CREATE INDEX timer_fired ON timer (created_at) WHERE fired_at IS NOT NULL;

CREATE TABLE effect_recheck (
    id uuid PRIMARY KEY,
    type text NOT NULL,
    command text NOT NULL,
    scope_kind text NOT NULL,
    scope_id uuid NOT NULL,
    arguments jsonb NOT NULL,
    actor_id uuid,
    domain_at timestamptz NOT NULL,
    checked_at timestamptz,
    diagnostics jsonb NOT NULL DEFAULT '[]'
);
COMMENT ON TABLE effect_recheck IS 'Acts that went on while the module of their advisory guard was down, and what the module said later. Owner: core/effect.';
CREATE INDEX effect_recheck_waiting ON effect_recheck (id) WHERE checked_at IS NULL;
CREATE INDEX effect_recheck_scope ON effect_recheck (scope_kind, scope_id, id);

-- +goose Down
DROP TABLE effect_recheck, timer, effect_event, effect_scope, effect_decision;
