-- +goose Up
CREATE TABLE board_topic (
    id uuid PRIMARY KEY,
    network_id uuid NOT NULL REFERENCES network (id),
    title text NOT NULL,
    created_by uuid NOT NULL REFERENCES person (id),
    created_at timestamptz NOT NULL,
    CONSTRAINT board_topic_title CHECK (length(title) BETWEEN 3 AND 120),
    CONSTRAINT board_topic_once UNIQUE (network_id, title)
);
COMMENT ON TABLE board_topic IS 'Topics of a network''s blogs; an entry of a blog belongs to one. Owner: core/board.';
CREATE INDEX board_topic_created_by ON board_topic (created_by);

CREATE TABLE board_thread (
    id uuid PRIMARY KEY,
    network_id uuid NOT NULL REFERENCES network (id),
    kind text NOT NULL,
    topic_id uuid REFERENCES board_topic (id),
    title text NOT NULL,
    author_id uuid NOT NULL REFERENCES person (id),
    created_at timestamptz NOT NULL,
    last_seq integer NOT NULL DEFAULT 1,
    last_at timestamptz NOT NULL,
    last_author_id uuid NOT NULL REFERENCES person (id),
    state text NOT NULL DEFAULT 'shown',
    pinned boolean NOT NULL DEFAULT false,
    closed boolean NOT NULL DEFAULT false,
    shared_at timestamptz,
    shared_by uuid REFERENCES person (id),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT board_thread_kind CHECK (kind IN ('forum', 'blog')),
    CONSTRAINT board_thread_topic CHECK ((kind = 'blog') = (topic_id IS NOT NULL)),
    CONSTRAINT board_thread_title CHECK (length(title) BETWEEN 3 AND 200),
    CONSTRAINT board_thread_state CHECK (state IN ('shown', 'hidden', 'deleted')),
    CONSTRAINT board_thread_seq CHECK (last_seq >= 1),
    CONSTRAINT board_thread_shared CHECK ((shared_at IS NULL) = (shared_by IS NULL) AND (shared_at IS NULL OR kind = 'blog'))
);
COMMENT ON TABLE board_thread IS 'Threads of a network''s forum and entries of its blogs (kind). Posts are numbered by last_seq, under whose row lock they are written; post 1 is the opening one or the entry itself, the rest are replies or comments. state follows post 1: hidden by moderation, deleted by its author (gone from lists when nobody had answered). shared_at: an entry that signed-in people of other networks may read. Owner: core/board.';
CREATE INDEX board_thread_list ON board_thread (network_id, kind, pinned DESC, last_at DESC, id DESC) WHERE state <> 'deleted';
CREATE INDEX board_thread_network ON board_thread (network_id, kind, created_at);
CREATE INDEX board_thread_topic_list ON board_thread (topic_id, created_at DESC, id DESC);
CREATE INDEX board_thread_author ON board_thread (author_id);
CREATE INDEX board_thread_last_author ON board_thread (last_author_id);
CREATE INDEX board_thread_shared_by ON board_thread (shared_by);
CREATE INDEX board_thread_shared_list ON board_thread (created_at DESC, id DESC) WHERE shared_at IS NOT NULL AND state = 'shown';

CREATE TABLE board_post (
    id uuid PRIMARY KEY,
    thread_id uuid NOT NULL REFERENCES board_thread (id),
    network_id uuid NOT NULL REFERENCES network (id),
    seq integer NOT NULL,
    author_id uuid NOT NULL REFERENCES person (id),
    author_role text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'shown',
    body text NOT NULL,
    html text NOT NULL DEFAULT '',
    html_rev integer NOT NULL DEFAULT 0,
    plain text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    edited_at timestamptz,
    addendum text NOT NULL DEFAULT '',
    addendum_html text NOT NULL DEFAULT '',
    addendum_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT board_post_seq_once UNIQUE (thread_id, seq),
    CONSTRAINT board_post_state CHECK (state IN ('shown', 'hidden', 'deleted')),
    CONSTRAINT board_post_body CHECK (length(body) <= 20000 AND (length(body) > 0) = (state <> 'deleted')),
    CONSTRAINT board_post_addendum CHECK (length(addendum) <= 4000 AND (addendum = '') = (addendum_at IS NULL))
);
COMMENT ON TABLE board_post IS 'Posts, as Markdown (body), as the HTML that revision html_rev of the renderer made of it, and as plain words for searches. author_role is the author''s role in the network at the time. A deleted post keeps its number without words. Owner: core/board.';
CREATE INDEX board_post_network ON board_post (network_id, created_at DESC, id DESC);
CREATE INDEX board_post_author ON board_post (author_id, id);

CREATE TABLE board_revision (
    post_id uuid NOT NULL REFERENCES board_post (id),
    version integer NOT NULL,
    body text NOT NULL,
    replaced_at timestamptz NOT NULL,
    PRIMARY KEY (post_id, version)
);
COMMENT ON TABLE board_revision IS 'What a post said before its author changed it; seen by those who moderate. Owner: core/board.';

