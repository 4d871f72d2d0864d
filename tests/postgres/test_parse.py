"""Reading SQL: what the statements of a script are, where they stand, and that nothing crashes the reader."""

from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.postgres.parse import ParseError, Tree, nodes_with, parse, parse_plpgsql
from tests.examples import examples


@pytest.mark.parametrize(
    ("script", "statements"),
    [
        pytest.param("", [], id="empty"),
        pytest.param("-- nothing\n/* at all */ ;;", [], id="only comments"),
        pytest.param("SELECT 1", [("SelectStmt", 1, "SELECT 1")], id="without a semicolon"),
        pytest.param("SELECT 1; ;\n SELECT 2 ;",
                     [("SelectStmt", 1, "SELECT 1"), ("SelectStmt", 2, "SELECT 2")],
                     id="two"),
        pytest.param("-- AlterTable\nALTER TABLE a\n  ADD b int;\n\n/* x /* nested */ y */ DROP TABLE a; -- end",
                     [("AlterTableStmt", 2, "ALTER TABLE a\n  ADD b int"), ("DropStmt", 5, "DROP TABLE a")],
                     id="comments before, between and after"),
        pytest.param("SELECT 'é';\r\nSELECT '✓'",
                     [("SelectStmt", 1, "SELECT 'é'"), ("SelectStmt", 2, "SELECT '✓'")],
                     id="not ASCII"),
        pytest.param("DO $$ BEGIN NULL; END $$; SELECT 1",
                     [("DoStmt", 1, "DO $$ BEGIN NULL; END $$"), ("SelectStmt", 1, "SELECT 1")],
                     id="semicolons in a body"),
    ],
)  # fmt: skip
def test_statements(script: str, statements: list[tuple[str, int, str]]) -> None:
    parsed = parse(script)
    assert [(each.kind, each.line, each.sql) for each in parsed] == statements
    encoded = script.encode()
    assert [encoded[each.start : each.end].decode() for each in parsed] == [each.sql for each in parsed]


@pytest.mark.parametrize(
    ("script", "line", "message", "near"),
    [
        pytest.param("SELECT 1;\nSELEC 2;", 2, 'syntax error at or near "SELEC"', "SELEC 2;", id="a slip"),
        pytest.param("SELECT 'é', 1 fro m;", 1, 'syntax error at or near "m"', "m;", id="after what is not ASCII"),
        pytest.param("SELECT 1;\nSELECT 'a\0b'", 2, "a NUL byte", "", id="a NUL byte"),
        pytest.param(
            b"SELECT 1;\n\nSELECT '\xff'", 3, "invalid byte sequence for encoding UTF8", "", id="broken UTF-8"
        ),
        pytest.param("SELECT '\ud800'", 1, "invalid byte sequence for encoding UTF8", "", id="half a surrogate pair"),
        pytest.param(
            "\ufeffSELECT 1", 1, 'syntax error at or near "\ufeffSELECT"', "\ufeffSELECT 1", id="a byte order mark"
        ),
        pytest.param("SELECT " + "1+" * 5000 + "1", 1, "it nests more than 2,000 levels deep", "", id="a deep tree"),
    ],
)
def test_errors_say_where(script: str | bytes, line: int, message: str, near: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(script)
    assert (caught.value.line, caught.value.message, caught.value.near) == (line, message, near)


@pytest.mark.parametrize("reader", [parse, parse_plpgsql])
@pytest.mark.parametrize(
    "script",
    [b"(" * 1_000_000, b"SELECT " + b"(" * 500_000 + b"1" + b")" * 500_000, b"[" * 1_000_000, b"'", b'"', b"$$", b"/*",
     b"U&'\\d800'", b"SELECT U&'\\0000'", b"\xef\xbb\xbf", b"CREATE FUNCTION", b"DO 'x'"],
    ids=lambda script: script[:24],
)  # fmt: skip
def test_hostile_scripts_raise_our_error_or_are_read(reader: Callable[[bytes], object], script: bytes) -> None:
    with suppress(ParseError):
        reader(script)


_WORDS = st.sampled_from(
    """
    CREATE TABLE ALTER ADD COLUMN CONSTRAINT CHECK ( ) , ; ' " $$ -- /* */ \\ :: [ ] a "B" 1 1.5 'x' E'\\'' NOT NULL
    DEFAULT SELECT FROM WHERE IN AND OR = <> INDEX ON USING DO BEGIN END é ✓
    """.split()  # noqa: SIM905 - quotes around each would hide them
)


@given(st.binary(max_size=200) | st.text(max_size=200) | st.lists(_WORDS, max_size=40).map(" ".join))
@settings(max_examples=examples(500), deadline=None)
def test_anything_is_read_or_refused(script: str | bytes) -> None:
    try:
        statements = parse(script)
    except ParseError:
        return
    for before, after in pairwise(statements):
        assert before.end <= after.start
        assert before.line <= after.line
    for statement in statements:
        assert parse(statement.sql)[0].kind == statement.kind


def test_a_tree_says_where_in_its_statement_a_name_is() -> None:
    """In a script of any length: it is handed to the grammar in parts."""
    tables = [f"{'é' * (number % 3)}t{number}" for number in range(3_000)]
    script = "\n".join(f"/* ✓ */ ALTER TABLE {each} DROP COLUMN a;" for each in tables)
    statements = parse(script)
    found = [each.sql.encode()[each.place(each.node["relation"]) :].decode().split()[0] for each in statements]
    assert found == tables


def _nested(depth: int) -> Tree:
    tree: Tree = {"funcname": [{"String": {"sval": "relname"}}]}
    for _ in range(depth):
        tree = {"args": [tree]}
    return tree


@pytest.mark.parametrize("depth", [pytest.param(0, id="flat"), pytest.param(5_000, id="deep")])
@pytest.mark.parametrize(("field", "found"), [("funcname", 1), ("relname", 0), ("ctename", 0)])
def test_nodes_are_found_by_their_fields(depth: int, field: str, found: int) -> None:
    assert [field in each for each in nodes_with(_nested(depth), field)] == [True] * found
