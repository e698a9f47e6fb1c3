-- +goose Up
ALTER TABLE institution
    ADD COLUMN town_code text NOT NULL DEFAULT '',
    ADD COLUMN phone text NOT NULL DEFAULT '',
    ADD COLUMN public_status text NOT NULL DEFAULT '',
    ADD COLUMN pupil_category text NOT NULL DEFAULT '',
    ADD COLUMN opened_on date,
    ADD COLUMN leading_bodies jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN vocations jsonb NOT NULL DEFAULT '[]',
    ADD CONSTRAINT institution_town_code CHECK (town_code ~ '^([0-9]{7})?$'),
    ADD CONSTRAINT institution_leading_bodies CHECK (jsonb_typeof(leading_bodies) = 'array'),
    ADD CONSTRAINT institution_vocations CHECK (jsonb_typeof(vocations) = 'array');
COMMENT ON COLUMN institution.leading_bodies IS 'Who runs it, in the order of the register: [{"type", "name", "regon"}]; of a natural person the type alone.';
COMMENT ON COLUMN institution.vocations IS 'What is taught there: [{"code", "name"}]; a code of six digits, or "" where the register gives none.';
CREATE INDEX institution_vocation ON institution USING gin (vocations jsonb_path_ops) WHERE vocations <> '[]';

ALTER TABLE registry_import
    ADD COLUMN state text NOT NULL DEFAULT 'done',
    ADD COLUMN name text NOT NULL DEFAULT '',
    ADD COLUMN whole boolean NOT NULL DEFAULT false,
    ADD COLUMN as_of date,
    ADD COLUMN base bigint NOT NULL DEFAULT 0,
    ADD COLUMN epoch bigint NOT NULL DEFAULT 0,
    ADD COLUMN phase text NOT NULL DEFAULT '',
    ADD COLUMN done integer NOT NULL DEFAULT 0,
    ADD COLUMN total integer NOT NULL DEFAULT 0,
    ADD COLUMN job_id bigint,
    ADD COLUMN acted_by uuid,
    ADD COLUMN confirmed_at timestamptz,
    ADD COLUMN ended_at timestamptz,
    ADD COLUMN failure jsonb,
    ADD CONSTRAINT registry_import_state CHECK (state IN
        ('reading', 'ready', 'writing', 'done', 'undoing', 'undone', 'cancelled', 'failed', 'expired')),
    ADD CONSTRAINT registry_import_progress CHECK (done >= 0 AND total >= 0);
COMMENT ON TABLE registry_import IS 'Imports of official registers, from the file handed in to the end: read and compared (reading, ready), written (writing, done), taken back (undoing, undone), or ended without a change (cancelled, failed, expired). by_id is null at the command line. epoch counts the changes of the registers by imports, base is the epoch that the comparison was made with. Owner: core/registry.';
CREATE INDEX registry_import_open ON registry_import (at) WHERE state IN ('reading', 'ready', 'writing', 'undoing');
CREATE INDEX registry_import_epoch ON registry_import (epoch);

CREATE TABLE registry_file (
    import_id uuid PRIMARY KEY CONSTRAINT registry_file_import REFERENCES registry_import ON DELETE CASCADE,
    raw bytea NOT NULL
);
ALTER TABLE registry_file ALTER COLUMN raw SET STORAGE EXTERNAL;
COMMENT ON TABLE registry_file IS 'Files handed in that are still to be read; gone once they are. Owner: core/registry.';

CREATE TABLE registry_note (
    import_id uuid CONSTRAINT registry_note_import REFERENCES registry_import ON DELETE CASCADE,
    level text CONSTRAINT registry_note_level CHECK (level IN ('rejected', 'warning')),
    no integer,
    line integer NOT NULL,
    heading text NOT NULL,
    path text NOT NULL,
    key text NOT NULL,
    args jsonb NOT NULL,
    PRIMARY KEY (import_id, level, no)
);
COMMENT ON TABLE registry_note IS 'Why rows of a file were rejected, and what was let through with a remark. Owner: core/registry.';

