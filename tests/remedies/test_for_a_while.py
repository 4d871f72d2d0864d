"""What a file makes for a while: what is printed of its statements where nothing shows whether that existed already."""

import pytest

from shared.model.finding import Step
from tests.builders import row
from tests.diagnose.test_proof import OF_NOTHING
from tests.remedies.test_replaced_later import found, psql

KEPT = "CREATE TABLE kept (id int, v text);"
LOOSE, GAP = "ALTER TABLE kept ADD COLUMN n int;", "CREATE TABLE gap ();"
DRAFT = "CREATE TABLE draft (id int, v text);"
FILLED, COPIED, GONE = (
    "INSERT INTO draft VALUES (1, 'one');",
    "INSERT INTO kept SELECT * FROM draft;",
    "DROP TABLE draft;",
)


def questions(script: str, *there: str) -> list[Step]:
    """What is asked of *script*, whose first statement failed, where *there* was run by hand."""
    (finding,) = (
        each
        for each in found(
            script, "", [KEPT, *there], row("2", finished=False, logs=OF_NOTHING, content=script.encode()), base=KEPT
        )
        if each.subject == "2" and "migration" in each.code
    )
    return [step for step in finding.remedy if not step.choice and (step.asks or "Do not run it" in step.text)]


@pytest.mark.parametrize(
    ("made", "use", "removed", "subject"),
    [
        pytest.param(DRAFT, COPIED, GONE, "table public.draft", id="a table that is read"),
        pytest.param(DRAFT, FILLED, GONE, "table public.draft", id="a table that is written"),
        pytest.param("CREATE TABLE draft AS SELECT * FROM kept;", COPIED, GONE, "table public.draft", id="a copy"),
        pytest.param(DRAFT, "ALTER TABLE draft ADD COLUMN w int;", GONE, "table public.draft", id="a table that is changed"),
        pytest.param(DRAFT, "CREATE INDEX i ON draft (id);", GONE, "table public.draft", id="an index, which may be made twice otherwise"),
        pytest.param(DRAFT, "DELETE FROM kept USING draft WHERE kept.id = draft.id;", GONE, "table public.draft", id="a DELETE"),
        pytest.param(
            "ALTER TABLE kept ADD COLUMN w int;", "UPDATE kept SET w = id;", "ALTER TABLE kept DROP COLUMN w;", "column public.kept.w", id="a column",
        ),
        pytest.param(
            "CREATE SEQUENCE q;", "UPDATE kept SET id = nextval('q');", "DROP SEQUENCE q;", "sequence public.q", id="a sequence",
        ),
        pytest.param(
            "CREATE UNIQUE INDEX u ON kept (id);", "INSERT INTO kept VALUES (1) ON CONFLICT (id) DO NOTHING;", "DROP INDEX u;",
            "index public.u", id="an index for ON CONFLICT",
        ),
        pytest.param(
            "CREATE TYPE e AS ENUM ('a');", "UPDATE kept SET v = 'a'::e::text;", "DROP TYPE e;", "enum public.e", id="a type",
        ),
    ],
)  # fmt: skip
def test_what_uses_it_says_when_it_cannot_run(made: str, use: str, removed: str, subject: str) -> None:
    first, question, last = questions("\n".join([LOOSE, made, use, removed, GAP]), GAP)
    assert "cannot run any more" not in first.text + last.text
    assert question.command == psql(use)
    assert question.text.endswith(
        f"It cannot run any more if line 4 ran, which removes {subject}: leave this out then, and do by hand what is left of it."
    )


def test_what_needs_what_is_missing_as_well_is_no_certain_step() -> None:
    """It did not run, as its table is missing; that does not say that the other one exists now."""
    new = "CREATE TABLE new (id int, v text);"
    copied = "INSERT INTO new SELECT * FROM draft;"
    asked = questions("\n".join([LOOSE, DRAFT, new, copied, GONE, GAP]), GAP)
    (question,) = (each for each in asked if each.command == psql(copied))
    assert question.text == (
        "Line 4 did not run. It cannot run any more if line 5 ran, which removes table public.draft: leave this out "
        "then, and do by hand what is left of it."
    )


@pytest.mark.parametrize(
    "script",
    [
        pytest.param([LOOSE, "CREATE VIEW draft AS SELECT * FROM kept;", COPIED, "DROP VIEW draft;", GAP], id="it is made again for it"),
        pytest.param([LOOSE, DRAFT, "UPDATE kept SET v = 'x';", GONE, GAP], id="it does not use it"),
        pytest.param([LOOSE, DRAFT, GONE, "UPDATE kept SET v = 'x' WHERE v = 'draft';", GAP], id="it comes after"),
    ],
)  # fmt: skip
def test_what_can_run_is_asked_about_plainly(script: list[str]) -> None:
    asked = questions("\n".join(script), GAP)
    assert asked
    assert not any("cannot run any more" in each.text for each in asked)


def test_the_steps_of_a_pending_migration_that_ran_in_part_say_it_too() -> None:
    script = "\n".join([DRAFT, FILLED, COPIED, GONE])
    (finding,) = (each for each in found(script, "", [KEPT], base=KEPT) if each.key == "migration-pending:2")
    some = [step for step in finding.remedy if step.choice and step.asks]
    assert [step.command for step in some] == [psql(each) for each in (DRAFT, FILLED, COPIED, GONE)]
    assert ["cannot run any more if line 4 ran" in step.text for step in some] == [False, True, True, False]
