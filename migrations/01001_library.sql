-- +goose Up
CREATE TABLE resource (
    id uuid PRIMARY KEY,
    network_id uuid REFERENCES network (id),
    centre_id uuid NOT NULL REFERENCES institution (id),
    created_by uuid NOT NULL REFERENCES person (id),
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    description text NOT NULL DEFAULT '',
    folded text NOT NULL,
    licence text NOT NULL DEFAULT '',
    licence_text text NOT NULL DEFAULT '',
    authors text[] NOT NULL DEFAULT '{}',
    accessibility text NOT NULL DEFAULT '',
    tags text[] NOT NULL DEFAULT '{}',
    product boolean NOT NULL DEFAULT false,
    state text NOT NULL DEFAULT 'draft',
    state_reason text NOT NULL DEFAULT '',
    audience text NOT NULL DEFAULT 'network',
    asked_audience text NOT NULL DEFAULT '',
    asked_by uuid REFERENCES person (id),
    asked_at timestamptz,
    decided_by uuid REFERENCES person (id),
    decided_at timestamptz,
    decision text NOT NULL DEFAULT '',
    decision_reason text NOT NULL DEFAULT '',
    versions integer NOT NULL DEFAULT 0,
    useful integer NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT resource_kind CHECK (length(kind) BETWEEN 1 AND 40),
    CONSTRAINT resource_title CHECK (length(title) BETWEEN 3 AND 200),
    CONSTRAINT resource_description CHECK (length(description) <= 10000),
    CONSTRAINT resource_texts CHECK (length(licence) <= 40 AND length(licence_text) <= 500 AND length(accessibility) <= 1000),
    CONSTRAINT resource_authors CHECK (cardinality(authors) <= 10),
    CONSTRAINT resource_tags CHECK (cardinality(tags) <= 20),
    CONSTRAINT resource_state CHECK (state IN ('draft', 'shared', 'removed')),
    CONSTRAINT resource_reason CHECK (length(state_reason) <= 1000 AND length(decision_reason) <= 1000 AND (state <> 'removed' OR state_reason <> '')),
    CONSTRAINT resource_audience CHECK (audience IN ('network', 'platform', 'public') AND asked_audience IN ('', 'platform', 'public')),
    CONSTRAINT resource_asked CHECK ((asked_audience = '') = (asked_at IS NULL)),
    CONSTRAINT resource_decision CHECK (decision IN ('', 'published', 'refused', 'withdrawn') AND (decision = '') = (decided_at IS NULL)),
    CONSTRAINT resource_why CHECK (decision NOT IN ('refused', 'withdrawn') OR decision_reason <> ''),
    CONSTRAINT resource_published CHECK (audience = 'network' OR decision IN ('published', 'refused')),
    CONSTRAINT resource_complete CHECK (state <> 'shared' OR licence <> '' AND accessibility <> '' AND versions > 0),
    CONSTRAINT resource_product CHECK (NOT product OR network_id IS NOT NULL)
);
COMMENT ON TABLE resource IS 'Resources and good practices: what they are, under what licence, who may see them (the network, everybody signed in, everybody), and how publication was decided. network_id is empty for what a centre adds itself. folded serves searching by words. Owner: core/library.';
CREATE INDEX resource_network ON resource (network_id, id DESC);
CREATE INDEX resource_centre ON resource (centre_id, id DESC);
CREATE INDEX resource_created_by ON resource (created_by, id DESC);
CREATE INDEX resource_asked_by ON resource (asked_by) WHERE asked_by IS NOT NULL;
CREATE INDEX resource_decided_by ON resource (decided_by) WHERE decided_by IS NOT NULL;
CREATE INDEX resource_waiting ON resource (centre_id, asked_at) WHERE asked_audience <> '';
CREATE INDEX resource_seen ON resource (id DESC) WHERE state = 'shared' AND audience <> 'network';
CREATE INDEX resource_useful_order ON resource (useful DESC, id DESC) WHERE state = 'shared';
CREATE INDEX resource_tags_index ON resource USING gin (tags);
CREATE INDEX resource_folded ON resource USING gin (folded gin_trgm_ops);

