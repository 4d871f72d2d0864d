"""From what was gathered to the report: all that a run computes, without a connection."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from ..model.attribution import Attribution
from ..model.diagnosis import Diagnosis
from ..model.difference import Difference
from ..model.facts import Facts
from ..model.knowledge import Unavailable
from ..model.plan import NO_PROBES, Plan, Probe, ProbeAnswers
from ..model.question import Answers, Question
from ..model.report import Report, Trigger
from ..model.schema import Schema
from ..model.value import dataclass, replace
from ..model.watching import Seen
from .checking import run_checks
from .seen import seen_in


@dataclass(frozen=True, slots=True)
class Server:
    """What the watched server may be asked during a run: its analyser, its rows, and when differences came about."""

    analyse: Callable[[Sequence[Question]], Answers]
    probe: Callable[[Sequence[Probe]], ProbeAnswers]
    attribute: Callable[[Sequence[Difference]], Attribution] = lambda _differences: Attribution()


def report_on(facts: Facts, trigger: Trigger, took: Mapping[str, timedelta], server: Server | None = None) -> Report:
    """Give the report on *facts*. *took* is how long each source took; the time of the run is not in it.

    *server* answers what the diagnosis leaves open: then there is a second one, with the answers. What the plan leaves
    open is settled by the same answers, and by what the rows say.
    """
    from ..checks.measured import measured  # noqa: PLC0415  # see pipeline.py
    from ..diagnose.coverage import coverage  # noqa: PLC0415  # see pipeline.py
    from ..report.summaries import (  # noqa: PLC0415  # see pipeline.py
        app_summary,
        database_summary,
        migration_days,
        release_summary,
        server_summary,
    )

    diagnosis = _diagnosed(facts, server)
    checks, accepted = run_checks(facts, diagnosis, took.__getitem__)
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
        coverage=coverage(
            diagnosis,
            accepted,
            facts.target.accepted,
            facts.started_at.date(),
            facts.target.elsewhere,
            unknown=[] if facts.rules.unlogged is None else [f"who wrote the firewall rules ({facts.rules.unlogged})"],
        ),
        seen=seen_in(facts, diagnosis, accepted),
        server=server_summary(facts.server),
        app=app_summary(facts),
        sleeps_until=facts.sleeps_until,
        plan=diagnosis if isinstance(diagnosis, Unavailable) else diagnosis.plan,
        ways_back=() if isinstance(diagnosis, Unavailable) else diagnosis.ways_back,
        measured=measured(facts, diagnosis, accepted),
        migration_days=migration_days(facts, diagnosis),
        schema=_schema(diagnosis),
        deployment=_deployment(facts),
    )


def _schema(diagnosis: Diagnosis | Unavailable) -> Schema | None:
    if isinstance(diagnosis, Unavailable) or isinstance(diagnosis.schema, Unavailable):
        return None
    return diagnosis.schema.actual


def _deployment(facts: Facts) -> Seen | None:
    if isinstance(facts.database, Unavailable) or facts.database.tick is None:
        return None
    from .watching import seen_deployment  # noqa: PLC0415  # few runs meet a deployment

    return seen_deployment(facts)


def _diagnosed(facts: Facts, server: Server | None) -> Diagnosis | Unavailable:
    from ..diagnose.diagnosis import diagnose, is_changed_by, questions_of  # noqa: PLC0415  # see pipeline.py

    diagnosis = diagnose(facts)
    if server is None or isinstance(diagnosis, Unavailable):
        return diagnosis
    own = questions_of(diagnosis)
    of_plan = _questions_of(diagnosis.plan)
    asked = [each for each in dict.fromkeys((*own, *of_plan)) if each not in facts.answers]
    if asked:
        new = server.analyse(asked)
        facts = replace(facts, answers={**facts.answers, **new})
        if is_changed_by(diagnosis, {each: new[each] for each in own if each in new}):
            diagnosis = _diagnosed_again(facts)
    return _attributed(_with_settled_plan(diagnosis, facts.answers, server), server, facts.started_at)


def _attributed(diagnosis: Diagnosis | Unavailable, server: Server, at: datetime) -> Diagnosis | Unavailable:
    """Say when each difference came about; not of those that migrations themselves left."""
    if isinstance(diagnosis, Unavailable) or isinstance(diagnosis.schema, Unavailable):
        return diagnosis
    from ..diagnose.attribution import changed_by_others, digest_of, worth_saying  # noqa: PLC0415  # see pipeline.py

    differences = changed_by_others(diagnosis.schema, diagnosis.edits)
    if not differences:
        return diagnosis
    attribution = server.attribute(differences)
    found = attribution.found
    digests = {each.subject: digest_of(each) for each in differences}
    changed = {subject: worth_saying(found[each], at) for subject, each in digests.items() if each in found}
    return replace(diagnosis, changed=changed, unlogged=attribution.unlogged)


def _diagnosed_again(facts: Facts) -> Diagnosis | Unavailable:
    """Diagnose with the server's answers, and with what is kept of what the release makes by them."""
    from ..diagnose.diagnosis import diagnose  # noqa: PLC0415  # see pipeline.py
    from .kept_schemas import KeptSchema  # noqa: PLC0415  # as above

    if isinstance(facts.database, Unavailable):
        return diagnose(facts)
    kept = KeptSchema(facts.release, facts.database.schema, facts.answers)
    kept.take()
    diagnosis = diagnose(facts)
    kept.keep()
    return diagnosis


def _questions_of(plan: Plan | Unavailable | None) -> Sequence[Question]:
    if not isinstance(plan, Plan):
        return ()
    from ..diagnose.settling import questions_of_plan  # noqa: PLC0415  # most runs find nothing to deploy

    return questions_of_plan(plan)


def _with_settled_plan(diagnosis: Diagnosis | Unavailable, answers: Answers, server: Server) -> Diagnosis | Unavailable:
    if isinstance(diagnosis, Unavailable) or not isinstance(diagnosis.plan, Plan):
        return diagnosis
    from ..diagnose.settling import probes_of_plan, settled_plan  # noqa: PLC0415  # see pipeline.py

    probes = probes_of_plan(diagnosis.plan, answers)
    probed = server.probe(probes) if probes else NO_PROBES
    return replace(diagnosis, plan=settled_plan(diagnosis.plan, answers, probed))
