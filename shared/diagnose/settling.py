"""What the server is asked about a plan, and what its answers make of it."""

from collections.abc import Mapping
from itertools import groupby

from ..model.plan import NO_PROBES, Outcome, Plan, PlannedStatement, Probe, ProbeAnswers, Relation
from ..model.question import Answers, Question
from ..model.value import replace
from ..postgres.plan.answers import settled


def questions_of_plan(plan: Plan) -> tuple[Question, ...]:
    """What the server's analyser could say of statements that are not known to fail."""
    analyses = (each for one in plan.statements for each in one.prediction.analyses)
    return tuple(dict.fromkeys(question for each in analyses for question in each.questions))


def probes_of_plan(plan: Plan, answers: Answers) -> tuple[Probe, ...]:
    """What the rows could say, where the analyser's *answers* leave anything to them; those of one table together."""
    found = (
        condition.probe
        for one in plan.statements
        if settled(one.prediction, answers, NO_PROBES).outcome is not Outcome.FAILS
        for condition in one.prediction.conditions
        if condition.probe is not None and condition.unsettled is None
    )
    return tuple(dict.fromkeys(found))


def settled_plan(plan: Plan, answers: Answers, probed: ProbeAnswers) -> Plan:
    """*plan* with all that the answers say.

    What fails changes no rows, and until it is fixed it is unknown which rows later statements will find: a part of its
    migration may even have run by hand, and be the reason of its failure.
    """
    found: list[PlannedStatement] = []
    unsure: dict[Relation, str] = {}
    for name, group in groupby(plan.statements, key=lambda each: each.migration):
        statements = list(group)
        own: dict[Relation, str] = {}
        for each in statements:
            found.append(_settled(_with_unsure(each, unsure | own), plan, answers, probed))
            if found[-1].prediction.outcome is Outcome.FAILS:
                own |= dict.fromkeys(
                    each.changes, f"line {each.line} of {name} fails first, and would change these rows"
                )
        if any(each.prediction.outcome is Outcome.FAILS for each in found[-len(statements) :]):
            because = f"{name} fails first, and would change these rows"
            unsure |= {table: because for each in statements for table in each.changes}
    return replace(plan, statements=tuple(found))


def _with_unsure(statement: PlannedStatement, unsure: Mapping[Relation, str]) -> PlannedStatement:
    """Leave open what rests on rows of tables that are *unsure*, and why."""
    if not unsure:
        return statement
    conditions = tuple(
        replace(each, unsettled=unsure[min(tables)])
        if each.unsettled is None and (tables := each.changed & unsure.keys())
        else each
        for each in statement.prediction.conditions
    )
    return replace(statement, prediction=replace(statement.prediction, conditions=conditions))


def _settled(statement: PlannedStatement, plan: Plan, answers: Answers, probed: ProbeAnswers) -> PlannedStatement:
    found = replace(statement, prediction=settled(statement.prediction, answers, probed))
    if found.safer and found.prediction.outcome is Outcome.OK and statement.prediction.outcome is not Outcome.OK:
        # It was printed for a failure that the answers rule out; another reason for it may be left.
        from ..postgres.parse import parse  # noqa: PLC0415  # as above
        from .safer import helps  # noqa: PLC0415  # hardly any plan has such a statement

        is_long = found.blocks_longer_than(plan.max_block)
        if not is_long and not any(helps(found, each.kind, plan.max_block) for each in parse(found.sql)):
            return replace(found, safer=())
    return found
