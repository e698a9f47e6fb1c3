-- +goose Up
CREATE TABLE network_direction (
    network_id uuid REFERENCES network (id),
    direction text CONSTRAINT network_direction_code CHECK (direction ~ '^[a-z0-9-]{1,40}$'),
    tagged_by uuid REFERENCES person (id),
    tagged_at timestamptz NOT NULL,
    PRIMARY KEY (network_id, direction)
);
COMMENT ON TABLE network_direction IS 'Which of the minister''s yearly directions of education policy a network works on, by their codes in the library''s vocabulary. Owner: core/oversight.';
CREATE INDEX network_direction_code_index ON network_direction (direction, network_id);
CREATE INDEX network_direction_tagged_by ON network_direction (tagged_by);

-- +goose Down
DROP TABLE network_direction;
