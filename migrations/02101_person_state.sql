-- +goose Up
-- Accounts in one state, by name: the few blocked or waiting ones among all.
CREATE INDEX person_state_page ON person (state, sort_name, id);

-- +goose Down
DROP INDEX person_state_page;
