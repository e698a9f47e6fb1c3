-- +goose Up
ALTER TABLE mail_link DROP CONSTRAINT mail_link_purpose;
ALTER TABLE mail_link ADD CONSTRAINT mail_link_purpose CHECK (purpose IN ('confirm_email', 'reset', 'invitation', 'email'));

-- +goose Down
DELETE FROM mail_link WHERE purpose = 'email';
ALTER TABLE mail_link DROP CONSTRAINT mail_link_purpose;
ALTER TABLE mail_link ADD CONSTRAINT mail_link_purpose CHECK (purpose IN ('confirm_email', 'reset', 'invitation'));
