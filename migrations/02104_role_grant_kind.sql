-- +goose Up
-- Grants at one kind of place, the newest first: the heads of schools among the
-- members of networks.
CREATE INDEX role_grant_kind_page ON role_grant (scope_kind, id);

-- +goose Down
DROP INDEX role_grant_kind_page;