CREATE TABLE registry_stage_unit (
    import_id uuid CONSTRAINT registry_stage_unit_import REFERENCES registry_import ON DELETE CASCADE,
    change text NOT NULL CONSTRAINT registry_stage_unit_change CHECK (change IN ('new', 'changed', 'closed')),
    fields text[] NOT NULL,
    was jsonb NOT NULL,
    line integer NOT NULL,
    code text,
    kind text NOT NULL,
    name text NOT NULL,
    name_folded text NOT NULL,
    descriptor text NOT NULL,
    parent_code text,
    as_of date NOT NULL,
    PRIMARY KEY (import_id, code)
);
COMMENT ON TABLE registry_stage_unit IS 'What a read file changes in the territorial units, waiting for a confirmation. Owner: core/registry.';
CREATE INDEX registry_stage_unit_page ON registry_stage_unit (import_id, change, code);

CREATE TABLE registry_stage_institution (
    import_id uuid CONSTRAINT registry_stage_institution_import REFERENCES registry_import ON DELETE CASCADE,
    change text NOT NULL CONSTRAINT registry_stage_institution_change CHECK (change IN ('new', 'changed', 'closed')),
    fields text[] NOT NULL,
    was jsonb NOT NULL,
    line integer NOT NULL,
    is_new boolean NOT NULL,
    id uuid NOT NULL,
    rspo integer,
    kind text NOT NULL,
    type_name text NOT NULL,
    name text NOT NULL,
    name_folded text NOT NULL,
    parent_id uuid,
    complex_id uuid NOT NULL,
    gmina_code text,
    powiat_code text,
    town text NOT NULL,
    town_code text NOT NULL,
    street text NOT NULL,
    postcode text NOT NULL,
    regon text NOT NULL,
    email text NOT NULL,
    phone text NOT NULL,
    website text NOT NULL,
    public_status text NOT NULL,
    pupil_category text NOT NULL,
    opened_on date,
    closed_on date,
    leading_bodies jsonb NOT NULL,
    vocations jsonb NOT NULL,
    PRIMARY KEY (import_id, rspo)
);
COMMENT ON TABLE registry_stage_institution IS 'What a read file changes in the institutions, waiting for a confirmation. Owner: core/registry.';
CREATE INDEX registry_stage_institution_page ON registry_stage_institution (import_id, change, rspo);

CREATE TABLE teryt_unit_version (
    code text CONSTRAINT teryt_unit_version_unit REFERENCES teryt_unit ON DELETE CASCADE,
    no integer,
    valid_from date NOT NULL,
    valid_to date CONSTRAINT teryt_unit_version_period CHECK (valid_to >= valid_from),
    import_id uuid CONSTRAINT teryt_unit_version_import REFERENCES registry_import,
    ended_by uuid CONSTRAINT teryt_unit_version_ended_by REFERENCES registry_import,
    kind text NOT NULL,
    name text NOT NULL,
    name_folded text NOT NULL,
    descriptor text NOT NULL,
    parent_code text,
    as_of date NOT NULL,
    PRIMARY KEY (code, no)
);
COMMENT ON TABLE teryt_unit_version IS 'What each territorial unit was from valid_from to the day before valid_to (null: until further notice); a unit without a version on a day does not exist on it. Owner: core/registry.';
CREATE UNIQUE INDEX teryt_unit_version_open ON teryt_unit_version (code) WHERE valid_to IS NULL;
CREATE INDEX teryt_unit_version_import_index ON teryt_unit_version (import_id);
CREATE INDEX teryt_unit_version_ended_by_index ON teryt_unit_version (ended_by);

