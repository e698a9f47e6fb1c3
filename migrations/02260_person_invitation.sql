-- +goose Up
CREATE TABLE person_invitation (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    name text NOT NULL,
    function text NOT NULL DEFAULT '',
    institution_id uuid NOT NULL CONSTRAINT person_invitation_institution REFERENCES institution,
    import_id uuid CONSTRAINT person_invitation_import REFERENCES person_import,
    invited_by uuid CONSTRAINT person_invitation_invited_by REFERENCES person,
    state text NOT NULL DEFAULT 'open',
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    ends_at timestamptz NOT NULL,
    answered_at timestamptz,
    person_id uuid CONSTRAINT person_invitation_person REFERENCES person,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT person_invitation_state CHECK (state IN ('open', 'accepted', 'declined', 'withdrawn')),
    CONSTRAINT person_invitation_answered CHECK ((state = 'open') = (answered_at IS NULL)),
    CONSTRAINT person_invitation_taken_up CHECK (state <> 'accepted' OR person_id IS NOT NULL),
    CONSTRAINT person_invitation_email_length CHECK (length(email) <= 254),
    CONSTRAINT person_invitation_name_length CHECK (length(name) BETWEEN 1 AND 120),
    CONSTRAINT person_invitation_function_length CHECK (length(function) <= 120)
);
COMMENT ON TABLE person_invitation IS 'Invitations to work with the platform as staff of an institution, with address, name and function as the inviter typed them, whether or not the address has an account: the account is made, or changes its place of work, when its owner accepts. Whoever invited learns of acceptance alone; person_id is who answered, and is told to nobody. Owner: core/identity.';
-- A declined one looks to whoever invited like one that waits, so it holds the place as well.
CREATE UNIQUE INDEX person_invitation_once ON person_invitation (institution_id, email) WHERE state IN ('open', 'declined');
CREATE INDEX person_invitation_email ON person_invitation (email) WHERE state = 'open';
CREATE INDEX person_invitation_page ON person_invitation (institution_id, id);
CREATE INDEX person_invitation_import_index ON person_invitation (import_id);
CREATE INDEX person_invitation_invited_by_index ON person_invitation (invited_by);
CREATE INDEX person_invitation_person_index ON person_invitation (person_id);
CREATE INDEX person_invitation_ends ON person_invitation (ends_at);

ALTER TABLE mail_link ADD COLUMN invitation_id uuid CONSTRAINT mail_link_invitation REFERENCES person_invitation ON DELETE CASCADE;
CREATE INDEX mail_link_invitation_index ON mail_link (invitation_id);

-- A list makes invitations now, not accounts. What earlier lists made stays; a
-- preview that waits for its confirmation has to be read again.
UPDATE person_import SET state = 'expired', ended_at = now() WHERE state = 'ready';
ALTER TABLE person_import_row DROP COLUMN person_id;
ALTER TABLE person_import_row ADD COLUMN invitation_id uuid CONSTRAINT person_import_row_invitation REFERENCES person_invitation ON DELETE SET NULL;
CREATE INDEX person_import_row_invitation_index ON person_import_row (invitation_id);
COMMENT ON TABLE person_import_row IS 'The rows of a list of people and what became of each, for a week; invitation_id is set once the invitation is made or was changed by this list, was and version tell what a changed one was before. Owner: core/identity.';

-- +goose Down
ALTER TABLE person_import_row DROP COLUMN invitation_id;
ALTER TABLE person_import_row ADD COLUMN person_id uuid CONSTRAINT person_import_row_person REFERENCES person ON DELETE SET NULL;
CREATE INDEX person_import_row_person_index ON person_import_row (person_id);
ALTER TABLE mail_link DROP COLUMN invitation_id;
DROP TABLE person_invitation;
