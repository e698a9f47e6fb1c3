-- +goose Up
CREATE TABLE module_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    module text NOT NULL CONSTRAINT module_log_module REFERENCES module (id),
    node text NOT NULL,
    version text NOT NULL,
    at timestamptz NOT NULL,
    line text NOT NULL,
    CONSTRAINT module_log_line_length CHECK (length(line) <= 4000)
);
COMMENT ON TABLE module_log IS 'The last lines that processes of a module wrote, in real time, escaped and with personal data masked; lost lines stand there as their number. A thousand lines of a module are kept, for a month. Owner: core/plugin.';
CREATE INDEX module_log_page ON module_log (module, id);
ALTER TABLE module_process
    ADD COLUMN calls bigint NOT NULL DEFAULT 0,
    ADD COLUMN took_median bigint NOT NULL DEFAULT 0,
    ADD COLUMN took_slowest bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT module_process_took CHECK (calls >= 0 AND took_median >= 0 AND took_slowest >= 0);
COMMENT ON COLUMN module_process.calls IS 'Calls since the node came up; took_median and took_slowest are microseconds, of the last few hundred: half of them were quicker, one in twenty was slower.';

-- +goose Down
ALTER TABLE module_process DROP COLUMN took_slowest, DROP COLUMN took_median, DROP COLUMN calls;
DROP TABLE module_log;
