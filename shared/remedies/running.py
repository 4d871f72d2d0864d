"""Steps that run the remaining statements of a script in psql."""

from collections.abc import Iterator

from ..model.finding import Step
from ..model.knowledge import Unavailable
from ..model.phrases import listed
from ..model.progress import Progress, Ran, StatementProgress, StatementState
from ..model.statement_text import holds_secret
from ..postgres.effect_queries import effect_query
from ..postgres.live import Live
from ..postgres.mentions import tables_in
from ..postgres.query_names import runs
from ..postgres.reading_again import read_again
from ..postgres.sequence_moves import may_go_back, may_move
from . import commands, defaults
from .excerpt import Excerpt
from .lines import numbered
from .out_of_order import not_after
from .remaining import Part, runnable
from .repeatable import is_repeatable, never_back_of

_MOST_SQL = 20_000


def running(part: Part, progress: Progress, live: Live, file: Excerpt | None) -> Iterator[Step]:
    """The statements of *part* in psql, with a question where the database does not show whether they ran.

    What is too long to be printed, or holds a password, is read from the release's *file*.
    """
    first = part.statements[0]
    if first.person:
        yield from _for_a_person(part, progress, live)
    elif never_back_of(first) and not part.removing:
        yield Step(
            f"Run {numbered(progress, part.statements)}, printed so that no sequence goes back: one that is further "
            "already stays where it is, so that no number is given twice. A second run changes nothing.",
            commands.psql(runnable(progress, part), live.schema),
        )
    else:
        yield from _running(part, progress, live, file)


def _running(part: Part, progress: Progress, live: Live, file: Excerpt | None) -> Iterator[Step]:
    statements = runnable(progress, part)
    unread = {each.sql for each in progress.statements if not each.parsed}
    sql = commands.psql(statements, live.schema, unread)
    source, now = "printed as in the file", _called_now(part, file)
    if now:
        source = "printed with the present names of their tables"
    elif file is not None and (len(sql) > _MOST_SQL or any(map(holds_secret, statements))):
        lines = file.lines(progress.statements, frozenset(part.statements))
        sql, source = commands.psql_from(file.path, lines, statements, live.schema, unread), f"read from {file.path}"
    if not part.certain:
        for statement in part.statements:
            if (query := whether_it_ran(statement, progress, live)) is not None:
                yield query
    if any(each.part for each in part.statements):
        source += ", without what a later migration has replaced"
    if not part.is_asked and all(map(is_repeatable, part.statements)):
        again = "Run these statements again: a second run changes nothing, and nothing shows whether they ran."
        yield Step(again, sql)
    elif not part.is_asked:
        yield Step(f"Run the {_missing(part)}, {source}.{now}{_defaults(part, progress)}{_sequences(part)}", sql)
    else:
        order = not_after(part.statements, part.later, progress, certain=part.certain)
        more = f"{order}{_around(part, progress)}{_sequences(part)}{now}"
        yield Step(f"{_question(part, progress)}{more}", sql, asks=True)
    yield from _made_before(part, progress)


def _around(part: Part, progress: Progress) -> str:
    """Why more is printed than is asked about."""
    if not part.around:
        return ""
    where = numbered(progress, part.around)
    return f" {where[0].upper()}{where[1:]} set for a while what is needed for that, and may run again."


def _question(part: Part, progress: Progress) -> str:
    """On what it depends whether the statements of *part* are to be run."""
    which, several = numbered(progress, part.statements), len(part.statements) > 1
    it, them, its = ("they", "them", "their") if several else ("it", "it", "its")
    if part.certain:
        said = f"{which[0].upper()}{which[1:]} did not run."
    else:
        unclear = "; ".join(each.because for each in part.statements if each.state is StatementState.UNKNOWN)
        said = (
            f"Find out whether {which} ran already. The database does not show it{f' ({unclear})' if unclear else ''}. "
            f"Run {them} only if {its} rows or effects are missing: {it} must run exactly once."
        )
        if several:
            said += " If only some of them ran, leave this out and run the others by hand."
    if not part.removing:
        return said
    where, removes = numbered(progress, part.removing), "remove" if len(part.removing) > 1 else "removes"
    used = {each.removal.subject for each in part.statements if each.removal is not None}
    what = str(*used) if len(used) == 1 else "what they use"
    return (
        f"{said} {it.capitalize()} cannot run any more if {where} ran, which {removes} {what}: leave this out then, "
        f"and do by hand what is left of {them}."
    )


