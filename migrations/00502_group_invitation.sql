-- +goose Up
CREATE TABLE group_invitation (
    id uuid PRIMARY KEY,
    group_id uuid NOT NULL REFERENCES network_group (id),
    email text NOT NULL,
    role text NOT NULL DEFAULT 'team_member',
    invited_by uuid REFERENCES person (id),
    created_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'open',
    answered_at timestamptz,
    CONSTRAINT group_invitation_email CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    CONSTRAINT group_invitation_role CHECK (role IN ('team_member', 'head', 'guardian')),
    CONSTRAINT group_invitation_state CHECK (state IN ('open', 'accepted', 'declined', 'withdrawn')),
    CONSTRAINT group_invitation_answered CHECK ((state = 'open') = (answered_at IS NULL))
);
COMMENT ON TABLE group_invitation IS 'Invitations into a group by address; whoever has a confirmed account with the address answers. Owner: core/programme.';
CREATE UNIQUE INDEX group_invitation_once ON group_invitation (group_id, email) WHERE state = 'open';
CREATE INDEX group_invitation_group ON group_invitation (group_id, id);
CREATE INDEX group_invitation_mine ON group_invitation (email) WHERE state = 'open';
CREATE INDEX group_invitation_by ON group_invitation (invited_by);

-- +goose Down
DROP TABLE group_invitation;
