-- +goose Up
CREATE TABLE meeting (
    id uuid PRIMARY KEY,
    network_id uuid NOT NULL REFERENCES network (id),
    kind text NOT NULL,
    title text COLLATE "pl-x-icu" NOT NULL,
    note text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'draft',
    school_year integer NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    onsite boolean NOT NULL,
    online boolean NOT NULL,
    place text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT '',
    link text NOT NULL DEFAULT '',
    reason text NOT NULL DEFAULT '',
    minutes text NOT NULL DEFAULT '',
    created_by uuid REFERENCES person (id),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    announced_at timestamptz,
    programme_alarm_at timestamptz,
    programme_sent_at timestamptz,
    programme_no integer NOT NULL DEFAULT 0,
    register_at timestamptz,
    closed_at timestamptz,
    cancelled_at timestamptz,
    sequence integer NOT NULL DEFAULT 0,
    moved integer NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    minutes_version integer NOT NULL DEFAULT 1,
    CONSTRAINT meeting_kind CHECK (kind ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT meeting_title CHECK (length(title) BETWEEN 3 AND 200),
    CONSTRAINT meeting_note CHECK (length(note) <= 4000),
    CONSTRAINT meeting_state CHECK (state IN ('draft', 'announced', 'held', 'closed', 'cancelled')),
    CONSTRAINT meeting_school_year CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT meeting_period CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '11 days'),
    CONSTRAINT meeting_way CHECK (state = 'draft' OR onsite OR online),
    CONSTRAINT meeting_place CHECK (length(place) <= 200 AND length(address) <= 1000),
    CONSTRAINT meeting_link CHECK (link = '' OR link ~ '^https?://' AND length(link) <= 1000),
    CONSTRAINT meeting_reason CHECK (length(reason) <= 1000 AND (state <> 'cancelled' OR reason <> '')),
    CONSTRAINT meeting_minutes CHECK (length(minutes) <= 20000),
    CONSTRAINT meeting_announced CHECK (state IN ('draft', 'cancelled') OR announced_at IS NOT NULL),
    CONSTRAINT meeting_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CONSTRAINT meeting_cancelled CHECK ((state = 'cancelled') = (cancelled_at IS NOT NULL))
);
COMMENT ON TABLE meeting IS 'Meetings of networks. place is the venue that everybody inside reads, address and link only those who come that way; sequence counts what calendars must learn (iCalendar SEQUENCE), moved how often the time changed: answers and reminders belong to one of these times; register_at is when attendance was first saved. Owner: core/schedule.';
CREATE INDEX meeting_network ON meeting (network_id, starts_at, id);
CREATE INDEX meeting_created_by ON meeting (created_by);
CREATE INDEX meeting_going ON meeting (ends_at) WHERE state = 'announced';

CREATE TABLE meeting_item (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
    position integer NOT NULL,
    title text NOT NULL,
    minutes integer NOT NULL,
    method text NOT NULL DEFAULT '',
    leader_id uuid REFERENCES person (id),
    leader_name text NOT NULL DEFAULT '',
    member_led boolean NOT NULL DEFAULT false,
    expert boolean NOT NULL DEFAULT false,
    fixed boolean NOT NULL DEFAULT false,
    source_id uuid REFERENCES agenda_item (id),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT meeting_item_place UNIQUE (meeting_id, position) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT meeting_item_title CHECK (length(title) BETWEEN 1 AND 200),
    CONSTRAINT meeting_item_minutes CHECK (minutes BETWEEN 0 AND 600),
    CONSTRAINT meeting_item_method CHECK (method IN ('', 'lecture', 'presentation', 'coaching', 'discussion', 'workshop', 'break')),
    CONSTRAINT meeting_item_leader CHECK (length(leader_name) <= 200 AND (leader_id IS NULL OR leader_name = '')),
    CONSTRAINT meeting_item_member CHECK (NOT member_led OR leader_id IS NOT NULL)
);
COMMENT ON TABLE meeting_item IS 'The agenda of a meeting in its order. member_led: a member who does not lead the network leads the item, as it was when the leader was named; expert: an expert of the network or a guest by name does; fixed items come with the kind of meeting; source_id is the adopted proposal that the item came from. A break counts no teaching hours. Owner: core/schedule.';
CREATE INDEX meeting_item_leader_index ON meeting_item (leader_id);
CREATE INDEX meeting_item_source ON meeting_item (source_id);

CREATE TABLE meeting_answer (
    meeting_id uuid NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
    person_id uuid NOT NULL REFERENCES person (id),
    answer text NOT NULL,
    moved integer NOT NULL,
    answered_at timestamptz NOT NULL,
    PRIMARY KEY (meeting_id, person_id),
    CONSTRAINT meeting_answer_kind CHECK (answer IN ('onsite', 'online', 'no'))
);
COMMENT ON TABLE meeting_answer IS 'Answers to invitations; moved is the time of the meeting (meeting.moved) that was answered. A row of its own for each person: any number answer at once. Owner: core/schedule.';
CREATE INDEX meeting_answer_person ON meeting_answer (person_id);

CREATE TABLE meeting_attendance (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
    person_id uuid REFERENCES person (id),
    presence text NOT NULL,
    guest_name text NOT NULL DEFAULT '',
    guest_school text NOT NULL DEFAULT '',
    via text NOT NULL,
    marked_by uuid REFERENCES person (id),
    marked_at timestamptz NOT NULL,
    CONSTRAINT meeting_attendance_once UNIQUE (meeting_id, person_id),
    CONSTRAINT meeting_attendance_presence CHECK (presence IN ('onsite', 'online', 'excused', 'absent', 'guest')),
    CONSTRAINT meeting_attendance_guest CHECK ((presence = 'guest') = (person_id IS NULL) AND (guest_name <> '') = (presence = 'guest')),
    CONSTRAINT meeting_attendance_names CHECK (length(guest_name) <= 200 AND length(guest_school) <= 200),
    CONSTRAINT meeting_attendance_via CHECK (via IN ('register', 'code'))
);
COMMENT ON TABLE meeting_attendance IS 'Who was at a meeting: members by account, visitors by name. Owner: core/schedule.';
CREATE INDEX meeting_attendance_person ON meeting_attendance (person_id);
CREATE INDEX meeting_attendance_marked_by ON meeting_attendance (marked_by);

