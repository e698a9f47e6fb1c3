-- +goose Up
CREATE TABLE school_break (
    voivodeship text NOT NULL,
    year integer NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    source text NOT NULL,
    saved_by uuid REFERENCES person (id),
    saved_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (voivodeship, year),
    CONSTRAINT school_break_voivodeship CHECK (voivodeship ~ '^(0[2468]|[12][02468]|3[02])$'),
    CONSTRAINT school_break_year CHECK (year = extract(year FROM starts_on) AND year BETWEEN 2000 AND 2100),
    CONSTRAINT school_break_span CHECK (ends_on BETWEEN starts_on + 6 AND starts_on + 20),
    CONSTRAINT school_break_source CHECK (length(source) BETWEEN 1 AND 200)
);
COMMENT ON TABLE school_break IS 'Winter breaks of voivodeships (TERYT codes) that an administrator entered; they come before those that the program ships. Owner: core/schedule/almanac.';
CREATE INDEX school_break_saved_by ON school_break (saved_by);

CREATE TABLE calendar_feed (
    person_id uuid PRIMARY KEY REFERENCES person (id),
    token_hash bytea NOT NULL CONSTRAINT calendar_feed_token_once UNIQUE,
    created_at timestamptz NOT NULL,
    CONSTRAINT calendar_feed_hash CHECK (octet_length(token_hash) = 32)
);
COMMENT ON TABLE calendar_feed IS 'Addresses at which people''s calendars read their meetings, one a person, by the SHA-256 of the secret part. Owner: core/schedule/feed.';

CREATE TABLE poll (
    id uuid PRIMARY KEY,
    network_id uuid NOT NULL REFERENCES network (id),
    kind text NOT NULL,
    title text COLLATE "pl-x-icu" NOT NULL,
    note text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'open',
    answer_by timestamptz NOT NULL,
    chosen_slot uuid,
    meeting_id uuid REFERENCES meeting (id) ON DELETE SET NULL,
    created_by uuid REFERENCES person (id),
    created_at timestamptz NOT NULL,
    closed_at timestamptz,
    reminded_at timestamptz,
    due_told_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT poll_kind CHECK (kind ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT poll_title CHECK (length(title) BETWEEN 3 AND 200),
    CONSTRAINT poll_note CHECK (length(note) <= 2000),
    CONSTRAINT poll_state CHECK (state IN ('open', 'closed', 'chosen')),
    CONSTRAINT poll_chosen CHECK ((state = 'chosen') = (chosen_slot IS NOT NULL) AND (meeting_id IS NULL OR state = 'chosen')),
    CONSTRAINT poll_closed CHECK ((state = 'open') = (closed_at IS NULL))
);
COMMENT ON TABLE poll IS 'Polls for the date of a meeting: open, closed without a choice, or with a slot chosen and the meeting made of it. due_told_at is when the coordinator was told that the date to answer by passed. Owner: core/schedule/poll.';
CREATE INDEX poll_network ON poll (network_id, id);
CREATE INDEX poll_meeting ON poll (meeting_id);
CREATE INDEX poll_created_by ON poll (created_by);
CREATE INDEX poll_open ON poll (answer_by) WHERE state = 'open';

CREATE TABLE poll_slot (
    id uuid PRIMARY KEY,
    poll_id uuid NOT NULL REFERENCES poll (id) ON DELETE CASCADE,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    CONSTRAINT poll_slot_once UNIQUE (poll_id, starts_at, ends_at),
    CONSTRAINT poll_slot_length CHECK (ends_at BETWEEN starts_at + interval '15 minutes' AND starts_at + interval '12 hours')
);
COMMENT ON TABLE poll_slot IS 'The proposed dates of a poll, at most 20. Owner: core/schedule/poll.';

ALTER TABLE poll ADD CONSTRAINT poll_chosen_slot FOREIGN KEY (chosen_slot) REFERENCES poll_slot (id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX poll_chosen_slot_index ON poll (chosen_slot);

CREATE TABLE poll_answer (
    slot_id uuid NOT NULL REFERENCES poll_slot (id) ON DELETE CASCADE,
    person_id uuid NOT NULL REFERENCES person (id),
    answer text NOT NULL,
    answered_at timestamptz NOT NULL,
    PRIMARY KEY (slot_id, person_id),
    CONSTRAINT poll_answer_kind CHECK (answer IN ('yes', 'maybe', 'no'))
);
COMMENT ON TABLE poll_answer IS 'Who can come when: yes, maybe (if need be), no. A row a person and slot: any number answer at once. Owner: core/schedule/poll.';
CREATE INDEX poll_answer_person ON poll_answer (person_id);

CREATE TABLE poll_conflict (
    id uuid PRIMARY KEY,
    poll_id uuid NOT NULL REFERENCES poll (id) ON DELETE CASCADE,
    person_id uuid NOT NULL REFERENCES person (id),
    note text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'open',
    raised_at timestamptz NOT NULL,
    reason text NOT NULL DEFAULT '',
    settled_by uuid REFERENCES person (id),
    settled_at timestamptz,
    CONSTRAINT poll_conflict_note CHECK (length(note) <= 500),
    CONSTRAINT poll_conflict_state CHECK (state IN ('open', 'kept', 'withdrawn')),
    CONSTRAINT poll_conflict_settled CHECK ((state = 'open') = (settled_at IS NULL) AND (state <> 'kept' OR length(reason) BETWEEN 1 AND 500))
);
COMMENT ON TABLE poll_conflict IS 'Somebody who can no longer come on the chosen date; the coordinator keeps the date with a reason or moves the meeting. Owner: core/schedule/poll.';
CREATE INDEX poll_conflict_poll ON poll_conflict (poll_id, id);
CREATE INDEX poll_conflict_person ON poll_conflict (person_id);
CREATE INDEX poll_conflict_settled_by ON poll_conflict (settled_by);
CREATE UNIQUE INDEX poll_conflict_open_once ON poll_conflict (poll_id, person_id) WHERE state = 'open';

-- +goose Down
DROP TABLE poll_conflict, poll_answer;
ALTER TABLE poll DROP CONSTRAINT poll_chosen_slot;
DROP TABLE poll_slot, poll, calendar_feed, school_break;
