-- +goose Up
-- The roles of a person in the order in which every request reads them, and one
-- of them by its place: somebody may have hundreds.
CREATE INDEX role_grant_person_place ON role_grant (person_id, scope_kind, scope_id, role);
DROP INDEX role_grant_person;
-- Grants of one role, the newest first: the few administrators among two million.
CREATE INDEX role_grant_role_page ON role_grant (role, id);

-- +goose Down
DROP INDEX role_grant_role_page;
CREATE INDEX role_grant_person ON role_grant (person_id, valid_from);
DROP INDEX role_grant_person_place;
