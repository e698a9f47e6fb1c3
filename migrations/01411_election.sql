-- +goose Up
CREATE TABLE election (
    id uuid PRIMARY KEY,
    network_id uuid NOT NULL REFERENCES network (id),
    state text NOT NULL DEFAULT 'standing',
    opened_by uuid NOT NULL REFERENCES person (id),
    note text NOT NULL DEFAULT '',
    quorum integer NOT NULL,
    stand_until timestamptz NOT NULL,
    vote_until timestamptz NOT NULL,
    ballot_id uuid REFERENCES ballot (id),
    eligible integer,
    votes integer,
    winner_id uuid REFERENCES person (id),
    reason text NOT NULL DEFAULT '',
    decided_by uuid REFERENCES person (id),
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT election_state CHECK (state IN ('standing', 'voting', 'elected', 'confirmed', 'refused', 'failed', 'cancelled')),
    CONSTRAINT election_note CHECK (length(note) <= 2000),
    CONSTRAINT election_reason CHECK (length(reason) <= 2000),
    CONSTRAINT election_quorum CHECK (quorum BETWEEN 1 AND 100),
    CONSTRAINT election_times CHECK (vote_until > stand_until),
    CONSTRAINT election_ballot CHECK ((state IN ('voting', 'elected', 'confirmed', 'refused')) <= (ballot_id IS NOT NULL)),
    CONSTRAINT election_winner CHECK ((state IN ('elected', 'confirmed', 'refused')) = (winner_id IS NOT NULL)),
    CONSTRAINT election_ended CHECK ((state IN ('standing', 'voting', 'elected')) = (ended_at IS NULL))
);
COMMENT ON TABLE election IS 'Secret elections of a network''s next coordinator: candidates stand, members vote through an urn (core/ballot), the centre confirms. reason says why an election failed or was refused. Owner: core/election.';
CREATE INDEX election_network ON election (network_id, id DESC);
CREATE INDEX election_ballot ON election (ballot_id);
CREATE INDEX election_opened_by ON election (opened_by);
CREATE INDEX election_winner ON election (winner_id);
CREATE INDEX election_decided_by ON election (decided_by);
CREATE INDEX election_standing ON election (stand_until) WHERE state = 'standing';
CREATE INDEX election_voting ON election (vote_until) WHERE state = 'voting';
CREATE UNIQUE INDEX election_one_open ON election (network_id) WHERE state IN ('standing', 'voting', 'elected');

CREATE TABLE election_candidate (
    election_id uuid NOT NULL REFERENCES election (id) ON DELETE CASCADE,
    person_id uuid NOT NULL REFERENCES person (id),
    statement text NOT NULL,
    votes integer,
    stood_at timestamptz NOT NULL,
    PRIMARY KEY (election_id, person_id),
    CONSTRAINT election_candidate_statement CHECK (length(statement) BETWEEN 1 AND 2000)
);
COMMENT ON TABLE election_candidate IS 'Who stands in an election, with what they say; votes after the count. Owner: core/election.';
CREATE INDEX election_candidate_person ON election_candidate (person_id);

CREATE TABLE handover_item (
    id uuid PRIMARY KEY,
    election_id uuid NOT NULL REFERENCES election (id) ON DELETE CASCADE,
    position integer NOT NULL,
    key text NOT NULL DEFAULT '',
    text text NOT NULL DEFAULT '',
    done_by uuid REFERENCES person (id),
    done_at timestamptz,
    CONSTRAINT handover_item_text CHECK ((key = '') <> (text = '') AND length(text) <= 500),
    CONSTRAINT handover_item_done CHECK ((done_by IS NULL) = (done_at IS NULL))
);
COMMENT ON TABLE handover_item IS 'What the former coordinator passes on to the elected one: a text of the catalogue (key) or an own one. Owner: core/election.';
CREATE INDEX handover_item_election ON handover_item (election_id, position);
CREATE INDEX handover_item_done_by ON handover_item (done_by);

-- +goose Down
DROP TABLE handover_item, election_candidate, election;
