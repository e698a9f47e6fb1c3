-- +goose Up
-- What was done of one kind, the newest first: few acts among millions of others.
CREATE INDEX audit_event_action ON audit_event (action text_pattern_ops, id);

-- +goose Down
DROP INDEX audit_event_action;
