-- How columns and relations are stored: what goes to the tables below, what another type forgets, what LIKE copies.
CREATE TYPE kind AS ENUM ('a', 'b');
CREATE TYPE pair AS (x int, y text);
CREATE DOMAIN short AS varchar(20);
CREATE TABLE kept (id int, name text, amount numeric(10,2), data jsonb, tags text[], kind kind, pair pair, short short, address inet) WITH (fillfactor = 70, autovacuum_enabled = off, autovacuum_vacuum_scale_factor = 0.10);
ALTER TABLE kept ALTER name SET STORAGE EXTERNAL, ALTER amount SET STORAGE PLAIN, ALTER data SET STORAGE EXTENDED, ALTER tags SET STORAGE MAIN;
ALTER TABLE kept ALTER id SET STORAGE PLAIN, ALTER kind SET STORAGE PLAIN, ALTER pair SET STORAGE MAIN, ALTER short SET STORAGE EXTENDED, ALTER address SET STORAGE EXTENDED;
ALTER TABLE kept ALTER pair SET STORAGE EXTENDED, ALTER address SET STORAGE MAIN;
ALTER TABLE kept ALTER id SET STATISTICS 500, ALTER name SET STATISTICS 20000, ALTER data SET STATISTICS 0;
ALTER TABLE kept ALTER data SET STATISTICS -1;
ALTER TABLE kept ALTER name SET STATISTICS DEFAULT; -- since 17
ALTER TABLE kept ALTER name SET (n_distinct = -0.50, n_distinct_inherited = 100), ALTER id SET (n_distinct = 7);
ALTER TABLE kept ALTER id RESET (n_distinct);
ALTER TABLE kept ALTER name SET COMPRESSION pglz; -- since 14
ALTER TABLE kept ALTER data SET COMPRESSION pglz, ALTER tags SET COMPRESSION pglz; -- since 14
ALTER TABLE kept ALTER data SET COMPRESSION default; -- since 14
ALTER TABLE kept SET (fillfactor = 90, toast.autovacuum_enabled = false, toast.autovacuum_vacuum_threshold = 20, parallel_workers = 2), RESET (autovacuum_enabled);
ALTER TABLE kept RESET (toast.autovacuum_vacuum_threshold);
CREATE TABLE copied (LIKE kept INCLUDING STORAGE);
CREATE TABLE copied_all (LIKE kept INCLUDING ALL);
CREATE TABLE copied_bare (LIKE kept);
CREATE TABLE heir (extra text) INHERITS (kept);
CREATE TABLE heir_too (name text, extra text) INHERITS (kept);
ALTER TABLE kept ALTER name SET STORAGE MAIN, ALTER name SET STATISTICS 77;
ALTER TABLE kept ALTER name SET (n_distinct = 3);
ALTER TABLE ONLY kept ALTER data SET STORAGE EXTERNAL;
ALTER TABLE heir ALTER data SET STORAGE EXTERNAL;
ALTER TABLE heir_too ALTER data SET STORAGE EXTERNAL;
ALTER TABLE kept ALTER tags SET COMPRESSION default; -- since 14
ALTER TABLE kept ALTER name TYPE varchar(50), ALTER amount TYPE text USING amount::text;
ALTER TABLE kept ADD late text;
CREATE TABLE declared (a text STORAGE EXTERNAL, b text STORAGE DEFAULT, c text STORAGE MAIN COMPRESSION pglz); -- since 16
CREATE TABLE compressed (a text COMPRESSION pglz, b text COMPRESSION default); -- since 14
CREATE TABLE compressed_heir () INHERITS (compressed); -- since 14
CREATE TABLE without_oids (id int) WITH (oids = false);
CREATE TABLE fixed (id int) WITH (toast.autovacuum_enabled = off);
CREATE TABLE fixed_name (name varchar(10)) WITH (toast.autovacuum_enabled = off);
ALTER TABLE fixed ADD note text;
CREATE TABLE parted (id int, note text) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (1) TO (10) WITH (fillfactor = 60);
ALTER TABLE parted ALTER note SET STORAGE EXTERNAL, ALTER note SET STATISTICS 9;
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (10) TO (20);
ALTER TABLE ONLY parted ALTER note SET STATISTICS 10;
CREATE INDEX kept_id ON kept (id) WITH (fillfactor = 55, deduplicate_items = off);
CREATE INDEX kept_data ON kept USING gin (data) WITH (fastupdate = off, gin_pending_list_limit = 128);
CREATE INDEX kept_brin ON kept USING brin (id) WITH (pages_per_range = 32, autosummarize);
CREATE INDEX kept_gist ON kept USING gist (address inet_ops) WITH (buffering = auto);
ALTER INDEX kept_id SET (fillfactor = 80);
ALTER INDEX kept_id RESET (deduplicate_items);
ALTER INDEX kept_brin SET (autosummarize = 0);
ALTER TABLE kept ADD CONSTRAINT kept_key UNIQUE (id, short) WITH (fillfactor = 65);
ALTER TABLE kept ADD PRIMARY KEY (id) WITH (fillfactor = 66);
ALTER TABLE kept ADD CONSTRAINT kept_excluded EXCLUDE USING gist (address inet_ops WITH &&) WITH (fillfactor = 67);
ALTER INDEX kept_key SET (fillfactor = 64);
ALTER INDEX kept_pkey RESET (fillfactor);
CREATE UNIQUE INDEX adopted ON kept (short) WITH (fillfactor = 51);
ALTER TABLE kept ADD CONSTRAINT adopted_too UNIQUE USING INDEX adopted;
CREATE TABLE copied_indexes (LIKE kept INCLUDING INDEXES);
ALTER TABLE kept ALTER short TYPE varchar(30);
CREATE INDEX parted_note ON parted (note) WITH (fillfactor = 50);
CREATE TABLE parted_3 PARTITION OF parted FOR VALUES FROM (20) TO (30);
CREATE VIEW shielded WITH (security_barrier) AS SELECT id FROM kept;
ALTER VIEW shielded SET (security_barrier = off, check_option = local);
ALTER VIEW shielded SET (security_invoker = yes); -- since 15
ALTER VIEW shielded RESET (security_barrier);
CREATE MATERIALIZED VIEW stored WITH (fillfactor = 44) AS SELECT id FROM kept;
ALTER MATERIALIZED VIEW stored SET (autovacuum_enabled = on);
CREATE TABLE made WITH (fillfactor = 43, toast.autovacuum_enabled = off) AS SELECT id, name FROM kept;
CREATE UNLOGGED TABLE made_unlogged WITH (fillfactor = 42) AS SELECT 1 AS one;
ALTER TABLE kept RENAME name TO title;
ALTER TABLE kept RENAME TO preserved;
