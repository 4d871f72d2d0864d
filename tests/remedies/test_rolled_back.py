"""What is printed of a script with transactions of its own: whole as they begin and end, and nothing that they roll back."""

from collections.abc import Sequence

from shared.remedies import commands
from tests.remedies.test_replaced_later import found, psql
from tests.remedies.test_sequences import COLUMN, INDEX, of_2
from tests.tables import hold

ROW, MORE = "INSERT INTO r VALUES (7);", "UPDATE a SET x = 1;"
LOCAL, LOCK = "SET LOCAL lock_timeout = '5s';", "LOCK TABLE r;"
CURSOR, MOVE, CURRENT = (
    "DECLARE c CURSOR FOR SELECT id FROM a;",
    "MOVE 2 FROM c;",
    "UPDATE a SET x = 1 WHERE CURRENT OF c;",
)
TITLES, USE = "CREATE TEMP TABLE titles AS SELECT id FROM a;", "INSERT INTO r SELECT id FROM titles;"
BACK = "Do not run it as written: line {} rolls it back."

# The script between two other statements, what is printed of it, and what is left to a person.
SCRIPTS = [
    # Settings, locks and cursors stand within the transaction that they are for, and in no other one.
    (["BEGIN;", LOCAL, LOCK, ROW, "COMMIT;"], [psql("BEGIN;", LOCAL, LOCK, ROW, "COMMIT;")], []),
    (["BEGIN;", LOCAL, LOCK, "COMMIT;", ROW], [psql(ROW)], []),
    (["BEGIN;", "SET work_mem = '1MB';", LOCK, "COMMIT;", ROW], [psql("SET work_mem = '1MB';", ROW)], []),
    (["BEGIN;", CURSOR, MOVE, CURRENT, "CLOSE c;", "COMMIT;"], [psql("BEGIN;", CURSOR, MOVE, CURRENT, "COMMIT;")], []),
    (["BEGIN;", TITLES, "COMMIT;", USE], [psql(TITLES, USE)], []),
    # A savepoint alone does nothing.
    (
        ["BEGIN;", ROW, "SAVEPOINT p;", MORE, "RELEASE p;", "COMMIT;"],
        [psql("BEGIN;", ROW, "COMMIT;"), psql("BEGIN;", MORE, "COMMIT;")], [],
    ),
    (["BEGIN;", ROW, "SAVEPOINT p;", MORE, "ROLLBACK TO p;", "COMMIT;"], [psql("BEGIN;", ROW, "COMMIT;")], [BACK.format(6)]),
    (
        ["BEGIN;", "SAVEPOINT p;", MORE, 'rollback transaction to savepoint "p";', ROW, "COMMIT;"],
        [psql("BEGIN;", ROW, "COMMIT;")], [BACK.format(5)],
    ),
    (["BEGIN;", ROW, "CREATE TABLE w ();", "ROLLBACK;", MORE], [psql(MORE)], [BACK.format(5)] * 2),
    # What does nothing that lasts is not asked about.
    (["LISTEN news;", ROW, "UNLISTEN news;"], [psql(ROW)], []),
]  # fmt: skip


def test_what_is_printed() -> None:
    hold(_is_printed, SCRIPTS)


def _is_printed(case: tuple[Sequence[str], Sequence[str], Sequence[str]]) -> None:
    script, wanted, left = case
    finding = of_2(found("\n".join([COLUMN, *script, INDEX]), "", [COLUMN]))
    first = [step for step in finding.remedy if not step.choice and "Check whether" not in step.text]
    every = [step.command for step in first if step.command and step.command != commands.DEPLOY]
    printed = [each for each in every if INDEX not in each]
    assert printed == [*wanted, commands.resolve_applied("2")]
    reasons = [step.text for step in first if "Do not run it" in step.text]
    assert [text[text.index("Do not run it") :] for text in reasons] == left


def test_nor_where_the_schema_stays_as_it_was() -> None:
    script = ["BEGIN;", ROW, "SAVEPOINT p;", MORE, "ROLLBACK TO p;", "COMMIT;"]
    remedy = of_2(found("\n".join(script), "", [])).remedy
    assert [step.command for step in remedy if step.asks] == [psql("BEGIN;", ROW, "COMMIT;")]
