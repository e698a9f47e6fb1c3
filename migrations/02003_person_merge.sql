-- +goose Up
ALTER TABLE person ADD COLUMN merged_into uuid CONSTRAINT person_merged_into REFERENCES person;
ALTER TABLE person DROP CONSTRAINT person_state, DROP CONSTRAINT person_password;
ALTER TABLE person
    ADD CONSTRAINT person_state CHECK (state IN ('invited', 'pending', 'active', 'refused', 'blocked', 'merged', 'erased')),
    ADD CONSTRAINT person_password CHECK (state NOT IN ('invited', 'merged', 'erased') OR password_hash = ''),
    ADD CONSTRAINT person_merged CHECK ((state = 'merged') = (merged_into IS NOT NULL) AND merged_into <> id);
COMMENT ON TABLE person IS 'Accounts: invited (has not taken up the mailed link), pending (waits for the school or centre), active, refused, blocked, merged (closed; merged_into is the account that took its place, and its address leads there), erased. No PESEL, no birth date. name_folded is what searches compare: name and e-mail without diacritics. shown lists the profile fields that the person chose to show. Owner: core/identity.';
CREATE INDEX person_merged_into_index ON person (merged_into);

-- +goose Down
UPDATE person SET state = 'blocked', merged_into = NULL WHERE state = 'merged';
DROP INDEX person_merged_into_index;
ALTER TABLE person DROP CONSTRAINT person_merged, DROP CONSTRAINT person_state, DROP CONSTRAINT person_password, DROP COLUMN merged_into;
ALTER TABLE person
    ADD CONSTRAINT person_state CHECK (state IN ('invited', 'pending', 'active', 'refused', 'blocked', 'erased')),
    ADD CONSTRAINT person_password CHECK (state NOT IN ('invited', 'erased') OR password_hash = '');
COMMENT ON TABLE person IS 'Accounts: invited (has not taken up the mailed link), pending (waits for the school or centre), active, refused, blocked, erased. No PESEL, no birth date. name_folded is what searches compare: name and e-mail without diacritics. shown lists the profile fields that the person chose to show. Owner: core/identity.';
