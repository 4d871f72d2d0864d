"""Do the seeded tables hold the rows that the release expects?"""

from collections.abc import Iterator

from ..model.diagnosis import Diagnosis, UnknownTable
from ..model.facts import Facts
from ..model.finding import Finding, Severity, Step
from ..model.knowledge import Unavailable, known
from ..model.phrases import counted
from ..model.seed import SeedCount, SeedExpectation, Uncountable
from ..remedies import commands


def check_seeds(facts: Facts, diagnosis: Diagnosis | Unavailable) -> Iterator[Finding | Unavailable]:
    for seed in known(facts.database).seeds:
        yield from found_of_seed(seed, facts, diagnosis)


def found_of_seed(seed: SeedCount, facts: Facts, diagnosis: Diagnosis | Unavailable) -> Iterator[Finding | Unavailable]:
    """Yield what is wrong with the rows of one expectation, or why that is not known."""
    unknown = () if isinstance(diagnosis, Unavailable) else diagnosis.unknown_tables
    mistake = next((table for table in unknown if table.name == seed.expectation.table), None)
    outcome = _outcome(seed, facts) if mistake is None else _unknown_table(seed.expectation, mistake)
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
                remedy=(Step(f"Check whether the migration that creates {expectation.table} was applied."),),
            )
        case int():
            return _compared(expectation, count, facts)


def _unknown_table(expectation: SeedExpectation, table: UnknownTable) -> Finding:
    """Report a table that does not exist and that no migration creates: most likely a mistake in the settings."""
    meant = f"; did you mean {table.meant}?" if table.meant else "."
    instead = f": write {table.meant}, if you meant that" if table.meant else ""
    return Finding(
        "seed-uncountable",
        expectation.subject,
        Severity.CRITICAL,
        f"{expectation.subject} cannot be counted: no migration creates {table.name}{meant}",
        expected=str(expectation),
        actual="no such table",
        remedy=(Step(f"Correct the seed's table in the settings{instead}."),),
        evidence={"did_you_mean": table.meant},
    )


def _compared(expectation: SeedExpectation, count: int, facts: Facts) -> Finding | None:
    summary = f"{expectation.subject} has {counted(count, 'row')}; the release seeds {expectation}."
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
                [Step("Seed again: a seed script that is safe to repeat adds the missing rows.", commands.SEED)],
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
            remedy=(Step("Find out who added rows; if they are right, change the expectation."),),
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
        f"{subject} fell from {before} to {seed.count} rows, by {lost:.0f} %; max_drop allows {allowed} %.",
        expected=f"at most {allowed} % fewer than the {before} before",
        actual=str(seed.count),
        remedy=(
            Step("Find out what deleted the rows; restore them from a backup if that was not intended."),
            Step("If it was intended, silence this finding: the present rows are then the new baseline."),
        ),
        evidence={"before": before, "count": seed.count},
    )
