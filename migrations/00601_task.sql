-- +goose Up
CREATE TABLE task (
    id uuid PRIMARY KEY,
    module text NOT NULL,
    type text NOT NULL,
    programme_id uuid REFERENCES programme (id),
    network_id uuid REFERENCES network (id),
    group_id uuid REFERENCES network_group (id),
    assignee_kind text NOT NULL,
    assignee_id uuid NOT NULL,
    title text NOT NULL,
    instructions text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'open',
    due_at timestamptz,
    assigned_by uuid REFERENCES person (id),
    form_rev integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT task_scope CHECK (programme_id IS NOT NULL OR network_id IS NOT NULL),
    CONSTRAINT task_assignee CHECK (assignee_kind IN ('person', 'group', 'network')),
    CONSTRAINT task_state CHECK (state IN ('open', 'submitted', 'returned', 'accepted', 'escalated', 'cancelled')),
    CONSTRAINT task_title CHECK (length(title) BETWEEN 1 AND 200)
);
COMMENT ON TABLE task IS 'Human tasks of module-declared types. Owner: core/task.';
CREATE INDEX task_network ON task (network_id, state, id);
CREATE INDEX task_programme ON task (programme_id, state, id);
CREATE INDEX task_group ON task (group_id, state, id);
CREATE INDEX task_assignee_index ON task (assignee_kind, assignee_id, state, id);
CREATE INDEX task_assigned_by ON task (assigned_by);
CREATE INDEX task_due ON task (due_at) WHERE state IN ('open', 'returned');

CREATE TABLE task_submission (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES task (id),
    no integer NOT NULL,
    form_rev integer NOT NULL DEFAULT 0,
    data jsonb NOT NULL,
    submitted_by uuid NOT NULL REFERENCES person (id),
    submitted_at timestamptz NOT NULL,
    CONSTRAINT task_submission_once UNIQUE (task_id, no),
    CONSTRAINT task_submission_size CHECK (octet_length(data::text) <= 1048576)
);
COMMENT ON TABLE task_submission IS 'What was handed in for a task, each time anew. Owner: core/task.';
CREATE INDEX task_submission_by ON task_submission (submitted_by);

CREATE TABLE task_author (
    submission_id uuid NOT NULL REFERENCES task_submission (id),
    person_id uuid NOT NULL REFERENCES person (id),
    PRIMARY KEY (submission_id, person_id)
);
COMMENT ON TABLE task_author IS 'The authors of a shared submission. Owner: core/task.';
CREATE INDEX task_author_person ON task_author (person_id);

CREATE TABLE task_decision (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES task (id),
    submission_id uuid REFERENCES task_submission (id),
    verdict text NOT NULL,
    note text NOT NULL DEFAULT '',
    due_at timestamptz,
    decided_by uuid REFERENCES person (id),
    at timestamptz NOT NULL,
    CONSTRAINT task_decision_verdict CHECK (verdict IN ('returned', 'accepted', 'escalated', 'cancelled', 'reopened'))
);
COMMENT ON TABLE task_decision IS 'Decisions on submissions: accepted, returned with remarks and a date, escalated. Owner: core/task.';
CREATE INDEX task_decision_task ON task_decision (task_id, id);
CREATE INDEX task_decision_submission ON task_decision (submission_id);
CREATE INDEX task_decision_by ON task_decision (decided_by);

CREATE TABLE task_remark (
    id uuid PRIMARY KEY,
    decision_id uuid NOT NULL REFERENCES task_decision (id),
    path text NOT NULL DEFAULT '',
    quote text NOT NULL DEFAULT '',
    start_rune integer,
    body text NOT NULL,
    CONSTRAINT task_remark_body CHECK (length(body) BETWEEN 1 AND 4000)
);
COMMENT ON TABLE task_remark IS 'Remarks anchored to an item of the submission: path with row ids, quote, offset in runes. Owner: core/task.';
CREATE INDEX task_remark_decision ON task_remark (decision_id);

-- +goose Down
DROP TABLE task_remark, task_decision, task_author, task_submission, task;
