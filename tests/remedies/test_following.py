"""Every row of the table of remedies, followed to the letter with Prisma's own engine: it ends in a passed check."""

from collections.abc import Callable

import pytest

from shared.model.report import Verdict
from tests.remedies.production import Production
from tests.remedies.states import SCRIPTS, STATES, State


@pytest.mark.parametrize(
    ("state", "way"),
    [pytest.param(state, way, id=f"{name}-{way}") for name, state in STATES.items() for way in state.ways],
)
def test_following_the_remedies_ends_in_a_passed_check(
    state: State, way: str, production: Callable[..., Production]
) -> None:
    here = production(way, state.schema)
    here.ship(state.scripts)
    for action in state.happened:
        action(here)
    after = here.look()
    found = [
        each.code for each in after.findings if each.code.startswith(("migration-", "history-", "deploy-will-fail"))
    ]
    assert sorted(found) == sorted(state.codes)
    for _ in range(state.rounds):
        state.person.follow(after, here)
        after = here.look()
    assert {finding.code for finding in after.findings} == set(state.left), [f.summary for f in after.findings]
    assert after.verdict in state.verdicts
    assert here.sql(state.query) == list(state.rows)
    assert here.prisma("migrate deploy"), "nothing stands in the way of the next deployment"


def test_drift_is_fixed_by_a_new_migration_of_what_is_printed(production: Callable[..., Production]) -> None:
    here = production("split")
    here.ship(SCRIPTS)
    here.deploy()
    here.sql("DROP INDEX tags_name_idx; ALTER TABLE users DROP COLUMN age; DROP TABLE notes")
    findings = here.look().findings
    assert {finding.code for finding in findings} == {"schema-missing"}
    body = "\n".join(
        step.command for finding in findings for step in finding.remedy if step.command and not step.choice
    )
    here.ship({"20250904000000_fix": body})
    here.deploy()
    assert here.look().verdict is Verdict.PASSED