CREATE TABLE institution_version (
    institution_id uuid CONSTRAINT institution_version_institution REFERENCES institution ON DELETE CASCADE,
    no integer,
    valid_from date NOT NULL,
    valid_to date CONSTRAINT institution_version_period CHECK (valid_to >= valid_from),
    import_id uuid CONSTRAINT institution_version_import REFERENCES registry_import,
    ended_by uuid CONSTRAINT institution_version_ended_by REFERENCES registry_import,
    version integer NOT NULL,
    rspo integer,
    kind text NOT NULL,
    type_name text NOT NULL,
    name text NOT NULL,
    name_folded text NOT NULL,
    parent_id uuid,
    complex_id uuid NOT NULL,
    gmina_code text,
    powiat_code text,
    town text NOT NULL,
    town_code text NOT NULL,
    street text NOT NULL,
    postcode text NOT NULL,
    regon text NOT NULL,
    email text NOT NULL,
    phone text NOT NULL,
    website text NOT NULL,
    public_status text NOT NULL,
    pupil_category text NOT NULL,
    opened_on date,
    closed_on date,
    leading_bodies jsonb NOT NULL,
    vocations jsonb NOT NULL,
    PRIMARY KEY (institution_id, no)
);
COMMENT ON TABLE institution_version IS 'What the register said of each institution from valid_from to the day before valid_to (null: until further notice). Owner: core/registry.';
CREATE UNIQUE INDEX institution_version_open ON institution_version (institution_id) WHERE valid_to IS NULL;
CREATE INDEX institution_version_import_index ON institution_version (import_id);
CREATE INDEX institution_version_ended_by_index ON institution_version (ended_by);
CREATE INDEX institution_version_page ON institution_version (name_folded, institution_id);
CREATE INDEX institution_version_kind_page ON institution_version (kind, name_folded, institution_id);
CREATE INDEX institution_version_powiat ON institution_version (powiat_code, kind);
CREATE INDEX institution_version_search ON institution_version USING gin (name_folded gin_trgm_ops);

-- Whoever writes a register writes its history: the triggers see to it. What
-- they cannot know, an import says in settings of its transaction:
-- sieci.register_day (from when it holds), sieci.register_import (who says so)
-- and sieci.register_keep = off (an import taken back mends the history itself).
-- What is there before any import counts from 1 January 1999, when today's
-- voivodeships began.
-- +goose StatementBegin
CREATE FUNCTION register_day() RETURNS date LANGUAGE sql STABLE AS
$$ SELECT CAST(nullif(current_setting('sieci.register_day', true), '') AS date) $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION register_import() RETURNS uuid LANGUAGE sql STABLE AS
$$ SELECT CAST(nullif(current_setting('sieci.register_import', true), '') AS uuid) $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION teryt_unit_remember() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('sieci.register_keep', true) = 'off' THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO teryt_unit_version (code, no, valid_from, import_id, kind, name, name_folded, descriptor, parent_code, as_of)
        SELECT code, 1, coalesce(register_day(), DATE '1999-01-01'), register_import(), kind, name, name_folded, descriptor, parent_code, as_of
        FROM fresh;
        RETURN NULL;
    END IF;
    WITH changed AS (
        SELECT f.* FROM fresh f JOIN stale s ON s.code = f.code
        WHERE (f.kind, f.name, f.descriptor, f.parent_code) IS DISTINCT FROM (s.kind, s.name, s.descriptor, s.parent_code)
    ), ended AS (
        UPDATE teryt_unit_version v SET valid_to = greatest(v.valid_from, coalesce(register_day(), c.as_of)), ended_by = register_import()
        FROM changed c WHERE v.code = c.code AND v.valid_to IS NULL
        RETURNING v.code, v.valid_to
    )
    INSERT INTO teryt_unit_version (code, no, valid_from, import_id, kind, name, name_folded, descriptor, parent_code, as_of)
    SELECT c.code, coalesce((SELECT max(v.no) FROM teryt_unit_version v WHERE v.code = c.code), 0) + 1,
        coalesce(e.valid_to, register_day(), c.as_of), register_import(), c.kind, c.name, c.name_folded, c.descriptor, c.parent_code, c.as_of
    FROM changed c LEFT JOIN ended e ON e.code = c.code;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER teryt_unit_remember_new AFTER INSERT ON teryt_unit
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION teryt_unit_remember();
CREATE TRIGGER teryt_unit_remember_change AFTER UPDATE ON teryt_unit
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION teryt_unit_remember();

