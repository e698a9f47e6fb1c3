-- +goose Up
ALTER TABLE notification
    ADD COLUMN network_id uuid REFERENCES network (id) ON DELETE CASCADE,
    ADD COLUMN mailing text NOT NULL DEFAULT 'none',
    ADD COLUMN letter_id uuid REFERENCES mail_outbox (id) ON DELETE SET NULL,
    ADD CONSTRAINT notification_mailing CHECK (mailing IN ('none', 'waiting', 'letter'));
CREATE INDEX notification_network ON notification (network_id) WHERE network_id IS NOT NULL;
CREATE INDEX notification_letter ON notification (letter_id) WHERE letter_id IS NOT NULL;
CREATE INDEX notification_waiting ON notification (person_id, created_at) WHERE mailing = 'waiting';

-- A letter about one network that a person asked to get at once carries the
-- network, so that its unsubscribe link stops that network only.
ALTER TABLE mail_outbox ADD COLUMN network_id uuid REFERENCES network (id) ON DELETE SET NULL;
CREATE INDEX mail_outbox_network ON mail_outbox (network_id) WHERE network_id IS NOT NULL;

CREATE TABLE notify_setting (
    person_id uuid PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
    digest text NOT NULL DEFAULT 'daily',
    quiet_from smallint NOT NULL DEFAULT 20,
    quiet_to smallint NOT NULL DEFAULT 7,
    free_days boolean NOT NULL DEFAULT true,
    region text NOT NULL DEFAULT '',
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT notify_setting_digest CHECK (digest IN ('daily', 'weekly', 'none')),
    CONSTRAINT notify_setting_quiet CHECK (quiet_from BETWEEN 16 AND 24 AND quiet_to BETWEEN 0 AND 12),
    CONSTRAINT notify_setting_region CHECK (region ~ '^([0-9]{2})?$')
);
COMMENT ON TABLE notify_setting IS 'How a person wants to be written to; who has no row gets the defaults: a digest every working day at 7, quiet from 20 to 7. Hours are of Europe/Warsaw, region is a TERYT voivodeship whose winter break counts as free. Owner: core/notify.';

CREATE TABLE notify_network (
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    network_id uuid NOT NULL REFERENCES network (id) ON DELETE CASCADE,
    frequency text NOT NULL,
    PRIMARY KEY (person_id, network_id),
    CONSTRAINT notify_network_frequency CHECK (frequency IN ('digest', 'immediate', 'none'))
);
COMMENT ON TABLE notify_network IS 'How a person wants to hear of one network; no row means in the digest. Owner: core/notify.';
CREATE INDEX notify_network_network ON notify_network (network_id);

-- +goose Down
DROP TABLE notify_network, notify_setting;
ALTER TABLE mail_outbox DROP COLUMN network_id;
ALTER TABLE notification DROP COLUMN letter_id, DROP COLUMN mailing, DROP COLUMN network_id;
