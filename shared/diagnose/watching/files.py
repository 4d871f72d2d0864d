"""The files that a deployment runs, and which of their statements a text is that the server shows."""

from collections.abc import Iterable, Iterator, Sequence

from ...model.diagnosis import MigrationStatus
from ...model.plan import Duration, Plan, PlannedStatement
from ...model.value import dataclass
from ...postgres.parse import MalformedError, Statement, read
from ...postgres.plan.durations import Span
from ...postgres.same_text import is_beginning, plain
from ...prisma.execution import Execution, Version, execution
from ...prisma.order import deploy_order
from ...prisma.script import runnable
from ..live_plan import is_to_run_or_runs
from ..transactions import spans


@dataclass(frozen=True, slots=True)
class File:
    """A migration's script. *texts* are its statements in their `plain` form, *whole* is all of it.

    *planned* are the predictions of its statements, None where there is none; *way* is how Prisma runs the file, as far
    as its version and the statements say.
    """

    migration: str
    statements: tuple[Statement, ...]
    texts: tuple[str, ...]
    whole: str
    planned: tuple[PlannedStatement | None, ...]
    way: Execution

    def spans(self, *, at_once: bool | None) -> list[Span]:
        """For each statement the last one that commits with it, where it was seen how the file was sent."""
        seen = {True: Execution.BATCH, False: Execution.SPLIT, None: self.way}[at_once]
        return spans(self.statements, seen)

    def estimate(self, number: int | None) -> Duration | None:
        """The time of the statement *number*, or of the whole file; None where a part of it is not known."""
        planned = self.planned if number is None else (self.planned[number],)
        took = [None if each is None else each.took for each in planned]
        known = [each for each in took if each is not None]
        if len(known) < len(took) or not known:
            return None
        return Duration(sum(each.low for each in known), sum(each.high for each in known))


@dataclass(frozen=True, slots=True)
class Match:
    """A text is a statement of *file*, number *first* to *last*, or all of them: *at_once*, as in `Place`."""

    file: File
    first: int
    last: int
    at_once: bool | None


def files_of(statuses: Iterable[MigrationStatus], plan: Plan | None, version: Version | None) -> tuple[File, ...]:
    """Give the files that a deployment runs or is running, in its order. What cannot be parsed at all is left out."""
    runs = [each for each in statuses if is_to_run_or_runs(each)]
    return tuple(_files(sorted(runs, key=lambda each: deploy_order(each.name)), plan, version))


def _files(statuses: Iterable[MigrationStatus], plan: Plan | None, version: Version | None) -> Iterator[File]:
    for status in statuses:
        if status.shipped is None or status.shipped.script is None:
            continue
        try:
            statements = tuple(read(runnable(status.shipped.script)))
        except MalformedError:
            continue
        of_file = [each for each in (plan.statements if plan else ()) if each.migration == status.name]
        yield File(
            status.name,
            statements,
            tuple(plain(each.sql) for each in statements),
            plain(runnable(status.shipped.script).decode(errors="replace")),
            tuple(of_file) if len(of_file) == len(statements) else (None,) * len(statements),
            execution((each.tree for each in statements), version),
        )


def opening_texts(files: Iterable[File], length: int) -> frozenset[str]:
    """How the texts of the deployment begin, in *length* characters, in small letters and without blanks."""
    every = (each.sql for file in files for each in file.statements)
    return frozenset("".join(sql[: 4 * length].lower().split())[:length] for sql in every)


def matches(text: str, files: Sequence[File]) -> Iterator[Match]:
    """Give what *text* may be, in the order in which the deployment runs it."""
    wanted = plain(text)
    if not wanted:
        return
    for file in files:
        end = len(file.statements) - 1
        exact = [number for number, each in enumerate(file.texts) if each == wanted]
        if wanted == file.whole and end > 0:
            yield Match(file, 0, end, at_once=True)
        elif exact:
            yield from (Match(file, number, number, at_once=False if end > 0 else None) for number in exact)
        else:
            yield from _cut(text, file)


def _cut(text: str, file: File) -> Iterator[Match]:
    """*text* may be the beginning of a statement, of several that begin alike, or of the whole file."""
    end = len(file.statements) - 1
    begun = [number for number, each in enumerate(file.texts) if is_beginning(text, each)]
    if end > 0 and file.way is not Execution.SPLIT and is_beginning(text, file.whole):
        # One that is cut within its first statement is either.
        may_be_split = 0 in begun and file.way is not Execution.BATCH
        yield Match(file, 0, end, at_once=None if may_be_split else True)
    elif begun:
        yield Match(file, begun[0], begun[-1], at_once=False if end > 0 else None)
