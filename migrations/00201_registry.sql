-- +goose Up
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE teryt_unit (
    code text PRIMARY KEY,
    kind text NOT NULL,
    name text NOT NULL,
    name_folded text NOT NULL,
    descriptor text NOT NULL DEFAULT '',
    parent_code text REFERENCES teryt_unit (code),
    as_of date NOT NULL,
    CONSTRAINT teryt_unit_code CHECK (code ~ '^[0-9]{2}([0-9]{2}([0-9]{3})?)?$'),
    CONSTRAINT teryt_unit_kind CHECK (kind IN ('voivodeship', 'powiat', 'city_powiat', 'gmina_urban', 'gmina_rural', 'gmina_urban_rural', 'part'))
);
COMMENT ON TABLE teryt_unit IS 'Territorial units of TERC (GUS): codes are text, leading zeros count. Owner: core/registry.';
CREATE INDEX teryt_unit_parent ON teryt_unit (parent_code);
CREATE INDEX teryt_unit_kind_index ON teryt_unit (kind, code);

CREATE TABLE institution (
    id uuid PRIMARY KEY,
    rspo integer CONSTRAINT institution_rspo_once UNIQUE,
    kind text NOT NULL,
    type_name text NOT NULL DEFAULT '',
    name text NOT NULL,
    name_folded text NOT NULL,
    parent_id uuid REFERENCES institution (id),
    complex_id uuid NOT NULL REFERENCES institution (id) DEFERRABLE INITIALLY DEFERRED,
    gmina_code text REFERENCES teryt_unit (code),
    powiat_code text REFERENCES teryt_unit (code),
    town text NOT NULL DEFAULT '',
    street text NOT NULL DEFAULT '',
    postcode text NOT NULL DEFAULT '',
    regon text NOT NULL DEFAULT '',
    email text NOT NULL DEFAULT '',
    website text NOT NULL DEFAULT '',
    closed_on date,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT institution_kind CHECK (kind IN ('school', 'kindergarten', 'complex', 'centre', 'library', 'counselling', 'local_government', 'ore', 'other')),
    CONSTRAINT institution_name CHECK (length(name) BETWEEN 1 AND 400),
    CONSTRAINT institution_not_own_parent CHECK (parent_id <> id)
);
COMMENT ON COLUMN institution.name_folded IS 'Folded name, town, RSPO number and usual abbreviations, in this order: searched by words, and the order of lists.';
COMMENT ON TABLE institution IS 'Schools, complexes, centres and other institutions (RSPO and our own); closed ones stay. complex_id is the parent complex or the institution itself: "different schools" compares it. Owner: core/registry.';
CREATE INDEX institution_parent ON institution (parent_id);
CREATE INDEX institution_complex ON institution (complex_id);
CREATE INDEX institution_gmina ON institution (gmina_code);
CREATE INDEX institution_powiat ON institution (powiat_code, kind);
CREATE INDEX institution_search ON institution USING gin (name_folded gin_trgm_ops);
CREATE INDEX institution_page ON institution (name_folded, id);
CREATE INDEX institution_kind_page ON institution (kind, name_folded, id);

CREATE TABLE centre_territory (
    centre_id uuid NOT NULL REFERENCES institution (id),
    powiat_code text NOT NULL REFERENCES teryt_unit (code),
    PRIMARY KEY (centre_id, powiat_code)
);
COMMENT ON TABLE centre_territory IS 'The powiats in which a centre acts (MEN 2019/1045: the act of foundation names the territorial range). Owner: core/registry.';
CREATE INDEX centre_territory_powiat ON centre_territory (powiat_code);

CREATE TABLE registry_import (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid,
    sha256 bytea NOT NULL,
    report jsonb NOT NULL,
    CONSTRAINT registry_import_kind CHECK (kind IN ('terc', 'rspo'))
);
COMMENT ON TABLE registry_import IS 'Imports of official registers that were written, with their reports. by_id is null at the command line. Owner: core/registry.';
CREATE INDEX registry_import_by ON registry_import (by_id);

-- +goose Down
DROP TABLE registry_import, centre_territory, institution, teryt_unit;
