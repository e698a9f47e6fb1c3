-- +goose Up
CREATE TABLE need (
    id uuid PRIMARY KEY,
    institution_id uuid NOT NULL REFERENCES institution (id),
    topic text NOT NULL,
    school_year integer NOT NULL,
    note text NOT NULL DEFAULT '',
    people integer NOT NULL,
    reported_by uuid NOT NULL REFERENCES person (id),
    reported_at timestamptz NOT NULL,
    network_id uuid REFERENCES network (id),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT need_once UNIQUE (institution_id, topic, school_year),
    CONSTRAINT need_topic CHECK (topic ~ '^[a-z0-9-]{1,60}$'),
    CONSTRAINT need_year CHECK (school_year BETWEEN 2000 AND 2200),
    CONSTRAINT need_note CHECK (length(note) <= 1000),
    CONSTRAINT need_people CHECK (people BETWEEN 1 AND 500)
);
COMMENT ON TABLE need IS 'What schools need, a topic of the library''s vocabulary and a school year each; network_id is the network that was founded to meet it. Owner: core/need.';
CREATE INDEX need_topic_index ON need (school_year, topic, institution_id);
CREATE INDEX need_reported_by ON need (reported_by);
CREATE INDEX need_network ON need (network_id);

CREATE TABLE need_plan (
    id uuid PRIMARY KEY,
    centre_id uuid NOT NULL REFERENCES institution (id),
    topic text NOT NULL,
    school_year integer NOT NULL,
    institution_ids uuid[] NOT NULL,
    made_by uuid NOT NULL REFERENCES person (id),
    made_at timestamptz NOT NULL,
    network_id uuid CONSTRAINT need_plan_network_once UNIQUE REFERENCES network (id),
    CONSTRAINT need_plan_some CHECK (cardinality(institution_ids) BETWEEN 1 AND 200)
);
COMMENT ON TABLE need_plan IS 'Schools with one need, chosen by a centre to found a network for them; network_id once it is founded. Owner: core/need.';
CREATE INDEX need_plan_centre ON need_plan (centre_id);
CREATE INDEX need_plan_made_by ON need_plan (made_by);

-- +goose Down
DROP TABLE need_plan, need;
