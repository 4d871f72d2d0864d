"""Every row of the table of remedies, followed to the letter with Prisma's own engine: it ends in a passed check."""

from collections.abc import Callable

import pytest

from shared.model.report import Verdict
from tests.remedies.production import Production
from tests.remedies.states import STATES, State


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
    before = here.look()
    found = [finding.code for finding in before.findings if finding.code.startswith(("migration-", "history-"))]
    assert sorted(found) == sorted(state.codes)
    state.person.follow(before, here)
    after = here.look()
    assert {finding.code for finding in after.findings} == set(state.left), [f.summary for f in after.findings]
    assert after.verdict in {Verdict.PASSED, Verdict.WARNING if state.left else Verdict.PASSED}
    assert here.sql(state.query) == list(state.rows)
    assert here.prisma("migrate deploy"), "nothing stands in the way of the next deployment"
