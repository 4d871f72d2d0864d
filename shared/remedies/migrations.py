"""How to fix a migration: it follows from its row in the history and from the catalog, and from nothing else.

Prisma's engine has run each of these ways literally, and the check afterwards passed.
"""

from collections.abc import Iterator, Sequence

from ..model.diagnosis import MigrationStatus, State
from ..model.finding import Step
from ..model.knowledge import Unavailable
from ..model.phrases import listed
from ..model.progress import Progress, StatementProgress, StatementState
from ..model.recorded_error import RecordedError
from ..model.value import replace
from ..postgres.canonical.sql import literal
from ..prisma.logs import recorded_error
from . import commands
from .by_hand import after_a_hand, unless_by_hand
from .choices import as_choice, only_if
from .conflicting import blocked_by_conflicts
from .context import RemedyContext, is_blocking, is_in_part, is_replaced, is_run_by_a_deploy, is_unclear, is_unknown
from .excerpt import excerpt_of
from .in_the_way import rows_in_the_way, without_losing_rows
from .lines import numbered
from .recorded_early import complete_first
from .remaining import (
    Part,
    broken_indexes,
    each_asked_about,
    first_missing,
    first_not_applied,
    remaining,
    replaced,
    undoing,
)
from .repeatable import is_bare
from .running import running, whether_it_ran
from .unshown import deploy, deploy_despite, is_last_unshown, unless_its_own

_MOST_QUERIES = 10
_AS_FINISHED = "UPDATE _prisma_migrations SET rolled_back_at = NULL WHERE id = {}"
_BASELINE = "000000000000_baseline"
_ROLL_BACK = "Mark the failed migration as rolled back."


def for_pending(status: MigrationStatus, context: RemedyContext) -> tuple[Step, ...]:
    """Never run, and none of it applied: deploy, after what blocks a deploy."""
    status = context.under_present_names(status)
    behind = list(_behind(status, context))
    if behind:
        return tuple(behind)
    if status.name in context.needed_first:
        return context.framed(_complete(status, context))
    if is_unclear(status):
        return context.framed(_ask_a_person(status, context))
    if is_blocking(status):
        return context.framed(_ask_or_run_all(status, context))
    steps = [*_baseline(status, context), *_ask_first(status, context)]
    return context.framed([*steps, *deploy(status, context, "Apply the pending migrations.")])


def for_rolled_back(status: MigrationStatus, context: RemedyContext) -> tuple[Step, ...]:
    status = context.under_present_names(status)
    cause = Step("Fix what made the migration fail the first time.")
    behind = list(_behind(status, context))
    if behind and _failed_at_conflict(status):
        return tuple(behind)  # they free the name: a second fix of the same would hit what the migration then made
    if behind:
        return (cause, *behind)
    if status.name in context.needed_first:
        return context.framed([cause, *_complete(status, context)])
    if is_unclear(status):
        return context.framed(_ask_a_person(status, context))
    if is_blocking(status):
        return context.framed([cause, *_ask_or_run_all(status, context)])
    steps = [cause, *unless_by_hand(status, context), *deploy(status, context, "Apply the pending migrations.")]
    steps += after_a_hand(status, context, _complete(status, context))
    return context.framed([*steps, *_left_to_the_end(status, context)])


def _failed_at_conflict(status: MigrationStatus) -> bool:
    """Say whether it failed at an object that is still in its way."""
    error = _recorded(status)
    return error is not None and error.sqlstate in {each.sqlstate for each in status.conflicts}


def for_unrecorded(status: MigrationStatus, context: RemedyContext) -> tuple[Step, ...]:
    """All of it is applied: mark it as applied, once it is known that the statements without a trace ran."""
    status = context.under_present_names(status)
    if status.in_conflict:
        return (blocked_by_conflicts(context),)
    return context.framed(_complete(status, context))


def for_partially_applied(status: MigrationStatus, context: RemedyContext) -> tuple[Step, ...]:
    status = context.under_present_names(status)
    if status.in_conflict:
        return (blocked_by_conflicts(context),)
    return context.framed([*_complete(status, context), *_undo(status, context)])


def for_renamed(status: MigrationStatus, context: RemedyContext) -> tuple[Step, ...]:
    step = Step("Mark the new name as applied, without running the migration.", commands.resolve_applied(status.name))
    return context.framed([step, *_deploy_then(status, context)])


def for_failed(status: MigrationStatus, context: RemedyContext) -> tuple[Step, ...]:
    """Its row blocks every deploy (P3009): how to resolve it depends on how far it got."""
    status = context.under_present_names(status)
    if status.in_conflict:
        return (blocked_by_conflicts(context),)
    return context.framed(_for_failed(status, context))


