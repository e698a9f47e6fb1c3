-- +goose Up
ALTER TABLE network_direction
    ADD COLUMN untagged_by uuid REFERENCES person (id),
    ADD COLUMN untagged_at timestamptz,
    ADD CONSTRAINT network_direction_validity CHECK (untagged_at IS NULL OR untagged_at >= tagged_at),
    DROP CONSTRAINT network_direction_pkey,
    ADD CONSTRAINT network_direction_pkey PRIMARY KEY (network_id, direction, tagged_at);
CREATE UNIQUE INDEX network_direction_open ON network_direction (network_id, direction) WHERE untagged_at IS NULL;
CREATE INDEX network_direction_untagged_by ON network_direction (untagged_by);
COMMENT ON TABLE network_direction IS 'Which of the minister''s yearly directions of education policy a network works on, by their codes in the library''s vocabulary, from when to when; untagged_at null: now. Owner: core/oversight.';

-- +goose Down
DELETE FROM network_direction WHERE untagged_at IS NOT NULL;
DROP INDEX network_direction_open;
ALTER TABLE network_direction DROP CONSTRAINT network_direction_pkey, ADD CONSTRAINT network_direction_pkey PRIMARY KEY (network_id, direction),
    DROP CONSTRAINT network_direction_validity, DROP COLUMN untagged_at, DROP COLUMN untagged_by;
