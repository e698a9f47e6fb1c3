-- +goose Up
CREATE TABLE network (
    id uuid PRIMARY KEY,
    module text NOT NULL,
    type text NOT NULL,
    programme_id uuid REFERENCES programme (id),
    centre_id uuid NOT NULL REFERENCES institution (id),
    title text COLLATE "pl-x-icu" NOT NULL,
    title_folded text NOT NULL,
    aim text NOT NULL DEFAULT '',
    school_year integer NOT NULL,
    stage text NOT NULL DEFAULT '',
    status text NOT NULL DEFAULT 'draft',
    join_mode text NOT NULL DEFAULT 'request',
    one_per_school boolean NOT NULL DEFAULT false,
    priority_until timestamptz,
    predecessor_id uuid REFERENCES network (id),
    founded_by uuid REFERENCES person (id),
    created_at timestamptz NOT NULL,
    opened_at timestamptz,
    closed_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT network_title CHECK (length(title) BETWEEN 3 AND 200),
    CONSTRAINT network_status CHECK (status IN ('draft', 'open', 'closed', 'archived')),
    CONSTRAINT network_join_mode CHECK (join_mode IN ('open', 'request', 'invitation')),
    CONSTRAINT network_aim CHECK (length(aim) <= 4000),
    CONSTRAINT network_school_year CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT network_closed CHECK ((status IN ('closed', 'archived')) = (closed_at IS NOT NULL))
);
COMMENT ON TABLE network IS 'Networks of cooperation and self-education: one school year each, of a type that a module provides, run by an organisation. priority_until ends the time in which only one person of a school gets a seat (NULL: it does not end by itself). Owner: core/network.';
CREATE INDEX network_programme ON network (programme_id);
CREATE INDEX network_centre ON network (centre_id, school_year, id);
CREATE UNIQUE INDEX network_one_successor ON network (predecessor_id) WHERE predecessor_id IS NOT NULL;
CREATE INDEX network_founded_by ON network (founded_by);
CREATE INDEX network_list ON network (status, title, id);
CREATE INDEX network_list_all ON network (title, id) WHERE status <> 'draft';
CREATE INDEX network_year ON network (school_year, title, id) WHERE status <> 'draft';
CREATE INDEX network_search ON network USING gin (title_folded gin_trgm_ops);

CREATE TABLE network_seat (
    network_id uuid PRIMARY KEY REFERENCES network (id),
    capacity integer,
    taken integer NOT NULL DEFAULT 0,
    members integer NOT NULL DEFAULT 0,
    CONSTRAINT network_seat_capacity CHECK (capacity BETWEEN 2 AND 5000),
    CONSTRAINT network_seat_taken CHECK (taken >= 0 AND taken <= coalesce(capacity, 5000)),
    CONSTRAINT network_seat_members CHECK (members >= 0)
);
COMMENT ON TABLE network_seat IS 'How many seats a network has (capacity; NULL: no limit), how many are taken or offered, and how many active members there are (people without a seat, such as the coordinator, included). Its row is the lock under which memberships change. Owner: core/network.';

CREATE TABLE network_group (
    id uuid PRIMARY KEY,
    programme_id uuid REFERENCES programme (id),
    network_id uuid REFERENCES network (id),
    kind text NOT NULL DEFAULT '',
    name text NOT NULL,
    institution_id uuid REFERENCES institution (id),
    created_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT network_group_parent CHECK (num_nonnulls(programme_id, network_id) = 1),
    CONSTRAINT network_group_name CHECK (length(name) BETWEEN 1 AND 200)
);
COMMENT ON TABLE network_group IS 'Groups inside a programme or a network: a local government''s team, a workshop group. Owner: core/programme.';
CREATE INDEX network_group_programme ON network_group (programme_id, id);
CREATE INDEX network_group_network ON network_group (network_id, id);
CREATE INDEX network_group_institution ON network_group (institution_id);