def _for_failed(status: MigrationStatus, context: RemedyContext) -> Iterator[Step]:
    if status.shipped is None:
        yield Step(
            "Mark the failed migration as rolled back: the release no longer has it, so nothing runs again.",
            commands.resolve_rolled_back(status.name),
        )
        yield Step("Check what the migration left in the schema, and remove that with a new migration.")
        yield from _deploy_then(status, context)
    elif status.also_finished:
        yield Step(
            "Mark the failed run as rolled back: another run of the migration finished, so nothing runs again.",
            commands.resolve_rolled_back(status.name),
        )
        yield from _deploy_then(status, context)
    elif is_unknown(status) and not is_replaced(status):
        yield from _ask_a_person(status, context)
    elif is_in_part(status):
        yield from _complete(status, context)
        yield from _undo(status, context)
    elif status.name in context.needed_first:
        yield from _complete(status, context)
    elif not is_run_by_a_deploy(status):
        yield from _ask_or_run_all(status, context)
    else:
        at_fault = [_statements(status)[number] for number in status.failing]
        yield from _rows_in_the_way(status, at_fault or _statements(status), context)
        instead = without_losing_rows(at_fault, _recorded(status))
        whole = "None of its statements was applied: it can run again as a whole."
        yield Step(f"Fix what made the migration fail. {whole}{instead}")
        yield from unless_by_hand(status, context)
        yield from _run_again(status, context)
        yield from after_a_hand(status, context, _complete(status, context))


def _ask_or_run_all(status: MigrationStatus, context: RemedyContext) -> Iterator[Step]:
    """None of it is applied, and statements without a trace may have run: ask about each, or about all at once."""
    yield from _complete(status, context)
    if status.name in context.needed_first:
        return
    steps = _fix_first(status)
    if status.state is State.FAILED:
        steps += _run_again(status, context)
    elif others := _others(status, context):
        steps.append(Step(f"Fix {listed(others)} as well, then deploy."))
    else:
        steps += deploy_despite(context, "Apply the migration.")
    yield from only_if("Or, if none of its statements ran", steps)


def _ask_first(status: MigrationStatus, context: RemedyContext) -> Iterator[Step]:
    """The catalog does not show whether somebody ran a migration by hand that leaves the schema as it was."""
    if status.name not in context.unshown or not isinstance(status.progress, Progress):
        return
    parts = each_asked_about(status.progress)
    statements = [each for part in parts for each in part.statements]
    queries = (whether_it_ran(each, status.progress, context.live) for each in statements[:_MOST_QUERIES])
    yield from (query for query in queries if query is not None)
    yield Step(
        f"{status.name} leaves the schema as it was, so the catalog does not show whether somebody ran it by hand. If "
        "any of its statements ran already, do not deploy: a deploy would run all of them again.",
    )
    yield from unless_its_own(status, context)
    is_last = is_last_unshown(status, context)
    then = list(_deploy_then(status, context)) if is_last else []
    recorded = commands.resolve_applied(status.name)
    yield from as_choice([Step("If all of its statements ran: mark the migration as applied.", recorded), *then])
    if len(statements) > 1:
        others = _run_others(status, status.progress, parts, context)
        yield from only_if(
            "If only some of its statements ran", (*others, Step("Mark the migration as applied.", recorded), *then)
        )
    yield from _left_to_the_end(status, context)


def _left_to_the_end(status: MigrationStatus, context: RemedyContext) -> Iterator[Step]:
    if status.name in context.unshown and not is_last_unshown(status, context):
        yield Step("If none of its statements ran: leave the migration to the last deploy.", choice=True)


def _run_others(
    status: MigrationStatus, progress: Progress, parts: Sequence[Part], context: RemedyContext
) -> Iterator[Step]:
    """The queries and commands for a person who knows that some of its statements ran: a part for each of them."""
    if len(parts) > _MOST_QUERIES:
        yield Step("Run those of its statements that did not run, each once.")
        return
    for each in parts:
        asked = {whether_it_ran(statement, progress, context.live) for statement in each.statements}
        steps = running(each, progress, context.live, excerpt_of(status))
        yield from (step for step in steps if step not in asked)


