-- +goose Up
ALTER TABLE module_upgrade ADD COLUMN up_at timestamptz;
UPDATE module_upgrade SET up_at = at;
COMMENT ON COLUMN module_upgrade.up_at IS 'When the version first answered on a node, in real time; from then on it is young for five minutes. NULL: the one before still serves.';
ALTER TABLE module_version ADD COLUMN gave_way_at timestamptz;
COMMENT ON COLUMN module_version.gave_way_at IS 'When it gave way to the version before because it kept crashing, in real time: no node takes it over by itself again. NULL after an administrator enabled it anew.';
ALTER TABLE module_process
    ADD COLUMN next_version text NOT NULL DEFAULT '',
    ADD COLUMN next_state text NOT NULL DEFAULT '',
    ADD COLUMN next_cause text NOT NULL DEFAULT '',
    ADD COLUMN next_reason text NOT NULL DEFAULT '';
COMMENT ON COLUMN module_process.next_version IS 'The version that comes up beside the one that serves; empty for none.';

-- +goose Down
ALTER TABLE module_process DROP COLUMN next_reason, DROP COLUMN next_cause, DROP COLUMN next_state, DROP COLUMN next_version;
ALTER TABLE module_version DROP COLUMN gave_way_at;
ALTER TABLE module_upgrade DROP COLUMN up_at;
