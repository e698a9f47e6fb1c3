-- +goose Up
-- Modules read which institutions teach something on a day: one in ten does.
CREATE INDEX institution_version_vocation ON institution_version (institution_id, valid_from) WHERE vocations <> '[]';

-- +goose Down
DROP INDEX institution_version_vocation;