-- +goose StatementBegin
CREATE FUNCTION institution_remember() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('sieci.register_keep', true) = 'off' THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO institution_version (institution_id, no, valid_from, import_id, version, rspo, kind, type_name, name, name_folded,
            parent_id, complex_id, gmina_code, powiat_code, town, town_code, street, postcode, regon, email, phone, website,
            public_status, pupil_category, opened_on, closed_on, leading_bodies, vocations)
        SELECT id, 1, coalesce(register_day(), DATE '1999-01-01'), register_import(), version, rspo, kind, type_name, name, name_folded,
            parent_id, complex_id, gmina_code, powiat_code, town, town_code, street, postcode, regon, email, phone, website,
            public_status, pupil_category, opened_on, closed_on, leading_bodies, vocations
        FROM fresh;
        RETURN NULL;
    END IF;
    WITH changed AS (
        SELECT f.* FROM fresh f JOIN stale s ON s.id = f.id
        WHERE (f.kind, f.type_name, f.name, f.name_folded, f.parent_id, f.complex_id, f.gmina_code, f.powiat_code, f.town, f.town_code,
            f.street, f.postcode, f.regon, f.email, f.phone, f.website, f.public_status, f.pupil_category, f.opened_on, f.closed_on,
            f.leading_bodies, f.vocations)
        IS DISTINCT FROM (s.kind, s.type_name, s.name, s.name_folded, s.parent_id, s.complex_id, s.gmina_code, s.powiat_code, s.town, s.town_code,
            s.street, s.postcode, s.regon, s.email, s.phone, s.website, s.public_status, s.pupil_category, s.opened_on, s.closed_on,
            s.leading_bodies, s.vocations)
    ), ended AS (
        UPDATE institution_version v SET valid_to = greatest(v.valid_from, coalesce(register_day(), current_date)), ended_by = register_import()
        FROM changed c WHERE v.institution_id = c.id AND v.valid_to IS NULL
        RETURNING v.institution_id, v.no, v.valid_to
    )
    INSERT INTO institution_version (institution_id, no, valid_from, import_id, version, rspo, kind, type_name, name, name_folded,
        parent_id, complex_id, gmina_code, powiat_code, town, town_code, street, postcode, regon, email, phone, website,
        public_status, pupil_category, opened_on, closed_on, leading_bodies, vocations)
    SELECT c.id, coalesce(e.no, 0) + 1, coalesce(e.valid_to, register_day(), current_date), register_import(), c.version, c.rspo, c.kind,
        c.type_name, c.name, c.name_folded, c.parent_id, c.complex_id, c.gmina_code, c.powiat_code, c.town, c.town_code, c.street, c.postcode,
        c.regon, c.email, c.phone, c.website, c.public_status, c.pupil_category, c.opened_on, c.closed_on, c.leading_bodies, c.vocations
    FROM changed c LEFT JOIN ended e ON e.institution_id = c.id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER institution_remember_new AFTER INSERT ON institution
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION institution_remember();
CREATE TRIGGER institution_remember_change AFTER UPDATE ON institution
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION institution_remember();

-- What was there until now counts from the beginning; a unit that the last file
-- of its voivodeship no longer named ended on the day of that file.
INSERT INTO teryt_unit_version (code, no, valid_from, valid_to, kind, name, name_folded, descriptor, parent_code, as_of)
SELECT u.code, 1, DATE '1999-01-01', CASE WHEN u.as_of < v.as_of THEN v.as_of END, u.kind, u.name, u.name_folded, u.descriptor, u.parent_code, u.as_of
FROM teryt_unit u LEFT JOIN teryt_unit v ON v.code = left(u.code, 2);
INSERT INTO institution_version (institution_id, no, valid_from, version, rspo, kind, type_name, name, name_folded,
    parent_id, complex_id, gmina_code, powiat_code, town, town_code, street, postcode, regon, email, phone, website,
    public_status, pupil_category, opened_on, closed_on, leading_bodies, vocations)
