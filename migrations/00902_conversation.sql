-- +goose Up
CREATE TABLE conversation (
    id uuid PRIMARY KEY,
    network_id uuid NOT NULL REFERENCES network (id),
    title text NOT NULL DEFAULT '',
    created_by uuid NOT NULL REFERENCES person (id),
    created_at timestamptz NOT NULL,
    last_seq integer NOT NULL DEFAULT 0,
    last_at timestamptz NOT NULL,
    CONSTRAINT conversation_title CHECK (length(title) <= 120),
    CONSTRAINT conversation_seq CHECK (last_seq >= 0)
);
COMMENT ON TABLE conversation IS 'Private conversations between two or a few people who share a network. Messages are numbered by last_seq, under whose row lock they are written. Owner: core/conversation.';
CREATE INDEX conversation_network ON conversation (network_id);
CREATE INDEX conversation_created_by ON conversation (created_by);

CREATE TABLE conversation_member (
    conversation_id uuid NOT NULL REFERENCES conversation (id),
    person_id uuid NOT NULL REFERENCES person (id),
    joined_at timestamptz NOT NULL,
    left_at timestamptz,
    read_seq integer NOT NULL DEFAULT 0,
    told_seq integer NOT NULL DEFAULT 0,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, person_id)
);
COMMENT ON TABLE conversation_member IS 'Who takes part in a conversation: nobody else reads it. Who left reads no more. last_at copies the conversation''s, so that a person''s list is read by one index. Owner: core/conversation.';
CREATE INDEX conversation_member_person ON conversation_member (person_id, last_at DESC, conversation_id DESC) WHERE left_at IS NULL;
CREATE INDEX conversation_member_all ON conversation_member (person_id);

CREATE TABLE conversation_message (
    conversation_id uuid NOT NULL REFERENCES conversation (id),
    seq integer NOT NULL,
    author_id uuid NOT NULL REFERENCES person (id),
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    hidden_at timestamptz,
    PRIMARY KEY (conversation_id, seq),
    CONSTRAINT conversation_message_body CHECK (length(body) BETWEEN 1 AND 4000)
);
COMMENT ON TABLE conversation_message IS 'Messages of private conversations; plain text, never searched, never shown to a module or an administrator. hidden_at: taken out of sight after a report. Owner: core/conversation.';
CREATE INDEX conversation_message_author ON conversation_message (author_id);

CREATE TABLE conversation_report (
    id uuid PRIMARY KEY,
    conversation_id uuid NOT NULL,
    seq integer NOT NULL,
    network_id uuid NOT NULL REFERENCES network (id),
    reporter_id uuid NOT NULL REFERENCES person (id),
    author_id uuid NOT NULL REFERENCES person (id),
    body text NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    outcome text NOT NULL DEFAULT '',
    answer text NOT NULL DEFAULT '',
    handled_by uuid REFERENCES person (id),
    handled_at timestamptz,
    CONSTRAINT conversation_report_message FOREIGN KEY (conversation_id, seq) REFERENCES conversation_message (conversation_id, seq),
    CONSTRAINT conversation_report_reason CHECK (length(reason) BETWEEN 1 AND 1000),
    CONSTRAINT conversation_report_answer CHECK (length(answer) <= 1000),
    CONSTRAINT conversation_report_outcome CHECK (outcome IN ('', 'hidden', 'kept') AND (outcome = '') = (handled_at IS NULL))
);
COMMENT ON TABLE conversation_report IS 'A message that somebody in a conversation disclosed to the centre, with their consent: that message alone is copied here. Owner: core/conversation.';
CREATE UNIQUE INDEX conversation_report_once ON conversation_report (conversation_id, seq, reporter_id);
CREATE INDEX conversation_report_message_index ON conversation_report (conversation_id, seq);
CREATE INDEX conversation_report_network ON conversation_report (network_id, id);
CREATE INDEX conversation_report_open ON conversation_report (network_id, id) WHERE outcome = '';
CREATE INDEX conversation_report_reporter ON conversation_report (reporter_id);
CREATE INDEX conversation_report_author ON conversation_report (author_id);
CREATE INDEX conversation_report_handled_by ON conversation_report (handled_by);

-- +goose Down
DROP TABLE conversation_report, conversation_message, conversation_member, conversation;
