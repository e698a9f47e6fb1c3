-- +goose Up
CREATE TABLE module_config (
    module text PRIMARY KEY REFERENCES module (id),
    form jsonb NOT NULL,
    revision integer NOT NULL,
    answers jsonb NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    changed_by uuid,
    changed_at timestamptz NOT NULL,
    CONSTRAINT module_config_revision CHECK (revision > 0),
    CONSTRAINT module_config_version CHECK (version > 0)
);
COMMENT ON TABLE module_config IS 'What administrators set for a module by its own form: the answers, and the form with the revision under which they were given, so that they can be carried over to another revision. Owner: core/plugin.';

-- +goose Down
DROP TABLE module_config;
