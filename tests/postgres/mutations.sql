-- What people do to a database by hand, one change each, on a database that ran rich.sql, and the one finding it must be:
-- `-- what: finding (attributes)`, then the statements. `nothing` where the change has no meaning; `since 15` for servers of
-- that version and later.

-- == tables ==

-- table dropped: missing table public.note
DROP TABLE note;

-- table dropped with all that hangs on it: missing table public.User
DROP TABLE "User" CASCADE;

-- table made: unexpected table public.scratch
CREATE TABLE scratch (id serial PRIMARY KEY, a int UNIQUE CHECK (a > 0));

-- table renamed: missing table public.note (name)
ALTER TABLE note RENAME TO memo;

-- table renamed, much of it named elsewhere: missing table public.User (name)
ALTER TABLE "User" RENAME TO member;

-- table moved to another schema: missing table public.post (name)
ALTER TABLE post SET SCHEMA app;

-- table unlogged: changed table public.note (unlogged)
ALTER TABLE note SET UNLOGGED;

-- view in a table's place: changed table public.note (kind)
DROP TABLE note;
CREATE VIEW note AS SELECT 1 AS label;

-- partition detached: changed table public.event_2025 (bound, partition_of)
ALTER TABLE event DETACH PARTITION event_2025;

-- partition dropped: missing table public.event_2025
DROP TABLE event_2025;

-- partition made as time goes: nothing
CREATE TABLE event_2027 PARTITION OF event FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');

-- partition made as time goes, of a partition of its own: nothing
CREATE TABLE event_2027 PARTITION OF event FOR VALUES FROM ('2027-01-01') TO ('2028-01-01') PARTITION BY RANGE (at);
CREATE TABLE event_2027_1 PARTITION OF event_2027 FOR VALUES FROM ('2027-01-01') TO ('2027-02-01');

-- partition made as time goes, with an index of its own: changed table public.event (partitions)
CREATE TABLE event_2027 PARTITION OF event FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
CREATE INDEX event_2027_kind ON event_2027 (kind);

-- partitions made as time goes, with constraints and triggers of their own: changed table public.event (partitions)
CREATE TABLE event_2027 PARTITION OF event FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
ALTER TABLE event_2027 ADD CHECK (id > 0), ALTER COLUMN kind SET NOT NULL;
CREATE TABLE event_2028 PARTITION OF event FOR VALUES FROM ('2028-01-01') TO ('2029-01-01');
ALTER TABLE event_2028 ENABLE ROW LEVEL SECURITY;

-- partition made as time goes, unlogged: changed table public.event (partitions)
CREATE UNLOGGED TABLE event_2027 PARTITION OF event FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');

-- partition made as time goes, and a view of it: unexpected view public.event_of_2027
CREATE TABLE event_2027 PARTITION OF event FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
CREATE VIEW event_of_2027 AS SELECT id FROM event_2027;

-- partition made as time goes, and a column of its parent changed: changed column public.event.kind (type)
CREATE TABLE event_2027 PARTITION OF event FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
ALTER TABLE event ALTER COLUMN kind TYPE varchar(40);

-- partition with other bounds: changed table public.event_2025 (bound)
ALTER TABLE event DETACH PARTITION event_2025;
ALTER TABLE event ATTACH PARTITION event_2025 FOR VALUES FROM ('2025-01-01') TO ('2025-07-01');

-- column dropped after an inheritance: missing column public.bare.b
CREATE TABLE parent ();
ALTER TABLE bare INHERIT parent;
ALTER TABLE bare NO INHERIT parent;
DROP TABLE parent;
ALTER TABLE bare DROP COLUMN b;

-- table without autovacuum: changed table public.note (parameters)
ALTER TABLE note SET (autovacuum_enabled = off);

-- table filled otherwise: changed table public.post (parameters)
ALTER TABLE post SET (fillfactor = 70);

-- TOAST table without autovacuum: changed table public.note (toast_parameters)
ALTER TABLE note SET (toast.autovacuum_enabled = off);

-- == columns ==

-- column dropped, its index with it: missing column public.post.body
ALTER TABLE post DROP COLUMN body;

-- column dropped, its constraint and view with it: missing column public.User.email
ALTER TABLE "User" DROP COLUMN email CASCADE;

-- column added: unexpected column public.post.extra
ALTER TABLE post ADD COLUMN extra text;

-- serial column added: unexpected column public.note.serial
ALTER TABLE note ADD COLUMN serial serial;

-- column added with a foreign key: unexpected column public.note.post_ref
ALTER TABLE note ADD COLUMN post_ref bigint REFERENCES post;

-- column renamed, indexes over it: missing column public.post.title (name)
ALTER TABLE post RENAME COLUMN title TO headline;

-- column renamed, keys and views over it: missing column public.User.id (name)
ALTER TABLE "User" RENAME COLUMN id TO uid;

-- column longer: changed column public.User.name (type)
ALTER TABLE "User" ALTER COLUMN name TYPE varchar(80);

-- column of another type: changed column public.User.name (type)
ALTER TABLE "User" ALTER COLUMN name TYPE text;

-- column of another scale: changed column public.User.ratio (type)
ALTER TABLE "User" ALTER COLUMN ratio TYPE numeric(5, 3);

-- timestamp of another precision: changed column public.User.created_at (type)
ALTER TABLE "User" ALTER COLUMN created_at TYPE timestamp(6);

-- timestamp with time zone: changed column public.User.created_at (type)
ALTER TABLE "User" ALTER COLUMN created_at TYPE timestamptz(3);

-- not null dropped: changed column public.User.email (nullable)
ALTER TABLE "User" ALTER COLUMN email DROP NOT NULL;

-- not null not validated: changed column public.User.email (not_null_validated) since 18
ALTER TABLE "User" ALTER COLUMN email DROP NOT NULL;
ALTER TABLE "User" ADD CONSTRAINT email_later NOT NULL email NOT VALID;

-- not null not inherited: changed column public.post.title (not_null_inherited) since 18
ALTER TABLE post ALTER CONSTRAINT post_title_not_null NO INHERIT;

-- not null set, not validated: changed column public.bare.a (not_null_validated, nullable) since 18
ALTER TABLE bare ADD CONSTRAINT a_later NOT NULL a NOT VALID;

-- not null set: changed column public.User.name (nullable)
ALTER TABLE "User" ALTER COLUMN name SET NOT NULL;

-- default dropped: changed column public.User.name (default)
ALTER TABLE "User" ALTER COLUMN name DROP DEFAULT;

-- default changed: changed column public.User.name (default)
ALTER TABLE "User" ALTER COLUMN name SET DEFAULT 'anybody';

-- default set: changed column public.User.email (default)
ALTER TABLE "User" ALTER COLUMN email SET DEFAULT lower(current_user);

-- enum default changed: changed column public.User.role (default)
ALTER TABLE "User" ALTER COLUMN role SET DEFAULT 'GUEST';

-- array default changed: changed column public.User.tags (default)
ALTER TABLE "User" ALTER COLUMN tags SET DEFAULT '{new}';

-- jsonb default changed: changed column public.User.settings (default)
ALTER TABLE "User" ALTER COLUMN settings SET DEFAULT '{}';

-- another clock: changed column public.User.created_at (default)
ALTER TABLE "User" ALTER COLUMN created_at SET DEFAULT clock_timestamp();

-- the same default with a cast: nothing
ALTER TABLE "User" ALTER COLUMN karma SET DEFAULT (0::bigint);

-- collation changed: changed column public.User.name (collation)
ALTER TABLE "User" ALTER COLUMN name TYPE varchar(40) COLLATE "C";

-- no longer generated: changed column public.User.upper_name (generated)
ALTER TABLE "User" ALTER COLUMN upper_name DROP EXPRESSION;

-- generated otherwise: changed column public.User.upper_name (generated)
ALTER TABLE "User" DROP COLUMN upper_name;
ALTER TABLE "User" ADD COLUMN upper_name text GENERATED ALWAYS AS (lower(slug)) STORED;

-- identity dropped: changed column public.post.id (identity)
ALTER TABLE post ALTER COLUMN id DROP IDENTITY;

-- identity by default: changed column public.post.id (identity)
ALTER TABLE post ALTER COLUMN id SET GENERATED BY DEFAULT;

-- identity with another step: changed column public.post.id (identity)
ALTER TABLE post ALTER COLUMN id SET INCREMENT 2;

-- identity added: changed column public.bare.a (identity, nullable)
ALTER TABLE bare ALTER COLUMN a SET NOT NULL;
ALTER TABLE bare ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY;

-- identity for serial: changed column public.User.id (default, identity)
ALTER TABLE "User" ALTER COLUMN id DROP DEFAULT;
DROP SEQUENCE "User_id_seq";
ALTER TABLE "User" ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY;

-- column changed in all partitions: changed column public.event.kind (nullable)
ALTER TABLE event ALTER COLUMN kind SET NOT NULL;

-- column added to all partitions: unexpected column public.event.extra
ALTER TABLE event ADD COLUMN extra text;

-- column stored out of line: changed column public.note.label (storing)
ALTER TABLE note ALTER COLUMN label SET STORAGE EXTERNAL;

-- column stored as its type is not: changed column public.User.ratio (storing)
ALTER TABLE "User" ALTER COLUMN ratio SET STORAGE EXTENDED;

-- column compressed otherwise: changed column public.note.label (storing) since 14
ALTER TABLE note ALTER COLUMN label SET COMPRESSION pglz;

-- column sampled more: changed column public.post.author_id (storing)
ALTER TABLE post ALTER COLUMN author_id SET STATISTICS 1000;

-- column of a partitioned table sampled more, partitions with it: changed column public.event.at (storing)
ALTER TABLE event ALTER COLUMN at SET STATISTICS 1000;

-- column with its number of distinct values: changed column public.post.author_id (storing)
ALTER TABLE post ALTER COLUMN author_id SET (n_distinct = -0.05);

