-- +goose Up
-- What the start page of administration counts: each by an index of the open
-- rows alone, however many there were before.
CREATE INDEX network_open_centre ON network (centre_id) WHERE status = 'open';
CREATE INDEX task_overdue ON task (due_at) WHERE state IN ('open', 'returned');
CREATE INDEX meeting_unclosed ON meeting (ends_at) WHERE state = 'held';
CREATE INDEX membership_requested ON membership (changed_at) WHERE state = 'requested';

-- +goose Down
DROP INDEX membership_requested, meeting_unclosed, task_overdue, network_open_centre;
