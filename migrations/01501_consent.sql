-- +goose Up
CREATE TABLE contract_signature (
    record_id uuid NOT NULL REFERENCES record (id),
    version bigint NOT NULL,
    person_id uuid NOT NULL REFERENCES person (id),
    network_id uuid NOT NULL REFERENCES network (id),
    signed_at timestamptz NOT NULL,
    PRIMARY KEY (record_id, version, person_id),
    CONSTRAINT contract_signature_version CHECK (version >= 1)
);
COMMENT ON TABLE contract_signature IS 'Who agreed to the contract of a network, and to which version of its words; rows are never changed. Owner: core/consent.';
CREATE INDEX contract_signature_network ON contract_signature (network_id, person_id);
CREATE INDEX contract_signature_person ON contract_signature (person_id);

CREATE TABLE image_consent (
    id uuid PRIMARY KEY,
    network_id uuid NOT NULL REFERENCES network (id),
    person_id uuid NOT NULL REFERENCES person (id),
    granted boolean NOT NULL,
    wording text NOT NULL,
    decided_at timestamptz NOT NULL,
    CONSTRAINT image_consent_wording CHECK (wording ~ '^[0-9]{4}-[0-9]{2}$')
);
COMMENT ON TABLE image_consent IS 'Yes and no of people to photos of them in a network, with the version of the words they read; a row for each decision, the newest counts. Owner: core/consent.';
CREATE INDEX image_consent_network ON image_consent (network_id, person_id, id DESC);
CREATE INDEX image_consent_person ON image_consent (person_id, network_id, id DESC);

-- +goose Down
DROP TABLE image_consent, contract_signature;
