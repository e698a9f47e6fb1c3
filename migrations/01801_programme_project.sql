-- +goose Up
CREATE TABLE programme_project (
    programme_id uuid CONSTRAINT programme_project_pkey PRIMARY KEY REFERENCES programme (id),
    value_grosze bigint NOT NULL DEFAULT 0,
    own_grosze bigint NOT NULL DEFAULT 0,
    badges text[] NOT NULL DEFAULT '{}',
    public boolean NOT NULL DEFAULT false,
    changed_by uuid REFERENCES person (id),
    changed_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT programme_project_value CHECK (value_grosze BETWEEN 0 AND 100000000000000),
    CONSTRAINT programme_project_own CHECK (own_grosze BETWEEN 0 AND value_grosze),
    CONSTRAINT programme_project_badges CHECK (cardinality(badges) <= 10)
);
COMMENT ON TABLE programme_project IS 'What a programme is as a project: its value and its leader''s own share in grosze (0: not given), the badges of its funding, and whether anybody may read this; without a row nothing is said. Its period is the programme''s. Owner: core/programme.';
CREATE INDEX programme_project_changed_by ON programme_project (changed_by);

CREATE TABLE programme_partner (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL REFERENCES programme (id),
    name text NOT NULL,
    country text NOT NULL DEFAULT 'PL',
    share_grosze bigint NOT NULL DEFAULT 0,
    CONSTRAINT programme_partner_once UNIQUE (programme_id, name, country),
    CONSTRAINT programme_partner_name CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT programme_partner_country CHECK (country ~ '^[A-Z]{2}$'),
    CONSTRAINT programme_partner_share CHECK (share_grosze BETWEEN 0 AND 100000000000000)
);
COMMENT ON TABLE programme_partner IS 'Organisations at home and abroad that carry a programme together with its leader; country by ISO 3166-1, share of the value in grosze (0: none). Owner: core/programme.';

CREATE TABLE programme_rule (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL REFERENCES programme (id),
    valid_from date NOT NULL,
    networks_least integer NOT NULL,
    meetings_least integer NOT NULL,
    meetings_most integer NOT NULL,
    set_by uuid REFERENCES person (id),
    set_at timestamptz NOT NULL,
    CONSTRAINT programme_rule_once UNIQUE (programme_id, valid_from),
    CONSTRAINT programme_rule_networks CHECK (networks_least BETWEEN 0 AND 1000),
    CONSTRAINT programme_rule_meetings CHECK (meetings_least BETWEEN 0 AND 30 AND meetings_most BETWEEN greatest(meetings_least, 1) AND 60)
);
COMMENT ON TABLE programme_rule IS 'The rules of a programme from a day on: networks in each powiat, meetings of each network in a school year. A network is held to the rule of the day on which it was founded, or of 1 September of its school year when it was founded before: later rules leave it alone. Owner: core/programme.';
CREATE INDEX programme_rule_set_by ON programme_rule (set_by);

-- +goose Down
DROP TABLE programme_rule, programme_partner, programme_project;
