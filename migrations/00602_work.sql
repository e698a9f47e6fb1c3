-- +goose Up
CREATE TABLE module_schedule (
    module text NOT NULL,
    kind text NOT NULL,
    cron text NOT NULL,
    next_at timestamptz NOT NULL,
    running_at timestamptz,
    after_id uuid,
    PRIMARY KEY (module, kind)
);
COMMENT ON TABLE module_schedule IS 'Job kinds of enabled modules that run by cron, and when next, by the domain clock; running_at and after_id keep the place while a tick is spread over many scopes. Owner: core/work.';
CREATE INDEX module_schedule_next ON module_schedule (next_at);

CREATE TABLE module_job (
    id uuid PRIMARY KEY,
    seq uuid NOT NULL CONSTRAINT module_job_seq_once UNIQUE,
    module text NOT NULL,
    kind text NOT NULL,
    type text NOT NULL,
    scope_kind text NOT NULL,
    scope_id uuid NOT NULL,
    depth integer NOT NULL DEFAULT 0,
    once text NOT NULL DEFAULT '',
    input jsonb,
    input_rev integer NOT NULL DEFAULT 0,
    page integer NOT NULL DEFAULT 0,
    continuation bytea NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'waiting',
    attempt integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL DEFAULT 5,
    completed bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0,
    failure text NOT NULL DEFAULT '',
    run_at timestamptz NOT NULL,
    not_before timestamptz,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    finished_at timestamptz,
    CONSTRAINT module_job_state CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    CONSTRAINT module_job_finished CHECK ((state IN ('done', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
    CONSTRAINT module_job_scope_kind CHECK (scope_kind IN ('programme', 'network', 'group', 'membership')),
    CONSTRAINT module_job_continuation CHECK (octet_length(continuation) <= 65536)
);
COMMENT ON TABLE module_job IS 'Runs of job kinds that modules declare: one page at a time, each in one transaction with its effects. seq grows with time (ids of jobs made by effects do not), run_at is domain time, not_before (the pause after a failed page) real time. Owner: core/work.';
CREATE UNIQUE INDEX module_job_once ON module_job (module, kind, scope_id, once) WHERE once <> '';
CREATE INDEX module_job_due ON module_job (run_at) WHERE state IN ('waiting', 'running');
CREATE INDEX module_job_list ON module_job (state, seq);

-- +goose Down
DROP TABLE module_job, module_schedule;