CREATE TABLE group_member (
    id uuid PRIMARY KEY,
    group_id uuid NOT NULL REFERENCES network_group (id),
    person_id uuid NOT NULL REFERENCES person (id),
    role text NOT NULL DEFAULT 'team_member',
    since timestamptz NOT NULL,
    until timestamptz,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT group_member_role CHECK (role IN ('team_member', 'head', 'guardian')),
    CONSTRAINT group_member_period CHECK (until IS NULL OR until >= since)
);
COMMENT ON TABLE group_member IS 'Who belongs to a group and as what, also for a time; role_grant says the same to permissions. Owner: core/programme.';
CREATE UNIQUE INDEX group_member_once ON group_member (group_id, person_id, role) WHERE until IS NULL;
CREATE INDEX group_member_group ON group_member (group_id, role);
CREATE INDEX group_member_person ON group_member (person_id);

CREATE TABLE membership (
    id uuid PRIMARY KEY,
    network_id uuid NOT NULL REFERENCES network (id),
    person_id uuid NOT NULL REFERENCES person (id),
    state text NOT NULL,
    institution_id uuid REFERENCES institution (id),
    complex_id uuid REFERENCES institution (id),
    group_id uuid REFERENCES network_group (id),
    seat boolean NOT NULL DEFAULT true,
    second_of_school boolean NOT NULL DEFAULT false,
    queued_at timestamptz,
    offered_until timestamptz,
    joined_at timestamptz,
    ended_at timestamptz,
    message text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    changed_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT membership_once UNIQUE (network_id, person_id),
    CONSTRAINT membership_state CHECK (state IN ('requested', 'waiting', 'offered', 'active', 'left', 'removed', 'declined', 'refused', 'expired')),
    CONSTRAINT membership_waiting CHECK (state <> 'waiting' OR queued_at IS NOT NULL),
    CONSTRAINT membership_offered CHECK ((state = 'offered') = (offered_until IS NOT NULL)),
    CONSTRAINT membership_active CHECK (state <> 'active' OR joined_at IS NOT NULL),
    CONSTRAINT membership_message CHECK (length(message) <= 1000),
    CONSTRAINT membership_note CHECK (length(note) <= 1000)
);
COMMENT ON TABLE membership IS 'A person''s way into, through and out of a network. institution_id and complex_id are those at joining; seat is false for people who take no place of the capacity (coordinator, experts); message is what they wrote when asking, note the reason of a refusal or removal. Owner: core/network.';
CREATE INDEX membership_person ON membership (person_id, state);
CREATE INDEX membership_network ON membership (network_id, state, id);
CREATE INDEX membership_queue ON membership (network_id, second_of_school, queued_at, id) WHERE state = 'waiting';
CREATE INDEX membership_offer ON membership (offered_until) WHERE state = 'offered';
CREATE INDEX membership_institution ON membership (institution_id);
CREATE INDEX membership_complex ON membership (complex_id);
CREATE INDEX membership_school ON membership (network_id, complex_id) WHERE state IN ('waiting', 'offered', 'active');
CREATE INDEX membership_group ON membership (group_id);

CREATE TABLE network_invitation (
    id uuid PRIMARY KEY,
    network_id uuid NOT NULL REFERENCES network (id),
    institution_id uuid REFERENCES institution (id),
    email text NOT NULL DEFAULT '',
    person_id uuid REFERENCES person (id),
    role text NOT NULL DEFAULT 'participant',
    message text NOT NULL DEFAULT '',
    acknowledged jsonb NOT NULL DEFAULT '[]',
    invited_by uuid REFERENCES person (id),
    created_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    sent_at timestamptz,
    withdrawn_at timestamptz,
    CONSTRAINT network_invitation_whom CHECK (num_nonnulls(institution_id, nullif(email, ''), person_id) = 1),
    CONSTRAINT network_invitation_role CHECK (role IN ('participant', 'expert', 'moderator')),
    CONSTRAINT network_invitation_message CHECK (length(message) <= 1000)
);
COMMENT ON TABLE network_invitation IS 'Invitations into a network: to a school (any of its confirmed teachers may answer), to an address or to a person. sent_at is empty while the network is a draft; acknowledged holds reasons given for warnings of the module. Owner: core/network.';
CREATE INDEX network_invitation_network ON network_invitation (network_id, id);
CREATE UNIQUE INDEX network_invitation_school_once ON network_invitation (institution_id, network_id) WHERE institution_id IS NOT NULL AND withdrawn_at IS NULL;
CREATE UNIQUE INDEX network_invitation_email_once ON network_invitation (email, network_id) WHERE email <> '' AND withdrawn_at IS NULL;
CREATE UNIQUE INDEX network_invitation_person_once ON network_invitation (person_id, network_id) WHERE person_id IS NOT NULL AND withdrawn_at IS NULL;
CREATE INDEX network_invitation_institution ON network_invitation (institution_id);
CREATE INDEX network_invitation_person ON network_invitation (person_id);
CREATE INDEX network_invitation_invited_by ON network_invitation (invited_by);

