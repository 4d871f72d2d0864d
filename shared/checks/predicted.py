"""What the next deployment will do, by its plan: fail, block, lose rows, or nothing that is known."""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from ..model.clients import Suffers
from ..model.database import DatabaseReading
from ..model.diagnosis import Diagnosis
from ..model.finding import Finding, Severity, Step
from ..model.phrases import counted, size
from ..model.plan import Found, Outcome, Plan, PlannedStatement, Probe, Sizes
from ..prisma.clients.wording import on_one_line
from ..remedies import commands
from ..remedies.choices import only_if
from ..remedies.conflicting import CHECK_AGAIN
from ..remedies.context import RemedyContext
from ..remedies.unshown import find_out_first
from .freeing import because, freeing, listing
from .statements_said import Said, joined

# A migration, and a line and the text of a statement of it.
Place = tuple[str, int, str]
# A table that is blocked so many times longer than max_block is critical.
_FAR_TOO_LONG = 10
# So many queries are printed; nobody pastes more.
_MOST_COUNTED = 10
# Whether any probe of those that were not made is of rows, and whether all are: who decides, and what was not done.
_DECIDING = {
    (True, True): ("Rows decide", "they were not read"),
    (True, False): ("Rows and the server decide", "neither was asked"),
    (False, False): ("The server decides", "it was not asked"),
}


def failing(diagnosis: Diagnosis) -> frozenset[str]:
    """The migrations to run in which a statement will certainly fail."""
    statements = diagnosis.plan.statements if isinstance(diagnosis.plan, Plan) else ()
    return frozenset(each.migration for each in statements if each.prediction.outcome is Outcome.FAILS)


def will_fail(
    name: str, plan: Plan, severity: Severity, context: RemedyContext, server: str | None, *, can_deploy: bool
) -> Iterator[Finding]:
    """The finding of the migration *name*, if one of its statements fails. *server* is Azure's id of it, if known."""
    found = [each for each in plan.statements if each.migration == name and each.prediction.outcome is Outcome.FAILS]
    if not found:
        return
    first = found[0]
    more = and_more(len(found) - 1, "also fails", "also fail")
    rows = f" Rows in the way: {amount(first.prediction.rows)}." if first.prediction.rows is not None else ""
    yield Finding(
        "deploy-will-fail",
        name,
        severity,
        f"{name} cannot be deployed: line {first.line} fails with SQLSTATE {first.prediction.sqlstate}: "
        f"{because(first.prediction)}.{rows}{more}",
        expected="a deployment that finishes",
        actual=joined(f"line {each.line}: {each.prediction.sqlstate}" for each in found),
        remedy=context.framed(_fixing(found, context, server, can_deploy=can_deploy)),
        evidence=Said().evidence(found, first),
    )


def predicted(
    plan: Plan,
    database: DatabaseReading,
    severity: Severity | None,
    restoring: Sequence[Step] = (),
    replaced: Collection[Place] = frozenset(),
) -> Iterator[Finding]:
    """The other effects of the deployment; *severity*, where given, replaces each finding's own.

    *restoring* are the steps by which data comes back that is lost. *replaced* are statements that must not run as
    they stand any more: what clients and rows would make of them is nobody's concern.
    """
    said = Said()
    for name, group in groupby(plan.statements, key=lambda each: each.migration):
        runs = [each for each in group if each.prediction.outcome is not Outcome.FAILS]
        blocking = [each for each in _open("deploy-blocks", runs) if _blocks(each, plan.max_block, database.sizes)]
        losing = [
            each
            for each in _open("deploy-loses-data", runs)
            if each.prediction.loses and _holds_rows(each, database.sizes)
        ]
        breaking = [
            each
            for each in _open("deploy-breaks-running-app", runs)
            if any(one.outcome is not Suffers.UNKNOWN for one in each.clients) and place_of(each) not in replaced
        ]
        if blocking:
            yield _blocking(name, blocking, plan.max_block, severity, database.sizes, said=said)
        if losing:
            yield _losing(name, losing, severity, restoring, said)
        if breaking:
            yield _breaking(name, breaking, severity, said)
    yield from _not_probed([each for each in plan.statements if place_of(each) not in replaced], database, said)


def place_of(statement: PlannedStatement) -> Place:
    return statement.migration, statement.line, statement.sql


def _open(code: str, statements: Sequence[PlannedStatement]) -> list[PlannedStatement]:
    """The statements for which the finding *code* is not accepted."""
    return [each for each in statements if code not in each.accepted]


def and_more(others: int, does: str, do: str) -> str:
    """`` 1 more of its statements also fails.``; nothing where there is no other."""
    return f" {others} more of its statements {does if others == 1 else do}." if others else ""


def amount(found: Found) -> str:
    """``1,204``, ``more than 1,000``, ``at least 1``."""
    if not found.more:
        return f"{found.rows:,}"
    return f"at least {found.rows:,}" if found.rows == 1 else f"more than {found.rows:,}"


def _fixing(
    found: Sequence[PlannedStatement], context: RemedyContext, server: str | None, *, can_deploy: bool
) -> Iterator[Step]:
    name = found[0].migration
    if name in context.in_their_own_way:
        yield find_out_first(name)
        yield from only_if(f"If {name} did not run", (*freeing(found, context.schema, server), CHECK_AGAIN))
        return
    yield from freeing(found, context.schema, server)
    if context.conflicting[-1:] == (name,):  # the last of them has the step that follows
        yield Step("Then apply the pending migrations.", commands.DEPLOY) if can_deploy else CHECK_AGAIN
    yield from _safer(found)


