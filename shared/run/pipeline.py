"""One run of the pipeline: gather, diagnose, check, report.

Diagnosis and checks are imported within functions, here and beside. They are most of our own code, and the first
run of a process, a terminal's only one, imports them while its sources answer.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from ..model.app import AppReading, AppStart
from ..model.attribution import Attribution, Changed, SeenBefore
from ..model.difference import Difference
from ..model.facts import Facts
from ..model.knowledge import Unavailable
from ..model.last_seen import NOTHING_SEEN, LastSeen, RowsAnswer
from ..model.plan import Probe, ProbeAnswers
from ..model.question import Answers, Question
from ..model.release import PastRelease, Release
from ..model.report import Phase, Report, Trigger
from ..model.settings import Target
from ..model.value import replace
from .gathering import Gathered, gather, gather_of_sleeping
from .lowering import Lowering
from .reporting import Server, report_on
from .rule_writers import with_rule_writers
from .size import is_large
from .uncollected import uncollected

# Beside the run's own deadline: what is not answered by then stays in doubt.
_PATIENCE_FOR_ANSWERS = timedelta(seconds=10)


@uncollected()
def run(
    target: Target,
    trigger: Trigger,
    *,
    release: str | None = None,
    phase: Phase | None = None,
    last_seen: LastSeen = NOTHING_SEEN,
    deploying: bool | None = None,
    on_read: Callable[[str], None] = lambda _source: None,
    lowering: Lowering | None = None,
    read_seen_before: Callable[[], SeenBefore | None] = lambda: None,
) -> Report:
    """Check *target* once and give the report.

    *release* names the version to compare with, where the target's source can choose, *phase* whether
    that is before its deployment or after. *last_seen* is what the run before saw. *deploying* says
    whether somebody deploys now or is about to; at a terminal that is taken for granted. *on_read* is
    called with the name of each source once it has been read, from that source's thread. What
    *lowering* gives counts in place of the release's own ``schema.sql``. *read_seen_before* gives the
    schema that the run before read, and is called where something differs.
    """
    started = time.monotonic()
    facts, gathered = read_facts(
        target,
        trigger,
        release=release,
        phase=phase,
        last_seen=last_seen,
        deploying=deploying,
        on_read=on_read,
        lowering=lowering,
    )
    report = _report_with_answers(facts, trigger, gathered, read_seen_before)
    return replace(report, took=timedelta(seconds=time.monotonic() - started))


def read_facts(
    target: Target,
    trigger: Trigger,
    *,
    release: str | None = None,
    phase: Phase | None = None,
    last_seen: LastSeen = NOTHING_SEEN,
    deploying: bool | None = None,
    on_read: Callable[[str], None] = lambda _source: None,
    lowering: Lowering | None = None,
) -> tuple[Facts, Gathered]:
    """Read all that a run needs, and give it with how long each source took; as `run`."""
    running = target
    # At a terminal "deploying" may be taken for granted; there, a deployment shows by its lock.
    in_window = bool(deploying) and trigger is not Trigger.TERMINAL
    if phase == "before":
        # What production serves now stops no deployment: the next release may be what fixes it.
        target = replace(target, seeds=(), endpoints=(), app=None)
    started_at = datetime.now(UTC)
    if deploying is None:
        deploying = trigger is Trigger.TERMINAL
    # Who deploys has woken it.
    sleeps_until = None if trigger is Trigger.VERIFY else target.sleeps_until(started_at)
    if sleeps_until is None:
        is_about_to = phase == "before" or (trigger is Trigger.TERMINAL and deploying)
        # The app is read before a deployment too, for what its clients know; it is not checked then.
        gathered = gather(
            replace(target, app=running.app if running.plan != "off" else target.app),
            release,
            on_read,
            deploying=is_about_to,
            expects_deployment=in_window,
        )
    else:
        gathered = gather_of_sleeping(target, on_read)
    from ..checks.replica import without_stale_data  # noqa: PLC0415  # see above
    from ..checks.server import with_server_state  # noqa: PLC0415  # see above

    facts = Facts(
        target,
        gathered.release.fact if lowering is None else lowering.put_into(gathered.release.fact),
        gathered.ahead,
        without_stale_data(with_server_state(gathered.database.fact, gathered.server.fact), target.patience),
        gathered.probes,
        started_at,
        last_seen,
        phase,
        gathered.server.fact,
        gathered.app.fact if target.app is not None else None,
        sleeps_until,
        deploying=deploying,
        running_schema=_running_schema(running, gathered),
        past_releases=_past_releases(running, gathered, last_seen),
        most_replicas=gathered.app.fact.most_replicas if isinstance(gathered.app.fact, AppReading) else None,
        start=_start(running, gathered),
        storage=gathered.storage,
    )
    return with_rule_writers(facts), gathered


def _start(target: Target, gathered: Gathered) -> AppStart | None:
    """How the running app starts, also before a deployment, when it is not checked."""
    app = gathered.app.fact
    return app.start(target.app) if isinstance(app, AppReading) and target.app is not None else None


def _running_schema(target: Target, gathered: Gathered) -> bytes | None:
    """What the client of the release knows that `app` names: the one that runs, whatever is to be deployed."""
    app, read = gathered.app.fact, gathered.release.fact
    if target.app is None or not isinstance(app, AppReading) or not app.serving:
        return None
    version = target.app.release_of(app.serving[0].image)
    if version is None:
        return None
    from ..gather.running_schema import running_schema  # noqa: PLC0415  # see above

    return running_schema(target.releases, version, read if isinstance(read, Release) else None)


def _past_releases(target: Target, gathered: Gathered, last_seen: LastSeen) -> tuple[PastRelease, ...]:
    read = gathered.release.fact
    if not isinstance(read, Release) or not last_seen.releases:
        return ()
    from ..gather.running_schema import running_schema  # noqa: PLC0415  # see above
    from ..prisma.past_releases import past_releases  # noqa: PLC0415  # as above

    return tuple(
        replace(each, schema_sql=running_schema(target.releases, each.version, None))
        for each in past_releases(last_seen.releases, read)
    )


def _report_with_answers(
    facts: Facts, trigger: Trigger, gathered: Gathered, read_seen_before: Callable[[], SeenBefore | None]
) -> Report:
    """Have the database answer what the diagnosis leaves open, over a connection of its own, and keep the answers."""
    database = facts.database
    if isinstance(database, Unavailable):
        return report_on(facts, trigger, gathered.took)
    from ..gather.database.answers import answers_to, kept_answers, to_remember  # noqa: PLC0415  # see above

    within = min(_PATIENCE_FOR_ANSWERS, facts.target.deadline)
    facts = replace(facts, answers=kept_answers(database))

    def analyse(questions: Sequence[Question]) -> Answers:
        return answers_to(questions, facts.target.database, database, within, facts.last_seen.analysed)

    rows: dict[str, RowsAnswer] = {}

    def probe(probes: Sequence[Probe]) -> ProbeAnswers:
        from .probing import probed  # noqa: PLC0415  # few runs have anything to deploy

        answers, to_keep = probed(probes, facts, database, trigger)
        rows.update(to_keep)
        return answers

    changed: Mapping[str, Changed] | None = None

    def attribute(differences: Sequence[Difference]) -> Attribution:
        nonlocal changed
        from ..diagnose.attribution import to_keep  # noqa: PLC0415  # most runs find no difference
        from .attributing import attribute as attributed  # noqa: PLC0415  # as above

        found = attributed(differences, facts, database, within, read_seen_before)
        changed = to_keep(found.found)
        return found

    server = Server(analyse, probe, attribute)
    if is_large(facts.release, facts.ahead):
        from .frame import report_in_frame  # noqa: PLC0415  # hardly any release is so large

        report = report_in_frame(facts, trigger, gathered.took, server)
    else:
        report = report_on(facts, trigger, gathered.took, server)
    if report.seen is None:
        return report
    from .attributing import own_runs_after  # noqa: PLC0415  # as above

    own_runs = own_runs_after(facts)
    if changed is None and report.schema is not None:
        changed = {}  # it was compared, and nothing differs
    seen = replace(report.seen, analysed=to_remember(database), rows=rows, own_runs=own_runs)
    return replace(report, seen=replace(seen, attributed=None if own_runs is None else changed))
