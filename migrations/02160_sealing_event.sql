-- +goose Up
-- A transaction of many events is sealed in parts; each goes on where the last
-- one ended instead of looking again at all that has its link already.
ALTER TABLE audit_sealing ADD COLUMN event_id bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN audit_sealing.event_id IS 'The last event of transaction xact that has its link; 0 for none of it.';

-- +goose Down
ALTER TABLE audit_sealing DROP COLUMN event_id;
