-- Range types.
CREATE SCHEMA app;
CREATE TYPE app.floats AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TYPE whole AS RANGE (subtype = int);
CREATE TYPE timerange AS RANGE (SUBTYPE = pg_catalog.time);
CREATE TYPE words AS RANGE (subtype = varchar(10), collation = "C");
CREATE TYPE pattern AS RANGE (subtype = text, subtype_opclass = text_pattern_ops, collation = "default");
CREATE TYPE plain_class AS RANGE (subtype = text, subtype_opclass = text_ops, collation = pg_catalog."POSIX");
CREATE TYPE named AS RANGE (subtype = bigint, multirange_type_name = named_many); -- since 14
CREATE TYPE placed AS RANGE (subtype = bigint, multirange_type_name = app.placed_many); -- since 14
CREATE FUNCTION apart(a time, b time) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT extract(epoch FROM a - b)::float8';
CREATE TYPE opening AS RANGE (subtype = time, subtype_diff = apart);
CREATE TYPE app.counted;
CREATE FUNCTION app.whole_numbers(app.counted) RETURNS app.counted LANGUAGE internal IMMUTABLE STRICT AS 'int4range_canonical';
CREATE TYPE app.counted AS RANGE (subtype = integer, canonical = app.whole_numbers, subtype_diff = pg_catalog.int4range_subdiff);
CREATE DOMAIN letters AS text COLLATE "C";
CREATE TYPE lettered AS RANGE (subtype = letters, collation = "C");
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE moods AS RANGE (subtype = mood);
CREATE COLLATION app.german (LOCALE = 'C');
CREATE TYPE collated AS RANGE (subtype = text, collation = app.german);
CREATE TABLE open_at (shift opening, days opening[], floats app.floats DEFAULT '[1,2)');
CREATE TABLE often (shifts opening_multirange, moods moods_multirange[]); -- since 14
ALTER TYPE whole RENAME TO wholes;
ALTER TYPE wholes SET SCHEMA app;
ALTER TYPE moods_multirange RENAME TO all_moods; -- since 14
ALTER TYPE all_moods SET SCHEMA app; -- since 14
ALTER FUNCTION apart(time, time) RENAME TO distance;
ALTER FUNCTION distance(time, time) SET SCHEMA app;
ALTER COLLATION app.german RENAME TO austrian;
ALTER TYPE mood RENAME TO feeling;
ALTER TYPE feeling SET SCHEMA app;
ALTER SCHEMA app RENAME TO apps;
DROP TYPE words;
DROP FUNCTION apps.distance(time, time) CASCADE;
DROP TYPE apps.feeling CASCADE;
DROP TYPE IF EXISTS never, apps.floats CASCADE;
DROP SCHEMA apps CASCADE;
