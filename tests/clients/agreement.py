"""What the real client met, held against what was said before: which answers were wrong."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

WORKS, FAILS, OPEN = True, False, None
ANSWERS: dict[bool | None, str] = {WORKS: "works", FAILS: "does not work", OPEN: "may fail"}
# At most one in so many may be said to fail without need.
_ONE_IN = 10


@dataclass(frozen=True, slots=True)
class Trial:
    """The client of one release on the schema of a *later* one.

    *failed* has the error of every one of its *operations* that failed. *said* is each of the monitor's answers, by the
    moment at which it is given: True where the release is said to work, None where it may fail.
    """

    release: str
    later: str
    operations: int
    failed: Mapping[str, str]
    said: Mapping[str, bool | None]

    def __str__(self) -> str:
        said = "; ".join(f"{moment}: {ANSWERS[answer]}" for moment, answer in self.said.items())
        tried = f"{len(self.failed)} of {self.operations} operations failed"
        return f"{self.release} on the schema of {self.later}: {tried}. Said {said}"


@dataclass(slots=True)
class Table:
    """How many *trials* of each answer that is given at one *moment* failed, and how many did not."""

    moment: str
    trials: Sequence[Trial]
    counts: Counter[tuple[bool | None, bool]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.counts.update((trial.said[self.moment], bool(trial.failed)) for trial in self.trials)

    def lines(self) -> Iterator[str]:
        yield f"{self.moment:<24}{'failed':>8}{'did not fail':>14}"
        for answer, words in ANSWERS.items():
            yield f"  said: {words:<16}{self.counts[answer, True]:>8}{self.counts[answer, False]:>14}"

    def problems(self) -> Iterator[str]:
        """Each trial that failed though it was said to work, and that too many were said to fail."""
        for trial in self.trials:
            if trial.said[self.moment] is WORKS and trial.failed:
                operation, error = next(iter(trial.failed.items()))
                more = f", and {len(trial.failed) - 1} more" if len(trial.failed) > 1 else ""
                yield (
                    f"{self.moment}, {trial.release} was said to work on the schema of {trial.later}; "
                    f"{operation} failed: {error}{more}"
                )
        needless = [trial for trial in self.trials if trial.said[self.moment] is FAILS and not trial.failed]
        refused = self.counts[FAILS, True] + self.counts[FAILS, False]
        ran = sum(count for (_, failed), count in self.counts.items() if not failed)
        if len(needless) * _ONE_IN > min(refused, ran):
            yield f"{self.moment}, {len(needless)} of {ran} that did not fail were said to fail ({refused} were):"
            yield from (f"  {trial.release} on the schema of {trial.later}" for trial in needless)


def problems(trials: Sequence[Trial], moments: Sequence[str]) -> list[str]:
    """What is wrong at any of *moments*; a client that had nothing to do shows nothing, and is wrong itself."""
    found = [
        f"{trial.release} on the schema of {trial.later}: no operation was tried"
        for trial in trials
        if not trial.operations
    ]
    if not trials:
        found.append("no release was tried: there is none before the last migration")
    return [*found, *(problem for moment in moments for problem in Table(moment, trials).problems())]