CREATE TABLE meeting_code_try (
    meeting_id uuid NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
    person_id uuid NOT NULL REFERENCES person (id),
    tries integer NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (meeting_id, person_id)
);
COMMENT ON TABLE meeting_code_try IS 'Wrong check-in codes typed by a person at a meeting, for the throttle. The codes themselves are computed and kept nowhere. Owner: core/schedule.';
CREATE INDEX meeting_code_try_person ON meeting_code_try (person_id);

CREATE TABLE meeting_decision (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
    position integer NOT NULL,
    text text NOT NULL,
    CONSTRAINT meeting_decision_place UNIQUE (meeting_id, position) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT meeting_decision_text CHECK (length(text) BETWEEN 1 AND 2000)
);
COMMENT ON TABLE meeting_decision IS 'What was decided at a meeting. Owner: core/schedule.';

CREATE TABLE action_item (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
    network_id uuid NOT NULL REFERENCES network (id),
    position integer NOT NULL,
    text text NOT NULL,
    owner_id uuid NOT NULL REFERENCES person (id),
    due_on date,
    told_at timestamptz,
    done_at timestamptz,
    done_by uuid REFERENCES person (id),
    CONSTRAINT action_item_place UNIQUE (meeting_id, position) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT action_item_text CHECK (length(text) BETWEEN 1 AND 1000),
    CONSTRAINT action_item_done CHECK ((done_at IS NULL) = (done_by IS NULL))
);
COMMENT ON TABLE action_item IS 'What somebody took upon themselves at a meeting; open ones stand at the top of the next agenda. told_at is when the owner was told, once for all items of a meeting. Owner: core/schedule.';
CREATE INDEX action_item_owner ON action_item (owner_id) WHERE done_at IS NULL;
CREATE INDEX action_item_owner_all ON action_item (owner_id);
CREATE INDEX action_item_network ON action_item (network_id, due_on);
CREATE INDEX action_item_done_by ON action_item (done_by);

CREATE TABLE meeting_delivery (
    meeting_id uuid NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
    no integer NOT NULL,
    person_id uuid NOT NULL REFERENCES person (id),
    state text NOT NULL DEFAULT 'queued',
    queued_at timestamptz NOT NULL,
    read_at timestamptz,
    PRIMARY KEY (meeting_id, no, person_id),
    CONSTRAINT meeting_delivery_state CHECK (state IN ('queued', 'sent', 'failed', 'listed'))
);
COMMENT ON TABLE meeting_delivery IS 'To whom a programme was sent (no counts the sendings) and what became of it: the letter waits, is sent or failed, or the person gets no letters and has it in their list; read_at is when they saw it there. Copied from notify, which forgets letters after a month. Owner: core/schedule.';
CREATE INDEX meeting_delivery_person ON meeting_delivery (person_id);
CREATE INDEX meeting_delivery_open ON meeting_delivery (queued_at) WHERE state = 'queued' OR read_at IS NULL;

CREATE TABLE meeting_notice (
    meeting_id uuid NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
    kind text NOT NULL,
    moved integer NOT NULL,
    due_at timestamptz NOT NULL,
    done_at timestamptz,
    sent boolean NOT NULL DEFAULT false,
    PRIMARY KEY (meeting_id, kind, moved),
    CONSTRAINT meeting_notice_kind CHECK (kind IN ('programme', 'days3', 'day1')),
    CONSTRAINT meeting_notice_sent CHECK (NOT sent OR done_at IS NOT NULL)
);
COMMENT ON TABLE meeting_notice IS 'What is due before a meeting by the domain clock: the alarm to send the programme and the reminders, planned anew for each time of the meeting (meeting.moved). done_at without sent: its moment had passed. Owner: core/schedule.';
CREATE INDEX meeting_notice_due ON meeting_notice (due_at) WHERE done_at IS NULL;

CREATE TABLE attendance_rule (
    id uuid PRIMARY KEY,
    centre_id uuid REFERENCES institution (id),
    up_to_hours integer,
    percent integer NOT NULL,
    CONSTRAINT attendance_rule_once UNIQUE NULLS NOT DISTINCT (centre_id, up_to_hours),
    CONSTRAINT attendance_rule_percent CHECK (percent BETWEEN 1 AND 100),
    CONSTRAINT attendance_rule_hours CHECK (up_to_hours BETWEEN 1 AND 1000)
);
COMMENT ON TABLE attendance_rule IS 'Which share of the teaching hours a person must attend, by the length of the whole: the row with the least up_to_hours that is not below it counts (NULL: any length). Rows without a centre hold where a centre has none. Owner: core/schedule.';
CREATE INDEX attendance_rule_centre ON attendance_rule (centre_id);
INSERT INTO attendance_rule (id, centre_id, up_to_hours, percent) VALUES
    ('01900000-0000-7000-8000-000000000001', NULL, 10, 100),
    ('01900000-0000-7000-8000-000000000002', NULL, NULL, 75);

-- +goose Down
DROP TABLE attendance_rule, meeting_notice, meeting_delivery, action_item, meeting_decision, meeting_code_try, meeting_attendance, meeting_answer, meeting_item, meeting;
