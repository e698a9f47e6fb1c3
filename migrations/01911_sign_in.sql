-- +goose Up
CREATE TABLE sign_in (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person (id),
    at timestamptz NOT NULL,
    how text NOT NULL,
    success boolean NOT NULL,
    address text NOT NULL DEFAULT '',
    agent text NOT NULL DEFAULT '',
    CONSTRAINT sign_in_how CHECK (how IN ('password', 'code', 'recovery', 'passkey', 'provider', 'invitation'))
);
COMMENT ON TABLE sign_in IS 'When, where from and how somebody signed in to an account or failed to, for its owner to see; kept a year. Owner: core/identity.';
CREATE INDEX sign_in_person ON sign_in (person_id, id);
CREATE INDEX sign_in_at ON sign_in (at);

-- +goose Down
DROP TABLE sign_in;
