-- +goose Up
CREATE TABLE file (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES person (id),
    name text NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL,
    sha256 bytea NOT NULL,
    state text NOT NULL DEFAULT 'temporary',
    object_kind text NOT NULL DEFAULT '',
    object_id uuid,
    scope_kind text NOT NULL DEFAULT '',
    scope_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    attached_at timestamptz,
    CONSTRAINT file_name CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT file_size CHECK (size BETWEEN 1 AND 26214400),
    CONSTRAINT file_sha256 CHECK (octet_length(sha256) = 32),
    CONSTRAINT file_state CHECK (state IN ('temporary', 'attached', 'detached')),
    CONSTRAINT file_attached CHECK ((state = 'attached') = (object_kind <> '' AND object_id IS NOT NULL AND attached_at IS NOT NULL)),
    CONSTRAINT file_scope CHECK ((scope_kind = '') = (scope_id IS NULL))
);
COMMENT ON TABLE file IS 'Uploaded files; the bytes lie in the blob store under the id. temporary: uploaded, belongs to nothing yet, swept after 24 hours; attached: belongs to the object; detached: its object let go of it, swept. Owner: core/file.';
CREATE INDEX file_owner ON file (owner_id, id DESC);
CREATE INDEX file_object ON file (object_kind, object_id, id) WHERE state = 'attached';
CREATE INDEX file_orphan ON file (created_at) WHERE state <> 'attached';

-- +goose Down
DROP TABLE file;
