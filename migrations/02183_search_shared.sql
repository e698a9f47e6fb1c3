-- +goose Up
-- What people show of themselves is for the people of their networks. In a large
-- country that is a change of many rows, whatever limit requests have.
SET LOCAL statement_timeout = 0;
ALTER TABLE search_doc DROP CONSTRAINT search_doc_audience;
ALTER TABLE search_doc ADD CONSTRAINT search_doc_audience CHECK (audience IN ('public', 'platform', 'shared', 'network'));
UPDATE search_doc SET audience = 'shared' WHERE kind = 'person';

-- +goose Down
UPDATE search_doc SET audience = 'platform' WHERE audience = 'shared';
ALTER TABLE search_doc DROP CONSTRAINT search_doc_audience;
ALTER TABLE search_doc ADD CONSTRAINT search_doc_audience CHECK (audience IN ('public', 'platform', 'network'));
