-- +goose Up
-- Networks of one kind, by title.
CREATE INDEX network_type_page ON network ((module || ':' || type), title, id) WHERE status <> 'draft';

-- +goose Down
DROP INDEX network_type_page;