def _complete(status: MigrationStatus, context: RemedyContext) -> Iterator[Step]:
    """Run what is missing and mark it as applied. A person finds out whether statements without a trace have run."""
    progress = status.progress
    if not isinstance(progress, Progress):
        yield from _ask_a_person(status, context)
        return
    parts = remaining(progress)
    for sql in broken_indexes(parts, context.schema):
        yield Step(
            "First drop the invalid index that the migration left; no query uses it.",
            commands.psql([sql], context.schema),
        )
    if _fix_first(status):
        yield from _cause(status, progress, parts, context)
    for part in parts:
        yield from running(part, progress, context.live, excerpt_of(status))
    yield from _record(status, context, f"Mark the migration as applied without running it. {_by_then(progress)}")
    yield from _deploy_then(status, context)


def _by_then(progress: Progress) -> str:
    """What must be so before it is marked as applied."""
    gone = replaced(progress)
    if not gone:
        return "By then all of its statements must be applied."
    if all(each in gone or is_bare(each) for each in progress.statements):
        return "Nothing of it is to be run: later statements have replaced or removed the result."
    but = f"all of its statements must be applied but for {numbered(progress, gone)}"
    return f"By then {but}: later ones have replaced or removed the result."


def _record(status: MigrationStatus, context: RemedyContext, text: str) -> Iterator[Step]:
    finished = context.finished.get(status.name)
    if finished is None:
        yield Step(text, commands.resolve_applied(status.name))
        return
    # A row of it finished and was then marked as rolled back by hand: no command of Prisma's does that.
    if status.state is State.FAILED:
        yield Step(_ROLL_BACK, commands.resolve_rolled_back(status.name))
    yield Step(
        f"{text} Prisma refuses this (P3008), because an earlier run finished: undo the change of its row by hand.",
        commands.psql([_AS_FINISHED.format(literal(finished))], context.schema),
    )


def _cause(
    status: MigrationStatus, progress: Progress, parts: Sequence[Part], context: RemedyContext
) -> Iterator[Step]:
    failing = [_statements(status)[number] for number in status.failing]
    at_fault = [each for each in failing if not (each.state is StatementState.PRESENT or each.superseded)]
    missing = first_missing(parts)
    if at_fault:
        yield from _rows_in_the_way(status, at_fault, context)
        fits = "the recorded error points to it" if len(at_fault) == 1 else "the recorded error fits each of them"
        what = "the statement in" if len(at_fault) == 1 else "one of the statements in"
        instead = without_losing_rows(at_fault, _recorded(status))
        yield Step(f"Fix what made {what} {numbered(progress, at_fault)} fail: {fits}.{instead}")
    elif failing:
        return  # somebody has run it since
    elif missing is not None:
        first = first_not_applied(parts, missing)
        yield from _rows_in_the_way(status, first, context)
        what = "one of the statements in" if len(first) > 1 else "the statement in"
        why = (
            "only what is before them is known to have run"
            if len(first) > 1
            else "it is the first that was not applied"
        )
        yield Step(f"Fix what made {what} {numbered(progress, first)} fail: {why}.")
    elif parts:
        unseen = [statement for part in parts for statement in part.statements]
        where = numbered(progress, unseen)
        yield Step(
            f"Fix what made the migration fail: it stopped at {where}, if at all, as everything else was applied."
        )


def _rows_in_the_way(
    status: MigrationStatus, statements: Sequence[StatementProgress], context: RemedyContext
) -> Iterator[Step]:
    """A query for the rows that the recorded error was most likely about."""
    error = _recorded(status)
    if error is None:
        return
    said = "Check the rows that most likely made the migration fail."
    yield from rows_in_the_way(statements, _statements(status), error, context.live, said)


def _fix_first(status: MigrationStatus) -> list[Step]:
    """What comes before it runs again. A row that is marked as rolled back may still have its cause."""
    is_failed = status.state is State.FAILED or _recorded(status) is not None
    return [Step("Fix what made the migration fail.")] if is_failed else []


def _recorded(status: MigrationStatus) -> RecordedError | None:
    return recorded_error(status.row.logs if status.row else None)


def _undo(status: MigrationStatus, context: RemedyContext) -> Iterator[Step]:
    """The other way, only where it drops nothing but what the migration itself made, and no row."""
    progress = status.progress
    undo = undoing(progress, context.empty_tables) if isinstance(progress, Progress) else None
    if undo is None or status.name in context.needed_first or is_replaced(status):
        return
    drops_tables = any(each.tables for each in progress.undo or ()) if isinstance(progress, Progress) else False
    lost = "Nothing else is lost: its tables have no rows." if drops_tables else "Nothing else is lost."
    text = f"Or, instead of these steps: drop what the migration made. {lost}"
    instead = [Step(text, commands.psql(undo, context.schema))]
    instead += _fix_first(status)
    if status.state is State.FAILED:
        instead += _run_again(status, context)
    elif context.in_conflict:
        instead.append(blocked_by_conflicts(context))
    elif others := _others(status, context):
        instead.append(Step(f"Fix {listed(others)} as well, then deploy."))
    else:
        instead += deploy(status, context, "Apply the migration again.")
    yield from as_choice(instead)


