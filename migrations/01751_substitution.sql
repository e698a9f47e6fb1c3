-- +goose Up
ALTER TABLE role_grant ADD COLUMN instead_of uuid REFERENCES person (id);
ALTER TABLE role_grant ADD CONSTRAINT role_grant_substitution CHECK (instead_of IS NULL OR (instead_of <> person_id AND valid_to IS NOT NULL));
COMMENT ON COLUMN role_grant.instead_of IS 'Whom the person stands in for; a substitution always has an end.';
CREATE INDEX role_grant_instead_of ON role_grant (instead_of);

-- +goose Down
ALTER TABLE role_grant DROP COLUMN instead_of;
