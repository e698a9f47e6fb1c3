-- +goose Up
CREATE TABLE task (
    id uuid PRIMARY KEY,
    module text NOT NULL,
    type text NOT NULL,
    scope_kind text NOT NULL,
    scope_id uuid NOT NULL,
    parent_id uuid REFERENCES task (id),
    assignee_kind text,
    assignee_id uuid,
    each boolean NOT NULL DEFAULT false,
    title text NOT NULL,
    instructions text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'open',
    due_at timestamptz,
    assigned_by uuid REFERENCES person (id),
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT task_scope_kind CHECK (scope_kind IN ('programme', 'network', 'group', 'membership')),
    CONSTRAINT task_assignee CHECK (assignee_kind IN ('person', 'group', 'network') AND assignee_id IS NOT NULL OR assignee_kind IS NULL AND assignee_id IS NULL),
    CONSTRAINT task_each CHECK (NOT each OR assignee_kind = 'network' AND parent_id IS NULL AND state IN ('open', 'cancelled')),
    CONSTRAINT task_part CHECK (parent_id IS NULL OR assignee_kind = 'person'),
    CONSTRAINT task_state CHECK (state IN ('open', 'submitted', 'returned', 'accepted', 'escalated', 'cancelled')),
    CONSTRAINT task_returned CHECK (state <> 'returned' OR due_at IS NOT NULL),
    CONSTRAINT task_title CHECK (length(title) BETWEEN 1 AND 200),
    CONSTRAINT task_instructions CHECK (length(instructions) <= 4000)
);
COMMENT ON TABLE task IS 'Human tasks of module-declared types. A task for everybody in a network (each) stays open; a member''s own part is a row of its own under it (parent_id), made when the member first hands something in. Owner: core/task.';
CREATE INDEX task_scope ON task (scope_id, state, id);
CREATE INDEX task_assignee_index ON task (assignee_id, state, id);
CREATE UNIQUE INDEX task_part_once ON task (parent_id, assignee_id) WHERE parent_id IS NOT NULL;
CREATE INDEX task_assigned_by ON task (assigned_by);
CREATE INDEX task_of_type ON task (module, type, id);

CREATE TABLE task_form (
    module text NOT NULL,
    type text NOT NULL,
    rev integer NOT NULL,
    sha256 bytea NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (module, type, rev),
    CONSTRAINT task_form_size CHECK (octet_length(document) <= 262144)
);
COMMENT ON TABLE task_form IS 'Every published revision of a task type''s form; immutable, submissions stay at theirs and can be read without the module. Owner: core/task.';

CREATE TABLE task_submission (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES task (id),
    no integer NOT NULL,
    form_rev integer NOT NULL,
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
COMMENT ON TABLE task_author IS 'The authors of a submission; several where a group or network hands in together. Owner: core/task.';
CREATE INDEX task_author_person ON task_author (person_id);

CREATE TABLE task_decision (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES task (id),
    no integer NOT NULL,
    submission_id uuid REFERENCES task_submission (id),
    verdict text NOT NULL,
    note text NOT NULL DEFAULT '',
    due_at timestamptz,
    decided_by uuid REFERENCES person (id),
    at timestamptz NOT NULL,
    CONSTRAINT task_decision_once UNIQUE (task_id, no),
    CONSTRAINT task_decision_verdict CHECK (verdict IN ('returned', 'accepted', 'escalated', 'cancelled', 'reopened')),
    CONSTRAINT task_decision_note CHECK (length(note) <= 4000),
    CONSTRAINT task_decision_returned CHECK (verdict <> 'returned' OR due_at IS NOT NULL AND submission_id IS NOT NULL)
);
COMMENT ON TABLE task_decision IS 'Decisions on submissions: accepted, returned with remarks and a date, escalated; and on tasks: cancelled, reopened. Owner: core/task.';
CREATE INDEX task_decision_submission ON task_decision (submission_id);
CREATE INDEX task_decision_by ON task_decision (decided_by);

CREATE TABLE task_remark (
    id uuid PRIMARY KEY,
    decision_id uuid NOT NULL REFERENCES task_decision (id),
    no integer NOT NULL,
    path text NOT NULL DEFAULT '',
    quote text NOT NULL DEFAULT '',
    start_rune integer NOT NULL DEFAULT 0,
    body text NOT NULL,
    CONSTRAINT task_remark_once UNIQUE (decision_id, no),
    CONSTRAINT task_remark_path CHECK (length(path) <= 200),
    CONSTRAINT task_remark_quote CHECK (length(quote) <= 500 AND start_rune >= 0),
    CONSTRAINT task_remark_body CHECK (length(body) BETWEEN 1 AND 2000)
);
COMMENT ON TABLE task_remark IS 'Remarks anchored to an item of the submission: path with row ids, quote, offset in runes. Owner: core/task.';

-- +goose Down
DROP TABLE task_remark, task_decision, task_author, task_submission, task_form, task;
