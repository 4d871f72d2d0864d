"""What only the memory of earlier runs can see: lost rows, fallen counts, releases that nobody deploys."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest

from shared.checks.registry import CHECKS, run_check
from shared.diagnose.diagnosis import diagnose
from shared.model.database import History, HistoryRow
from shared.model.facts import Facts
from shared.model.finding import Finding, Severity
from shared.model.knowledge import Unavailable
from shared.model.last_seen import LastSeen, SeenRow
from shared.model.release import Stale
from shared.model.schema import Schema
from shared.model.seed import SeedCount, SeedExpectation
from tests.builders import NOW, facts, reading, release, row

INIT, POSTS = row("1_init"), row("2_posts")
SEEN = LastSeen(tuple(SeenRow(each.id, each.name) for each in (INIT, POSTS)))
AGAIN = replace(POSTS, id="another id")


def found(check: str, context: Facts) -> list[Finding]:
    outcome = run_check(next(each for each in CHECKS if each.name == check), context, diagnose(context))
    return list(outcome.findings)


@pytest.mark.parametrize(
    ("rows", "before", "actual"),
    [
        pytest.param((INIT, POSTS), SEEN, None, id="all there"),
        pytest.param((INIT, POSTS, row("3_more")), SEEN, None, id="and one more"),
        pytest.param((INIT, POSTS), LastSeen(), None, id="nothing seen before"),
        pytest.param((INIT, replace(POSTS, rolled_back_at=NOW)), SEEN, None, id="marked as rolled back, not deleted"),
        pytest.param((INIT,), SEEN, "1 of them gone", id="an older backup"),
        pytest.param((), SEEN, "2 of them gone", id="an empty history"),
        pytest.param((INIT, AGAIN), SEEN, "1 of them gone", id="deployed again after a reset"),
    ],
)
def test_history_rewritten(rows: tuple[HistoryRow, ...], before: LastSeen, actual: str | None) -> None:
    context = replace(facts(release(), reading(*rows)), last_seen=before)
    rewritten = [each for each in found("history", context) if each.code == "history-rewritten"]
    assert [(each.subject, each.severity, each.actual) for each in rewritten] == (
        [] if actual is None else [("public", Severity.CRITICAL, actual)]
    )


def test_a_history_that_is_gone_as_a_whole_is_said_once() -> None:
    context = replace(facts(release(), reading(history=History(exists=False))), last_seen=SEEN)
    assert [each.code for each in found("history", context)] == ["history-missing"]


def test_what_was_replaced_is_said_so() -> None:
    context = replace(facts(release(), reading(INIT, AGAIN)), last_seen=SEEN)
    (rewritten,) = (each for each in found("history", context) if each.code == "history-rewritten")
    assert rewritten.summary.startswith("The recorded history of 2_posts was replaced by other rows of the same names")
    assert rewritten.evidence == {"gone": ["2_posts"], "replaced": ["2_posts"]}


USERS = SeedExpectation("users", max_drop=20)


@pytest.mark.parametrize(
    ("expectation", "count", "before", "fell"),
    [
        pytest.param(USERS, 80, 100, False, id="as far as allowed"),
        pytest.param(USERS, 79, 100, True, id="further"),
        pytest.param(USERS, 0, 1, True, id="all of one"),
        pytest.param(USERS, 100, 100, False, id="the same"),
        pytest.param(USERS, 500, 100, False, id="more"),
        pytest.param(USERS, 0, 0, False, id="there was nothing to lose"),
        pytest.param(USERS, 0, None, False, id="never counted before"),
        pytest.param(SeedExpectation("users", min=0), 0, 100, False, id="nothing is expected of it"),
    ],
)
def test_seed_collapsed(expectation: SeedExpectation, count: int, before: int | None, fell: bool) -> None:
    seen = LastSeen(seeds={} if before is None else {"users": before})
    context = replace(facts(release(), reading(seeds=(SeedCount(expectation, count),))), last_seen=seen)
    assert [each.key for each in found("seeds", context)] == (["seed-collapsed:users"] if fell else [])


A_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("policy", "phase", "seen", "severity"),
    [
        pytest.param("migrate-first", None, LastSeen(), "critical", id="migrations go first"),
        pytest.param("migrate-first", "before", LastSeen(), "critical", id="migrations go first: a candidate is stopped"),
        pytest.param("deploy-migrates", None, LastSeen(), "info", id="the deployment is to apply it"),
        pytest.param("deploy-migrates", "before", LastSeen(), "info", id="it is about to"),
        pytest.param("deploy-migrates", "after", LastSeen(), "critical", id="it did not"),
        pytest.param("deploy-migrates", None, LastSeen(deployed="sha256:0"), "critical", id="it was deployed before"),
        pytest.param("deploy-migrates", None, LastSeen(deployed="sha256:1"), "info", id="another one was"),
        pytest.param("deploy-migrates", None, LastSeen(first_seen={"release sha256:0": NOW - A_DAY}), "info", id="a day"),
        pytest.param("deploy-migrates", None, LastSeen(first_seen={"release sha256:0": NOW - 2 * A_DAY}), "warning", id="forgotten"),
    ],
)  # fmt: skip
def test_how_bad_it_is_that_a_migration_waits(
    policy: Literal["migrate-first", "deploy-migrates"],
    phase: Literal["before", "after"] | None,
    seen: LastSeen,
    severity: str,
) -> None:
    context = facts(release("1_init", "2_posts", "3_more"), reading(INIT, row("3_more"), row("0", rolled_back=True)))
    context = replace(context, target=replace(context.target, policy=policy), phase=phase, last_seen=seen)
    assert [(each.code, each.severity.value) for each in found("history", context)] == [("migration-skipped", severity)]


@pytest.mark.parametrize(
    ("policy", "phase", "has_tables", "severity"),
    [
        pytest.param("deploy-migrates", "before", False, "info", id="the first deployment makes it"),
        pytest.param("deploy-migrates", "before", True, "critical", id="it would stop at an object that exists"),
        pytest.param("deploy-migrates", "after", False, "critical", id="it did not"),
        pytest.param("deploy-migrates", None, False, "critical", id="nobody deploys"),
        pytest.param("migrate-first", "before", False, "critical", id="migrations go first"),
    ],
)
def test_how_bad_it_is_that_there_is_no_history(
    policy: Literal["migrate-first", "deploy-migrates"],
    phase: Literal["before", "after"] | None,
    has_tables: bool,
    severity: str,
) -> None:
    context = facts(release("1_init"), replace(reading(), history=History(False, schema_has_tables=has_tables)))
    context = replace(context, target=replace(context.target, policy=policy), phase=phase)
    severities = {each.code: each.severity.value for each in found("history", context)}
    assert severities["history-missing"] == severity


@pytest.mark.parametrize("kept", [False, True], ids=["nothing is kept of it", "what it gave before lacks it too"])
def test_what_may_be_in_a_source_that_does_not_answer_is_not_known(kept: bool) -> None:
    """For its reason, and for as long: a verification may wait for it."""
    away = Unavailable("GitHub answered 503")
    stale = replace(release("1_init"), stale=Stale(NOW, away.because))
    ahead = stale if kept else away
    context = facts(release("1_init"), reading(INIT, POSTS, catalog=Schema({})), ahead=ahead)
    diagnosis = diagnose(context)
    for check in ("history", "schema"):
        outcome = run_check(next(each for each in CHECKS if each.name == check), context, diagnosis)
        assert (outcome.findings, outcome.unknown) == ((), away)
