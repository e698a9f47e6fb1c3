-- +goose Up
CREATE TABLE year_report (
    id uuid PRIMARY KEY,
    school_year integer NOT NULL,
    day date NOT NULL,
    programme_id uuid REFERENCES programme (id) ON DELETE CASCADE,
    state text NOT NULL DEFAULT 'waiting',
    done integer NOT NULL DEFAULT 0,
    total integer NOT NULL,
    places jsonb,
    asked_by uuid NOT NULL REFERENCES person (id),
    job_id bigint,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT year_report_state CHECK (state IN ('waiting', 'done', 'failed', 'cancelled')),
    CONSTRAINT year_report_year CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT year_report_progress CHECK (done BETWEEN 0 AND total),
    CONSTRAINT year_report_places CHECK ((state = 'done') = (places IS NOT NULL)),
    CONSTRAINT year_report_ended CHECK ((state = 'waiting') = (ended_at IS NULL))
);
COMMENT ON TABLE year_report IS 'Yearly reports of the whole country that take too long for a page: counted by a job in parts (done of total), kept as they were counted, a year and a month long. Owner: core/oversight.';
CREATE INDEX year_report_question ON year_report (school_year, day, id DESC);
CREATE INDEX year_report_programme ON year_report (programme_id);
CREATE INDEX year_report_asked_by ON year_report (asked_by);
CREATE UNIQUE INDEX year_report_one_open ON year_report (school_year, day, coalesce(programme_id, '00000000-0000-0000-0000-000000000000')) WHERE state = 'waiting';

-- +goose Down
DROP TABLE year_report;