-- column of another type and stored otherwise: changed column public.User.name (storing, type)
ALTER TABLE "User" ALTER COLUMN name TYPE text, ALTER COLUMN name SET STORAGE EXTERNAL;

-- == keys and checks ==

-- primary key dropped: missing primary key public.event
ALTER TABLE event DROP CONSTRAINT event_pkey;

-- primary key dropped, foreign keys with it: missing primary key public.post
ALTER TABLE post DROP CONSTRAINT post_pkey CASCADE;

-- primary key made, its column not null with it: unexpected primary key public.bare
ALTER TABLE bare ADD PRIMARY KEY (a);

-- primary key renamed: changed primary key public.post (name)
ALTER TABLE post RENAME CONSTRAINT post_pkey TO pk;

-- primary key in another order: changed primary key public.event (columns)
ALTER TABLE event DROP CONSTRAINT event_pkey;
ALTER TABLE event ADD PRIMARY KEY (at, id);

-- primary key without overlaps: changed primary key public.stay (without_overlaps) since 18
ALTER TABLE stay DROP CONSTRAINT stay_pkey, ADD CONSTRAINT stay_pkey PRIMARY KEY (desk, during WITHOUT OVERLAPS);

-- unique without overlaps: changed unique public.stay.stay_during_desk_key (without_overlaps) since 18
ALTER TABLE stay DROP CONSTRAINT stay_during_desk_key, ADD CONSTRAINT stay_during_desk_key UNIQUE (during, desk WITHOUT OVERLAPS);

-- unique dropped: missing unique public.User.User_email_key
ALTER TABLE "User" DROP CONSTRAINT "User_email_key";

-- unique made: unexpected unique public.note.note_label_key
ALTER TABLE note ADD UNIQUE (label);

-- unique renamed: changed unique public.User.User_email_key (name)
ALTER TABLE "User" RENAME CONSTRAINT "User_email_key" TO email_once;

-- unique deferrable: changed unique public.User.User_email_key (deferral)
ALTER TABLE "User" DROP CONSTRAINT "User_email_key";
ALTER TABLE "User" ADD CONSTRAINT "User_email_key" UNIQUE (email) DEFERRABLE;

-- unique with nulls not distinct: changed unique public.User.User_email_key (nulls_not_distinct) since 15
ALTER TABLE "User" DROP CONSTRAINT "User_email_key";
ALTER TABLE "User" ADD CONSTRAINT "User_email_key" UNIQUE NULLS NOT DISTINCT (email);

-- unique index for a unique constraint: changed unique public.User.User_email_key (kind)
ALTER TABLE "User" DROP CONSTRAINT "User_email_key";
CREATE UNIQUE INDEX "User_email_key" ON "User" (email);

-- unique constraint for a unique index: changed index public.User_slug_key (kind)
ALTER TABLE "User" ADD CONSTRAINT "User_slug_key" UNIQUE USING INDEX "User_slug_key";

-- foreign key dropped: missing foreign key public.post.post_author_id_fkey
ALTER TABLE post DROP CONSTRAINT post_author_id_fkey;

-- foreign key made: unexpected foreign key public.bare.bare_a_fkey
ALTER TABLE bare ADD FOREIGN KEY (a) REFERENCES "User";

-- foreign key renamed: changed foreign key public.post.post_author_id_fkey (name)
ALTER TABLE post RENAME CONSTRAINT post_author_id_fkey TO fk;

-- foreign key switched off on the table that has it: changed foreign key public.note.note_post_id_fkey (enforced)
ALTER TABLE note DISABLE TRIGGER ALL;

-- foreign key switched off for the referenced rows: changed foreign key public.note.note_post_id_fkey (enforced)
DO $$ DECLARE t record; BEGIN
    FOR t IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'post'::regclass AND tgconstrrelid = 'note'::regclass LOOP
        EXECUTE format('ALTER TABLE post DISABLE TRIGGER %I', t.tgname);
    END LOOP;
END $$;

-- foreign key: on_delete: changed foreign key public.post.post_author_id_fkey (on_delete)
ALTER TABLE post DROP CONSTRAINT post_author_id_fkey;
ALTER TABLE post ADD CONSTRAINT post_author_id_fkey FOREIGN KEY (author_id) REFERENCES "User" (id) ON DELETE SET NULL;

-- foreign key: on_update: changed foreign key public.post.post_author_id_fkey (on_update)
ALTER TABLE post DROP CONSTRAINT post_author_id_fkey;
ALTER TABLE post ADD CONSTRAINT post_author_id_fkey FOREIGN KEY (author_id) REFERENCES "User" (id) ON DELETE CASCADE ON UPDATE CASCADE;

-- foreign key: match: changed foreign key public.post.post_author_id_fkey (match)
ALTER TABLE post DROP CONSTRAINT post_author_id_fkey;
ALTER TABLE post ADD CONSTRAINT post_author_id_fkey FOREIGN KEY (author_id) REFERENCES "User" (id) MATCH FULL ON DELETE CASCADE;

