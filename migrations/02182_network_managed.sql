-- +goose Up
-- The list of all networks, drafts too, of those who manage the whole country.
CREATE INDEX network_list_managed ON network (title, id);

-- +goose Down
DROP INDEX network_list_managed;