SELECT id, 1, DATE '1999-01-01', version, rspo, kind, type_name, name, name_folded,
    parent_id, complex_id, gmina_code, powiat_code, town, town_code, street, postcode, regon, email, phone, website,
    public_status, pupil_category, opened_on, closed_on, leading_bodies, vocations
FROM institution;

-- +goose StatementBegin
CREATE FUNCTION teryt_unit_on(day date)
RETURNS TABLE (code text, kind text, name text, name_folded text, descriptor text, parent_code text, valid_from date, valid_to date)
LANGUAGE sql STABLE AS $$
    SELECT v.code, v.kind, v.name, v.name_folded, v.descriptor, v.parent_code, v.valid_from, v.valid_to
    FROM teryt_unit_version v WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION teryt_unit_on IS 'The territorial units that exist on a day, as they are on it.';
-- +goose StatementBegin
CREATE FUNCTION institution_on(day date)
RETURNS TABLE (id uuid, rspo integer, kind text, type_name text, name text, name_folded text, parent_id uuid, complex_id uuid,
    gmina_code text, powiat_code text, town text, town_code text, street text, postcode text, regon text, email text, phone text,
    website text, public_status text, pupil_category text, opened_on date, closed_on date, leading_bodies jsonb, vocations jsonb,
    version integer, active boolean, valid_from date, valid_to date)
LANGUAGE sql STABLE AS $$
    SELECT v.institution_id, v.rspo, v.kind, v.type_name, v.name, v.name_folded, v.parent_id, v.complex_id,
        v.gmina_code, v.powiat_code, v.town, v.town_code, v.street, v.postcode, v.regon, v.email, v.phone,
        v.website, v.public_status, v.pupil_category, v.opened_on, v.closed_on, v.leading_bodies, v.vocations,
        v.version, (v.opened_on IS NULL OR v.opened_on <= day) AND (v.closed_on IS NULL OR v.closed_on > day), v.valid_from, v.valid_to
    FROM institution_version v WHERE v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION institution_on IS 'The institutions that the register knew on a day, closed ones too, as it described them on it; active: founded and not yet closed on that day.';

-- +goose Down
DROP FUNCTION institution_on(date);
DROP FUNCTION teryt_unit_on(date);
DROP TRIGGER institution_remember_change ON institution;
DROP TRIGGER institution_remember_new ON institution;
DROP TRIGGER teryt_unit_remember_change ON teryt_unit;
DROP TRIGGER teryt_unit_remember_new ON teryt_unit;
DROP FUNCTION institution_remember();
DROP FUNCTION teryt_unit_remember();
DROP FUNCTION register_import();
DROP FUNCTION register_day();
DROP TABLE institution_version, teryt_unit_version, registry_stage_institution, registry_stage_unit, registry_note, registry_file;
DELETE FROM registry_import WHERE state <> 'done';
DROP INDEX registry_import_epoch, registry_import_open;
ALTER TABLE registry_import DROP COLUMN state, DROP COLUMN name, DROP COLUMN whole, DROP COLUMN as_of, DROP COLUMN base, DROP COLUMN epoch,
    DROP COLUMN phase, DROP COLUMN done, DROP COLUMN total, DROP COLUMN job_id, DROP COLUMN acted_by, DROP COLUMN confirmed_at, DROP COLUMN ended_at, DROP COLUMN failure;
COMMENT ON TABLE registry_import IS 'Imports of official registers that were written, with their reports. by_id is null at the command line. Owner: core/registry.';
ALTER TABLE institution DROP COLUMN town_code, DROP COLUMN phone, DROP COLUMN public_status, DROP COLUMN pupil_category,
    DROP COLUMN opened_on, DROP COLUMN leading_bodies, DROP COLUMN vocations;
