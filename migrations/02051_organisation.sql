-- +goose Up
ALTER TABLE institution
    DROP CONSTRAINT institution_kind,
    ADD COLUMN country text NOT NULL DEFAULT 'PL',
    ADD COLUMN unit_code text CONSTRAINT institution_unit REFERENCES teryt_unit (code),
    ADD CONSTRAINT institution_kind CHECK (kind IN ('school', 'kindergarten', 'complex', 'centre', 'library', 'counselling', 'local_government',
        'ministry', 'curatorium', 'ore', 'department', 'partner', 'other')),
    ADD CONSTRAINT institution_country CHECK (country ~ '^[A-Z]{2}$'),
    ADD CONSTRAINT institution_abroad CHECK (country = 'PL' OR kind = 'partner' AND powiat_code IS NULL),
    ADD CONSTRAINT institution_unit_kind CHECK (unit_code IS NULL OR kind = 'local_government');
COMMENT ON COLUMN institution.country IS 'ISO 3166-1 alpha-2; only partners are abroad. Fixed when the organisation is added, so it has no history.';
COMMENT ON COLUMN institution.unit_code IS 'The local government whose office this is (TERYT). Fixed when the organisation is added, so it has no history.';
CREATE UNIQUE INDEX institution_unit_once ON institution (unit_code) WHERE unit_code IS NOT NULL;

-- +goose Down
UPDATE institution SET kind = 'other' WHERE kind IN ('ministry', 'curatorium', 'department', 'partner');
ALTER TABLE institution
    DROP CONSTRAINT institution_kind,
    DROP COLUMN country,
    DROP COLUMN unit_code,
    ADD CONSTRAINT institution_kind CHECK (kind IN ('school', 'kindergarten', 'complex', 'centre', 'library', 'counselling', 'local_government', 'ore', 'other'));
