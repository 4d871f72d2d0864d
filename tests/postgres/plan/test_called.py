"""The functions that a query runs, whether or not it has to be parsed to say so."""

from typing import Any

import pytest

from shared.postgres.parse import parse
from shared.postgres.plan import called
from shared.postgres.plan.called import routines_of
from shared.postgres.plan.known import Known
from shared.postgres.replay import Replay

BASE = "CREATE DOMAIN d AS int CHECK (pg_catalog.abs(VALUE) > 0); CREATE TABLE t (a int, b text);"
TABLE = 'SELECT FROM ONLY "public"."t" WHERE '


@pytest.mark.parametrize(
    ("condition", "expected", "is_parsed"),
    [
        pytest.param('"b" IS NULL', (), False, id="no call"),
        pytest.param('NOT ("t"."a" OPERATOR(pg_catalog.>) 5 / 2 - 1)', (), False, id="operators"),
        pytest.param("\"b\" OPERATOR(pg_catalog.=) 'f(x)::d' AND (\"a\" IS NOT NULL)", (), False, id="a call in a text"),
        pytest.param('"a""f(" IS NULL', (), False, id="a call in a name"),
        pytest.param('EXISTS (SELECT FROM "public"."t" AS "~other" WHERE "~other"."a" IS NULL)', (), False, id="another query"),
        pytest.param('"a" > 0 GROUP BY "a" HAVING pg_catalog.count(*) > 1', ("pg_catalog.count",), False, id="a count of groups"),
        pytest.param('"public"."f"("b") GROUP BY "b" HAVING pg_catalog.count(*) > 1', ("public.f", "pg_catalog.count"), True, id="a call, counted"),
        pytest.param('pg_catalog.lower("b") IS NULL', ("pg_catalog.lower",), True, id="a call"),
        pytest.param('"public"."f"("b")', ("public.f",), True, id="a quoted call"),
        pytest.param('"public"."f" ("b")', ("public.f",), True, id="a blank before its bracket"),
        pytest.param('"public"."f"/**/("b")', ("public.f",), True, id="a comment before its bracket"),
        pytest.param('"public"."f"--\n("b")', ("public.f",), True, id="a comment to the end of a line"),
        pytest.param('pg_catalog."lower"("b") IS NULL', ("pg_catalog.lower",), True, id="a quoted call of pg_catalog"),
        pytest.param('"a" OPERATOR(pg_catalog.=) "public"."d" \'1\'', ("pg_catalog.abs",), True, id="a type before its text"),
        pytest.param('"a"::"public"."d" IS NULL', ("pg_catalog.abs",), True, id="a cast"),
        pytest.param('CAST("a" AS "public"."d") IS NULL', ("pg_catalog.abs",), True, id="a cast in words"),
        pytest.param("\"b\" LIKE 'x' ESCAPE '!'", ("pg_catalog.like_escape",), True, id="a call in words"),
        pytest.param("\"b\" OPERATOR(pg_catalog.=) U&'x' UESCAPE '!'", (), True, id="an escape of its own"),
    ],
)  # fmt: skip
def test_the_functions(
    condition: str, expected: tuple[str, ...], is_parsed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay, asked = Replay("public"), list[str]()
    replay.run_all(parse(BASE))
    known = Known(replay.freeze().objects)
    parsed = called._parsed  # whether it is spared is what is tested

    def noted(sql: str) -> list[Any]:
        asked.append(sql)
        return parsed(sql)

    monkeypatch.setattr(called, "_parsed", noted)
    assert routines_of(known, TABLE + condition) == expected
    assert (TABLE + condition in asked) is is_parsed
    every = called._Called(known)  # as above
    every.in_tree([each.tree for each in parse(TABLE + condition)])
    assert tuple(every.routines) == expected
