"""What mends a migration: it follows from what the history says and what the catalog shows, and from nothing else.

Each row of this table was followed literally with the real engine, and ended in a passed check.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..model.diagnosis import MigrationStanding, State
from ..model.finding import Step
from ..model.knowledge import Unavailable
from ..model.phrases import listed
from ..model.progress import Progress, StatementProgress, StatementState
from ..model.recorded_error import RecordedError
from ..postgres.canonical.sql import literal
from ..prisma.logs import recorded_error
from . import commands
from .by_hand import after_a_hand, unless_by_hand
from .choices import as_choice, only_if
from .conflicting import blocked_by_conflicts
from .context import RemedyContext, cannot_be_told, is_blocking, is_in_part, is_run_by_a_deploy, is_unclear
from .excerpt import excerpt_of
from .in_the_way import rows_in_the_way
from .lines import numbered
from .recorded_early import complete_first
from .remaining import (
    Part,
    broken_indexes,
    first_missing,
    is_bare,
    remaining,
    undoing,
)
from .running import running, whether_it_ran
from .unshown import deploy, deploy_despite, is_last_unshown, unless_its_own

_MOST_TO_LOOK_AT = 10
_AS_FINISHED = "UPDATE _prisma_migrations SET rolled_back_at = NULL WHERE id = {}"
_BASELINE = "000000000000_baseline"


def for_pending(standing: MigrationStanding, context: RemedyContext) -> tuple[Step, ...]:
    """Never run, nothing of it there: deploy; what stands in the way of that first."""
    behind = list(_behind(standing, context))
    if behind:
        return tuple(behind)
    if is_unclear(standing):
        return context.framed(_cannot_tell(standing, context))
    if is_blocking(standing):
        return context.framed(_ask_or_run_all(standing, context))
    steps = [*_baseline(standing, context), *_look_first(standing, context)]
    return context.framed([*steps, *deploy(standing, context, "Apply what is pending.")])


def for_rolled_back(standing: MigrationStanding, context: RemedyContext) -> tuple[Step, ...]:
    cause = Step("Mend what made it fail the first time.")
    behind = list(_behind(standing, context))
    if behind:
        return (cause, *behind)
    if is_unclear(standing):
        return context.framed(_cannot_tell(standing, context))
    if is_blocking(standing):
        return context.framed([cause, *_ask_or_run_all(standing, context)])
    steps = [cause, *unless_by_hand(standing, context), *deploy(standing, context, "Apply what is pending.")]
    steps += after_a_hand(standing, context, _complete(standing, context))
    return context.framed([*steps, *_left_to_the_end(standing, context)])


def for_unrecorded(standing: MigrationStanding, context: RemedyContext) -> tuple[Step, ...]:
    """All of it is there: record it, once what leaves no trace is known to have run."""
    if standing.conflicts:
        return (blocked_by_conflicts(context),)
    return context.framed(_complete(standing, context))


def for_partially_applied(standing: MigrationStanding, context: RemedyContext) -> tuple[Step, ...]:
    if standing.conflicts:
        return (blocked_by_conflicts(context),)
    return context.framed([*_complete(standing, context), *_take_back(standing, context)])


def for_renamed(standing: MigrationStanding, context: RemedyContext) -> tuple[Step, ...]:
    step = Step("Record the new name as applied, without running it.", commands.resolve_applied(standing.name))
    return context.framed([step, *_deploy_then(standing, context)])


def for_failed(standing: MigrationStanding, context: RemedyContext) -> tuple[Step, ...]:
    """Its row blocks every deploy (P3009): what frees it depends on how far it got."""
    if standing.conflicts:
        return (blocked_by_conflicts(context),)
    return context.framed(_for_failed(standing, context))


def _for_failed(standing: MigrationStanding, context: RemedyContext) -> Iterator[Step]:
    if standing.shipped is None:
        yield Step(
            "Take the failed row back: the release no longer has the migration, so nothing is run again.",
            commands.resolve_rolled_back(standing.name),
        )
        yield Step("Look what it left behind, and remove that with a new migration.")
        yield from _deploy_then(standing, context)
    elif standing.also_finished:
        yield Step(
            "Take the failed row back: another run of it finished, so nothing is run again.",
            commands.resolve_rolled_back(standing.name),
        )
        yield from _deploy_then(standing, context)
    elif cannot_be_told(standing):
        yield from _cannot_tell(standing, context)
    elif is_in_part(standing):
        yield from _complete(standing, context)
        yield from _take_back(standing, context)
    elif standing.name in context.needed_first:
        yield from _complete(standing, context)
    elif not is_run_by_a_deploy(standing):
        yield from _ask_or_run_all(standing, context)
    else:
        at_fault = [_statements(standing)[number] for number in standing.failing]
        yield from _rows_in_the_way(standing, at_fault or _statements(standing), context)
        yield Step("Mend what made it fail: nothing of it is there, so it can be run again as a whole.")
        yield from unless_by_hand(standing, context)
        yield from _run_again(standing, context)
        yield from after_a_hand(standing, context, _complete(standing, context))


def _ask_or_run_all(standing: MigrationStanding, context: RemedyContext) -> Iterator[Step]:
    """Nothing of it shows, and what leaves no trace may have run: ask of each statement; or of all of them at once."""
    yield from _complete(standing, context)
    steps = (
        [] if standing.state is not State.FAILED and _recorded(standing) is None else [Step("fix what made it fail,")]
    )
    if standing.state is State.FAILED:
        steps += _run_again(standing, context)
    elif others := _others(standing, context):
        steps.append(Step(f"fix {listed(others)}, and apply it with all that waits."))
    else:
        steps += deploy_despite(context, "apply it.")
    instead = [replace(steps[0], text=f"Or, if nothing of it ran: {steps[0].text}"), *steps[1:]]
    yield from as_choice(instead)


def _look_first(standing: MigrationStanding, context: RemedyContext) -> Iterator[Step]:
    """Of a migration that only changes rows nothing shows whether somebody ran it by hand already."""
    if standing.name not in context.unshown:
        return
    statements = [each for each in _statements(standing) if not is_bare(each)]
    queries = (whether_it_ran(each, standing.progress, context.live) for each in statements[:_MOST_TO_LOOK_AT])
    yield from (query for query in queries if query is not None)
    yield Step(
        f"It only changes rows, and nothing else would show that somebody ran {standing.name} by hand. If any of it "
        "ran already, do not deploy: a deploy runs all of it again.",
    )
    yield from unless_its_own(standing, context)
    is_last = is_last_unshown(standing, context)
    then = list(_deploy_then(standing, context)) if is_last else []
    recorded = commands.resolve_applied(standing.name)
    yield from as_choice([Step("If all of it ran: record it as applied.", recorded), *then])
    if len(statements) > 1:
        others = _run_others(standing, statements, context)
        yield from only_if("If only some of it ran", (*others, Step("Record it as applied.", recorded), *then))
    yield from _left_to_the_end(standing, context)


def _left_to_the_end(standing: MigrationStanding, context: RemedyContext) -> Iterator[Step]:
    if standing.name in context.unshown and not is_last_unshown(standing, context):
        yield Step("If nothing of it ran: leave it to the deploy at the end.", choice=True)


def _run_others(
    standing: MigrationStanding, statements: Sequence[StatementProgress], context: RemedyContext
) -> Iterator[Step]:
    """What a person asks and runs who knows that some of the *statements* ran."""
    progress = standing.progress
    if len(statements) > _MOST_TO_LOOK_AT or not isinstance(progress, Progress):
        yield Step("Run those of its statements that did not run, each once.")
        return
    for each in statements:
        steps = running(Part((each,), certain=False), progress, context.live, excerpt_of(standing))
        yield from (step for step in steps if step.asks or step.command is None)


def _complete(standing: MigrationStanding, context: RemedyContext) -> Iterator[Step]:
    """Run what is missing and record it as applied; what nobody can see, only if a person finds that it has not run."""
    progress = standing.progress
    if not isinstance(progress, Progress):
        yield from _cannot_tell(standing, context)
        return
    parts = remaining(progress)
    for sql in broken_indexes(parts, context.schema):
        yield Step("First drop the broken index that it left; no query uses it.", commands.psql([sql], context.schema))
    if _fix_first(standing):
        yield from _cause(standing, progress, parts, context)
    for part in parts:
        yield from running(part, progress, context.live, excerpt_of(standing))
    yield from _record(standing, context, "Record it as applied, without running it: all of it must be there.")
    yield from _deploy_then(standing, context)


def _record(standing: MigrationStanding, context: RemedyContext, text: str) -> Iterator[Step]:
    finished = context.finished.get(standing.name)
    if finished is None:
        yield Step(text, commands.resolve_applied(standing.name))
        return
    # A row of it finished and was then taken back by hand, since no command of Prisma's does that.
    if standing.state is State.FAILED:
        yield Step("Take the failed row back,", commands.resolve_rolled_back(standing.name))
    yield Step(
        f"{text} Prisma refuses to (P3008), since it finished once: take that back which was done to this row by hand.",
        commands.psql([_AS_FINISHED.format(literal(finished))], context.schema),
    )


def _cause(
    standing: MigrationStanding, progress: Progress, parts: Sequence[Part], context: RemedyContext
) -> Iterator[Step]:
    failing = [_statements(standing)[number] for number in standing.failing]
    at_fault = [each for each in failing if not (each.state is StatementState.PRESENT or each.superseded)]
    missing = first_missing(parts)
    if at_fault:
        yield from _rows_in_the_way(standing, at_fault, context)
        fits = "the recorded error points to it" if len(at_fault) == 1 else "the recorded error fits each of them"
        what = "the statement in" if len(at_fault) == 1 else "one of the statements in"
        yield Step(f"Fix what made {what} {numbered(progress, at_fault)} fail: {fits}.")
    elif failing:
        return  # somebody has run it since
    elif missing is not None:
        yield from _rows_in_the_way(standing, [missing], context)
        yield Step(f"Mend what made the statement in line {missing.line} fail: it is the first that is not there.")
    elif parts:
        unseen = [statement for part in parts for statement in part.statements]
        where = numbered(progress, unseen)
        yield Step(f"Mend what made it fail: all that shows is there, so it stopped at {where}, if at all.")


def _rows_in_the_way(
    standing: MigrationStanding, statements: Sequence[StatementProgress], context: RemedyContext
) -> Iterator[Step]:
    """A query for the rows that the recorded error was most likely about."""
    error = _recorded(standing)
    if error is None:
        return
    said = "Look at the rows that most likely stood in its way."
    yield from rows_in_the_way(statements, _statements(standing), error, context.live, said)


def _fix_first(standing: MigrationStanding) -> list[Step]:
    """What comes before it runs again. Where its row is marked as rolled back, the cause may still be there."""
    is_failed = standing.state is State.FAILED or _recorded(standing) is not None
    return [Step("fix what made it fail,")] if is_failed else []


def _recorded(standing: MigrationStanding) -> RecordedError | None:
    return recorded_error(standing.row.logs if standing.row else None)


def _take_back(standing: MigrationStanding, context: RemedyContext) -> Iterator[Step]:
    """The other way, only where nothing but what the migration itself made goes, and no row."""
    progress = standing.progress
    undo = undoing(progress, context.empty_tables) if isinstance(progress, Progress) else None
    if undo is None:
        return
    instead = [
        Step(
            "Or, instead of all that: take back what it made (nothing else goes, and the tables hold no row),",
            commands.psql(undo, context.schema),
        )
    ]
    instead += _fix_first(standing)
    if standing.state is State.FAILED:
        instead += _run_again(standing, context)
    elif context.conflicting:
        instead.append(blocked_by_conflicts(context))
    elif others := _others(standing, context):
        instead.append(Step(f"mend {listed(others)} likewise, and apply it again with all that waits."))
    else:
        instead += deploy(standing, context, "and apply it again.")
    yield from as_choice(instead)


def _run_again(standing: MigrationStanding, context: RemedyContext) -> Iterator[Step]:
    yield Step("Take the failed row back,", commands.resolve_rolled_back(standing.name))
    yield from _deploy_then(standing, context, again=True)


def _deploy_then(standing: MigrationStanding, context: RemedyContext, *, again: bool = False) -> Iterator[Step]:
    """Deploy, if this or another waits for it; but only once nothing else stands in the way any more."""
    if not again and not context.waiting:
        return
    others = _others(standing, context)
    likewise = f"mend {listed(others)} likewise (a deploy would stop at any of them)" if others else ""
    then, what = ("", "it again") if again else ("Then ", "what waits")
    if context.unrunnable:
        yield Step(_release_first(context.unrunnable))
    elif context.conflicting:
        yield blocked_by_conflicts(context)
    elif context.recorded_early:
        yield complete_first(context.recorded_early)
    elif others and standing.name != context.blocking[-1]:
        yield Step(f"{then}{likewise}, and deploy at the very end.")
    elif others:
        yield from deploy(standing, context, f"{then}{likewise}, and apply {what}.")
    else:
        yield from deploy(standing, context, f"{then or 'and '}apply {what}.")


def _others(standing: MigrationStanding, context: RemedyContext) -> list[str]:
    return [name for name in context.blocking if name != standing.name]


def _cannot_tell(standing: MigrationStanding, context: RemedyContext) -> Iterator[Step]:
    unknown = [s for s in _statements(standing) if s.state is StatementState.CANNOT_TELL]
    for statement in unknown[:_MOST_TO_LOOK_AT]:
        yield Step(f"Look at line {statement.line}: {statement.because}.")
    if not unknown:
        why = f" ({standing.progress.because})" if isinstance(standing.progress, Unavailable) else ""
        yield Step(f"Find out which of its statements ran: the schema, which may show it, was not compared{why}.")
    yield from as_choice(_record(standing, context, "If all of it ran: record it as applied."))
    if standing.state is State.FAILED:
        steps = [Step("If nothing of it ran: fix what made it fail,"), *_run_again(standing, context)]
    else:
        steps = [
            replace(step, text=f"If nothing of it ran: {step.text}") for step in deploy(standing, context, "apply it.")
        ]
    yield from as_choice(steps)


def _statements(standing: MigrationStanding) -> Sequence[StatementProgress]:
    return standing.progress.statements if isinstance(standing.progress, Progress) else ()


def _baseline(standing: MigrationStanding, context: RemedyContext) -> Iterator[Step]:
    if not context.needs_baseline:
        return
    refuses = f"The schema {context.schema} holds tables and no history, so Prisma refuses to deploy (P3005)"
    if isinstance(standing.progress, Progress):
        yield Step(
            f"{refuses}, although none of them is the release's: record a migration that stands for what is there "
            "(empty will do), and commit it.",
            f"mkdir -p prisma/migrations/{_BASELINE}\ntouch prisma/migrations/{_BASELINE}/migration.sql\n"
            f"{commands.resolve_applied(_BASELINE)}",
        )
    else:
        yield Step(f"{refuses}: first record each migration whose objects are all there as applied.")


def _behind(standing: MigrationStanding, context: RemedyContext) -> Iterator[Step]:
    """What comes first, whatever is done with this one; one that stands in the way itself is its own business."""
    if context.running:
        yield Step(f"Wait until {listed(context.running)} has ended.")
    if context.failed:
        yield Step(f"First mend {listed(context.failed)}: Prisma deploys nothing while one stands as failed (P3009).")
    half_known = [name for name in _others(standing, context) if name not in context.failed]
    if half_known and not is_blocking(standing):
        yield Step(f"First mend {listed(half_known)}: a deploy would stop there, or run again what ran already.")
    if context.unrunnable and not is_blocking(standing):
        yield Step(_release_first(context.unrunnable))
    if context.conflicting:
        yield blocked_by_conflicts(context)
    if context.recorded_early and not is_blocking(standing):
        yield complete_first(context.recorded_early)


def _release_first(unrunnable: Sequence[str]) -> str:
    return f"First mend {listed(unrunnable)} in the release: a deploy would stop there."