CREATE TABLE resource_version (
    id uuid PRIMARY KEY,
    resource_id uuid NOT NULL REFERENCES resource (id),
    no integer NOT NULL,
    note text NOT NULL DEFAULT '',
    link text NOT NULL DEFAULT '',
    created_by uuid NOT NULL REFERENCES person (id),
    created_at timestamptz NOT NULL,
    CONSTRAINT resource_version_once UNIQUE (resource_id, no),
    CONSTRAINT resource_version_no CHECK (no >= 1),
    CONSTRAINT resource_version_note CHECK (length(note) <= 1000),
    CONSTRAINT resource_version_link CHECK (link = '' OR link ~ '^https?://' AND length(link) <= 1000)
);
COMMENT ON TABLE resource_version IS 'Versions of a resource, 1..n; an older one stays as it was. Its files are attached to it in core/file. Owner: core/library.';
CREATE INDEX resource_version_by ON resource_version (created_by);

CREATE TABLE resource_file (
    file_id uuid PRIMARY KEY REFERENCES file (id),
    version_id uuid NOT NULL REFERENCES resource_version (id),
    no integer NOT NULL,
    alt text NOT NULL DEFAULT '',
    pages integer,
    CONSTRAINT resource_file_once UNIQUE (version_id, no),
    CONSTRAINT resource_file_alt CHECK (length(alt) <= 500),
    CONSTRAINT resource_file_pages CHECK (pages BETWEEN 1 AND 100000)
);
COMMENT ON TABLE resource_file IS 'What the library knows of a version''s file: order, the words that stand for an image, number of pages or slides. Owner: core/library.';

CREATE TABLE resource_use (
    resource_id uuid NOT NULL REFERENCES resource (id),
    network_id uuid NOT NULL REFERENCES network (id),
    place_kind text NOT NULL DEFAULT 'network',
    place_id uuid NOT NULL,
    title text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    used_by uuid NOT NULL REFERENCES person (id),
    used_at timestamptz NOT NULL,
    PRIMARY KEY (resource_id, place_kind, place_id),
    CONSTRAINT resource_use_place CHECK (place_kind IN ('network', 'meeting', 'thread') AND (place_kind <> 'network' OR place_id = network_id)),
    CONSTRAINT resource_use_texts CHECK (length(title) <= 200 AND length(note) <= 500)
);
COMMENT ON TABLE resource_use IS 'Where a resource is used: on the shelf of another network, in a meeting or a thread of a network. Owner: core/library.';
CREATE INDEX resource_use_network ON resource_use (network_id, resource_id);
CREATE INDEX resource_use_by ON resource_use (used_by);

CREATE TABLE resource_useful (
    resource_id uuid NOT NULL REFERENCES resource (id),
    person_id uuid NOT NULL REFERENCES person (id),
    at timestamptz NOT NULL,
    PRIMARY KEY (resource_id, person_id)
);
COMMENT ON TABLE resource_useful IS 'Who found a resource useful, once each; people see the count only. Owner: core/library.';
CREATE INDEX resource_useful_person ON resource_useful (person_id);

CREATE TABLE dissemination (
    id uuid PRIMARY KEY,
    network_id uuid NOT NULL REFERENCES network (id),
    resource_id uuid REFERENCES resource (id),
    what text NOT NULL,
    audience text NOT NULL,
    way text NOT NULL,
    due date NOT NULL,
    who text NOT NULL,
    state text NOT NULL DEFAULT 'planned',
    outcome text NOT NULL DEFAULT '',
    done_on date,
    created_by uuid NOT NULL REFERENCES person (id),
    created_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT dissemination_texts CHECK (length(what) BETWEEN 3 AND 300 AND length(audience) BETWEEN 3 AND 300
        AND length(way) BETWEEN 3 AND 500 AND length(who) BETWEEN 2 AND 200 AND length(outcome) <= 1000),
    CONSTRAINT dissemination_state CHECK (state IN ('planned', 'done', 'dropped') AND (state = 'done') = (done_on IS NOT NULL)),
    CONSTRAINT dissemination_dropped CHECK (state <> 'dropped' OR outcome <> '')
);
COMMENT ON TABLE dissemination IS 'The dissemination plan of a network: what is shared with whom, how, by when and by whom, and whether it was done. Owner: core/library.';
CREATE INDEX dissemination_network ON dissemination (network_id, due, id);
CREATE INDEX dissemination_resource ON dissemination (resource_id) WHERE resource_id IS NOT NULL;
CREATE INDEX dissemination_by ON dissemination (created_by);

-- +goose Down
DROP TABLE dissemination, resource_useful, resource_use, resource_file, resource_version, resource;
