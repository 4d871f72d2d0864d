"""The commands of an ALTER TABLE as they are written, whatever stands in their constants and comments."""

import pytest

from shared.postgres.parse import parse
from shared.postgres.plan.safer.commands import after_word, commands, concurrently


@pytest.mark.parametrize(
    ("behind", "expected"),
    [
        ("ADD x int, DROP y", ("ADD x int", "DROP y")),
        ("ADD x numeric(4, 1), ADD y int[]", ("ADD x numeric(4, 1)", "ADD y int[]")),
        ("ADD x text DEFAULT 'a, b', DROP y", ("ADD x text DEFAULT 'a, b'", "DROP y")),
        (r"ADD x text DEFAULT E'it\'s, so', DROP y", (r"ADD x text DEFAULT E'it\'s, so'", "DROP y")),
        ("ADD x text DEFAULT $a$b, c$a$, DROP y", ("ADD x text DEFAULT $a$b, c$a$", "DROP y")),
        ('ADD "x, y" int, DROP y', ('ADD "x, y" int', "DROP y")),
        ("ADD x int /* a, b */, -- c, d\n DROP y -- e", ("ADD x int", "DROP y")),
        ("ADD é int, DROP y", ("ADD é int", "DROP y")),
    ],
)
def test_each_command_is_cut_out_as_it_is_written(behind: str, expected: tuple[str, ...]) -> None:
    assert commands(parse(f'ALTER TABLE ONLY s."T" {behind}')[0]) == expected


def test_a_keyword_is_found_outside_of_parentheses() -> None:
    assert after_word("ALTER x TYPE int USING (y -> 'using')::int", "using") == "(y -> 'using')::int"
    assert after_word("ADD CHECK (x = 'using')", "using") is None


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("CREATE UNIQUE INDEX i ON t (x)", "CREATE UNIQUE INDEX CONCURRENTLY i ON t (x)"),
        ("CREATE /* INDEX */ INDEX i ON t (x)", "CREATE /* INDEX */ INDEX CONCURRENTLY i ON t (x)"),
        ("DROP TABLE t", None),
    ],
)
def test_concurrently_stands_behind_its_keyword(sql: str, expected: str | None) -> None:
    assert concurrently(sql, after="index") == expected
