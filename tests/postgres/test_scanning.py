"""Statements are separated and counted without the grammar, and compared with what the grammar reads."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.postgres import library
from shared.postgres.nesting import MOST_LEVELS, MOST_TOKENS, TooLargeError, readable
from shared.postgres.parse import BeyondLimitsError, MalformedError, ParseError, parse, read, unread
from shared.postgres.scanning import UnterminatedError, scan, without_comments
from tests.examples import examples

BODY = "CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a THEN 1 END; END;"


@pytest.mark.parametrize(
    ("script", "statements"),
    [
        pytest.param("a;b", ["a;", "b"], id="two"),
        pytest.param("'a;b'; c", ["'a;b';", " c"], id="in a string"),
        pytest.param("'a'';b'; c", ["'a'';b';", " c"], id="behind a doubled quote"),
        pytest.param(r"E'a\';b'; c", [r"E'a\';b';", " c"], id="behind an escaped quote"),
        pytest.param(r"'a\';b", [r"'a\';", "b"], id="a backslash escapes nothing in a plain string"),
        pytest.param(r"date'a\';b", [r"date'a\';", "b"], id="nor in one that a word ending in e precedes"),
        pytest.param('"a;b"; c', ['"a;b";', " c"], id="in a name"),
        pytest.param("$$a;b$$; c", ["$$a;b$$;", " c"], id="in dollar quotes"),
        pytest.param("$x$a;$$;b$x$; c", ["$x$a;$$;b$x$;", " c"], id="in dollar quotes with a tag"),
        pytest.param("a$$;b$$", ["a$$;", "b$$"], id="dollars in names quote nothing"),
        pytest.param("$1;b", ["$1;", "b"], id="nor does a parameter"),
        pytest.param("-- a;'\nb; c", ["-- a;'\nb;", " c"], id="in a comment"),
        pytest.param("/* a; /* b; */ c; */ d; e", ["/* a; /* b; */ c; */ d;", " e"], id="in a nested comment"),
        pytest.param(f"{BODY} a", [BODY, " a"], id="in the body of a function"),
        pytest.param("BEGIN; a; END; b", ["BEGIN;", " a;", " END;", " b"], id="a transaction is no body"),
    ],
)
def test_statements_are_separated(script: str, statements: list[str]) -> None:
    encoded = script.encode()
    assert [encoded[begin:end].decode() for begin, end in scan(encoded).spans if begin < end] == statements


@pytest.mark.parametrize("script", ["a; 'b", r"a; E'\'", 'a; "b', "a; $$ b", "a; $x$ $$", "a; /* /* */"])
def test_what_does_not_end(script: str) -> None:
    with pytest.raises(UnterminatedError) as caught:
        scan(script.encode())
    assert caught.value.at in (3, 4)  # E'' begins with a letter
    with pytest.raises(MalformedError):
        parse(script)


def test_comments_become_blanks() -> None:
    script = "a /* é\n/* */ '*/ '/*' -- /*\n b".encode()
    assert without_comments(script, scan(script)) == b"a      \n          '/*' -- /*\n b"


LEVELS = [
    pytest.param(lambda n: f"SELECT {'1+' * n}1", id="operators"),
    pytest.param(lambda n: f"SELECT {'(' * n}1{'+1)' * n}", id="parentheses around operators"),
    pytest.param(lambda n: f"SELECT {'(' * (n // 40)}1{('+1' * 40 + ')') * (n // 40)}", id="chains in parentheses"),
    pytest.param(lambda n: f"SELECT 1{'::int' * n}", id="casts"),
    pytest.param(lambda n: f"SELECT {'NOT ' * n}true", id="NOT"),
    pytest.param(lambda n: f"SELECT a{' COLLATE x' * n}", id="COLLATE"),
    pytest.param(lambda n: f"SELECT a{' IS NULL' * n}", id="IS NULL"),
    pytest.param(lambda n: f"SELECT a{' AT TIME ZONE b' * n}", id="AT TIME ZONE"),
    pytest.param(lambda n: f"SELECT {'f(' * n}1{')' * n}", id="calls"),
    pytest.param(lambda n: f"SELECT {'CASE WHEN a THEN ' * n}1{' END' * n}", id="CASE"),
    pytest.param(lambda n: f"SELECT 1, 2{' UNION ALL SELECT 1, 2' * n}", id="UNION"),
    pytest.param(lambda n: f"SELECT 1 FROM a{' JOIN b ON a.x = b.x AND b.y' * n}", id="JOIN"),
    pytest.param(lambda n: f"SELECT {'(SELECT ' * n}1{')' * n}", id="subqueries"),
]


@pytest.mark.parametrize("script", LEVELS)
def test_what_nests_too_deeply_is_not_handed_over(script, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]  # a lambda
    with pytest.raises(TooLargeError):
        readable(script(2 * MOST_LEVELS).encode())
    monkeypatch.setattr(library, "call", lambda *_: pytest.fail("it was handed over"))
    (statement,) = read(script(40 * MOST_LEVELS))
    assert isinstance(unread(statement), BeyondLimitsError)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("SELECT a IN (" + ", ".join(["1 + 1"] * 20_000) + ")", id="a long list"),
        pytest.param("SELECT " + " AND ".join(["a = 1 + 1"] * 20_000), id="many conditions"),
        pytest.param("CREATE TABLE t (" + ", ".join(f"c{n} int DEFAULT -1" for n in range(1_500)) + ")", id="columns"),
        pytest.param("SELECT '" + "(" * 50_000 + "', $$" + "1+" * 50_000 + '$$, "' + "(" * 50_000 + '"', id="quoted"),
        pytest.param("SELECT 1 /* " + "(" * 50_000 + " */ -- " + "1+" * 50_000, id="comments"),
        pytest.param("SELECT a[1]" + "[1]" * 20_000, id="subscripts"),
    ],
)
def test_what_is_only_long_is_read(script: str) -> None:
    (statement,) = read(script)
    assert unread(statement) is None


def test_of_a_long_insert_the_first_rows_are_read() -> None:
    script = "INSERT INTO t (a, b) VALUES\n" + ",\n".join(f"({n}, 'x')" for n in range(60_000)) + ";\nSELECT 1;"
    insert, select = read(script)
    assert (insert.kind, insert.line, insert.sql + ";\nSELECT 1;") == ("InsertStmt", 1, script)
    assert len(insert.node["selectStmt"]["SelectStmt"]["valuesLists"]) == 1_000
    assert (select.line, select.sql) == (60_002, "SELECT 1")


def test_what_is_too_long() -> None:
    first, second, third = read(f"SELECT 1;\nSELECT a IN ({'1,' * MOST_TOKENS}1);\nDROP TABLE a;")
    error = unread(second)
    assert isinstance(error, BeyondLimitsError)
    assert (error.line, error.message) == (2, "it has more than 300,000 words and signs")
    assert [each.kind for each in (first, third)] == ["SelectStmt", "DropStmt"]


def test_deep_comments_take_no_time() -> None:
    depth = 60_000
    (statement,) = read("/*" * depth + "\n" + "*/" * depth + " SELECT 1")
    assert (statement.line, statement.sql) == (2, "SELECT 1")


_PIECES = st.sampled_from(
    ["SELECT 1", "'a;b'", "E'\\';'", '"a;"', "$$;$$", "$x$;$x$", "/* ; /* ; */ */", "-- ;\n", ";", "\n", " ", "(", ")",
     BODY, "BEGIN", "é", "CREATE TABLE t (a int)", "DROP TABLE t", "1+1", "$1", "a$b", "E", "'"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=30).map(" ".join))
@settings(max_examples=examples(300), deadline=None)
def test_piece_by_piece_as_in_one(script: str) -> None:
    try:
        tree = library.call("parse", script.encode())
    except library.RefusedError:
        with pytest.raises(ParseError):
            parse(script)
        return
    long = f"{script}\n;{'SELECT 1;' * 1_000}"  # too long to be handed over at once
    pieces = [(each.kind, each.sql, each.line) for each in parse(long)][:-1_000]
    assert pieces == [(each.kind, each.sql, each.line) for each in parse(script)]
    assert (not pieces) == (b'"stmts":[]' in tree)