CREATE TABLE proposal (
    id uuid PRIMARY KEY,
    network_id uuid NOT NULL REFERENCES network (id),
    author_id uuid NOT NULL REFERENCES person (id),
    title text NOT NULL,
    body text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'open',
    vote_until timestamptz,
    created_at timestamptz NOT NULL,
    decided_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT proposal_voting CHECK (state <> 'voting' OR vote_until IS NOT NULL),
    CONSTRAINT proposal_title CHECK (length(title) BETWEEN 3 AND 200),
    CONSTRAINT proposal_body CHECK (length(body) <= 4000),
    CONSTRAINT proposal_state CHECK (state IN ('open', 'voting', 'adopted', 'rejected', 'withdrawn'))
);
COMMENT ON TABLE proposal IS 'Proposals of members (coordinator''s duty 6): put to the vote, they become agenda items. Owner: core/network.';
CREATE INDEX proposal_network ON proposal (network_id, id);
CREATE INDEX proposal_vote_ends ON proposal (vote_until) WHERE state = 'voting';
CREATE INDEX proposal_author ON proposal (author_id);

CREATE TABLE proposal_vote (
    proposal_id uuid NOT NULL REFERENCES proposal (id),
    person_id uuid NOT NULL REFERENCES person (id),
    choice text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (proposal_id, person_id),
    CONSTRAINT proposal_vote_choice CHECK (choice IN ('yes', 'no', 'abstain'))
);
COMMENT ON TABLE proposal_vote IS 'Open votes on proposals; not secret ballots. Owner: core/network.';
CREATE INDEX proposal_vote_person ON proposal_vote (person_id);

CREATE TABLE agenda_item (
    id uuid PRIMARY KEY,
    network_id uuid NOT NULL REFERENCES network (id),
    proposal_id uuid CONSTRAINT agenda_item_proposal_once UNIQUE REFERENCES proposal (id),
    title text NOT NULL,
    minutes integer,
    leader_id uuid REFERENCES person (id),
    created_at timestamptz NOT NULL,
    CONSTRAINT agenda_item_title CHECK (length(title) BETWEEN 1 AND 200),
    CONSTRAINT agenda_item_minutes CHECK (minutes BETWEEN 1 AND 600)
);
COMMENT ON TABLE agenda_item IS 'Items waiting for the agenda of the next meeting. Owner: core/network.';
CREATE INDEX agenda_item_network ON agenda_item (network_id, id);
CREATE INDEX agenda_item_leader ON agenda_item (leader_id);

CREATE TABLE handover (
    id uuid PRIMARY KEY,
    network_id uuid NOT NULL REFERENCES network (id),
    from_id uuid NOT NULL REFERENCES person (id),
    to_id uuid NOT NULL REFERENCES person (id),
    note text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'proposed',
    created_at timestamptz NOT NULL,
    decided_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT handover_note CHECK (length(note) <= 1000),
    CONSTRAINT handover_two_people CHECK (from_id <> to_id),
    CONSTRAINT handover_state CHECK (state IN ('proposed', 'accepted', 'declined', 'withdrawn'))
);
COMMENT ON TABLE handover IS 'The coordinator''s role changing hands: proposed to a member, accepted, rights move in that transaction. Owner: core/network.';
CREATE UNIQUE INDEX handover_one_open ON handover (network_id) WHERE state = 'proposed';
CREATE INDEX handover_network ON handover (network_id, id);
CREATE INDEX handover_from ON handover (from_id);
CREATE INDEX handover_to ON handover (to_id);

-- +goose Down
DROP TABLE handover, agenda_item, proposal_vote, proposal, network_invitation, membership, group_member, network_group, network_seat, network;