def _safer(found: Sequence[PlannedStatement]) -> Iterator[Step]:
    if any(each.safer for each in found):
        text = "Or split the migration into the safer ones that `migration-monitor plan` prints."
        yield Step(text, choice=True)


def _blocks(statement: PlannedStatement, seconds: float, sizes: Sizes) -> bool:
    known = statement.held is not None and statement.blocks_longer_than(seconds)
    return known and _holds_rows(statement, sizes)


def _holds_rows(statement: PlannedStatement, sizes: Sizes) -> bool:
    """Say whether a table that it locks has rows; assumed where no size is known."""
    found = [sizes[each] for each in statement.prediction.effects.locks if each in sizes]
    return not sizes or any(size.bytes > 0 for size in found)


def _blocking(
    name: str,
    found: Sequence[PlannedStatement],
    seconds: float,
    severity: Severity | None,
    sizes: Sizes,
    *,
    said: Said,
) -> Finding:
    longest = max(found, key=lambda each: each.held.high if each.held is not None else 0)
    assert longest.held is not None  # noqa: S101  # `_blocks` requires it
    own = Severity.CRITICAL if longest.held.high > _FAR_TOO_LONG * seconds else Severity.WARNING
    what = "reads and writes" if longest.blocks.value == "reads" else "writes"
    more = and_more(len(found) - 1, "blocks for longer than that", "block for longer than that")
    return Finding(
        "deploy-blocks",
        name,
        severity or own,
        f"Line {longest.line} of {name} blocks {what} of {_tables(longest, sizes)} for {longest.held}, "
        f"longer than the {seconds:g} s of max_block.{more}",
        expected=f"at most {seconds:g} s",
        actual=str(longest.held),
        remedy=tuple(_safer(found)),
        evidence=said.evidence(found, longest),
    )


def _tables(statement: PlannedStatement, sizes: Sizes) -> str:
    """The tables that it locks, by size: ``t (300,000 rows, 22 MiB)``."""
    found = {each: sizes[each] for each in statement.prediction.effects.locks if each in sizes}
    largest = sorted(found, key=lambda each: -found[each].bytes)[:3]
    return ", ".join(
        f"{each[1]} ({'' if found[each].rows is None else f'{found[each].rows:,} rows, '}{size(found[each].bytes)})"
        for each in largest
    )


def _losing(
    name: str, found: Sequence[PlannedStatement], severity: Severity | None, restoring: Sequence[Step], said: Said
) -> Finding:
    lost = [f"{what} (line {each.line})" for each in found for what in each.prediction.loses]
    return Finding(
        "deploy-loses-data",
        name,
        severity or Severity.WARNING,
        f"{name} loses {', '.join(lost[:5])}{' and more' if len(lost) > 5 else ''}.",
        actual=joined(lost),
        remedy=(Step("Make sure that nobody needs the data that is lost, and that a backup has it."), *restoring),
        evidence=said.evidence(found, found[0]),
    )


def _breaking(name: str, found: Sequence[PlannedStatement], severity: Severity | None, said: Said) -> Finding:
    first = found[0]
    more = and_more(len(found) - 1, "does so", "do so")
    # Without the client's schema it is only an assumption that it uses the object.
    is_assumed = all(one.assumed for each in found for one in each.clients)
    return Finding(
        "deploy-breaks-running-app",
        name,
        severity or (Severity.INFO if is_assumed else Severity.WARNING),
        f"Line {first.line} of {name} {on_one_line(first.clients)}.{more}",
        actual=joined(what for each in found for what in said.of(each).clients),
        remedy=tuple(_safer(found)),
        evidence=said.evidence(found, first),
    )


def _not_probed(statements: Sequence[PlannedStatement], database: DatabaseReading, said: Said) -> Iterator[Finding]:
    """One line a target: which statements depend on rows that were not read, or on the server, which was not asked."""
    found = [each for each in statements if each.prediction.outcome is Outcome.DEPENDS and _probes(each)]
    if not found:
        return
    where = ", ".join(f"line {each.line} of {each.migration}" for each in found[:3])
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    probes = list(dict.fromkeys(probe for each in found for probe in _probes(each)))
    of_rows = {bool(probe.tables) for probe in probes}
    who, was = _DECIDING[any(of_rows), all(of_rows)]
    yield Finding(
        "deploy-not-probed",
        database.schema,
        Severity.INFO,
        f"{who} whether {len(found)} pending statement{'s' if len(found) > 1 else ''} can run ({where}{more}), "
        f"and {was}.",
        remedy=tuple(_counting(probes, database.schema)),
        evidence=said.statements(found),
    )


def _counting(probes: Sequence[Probe], schema: str) -> Iterator[Step]:
    for probe in probes[:_MOST_COUNTED]:
        text = "Count the rows in the way." if probe.tables else "Ask the server: 0 says that nothing is in the way."
        yield Step(text, commands.psql([listing(probe)], schema))
    if (left_out := len(probes) - _MOST_COUNTED) > 0:
        yield Step(f"{counted(left_out, 'more query is', 'more queries are')} not printed here.")


def _probes(statement: PlannedStatement) -> list[Probe]:
    return [
        each.probe
        for each in statement.prediction.conditions
        if each.probe is not None and each.unsettled is None and not each.rare
    ]
