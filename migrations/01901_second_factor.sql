-- +goose Up
ALTER TABLE session ADD COLUMN verified_at timestamptz NOT NULL DEFAULT now();

CREATE TABLE totp (
    person_id uuid PRIMARY KEY REFERENCES person (id),
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE totp IS 'Keys of authenticator applications, sealed with the installation''s key; in force once confirmed_at is set. last_step is the time step of the newest code taken: none is taken twice. Owner: core/identity.';

CREATE TABLE recovery_code (
    person_id uuid NOT NULL REFERENCES person (id),
    code_digest text NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (person_id, code_digest)
);
COMMENT ON TABLE recovery_code IS 'Single-use codes for whoever lost their application; only keyed digests are kept. Owner: core/identity.';

-- +goose Down
DROP TABLE recovery_code, totp;
ALTER TABLE session DROP COLUMN verified_at;
