-- +goose Up
CREATE TABLE module_crash (
    id uuid PRIMARY KEY,
    module text NOT NULL REFERENCES module (id),
    version text NOT NULL,
    node text NOT NULL,
    cause text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT module_crash_reason CHECK (length(reason) <= 2000)
);
CREATE INDEX module_crash_module ON module_crash (module, at);
COMMENT ON TABLE module_crash IS 'Ends of a module''s processes by its own fault, on any node, in real time: three within an hour put it into quarantine. Kept for a day; forgotten when an administrator tries again or enables a version. Owner: core/plugin.';

CREATE TABLE module_hold (
    module text PRIMARY KEY REFERENCES module (id),
    version text NOT NULL,
    cause text NOT NULL,
    reason text NOT NULL,
    since timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE module_hold IS 'Modules in quarantine: enabled, but run on no node until an administrator tries again. Owner: core/plugin.';

CREATE TABLE module_upgrade (
    module text PRIMARY KEY REFERENCES module (id),
    version text NOT NULL,
    previous text NOT NULL,
    grants jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT module_upgrade_step CHECK (version <> previous)
);
COMMENT ON TABLE module_upgrade IS 'The last change of a module''s version, with the capabilities granted to the one before: a new version that keeps crashing in its first five minutes gives way to it. Owner: core/plugin.';

-- +goose Down
DROP TABLE module_upgrade, module_hold, module_crash;
