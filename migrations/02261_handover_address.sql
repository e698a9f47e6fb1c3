-- +goose Up
ALTER TABLE handover ALTER COLUMN to_id DROP NOT NULL;
ALTER TABLE handover ADD COLUMN to_email text NOT NULL DEFAULT '';
ALTER TABLE handover ADD COLUMN stand_in boolean NOT NULL DEFAULT false;
ALTER TABLE handover ADD CONSTRAINT handover_whom CHECK ((to_email = '') = (to_id IS NOT NULL) AND length(to_email) <= 254);
CREATE INDEX handover_email ON handover (to_email) WHERE state = 'proposed' AND to_email <> '';
COMMENT ON TABLE handover IS 'The coordinator''s role changing hands: proposed to a member, or offered to an address of which the proposer knows no account; stand_in when from_id leads only until the offer is accepted. Accepted, rights move in that transaction. Owner: core/network.';

-- +goose Down
DELETE FROM handover WHERE to_id IS NULL;
DROP INDEX handover_email;
ALTER TABLE handover DROP CONSTRAINT handover_whom;
ALTER TABLE handover DROP COLUMN stand_in, DROP COLUMN to_email;
ALTER TABLE handover ALTER COLUMN to_id SET NOT NULL;
