-- +goose Up
CREATE TABLE ballot (
    id uuid PRIMARY KEY,
    slug text NOT NULL CONSTRAINT ballot_slug_once UNIQUE,
    state text NOT NULL DEFAULT 'open',
    secret bytea,
    eligible integer NOT NULL,
    issued integer,
    answers integer,
    CONSTRAINT ballot_slug CHECK (slug ~ '^[A-Z2-7]{5}$'),
    CONSTRAINT ballot_state CHECK (state IN ('open', 'closed')),
    CONSTRAINT ballot_eligible CHECK (eligible >= 1),
    CONSTRAINT ballot_ended CHECK ((state = 'closed') = (issued IS NOT NULL AND answers IS NOT NULL)),
    CONSTRAINT ballot_secret CHECK ((state = 'open') = (secret IS NOT NULL))
);
COMMENT ON TABLE ballot IS 'Secret ballots. secret is half of the key under which codes are made and answers lie sealed while the ballot is open; closing destroys it. issued and answers are counted at closing. Nothing here has a time. Owner: core/ballot.';

CREATE TABLE ballot_voter (
    ballot_id uuid NOT NULL REFERENCES ballot (id),
    person_id uuid NOT NULL REFERENCES person (id),
    issued boolean NOT NULL DEFAULT false,
    receipt bytea,
    PRIMARY KEY (ballot_id, person_id),
    CONSTRAINT ballot_voter_receipt CHECK (receipt IS NULL OR octet_length(receipt) = 32)
);
COMMENT ON TABLE ballot_voter IS 'Who may answer and whether they took their code; deleted when the ballot closes. receipt recognises a form that was sent twice; it is forgotten within two minutes. Owner: core/ballot.';
CREATE INDEX ballot_voter_person ON ballot_voter (person_id, ballot_id) WHERE NOT issued;
CREATE INDEX ballot_voter_everybody ON ballot_voter (person_id);
CREATE INDEX ballot_voter_receipts ON ballot_voter (ballot_id) WHERE receipt IS NOT NULL;

CREATE TABLE ballot_paper (
    hash bytea PRIMARY KEY,
    ballot_id uuid NOT NULL REFERENCES ballot (id),
    draft bytea,
    sealed bytea,
    CONSTRAINT ballot_paper_hash CHECK (octet_length(hash) = 32),
    CONSTRAINT ballot_paper_one CHECK (draft IS NULL OR sealed IS NULL),
    CONSTRAINT ballot_paper_size CHECK (octet_length(draft) <= 600000 AND octet_length(sealed) <= 600000)
);
COMMENT ON TABLE ballot_paper IS 'Papers of open ballots by the SHA-256 of their code: what is being written (readable with the code alone) or the sealed answer. No person, no time; deleted when the ballot closes. Owner: core/ballot.';
CREATE INDEX ballot_paper_ballot ON ballot_paper (ballot_id);

CREATE TABLE ballot_answer (
    id uuid PRIMARY KEY,
    ballot_id uuid NOT NULL REFERENCES ballot (id),
    payload text NOT NULL
);
COMMENT ON TABLE ballot_answer IS 'Answers of closed ballots, written all at once in a random order under random ids. Owner: core/ballot.';
CREATE INDEX ballot_answer_ballot ON ballot_answer (ballot_id, id);

CREATE TABLE evaluation_round (
    id uuid PRIMARY KEY,
    network_id uuid NOT NULL REFERENCES network (id),
    module text NOT NULL,
    tool text NOT NULL,
    title text NOT NULL,
    design jsonb NOT NULL,
    form text,
    state text NOT NULL DEFAULT 'draft',
    anonymous boolean NOT NULL DEFAULT true,
    threshold integer NOT NULL DEFAULT 5,
    ballot_id uuid CONSTRAINT evaluation_round_ballot_once UNIQUE REFERENCES ballot (id),
    created_by uuid REFERENCES person (id),
    created_at timestamptz NOT NULL,
    opened_at timestamptz,
    closes_at timestamptz,
    closed_at timestamptz,
    reminded_at timestamptz,
    outcome text NOT NULL DEFAULT '',
    result text,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT evaluation_round_title CHECK (length(title) BETWEEN 3 AND 200),
    CONSTRAINT evaluation_round_state CHECK (state IN ('draft', 'open', 'closed')),
    CONSTRAINT evaluation_round_threshold CHECK (anonymous AND threshold >= 5),
    CONSTRAINT evaluation_round_opened CHECK (state = 'draft' OR (form IS NOT NULL AND ballot_id IS NOT NULL AND opened_at IS NOT NULL AND closes_at IS NOT NULL)),
    CONSTRAINT evaluation_round_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CONSTRAINT evaluation_round_outcome CHECK (outcome IN ('', 'pending', 'few', 'ready', 'failed') AND (state = 'closed') = (outcome <> '')),
    CONSTRAINT evaluation_round_result CHECK ((outcome = 'ready') = (result IS NOT NULL))
);
COMMENT ON TABLE evaluation_round IS 'Rounds of evaluation of a network: the questions chosen, the questionnaire as it was opened, and what was found, already without what would tell about single people. Owner: core/evaluation.';
CREATE INDEX evaluation_round_network ON evaluation_round (network_id, id DESC);
CREATE INDEX evaluation_round_created_by ON evaluation_round (created_by);
CREATE INDEX evaluation_round_deadline ON evaluation_round (closes_at) WHERE state = 'open';
CREATE UNIQUE INDEX evaluation_round_one_open ON evaluation_round (network_id) WHERE state = 'open';

-- What people were promised before they answered cannot change afterwards, not
-- even by hand.
-- +goose StatementBegin
CREATE FUNCTION evaluation_round_promise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (NEW.anonymous, NEW.threshold, NEW.form, NEW.design, NEW.ballot_id, NEW.network_id, NEW.module, NEW.tool)
        IS DISTINCT FROM (OLD.anonymous, OLD.threshold, OLD.form, OLD.design, OLD.ballot_id, OLD.network_id, OLD.module, OLD.tool)
        OR OLD.state <> 'draft' AND NEW.state = 'draft' OR OLD.state = 'closed' AND NEW.state <> 'closed' THEN
        RAISE EXCEPTION 'an opened evaluation keeps its questions, its anonymity and its threshold'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'evaluation_round_promise', TABLE = 'evaluation_round';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER evaluation_round_promise BEFORE UPDATE ON evaluation_round FOR EACH ROW EXECUTE FUNCTION evaluation_round_promise();

-- +goose Down
DROP TABLE evaluation_round, ballot_answer, ballot_paper, ballot_voter, ballot;
DROP FUNCTION evaluation_round_promise();
