"""The screen of `migration-monitor watch`: what runs, who blocks it, who waits behind it, how to stop it."""

from collections.abc import Iterable
from datetime import timedelta

from rich.text import Text

from ...model.finding import Step
from ...model.knowledge import Unavailable
from ...model.statement_text import shown
from ...model.watching import Phase, Seen, Watched
from ..printing import Printer
from ..wording import printable
from .wording import blocker, disk, doing, pause, queue, tables, time_of, title, where, who

# Of the remedy that is due then, the screen shows the beginning.
_MOST_STEPS, _LONGEST_COMMAND = 6, 3
_URGENT = "bold color(231) on color(124)"


def as_screen(seen: Seen, target: str, max_block: timedelta, *, width: int | None = None, colour: bool = False) -> str:
    """Give what *seen* shows; sentences wrap at *width* columns, commands never do."""
    printer = Printer(width, colour=colour)
    printer.sentence(0, Text(printable(title(seen, target)), style="bold"))
    if isinstance(seen.watched, Unavailable):
        printer.sentence(2, Text(printable(f"{seen.watched.because}. It is tried again.")))
        return printer.text()
    _print_running(printer, seen.watched)
    _print_blockers(printer, seen.watched)
    _print_queue(printer, seen.watched, max_block)
    if (line := disk(seen)) is not None:
        printer.sentence(0, Text.assemble(("DISK  ", "bold"), printable(line)), hang=2)
    _print_stop(printer, seen)
    return printer.text()


def _print_running(printer: Printer, watched: Watched) -> None:
    session, place = watched.session, watched.place
    if session is None:
        return
    if not watched.sees_all_sessions:
        printer.sentence(2, Text("The monitor's role may not see what sessions do: GRANT pg_read_all_stats to it."))
    if place is not None:
        printer.sentence(0, Text(printable(where(place))), hang=2)
    elif watched.phase is Phase.RUNS and session.state is not None:
        printer.sentence(2, Text("It runs a statement that is in none of the release's pending migrations."))
    if place is not None and place.sql is not None:
        printer.sentence(2, Text(printable(" ".join(shown(place.sql).split())[:300]), style="bold"), hang=2)
    lines = [time_of(watched), *doing(session), pause(watched), who(session)]
    for line in lines:
        if line is not None:
            printer.sentence(2, Text(printable(line)), hang=2)


def _print_blockers(printer: Printer, watched: Watched) -> None:
    if not watched.chain and not watched.behind_prepared:
        return
    printer.sentence(0, Text("BLOCKED BY", style="bold"))
    for each in watched.chain:
        printer.sentence(2, Text(printable(blocker(each))), hang=2)
    if watched.behind_prepared:
        printer.sentence(
            2,
            Text("a prepared transaction (pg_prepared_xacts): only COMMIT PREPARED or ROLLBACK PREPARED ends it"),
            hang=2,
        )


def _print_queue(printer: Printer, watched: Watched, max_block: timedelta) -> None:
    if not watched.queued:
        return
    line = Text("QUEUE", style="bold")
    if watched.is_urgent:
        line = Text.assemble(("CRITICAL", _URGENT), ("  session-blocking", "bold"))
    printer.sentence(0, line.append(f"  {queue(watched, max_block)}"), hang=2)
    for each in tables(watched):
        printer.sentence(2, Text(printable(each)), hang=2)


def _print_stop(printer: Printer, seen: Seen) -> None:
    stop = seen.stop
    if not stop.steps:
        return
    printer.sentence(0, Text("HOW TO STOP IT", style="bold"))
    _print_steps(printer, stop.steps)
    for each in stop.leaves:
        printer.sentence(2, Text(printable(each)), hang=2)
    if stop.then:
        printer.sentence(0, Text("AFTER THAT", style="bold"))
        _print_steps(printer, stop.then[:_MOST_STEPS], numbered=True)
        if len(stop.then) > _MOST_STEPS:
            printer.sentence(
                2, Text(f"and {len(stop.then) - _MOST_STEPS} more steps: migration-monitor check prints them")
            )


def _print_steps(printer: Printer, steps: Iterable[Step], *, numbered: bool = False) -> None:
    for number, step in enumerate(steps, 1):
        printer.sentence(2, Text(printable(f"{number}. {step.text}" if numbered else step.text)), hang=3)
        lines = (step.command or "").splitlines()
        for line in lines[:_LONGEST_COMMAND]:
            printer.code(4, line)
        if len(lines) > _LONGEST_COMMAND:
            printer.sentence(4, Text("…"))
