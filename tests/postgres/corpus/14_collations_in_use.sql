-- A collation that is renamed, moved or dropped while others are sorted by it.
CREATE SCHEMA other;
CREATE COLLATION x (locale = 'C');
CREATE COLLATION y (locale = 'C');
CREATE TABLE t (a text COLLATE x, b text COLLATE y, n text);
CREATE DOMAIN dx AS text COLLATE x;
CREATE TYPE cx AS (a text COLLATE x, n int, b text COLLATE y);
CREATE TYPE rx AS RANGE (subtype = text, collation = x);
CREATE INDEX ON t (n COLLATE x, lower(n) COLLATE y);
CREATE INDEX ON t (n COLLATE y);
CREATE VIEW v AS SELECT a FROM t;
ALTER COLLATION x RENAME TO z;
ALTER COLLATION y SET SCHEMA other;
ALTER TABLE t ADD COLUMN c text COLLATE z;
ALTER TABLE t ADD COLUMN d dx;
DROP COLLATION z CASCADE;
DROP COLLATION other.y CASCADE;
