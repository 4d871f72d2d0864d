"""Questions and probes read the same in every process, or answers that are kept would be asked for again."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BASE = """
CREATE TABLE a (id int PRIMARY KEY, b int UNIQUE, c text NOT NULL, d int, e int CHECK (e > 0));
CREATE TABLE z (id int, b int, c text, d int, e int, f int REFERENCES a);
CREATE TABLE y (id int PRIMARY KEY, a_id int REFERENCES a ON DELETE CASCADE, b int, c text);
"""
PENDING = (
    "INSERT INTO a SELECT id, b, c, d, e FROM z WHERE d > 1 AND c <> '';",
    "INSERT INTO a (id, b, c, e) SELECT id + d, b, c, e FROM z WHERE b IS NOT NULL;",
    "UPDATE a SET b = z.b, c = z.c, e = z.e FROM z WHERE z.id = a.id AND z.d > a.d;",
    "DELETE FROM a WHERE d > 3 OR e IS NULL;",
    "INSERT INTO y SELECT id, d, b, c FROM z WHERE e > 2 ON CONFLICT DO NOTHING;",
    "CREATE TABLE n AS SELECT b, c, d, e FROM z WHERE id > 1; ALTER TABLE n ADD UNIQUE (b, e), ADD CHECK (d > e);",
    "ALTER TABLE z ALTER c TYPE int USING c::int, ADD UNIQUE (b, d, e), ADD CHECK (d + e > b);",
    "ALTER TABLE y ADD FOREIGN KEY (b) REFERENCES a (b), ALTER c SET NOT NULL;",
)


def asked() -> list[str]:
    """What the plan asks of the server and of rows."""
    from shared.model.plan import Plan  # noqa: PLC0415  # only in the processes that are compared
    from tests.diagnose.test_schema import diagnosed, live, ran, shipping  # noqa: PLC0415

    release = shipping(("1", BASE), *((str(number), sql) for number, sql in enumerate(PENDING, 2)))
    plan = diagnosed(release, [ran("1", BASE)], live(BASE)).plan
    assert isinstance(plan, Plan)
    predictions = [each.prediction for each in plan.statements]
    probes = [condition.probe for each in predictions for condition in each.conditions]
    questions = [analysis.question for each in predictions for analysis in each.analyses]
    return [
        *(text for each in probes if each is not None for text in (each.sql, each.sample or "")),
        *(each.sql for each in questions),
    ]


def in_a_process(seed: int) -> list[str]:
    program = "from tests.diagnose.test_same_in_every_process import asked; print(*map(repr, asked()), sep='\\n')"
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT)}
    shown = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return shown.stdout.splitlines()


def test_questions_and_probes_do_not_depend_on_the_order_of_sets() -> None:
    first, *others = map(in_a_process, (1, 2, 3))
    assert len(first) > 40
    assert others == [first, first]
