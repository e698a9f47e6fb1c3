-- +goose Up
ALTER TABLE api_token ADD COLUMN acts boolean NOT NULL DEFAULT false;
COMMENT ON TABLE api_token IS 'Bearer tokens of people for the API; only their SHA-256 is kept. acts: its owner chose that it may also do what a session asks a fresh confirmation for. Owner: core/identity.';
ALTER TABLE session ADD COLUMN strong boolean NOT NULL DEFAULT false;
COMMENT ON TABLE session IS 'Signed-in browsers; only the SHA-256 of the cookie is kept. How long one may rest follows from the roles at each request. strong: opened or confirmed with a passkey, which is two factors in one. Ended ones stay 30 days: an address from which somebody signed in before is not shut to them by others'' failures. Owner: core/identity.';

-- +goose Down
ALTER TABLE session DROP COLUMN strong;
ALTER TABLE api_token DROP COLUMN acts;
