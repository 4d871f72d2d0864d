"""From what was gathered to the report: all that a run computes, without a connection."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from shared.model.facts import Facts
from shared.model.knowledge import Unavailable
from shared.model.question import Answers, Question
from shared.model.report import Report, Trigger
from shared.run.judging import judge_all
from shared.run.seen import seen_in

Ask = Callable[[Sequence[Question]], Answers]


def report_on(facts: Facts, trigger: Trigger, took: Mapping[str, timedelta], ask: Ask | None = None) -> Report:
    """Give the report on *facts*. *took* is how long each source took; the time of the run is not in it.

    *ask* has the server answer what the diagnosis leaves open: then there is a second one, with the answers.
    """
    from shared.diagnose.coverage import coverage  # noqa: PLC0415  # see walk.py
    from shared.diagnose.diagnosis import diagnose, is_changed_by, questions_of  # noqa: PLC0415  # see walk.py
    from shared.report.summaries import (  # noqa: PLC0415  # see walk.py
        app_summary,
        database_summary,
        release_summary,
        server_summary,
    )

    diagnosis = diagnose(facts)
    if ask is not None and (questions := questions_of(diagnosis)):
        answers = ask(questions)
        if is_changed_by(diagnosis, answers):
            facts = replace(facts, answers={**facts.answers, **answers})
            diagnosis = diagnose(facts)
    checks, accepted = judge_all(facts, diagnosis, took.__getitem__)
    return Report(
        target=facts.target.name,
        trigger=trigger,
        phase=facts.phase,
        started_at=facts.started_at,
        took=timedelta(0),
        release=release_summary(facts.release),
        database=database_summary(facts, diagnosis),
        checks=checks,
        migrations=() if isinstance(diagnosis, Unavailable) else diagnosis.migrations,
        coverage=coverage(diagnosis, accepted, facts.target.accepted, facts.started_at.date()),
        seen=seen_in(facts),
        server=server_summary(facts.server),
        app=app_summary(facts),
        sleeps_until=facts.sleeps_until,
    )
