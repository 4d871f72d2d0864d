-- Expressions as people write them, against what the server makes of them.
CREATE SEQUENCE counter;
CREATE TYPE kind AS ENUM ('a', 'b');
CREATE TABLE x (
    i int, j int, k bigint, s smallint, n numeric, f float8, t text, v varchar(20), c char(3), b boolean, d date, ts timestamp, tz timestamptz, iv interval, ti time,
    js json, jb jsonb, ar int[], ta text[], e kind, u uuid, ip inet, by bytea, tsv tsvector
);
ALTER TABLE x ADD CONSTRAINT c01 CHECK (i BETWEEN 1 AND 10);
ALTER TABLE x ADD CONSTRAINT c02 CHECK (i NOT BETWEEN 1 AND j);
ALTER TABLE x ADD CONSTRAINT c03 CHECK (i BETWEEN SYMMETRIC j AND 3);
ALTER TABLE x ADD CONSTRAINT c04 CHECK (t IN ('a', 'b', 'c'));
ALTER TABLE x ADD CONSTRAINT c05 CHECK (v IN ('a', 'b'));
ALTER TABLE x ADD CONSTRAINT c06 CHECK (v = 'a' OR v = 'b');
ALTER TABLE x ADD CONSTRAINT c07 CHECK (t NOT IN ('a', 'b'));
ALTER TABLE x ADD CONSTRAINT c08 CHECK (i IN (1));
ALTER TABLE x ADD CONSTRAINT c09 CHECK (t LIKE 'a%' AND t NOT LIKE '%b');
ALTER TABLE x ADD CONSTRAINT c10 CHECK (t ILIKE 'a%' OR t NOT ILIKE '%b');
ALTER TABLE x ADD CONSTRAINT c11 CHECK (t SIMILAR TO '(a|b)%');
ALTER TABLE x ADD CONSTRAINT c12 CHECK (t ~ '^[a-z]+$' AND t !~* 'x');
ALTER TABLE x ADD CONSTRAINT c13 CHECK (i != 3 AND NOT (j <> 4));
ALTER TABLE x ADD CONSTRAINT c14 CHECK (((i > 1 AND j > 2) AND (k > 3)) OR (s > 4));
ALTER TABLE x ADD CONSTRAINT c15 CHECK (i IS NOT NULL OR j IS NULL);
ALTER TABLE x ADD CONSTRAINT c16 CHECK (b);
ALTER TABLE x ADD CONSTRAINT c17 CHECK (b IS TRUE OR b IS NOT FALSE OR b IS UNKNOWN);
ALTER TABLE x ADD CONSTRAINT c18 CHECK (b = true AND b <> 'f');
ALTER TABLE x ADD CONSTRAINT c19 CHECK (char_length(t) <= 255 AND length(v) > 0);
ALTER TABLE x ADD CONSTRAINT c20 CHECK (CASE WHEN i > 1 THEN j > 1 WHEN i < 0 THEN j < 0 ELSE true END);
ALTER TABLE x ADD CONSTRAINT c21 CHECK (CASE t WHEN 'a' THEN 1 WHEN 'b' THEN 2 END > 0);
ALTER TABLE x ADD CONSTRAINT c22 CHECK (coalesce(i, j, 0) > 0 AND nullif(t, '') IS NOT NULL);
ALTER TABLE x ADD CONSTRAINT c23 CHECK (greatest(i, j) > least(i, 3));
ALTER TABLE x ADD CONSTRAINT c24 CHECK (num_nonnulls(i, j) = 1);
ALTER TABLE x ADD CONSTRAINT c25 CHECK ((i IS NULL) = (j IS NULL));
ALTER TABLE x ADD CONSTRAINT c26 CHECK ((i IS NULL) <> (t IS NULL));
ALTER TABLE x ADD CONSTRAINT c27 CHECK (d >= '2020-01-01' AND d < DATE '2030-01-01');
ALTER TABLE x ADD CONSTRAINT c28 CHECK (ts > '2020-01-01 00:00:00' AND tz < timestamptz '2030-01-01 00:00:00+00');
ALTER TABLE x ADD CONSTRAINT c29 CHECK (iv > '1 day' AND iv < interval '2 months');
ALTER TABLE x ADD CONSTRAINT c30 CHECK (ts < now() + interval '1 year');
ALTER TABLE x ADD CONSTRAINT c31 CHECK (jb ? 'a' AND jb @> '{"b": 1}');
ALTER TABLE x ADD CONSTRAINT c32 CHECK (jsonb_typeof(jb) = 'object' AND (jb ->> 'n')::int > 0);
ALTER TABLE x ADD CONSTRAINT c33 CHECK (jb #>> '{a,b}' <> '' AND js ->> 0 IS NOT NULL);
ALTER TABLE x ADD CONSTRAINT c34 CHECK (array_length(ar, 1) > 0 AND cardinality(ta) < 10);
ALTER TABLE x ADD CONSTRAINT c35 CHECK (1 = ANY (ar) AND 'x' <> ALL (ta));
ALTER TABLE x ADD CONSTRAINT c36 CHECK (ar[1] > 0 AND ar[1:2] = '{1,2}');
ALTER TABLE x ADD CONSTRAINT c37 CHECK (ta <@ ARRAY['a', 'b'] AND ta && ARRAY['c']::text[]);
ALTER TABLE x ADD CONSTRAINT c38 CHECK (e = 'a' OR e::text = 'b');
ALTER TABLE x ADD CONSTRAINT c39 CHECK (e IN ('a', 'b'));
ALTER TABLE x ADD CONSTRAINT c40 CHECK (n > 0 AND n <= 100.00 AND n <> 1e2);
ALTER TABLE x ADD CONSTRAINT c41 CHECK (f > 0.5 AND f < 1 AND f <> -1.5);
ALTER TABLE x ADD CONSTRAINT c42 CHECK (k > 0 AND k < 10000000000 AND s < 5 AND s > -5);
ALTER TABLE x ADD CONSTRAINT c43 CHECK (i + j * 2 - 1 > -3 AND - i < 5 AND i % 2 = 0 AND i & 1 = 1);
ALTER TABLE x ADD CONSTRAINT c44 CHECK (t || v <> 'x' AND t || i <> 'y');
ALTER TABLE x ADD CONSTRAINT c45 CHECK (c = 'abc' AND c <> 'x');
ALTER TABLE x ADD CONSTRAINT c46 CHECK (u <> '00000000-0000-0000-0000-000000000000');
ALTER TABLE x ADD CONSTRAINT c47 CHECK (ip << '10.0.0.0/8' AND family(ip) = 4);
ALTER TABLE x ADD CONSTRAINT c48 CHECK (by <> '\x00' AND octet_length(by) < 10);
ALTER TABLE x ADD CONSTRAINT c49 CHECK (extract(hour FROM ts) < 12 AND date_part('dow', d) <> 0);
ALTER TABLE x ADD CONSTRAINT c50 CHECK (position('a' IN t) > 0 AND substring(t FROM 1 FOR 2) <> 'ab');
ALTER TABLE x ADD CONSTRAINT c51 CHECK (trim(t) <> '' AND trim(both ' ' from v) = v AND ltrim(t) = t AND overlay(t placing 'x' from 1) <> '');
ALTER TABLE x ADD CONSTRAINT c52 CHECK (t = lower(t) AND t = upper(t::varchar) AND btrim(t) = t);
ALTER TABLE x ADD CONSTRAINT c53 CHECK ((i, j) <> (1, 2) AND ROW(i, j) = ROW(3, 4));
ALTER TABLE x ADD CONSTRAINT c54 CHECK (i IS DISTINCT FROM j AND t IS NOT DISTINCT FROM v);
ALTER TABLE x ADD CONSTRAINT c55 CHECK (tz AT TIME ZONE 'UTC' > ts);
ALTER TABLE x ADD CONSTRAINT c56 CHECK (t COLLATE "C" < 'z');
ALTER TABLE x ADD CONSTRAINT c57 CHECK (i::text ~ '^\d+$' AND CAST(i AS bigint) > 0 AND t::int > 0);
ALTER TABLE x ADD CONSTRAINT c58 CHECK ((ts, ts) OVERLAPS (ts, ts));
ALTER TABLE x ADD CONSTRAINT c59 CHECK (x.i > 0 AND x.j > 0);
ALTER TABLE x ADD CONSTRAINT c60 CHECK (t = E'a\'b\\c' AND t <> U&'\0061');
ALTER TABLE x ADD CONSTRAINT c61 CHECK (t = ANY ('{a,b}') AND t = ANY (ARRAY['a'::text, 'b'::varchar]));
ALTER TABLE x ADD CONSTRAINT c62 CHECK (b OR NOT b AND i > 0 OR (b AND b));
ALTER TABLE x ADD CONSTRAINT c63 CHECK (t <> current_user AND ts < localtimestamp AND d < current_date);
ALTER TABLE x ADD CONSTRAINT c64 CHECK (jb IS NULL OR (jb -> 'a' -> 0) IS NOT NULL);
ALTER TABLE x ADD CONSTRAINT c65 CHECK (i < ALL (ARRAY[1, 2]) AND i = SOME (ar));
ALTER TABLE x ADD CONSTRAINT c66 CHECK (regexp_replace(t, '[^0-9]', '', 'g') <> '' AND t !~~ 'x%');
ALTER TABLE x ADD CONSTRAINT c67 CHECK (make_interval(days => i) > iv);
ALTER TABLE x ADD CONSTRAINT c68 CHECK (i > 0 AND (j > 0 AND (k > 0 AND (s > 0 OR n > 0))));
ALTER TABLE x ADD CONSTRAINT c69 CHECK (tsv @@ to_tsquery('english', 'a & b'));
ALTER TABLE x ADD CONSTRAINT c70 CHECK (t IS NORMALIZED AND t LIKE 'a!_%' ESCAPE '!');
CREATE TABLE defaults (
    a int DEFAULT 1 + 1, b int DEFAULT -5, c int DEFAULT '7', d bigint DEFAULT 0, e smallint DEFAULT 3, f numeric(10,2) DEFAULT 1, g numeric DEFAULT '1.50', h float8 DEFAULT 0.1, i real DEFAULT 1,
    j text DEFAULT '', k text DEFAULT 'it''s', l varchar(10) DEFAULT 'abc', m char(5) DEFAULT 'ab', n boolean DEFAULT 'true', o boolean DEFAULT 'yes', p boolean DEFAULT (1 = 1),
    q date DEFAULT CURRENT_DATE, r timestamp DEFAULT now(), s timestamp(3) DEFAULT CURRENT_TIMESTAMP, t timestamptz DEFAULT '2020-01-01 10:00', u timestamptz DEFAULT timezone('utc', now()), v timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    w interval DEFAULT '1 hour 30 minutes', x time DEFAULT '10:00', y json DEFAULT '{}', z jsonb DEFAULT '{"b":1,"a":[1,2,{}]}',
    aa jsonb DEFAULT '[]'::jsonb, bb text[] DEFAULT '{}', cc text[] DEFAULT ARRAY[]::text[], dd int[] DEFAULT '{1,2,3}', ee int[] DEFAULT ARRAY[1, 2], ff text[] DEFAULT ARRAY['a', 'b']::text[], gg kind DEFAULT 'a', hh kind[] DEFAULT '{a,b}', ii kind[] DEFAULT ARRAY['a']::kind[],
    jj uuid DEFAULT gen_random_uuid(), kk uuid DEFAULT 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', ll bytea DEFAULT 'abc', mm bytea DEFAULT '\xDEADBEEF', nn inet DEFAULT '127.0.0.1', oo cidr DEFAULT '10.0.0.0/8', pp point DEFAULT '(1,2)', qq int4range DEFAULT '[1,5]', rr bit(4) DEFAULT B'1010', ss bit varying DEFAULT '101',
    tt text DEFAULT NULL, uu int DEFAULT nextval('counter'), vv bigint DEFAULT nextval('public.counter'::regclass), ww text DEFAULT concat('a', 'b'), xx text DEFAULT 'a' || 'b', yy text DEFAULT current_user, zz text DEFAULT md5(random()::text),
    ab timestamp DEFAULT 'now', ac timestamp DEFAULT now() + '1 day', ad timestamptz DEFAULT now() + interval '14 days', ae float8 DEFAULT 1e10, af numeric DEFAULT 1e2, ag int DEFAULT (5), ah text DEFAULT ('x'::text), ai money DEFAULT 5, aj varchar DEFAULT 5, ak text DEFAULT upper('x'), al double precision DEFAULT '-0', am numeric(3,1) DEFAULT 2.50, an bigint DEFAULT (extract(epoch from now()) * 1000), ao timestamp(0) DEFAULT date_trunc('second', now()), ap text DEFAULT E'line\nbreak', aq text DEFAULT 'quote"inside', ar oid DEFAULT 5
);
ALTER TABLE defaults RENAME COLUMN a TO a2;
ALTER SEQUENCE counter RENAME TO ticks;
ALTER TABLE defaults ALTER b SET DEFAULT 31, ALTER c SET DEFAULT CAST('3' AS int), ALTER d DROP DEFAULT;
ALTER TABLE defaults ALTER COLUMN j TYPE varchar(9), ALTER COLUMN e TYPE int, ALTER COLUMN f TYPE int, ALTER COLUMN n TYPE text;
DROP SEQUENCE ticks CASCADE;
CREATE TABLE generated (
    a int, b int GENERATED ALWAYS AS (a * 2) STORED, name text, slug text GENERATED ALWAYS AS (lower(regexp_replace(name, '[^a-z]', '-', 'g'))) STORED,
    doc tsvector GENERATED ALWAYS AS (setweight(to_tsvector('english', coalesce(name, '')), 'A') || to_tsvector('english'::regconfig, coalesce(name, ''))) STORED,
    full_name varchar(100) GENERATED ALWAYS AS (name || ' x') STORED NOT NULL
);
ALTER TABLE generated RENAME COLUMN name TO title;
ALTER TABLE generated ADD COLUMN c numeric GENERATED ALWAYS AS (a / 2.0) STORED;
ALTER TABLE generated ALTER COLUMN b DROP EXPRESSION;
ALTER TABLE generated ALTER COLUMN c DROP EXPRESSION IF EXISTS;
ALTER TABLE generated DROP COLUMN title CASCADE;
