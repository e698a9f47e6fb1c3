-- +goose Up
CREATE TABLE module (
    id text PRIMARY KEY,
    enabled boolean NOT NULL,
    version text NOT NULL,
    revision integer NOT NULL DEFAULT 1,
    changed_by uuid,
    changed_at timestamptz NOT NULL,
    CONSTRAINT module_id CHECK (id ~ '^[a-z][a-z0-9]*\.[a-z][a-z0-9_]*$')
);
COMMENT ON TABLE module IS 'The desired state: which modules are enabled, in which version. Every node makes it so; revision grows with each change. Owner: core/plugin.';

CREATE TABLE module_version (
    module text NOT NULL REFERENCES module (id) DEFERRABLE INITIALLY DEFERRED,
    version text NOT NULL,
    manifest json NOT NULL,
    manifest_sha256 bytea NOT NULL,
    description json NOT NULL,
    described_at timestamptz NOT NULL,
    PRIMARY KEY (module, version),
    CONSTRAINT module_version_digest CHECK (octet_length(manifest_sha256) = 32)
);
COMMENT ON TABLE module_version IS 'Versions that were ever enabled: the manifest whose binaries may run, and the description with which records are shown while the module is down. Owner: core/plugin.';

CREATE TABLE module_grant (
    module text NOT NULL REFERENCES module (id),
    capability text NOT NULL,
    scope_kind text NOT NULL,
    granted_by uuid,
    granted_at timestamptz NOT NULL,
    PRIMARY KEY (module, capability, scope_kind),
    CONSTRAINT module_grant_scope CHECK (scope_kind IN ('programme', 'network', 'group', 'membership'))
);
COMMENT ON TABLE module_grant IS 'Capabilities that an administrator granted to a module, per kind of scope. Owner: core/plugin.';

CREATE TABLE module_rule (
    module text NOT NULL REFERENCES module (id),
    role text NOT NULL,
    part text NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (module, role, part, name),
    CONSTRAINT module_rule_part CHECK (part IN ('command', 'view', 'effect'))
);
COMMENT ON TABLE module_rule IS 'The role map in force: what holders of a role may do through the module; role "system.<module>" is the module''s own. Owner: core/plugin.';

CREATE TABLE module_process (
    node text NOT NULL,
    module text NOT NULL REFERENCES module (id),
    version text NOT NULL,
    state text NOT NULL,
    reason text NOT NULL DEFAULT '',
    pid integer NOT NULL DEFAULT 0,
    starts integer NOT NULL DEFAULT 0,
    since timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (node, module)
);
COMMENT ON TABLE module_process IS 'What each node says of its process of a module, in real time; a row not seen for a minute is of a node that died. Owner: core/plugin.';
CREATE INDEX module_process_module ON module_process (module);

-- +goose Down
DROP TABLE module_process, module_rule, module_grant, module_version, module;