def _sequences(part: Part) -> str:
    """The warning where a sequence may go back."""
    moving = (each for each in part.statements if may_move(each.sql))
    if not any(may_go_back(parsed) for each in moving for parsed in read_again(each)):
        return ""
    return " It may set a sequence back: make sure first that no number is given twice."


def _for_a_person(part: Part, progress: Progress, live: Live) -> Iterator[Step]:
    """What must not be run as it stands: it would undo, or use, what a later statement did."""
    for each in part.statements:
        which = numbered(progress, [each])
        query = whether_it_ran(each, progress, live) if each.ran is Ran.OPEN else None
        if query is not None:
            yield query
        did_not = f"{which[0].upper()}{which[1:]} did not run. Do" if each.ran is Ran.NOT_RUN else ""
        asked = did_not or f"Find out whether {which} ran. If it did not, do"
        yield Step(f"{asked} by hand what is left of it. Do not run it as written: {each.person}.")


def _called_now(part: Part, file: Excerpt | None) -> str:
    """Which of its tables the file calls by another name: a later statement that ran renamed them."""
    if file is None:
        return ""
    written = ((each.sql, file.script[each.start : each.end].decode(errors="replace")) for each in part.statements)
    names = {name for now, before in written if now != before for name in tables_in(now) - tables_in(before)}
    return f" A table was renamed since, and is called {listed(sorted(names))} now." if names else ""


def _defaults(part: Part, progress: Progress) -> str:
    """Why more is printed: a default that was set later blocks the change of a type."""
    of_part = frozenset(part.statements)
    found = [
        each
        for number, statement in enumerate(progress.statements, 1)
        if statement in of_part
        for each in defaults.in_the_way(statement, progress.statements[number:])
    ]
    if not found:
        return ""
    where = numbered(progress, found)
    return f" The default that {where} set is dropped first and set again: PostgreSQL does not cast a default."


def _missing(part: Part) -> str:
    """How many are missing, and how many may have run and are only printed because a second run changes nothing."""
    again = sum(is_repeatable(each) and each.ran is not Ran.NOT_RUN for each in part.statements)
    missing = len(part.statements) - again
    said = f"{missing} missing statements" if missing > 1 else "missing statement"
    return f"{said}, and {again} more that may have run already (to run that again changes nothing)" if again else said


def _made_before(part: Part, progress: Progress) -> Iterator[Step]:
    """What default privileges do not reach, as they hold only for what is made after them."""
    for each in part.statements:
        if each.sql[:13].upper() == "ALTER DEFAULT" and each.state is StatementState.NO_TRACE:
            later = [other for other in progress.statements if other.start > each.start and _is_made(other)]
            if later:
                where, made = numbered(progress, [each]), numbered(progress, later)
                yield Step(
                    f"Objects that exist already do not get default privileges: if {where} had not run before {made}, "
                    f"grant the same to what {made} made."
                )


def _is_made(statement: StatementProgress) -> bool:
    return statement.state is StatementState.PRESENT and statement.sql[:6].upper() == "CREATE"


def whether_it_ran(statement: StatementProgress, progress: Progress | Unavailable | None, live: Live) -> Step | None:
    """A read-only query for a person that shows whether a statement ran."""
    query = effect_query(statement.sql) if statement.parsed else None
    if query is None or not isinstance(progress, Progress):
        return None
    # The missing statements before it run before this query.
    before = [each.sql for each in progress.statements if each.start < statement.start and each.ran is Ran.NOT_RUN]
    if not runs(query.sql, live, before):
        return None
    sql = commands.psql(["SET TRANSACTION READ ONLY", query.sql], live.schema)
    which = numbered(progress, [statement])
    return Step(
        f"Check whether {which} ran: the query counts {query.count} if it did. If it counts another number, it did "
        "not run, or the rows have changed since.",
        sql,
    )
