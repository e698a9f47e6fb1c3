-- +goose Up
CREATE TABLE provider_link (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person (id),
    provider text NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT provider_link_once UNIQUE (issuer, subject),
    CONSTRAINT provider_link_subject CHECK (length(subject) BETWEEN 1 AND 255)
);
COMMENT ON TABLE provider_link IS 'Accounts at identity providers (OpenID Connect) with which people sign in: linked by their owner, told by the provider''s subject, never by an e-mail address. provider is the name in the settings. Owner: core/identity.';
CREATE INDEX provider_link_person ON provider_link (person_id);

-- +goose Down
DROP TABLE provider_link;
