-- +goose Up
CREATE TABLE programme_deliverable (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL REFERENCES programme (id),
    title text NOT NULL,
    kind text NOT NULL,
    target integer NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT programme_deliverable_once UNIQUE (programme_id, title),
    CONSTRAINT programme_deliverable_title CHECK (length(title) BETWEEN 1 AND 200),
    CONSTRAINT programme_deliverable_kind CHECK (kind IN ('report', 'review', 'practice', 'analysis', 'plan', 'platform', 'other')),
    CONSTRAINT programme_deliverable_target CHECK (target BETWEEN 1 AND 100000)
);
COMMENT ON TABLE programme_deliverable IS 'What a programme promised to produce, with how many of it. Owner: core/programme.';

CREATE TABLE programme_deliverable_item (
    id uuid PRIMARY KEY,
    deliverable_id uuid NOT NULL REFERENCES programme_deliverable (id),
    title text NOT NULL,
    link text NOT NULL,
    done_on date NOT NULL,
    added_by uuid REFERENCES person (id),
    added_at timestamptz NOT NULL,
    CONSTRAINT programme_deliverable_item_once UNIQUE (deliverable_id, link),
    CONSTRAINT programme_deliverable_item_title CHECK (length(title) BETWEEN 1 AND 200),
    CONSTRAINT programme_deliverable_item_link CHECK (link ~ '^https?://' AND length(link) <= 1000)
);
COMMENT ON TABLE programme_deliverable_item IS 'What was produced, each with the address of the evidence and its day; one piece of evidence counts once. Owner: core/programme.';
CREATE INDEX programme_deliverable_item_page ON programme_deliverable_item (deliverable_id, id);
CREATE INDEX programme_deliverable_item_added_by ON programme_deliverable_item (added_by);

-- +goose Down
DROP TABLE programme_deliverable_item, programme_deliverable;
