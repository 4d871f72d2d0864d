"""What is registered is reported: in every kind of run where there is something to check, in the registry's order."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.checks import registry as checks
from shared.checks.registry import Check
from shared.model.diagnosis import Diagnosis
from shared.model.facts import Facts
from shared.model.finding import Finding, Severity
from shared.model.knowledge import Unavailable
from shared.model.mistake import Mistake
from shared.model.report import CheckResult, Trigger, Verdict
from shared.model.settings import BrokenTarget
from shared.run import report_on_broken
from shared.run.checking import run_checks
from tests.builders import NOW, facts, reading, release

DIAGNOSIS = Diagnosis((), None, Unavailable("not compared"))
FOUND = Finding("moon-full", "moon", Severity.WARNING, "The moon is full.")


def check_moon(_facts: Facts, _diagnosis: Diagnosis | Unavailable) -> Iterator[Finding | Unavailable]:
    yield FOUND


@pytest.fixture(params=["first", "last"])
def registry(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[Check, ...]:
    """The registry with one more check, before or behind all others."""
    moon = (Check("moon", "database", check_moon, lambda target: target.name != "cellar"),)
    registered = (*moon, *checks.CHECKS) if request.param == "first" else (*checks.CHECKS, *moon)
    monkeypatch.setattr(checks, "CHECKS", registered)
    return registered


def moon_in(results: tuple[CheckResult, ...], registry: tuple[Check, ...]) -> CheckResult:
    """Its result; that of every other check is there as well, in the order of the registry.

    But for the check of a release that carries no ``schema.sql``: the coverage says that this was not compared.
    """
    named = [result.name for result in results]
    assert named == [check.name for check in registry if check.name in named]
    assert {check.name for check in registry} - {*named} <= {"release"}
    return next(result for result in results if result.name == "moon")


def results_of(context: Facts) -> tuple[CheckResult, ...]:
    return run_checks(context, DIAGNOSIS, lambda _source: timedelta(0))[0]


def test_a_registered_check_is_reported(registry: tuple[Check, ...]) -> None:
    result = moon_in(results_of(facts(release("1"), reading())), registry)
    assert (result.verdict, result.findings) == (Verdict.WARNING, (FOUND,))


def check_that_fails(_facts: Facts, _diagnosis: Diagnosis | Unavailable) -> Iterator[Finding | Unavailable]:
    yield FOUND
    raise ValueError("Key (email)=(ada@example.com)")


def test_a_registered_check_with_a_bug_is_unknown_and_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    context = facts(release("1"), reading())
    without = results_of(context)
    monkeypatch.setattr(checks, "CHECKS", (Check("moon", "database", check_that_fails), *checks.CHECKS))
    result, *others = results_of(context)
    assert (result.verdict, result.findings) == (Verdict.UNKNOWN, (FOUND,))
    assert result.unknown is not None
    assert "an error of the monitor itself, ValueError in test_checking.py, line " in result.unknown.because
    assert "ada@example.com" not in result.unknown.because
    assert [(each.name, each.verdict) for each in others] == [(each.name, each.verdict) for each in without]


def test_a_registered_check_is_skipped_where_the_target_does_not_ask_for_it(registry: tuple[Check, ...]) -> None:
    context = facts(release("1"), reading())
    result = moon_in(results_of(replace(context, target=replace(context.target, name="cellar"))), registry)
    assert result.verdict is Verdict.SKIPPED


def test_a_registered_check_is_skipped_while_the_target_sleeps(registry: tuple[Check, ...]) -> None:
    asleep = replace(facts(release("1"), reading()), sleeps_until=NOW + timedelta(hours=1))
    assert moon_in(results_of(asleep), registry).verdict is Verdict.SKIPPED


def test_a_registered_check_is_unknown_where_the_settings_are_broken(registry: tuple[Check, ...]) -> None:
    broken = BrokenTarget("production", (Mistake("monitor.toml", "target.production.name", "is missing"),))
    result = moon_in(report_on_broken(broken, Trigger.SCHEDULE).checks, registry)
    assert result.verdict is Verdict.UNKNOWN