-- foreign key: deferral: changed foreign key public.post.post_author_id_fkey (deferral)
ALTER TABLE post DROP CONSTRAINT post_author_id_fkey;
ALTER TABLE post ADD CONSTRAINT post_author_id_fkey FOREIGN KEY (author_id) REFERENCES "User" (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;

-- foreign key: validated: changed foreign key public.post.post_author_id_fkey (validated)
ALTER TABLE post DROP CONSTRAINT post_author_id_fkey;
ALTER TABLE post ADD CONSTRAINT post_author_id_fkey FOREIGN KEY (author_id) REFERENCES "User" (id) ON DELETE CASCADE NOT VALID;

-- foreign key altered: changed foreign key public.post.post_author_id_fkey (deferral)
ALTER TABLE post ALTER CONSTRAINT post_author_id_fkey DEFERRABLE;

-- check dropped: missing check public.User.karma_check
ALTER TABLE "User" DROP CONSTRAINT karma_check;

-- check made: unexpected check public.post.post_author_id_check
ALTER TABLE post ADD CHECK (author_id <> 7);

-- check renamed: changed check public.User.karma_check (name)
ALTER TABLE "User" RENAME CONSTRAINT karma_check TO karma_range;

-- check of something else: changed check public.User.karma_check (expression)
ALTER TABLE "User" DROP CONSTRAINT karma_check;
ALTER TABLE "User" ADD CONSTRAINT karma_check CHECK (karma BETWEEN 0 AND 99);

-- the same check in other words: nothing
ALTER TABLE "User" DROP CONSTRAINT karma_check;
ALTER TABLE "User" ADD CONSTRAINT karma_check CHECK (karma >= 0 AND karma <= 100);

-- check not validated: changed check public.User.karma_check (validated)
ALTER TABLE "User" DROP CONSTRAINT karma_check;
ALTER TABLE "User" ADD CONSTRAINT karma_check CHECK (karma BETWEEN 0 AND 100) NOT VALID;

-- check without inheritance: changed check public.User.karma_check (no_inherit)
ALTER TABLE "User" DROP CONSTRAINT karma_check;
ALTER TABLE "User" ADD CONSTRAINT karma_check CHECK (karma BETWEEN 0 AND 100) NO INHERIT;

-- exclusion dropped: missing exclusion public.post.post_during_excl
ALTER TABLE post DROP CONSTRAINT post_during_excl;

-- exclusion with another operator: changed exclusion public.post.post_during_excl (elements)
ALTER TABLE post DROP CONSTRAINT post_during_excl;
ALTER TABLE post ADD CONSTRAINT post_during_excl EXCLUDE USING gist (during WITH -|-);

-- exclusion of some rows: changed exclusion public.post.post_during_excl (predicate)
ALTER TABLE post DROP CONSTRAINT post_during_excl;
ALTER TABLE post ADD CONSTRAINT post_during_excl EXCLUDE USING gist (during WITH &&) WHERE (author_id > 3);

-- exclusion made: unexpected exclusion public.note.note_label_excl
ALTER TABLE note ADD EXCLUDE USING hash (label WITH =);

-- primary key filled otherwise: changed primary key public.User (parameters)
ALTER INDEX "User_pkey" SET (fillfactor = 60);

-- unique constraint filled otherwise: changed unique public.User.User_email_key (parameters)
ALTER INDEX "User_email_key" SET (fillfactor = 60);

-- == indexes ==

-- index dropped: missing index public.post_title_idx
DROP INDEX post_title_idx;

-- index made: unexpected index public.by_hand
CREATE INDEX by_hand ON post (body);

-- index made on all partitions: unexpected index public.by_hand
CREATE INDEX by_hand ON event (at, id);

-- index made on one partition: unexpected index public.by_hand
CREATE INDEX by_hand ON event_2025 (at, id);

-- index renamed: changed index public.post_title_idx (name)
ALTER INDEX post_title_idx RENAME TO by_title;

-- index on another table: changed index public.post_title_idx (keys, table)
DROP INDEX post_title_idx;
CREATE INDEX post_title_idx ON note (label);

-- index: unique: changed index public.post_title_idx (unique)
DROP INDEX post_title_idx;
CREATE UNIQUE INDEX post_title_idx ON post (title);

-- index: another method: changed index public.post_title_idx (method)
DROP INDEX post_title_idx;
CREATE INDEX post_title_idx ON post USING hash (title);

-- index: another column: changed index public.post_title_idx (keys)
DROP INDEX post_title_idx;
CREATE INDEX post_title_idx ON post (body);

-- index: one column more: changed index public.post_title_idx (keys)
DROP INDEX post_title_idx;
CREATE INDEX post_title_idx ON post (title, body);

-- index: other order of columns: changed index public.post_title_author_key (keys)
DROP INDEX post_title_author_key;
CREATE UNIQUE INDEX post_title_author_key ON post (author_id, title);

-- index: descending: changed index public.post_title_idx (keys)
DROP INDEX post_title_idx;
CREATE INDEX post_title_idx ON post (title DESC);

-- index: nulls first: changed index public.post_title_idx (keys)
DROP INDEX post_title_idx;
CREATE INDEX post_title_idx ON post (title NULLS FIRST);

-- index: operator class: changed index public.post_title_idx (keys)
DROP INDEX post_title_idx;
CREATE INDEX post_title_idx ON post (title text_pattern_ops);

-- index: collation: changed index public.post_title_idx (keys)
DROP INDEX post_title_idx;
CREATE INDEX post_title_idx ON post (title COLLATE "C");

-- index: included column: changed index public.post_title_idx (include)
DROP INDEX post_title_idx;
CREATE INDEX post_title_idx ON post (title) INCLUDE (body);

-- index: another expression: changed index public.post_lower_idx (keys)
DROP INDEX post_lower_idx;
CREATE INDEX post_lower_idx ON post (upper(title));

-- index: another predicate: changed index public.post_partial_idx (predicate)
DROP INDEX post_partial_idx;
CREATE INDEX post_partial_idx ON post (author_id) WHERE body IS NULL;

-- index: no predicate: changed index public.post_partial_idx (predicate)
DROP INDEX post_partial_idx;
CREATE INDEX post_partial_idx ON post (author_id);

-- index: nulls not distinct: changed index public.post_title_author_key (nulls_not_distinct) since 15
DROP INDEX post_title_author_key;
CREATE UNIQUE INDEX post_title_author_key ON post (title, author_id) NULLS NOT DISTINCT;

-- index invalid: changed index public.post_title_author_key (valid)
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'post_title_author_key'::regclass;

-- index filled otherwise: changed index public.post_filled (parameters)
ALTER INDEX post_filled SET (fillfactor = 60);

-- index filled as usual: changed index public.post_filled (parameters)
ALTER INDEX post_filled RESET (fillfactor);

-- == types ==

-- enum dropped: missing enum app.spare
DROP TYPE app.spare;

-- enum made: unexpected enum public.mood
CREATE TYPE mood AS ENUM ('ok');

-- enum value added: changed enum app.Role (values)
ALTER TYPE app."Role" ADD VALUE 'ROOT';

-- enum value renamed, also a default: changed enum app.Role (values)
ALTER TYPE app."Role" RENAME VALUE 'USER' TO 'MEMBER';

-- enum in another order: changed enum app.spare (values)
DROP TYPE app.spare;
CREATE TYPE app.spare AS ENUM ('b', 'a');

-- enum renamed, columns of it: missing enum app.Role (name)
ALTER TYPE app."Role" RENAME TO part;

-- enum moved to another schema: missing enum app.Role (name)
ALTER TYPE app."Role" SET SCHEMA public;

-- enum dropped, columns with it: missing enum app.Role
DROP TYPE app."Role" CASCADE;

-- domain not null: changed domain public.positive (nullable)
ALTER DOMAIN positive SET NOT NULL;

-- domain's default: changed domain public.positive (default)
ALTER DOMAIN positive SET DEFAULT 2;

-- domain's check dropped: changed domain public.positive (checks)
ALTER DOMAIN positive DROP CONSTRAINT positive_check;

-- domain renamed: missing domain public.positive (name)
ALTER DOMAIN positive RENAME TO natural_number;

-- domain made: unexpected domain public.short
CREATE DOMAIN short AS varchar(3);

-- composite type's attribute added: changed composite type public.address (attributes)
ALTER TYPE address ADD ATTRIBUTE city text;

-- composite type's attribute renamed: changed composite type public.address (attributes)
ALTER TYPE address RENAME ATTRIBUTE zip TO code;

-- composite type made: unexpected composite type public.pair
CREATE TYPE pair AS (a int);

-- == sequences ==

-- sequence with another step: changed sequence public.ticket (options)
ALTER SEQUENCE ticket INCREMENT 5;

-- sequence that cycles: changed sequence public.ticket (options)
ALTER SEQUENCE ticket CYCLE;

-- sequence of another type: changed sequence public.ticket (options)
ALTER SEQUENCE ticket AS integer;

-- sequence owned: changed sequence public.ticket (owner)
ALTER SEQUENCE ticket OWNED BY "User".ticket;

-- sequence renamed, a default counts on it: changed sequence public.ticket (name)
ALTER SEQUENCE ticket RENAME TO voucher;

-- sequence dropped, the default with it: changed column public.User.ticket (default)
DROP SEQUENCE ticket CASCADE;

-- sequence made: unexpected sequence public.spare
CREATE SEQUENCE spare;

-- == views ==

-- view dropped: missing view public.author
DROP VIEW author;

-- view made: unexpected view public.everyone
CREATE VIEW everyone AS SELECT * FROM "User";

-- view with another column: changed view public.author (body, columns)
CREATE OR REPLACE VIEW author AS SELECT u.id, u.email, u.name FROM "User" u WHERE u.karma > 10;

-- view of other rows: changed view public.author (body)
CREATE OR REPLACE VIEW author AS SELECT u.id, u.email FROM "User" u WHERE u.karma > 20;

-- view with an option: changed view public.author (options)
ALTER VIEW author SET (security_barrier = true);

-- view's column renamed: changed view public.author (columns)
ALTER VIEW author RENAME COLUMN email TO mail;

-- view renamed: missing view public.author (name)
ALTER VIEW author RENAME TO writer;

-- materialized view dropped, its index with it: missing materialized view public.totals
DROP MATERIALIZED VIEW totals;

-- view for a materialized view: changed materialized view public.totals (kind)
DROP MATERIALIZED VIEW totals;
CREATE VIEW totals AS SELECT author_id, count(*) AS posts FROM post GROUP BY author_id;

-- materialized view's index dropped: missing index public.totals_idx
DROP INDEX totals_idx;

-- view of another merged join: changed view public.merged (body)
CREATE OR REPLACE VIEW merged AS SELECT id, author_id, f.label FROM post LEFT JOIN folder f USING (id);

-- view of other values: changed view public.listed (body)
CREATE OR REPLACE VIEW listed AS SELECT x.number, x.name FROM (VALUES (1, 'one'), (2, 'zwei')) AS x (number, name);

-- view of other groups: changed view public.summed (body)
CREATE OR REPLACE VIEW summed AS SELECT author_id, count(*) AS posts FROM post GROUP BY GROUPING SETS (author_id);

-- view of something else in such groups: changed view public.summed (body)
CREATE OR REPLACE VIEW summed AS SELECT author_id, count(title) AS posts FROM post GROUP BY ROLLUP (author_id);

-- view of another function: changed view public.tagged (body)
CREATE OR REPLACE VIEW tagged AS SELECT u.id, t.tag, t.place FROM "User" u, unnest(u.tags[1:2]) WITH ORDINALITY AS t (tag, place);

-- == routines ==

-- function dropped: missing function public.twice(integer)
DROP FUNCTION twice;

-- function dropped, its trigger with it: missing function public.touch()
DROP FUNCTION touch CASCADE;

-- function made: unexpected function public.triple(integer)
CREATE FUNCTION triple(n integer) RETURNS integer LANGUAGE sql AS 'SELECT n * 3';

-- function overloaded: unexpected function public.twice(bigint)
CREATE FUNCTION twice(n bigint) RETURNS bigint LANGUAGE sql AS 'SELECT n * 2';

-- function's body: changed function public.twice(integer) (body_digest)
CREATE OR REPLACE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT n + n';

-- function with other arguments: changed function public.twice(integer) (kind)
DROP FUNCTION twice;
CREATE FUNCTION twice(n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT n * 2';

-- function with another result: changed function public.twice(integer) (result)
DROP FUNCTION twice;
CREATE FUNCTION twice(n integer) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT n * 2';

-- function renamed: missing function public.twice(integer) (name)
ALTER FUNCTION twice RENAME TO doubled;

-- function renamed, a trigger calls it: missing function public.touch() (name)
ALTER FUNCTION touch RENAME TO touched;

-- function: volatility: changed function public.twice(integer) (volatility)
ALTER FUNCTION twice VOLATILE;

-- function: strict: changed function public.twice(integer) (strict)
ALTER FUNCTION twice STRICT;

-- function: security_definer: changed function public.twice(integer) (security_definer)
ALTER FUNCTION twice SECURITY DEFINER;

-- function: leakproof: changed function public.twice(integer) (leakproof)
ALTER FUNCTION twice LEAKPROOF;

-- function: parallel: changed function public.twice(integer) (parallel)
ALTER FUNCTION twice PARALLEL SAFE;

-- function: settings: changed function public.twice(integer) (settings)
ALTER FUNCTION twice SET work_mem = '1MB';

-- procedure dropped: missing procedure public.tidy(integer)
DROP PROCEDURE tidy;

-- procedure's default: changed procedure public.tidy(integer) (defaults)
CREATE OR REPLACE PROCEDURE tidy(days integer DEFAULT 60) LANGUAGE plpgsql AS $$ BEGIN DELETE FROM note; END $$;

-- == triggers, policies, rules ==

-- trigger dropped: missing trigger public.User.touch_user
DROP TRIGGER touch_user ON "User";

-- trigger made: unexpected trigger public.post.again
CREATE TRIGGER again AFTER INSERT ON post FOR EACH STATEMENT EXECUTE FUNCTION touch();

-- trigger disabled: changed trigger public.User.touch_user (enabled)
ALTER TABLE "User" DISABLE TRIGGER touch_user;

-- trigger renamed: changed trigger public.User.touch_user (name)
ALTER TRIGGER touch_user ON "User" RENAME TO stamp;

-- trigger: timing: changed trigger public.User.touch_user (timing)
DROP TRIGGER touch_user ON "User";
CREATE TRIGGER touch_user AFTER UPDATE ON "User" FOR EACH ROW EXECUTE FUNCTION touch();

-- trigger: events: changed trigger public.User.touch_user (events)
DROP TRIGGER touch_user ON "User";
CREATE TRIGGER touch_user BEFORE INSERT OR UPDATE ON "User" FOR EACH ROW EXECUTE FUNCTION touch();

-- trigger: update_of: changed trigger public.User.touch_user (update_of)
DROP TRIGGER touch_user ON "User";
CREATE TRIGGER touch_user BEFORE UPDATE OF email ON "User" FOR EACH ROW EXECUTE FUNCTION touch();

-- trigger: for_each: changed trigger public.User.touch_user (for_each)
DROP TRIGGER touch_user ON "User";
CREATE TRIGGER touch_user BEFORE UPDATE ON "User" FOR EACH STATEMENT EXECUTE FUNCTION touch();

-- trigger: when: changed trigger public.User.touch_user (when)
DROP TRIGGER touch_user ON "User";
CREATE TRIGGER touch_user BEFORE UPDATE ON "User" FOR EACH ROW WHEN (OLD.email <> NEW.email) EXECUTE FUNCTION touch();

-- trigger: arguments: changed trigger public.User.touch_user (arguments)
DROP TRIGGER touch_user ON "User";
CREATE TRIGGER touch_user BEFORE UPDATE ON "User" FOR EACH ROW EXECUTE FUNCTION touch('x');

-- row security disabled: missing row security public.post
ALTER TABLE post DISABLE ROW LEVEL SECURITY;

-- row security forced: changed row security public.post (forced)
ALTER TABLE post FORCE ROW LEVEL SECURITY;

-- row security enabled: unexpected row security public.note
ALTER TABLE note ENABLE ROW LEVEL SECURITY;

-- policy dropped: missing policy public.post.own
DROP POLICY own ON post;

-- policy made: unexpected policy public.post.others
CREATE POLICY others ON post USING (true);

-- policy of other rows: changed policy public.post.own (using)
ALTER POLICY own ON post USING (author_id > 1);

-- policy for another role: changed policy public.post.own (roles)
ALTER POLICY own ON post TO CURRENT_USER;

-- policy renamed: changed policy public.post.own (name)
ALTER POLICY own ON post RENAME TO mine;

-- policy restrictive: changed policy public.post.own (permissive)
DROP POLICY own ON post;
CREATE POLICY own ON post AS RESTRICTIVE FOR SELECT USING (author_id > 0);

-- policy for another command: changed policy public.post.own (command)
DROP POLICY own ON post;
CREATE POLICY own ON post FOR DELETE USING (author_id > 0);

-- rule dropped: missing rule public.bare.no_delete
DROP RULE no_delete ON bare;

-- rule disabled: changed rule public.bare.no_delete (enabled)
ALTER TABLE bare DISABLE RULE no_delete;

-- rule made: unexpected rule public.bare.no_update
CREATE RULE no_update AS ON UPDATE TO bare DO INSTEAD NOTHING;

-- == replication ==

-- replica identity gone: missing replica identity public.bare
ALTER TABLE bare REPLICA IDENTITY DEFAULT;

-- replica identity nothing: changed replica identity public.bare (mode)
ALTER TABLE bare REPLICA IDENTITY NOTHING;

-- replica identity by another index: changed replica identity public.post (index)
ALTER TABLE post ALTER COLUMN id SET NOT NULL;
ALTER TABLE post REPLICA IDENTITY USING INDEX post_pkey;

-- replica identity set: unexpected replica identity public.note
ALTER TABLE note REPLICA IDENTITY FULL;

-- index of a replica identity dropped: missing index public.post_title_author_key
DROP INDEX post_title_author_key;

-- index of a replica identity renamed: changed index public.post_title_author_key (name)
ALTER INDEX post_title_author_key RENAME TO renamed;

-- table with a replica identity renamed: missing table public.bare (name)
ALTER TABLE bare RENAME TO renamed;

-- publication dropped: missing publication feed
DROP PUBLICATION feed;

-- publication of another table: changed publication feed (tables)
ALTER PUBLICATION feed ADD TABLE post;

-- table out of a publication: changed publication feed (tables)
ALTER PUBLICATION feed DROP TABLE bare;

-- publication of some columns: changed publication feed (tables) since 15
ALTER PUBLICATION feed SET TABLE outbox (label), bare;

-- publication of some rows: changed publication feed (tables) since 15
ALTER PUBLICATION feed SET TABLE outbox WHERE (label <> ''), bare;

-- publication of a schema: changed publication feed (schemas) since 15
ALTER PUBLICATION feed ADD TABLES IN SCHEMA app;

-- publication of fewer operations: changed publication feed (operations)
ALTER PUBLICATION feed SET (publish = 'insert, update');

-- publication via the root: changed publication feed (via_root)
ALTER PUBLICATION feed SET (publish_via_partition_root = true);

-- publication of all tables: changed publication feed (all_tables, tables)
DROP PUBLICATION feed;
CREATE PUBLICATION feed FOR ALL TABLES;

-- publication of generated columns: changed publication feed (generated_columns) since 18
ALTER PUBLICATION feed SET (publish_generated_columns = stored);

-- publication renamed: missing publication feed (name)
ALTER PUBLICATION feed RENAME TO stream;

-- publication made: unexpected publication scratch
CREATE PUBLICATION scratch FOR TABLE post;

-- published table dropped: missing table public.outbox
DROP TABLE outbox;

-- published table renamed: missing table public.outbox (name)
ALTER TABLE outbox RENAME TO memo;

-- event trigger dropped: missing event trigger watch_ddl
DROP EVENT TRIGGER watch_ddl;

-- event trigger disabled: changed event trigger watch_ddl (enabled)
ALTER EVENT TRIGGER watch_ddl DISABLE;

-- event trigger for other commands: changed event trigger watch_ddl (tags)
DROP EVENT TRIGGER watch_ddl;
CREATE EVENT TRIGGER watch_ddl ON ddl_command_end WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION note_ddl();

-- event trigger for all commands at another moment: changed event trigger watch_ddl (event, tags)
DROP EVENT TRIGGER watch_ddl;
CREATE EVENT TRIGGER watch_ddl ON sql_drop EXECUTE FUNCTION note_ddl();

-- event trigger with another function: changed event trigger watch_ddl (function)
DROP EVENT TRIGGER watch_ddl;
CREATE EVENT TRIGGER watch_ddl ON ddl_command_end WHEN TAG IN ('DROP TABLE', 'ALTER TABLE') EXECUTE FUNCTION app.count_ddl();

-- event trigger renamed: missing event trigger watch_ddl (name)
ALTER EVENT TRIGGER watch_ddl RENAME TO watch;

-- event trigger made: unexpected event trigger no_drop
CREATE EVENT TRIGGER no_drop ON sql_drop EXECUTE FUNCTION note_ddl();

-- function of an event trigger dropped: missing function public.note_ddl()
DROP FUNCTION note_ddl CASCADE;

-- == foreign tables ==

-- foreign table dropped: missing foreign table public.distant
DROP FOREIGN TABLE distant;

-- foreign table with another column: changed foreign table public.distant (columns)
ALTER FOREIGN TABLE distant ADD COLUMN further text;

-- foreign table with a column of another type: changed foreign table public.distant (columns)
ALTER FOREIGN TABLE distant ALTER COLUMN id TYPE bigint;

-- foreign table with another option: changed foreign table public.distant (options)
ALTER FOREIGN TABLE distant OPTIONS (SET table_name 'far');

-- foreign table with another option of a column: changed foreign table public.distant (columns)
ALTER FOREIGN TABLE distant ALTER COLUMN label OPTIONS (DROP column_name);

-- foreign table on another server: changed foreign table public.distant (server)
DROP FOREIGN TABLE distant;
CREATE FOREIGN TABLE distant (id integer NOT NULL, label text OPTIONS (column_name 'name')) SERVER backup OPTIONS (table_name 'near');

-- foreign table renamed: missing foreign table public.distant (name)
ALTER FOREIGN TABLE distant RENAME TO remote;

-- foreign table made: unexpected foreign table public.scratch
CREATE FOREIGN TABLE scratch (a integer) SERVER remote;

-- table in a foreign table's place: changed foreign table public.distant (kind)
DROP FOREIGN TABLE distant;
CREATE TABLE distant (id integer NOT NULL, label text);

-- server of a foreign table dropped: missing foreign table public.distant
DROP SERVER remote CASCADE;

-- == range types ==

-- range type dropped: missing range type app.words
DROP TYPE app.words;

-- range type over another type: changed range type app.words (collation, subtype)
DROP TYPE app.words;
CREATE TYPE app.words AS RANGE (subtype = uuid);

-- range type in another order: changed range type app.words (collation)
DROP TYPE app.words;
CREATE TYPE app.words AS RANGE (subtype = text);

-- range type of another operator class: changed range type app.words (operator_class)
DROP TYPE app.words;
CREATE TYPE app.words AS RANGE (subtype = text, subtype_opclass = text_pattern_ops, collation = "C");

-- range type without its function of distances: changed range type app.shift (subtype_diff)
DROP TYPE app.shift;
CREATE TYPE app.shift AS RANGE (subtype = time);

-- range type with a canonical form: changed range type app.days (canonical)
DROP TYPE app.days;
CREATE TYPE app.days;
CREATE FUNCTION pg_temp.whole(app.days) RETURNS app.days LANGUAGE internal IMMUTABLE STRICT AS 'daterange_canonical';
CREATE TYPE app.days AS RANGE (subtype = date, canonical = pg_temp.whole);

-- multirange renamed: changed range type app.words (multirange) since 14
ALTER TYPE app.words_multirange RENAME TO sets_of_words;

-- range type renamed: missing range type app.words (name)
ALTER TYPE app.words RENAME TO wording;

-- range type moved: missing range type app.words (name)
ALTER TYPE app.words SET SCHEMA public;

-- range type made: unexpected range type public.scratch
CREATE TYPE scratch AS RANGE (subtype = money);

-- function of a range type dropped: missing function public.minutes(time without time zone, time without time zone)
DROP FUNCTION minutes CASCADE;

-- == casts ==

-- cast dropped: missing cast text as public.address
DROP CAST (text AS address);

-- cast by another function: changed cast text as public.address (function)
DROP CAST (text AS address);
CREATE CAST (text AS address) WITH FUNCTION app.address_of(text) AS ASSIGNMENT;

-- cast by what types print: changed cast text as public.address (function, method)
DROP CAST (text AS address);
CREATE CAST (text AS address) WITH INOUT AS ASSIGNMENT;

-- cast that applies by itself: changed cast text as public.address (context)
DROP CAST (text AS address);
CREATE CAST (text AS address) WITH FUNCTION address_of(text) AS IMPLICIT;

-- function of a cast dropped: missing function public.address_of(text)
DROP FUNCTION address_of CASCADE;

-- cast of a type made: unexpected enum public.shade
CREATE TYPE shade AS ENUM ('dark');
CREATE CAST (shade[] AS json) WITH INOUT;

-- cast by a function made: unexpected function public.json_of(point)
CREATE FUNCTION json_of(point) RETURNS json LANGUAGE sql AS 'SELECT NULL::json';
CREATE CAST (point AS json) WITH FUNCTION json_of(point);

-- cast made: unexpected cast uuid as public.address
CREATE CAST (uuid AS address) WITH INOUT;

-- == cluster marks ==

-- cluster mark taken away: missing cluster mark public.User
ALTER TABLE "User" SET WITHOUT CLUSTER;

-- clustered by another index: changed cluster mark public.User (index)
CLUSTER "User" USING "User_pkey";

-- cluster mark set: unexpected cluster mark public.post
CLUSTER post USING post_title_idx;

-- index dropped that is the cluster mark's: missing index public.user_slug_idx
DROP INDEX user_slug_idx;

-- index made again otherwise, without its cluster mark: changed index public.user_slug_idx (keys)
DROP INDEX user_slug_idx;
CREATE INDEX user_slug_idx ON "User" (slug, id);

-- index renamed that is the cluster mark's: changed index public.user_slug_idx (name)
ALTER INDEX user_slug_idx RENAME TO user_by_slug;

-- == subscriptions ==

-- subscription made: unexpected subscription incoming
CREATE SUBSCRIPTION incoming CONNECTION 'dbname=nowhere' PUBLICATION a WITH (connect = false);

-- == operators ==

-- operator dropped, which others name: missing operator public.===(public.address, public.address)
DROP OPERATOR === (address, address);

-- operator dropped that stands alone: missing operator app.~~~(public.address, public.address)
DROP OPERATOR app.~~~ (address, address);

-- operator by another function: changed operator app.~~~(public.address, public.address) (function)
DROP OPERATOR app.~~~ (address, address);
CREATE OPERATOR app.~~~ (LEFTARG = address, RIGHTARG = address, FUNCTION = elsewhere);

-- operator made its own commutator: changed operator app.~~~(public.address, public.address) (commutator)
DROP OPERATOR app.~~~ (address, address);
CREATE OPERATOR app.~~~ (LEFTARG = address, RIGHTARG = address, FUNCTION = in_street, COMMUTATOR = OPERATOR(app.~~~));

-- operator made again without its negator: changed operator public.!==(public.address, public.address) (negator)
DROP OPERATOR !== (address, address);
CREATE OPERATOR !== (LEFTARG = address, RIGHTARG = address, FUNCTION = elsewhere, COMMUTATOR = !==);

-- operator estimated otherwise: changed operator public.===(public.address, public.address) (join, restrict)
ALTER OPERATOR === (address, address) SET (RESTRICT = NONE, JOIN = neqjoinsel);

-- operator that neither hashes nor merges: changed operator public.===(public.address, public.address) (hashes, merges)
DROP OPERATOR === (address, address);
CREATE OPERATOR === (LEFTARG = address, RIGHTARG = address, FUNCTION = in_street, COMMUTATOR = ===, NEGATOR = !==, RESTRICT = eqsel, JOIN = eqjoinsel);

-- operator moved to another schema: missing operator public.===(public.address, public.address) (name)
ALTER OPERATOR === (address, address) SET SCHEMA app;

-- function of two operators dropped: missing function public.in_street(public.address, public.address)
DROP FUNCTION in_street CASCADE;

-- operator made: unexpected operator public.<->(public.address, public.address)
CREATE OPERATOR <-> (LEFTARG = address, RIGHTARG = address, FUNCTION = in_street);

-- operator made that names one without commutator: unexpected operator public.~~~(public.address, public.address)
CREATE OPERATOR ~~~ (LEFTARG = address, RIGHTARG = address, FUNCTION = in_street, COMMUTATOR = OPERATOR(app.~~~));

-- == operator classes and families ==

-- operator class dropped with the index that needs it: missing operator class public.by_street using hash
DROP OPERATOR CLASS by_street USING hash CASCADE;

-- operator class dropped with its family: missing operator family public.by_street using hash
DROP OPERATOR FAMILY by_street USING hash CASCADE;

-- operator class renamed, and named by an index: missing operator class public.by_street using hash (name)
ALTER OPERATOR CLASS by_street USING hash RENAME TO of_street;

-- operator class moved to another schema: missing operator class public.by_street using hash (name)
ALTER OPERATOR CLASS by_street USING hash SET SCHEMA app;

-- operator class for another type: changed operator class app.boxed using gist (type)
UPDATE pg_opclass SET opcintype = 'path'::regtype WHERE opcname = 'boxed';

-- operator class in another family: changed operator class app.boxed using gist (family)
UPDATE pg_opclass SET opcfamily = (SELECT oid FROM pg_opfamily WHERE opfname = 'poly_ops' AND opfmethod = (SELECT oid FROM pg_am WHERE amname = 'gist')) WHERE opcname = 'boxed';

-- operator class made the default one: changed operator class app.boxed using gist (default)
UPDATE pg_opclass SET opcdefault = true WHERE opcname = 'boxed';

-- operator class that stores another type: changed operator class app.boxed using gist (storage)
UPDATE pg_opclass SET opckeytype = 0 WHERE opcname = 'boxed';

-- operator class made, with a family: unexpected operator family public.scratch using hash
CREATE OPERATOR CLASS scratch DEFAULT FOR TYPE address USING hash AS OPERATOR 1 app.=#, FUNCTION 1 hash_of(address);

-- operator class made in a family: unexpected operator class public.scratch using gist
CREATE OPERATOR CLASS scratch FOR TYPE box USING gist FAMILY app.boxes AS OPERATOR 3 &&, FUNCTION 1 gist_box_consistent(internal, box, smallint, oid, internal), FUNCTION 2 gist_box_union(internal, internal), FUNCTION 5 gist_box_penalty(internal, internal, internal), FUNCTION 6 gist_box_picksplit(internal, internal), FUNCTION 7 gist_box_same(box, box, internal);

-- operator family dropped, and its class: missing operator family app.boxes using gist
DROP OPERATOR FAMILY app.boxes USING gist;

-- operator family renamed: missing operator family app.boxes using gist (name)
ALTER OPERATOR FAMILY app.boxes USING gist RENAME TO boxy;

-- operator family moved to another schema: missing operator family app.boxes using gist (name)
ALTER OPERATOR FAMILY app.boxes USING gist SET SCHEMA public;

-- operator added to a family: changed operator family app.boxes using gist (operators)
ALTER OPERATOR FAMILY app.boxes USING gist ADD OPERATOR 6 ~= (polygon, polygon);

-- function added to a family: changed operator family app.boxes using gist (functions)
ALTER OPERATOR FAMILY app.boxes USING gist ADD FUNCTION 8 (polygon, polygon) gist_poly_distance(internal, polygon, smallint, oid, internal);

-- operator and function of a family replaced: changed operator family app.boxes using gist (functions, operators)
UPDATE pg_amop SET amopopr = '~=(polygon, polygon)'::regoperator WHERE amopfamily = (SELECT oid FROM pg_opfamily WHERE opfname = 'boxes');
UPDATE pg_amproc SET amproc = 'gist_circle_compress'::regproc WHERE amprocfamily = (SELECT oid FROM pg_opfamily WHERE opfname = 'boxes') AND amprocnum = 3;

-- operator family made: unexpected operator family app.scratch using btree
CREATE OPERATOR FAMILY app.scratch USING btree;

-- == text search ==

-- text search configuration dropped: missing text search configuration app.other
DROP TEXT SEARCH CONFIGURATION app.other;

-- text search configuration dropped with the index that needs it: missing text search configuration public.searched
DROP TEXT SEARCH CONFIGURATION searched CASCADE;

-- text search configuration renamed, and named by an index: missing text search configuration public.searched (name)
ALTER TEXT SEARCH CONFIGURATION searched RENAME TO found;

-- text search configuration moved to another schema: missing text search configuration public.searched (name)
ALTER TEXT SEARCH CONFIGURATION searched SET SCHEMA app;

-- text search configuration of another parser: changed text search configuration app.other (parser)
DROP TEXT SEARCH CONFIGURATION app.other;
CREATE TEXT SEARCH CONFIGURATION app.other (PARSER = "default");

-- dictionaries of a token in another order: changed text search configuration public.searched (mappings)
ALTER TEXT SEARCH CONFIGURATION searched ALTER MAPPING FOR word WITH english_stem, app.short;

-- token mapped to nothing: changed text search configuration public.searched (mappings)
ALTER TEXT SEARCH CONFIGURATION searched DROP MAPPING FOR email;

-- token mapped that was not: changed text search configuration app.other (mappings)
ALTER TEXT SEARCH CONFIGURATION app.other ADD MAPPING FOR word, "int" WITH simple;

-- text search configuration made: unexpected text search configuration public.scratch
CREATE TEXT SEARCH CONFIGURATION scratch (COPY = simple);

-- text search dictionary dropped: missing text search dictionary public.spare
DROP TEXT SEARCH DICTIONARY spare;

-- text search dictionary dropped with all that needs it: missing text search dictionary app.short
DROP TEXT SEARCH DICTIONARY app.short CASCADE;

-- text search dictionary with another stop list: changed text search dictionary app.short (options)
ALTER TEXT SEARCH DICTIONARY app.short (STOPWORDS = russian);

-- text search dictionary without its options: changed text search dictionary app.short (options)
ALTER TEXT SEARCH DICTIONARY app.short (STOPWORDS);

-- text search dictionary of another template: changed text search dictionary public.spare (template)
DROP TEXT SEARCH DICTIONARY spare;
CREATE TEXT SEARCH DICTIONARY spare (TEMPLATE = plain);

-- text search dictionary made: unexpected text search dictionary public.scratch
CREATE TEXT SEARCH DICTIONARY scratch (TEMPLATE = snowball, LANGUAGE = german, STOPWORDS = german);

-- text search template dropped with all that needs it: missing text search template public.plain
DROP TEXT SEARCH TEMPLATE plain CASCADE;

-- text search template by other functions: changed text search template public.plain (init, lexize)
UPDATE pg_ts_template SET tmplinit = 'dispell_init(internal)'::regprocedure, tmpllexize = 'dispell_lexize(internal, internal, internal, internal)'::regprocedure WHERE tmplname = 'plain';

-- text search template made: unexpected text search template public.scratch
CREATE TEXT SEARCH TEMPLATE scratch (LEXIZE = dsimple_lexize);

-- text search parser dropped with its configuration: missing text search parser public.words
DROP TEXT SEARCH PARSER words CASCADE;

-- text search parser without headline: changed text search parser public.words (headline)
UPDATE pg_ts_parser SET prsheadline = 0 WHERE prsname = 'words';

-- text search parser by other functions: changed text search parser public.words (end, start, token, types)
UPDATE pg_ts_parser SET prsstart = 'dispell_init(internal)'::regprocedure, prstoken = 'dispell_init(internal)'::regprocedure, prsend = 'dispell_init(internal)'::regprocedure, prslextype = 'dispell_init(internal)'::regprocedure WHERE prsname = 'words';

-- text search parser made: unexpected text search parser public.scratch
CREATE TEXT SEARCH PARSER scratch (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);

-- == aggregates, collations, statistics ==

-- aggregate dropped: missing aggregate public.longest(text)
DROP AGGREGATE longest(text);

-- aggregate with another function: changed aggregate public.longest(text) (functions)
CREATE OR REPLACE AGGREGATE longest(text) (SFUNC = shorter, STYPE = text, INITCOND = '');

-- aggregate that begins with another value: changed aggregate public.longest(text) (initial)
CREATE OR REPLACE AGGREGATE longest(text) (SFUNC = longer, STYPE = text, INITCOND = '-');

-- aggregate with a state of another type: changed aggregate public.longest(text) (functions, initial, state_type)
DROP AGGREGATE longest(text);
CREATE AGGREGATE longest(text) (SFUNC = array_append, STYPE = text[]);

-- aggregate for parallel queries: changed aggregate public.longest(text) (functions, parallel)
CREATE OR REPLACE AGGREGATE longest(text) (SFUNC = longer, STYPE = text, INITCOND = '', COMBINEFUNC = longer, PARALLEL = safe);

-- aggregate renamed: missing aggregate public.longest(text) (name)
ALTER AGGREGATE longest(text) RENAME TO lengthiest;

-- aggregate of no arguments renamed: missing aggregate app.every_row() (name)
ALTER AGGREGATE app.every_row(*) RENAME TO all_rows;

-- aggregate made: unexpected aggregate public.shortest(text)
CREATE AGGREGATE shortest(text) (SFUNC = shorter, STYPE = text);

-- function of an aggregate dropped: missing function public.longer(text, text)
DROP FUNCTION longer CASCADE;

-- collation dropped: missing collation app.nocase
DROP COLLATION app.nocase;

-- collation for another locale: changed collation app.nocase (locale)
DROP COLLATION app.nocase;
CREATE COLLATION app.nocase (PROVIDER = icu, LOCALE = 'de-u-ks-level2', DETERMINISTIC = false);

-- collation deterministic: changed collation app.nocase (deterministic)
DROP COLLATION app.nocase;
CREATE COLLATION app.nocase (PROVIDER = icu, LOCALE = 'und-u-ks-level2');

-- collation of another provider: changed collation app.nocase (deterministic, locale, provider)
DROP COLLATION app.nocase;
CREATE COLLATION app.nocase FROM "C";

-- collation renamed: missing collation app.nocase (name)
ALTER COLLATION app.nocase RENAME TO caseless;

-- collation moved: missing collation app.nocase (name)
ALTER COLLATION app.nocase SET SCHEMA public;

-- collation made: unexpected collation public.scratch
CREATE COLLATION scratch (LC_COLLATE = 'C', LC_CTYPE = 'POSIX');

-- statistics dropped: missing statistics public.post_stats
DROP STATISTICS post_stats;

-- statistics of other kinds: changed statistics public.post_stats (kinds)
DROP STATISTICS post_stats;
CREATE STATISTICS post_stats ON author_id, title FROM post;

-- statistics of other columns: changed statistics public.post_stats (columns)
DROP STATISTICS post_stats;
CREATE STATISTICS post_stats (ndistinct, mcv) ON author_id, body FROM post;

-- statistics of an expression: changed statistics public.post_stats (columns, expressions) since 14
DROP STATISTICS post_stats;
CREATE STATISTICS post_stats (ndistinct, mcv) ON author_id, lower(title) FROM post;

-- statistics of another table: changed statistics public.post_stats (columns, table)
DROP STATISTICS post_stats;
CREATE STATISTICS post_stats (ndistinct, mcv) ON label, post_id FROM note;

-- statistics with a target: changed statistics public.post_stats (target)
ALTER STATISTICS post_stats SET STATISTICS 500;

-- statistics renamed: changed statistics public.post_stats (name)
ALTER STATISTICS post_stats RENAME TO stats;

-- statistics made: unexpected statistics public.scratch
CREATE STATISTICS scratch ON id, karma FROM "User";

-- == schemas, extensions ==

-- schema dropped: missing schema empty
DROP SCHEMA empty;

-- schema dropped with all in it: missing schema app
DROP SCHEMA app CASCADE;

-- schema made: unexpected schema other
CREATE SCHEMA other;
CREATE TABLE other.t (id serial PRIMARY KEY);

-- schema renamed: missing schema app (name)
ALTER SCHEMA app RENAME TO application;

-- extension dropped: missing extension fuzzystrmatch
DROP EXTENSION fuzzystrmatch;

-- extension made: unexpected extension btree_gist
CREATE EXTENSION btree_gist;

-- == settings ==

-- setting of the database changed: changed setting database statement_timeout (value)
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET statement_timeout = 5000', current_database()); END $$;

-- setting of the database as it was, in other words: nothing
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET statement_timeout = 60000', current_database()); END $$;

-- setting of the database reset: missing setting database row_security
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET row_security', current_database()); END $$;

-- setting of the database made: unexpected setting database default_transaction_read_only
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$;

-- setting of the database that changes nothing: nothing
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone TO ''UTC''', current_database()); END $$;

-- setting of an application's own, which may be a secret: unexpected setting database app.key
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET app.key TO ''secret''', current_database()); END $$;

-- setting of a role changed: changed setting role postgres.this database.search_path (value)
DO $$ BEGIN EXECUTE format('ALTER ROLE postgres IN DATABASE %I SET search_path = app', current_database()); END $$;

-- setting of a role reset: missing setting role postgres.this database.search_path
DO $$ BEGIN EXECUTE format('ALTER ROLE postgres IN DATABASE %I RESET search_path', current_database()); END $$;

-- setting of a role made: unexpected setting role postgres.this database.lock_timeout
DO $$ BEGIN EXECUTE format('ALTER ROLE postgres IN DATABASE %I SET lock_timeout = 1', current_database()); END $$;

-- setting of a role made, everywhere: unexpected setting role postgres.work_mem
ALTER ROLE postgres SET work_mem = '8MB';

-- setting of a role that has no table: nothing
CREATE ROLE without_tables;
ALTER ROLE without_tables SET search_path = app;

-- setting of a role that may write to tables: unexpected setting role writer.search_path
CREATE ROLE writer;
GRANT INSERT ON note TO writer;
ALTER ROLE writer SET search_path = app;

-- setting of all roles: unexpected setting role all.work_mem
ALTER ROLE ALL SET work_mem = '8MB';

-- setting of a role that is called all: unexpected setting role "all".work_mem
CREATE ROLE "all";
GRANT INSERT ON note TO "all";
ALTER ROLE "all" SET work_mem = '8MB';

-- setting of a role that is called current_user: unexpected setting role "current_user".work_mem
CREATE ROLE "current_user";
GRANT INSERT ON note TO "current_user";
ALTER ROLE "current_user" SET work_mem = '8MB';

-- == constants ==

-- another instant: changed column public.kinds.moment (default)
ALTER TABLE kinds ALTER COLUMN moment SET DEFAULT '2020-01-01 00:00:00-08';

-- the same instant: nothing
ALTER TABLE kinds ALTER COLUMN moment SET DEFAULT '2020-01-01 07:00:00Z';

-- another instant of a zone by name: changed column public.kinds.summer (default)
ALTER TABLE kinds ALTER COLUMN summer SET DEFAULT '2020-07-01 00:00 America/Chicago';

-- the same instant of a zone by name: nothing
ALTER TABLE kinds ALTER COLUMN summer SET DEFAULT '2020-07-01 00:00-04';

-- another interval in ISO 8601: changed column public.kinds.span (default)
ALTER TABLE kinds ALTER COLUMN span SET DEFAULT 'P1DT3H';

-- the same interval in ISO 8601: nothing
ALTER TABLE kinds ALTER COLUMN span SET DEFAULT '1 day 02:00';

-- another interval of a precision: changed column public.kinds.short (default)
ALTER TABLE kinds ALTER COLUMN short SET DEFAULT '1.6 hours';

-- the same interval of a precision: nothing
ALTER TABLE kinds ALTER COLUMN short SET DEFAULT '90 minutes';

-- another date: changed column public.kinds.born (default)
ALTER TABLE kinds ALTER COLUMN born SET DEFAULT 'January 9, 1999';

-- the same date: nothing
ALTER TABLE kinds ALTER COLUMN born SET DEFAULT '1999-01-08';

-- another time with a zone: changed column public.kinds.clock (default)
ALTER TABLE kinds ALTER COLUMN clock SET DEFAULT '04:05:06+05:45';

-- the same time with a zone: nothing
ALTER TABLE kinds ALTER COLUMN clock SET DEFAULT '04:05:06+0530';

-- another range of dates: changed column public.kinds.week (default)
ALTER TABLE kinds ALTER COLUMN week SET DEFAULT '[2020-01-01,2020-01-07)';

-- the same range of dates: nothing
ALTER TABLE kinds ALTER COLUMN week SET DEFAULT '[2020-01-01,2020-01-08)';

-- another range of instants: changed column public.kinds.during (default)
ALTER TABLE kinds ALTER COLUMN during SET DEFAULT '[2020-01-01 00:00+02,2020-02-01 00:00+03)';

-- the same range of instants: nothing
ALTER TABLE kinds ALTER COLUMN during SET DEFAULT '[2019-12-31 22:00Z,2020-01-31 22:00Z)';

-- another range of integers: changed column public.kinds.few (default)
ALTER TABLE kinds ALTER COLUMN few SET DEFAULT '(1,6]';

-- the same range of integers: nothing
ALTER TABLE kinds ALTER COLUMN few SET DEFAULT '[2,6)';

-- another numeric: changed column public.kinds.amount (default)
ALTER TABLE kinds ALTER COLUMN amount SET DEFAULT '1e1';

-- the same numeric: nothing
ALTER TABLE kinds ALTER COLUMN amount SET DEFAULT 100;

-- another float: changed column public.kinds.ratio (default)
ALTER TABLE kinds ALTER COLUMN ratio SET DEFAULT '1e-6';

-- the same float: nothing
ALTER TABLE kinds ALTER COLUMN ratio SET DEFAULT '0.00001';

-- another money: changed column public.kinds.price (default)
ALTER TABLE kinds ALTER COLUMN price SET DEFAULT '1,234.6';

-- the same money: nothing
ALTER TABLE kinds ALTER COLUMN price SET DEFAULT '$1,234.50';

-- another bytes: changed column public.kinds.raw (default)
ALTER TABLE kinds ALTER COLUMN raw SET DEFAULT '\001\376';

-- the same bytes: nothing
ALTER TABLE kinds ALTER COLUMN raw SET DEFAULT '\x01FF';

-- another bits: changed column public.kinds.mask (default)
ALTER TABLE kinds ALTER COLUMN mask SET DEFAULT B'0110';

-- the same bits: nothing
ALTER TABLE kinds ALTER COLUMN mask SET DEFAULT B'0101';

-- another address: changed column public.kinds.host (default)
ALTER TABLE kinds ALTER COLUMN host SET DEFAULT '10.0.0.2/32';

-- the same address: nothing
ALTER TABLE kinds ALTER COLUMN host SET DEFAULT '10.0.0.1';

-- another network: changed column public.kinds.net (default)
ALTER TABLE kinds ALTER COLUMN net SET DEFAULT '10.2';

-- the same network: nothing
ALTER TABLE kinds ALTER COLUMN net SET DEFAULT '10.1.0.0/16';

-- another MAC address: changed column public.kinds.card (default)
ALTER TABLE kinds ALTER COLUMN card SET DEFAULT '0800.2b01.0204';

-- the same MAC address: nothing
ALTER TABLE kinds ALTER COLUMN card SET DEFAULT '08:00:2B:01:02:03';

-- another uuid: changed column public.kinds.key (default)
ALTER TABLE kinds ALTER COLUMN key SET DEFAULT 'a0eebc999c0b4ef8bb6d6bb9bd380a10';

-- the same uuid: nothing
ALTER TABLE kinds ALTER COLUMN key SET DEFAULT 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';

-- another point: changed column public.kinds.place (default)
ALTER TABLE kinds ALTER COLUMN place SET DEFAULT '(2,1)';

-- the same point: nothing
ALTER TABLE kinds ALTER COLUMN place SET DEFAULT '1,2';

-- another box: changed column public.kinds.area (default)
ALTER TABLE kinds ALTER COLUMN area SET DEFAULT '(0,0),(1,2)';

-- the same box: nothing
ALTER TABLE kinds ALTER COLUMN area SET DEFAULT '(1,1),(0,0)';

-- another words to search: changed column public.kinds.words (default)
ALTER TABLE kinds ALTER COLUMN words SET DEFAULT 'a fat dog';

-- the same words to search: nothing
ALTER TABLE kinds ALTER COLUMN words SET DEFAULT '''cat'' ''fat'' a';

-- another path in JSON: changed column public.kinds.path (default)
ALTER TABLE kinds ALTER COLUMN path SET DEFAULT '$.a[*] ? (@.b > 2)';

-- the same path in JSON: nothing
ALTER TABLE kinds ALTER COLUMN path SET DEFAULT '$."a"[*]?(@."b" > 1)';

-- another name of a table: changed column public.kinds.about (default)
ALTER TABLE kinds ALTER COLUMN about SET DEFAULT 'post';

-- the same name of a table: nothing
ALTER TABLE kinds ALTER COLUMN about SET DEFAULT 'public.bare';

-- another array of intervals: changed column public.kinds.spans (default)
ALTER TABLE kinds ALTER COLUMN spans SET DEFAULT '{P1D,2 hours}';

-- the same array of intervals: nothing
ALTER TABLE kinds ALTER COLUMN spans SET DEFAULT ARRAY['1 day', '01:00']::interval[];

-- another instant in a check: changed check public.kinds.late (expression)
ALTER TABLE kinds DROP CONSTRAINT late;
ALTER TABLE kinds ADD CONSTRAINT late CHECK (moment > '2019-01-01 00:00:00+05:45');

-- the same instant in a check: nothing
ALTER TABLE kinds DROP CONSTRAINT late;
ALTER TABLE kinds ADD CONSTRAINT late CHECK (moment > '2018-12-31 18:30Z');

-- another instant in a predicate: changed index public.kinds_late_idx (predicate)
DROP INDEX kinds_late_idx;
CREATE INDEX kinds_late_idx ON kinds (born) WHERE moment > '2020-01-01T00:00:01Z';

-- another interval in a view: changed view public.brief (body)
CREATE OR REPLACE VIEW brief AS SELECT born FROM kinds WHERE span < 'P3D' AND host <<= '10.0.0.0/8';

-- another network in a view: changed view public.brief (body)
CREATE OR REPLACE VIEW brief AS SELECT born FROM kinds WHERE span < 'P2D' AND host <<= '10.0.0.0/9';

-- another instant as a partition's bound: changed table public.reading_1 (bound)
ALTER TABLE reading DETACH PARTITION reading_1;
ALTER TABLE reading ATTACH PARTITION reading_1 FOR VALUES FROM ('2020-01-01 00:00-05') TO ('2020-02-01 00:00 EDT');

-- == what else an attribute can become ==

-- primary key with a further column: changed primary key public.event (include)
ALTER TABLE event DROP CONSTRAINT event_pkey, ADD CONSTRAINT event_pkey PRIMARY KEY (id, at) INCLUDE (kind);

-- primary key deferrable: changed primary key public.event (deferral)
ALTER TABLE event DROP CONSTRAINT event_pkey, ADD CONSTRAINT event_pkey PRIMARY KEY (id, at) DEFERRABLE;

-- unique constraint over more: changed unique public.User.User_email_key (columns)
ALTER TABLE "User" DROP CONSTRAINT "User_email_key", ADD CONSTRAINT "User_email_key" UNIQUE (email, name);

-- unique constraint with a further column: changed unique public.User.User_email_key (include)
ALTER TABLE "User" DROP CONSTRAINT "User_email_key", ADD CONSTRAINT "User_email_key" UNIQUE (email) INCLUDE (name);

-- foreign key from another column: changed foreign key public.post.post_author_id_fkey (columns)
ALTER TABLE post DROP CONSTRAINT post_author_id_fkey;
ALTER TABLE post ADD CONSTRAINT post_author_id_fkey FOREIGN KEY (id) REFERENCES "User" ON DELETE CASCADE;

-- foreign key to another table: changed foreign key public.post.post_author_id_fkey (referenced_table)
ALTER TABLE post DROP CONSTRAINT post_author_id_fkey;
ALTER TABLE post ADD CONSTRAINT post_author_id_fkey FOREIGN KEY (author_id) REFERENCES post (id) ON DELETE CASCADE;

-- foreign key to another column: changed foreign key public.couple.couple_c_fkey (referenced_columns)
ALTER TABLE couple DROP CONSTRAINT couple_c_fkey;
ALTER TABLE couple ADD CONSTRAINT couple_c_fkey FOREIGN KEY (c) REFERENCES couple (b) ON DELETE SET NULL;

-- foreign key that sets one column null: changed foreign key public.couple.couple_c_fkey (on_delete_columns) since 15
ALTER TABLE couple DROP CONSTRAINT couple_c_fkey;
ALTER TABLE couple ADD CONSTRAINT couple_c_fkey FOREIGN KEY (c) REFERENCES couple (a) ON DELETE SET NULL (c);

-- foreign key that sets null where it did, and on update: changed foreign key public.couple.couple_c_fkey (on_update)
ALTER TABLE couple DROP CONSTRAINT couple_c_fkey;
ALTER TABLE couple ADD CONSTRAINT couple_c_fkey FOREIGN KEY (c) REFERENCES couple (a) ON DELETE SET NULL ON UPDATE CASCADE;

-- check not enforced: changed check public.User.karma_check (enforced, validated) since 18
ALTER TABLE "User" DROP CONSTRAINT karma_check;
ALTER TABLE "User" ADD CONSTRAINT karma_check CHECK (karma BETWEEN 0 AND 100) NOT ENFORCED;

-- exclusion by another method: changed exclusion public.post.post_during_excl (method)
ALTER TABLE post DROP CONSTRAINT post_during_excl;
ALTER TABLE post ADD CONSTRAINT post_during_excl EXCLUDE USING spgist (during WITH &&);

-- exclusion with a further column: changed exclusion public.post.post_during_excl (include)
ALTER TABLE post DROP CONSTRAINT post_during_excl;
ALTER TABLE post ADD CONSTRAINT post_during_excl EXCLUDE USING gist (during WITH &&) INCLUDE (during);

-- exclusion deferrable: changed exclusion public.post.post_during_excl (deferral)
ALTER TABLE post DROP CONSTRAINT post_during_excl;
ALTER TABLE post ADD CONSTRAINT post_during_excl EXCLUDE USING gist (during WITH &&) DEFERRABLE INITIALLY DEFERRED;

-- exclusion stored otherwise: changed exclusion public.post.post_during_excl (parameters)
ALTER TABLE post DROP CONSTRAINT post_during_excl;
ALTER TABLE post ADD CONSTRAINT post_during_excl EXCLUDE USING gist (during WITH &&) WITH (fillfactor = 80);

-- table divided otherwise: changed table public.ledger (partition_by)
DROP TABLE ledger;
CREATE TABLE ledger (id integer, label text) PARTITION BY LIST (label);

-- table no longer divided: changed table public.ledger (partition_by)
DROP TABLE ledger;
CREATE TABLE ledger (id integer, label text);

-- foreign table as a partition: changed foreign table public.distant (bound, partition_of)
ALTER TABLE ledger ATTACH PARTITION distant FOR VALUES FROM (1) TO (9);

-- foreign table made as a partition: nothing
CREATE FOREIGN TABLE distant_2 PARTITION OF ledger FOR VALUES FROM (1) TO (9) SERVER remote;

-- table inherits: changed table public.bare (inherits)
ALTER TABLE bare INHERIT rootless;

-- composite type dropped, its column with it: missing composite type public.address
DROP TYPE address CASCADE;

-- domain of another type: changed domain public.positive (type)
DROP DOMAIN positive CASCADE;
CREATE DOMAIN positive AS bigint DEFAULT 1 CONSTRAINT positive_check CHECK (VALUE > 0);
ALTER TABLE post ADD stars positive;

-- domain of text: changed domain public.positive (checks, collation, default, type)
DROP DOMAIN positive CASCADE;
CREATE DOMAIN positive AS text COLLATE "C";
ALTER TABLE post ADD stars positive;

-- sequence dropped: missing sequence public.invoice
DROP SEQUENCE invoice;

-- extension in another schema: changed extension fuzzystrmatch (schema)
ALTER EXTENSION fuzzystrmatch SET SCHEMA app;

-- materialized view of other columns: changed materialized view public.totals (columns)
DROP MATERIALIZED VIEW totals;
CREATE MATERIALIZED VIEW totals AS SELECT author_id, count(*) AS n FROM post GROUP BY author_id;
CREATE INDEX totals_idx ON totals (author_id);

-- materialized view of other rows: changed materialized view public.totals (body)
DROP MATERIALIZED VIEW totals;
CREATE MATERIALIZED VIEW totals AS SELECT author_id, count(*) AS posts FROM post WHERE id > 1 GROUP BY author_id;
CREATE INDEX totals_idx ON totals (author_id);

-- materialized view made: unexpected materialized view public.scratch
CREATE MATERIALIZED VIEW scratch AS SELECT 1 AS a;

-- policy with a check: changed policy public.post.own (command, with_check)
DROP POLICY own ON post;
CREATE POLICY own ON post FOR ALL USING (author_id > 0) WITH CHECK (author_id > 1);

-- row security forced and disabled: changed row security public.post (enabled, forced)
ALTER TABLE post DISABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- rule that does something: changed rule public.bare.no_delete (acts)
CREATE OR REPLACE RULE no_delete AS ON DELETE TO bare DO INSTEAD DELETE FROM note;

-- rule with a condition: changed rule public.bare.no_delete (body)
CREATE OR REPLACE RULE no_delete AS ON DELETE TO bare WHERE OLD.a > 1 DO INSTEAD NOTHING;

-- rule that does it besides: changed rule public.bare.no_delete (instead)
CREATE OR REPLACE RULE no_delete AS ON DELETE TO bare DO ALSO NOTHING;

-- rule on another event: changed rule public.bare.no_delete (event)
CREATE OR REPLACE RULE no_delete AS ON INSERT TO bare DO INSTEAD NOTHING;

-- trigger of another function: changed trigger public.User.touch_user (function)
DROP TRIGGER touch_user ON "User";
CREATE TRIGGER touch_user BEFORE UPDATE ON "User" FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();

-- trigger as a constraint: changed trigger public.User.touch_user (constraint, timing)
DROP TRIGGER touch_user ON "User";
CREATE CONSTRAINT TRIGGER touch_user AFTER UPDATE ON "User" FOR EACH ROW EXECUTE FUNCTION touch();

-- trigger as a deferred constraint: changed trigger public.User.touch_user (constraint, deferral, timing)
DROP TRIGGER touch_user ON "User";
CREATE CONSTRAINT TRIGGER touch_user AFTER UPDATE ON "User" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION touch();

-- trigger with transition tables: changed trigger public.User.touch_user (for_each, new_table, old_table, timing)
DROP TRIGGER touch_user ON "User";
CREATE TRIGGER touch_user AFTER UPDATE ON "User" REFERENCING OLD TABLE AS o NEW TABLE AS n EXECUTE FUNCTION touch();

-- function's argument renamed: changed function public.twice(integer) (arguments, body_digest)
DROP FUNCTION twice(integer);
CREATE FUNCTION twice(m integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT m * 2';

-- function with a default: changed function public.twice(integer) (defaults)
CREATE OR REPLACE FUNCTION twice(n integer DEFAULT 1) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT n * 2';

-- function in another language: changed function public.twice(integer) (body_digest, language)
CREATE OR REPLACE FUNCTION twice(n integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN n * 2; END';

-- procedure with another body: changed procedure public.tidy(integer) (body_digest)
CREATE OR REPLACE PROCEDURE tidy(days integer DEFAULT 30) LANGUAGE plpgsql AS $$ BEGIN DELETE FROM bare; END $$;

-- procedure with another default: changed procedure public.tidy(integer) (defaults)
CREATE OR REPLACE PROCEDURE tidy(days integer DEFAULT 31) LANGUAGE plpgsql AS $$ BEGIN DELETE FROM note; END $$;

-- procedure in another language: changed procedure public.tidy(integer) (body_digest, language)
CREATE OR REPLACE PROCEDURE tidy(days integer DEFAULT 30) LANGUAGE sql AS 'DELETE FROM note';

-- procedure's argument renamed: changed procedure public.tidy(integer) (arguments)
DROP PROCEDURE tidy(integer);
CREATE PROCEDURE tidy(d integer DEFAULT 30) LANGUAGE plpgsql AS $$ BEGIN DELETE FROM note; END $$;

-- procedure with its owner's rights: changed procedure public.tidy(integer) (security_definer)
ALTER PROCEDURE tidy(integer) SECURITY DEFINER;

-- procedure with a setting: changed procedure public.tidy(integer) (settings)
ALTER PROCEDURE tidy(integer) SET search_path = public;

-- procedure made: unexpected procedure public.scratch()
CREATE PROCEDURE scratch() LANGUAGE sql AS 'DELETE FROM note';

-- collation of the C library: changed collation app.nocase (ctype, deterministic, locale, provider)
DROP COLLATION app.nocase;
CREATE COLLATION app.nocase (LC_COLLATE = 'C', LC_CTYPE = 'POSIX');

-- collation with rules: changed collation app.nocase (rules) since 16
DROP COLLATION app.nocase;
CREATE COLLATION app.nocase (PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false, RULES = '&a < g');

-- aggregate's argument named: changed aggregate public.longest(text) (arguments)
DROP AGGREGATE longest(text);
CREATE AGGREGATE longest(a text) (SFUNC = longer, STYPE = text, INITCOND = '');

-- aggregate over moving windows: changed aggregate public.longest(text) (functions, moving_initial, moving_type)
DROP AGGREGATE longest(text);
CREATE AGGREGATE longest(text) (SFUNC = longer, STYPE = text, INITCOND = '', MSFUNC = longer, MINVFUNC = shorter, MSTYPE = text, MINITCOND = '');

-- aggregate with a last step: changed aggregate public.longest(text) (functions, modify)
DROP AGGREGATE longest(text);
CREATE AGGREGATE longest(text) (SFUNC = longer, STYPE = text, INITCOND = '', FINALFUNC = upper, FINALFUNC_MODIFY = READ_WRITE);

-- aggregate whose last step knows its arguments: changed aggregate public.longest(text) (extra, functions)
DROP AGGREGATE longest(text);
CREATE AGGREGATE longest(text) (SFUNC = longer, STYPE = text, INITCOND = '', FINALFUNC = longer, FINALFUNC_EXTRA);

-- aggregate with an index to answer by: changed aggregate public.longest(text) (sort_operator)
DROP AGGREGATE longest(text);
CREATE AGGREGATE longest(text) (SFUNC = longer, STYPE = text, INITCOND = '', SORTOP = OPERATOR(pg_catalog.>));
