-- A schema with something of every kind, and every attribute of it, for test_mutations.py to change by hand.
CREATE SCHEMA app;
CREATE SCHEMA empty;
CREATE EXTENSION fuzzystrmatch;
CREATE TYPE app."Role" AS ENUM ('USER', 'ADMIN', 'GUEST');
CREATE TYPE app.spare AS ENUM ('a', 'b');
CREATE TYPE address AS (street text, zip varchar(10));
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
CREATE INDEX post_title_idx ON post (title);
CREATE UNIQUE INDEX post_title_author_key ON post (title, author_id);
CREATE INDEX post_lower_idx ON post (lower(title));
CREATE INDEX post_partial_idx ON post (author_id) WHERE body IS NOT NULL;
CREATE INDEX "User_tags_idx" ON "User" USING gin (tags);
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
CREATE RULE no_delete AS ON DELETE TO bare DO INSTEAD NOTHING;

ALTER TABLE post ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON post FOR SELECT USING (author_id > 0);
