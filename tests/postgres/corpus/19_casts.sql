-- Casts.
CREATE SCHEMA app;
CREATE TYPE money_of AS (amount numeric, currency text);
CREATE TYPE app.mood AS ENUM ('sad', 'happy');
CREATE TYPE pair AS (a text, b text);
CREATE TYPE twin AS (a text, b text);
CREATE DOMAIN short AS text;
CREATE FUNCTION to_money(text) RETURNS money_of LANGUAGE sql IMMUTABLE AS 'SELECT ROW(1, $1)::money_of';
CREATE FUNCTION to_money(integer) RETURNS money_of LANGUAGE sql IMMUTABLE AS 'SELECT ROW($1, NULL)::money_of';
CREATE FUNCTION app.limited(money_of, integer, boolean) RETURNS money_of LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE CAST (text AS money_of) WITH FUNCTION to_money(text);
CREATE CAST (int AS public.money_of) WITH FUNCTION to_money(integer) AS ASSIGNMENT;
CREATE CAST (money_of AS money_of) WITH FUNCTION app.limited(money_of, integer, boolean) AS IMPLICIT;
CREATE CAST (varchar(10) AS app.mood) WITH INOUT AS IMPLICIT;
CREATE CAST (app.mood AS varchar) WITH INOUT AS ASSIGNMENT;
CREATE CAST (text[] AS pair) WITH INOUT;
CREATE CAST (bigint AS bytea) WITH FUNCTION int8send(bigint); -- before 18
CREATE CAST (smallint AS bytea) WITH FUNCTION pg_catalog.int2send(smallint) AS ASSIGNMENT; -- before 18
CREATE CAST (double precision AS bytea) WITH FUNCTION float8send;
CREATE CAST (bigint AS pg_lsn) WITHOUT FUNCTION;
ALTER TYPE app.mood RENAME TO feeling;
ALTER FUNCTION to_money(text) RENAME TO into_money;
ALTER FUNCTION into_money(text) SET SCHEMA app;
ALTER TYPE money_of SET SCHEMA app;
ALTER SCHEMA app RENAME TO apps;
DROP CAST (integer AS apps.money_of);
CREATE CAST (integer AS apps.money_of) WITH FUNCTION to_money(integer);
DROP CAST IF EXISTS (text AS never);
DROP CAST IF EXISTS (text AS apps.feeling);
DROP FUNCTION to_money(integer) CASCADE;
DROP TYPE pair CASCADE;
DROP SCHEMA apps CASCADE;
