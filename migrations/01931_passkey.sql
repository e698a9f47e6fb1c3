-- +goose Up
CREATE TABLE passkey (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person (id),
    credential_id bytea NOT NULL CONSTRAINT passkey_credential_once UNIQUE,
    data jsonb NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT passkey_name CHECK (length(name) BETWEEN 1 AND 80)
);
COMMENT ON TABLE passkey IS 'Passkeys (WebAuthn) with which people sign in; public keys only. Owner: core/identity.';
CREATE INDEX passkey_person ON passkey (person_id);

CREATE TABLE passkey_challenge (
    challenge_hash bytea PRIMARY KEY,
    person_id uuid REFERENCES person (id),
    data jsonb NOT NULL,
    ends_at timestamptz NOT NULL
);
COMMENT ON TABLE passkey_challenge IS 'Challenges that await an answer of a passkey, each taken once; person_id of who adds one, none for signing in. Owner: core/identity.';
CREATE INDEX passkey_challenge_person ON passkey_challenge (person_id);
CREATE INDEX passkey_challenge_ends ON passkey_challenge (ends_at);

-- +goose Down
DROP TABLE passkey_challenge, passkey;
