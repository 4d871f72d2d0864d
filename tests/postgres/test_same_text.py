import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.postgres.same_text import is_beginning, plain

SQL = "ALTER TABLE \"Users\" ADD COLUMN \"a b\" text DEFAULT 'It''s -- Fine'"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param(SQL, f"-- AlterTable\n{SQL};\n", True, id="a comment and a semicolon"),
        pytest.param(SQL, SQL.replace("ALTER TABLE", "alter\n  table /* why */"), True, id="blanks and case of words"),
        pytest.param(SQL, SQL.replace("Users", "users"), False, id="case within quotes"),
        pytest.param(SQL, SQL.replace("a b", "ab"), False, id="blanks within quotes"),
        pytest.param(SQL, SQL.replace("-- Fine", ""), False, id="what looks like a comment within quotes"),
        pytest.param("DO $a$ BEGIN X; END $a$", "do $a$ BEGIN X; END $a$;", True, id="dollar quotes"),
        pytest.param("DO $a$ BEGIN X; END $a$", "DO $a$ BEGIN x; END $a$", False, id="case within dollar quotes"),
    ],
)
def test_two_spellings(one: str, other: str, same: bool) -> None:
    assert (plain(one) == plain(other)) is same


LONG = (
    '-- CreateTable\nCREATE TABLE "Users" ("id" int, /* the name */ "Näme" text DEFAULT \'a - b\', PRIMARY KEY ("id"));\n'
    'DO $body$ BEGIN RAISE NOTICE \'x\'; END $body$;\nCREATE INDEX "i" ON "Users"("Näme");\n'
)


@given(st.integers(95, len(LONG)))
def test_a_text_that_the_server_cut_is_known_by_its_beginning(kept: int) -> None:
    assert is_beginning(LONG[:kept], plain(LONG))


@given(st.integers(95, len(LONG) - 1))
def test_another_text_is_not(at: int) -> None:
    assert not is_beginning(f"{LONG[:35]}x{LONG[35:at]}", plain(LONG))


def test_a_short_text_is_no_beginning() -> None:
    """Else `COMMIT` would be one of every longer statement that begins so."""
    assert not is_beginning(LONG[:90], plain(LONG))
