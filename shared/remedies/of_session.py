"""Temporary tables and prepared statements: made again, in the same session, before what uses them.

That is right only while the rows that they are made of are the same. A statement for which these have changed since is
left to a person.
"""

from collections.abc import Collection, Sequence

from ..model.progress import Progress, Ran, StatementProgress, StatementState
from ..model.value import replace
from ..postgres.mentions import tables_in
from ..postgres.progress.steps import words_of
from .lines import numbered


def prepares(progress: Progress, run: Collection[StatementProgress]) -> frozenset[StatementProgress]:
    """The statements of the script that are to be run before *run*, which uses what they make."""
    found: list[StatementProgress] = []
    preparing = [each for each in progress.statements if each.of_session]
    if not preparing:
        return frozenset()
    last = max(each.start for each in run)
    words = frozenset().union(*(words_of(each.sql) for each in run))
    for each in reversed(preparing):
        if each.start < last and not words.isdisjoint(name.casefold() for name in each.of_session):
            found.append(each)
            words |= words_of(each.sql)
    return frozenset(found)


def made_otherwise(progress: Progress) -> Sequence[StatementProgress]:
    """The statements of *progress*; what uses something whose source has changed since is left to a person."""
    if not any(each.of_session for each in progress.statements):
        return progress.statements
    return [_for_a_person(each, progress) for each in progress.statements]


def _for_a_person(statement: StatementProgress, progress: Progress) -> StatementProgress:
    if statement.of_session or statement.person or statement.ran is Ran.RAN:
        return statement
    for each in prepares(progress, [statement]):
        sources = tables_in(each.sql) - each.of_session
        between = (other for other in progress.statements if each.start < other.start < statement.start)
        changing = next((other for other in between if _changes(other, sources)), None)
        if changing is not None:
            name, line = min(each.of_session), numbered(progress, [changing])
            why = f"it uses {name}, which ended with its session, and {line} has changed what that is made of"
            return replace(statement, person=why)
    return statement


def _changes(other: StatementProgress, sources: Collection[str]) -> bool:
    """Say whether *other* may have changed the rows, the columns or the names of *sources*."""
    if other.of_session or other.ran is Ran.NOT_RUN or other.state is StatementState.ABSENT:
        return False
    is_making = other.word in {"CREATE", "COMMENT", "GRANT", "REVOKE"}
    return not is_making and not tables_in(other.sql).isdisjoint(sources)
