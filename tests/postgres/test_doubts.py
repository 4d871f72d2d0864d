"""What is known of an object is compared; only what is in doubt is left out, and named."""

import pytest

from shared.model.schema import Schema
from shared.postgres.difference import differences
from shared.postgres.parse import parse
from shared.postgres.replay import Replay


def made_by(*scripts: str) -> Schema:
    replay = Replay()
    for script in scripts:
        replay.run_all(parse(script))
    return replay.freeze()


def found(release: str, production: str) -> list[str]:
    return [
        f"{each.change} {each.subject} {','.join(each.attributes)}".strip()
        for each in differences(made_by(release), made_by(production))
    ]


MADE_OF_A_QUERY = "CREATE TABLE t (id int, at timestamp); CREATE TABLE c AS SELECT id, at - at AS span FROM t"
AS_A_SERVER_MAKES_IT = "CREATE TABLE t (id int, at timestamp); CREATE TABLE c (id int, span interval{})"


@pytest.mark.parametrize(
    ("release", "production", "expected"),
    [
        pytest.param(MADE_OF_A_QUERY, AS_A_SERVER_MAKES_IT.format(""), [], id="as it was made"),
        pytest.param(
            MADE_OF_A_QUERY, AS_A_SERVER_MAKES_IT.format(" NOT NULL"), ["changed column public.c.span nullable"], id="nullability"
        ),
        pytest.param(
            MADE_OF_A_QUERY, AS_A_SERVER_MAKES_IT.format(" DEFAULT '1 day'"), ["changed column public.c.span default"], id="default"
        ),
        pytest.param(
            MADE_OF_A_QUERY, AS_A_SERVER_MAKES_IT.format("); ALTER TABLE c DROP COLUMN span; SELECT (1"),
            ["missing column public.c.span"], id="existence"
        ),
        pytest.param(
            f"{MADE_OF_A_QUERY}; ALTER TABLE c ALTER span TYPE text; ",
            AS_A_SERVER_MAKES_IT.format(""), ["changed column public.c.span type"], id="a type that a later statement sets"
        ),
        pytest.param(
            f"{MADE_OF_A_QUERY}; ALTER TABLE c RENAME span TO took; ALTER TABLE c RENAME TO d",
            AS_A_SERVER_MAKES_IT.format("); ALTER TABLE c RENAME span TO took; ALTER TABLE c RENAME TO d; SELECT (1"),
            [], id="the doubt follows renames"
        ),
        pytest.param(
            f"{MADE_OF_A_QUERY}; ALTER TABLE c DROP COLUMN span; ALTER TABLE c ADD span text",
            AS_A_SERVER_MAKES_IT.format(""), ["changed column public.c.span type"], id="the doubt goes with its column"
        ),
        pytest.param("CREATE TABLE t (a riddle NOT NULL)", "CREATE TABLE t (a riddle)", ["changed column public.t.a nullable"],
                     id="a type that no migration makes"),
        pytest.param(
            "CREATE TABLE auth.mine (id int)", "CREATE SCHEMA auth; CREATE TABLE auth.mine (id int); CREATE TABLE auth.users (id int)",
            [], id="the platform's schema holds others"
        ),
        pytest.param(
            "CREATE TABLE auth.mine (id int)", "CREATE SCHEMA auth; CREATE TABLE auth.mine (id bigint)",
            ["changed column auth.mine.id type"], id="what the migrations make in the platform's schema is compared"
        ),
    ],
)  # fmt: skip
def test_what_is_known_is_compared(release: str, production: str, expected: list[str]) -> None:
    assert found(release, production) == expected


def test_no_sql_is_printed_that_would_have_to_guess_a_type() -> None:
    (missing,) = differences(made_by(MADE_OF_A_QUERY), made_by("CREATE TABLE t (id int, at timestamp)"))
    assert (str(missing.subject), missing.corrective) == ("table public.c", ())
    (column,) = differences(
        made_by(MADE_OF_A_QUERY), made_by("CREATE TABLE t (id int, at timestamp); CREATE TABLE c (id int)")
    )
    assert (column.expected, column.corrective) == ("a type that is not known", ())
