-- +goose Up
CREATE TABLE person (
    id uuid PRIMARY KEY,
    email text NOT NULL CONSTRAINT person_email_once UNIQUE,
    name text NOT NULL,
    sort_name text NOT NULL,
    name_folded text NOT NULL DEFAULT '',
    password_hash text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'pending',
    email_confirmed_at timestamptz,
    institution_id uuid REFERENCES institution (id),
    function text NOT NULL DEFAULT '',
    lang text NOT NULL DEFAULT 'pl',
    about text NOT NULL DEFAULT '',
    shown text[] NOT NULL DEFAULT '{}',
    confirmed_by uuid REFERENCES person (id),
    confirmed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT person_email_lower CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    CONSTRAINT person_name CHECK (length(name) BETWEEN 1 AND 120),
    CONSTRAINT person_state CHECK (state IN ('invited', 'pending', 'active', 'refused', 'blocked', 'erased')),
    CONSTRAINT person_password CHECK (state NOT IN ('invited', 'erased') OR password_hash = ''),
    CONSTRAINT person_function CHECK (length(function) <= 120),
    CONSTRAINT person_about CHECK (length(about) <= 2000),
    CONSTRAINT person_shown CHECK (shown <@ ARRAY['function', 'about', 'email']),
    CONSTRAINT person_lang CHECK (lang IN ('pl', 'en'))
);
COMMENT ON TABLE person IS 'Accounts: invited (has not taken up the mailed link), pending (waits for the school or centre), active, refused, blocked, erased. No PESEL, no birth date. name_folded is what searches compare: name and e-mail without diacritics. shown lists the profile fields that the person chose to show. Owner: core/identity.';
CREATE INDEX person_institution ON person (institution_id, state);
CREATE INDEX person_confirmed_by ON person (confirmed_by);
CREATE INDEX person_sort ON person (sort_name, id);
CREATE INDEX person_search ON person USING gin (name_folded gin_trgm_ops);
CREATE INDEX person_pending ON person (id) WHERE state = 'pending';

CREATE TABLE session (
    id uuid PRIMARY KEY,
    token_hash bytea NOT NULL CONSTRAINT session_token_once UNIQUE,
    person_id uuid NOT NULL REFERENCES person (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz NOT NULL,
    ended_at timestamptz,
    agent text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT ''
);
COMMENT ON TABLE session IS 'Signed-in browsers; only the SHA-256 of the cookie is kept. How long one may rest follows from the roles at each request. Ended ones stay 30 days: an address from which somebody signed in before is not shut to them by others'' failures. Owner: core/identity.';
CREATE INDEX session_person ON session (person_id, id);
CREATE INDEX session_ends ON session (ends_at);

CREATE TABLE api_token (
    id uuid PRIMARY KEY,
    token_hash bytea NOT NULL CONSTRAINT api_token_once UNIQUE,
    person_id uuid NOT NULL REFERENCES person (id),
    label text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz,
    ends_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT api_token_label CHECK (length(label) BETWEEN 1 AND 80)
);
COMMENT ON TABLE api_token IS 'Bearer tokens of people for the API; only their SHA-256 is kept. Owner: core/identity.';
CREATE INDEX api_token_person ON api_token (person_id);

CREATE TABLE mail_link (
    token_hash bytea PRIMARY KEY,
    purpose text NOT NULL,
    person_id uuid REFERENCES person (id),
    email text NOT NULL,
    data jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT mail_link_purpose CHECK (purpose IN ('confirm_email', 'reset', 'invitation'))
);
COMMENT ON TABLE mail_link IS 'Single-use links sent by mail; opening one changes nothing, its page acts by POST. data of confirm_email holds the registration itself, so that nobody can slip a password of theirs into an account that another person confirms. Owner: core/identity.';
CREATE INDEX mail_link_person ON mail_link (person_id);
CREATE INDEX mail_link_ends ON mail_link (ends_at);

CREATE TABLE throttle (
    key text PRIMARY KEY,
    failures integer NOT NULL DEFAULT 0,
    first_at timestamptz NOT NULL DEFAULT now(),
    blocked_until timestamptz
);
COMMENT ON TABLE throttle IS 'Attempts (sign-in, reset, registration) per account with address and per address; keys are keyed digests. Owner: core/identity.';
CREATE INDEX throttle_first ON throttle (first_at);

CREATE TABLE role_grant (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person (id),
    role text NOT NULL,
    scope_kind text NOT NULL,
    scope_id uuid,
    valid_from timestamptz NOT NULL DEFAULT now(),
    valid_to timestamptz,
    given_by uuid REFERENCES person (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT role_grant_scope_kind CHECK (scope_kind IN ('platform', 'centre', 'institution', 'programme', 'network', 'group')),
    CONSTRAINT role_grant_scope CHECK ((scope_kind = 'platform') = (scope_id IS NULL)),
    CONSTRAINT role_grant_period CHECK (valid_to IS NULL OR valid_to >= valid_from)
);
COMMENT ON TABLE role_grant IS 'Who has which role where, and when. Membership, group and programme changes write it in their own transaction through core/access. Owner: core/access.';
CREATE UNIQUE INDEX role_grant_once ON role_grant (person_id, role, scope_kind, coalesce(scope_id, '00000000-0000-0000-0000-000000000000')) WHERE valid_to IS NULL;
CREATE INDEX role_grant_person ON role_grant (person_id, valid_from);
CREATE INDEX role_grant_scope_index ON role_grant (scope_kind, scope_id, role);
CREATE INDEX role_grant_given_by ON role_grant (given_by);

-- +goose Down
DROP TABLE role_grant, throttle, mail_link, api_token, session, person;
