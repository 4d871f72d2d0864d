"""Do the seeded tables hold the rows that the release expects?"""

from collections.abc import Iterator

from shared.judge import commands
from shared.model.diagnosis import Diagnosis
from shared.model.facts import Facts
from shared.model.finding import Finding, Severity, Step
from shared.model.knowledge import Unavailable, known
from shared.model.seed import SeedCount, SeedExpectation, Uncountable


def judge_seeds(facts: Facts, _diagnosis: Diagnosis | Unavailable) -> Iterator[Finding | Unavailable]:
    for seed in known(facts.database).seeds:
        outcome = _outcome(seed, facts)
        if outcome is not None:
            yield outcome
        collapse = _collapse(seed, facts)
        if collapse is not None:
            yield collapse


def _outcome(seed: SeedCount, facts: Facts) -> Finding | Unavailable | None:
    expectation, count = seed.expectation, seed.count
    match count:
        case Unavailable():
            return count
        case Uncountable(because):
            return Finding(
                "seed-uncountable",
                expectation.subject,
                Severity.CRITICAL,
                f"{expectation.subject} cannot be counted: {because}.",
                expected=str(expectation),
                actual=because,
                remedy=(Step("See whether the migration that creates it was applied."),),
            )
        case int():
            return _compared(expectation, count, facts)


def _compared(expectation: SeedExpectation, count: int, facts: Facts) -> Finding | None:
    rows = f"{count} row" if count == 1 else f"{count} rows"
    summary = f"{expectation.subject} holds {rows}; the release seeds {expectation}."
    if count < expectation.least:
        return Finding(
            "seed-missing",
            expectation.subject,
            Severity.CRITICAL,
            summary,
            expected=str(expectation),
            actual=str(count),
            remedy=commands.framed(
                facts.target.remedy,
                [Step("Seed again: a seed script that is safe to repeat adds what is missing.", commands.SEED)],
            ),
        )
    if expectation.most is not None and count > expectation.most:
        return Finding(
            "seed-unexpected",
            expectation.subject,
            Severity.WARNING,
            summary,
            expected=str(expectation),
            actual=str(count),
            remedy=(Step("Look who added rows; if they belong there, change the expectation."),),
        )
    return None


def _collapse(seed: SeedCount, facts: Facts) -> Finding | None:
    """Say that more rows are gone since the last run than the expectation allows."""
    subject, allowed = seed.expectation.subject, seed.expectation.max_drop
    before = facts.last_seen.seeds.get(subject)
    if allowed is None or not before or not isinstance(seed.count, int):
        return None
    lost = 100 * (before - seed.count) / before
    if lost <= allowed:
        return None
    return Finding(
        "seed-collapsed",
        subject,
        Severity.CRITICAL,
        f"{subject} fell from {before} to {seed.count} rows, by {lost:.0f} %; at most {allowed} % may go.",
        expected=f"at most {allowed} % fewer than the {before} before",
        actual=str(seed.count),
        remedy=(
            Step("Find out what deleted them; restore them from a backup if nobody meant to."),
            Step("If it was meant, silence this finding: what is there now is then the new measure."),
        ),
        evidence={"before": before, "count": seed.count},
    )
