"""The grammar takes any option with any value in a definition; the server refuses most of them, and the replay goes on."""

from collections.abc import Iterator

import pytest

from shared.postgres.parse import ParseError, read
from shared.postgres.replay import Replay

BASE = """
CREATE TYPE pair AS (a int, b int);
CREATE FUNCTION f(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = f);
CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int);
CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple);
CREATE TEXT SEARCH CONFIGURATION c (COPY = english);
CREATE TABLE t (id int, words tsvector);
CREATE SEQUENCE s;
"""
# A statement whose options are `{}`, and the options that the server knows in it.
DEFINITIONS = {
    "CREATE TYPE r AS RANGE ({})": "subtype subtype_opclass collation canonical subtype_diff multirange_type_name",
    "CREATE TYPE b ({})": "input output receive send internallength like element category",
    "CREATE OPERATOR ==== ({})": "leftarg rightarg function procedure commutator negator restrict join hashes merges",
    "ALTER OPERATOR === (int, int) SET ({})": "restrict join commutator negator hashes merges",
    "CREATE AGGREGATE a (int) ({})": "sfunc stype finalfunc combinefunc initcond msfunc mstype sortop parallel finalfunc_modify",
    "CREATE AGGREGATE a ({})": "basetype sfunc stype sfunc1 stype1",
    "CREATE COLLATION l ({})": "locale lc_collate lc_ctype provider deterministic rules version",
    "CREATE TEXT SEARCH PARSER p ({})": "start gettoken end lextypes headline",
    "CREATE TEXT SEARCH TEMPLATE e ({})": "init lexize",
    "CREATE TEXT SEARCH DICTIONARY x ({})": "template stopwords",
    "ALTER TEXT SEARCH DICTIONARY d ({})": "stopwords template",
    "CREATE TEXT SEARCH CONFIGURATION x ({})": "parser copy",
    "CREATE PUBLICATION n FOR TABLE t WITH ({})": "publish publish_via_partition_root",
    "CREATE TABLE x (id int) WITH ({})": "fillfactor autovacuum_enabled toast.autovacuum_enabled",
    "CREATE INDEX ON t USING gin (words) WITH ({})": "fastupdate gin_pending_list_limit",
    "CREATE VIEW v WITH ({}) AS SELECT 1 AS one": "security_barrier check_option",
}
VALUES = ("", " = 5", " = -1.5", " = 'text'", ' = "Name"', " = a.b.c.d", " = int[]", " = SETOF int", " = NONE", " = true",
          " = +", " = OPERATOR(a.+)", " = double precision")  # fmt: skip
USUAL = {
    "subtype": "int4", "input": "f", "output": "f", "leftarg": "int", "rightarg": "int", "function": "f", "sfunc": "int4pl",
    "stype": "int", "basetype": "int", "locale": "'C'", "start": "prsd_start", "gettoken": "prsd_nexttoken",
    "end": "prsd_end", "lextypes": "prsd_lextype", "lexize": "dsimple_lexize", "template": "simple",
    "parser": '"default"',
}  # fmt: skip


def odd(definition: str, options: list[str]) -> Iterator[str]:
    """With nothing, without one of what it needs, with one option of any value, with an unknown one."""
    needed = [each for each in options if each in USUAL]
    for option in (*options, "unheard_of", '"Quoted"'):
        others = [f"{each} = {USUAL[each]}" for each in needed if each != option]
        for value in VALUES:
            yield definition.format(", ".join([*others, f"{option}{value}"]))
            yield definition.format(f"{option}{value}")
        if others:
            yield definition.format(", ".join(others))


@pytest.mark.parametrize(("definition", "options"), DEFINITIONS.items())
def test_no_option_and_no_value_stops_the_replay(definition: str, options: str) -> None:
    replay = Replay()
    for statement in read(BASE):
        assert replay.run(statement) is None
    before, stopped, ran = replay.freeze(), [], 0
    for sql in odd(definition, options.split()):
        mark = replay.mark()
        try:
            (statement,) = read(sql)
            replay.run(statement)
            replay.freeze()
        except ParseError:
            continue
        except Exception as error:  # noqa: BLE001  # any is what is looked for
            stopped.append(f"{sql}: {error!r}")
        ran += 1
        replay.undo(mark)
    assert stopped == []
    assert ran > len(VALUES)
    assert replay.freeze() == before
