-- +goose Up
ALTER TABLE module_process
    ADD COLUMN tier text NOT NULL DEFAULT '',
    ADD COLUMN layers text[] NOT NULL DEFAULT '{}',
    ADD COLUMN landlock integer NOT NULL DEFAULT 0,
    ADD COLUMN memory bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT module_process_tier CHECK (tier IN ('', 'none', 'basic', 'full')),
    ADD CONSTRAINT module_process_memory CHECK (memory >= 0);
COMMENT ON COLUMN module_process.tier IS 'How far the process is held in: the highest tier of which all layers were seen in force; empty while there is no process.';
COMMENT ON COLUMN module_process.layers IS 'The layers of the sandbox seen in force, by name; landlock is the version of Landlock, 0 for none.';
COMMENT ON COLUMN module_process.memory IS 'Bytes resident and swapped out when the node last said so.';

-- +goose Down
ALTER TABLE module_process
    DROP COLUMN tier,
    DROP COLUMN layers,
    DROP COLUMN landlock,
    DROP COLUMN memory;
