-- +goose Up
CREATE TABLE search_doc (
    kind text NOT NULL,
    id uuid NOT NULL,
    network_id uuid,
    centre_id uuid,
    audience text NOT NULL,
    path text NOT NULL,
    title text NOT NULL,
    keywords text NOT NULL DEFAULT '',
    body text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    words tsvector NOT NULL,
    revision text NOT NULL,
    PRIMARY KEY (kind, id),
    CONSTRAINT search_doc_audience CHECK (audience IN ('public', 'platform', 'network')),
    CONSTRAINT search_doc_path CHECK (path LIKE '/%' AND length(path) <= 300),
    CONSTRAINT search_doc_texts CHECK (length(title) <= 300 AND length(keywords) <= 4000 AND length(body) <= 20000)
);
COMMENT ON TABLE search_doc IS 'What the search finds: one row for each network, post, resource and person, written in the transactions of their owners; words are base forms and folded spellings with weights, prepared by the dictionary of revision. Derived: it can be made anew from the owners. Owner: core/search.';
CREATE INDEX search_doc_words ON search_doc USING gin (words);
CREATE INDEX search_doc_newest ON search_doc (kind, at DESC, id DESC);
CREATE INDEX search_doc_open ON search_doc (kind, at DESC, id DESC) WHERE audience <> 'network';
CREATE INDEX search_doc_network ON search_doc (network_id, kind, at DESC, id DESC);
-- How often a word occurs decides how it is looked for: more words than the usual 1,000 are counted.
ALTER TABLE search_doc ALTER COLUMN words SET STATISTICS 500;

CREATE TABLE search_progress (
    kind text PRIMARY KEY,
    revision text NOT NULL,
    after_id uuid NOT NULL,
    done boolean NOT NULL,
    docs bigint NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL
);
COMMENT ON TABLE search_progress IS 'How far the documents of a kind have been prepared by the dictionary of revision; a job goes on from after_id. Owner: core/search.';

-- +goose Down
DROP TABLE search_progress, search_doc;
