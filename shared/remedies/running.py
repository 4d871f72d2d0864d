"""Steps that run the statements which are left of a script, in psql."""

from collections.abc import Iterator

from ..model.finding import Step
from ..model.knowledge import Unavailable
from ..model.progress import Progress, Ran, StatementProgress, StatementState
from ..postgres.conversions import Live
from ..postgres.effect_queries import effect_query, names_what_is_there
from . import commands, defaults
from .excerpt import Excerpt
from .lines import numbered
from .remaining import Part, is_repeatable, runnable

_MOST_SQL = 20_000


def running(part: Part, progress: Progress, live: Live, file: Excerpt | None) -> Iterator[Step]:
    """The statements of *part* in psql, with a question where nothing shows whether they ran.

    What is too long to be printed is read from the release's *file*.
    """
    statements = runnable(progress, part)
    sql = commands.psql(statements, live.schema)
    which, source = numbered(progress, part.statements), "printed as in the file"
    if len(sql) > _MOST_SQL and file is not None:
        lines = file.lines(progress.statements, part.statements)
        sql, source = commands.psql_from(file.path, lines, statements, live.schema), f"read from {file.path}"
    if not part.certain:
        for statement in part.statements:
            if (query := whether_it_ran(statement, progress, live)) is not None:
                yield query
    several = len(part.statements) > 1
    if all(map(is_repeatable, part.statements)):
        yield Step("Run these again: nothing shows whether they ran, and a second time they change nothing.", sql)
    elif part.certain:
        they_are = f"These {len(part.statements)} statements are" if several else "This statement is"
        yield Step(f"Run what is missing of it. {they_are} {source}.{_defaults(part, progress)}", sql)
    else:
        they, have, their = ("they", "have", "Their") if several else ("it", "has", "Its")
        unclear = "; ".join(s.because for s in part.statements if s.state is StatementState.CANNOT_TELL)
        nothing = f"What is there does not tell ({unclear})" if unclear else "Nothing shows it"
        yield Step(
            f"Find out whether {which} ran already. {nothing}. "
            f"{their} rows or effects are not there yet? Only then run {'them' if several else 'it'}: "
            f"twice would be wrong, and {they} {have} to have run once.",
            sql,
            asks=True,
        )


def _defaults(part: Part, progress: Progress) -> str:
    """Why more is printed: a default that was set since stands in the way of a type."""
    found = [
        each
        for number, statement in enumerate(progress.statements, 1)
        if statement in part.statements
        for each in defaults.in_the_way(statement, progress.statements[number:])
    ]
    if not found:
        return ""
    return f" The default that {numbered(progress, found)} set is dropped first and set again: no cast takes it along."


def whether_it_ran(statement: StatementProgress, progress: Progress | Unavailable | None, live: Live) -> Step | None:
    """A query that shows whether a statement ran, for a person to run: it reads, and is kept from more than that."""
    query = effect_query(statement.sql)
    if query is None or not isinstance(progress, Progress):
        return None
    # What is missing of the statements before it runs before it is asked for.
    before = [each.sql for each in progress.statements if each.start < statement.start and each.ran is Ran.NOT_RUN]
    if not names_what_is_there(query, live, before):
        return None
    sql = commands.psql(["SET TRANSACTION READ ONLY", query.sql], live.schema)
    which = numbered(progress, [statement])
    return Step(
        f"See whether {which} ran: this counts {query.count} if it did. Another number: it did not run, "
        "or others have changed these rows since.",
        sql,
    )
