"""A change of rows that nobody saw run, and that uses what a later statement of its own file has removed or renamed.

Printed as it stands it would fail, or do something else to what has the name now: INSERT INTO new SELECT … FROM old
becomes a table that is copied into itself once new is renamed to old.
"""

import pytest

from shared.remedies import commands
from tests.remedies.test_replaced_later import found, psql

OLD = 'CREATE TABLE old (id int, v text); CREATE TABLE "User" (id int, amount text);'
COPIED = "CREATE TABLE new (id int, v text NOT NULL); INSERT INTO new SELECT * FROM old; DROP TABLE old;"
RENAMED = "ALTER TABLE new RENAME TO old;"
COPY = f"{COPIED} {RENAMED}"
CAST = 'ALTER TABLE "User" ADD COLUMN n int; UPDATE "User" SET n = amount::int; ALTER TABLE "User" DROP COLUMN amount;'
DROPPED, NAMED = "DROP TABLE old;", 'ALTER TABLE "User" RENAME COLUMN amount TO total;'
MOVED = "CREATE SCHEMA app; ALTER TABLE old SET SCHEMA app;"
UPDATE = 'UPDATE "User" SET amount = 1;'


def by_hand(script: str, *there: str) -> tuple[list[str], list[str]]:
    """What is printed of *script*, which the history does not know, where *there* exists; and why it is left to a person."""
    (finding,) = (
        each
        for each in found(script, "", [OLD, *there], base=OLD)
        if each.key.endswith(":2") and "migration" in each.key
    )
    reasons = [step.text.partition("as written: ")[2] for step in finding.remedy if "as written" in step.text]
    commands_of = [step.command for step in finding.remedy if step.command and not step.choice]
    return [each for each in commands_of if each != commands.DEPLOY], reasons


@pytest.mark.parametrize(
    ("script", "there", "printed", "used"),
    [
        pytest.param(COPY, [COPY], [], "table public.old, which a later statement that ran has removed, renamed or replaced", id="a table that was replaced"),
        pytest.param(COPY, [COPIED], [RENAMED], "table public.old, which a later statement that ran has removed, renamed or replaced", id="and is not renamed yet"),
        pytest.param(CAST, [CAST], [], "column public.User.amount, which a later statement that ran has removed, renamed or replaced", id="a column"),
        pytest.param(
            f"{UPDATE} {NAMED}", [NAMED], [], "column public.User.amount, which a later statement that ran has removed, renamed or replaced", id="a column that was renamed",
        ),
        pytest.param(
            f"UPDATE old SET v = 1; {MOVED}", [MOVED], [], "table public.old, which a later statement that ran has removed, renamed or replaced", id="a table in another schema",
        ),
        pytest.param(
            f'CREATE TABLE new (); INSERT INTO old VALUES (1); UPDATE "User" SET amount = v FROM old; {DROPPED}', [DROPPED],
            ["CREATE TABLE new ();"], "table public.old, which a later statement that ran has removed, renamed or replaced", id="what was only written into it need not run",
        ),
    ],
)  # fmt: skip
def test_it_is_left_to_a_person(script: str, there: list[str], printed: list[str], used: str) -> None:
    steps = [psql(each) for each in printed]
    assert by_hand(script, *there) == ([*steps, commands.resolve_applied("2")], [f"it uses {used}."])


@pytest.mark.parametrize(
    ("script", "there"),
    [
        pytest.param(f"{UPDATE} {DROPPED}", DROPPED, id="another table was removed"),
        pytest.param(f'{UPDATE} ALTER TABLE "User" ADD COLUMN n int;', 'ALTER TABLE "User" ADD COLUMN n int;', id="nothing was removed"),
    ],
)  # fmt: skip
def test_one_that_uses_none_of_it_is_printed(script: str, there: str) -> None:
    assert by_hand(script, there) == ([psql(UPDATE), commands.resolve_applied("2")], [])


def test_a_table_that_was_renamed_is_named_as_it_is_called_now() -> None:
    renamed = "ALTER TABLE old RENAME TO older;"
    printed, _ = by_hand(f"UPDATE old SET v = 'x'; {renamed}", renamed)
    assert printed[-2] == psql("UPDATE older SET v = 'x';")
