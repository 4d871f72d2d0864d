-- Keys of ranges: no two of them overlap, and a reference may span several rows.
CREATE TABLE booking (desk int4range, during daterange, note text, CONSTRAINT booking_pkey PRIMARY KEY (desk, during WITHOUT OVERLAPS)); -- since 18
CREATE TABLE named (desk int4range, during daterange, UNIQUE (desk, during WITHOUT OVERLAPS), UNIQUE (during, desk)); -- since 18
ALTER TABLE named ADD PRIMARY KEY (desk, during WITHOUT OVERLAPS); -- since 18
ALTER TABLE named ADD UNIQUE (desk, during WITHOUT OVERLAPS) DEFERRABLE; -- since 18
CREATE TABLE stay (id integer, desk int4range, during daterange, FOREIGN KEY (desk, PERIOD during) REFERENCES booking (desk, PERIOD during)); -- since 18
ALTER TABLE stay ADD CONSTRAINT by_key FOREIGN KEY (desk, PERIOD during) REFERENCES named NOT VALID; -- since 18
ALTER TABLE stay VALIDATE CONSTRAINT by_key; -- since 18
CREATE TABLE alike (LIKE named INCLUDING ALL); -- since 18
CREATE TABLE spans (desk int4range, during daterange) PARTITION BY LIST (desk); -- since 18
CREATE TABLE spans_1 PARTITION OF spans DEFAULT; -- since 18
ALTER TABLE spans ADD PRIMARY KEY (desk, during WITHOUT OVERLAPS); -- since 18
CREATE TABLE spans_2 PARTITION OF spans FOR VALUES IN ('[1,2)'); -- since 18
ALTER TABLE spans ADD FOREIGN KEY (desk, PERIOD during) REFERENCES booking; -- since 18
ALTER TABLE named RENAME COLUMN during TO span; -- since 18
ALTER TABLE booking DROP CONSTRAINT booking_pkey CASCADE; -- since 18
DROP TABLE named CASCADE; -- since 18
-- Generated columns that are computed when they are read.
CREATE TABLE computed (a integer, b integer GENERATED ALWAYS AS (a * 2) VIRTUAL, c integer GENERATED ALWAYS AS (a * 3) STORED, d integer GENERATED ALWAYS AS (a + 1)); -- since 18
ALTER TABLE computed ADD COLUMN e integer GENERATED ALWAYS AS (a - 1); -- since 18
ALTER TABLE computed ALTER COLUMN b SET EXPRESSION AS (a * 5); -- since 18
ALTER TABLE computed ALTER COLUMN c SET EXPRESSION AS (a * 6); -- since 18
CREATE TABLE computed_too (LIKE computed INCLUDING GENERATED); -- since 18
CREATE TABLE computed_below (f integer) INHERITS (computed); -- since 18
ALTER TABLE computed ALTER COLUMN c DROP EXPRESSION; -- since 18
ALTER TABLE computed RENAME COLUMN a TO one; -- since 18
-- A NOT NULL that tables below do not inherit, or that is not validated.
CREATE TABLE must (a integer CONSTRAINT a_here NOT NULL NO INHERIT, b integer NOT NULL, c integer, d integer, CONSTRAINT c_here NOT NULL c NO INHERIT); -- since 18
CREATE TABLE must_below () INHERITS (must); -- since 18
ALTER TABLE must ADD CONSTRAINT d_later NOT NULL d NOT VALID; -- since 18
CREATE TABLE must_too (LIKE must); -- since 18
CREATE TABLE must_too_below () INHERITS (must_too); -- since 18
ALTER TABLE must VALIDATE CONSTRAINT d_later; -- since 18
ALTER TABLE must ALTER CONSTRAINT a_here INHERIT; -- since 18
ALTER TABLE must ALTER CONSTRAINT a_here NO INHERIT; -- since 18
ALTER TABLE must ALTER COLUMN a DROP NOT NULL; -- since 18
ALTER TABLE must ALTER COLUMN a SET NOT NULL; -- since 18
ALTER TABLE must ADD COLUMN e integer NOT NULL NO INHERIT; -- since 18
CREATE TABLE must_last (e integer) INHERITS (must); -- since 18
CREATE TABLE later (a integer, b integer NOT NULL, c integer); -- since 18
CREATE TABLE later_below () INHERITS (later); -- since 18
ALTER TABLE later ADD CONSTRAINT a_later NOT NULL a NOT VALID, ADD NOT NULL c NOT VALID; -- since 18
ALTER TABLE later ADD NOT NULL b NOT VALID; -- since 18
CREATE TABLE later_after () INHERITS (later); -- since 18
CREATE TABLE later_too (LIKE later, d integer, CONSTRAINT d_now NOT NULL d NOT VALID); -- since 18
ALTER TABLE later_below VALIDATE CONSTRAINT a_later; -- since 18
ALTER TABLE later ALTER COLUMN a SET NOT NULL; -- since 18
ALTER TABLE later RENAME COLUMN c TO cc; -- since 18
ALTER TABLE later VALIDATE CONSTRAINT later_c_not_null; -- since 18
ALTER TABLE later ALTER COLUMN cc DROP NOT NULL; -- since 18
ALTER TABLE later ADD CONSTRAINT c_last NOT NULL cc NOT VALID; -- since 18
CREATE TABLE later_parts (a integer, b integer) PARTITION BY LIST (a); -- since 18
CREATE TABLE later_part PARTITION OF later_parts DEFAULT; -- since 18
ALTER TABLE later_parts ADD CONSTRAINT b_later NOT NULL b NOT VALID; -- since 18
CREATE TABLE later_part_1 PARTITION OF later_parts FOR VALUES IN (1); -- since 18
ALTER TABLE later_parts ALTER COLUMN b SET NOT NULL; -- since 18