def _run_again(status: MigrationStatus, context: RemedyContext) -> Iterator[Step]:
    yield Step(_ROLL_BACK, commands.resolve_rolled_back(status.name))
    yield from _deploy_then(status, context, again=True)


def _deploy_then(status: MigrationStatus, context: RemedyContext, *, again: bool = False) -> Iterator[Step]:
    """Deploy, if this or another migration is pending; but only once nothing else blocks the deploy."""
    if not again and not context.waiting:
        return
    others = _others(status, context)
    also = f"Fix {listed(others)} as well: a deploy would stop at {'each of them' if len(others) > 1 else 'it'}."
    then = "Apply the migration again." if again else "Apply the pending migrations."
    if context.unrunnable:
        yield Step(_release_first(context.unrunnable))
    elif context.in_conflict:
        yield blocked_by_conflicts(context)
    elif context.recorded_early:
        yield complete_first(context.recorded_early)
    elif others and status.name != context.blocking[-1]:
        yield Step(f"{also} Deploy after the last of them.")
    elif others:
        yield from deploy(status, context, f"{also} {then}")
    else:
        yield from deploy(status, context, then)


def _others(status: MigrationStatus, context: RemedyContext) -> list[str]:
    return [name for name in context.blocking if name != status.name]


def _ask_a_person(status: MigrationStatus, context: RemedyContext) -> Iterator[Step]:
    unknown = [s for s in _statements(status) if s.state is StatementState.UNKNOWN]
    for statement in unknown[:_MOST_QUERIES]:
        yield Step(f"Check line {statement.line} by hand: {statement.because}.")
    if (others := unknown[_MOST_QUERIES:]) and isinstance(status.progress, Progress):
        yield Step(f"Check {numbered(status.progress, others)} by hand as well.")
    if not unknown:
        why = f" ({status.progress.because})" if isinstance(status.progress, Unavailable) else ""
        yield Step(f"Find out which of its statements ran: the schema was not compared{why}.")
    yield from as_choice(_record(status, context, "If all of its statements ran: mark the migration as applied."))
    if status.state is State.FAILED:
        steps = [Step("If none of its statements ran: fix what made the migration fail."), *_run_again(status, context)]
    else:
        steps = [
            replace(step, text=f"If none of its statements ran: {step.text[0].lower()}{step.text[1:]}")
            for step in deploy(status, context, "Apply the migration.")
        ]
    yield from as_choice(steps)


def _statements(status: MigrationStatus) -> Sequence[StatementProgress]:
    return status.progress.statements if isinstance(status.progress, Progress) else ()


def _baseline(status: MigrationStatus, context: RemedyContext) -> Iterator[Step]:
    if not context.needs_baseline:
        return
    refuses = f"The schema {context.schema} has tables but no migration history, so Prisma refuses to deploy (P3005)"
    if isinstance(status.progress, Progress):
        yield Step(
            f"{refuses}. None of the tables is the release's: add an empty baseline migration, mark it as applied, "
            "and commit it.",
            f"mkdir -p prisma/migrations/{_BASELINE}\ntouch prisma/migrations/{_BASELINE}/migration.sql\n"
            f"{commands.resolve_applied(_BASELINE)}",
        )
    else:
        yield Step(f"{refuses}. First mark each migration as applied whose objects all exist.")


def _behind(status: MigrationStatus, context: RemedyContext) -> Iterator[Step]:
    """What comes first, before any step for this migration."""
    if context.running:
        yield Step(f"Wait until {listed(context.running)} has finished.")
    if status.name in context.needed_first:
        return
    if context.failed:
        yield Step(f"First fix {listed(context.failed)}: Prisma deploys nothing while a migration is failed (P3009).")
    half_known = [name for name in _others(status, context) if name not in context.failed]
    if half_known and not is_blocking(status):
        yield Step(f"First fix {listed(half_known)}: a deploy would stop there, or run statements a second time.")
    if context.unrunnable and not is_blocking(status):
        yield Step(_release_first(context.unrunnable))
    if context.in_conflict:
        yield blocked_by_conflicts(context)
    if context.recorded_early and not is_blocking(status):
        yield complete_first(context.recorded_early)


def _release_first(unrunnable: Sequence[str]) -> str:
    return f"First fix {listed(unrunnable)} in the release: a deploy would stop there."
