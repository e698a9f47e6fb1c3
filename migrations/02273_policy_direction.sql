-- +goose Up
CREATE TABLE policy_direction (
    code text CONSTRAINT policy_direction_pkey PRIMARY KEY,
    school_year integer NOT NULL,
    no integer NOT NULL,
    name text NOT NULL,
    english text NOT NULL DEFAULT '',
    added_by uuid REFERENCES person (id),
    added_at timestamptz NOT NULL,
    CONSTRAINT policy_direction_code CHECK (code ~ '^[a-z0-9-]{1,40}$'),
    CONSTRAINT policy_direction_year CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT policy_direction_name CHECK (length(name) BETWEEN 3 AND 300),
    CONSTRAINT policy_direction_english CHECK (length(english) <= 300),
    CONSTRAINT policy_direction_once UNIQUE (school_year, name)
);
COMMENT ON TABLE policy_direction IS 'Directions of education policy that the minister announced for a school year and that do not come with the program: entered by ORE. Codes are the year with a number, as of those that come with it. Owner: core/oversight.';
CREATE INDEX policy_direction_added_by ON policy_direction (added_by);

-- +goose Down
DROP TABLE policy_direction;
