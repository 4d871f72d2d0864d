-- Extended statistics.
CREATE SCHEMA app;
CREATE TABLE sample (id integer PRIMARY KEY, a text, b integer, c integer, long_name_of_a_column_that_goes_on_and_on_and_on integer);
CREATE STATISTICS ab ON a, b FROM sample;
CREATE STATISTICS app.bc (mcv, dependencies) ON c, b FROM sample;
CREATE STATISTICS IF NOT EXISTS ab ON a, c FROM sample;
ALTER STATISTICS ab SET STATISTICS 200;
ALTER STATISTICS IF EXISTS never SET STATISTICS 1;
ALTER STATISTICS ab SET STATISTICS -1;
ALTER STATISTICS ab RENAME TO ba;
ALTER STATISTICS ba SET SCHEMA app;
CREATE STATISTICS lowered ON lower(a), b FROM sample; -- since 14
CREATE STATISTICS one ON (a || 'x') FROM sample; -- since 14
CREATE STATISTICS ON a, b FROM sample; -- since 16
CREATE STATISTICS ON a, b FROM sample; -- since 16
CREATE STATISTICS (mcv) ON a, lower(a), long_name_of_a_column_that_goes_on_and_on_and_on FROM sample; -- since 16
CREATE TABLE alike (LIKE sample INCLUDING ALL);
CREATE TABLE unlike (LIKE sample);
ALTER TABLE sample RENAME COLUMN b TO d;
ALTER TABLE sample RENAME TO sampled;
CREATE MATERIALIZED VIEW counted AS SELECT a, d FROM sampled;
CREATE STATISTICS counts ON a, d FROM counted;
ALTER TABLE sampled SET SCHEMA app;
ALTER TABLE alike DROP COLUMN c;
ALTER TABLE app.sampled ALTER COLUMN c TYPE bigint;
CREATE TABLE retyped (a integer, b integer);
CREATE STATISTICS of_retyped ON a, b FROM retyped;
ALTER STATISTICS of_retyped SET STATISTICS 50;
ALTER TABLE retyped ALTER COLUMN a TYPE bigint;
ALTER STATISTICS of_retyped SET STATISTICS 60;
DROP STATISTICS app.bc;
DROP MATERIALIZED VIEW counted;

-- Collations.
CREATE COLLATION plain (LOCALE = 'C');
CREATE COLLATION mixed (LC_COLLATE = 'C', LC_CTYPE = 'POSIX');
CREATE COLLATION app.german (PROVIDER = icu, LOCALE = 'de-u-co-phonebk');
CREATE COLLATION counting (PROVIDER = icu, LOCALE = 'en-u-kn-true');
CREATE COLLATION american (PROVIDER = icu, LOCALE = 'en_US');
CREATE COLLATION several (PROVIDER = icu, LOCALE = 'und-u-kn-true-kf-upper-ks-level1', DETERMINISTIC = false);
CREATE COLLATION old_style (PROVIDER = icu, LOCALE = 'de@collation=phonebook');
CREATE COLLATION renamed_language (PROVIDER = icu, LOCALE = 'iw');
CREATE COLLATION copied FROM app.german;
CREATE COLLATION system FROM "C";
CREATE COLLATION icu FROM "fr-x-icu";
CREATE COLLATION IF NOT EXISTS plain (LOCALE = 'POSIX');
CREATE COLLATION ruled (PROVIDER = icu, LOCALE = 'und', RULES = '& a < g'); -- since 16
CREATE COLLATION built_in (PROVIDER = builtin, LOCALE = 'C.UTF-8'); -- since 17
CREATE TABLE spelt (a text COLLATE several, b text COLLATE app.german, c text COLLATE counting);
CREATE INDEX spelt_a_idx ON spelt (a);
ALTER COLLATION several RENAME TO many;
ALTER COLLATION app.german SET SCHEMA public;
CREATE DOMAIN caseless AS text COLLATE many;
ALTER COLLATION many RENAME TO numerous;
DROP COLLATION mixed;
DROP COLLATION IF EXISTS never;

-- Aggregates.
CREATE FUNCTION joined(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT a || b';
CREATE FUNCTION finished(a text) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT length(a)';
CREATE FUNCTION app.step(state integer[], VARIADIC more integer[]) RETURNS integer[] LANGUAGE sql IMMUTABLE AS 'SELECT state || more';
CREATE AGGREGATE glued(text) (SFUNC = joined, STYPE = text, INITCOND = '');
CREATE AGGREGATE total(n integer) (SFUNC = int4pl, STYPE = int, INITCOND = 0, MSFUNC = int4pl, MINVFUNC = int4mi, MSTYPE = integer, MINITCOND = '0');
CREATE AGGREGATE measured(a text) (SFUNC = joined, STYPE = text, FINALFUNC = finished, FINALFUNC_MODIFY = read_write, COMBINEFUNC = joined, PARALLEL = SAFE);
CREATE AGGREGATE old_style (BASETYPE = text, SFUNC = joined, STYPE = text);
CREATE AGGREGATE every_row (BASETYPE = "ANY", SFUNC = int8inc, STYPE = bigint, INITCOND = '0');
CREATE AGGREGATE app.rows(*) (SFUNC = int8inc, STYPE = int8, INITCOND = '0');
CREATE AGGREGATE app.several(VARIADIC integer[]) (SFUNC = app.step, STYPE = integer[], INITCOND = '{}');
CREATE AGGREGATE smallest(integer) (SFUNC = int4smaller, STYPE = integer, SORTOP = <);
CREATE AGGREGATE largest(integer) (SFUNC = int4larger, STYPE = integer, SORTOP = '>');
CREATE AGGREGATE part(float8 ORDER BY anyelement) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
CREATE AGGREGATE any_list(anyelement) (SFUNC = array_append, STYPE = anyarray, INITCOND = '{}'); -- before 14
CREATE AGGREGATE any_list(anycompatible) (SFUNC = array_append, STYPE = anycompatiblearray, INITCOND = '{}'); -- since 14
CREATE VIEW lengths AS SELECT glued(a) AS all_of_it, app.rows(*) AS n FROM spelt;
ALTER AGGREGATE glued(text) RENAME TO stuck;
ALTER AGGREGATE stuck(text) SET SCHEMA app;
CREATE OR REPLACE AGGREGATE total(n integer) (SFUNC = int4pl, STYPE = int);
ALTER FUNCTION joined(text, text) RENAME TO together;
ALTER FUNCTION app.step SET SCHEMA public;
DROP AGGREGATE part(float8 ORDER BY anyelement), app.several(VARIADIC integer[]);
DROP AGGREGATE IF EXISTS never(integer);
DROP VIEW lengths;
DROP FUNCTION together(text, text) CASCADE;
DROP SCHEMA app CASCADE;
