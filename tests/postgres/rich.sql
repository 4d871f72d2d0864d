-- A schema with something of every kind, and every attribute of it, for test_mutations.py to change by hand.
CREATE SCHEMA app;
CREATE SCHEMA empty;
CREATE EXTENSION fuzzystrmatch SCHEMA public;
CREATE TYPE app."Role" AS ENUM ('USER', 'ADMIN', 'GUEST');
CREATE TYPE app.spare AS ENUM ('a', 'b');
CREATE TYPE address AS (street text, zip varchar(10));
CREATE FUNCTION minutes(a time, b time) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT extract(epoch FROM a - b)::float8 / 60';
CREATE TYPE app.shift AS RANGE (subtype = time, subtype_diff = minutes);
CREATE TYPE app.words AS RANGE (subtype = text, collation = "C");
CREATE TYPE app.days AS RANGE (subtype = date);
CREATE FUNCTION address_of(text) RETURNS address LANGUAGE sql IMMUTABLE AS 'SELECT ROW($1, NULL)::address';
CREATE FUNCTION app.address_of(text) RETURNS address LANGUAGE sql IMMUTABLE AS 'SELECT ROW(NULL, $1)::address';
CREATE CAST (text AS address) WITH FUNCTION address_of(text) AS ASSIGNMENT;
CREATE FUNCTION in_street(a address, b address) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT ($1).street = ($2).street';
CREATE FUNCTION elsewhere(a address, b address) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT ($1).street <> ($2).street';
CREATE OPERATOR === (LEFTARG = address, RIGHTARG = address, FUNCTION = in_street, COMMUTATOR = ===, NEGATOR = !==, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR !== (LEFTARG = address, RIGHTARG = address, FUNCTION = elsewhere, COMMUTATOR = !==, NEGATOR = ===);
CREATE OPERATOR app.~~~ (LEFTARG = address, RIGHTARG = address, FUNCTION = in_street);
CREATE FUNCTION hash_of(a address) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT hashtext(($1).street)';
CREATE OPERATOR app.=# (LEFTARG = address, RIGHTARG = address, FUNCTION = in_street, COMMUTATOR = OPERATOR(app.=#), HASHES);
CREATE OPERATOR CLASS by_street FOR TYPE address USING hash AS OPERATOR 1 app.=#, FUNCTION 1 hash_of(address);
CREATE OPERATOR FAMILY app.boxes USING gist;
CREATE OPERATOR CLASS app.boxed FOR TYPE polygon USING gist FAMILY app.boxes AS OPERATOR 3 &&, FUNCTION 1 gist_poly_consistent(internal, polygon, smallint, oid, internal), FUNCTION 2 gist_box_union(internal, internal), FUNCTION 3 gist_poly_compress(internal), FUNCTION 5 gist_box_penalty(internal, internal, internal), FUNCTION 6 gist_box_picksplit(internal, internal), FUNCTION 7 gist_box_same(box, box, internal), STORAGE box;
CREATE TEXT SEARCH PARSER words (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);
CREATE TEXT SEARCH TEMPLATE plain (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY app.short (TEMPLATE = plain, STOPWORDS = english);
CREATE TEXT SEARCH DICTIONARY spare (TEMPLATE = simple);
CREATE TEXT SEARCH CONFIGURATION searched (COPY = english);
ALTER TEXT SEARCH CONFIGURATION searched ALTER MAPPING FOR word, asciiword WITH app.short, english_stem;
CREATE TEXT SEARCH CONFIGURATION app.other (PARSER = words);
CREATE DOMAIN positive AS integer DEFAULT 1 CONSTRAINT positive_check CHECK (VALUE > 0);
CREATE SEQUENCE ticket START 100 INCREMENT 10;

CREATE TABLE "User" (
    id serial PRIMARY KEY,
    email text NOT NULL,
    name varchar(40) DEFAULT 'nobody',
    role app."Role" NOT NULL DEFAULT 'USER',
    karma integer DEFAULT 0,
    ratio numeric(5, 2),
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    tags text[] NOT NULL DEFAULT '{}',
    settings jsonb DEFAULT '{"theme": "dark"}',
    slug text COLLATE "C",
    upper_name text GENERATED ALWAYS AS (upper(slug)) STORED,
    ticket bigint DEFAULT nextval('ticket'),
    place address,
    CONSTRAINT karma_check CHECK (karma BETWEEN 0 AND 100),
    CONSTRAINT "User_email_key" UNIQUE (email)
);
CREATE TABLE post (
    id bigint GENERATED ALWAYS AS IDENTITY,
    author_id integer NOT NULL,
    title text NOT NULL,
    body text,
    stars positive,
    during tstzrange,
    CONSTRAINT post_pkey PRIMARY KEY (id),
    CONSTRAINT post_author_id_fkey FOREIGN KEY (author_id) REFERENCES "User" (id) ON DELETE CASCADE,
    CONSTRAINT post_during_excl EXCLUDE USING gist (during WITH &&)
);
CREATE TABLE note (label text NOT NULL, post_id bigint REFERENCES post (id));
CREATE TABLE bare (a integer, b integer);
CREATE TABLE outbox (id integer, label text);
CREATE TABLE couple (a integer UNIQUE, b integer UNIQUE, c integer, CONSTRAINT couple_c_fkey FOREIGN KEY (c) REFERENCES couple (a) ON DELETE SET NULL);
CREATE TABLE rootless ();
CREATE TABLE stay (desk int4range, during daterange, PRIMARY KEY (desk, during), UNIQUE (during, desk));
CREATE TABLE ledger (id integer, label text) PARTITION BY RANGE (id);
CREATE SEQUENCE invoice;
CREATE INDEX post_searched ON post USING gin (to_tsvector('searched', title));
CREATE INDEX user_street ON "User" USING hash (place by_street);
CREATE INDEX user_slug_idx ON "User" (slug);
ALTER TABLE "User" CLUSTER ON user_slug_idx;
CREATE INDEX post_title_idx ON post (title);
CREATE UNIQUE INDEX post_title_author_key ON post (title, author_id);
CREATE INDEX post_lower_idx ON post (lower(title));
CREATE INDEX post_partial_idx ON post (author_id) WHERE body IS NOT NULL;
CREATE INDEX "User_tags_idx" ON "User" USING gin (tags);
CREATE INDEX post_filled ON post (body) WITH (fillfactor = 80);
CREATE UNIQUE INDEX "User_slug_key" ON "User" (slug);

CREATE TABLE event (id integer NOT NULL, at date NOT NULL, kind text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE event_2025 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE event_rest PARTITION OF event DEFAULT;
CREATE INDEX event_kind_idx ON event (kind);

CREATE VIEW author AS SELECT u.id, u.email FROM "User" u WHERE u.karma > 10;
CREATE MATERIALIZED VIEW totals AS SELECT author_id, count(*) AS posts FROM post GROUP BY author_id;
CREATE INDEX totals_idx ON totals (author_id);

CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.created_at = now(); RETURN NEW; END $$;
CREATE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT n * 2';
CREATE PROCEDURE tidy(days integer DEFAULT 30) LANGUAGE plpgsql AS $$ BEGIN DELETE FROM note; END $$;
CREATE TRIGGER touch_user BEFORE UPDATE ON "User" FOR EACH ROW EXECUTE FUNCTION touch();
CREATE FUNCTION note_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'ddl'; END $$;
CREATE FUNCTION app.count_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
CREATE EVENT TRIGGER watch_ddl ON ddl_command_end WHEN TAG IN ('DROP TABLE', 'ALTER TABLE') EXECUTE FUNCTION note_ddl();
CREATE FUNCTION longer(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT CASE WHEN length(b) > length(a) THEN b ELSE a END';
CREATE FUNCTION shorter(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT CASE WHEN length(b) < length(a) THEN b ELSE a END';
CREATE AGGREGATE longest(text) (SFUNC = longer, STYPE = text, INITCOND = '');
CREATE AGGREGATE app.every_row(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0');
CREATE COLLATION app.nocase (PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false);
CREATE STATISTICS post_stats (ndistinct, mcv) ON author_id, title FROM post;
CREATE FOREIGN DATA WRAPPER anything;
CREATE SERVER remote FOREIGN DATA WRAPPER anything;
CREATE SERVER backup FOREIGN DATA WRAPPER anything;
CREATE FOREIGN TABLE distant (id integer NOT NULL, label text OPTIONS (column_name 'name')) SERVER remote OPTIONS (table_name 'near');
CREATE RULE no_delete AS ON DELETE TO bare DO INSTEAD NOTHING;

ALTER TABLE post ENABLE ROW LEVEL SECURITY;
CREATE PUBLICATION feed FOR TABLE outbox, bare;
ALTER TABLE bare REPLICA IDENTITY FULL;
ALTER TABLE post REPLICA IDENTITY USING INDEX post_title_author_key;
CREATE POLICY own ON post FOR SELECT USING (author_id > 0);

-- Constants that the server prints otherwise than they are written.
CREATE TABLE kinds (
    moment timestamptz DEFAULT '2020-01-01 00:00:00-07',
    summer timestamptz DEFAULT '2020-07-01 00:00 America/New_York',
    span interval DEFAULT 'P1DT2H',
    short interval(3) DEFAULT '1.5 hours',
    born date DEFAULT 'January 8, 1999',
    clock timetz DEFAULT '04:05:06+05:30',
    week daterange DEFAULT '[2020-01-01,2020-01-07]',
    during tstzrange DEFAULT '[2020-01-01 00:00+02,2020-02-01 00:00+02)',
    few int4range DEFAULT '(1,5]',
    amount numeric(10, 2) DEFAULT '1e2',
    ratio float8 DEFAULT '1e-5',
    price money DEFAULT '1,234.5',
    raw bytea DEFAULT '\001\377',
    mask bit(4) DEFAULT 'x5',
    host inet DEFAULT '10.0.0.1/32',
    net cidr DEFAULT '10.1',
    card macaddr DEFAULT '0800.2b01.0203',
    key uuid DEFAULT '{A0EEBC99-9C0B4EF8-BB6D6BB9BD380A11}',
    place point DEFAULT '( 1 , 2 )',
    area box DEFAULT '(0,0),(1,1)',
    words tsvector DEFAULT 'a fat  cat',
    path jsonpath DEFAULT '$.a[*] ? (@.b > 1)',
    about regclass DEFAULT 'bare',
    spans interval[] DEFAULT '{P1D,1 hour}',
    CONSTRAINT late CHECK (moment > '2019-01-01 00:00:00+05:30')
);
CREATE INDEX kinds_late_idx ON kinds (born) WHERE moment > '2020-01-01T00:00:00Z';
CREATE VIEW brief AS SELECT born FROM kinds WHERE span < 'P2D' AND host <<= '10.0.0.0/8';
CREATE TABLE folder (id bigint, label text);
CREATE VIEW merged AS SELECT id, author_id, f.label FROM post JOIN folder f USING (id);
CREATE VIEW listed AS SELECT x.number, x.name FROM (VALUES (1, 'one'), (2, 'two')) AS x (number, name);
CREATE VIEW summed AS SELECT author_id, count(*) AS posts FROM post GROUP BY ROLLUP (author_id);
CREATE VIEW tagged AS SELECT u.id, t.tag, t.place FROM "User" u, unnest(u.tags) WITH ORDINALITY AS t (tag, place);
CREATE TABLE reading (at timestamptz) PARTITION BY RANGE (at);
CREATE TABLE reading_1 PARTITION OF reading FOR VALUES FROM ('2020-01-01 00:00-05') TO ('2020-02-01 00:00 EST');

DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET row_security = on', current_database());
    EXECUTE format('ALTER DATABASE %I SET statement_timeout TO ''1min''', current_database());
    EXECUTE format('ALTER ROLE postgres IN DATABASE %I SET search_path = app, public, "User"', current_database());
END $$;
