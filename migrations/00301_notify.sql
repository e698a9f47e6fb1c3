-- +goose Up
CREATE TABLE notification (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    key text NOT NULL DEFAULT '',
    args jsonb NOT NULL DEFAULT '{}',
    wording jsonb,
    link text NOT NULL DEFAULT '',
    once text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    CONSTRAINT notification_text CHECK ((key = '') <> (wording IS NULL)),
    CONSTRAINT notification_link CHECK (link = '' OR (link LIKE '/%' AND link NOT LIKE '//%')),
    CONSTRAINT notification_size CHECK (pg_column_size(args) <= 8192 AND coalesce(pg_column_size(wording), 0) <= 8192)
);
COMMENT ON TABLE notification IS 'What a person is told on the platform, as a catalogue key with arguments (or a module''s wording), rendered in the reader''s language when read; kept a year. Owner: core/notify.';
CREATE INDEX notification_person ON notification (person_id, id DESC);
CREATE INDEX notification_unread ON notification (person_id) WHERE read_at IS NULL;
CREATE INDEX notification_created ON notification (created_at);
CREATE UNIQUE INDEX notification_once ON notification (person_id, once) WHERE once <> '';

CREATE TABLE mail_outbox (
    id uuid PRIMARY KEY,
    person_id uuid REFERENCES person (id) ON DELETE CASCADE,
    address text NOT NULL DEFAULT '',
    lang text NOT NULL DEFAULT '',
    key text NOT NULL DEFAULT '',
    args jsonb NOT NULL DEFAULT '{}',
    wording jsonb,
    link text NOT NULL DEFAULT '',
    once text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'waiting',
    code integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    done_at timestamptz,
    CONSTRAINT mail_outbox_lang CHECK (lang IN ('', 'pl', 'en')),
    CONSTRAINT mail_outbox_receiver CHECK ((person_id IS NULL) <> (address = '') OR state <> 'waiting'),
    CONSTRAINT mail_outbox_text CHECK ((key = '') <> (wording IS NULL) OR state <> 'waiting'),
    CONSTRAINT mail_outbox_link CHECK (link = '' OR (link LIKE '/%' AND link NOT LIKE '//%')),
    CONSTRAINT mail_outbox_state CHECK (state IN ('waiting', 'sent', 'refused', 'dropped', 'given_up')),
    CONSTRAINT mail_outbox_done CHECK ((state = 'waiting') = (done_at IS NULL)),
    CONSTRAINT mail_outbox_size CHECK (pg_column_size(args) <= 8192 AND coalesce(pg_column_size(wording), 0) <= 8192)
);
COMMENT ON TABLE mail_outbox IS 'Letters to send, written in the transaction of what they tell; rendered when sent. Arguments, link and address are wiped once a letter is done (they may hold single-use links); the bare row is kept 30 days. Owner: core/notify.';
CREATE INDEX mail_outbox_person ON mail_outbox (person_id);
CREATE INDEX mail_outbox_done_at ON mail_outbox (done_at);
CREATE UNIQUE INDEX mail_outbox_once ON mail_outbox (person_id, once) WHERE once <> '';

-- +goose Down
DROP TABLE mail_outbox, notification;
