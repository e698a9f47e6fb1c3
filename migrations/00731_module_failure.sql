-- +goose Up
ALTER TABLE module_process
    ADD COLUMN cause text NOT NULL DEFAULT '',
    ADD COLUMN failed_at timestamptz,
    ADD COLUMN failure_cause text NOT NULL DEFAULT '',
    ADD COLUMN failure_call text NOT NULL DEFAULT '',
    ADD COLUMN failure text NOT NULL DEFAULT '';
COMMENT ON COLUMN module_process.cause IS 'Kind of what reason says in technical words.';
COMMENT ON COLUMN module_process.failed_at IS 'When a call last failed by the fault of the module, real time; NULL for never. The columns failure_… say which call and how.';

-- +goose Down
ALTER TABLE module_process
    DROP COLUMN cause,
    DROP COLUMN failed_at,
    DROP COLUMN failure_cause,
    DROP COLUMN failure_call,
    DROP COLUMN failure;
