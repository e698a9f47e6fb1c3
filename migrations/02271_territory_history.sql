-- +goose Up
-- What was there until now counts from the beginning.
ALTER TABLE centre_territory
    ADD COLUMN valid_from date NOT NULL DEFAULT DATE '1999-01-01',
    ADD COLUMN valid_to date,
    ADD CONSTRAINT centre_territory_validity CHECK (valid_to IS NULL OR valid_to > valid_from),
    DROP CONSTRAINT centre_territory_pkey,
    ADD CONSTRAINT centre_territory_pkey PRIMARY KEY (centre_id, powiat_code, valid_from);
CREATE UNIQUE INDEX centre_territory_open ON centre_territory (centre_id, powiat_code) WHERE valid_to IS NULL;
COMMENT ON TABLE centre_territory IS 'The powiats in which a centre acts (MEN 2019/1045: the act of foundation names the territorial range), from a day to the day before valid_to; null: until further notice. Rows of one centre and powiat do not overlap. Whoever asks where a centre acts reads centre_territory_on or centre_territory_at, never the table alone. Owner: core/registry.';

-- +goose StatementBegin
CREATE FUNCTION centre_territory_on(day date) RETURNS TABLE (centre_id uuid, powiat_code text) LANGUAGE sql STABLE AS $$
    SELECT t.centre_id, t.powiat_code FROM centre_territory t WHERE t.valid_from <= day AND (t.valid_to IS NULL OR t.valid_to > day)
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION centre_territory_on IS 'Where centres act on a day.';
-- +goose StatementBegin
CREATE FUNCTION centre_territory_at(moment timestamptz) RETURNS TABLE (centre_id uuid, powiat_code text) LANGUAGE sql STABLE AS $$
    SELECT t.centre_id, t.powiat_code FROM centre_territory t
    WHERE t.valid_from <= CAST(moment AT TIME ZONE 'Europe/Warsaw' AS date)
      AND (t.valid_to IS NULL OR t.valid_to > CAST(moment AT TIME ZONE 'Europe/Warsaw' AS date))
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION centre_territory_at IS 'Where centres act on the day in Poland that has the moment.';

-- +goose Down
DROP FUNCTION centre_territory_at(timestamptz);
DROP FUNCTION centre_territory_on(date);
DROP INDEX centre_territory_open;
DELETE FROM centre_territory WHERE valid_to IS NOT NULL OR valid_from > current_date;
ALTER TABLE centre_territory DROP CONSTRAINT centre_territory_pkey, ADD CONSTRAINT centre_territory_pkey PRIMARY KEY (centre_id, powiat_code),
    DROP CONSTRAINT centre_territory_validity, DROP COLUMN valid_to, DROP COLUMN valid_from;