CREATE TABLE board_file (
    file_id uuid PRIMARY KEY,
    post_id uuid NOT NULL REFERENCES board_post (id),
    position integer NOT NULL,
    alt text NOT NULL DEFAULT '',
    licence text NOT NULL DEFAULT '',
    CONSTRAINT board_file_alt CHECK (length(alt) <= 500),
    CONSTRAINT board_file_licence CHECK (licence IN ('', 'cc0', 'cc-by', 'cc-by-sa', 'reserved'))
);
COMMENT ON TABLE board_file IS 'Files of posts (of core/file): the description of a picture, and the licence of what a blog hands on. Owner: core/board.';
CREATE INDEX board_file_post ON board_file (post_id, position);

CREATE TABLE board_mark (
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    thread_id uuid NOT NULL REFERENCES board_thread (id),
    read_seq integer NOT NULL DEFAULT 0,
    told_seq integer NOT NULL DEFAULT 0,
    follow boolean,
    PRIMARY KEY (person_id, thread_id)
);
COMMENT ON TABLE board_mark IS 'How far a person read a thread, up to which post they were told of news, and whether they follow it (empty: as they follow the board). Told again only after reading. Owner: core/board.';
CREATE INDEX board_mark_thread ON board_mark (thread_id);

CREATE TABLE board_follow (
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    network_id uuid NOT NULL REFERENCES network (id),
    level text NOT NULL,
    PRIMARY KEY (person_id, network_id),
    CONSTRAINT board_follow_level CHECK (level IN ('all', 'threads', 'none'))
);
COMMENT ON TABLE board_follow IS 'What a member wants to hear of a network''s forum and blogs: every post, new threads and entries (the default, without a row), or only threads that they follow. Owner: core/board.';
CREATE INDEX board_follow_network ON board_follow (network_id, level);

CREATE TABLE board_hiding (
    id uuid PRIMARY KEY,
    post_id uuid NOT NULL REFERENCES board_post (id),
    network_id uuid NOT NULL REFERENCES network (id),
    by_id uuid NOT NULL REFERENCES person (id),
    by_role text NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    appeal text NOT NULL DEFAULT '',
    appealed_at timestamptz,
    decision text NOT NULL DEFAULT '',
    decision_reason text NOT NULL DEFAULT '',
    decided_by uuid REFERENCES person (id),
    decided_at timestamptz,
    lifted_at timestamptz,
    CONSTRAINT board_hiding_reason CHECK (length(reason) BETWEEN 1 AND 1000),
    CONSTRAINT board_hiding_appeal CHECK (length(appeal) <= 2000 AND (appeal = '') = (appealed_at IS NULL)),
    CONSTRAINT board_hiding_decision CHECK (decision IN ('', 'upheld', 'restored') AND (decision = '') = (decided_at IS NULL) AND (decision = '') = (decided_by IS NULL)),
    CONSTRAINT board_hiding_decided CHECK (decision = '' OR appealed_at IS NOT NULL AND decided_by <> by_id),
    CONSTRAINT board_hiding_decision_reason CHECK (length(decision_reason) <= 1000)
);
COMMENT ON TABLE board_hiding IS 'A post taken out of sight: by whom, in which role, why; the author''s appeal and what the centre decided (never the one who hid). lifted_at: in sight again. Owner: core/board.';
CREATE UNIQUE INDEX board_hiding_one ON board_hiding (post_id) WHERE lifted_at IS NULL;
CREATE INDEX board_hiding_post ON board_hiding (post_id);
CREATE INDEX board_hiding_network ON board_hiding (network_id, id);
CREATE INDEX board_hiding_open ON board_hiding (network_id, id) WHERE appealed_at IS NOT NULL AND decision = '' AND lifted_at IS NULL;
CREATE INDEX board_hiding_by ON board_hiding (by_id);
CREATE INDEX board_hiding_decided_by ON board_hiding (decided_by);

CREATE TABLE board_report (
    id uuid PRIMARY KEY,
    post_id uuid NOT NULL REFERENCES board_post (id),
    network_id uuid NOT NULL REFERENCES network (id),
    reporter_id uuid NOT NULL REFERENCES person (id),
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    outcome text NOT NULL DEFAULT '',
    handled_by uuid REFERENCES person (id),
    handled_at timestamptz,
    CONSTRAINT board_report_reason CHECK (length(reason) BETWEEN 1 AND 1000),
    CONSTRAINT board_report_outcome CHECK (outcome IN ('', 'hidden', 'kept', 'gone') AND (outcome = '') = (handled_at IS NULL))
);
COMMENT ON TABLE board_report IS 'Posts that members reported to those who moderate, and what came of it. Who reported is not shown to the author. Owner: core/board.';
CREATE UNIQUE INDEX board_report_once ON board_report (post_id, reporter_id) WHERE outcome = '';
CREATE INDEX board_report_post ON board_report (post_id);
CREATE INDEX board_report_network ON board_report (network_id, id);
CREATE INDEX board_report_open ON board_report (network_id, id) WHERE outcome = '';
CREATE INDEX board_report_reporter ON board_report (reporter_id);
CREATE INDEX board_report_handled_by ON board_report (handled_by);

-- +goose Down
DROP TABLE board_report, board_hiding, board_follow, board_mark, board_file, board_revision, board_post, board_thread, board_topic;
