"""What the server is asked about a plan, and what its answers make of it."""

from dataclasses import replace

from shared.model.plan import NO_PROBES, Outcome, Plan, Probe, ProbeAnswers
from shared.model.question import Answers, Question
from shared.postgres.plan.answers import settled


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
    """*plan* with all that the answers say."""
    statements = (replace(each, prediction=settled(each.prediction, answers, probed)) for each in plan.statements)
    return replace(plan, statements=tuple(statements))
