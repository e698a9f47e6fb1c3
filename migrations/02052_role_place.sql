-- +goose Up
ALTER TABLE role_grant DROP CONSTRAINT role_grant_scope_kind,
    ADD CONSTRAINT role_grant_scope_kind CHECK (scope_kind IN ('platform', 'centre', 'institution', 'programme', 'network', 'group', 'local_government'));
COMMENT ON COLUMN role_grant.scope_id IS 'The id of the thing; for a local government its TERC code as the last digits of an id, filled up with f (core/access, UnitScope).';
ALTER TABLE group_member DROP CONSTRAINT group_member_role,
    ADD CONSTRAINT group_member_role CHECK (role IN ('team_member', 'head', 'guardian', 'support_organiser'));

-- +goose Down
DELETE FROM role_grant WHERE scope_kind = 'local_government';
DELETE FROM group_member WHERE role = 'support_organiser';
ALTER TABLE role_grant DROP CONSTRAINT role_grant_scope_kind,
    ADD CONSTRAINT role_grant_scope_kind CHECK (scope_kind IN ('platform', 'centre', 'institution', 'programme', 'network', 'group'));
ALTER TABLE group_member DROP CONSTRAINT group_member_role,
    ADD CONSTRAINT group_member_role CHECK (role IN ('team_member', 'head', 'guardian'));
