-- +goose Up
ALTER TABLE programme ADD COLUMN open_to_networks boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN programme.open_to_networks IS 'Networks of its centre and territory enter by themselves; else its lead answers each request.';
ALTER TABLE network ADD COLUMN programme_since timestamptz,
    ADD CONSTRAINT programme_network_since CHECK (programme_since IS NULL OR programme_id IS NOT NULL);
COMMENT ON COLUMN network.programme_since IS 'When the network entered its programme; null where it was founded in it.';

CREATE TABLE programme_network (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    network_id uuid NOT NULL REFERENCES network (id),
    programme_id uuid NOT NULL REFERENCES programme (id),
    state text NOT NULL,
    note text NOT NULL DEFAULT '',
    asked_by uuid REFERENCES person (id),
    asked_at timestamptz NOT NULL,
    reason text NOT NULL DEFAULT '',
    decided_by uuid REFERENCES person (id),
    decided_at timestamptz,
    joined_at timestamptz,
    left_at timestamptz,
    left_by uuid REFERENCES person (id),
    CONSTRAINT programme_network_state CHECK (state IN ('asked', 'declined', 'withdrawn', 'in', 'left')),
    CONSTRAINT programme_network_joined CHECK ((joined_at IS NOT NULL) = (state IN ('in', 'left'))),
    CONSTRAINT programme_network_left CHECK ((left_at IS NOT NULL) = (state = 'left') AND (left_at IS NULL OR left_at >= joined_at)),
    CONSTRAINT programme_network_note CHECK (length(note) <= 1000),
    CONSTRAINT programme_network_reason CHECK (length(reason) <= 1000)
);
COMMENT ON TABLE programme_network IS 'In which programme a network was and is, from when to when, with the requests to enter one and why they were declined or the network left. The row in state "in" says the same as network.programme_id; a network founded in a programme has its row by a trigger. Owner: core/network.';
CREATE UNIQUE INDEX programme_network_one ON programme_network (network_id) WHERE state = 'in';
CREATE UNIQUE INDEX programme_network_one_request ON programme_network (network_id) WHERE state = 'asked';
CREATE INDEX programme_network_network ON programme_network (network_id, joined_at);
CREATE INDEX programme_network_programme ON programme_network (programme_id, state);
CREATE INDEX programme_network_asked_by ON programme_network (asked_by);
CREATE INDEX programme_network_decided_by ON programme_network (decided_by);
CREATE INDEX programme_network_left_by ON programme_network (left_by);

INSERT INTO programme_network (network_id, programme_id, state, asked_by, asked_at, joined_at)
SELECT n.id, n.programme_id, 'in', n.founded_by, n.created_at, n.created_at FROM network n WHERE n.programme_id IS NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION programme_network_found() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO programme_network (network_id, programme_id, state, asked_by, asked_at, joined_at)
    SELECT n.id, n.programme_id, 'in', n.founded_by, n.created_at, n.created_at FROM fresh n WHERE n.programme_id IS NOT NULL;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER programme_network_found AFTER INSERT ON network
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION programme_network_found();

-- +goose StatementBegin
CREATE FUNCTION programme_network_at(network uuid, moment timestamptz)
RETURNS TABLE (programme_id uuid, joined_at timestamptz) LANGUAGE sql STABLE AS $$
    SELECT y.programme_id, y.joined_at FROM programme_network y
    WHERE y.network_id = network AND y.joined_at <= moment AND (y.left_at IS NULL OR y.left_at > moment)
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION programme_network_at IS 'The programme in which a network was at a moment: one row, or none.';
COMMENT ON TABLE programme_rule IS 'The rules of a programme from a day on: networks in each powiat, meetings of each network in a school year. A network is held to the rule of the day on which it was founded or entered the programme, or of 1 September of its school year when that was before: later rules leave it alone. Owner: core/programme.';

-- +goose Down
COMMENT ON TABLE programme_rule IS 'The rules of a programme from a day on: networks in each powiat, meetings of each network in a school year. A network is held to the rule of the day on which it was founded, or of 1 September of its school year when it was founded before: later rules leave it alone. Owner: core/programme.';
DROP FUNCTION programme_network_at(uuid, timestamptz);
DROP TRIGGER programme_network_found ON network;
DROP FUNCTION programme_network_found();
DROP TABLE programme_network;
ALTER TABLE network DROP CONSTRAINT programme_network_since, DROP COLUMN programme_since;
ALTER TABLE programme DROP COLUMN open_to_networks;
