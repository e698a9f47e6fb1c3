-- +goose Up
CREATE TABLE module_key (
    id text PRIMARY KEY,
    public_key bytea NOT NULL CONSTRAINT module_key_once UNIQUE,
    namespace text NOT NULL,
    centre_id uuid REFERENCES institution (id),
    name text NOT NULL,
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    added_by uuid,
    added_at timestamptz NOT NULL,
    revoked_by uuid,
    revoked_at timestamptz,
    revoked_reason text NOT NULL DEFAULT '',
    CONSTRAINT module_key_id CHECK (id ~ '^[0-9a-f]{16}$'),
    CONSTRAINT module_key_size CHECK (octet_length(public_key) = 32),
    CONSTRAINT module_key_namespace CHECK (namespace ~ '^[a-z][a-z0-9]{0,30}$'),
    CONSTRAINT module_key_name CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT module_key_days CHECK (valid_to >= valid_from),
    CONSTRAINT module_key_revoked CHECK ((revoked_at IS NULL) = (revoked_reason = ''))
);
COMMENT ON TABLE module_key IS 'Public keys that sign bundles of modules of one namespace (the first half of a module''s id); centre_id is whose key it is, NULL for ORE. A namespace has one owner for ever. Owner: core/plugin.';
CREATE INDEX module_key_centre ON module_key (centre_id);
CREATE INDEX module_key_namespace_index ON module_key (namespace);

CREATE TABLE module_bundle (
    id uuid PRIMARY KEY,
    module text NOT NULL,
    version text NOT NULL,
    manifest bytea NOT NULL,
    manifest_sha256 bytea NOT NULL,
    signature bytea NOT NULL,
    key_id text REFERENCES module_key (id),
    size bigint NOT NULL,
    added_by uuid,
    added_at timestamptz NOT NULL,
    description json,
    cause text NOT NULL DEFAULT '',
    problem text NOT NULL DEFAULT '',
    CONSTRAINT module_bundle_version UNIQUE (module, version),
    CONSTRAINT module_bundle_digest CHECK (octet_length(manifest_sha256) = 32),
    CONSTRAINT module_bundle_signature CHECK (octet_length(signature) = 64)
);
COMMENT ON TABLE module_bundle IS 'Bundles that were handed in and whose signature held; key_id is NULL for the development key. description is what the dry run said, cause and problem why it failed; all empty while it was not run. Owner: core/plugin.';
CREATE INDEX module_bundle_key ON module_bundle (key_id);

CREATE TABLE module_chunk (
    bundle_id uuid NOT NULL REFERENCES module_bundle (id) ON DELETE CASCADE,
    file text NOT NULL,
    part integer NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (bundle_id, file, part)
);
-- Programs hardly shrink, and every start of a process reads them.
ALTER TABLE module_chunk ALTER COLUMN bytes SET STORAGE EXTERNAL;
COMMENT ON TABLE module_chunk IS 'The files of bundles in pieces of 1 MiB, so that every node can start their processes. Owner: core/plugin.';

ALTER TABLE module
    ADD COLUMN centre_id uuid REFERENCES institution (id),
    ADD COLUMN everywhere boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN module.centre_id IS 'The centre whose keys sign the module; NULL for ORE and for what is delivered with the platform. Never changes.';
COMMENT ON COLUMN module.everywhere IS 'Whether networks of its types may be founded under every centre; otherwise under those of module_centre.';
CREATE INDEX module_centre_owner ON module (centre_id);

ALTER TABLE module_version ADD COLUMN bundle_id uuid REFERENCES module_bundle (id);
COMMENT ON COLUMN module_version.bundle_id IS 'The bundle whose bytes run; NULL for one that lies in the folder of each node.';
CREATE INDEX module_version_bundle ON module_version (bundle_id);

CREATE TABLE module_centre (
    module text NOT NULL REFERENCES module (id),
    centre_id uuid NOT NULL REFERENCES institution (id),
    added_by uuid,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (module, centre_id)
);
COMMENT ON TABLE module_centre IS 'The centres under which networks of a module''s types may be founded, when not everywhere. Owner: core/plugin.';
CREATE INDEX module_centre_centre ON module_centre (centre_id);

-- +goose Down
DROP TABLE module_centre;
ALTER TABLE module_version DROP COLUMN bundle_id;
ALTER TABLE module DROP COLUMN centre_id, DROP COLUMN everywhere;
DROP TABLE module_chunk, module_bundle, module_key;
