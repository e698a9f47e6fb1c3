-- +goose Up
-- What people show of themselves is for the people of their networks.
ALTER TABLE search_doc DROP CONSTRAINT search_doc_audience;
ALTER TABLE search_doc ADD CONSTRAINT search_doc_audience CHECK (audience IN ('public', 'platform', 'shared', 'network'));
UPDATE search_doc SET audience = 'shared' WHERE kind = 'person';

-- +goose Down
UPDATE search_doc SET audience = 'platform' WHERE audience = 'shared';
ALTER TABLE search_doc DROP CONSTRAINT search_doc_audience;
ALTER TABLE search_doc ADD CONSTRAINT search_doc_audience CHECK (audience IN ('public', 'platform', 'network'));
