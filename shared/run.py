"""The whole walk: gather, diagnose, judge, report.

Diagnosis and judges are imported within functions. They are most of our own code, and the first run of a process, a
terminal's only one, imports them while its sources answer.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module

from shared.gather.attempt import InBackground, Reading
from shared.judge.healing import is_worth_waiting_for
from shared.model.app import AppReading
from shared.model.database import DatabaseReading
from shared.model.diagnosis import Diagnosis
from shared.model.endpoint import Probe
from shared.model.facts import Facts
from shared.model.knowledge import Unavailable
from shared.model.last_seen import FIREWALL_RULES, LastSeen, SeenRow, firewall_rule
from shared.model.release import Release
from shared.model.report import CheckResult, Phase, Report, Trigger
from shared.model.server import ServerReading
from shared.model.settings import BrokenTarget, Target
from shared.model.value import dataclass

# A server that has gone silent is given up at most this long after its time is over.
_HANDOVER = timedelta(seconds=2)
# Between two looks while waiting: short against a deployment, long against the load of a look.
_PAUSE = timedelta(seconds=5)
_NOTHING_SEEN = LastSeen()
_IMPORTED_MEANWHILE = ("shared.diagnose.diagnosis", "shared.judge.checks", "shared.judge.causes")


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector away: a run makes many small values in no circles, and it would visit them all.

    It takes a quarter of the time otherwise. Of two runs at once, the first to end lets it in again.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_uncollected()
def run(
    target: Target,
    trigger: Trigger,
    *,
    release: str | None = None,
    phase: Phase | None = None,
    last_seen: LastSeen = _NOTHING_SEEN,
    on_read: Callable[[str], None] = lambda _source: None,
) -> Report:
    """Walk once through *target* and say what is so.

    *release* names the version to judge against, where the target's source can choose, *phase* whether
    that is before its deployment or after. *last_seen* is what the run before saw. *on_read* is told
    the name of each source once it has been read, from that source's thread.
    """
    if phase == "before":
        # What production serves now stops no deployment: the next release may be what mends it.
        target = replace(target, seeds=(), endpoints=(), app=None)
    started_at, started = datetime.now(UTC), time.monotonic()
    # Who deploys has woken it.
    sleeps_until = None if trigger is Trigger.VERIFY else target.sleeps_until(started_at)
    gathered = _gather(target, release, on_read) if sleeps_until is None else _gather_of_sleeping(target, on_read)
    from shared.diagnose.coverage import coverage  # noqa: PLC0415  # see above
    from shared.diagnose.diagnosis import diagnose  # noqa: PLC0415  # see above
    from shared.judge.server import with_server_state  # noqa: PLC0415  # see above
    from shared.report.summaries import (  # noqa: PLC0415  # see above
        app_summary,
        database_summary,
        release_summary,
        server_summary,
    )

    facts = Facts(
        target,
        gathered.release.fact,
        gathered.ahead,
        with_server_state(gathered.database.fact, gathered.server.fact),
        gathered.probes,
        started_at,
        last_seen,
        phase,
        gathered.server.fact,
        gathered.app.fact,
        sleeps_until,
    )
    diagnosis = diagnose(facts)
    checks, accepted = _judge_all(facts, diagnosis, gathered)
    return Report(
        target=target.name,
        trigger=trigger,
        phase=phase,
        started_at=started_at,
        took=timedelta(seconds=time.monotonic() - started),
        release=release_summary(facts.release),
        database=database_summary(facts.database, diagnosis),
        checks=checks,
        migrations=() if isinstance(diagnosis, Unavailable) else diagnosis.migrations,
        coverage=coverage(diagnosis, accepted),
        seen=_seen(facts),
        server=server_summary(facts.server),
        app=app_summary(facts),
        sleeps_until=sleeps_until,
    )


@dataclass(frozen=True, slots=True)
class _Gathered:
    release: Reading[Release]
    ahead: Release | Unavailable | None
    database: Reading[DatabaseReading]
    endpoints: Reading[tuple[Probe | Unavailable, ...]]
    server: Reading[ServerReading | None]
    app: Reading[AppReading | None]

    @property
    def probes(self) -> tuple[Probe | Unavailable, ...]:
        probes = self.endpoints.fact
        return (probes,) if isinstance(probes, Unavailable) else probes

    def took(self, source: str) -> timedelta:
        return {
            "database": self.database.took,
            "endpoints": self.endpoints.took,
            "server": self.server.took,
            "app": self.app.took,
        }[source]


def _gather(target: Target, release: str | None, on_read: Callable[[str], None]) -> _Gathered:
    """Read the independent sources at once: a run takes as long as the slowest of them."""
    # Imported where they are used: the function app is indexed without them.
    from shared.gather.database import read_database, watched_schema  # noqa: PLC0415
    from shared.gather.endpoints import probe_endpoints  # noqa: PLC0415
    from shared.gather.release import read_release  # noqa: PLC0415

    limit = target.deadline
    # Readers of several things hand over what they have by then; waiting exactly as long would lose that too.
    in_hand = limit - _HANDOVER
    reading_release = InBackground(
        partial(read_release, target.releases, release, in_hand), partial(on_read, "release")
    )
    reading_ahead = None
    if target.ahead:
        reading_ahead = InBackground(partial(read_release, target.ahead, None, in_hand), partial(on_read, "ahead"))
    reading_database = InBackground(
        partial(read_database, target.database, target.seeds, in_hand, with_catalog=target.compare_schema),
        partial(on_read, "database"),
    )
    probing = InBackground(partial(probe_endpoints, target.endpoints, limit), partial(on_read, "endpoints"))
    reading_server = _reading_server(target, in_hand, on_read)
    reading_app = InBackground(partial(_app_of, target, in_hand), partial(on_read, "app"))
    for module in _IMPORTED_MEANWHILE:
        import_module(module)
    from shared.diagnose.schema import foresee  # noqa: PLC0415  # see above

    found = reading_release.within(limit)
    if target.compare_schema:
        foresee(found.fact, watched_schema(target.database))
    return _Gathered(
        found,
        None if reading_ahead is None else reading_ahead.within(limit).fact,
        reading_database.within(limit),
        probing.within(limit),
        reading_server.within(limit),
        reading_app.within(limit),
    )


def _gather_of_sleeping(target: Target, on_read: Callable[[str], None]) -> _Gathered:
    """Read only what is up while its target sleeps: its server, as far as Azure tells. A probe might wake the rest."""
    asleep, at_once = Unavailable("the target sleeps"), timedelta(0)
    server = _reading_server(target, target.deadline - _HANDOVER, on_read).within(target.deadline)
    return _Gathered(
        Reading(asleep, at_once), None, Reading(asleep, at_once), Reading((), at_once), server, Reading(None, at_once)
    )


def _reading_server(
    target: Target, in_hand: timedelta, on_read: Callable[[str], None]
) -> InBackground[ServerReading | None]:
    return InBackground(partial(_server_of, target, in_hand), partial(on_read, "server"))


def _server_of(target: Target, within: timedelta) -> ServerReading | None:
    if target.server is None:
        return None
    # Imported here, in a thread of its own: Azure's library is heavy.
    from shared.gather.server import read_server  # noqa: PLC0415

    return read_server(target.server, target.identity, within)


def _app_of(target: Target, within: timedelta) -> AppReading | None:
    if target.app is None:
        return None
    from shared.gather.app import read_app  # noqa: PLC0415  # as above

    return read_app(target.app, target.identity, within)


def _judge_all(
    facts: Facts, diagnosis: Diagnosis | Unavailable, gathered: _Gathered
) -> tuple[tuple[CheckResult, ...], int]:
    """Ask every judge that the target asks for, tell causes over all their findings, and sum each check up.

    Gives beside the results how much drift the settings accept.
    """
    from shared.judge.accepted import without_accepted  # noqa: PLC0415  # see above
    from shared.judge.causes import with_causes  # noqa: PLC0415  # see above
    from shared.judge.checks import CHECKS, ORDER, conclude, judge, skipped  # noqa: PLC0415  # see above

    judged = {}
    for check in CHECKS:
        if check.is_asked_for(facts.target) and (facts.sleeps_until is None or check.source == "server"):
            started = time.monotonic()
            judgement = judge(check, facts, diagnosis)
            judged[check.name] = judgement, gathered.took(check.source) + timedelta(seconds=time.monotonic() - started)
    findings, accepted = without_accepted(
        (finding for judgement, _ in judged.values() for finding in judgement.findings),
        facts.target.accepted,
        facts.started_at.date(),
    )
    explained = {finding.key: finding for finding in with_causes(findings, facts, diagnosis)}

    def concluded(name: str) -> CheckResult:
        if name not in judged:
            return skipped(name)
        judgement, took = judged[name]
        findings = [explained[finding.key] for finding in judgement.findings if finding.key in explained]
        return conclude(name, findings, judgement.unknown, took)

    return tuple(map(concluded, ORDER)), accepted


def _seen(facts: Facts) -> LastSeen:
    """Give what only the next run can judge, by comparison."""
    release, database, server = facts.release, facts.database, facts.server
    first_seen = {} if isinstance(release, Unavailable) else {f"release {release.digest}": facts.started_at}
    if isinstance(server, ServerReading) and not isinstance(server.rules, Unavailable):
        first_seen |= dict.fromkeys(
            [FIREWALL_RULES, *(firewall_rule(rule.name) for rule in server.rules)], facts.started_at
        )
    if isinstance(database, Unavailable):
        return LastSeen(first_seen=first_seen)
    rows = None
    if not isinstance(database.history, Unavailable) and database.history.exists:
        rows = tuple(SeenRow(row.id, row.name) for row in database.history.rows)
    seeds = {seed.expectation.subject: seed.count for seed in database.seeds if isinstance(seed.count, int)}
    return LastSeen(rows, seeds, first_seen)


def run_until_settled(
    target: Target,
    trigger: Trigger,
    wait: timedelta,
    *,
    release: str | None = None,
    phase: Phase | None = None,
    last_seen: LastSeen = _NOTHING_SEEN,
    on_report: Callable[[Report], None] = lambda _report: None,
) -> Report:
    """Run again and again until nothing is left that heals by itself, or until *wait* is over; give the last report.

    *on_report* is told every report after which it waits.
    """
    deadline = time.monotonic() + wait.total_seconds()
    while True:
        report = run(target, trigger, release=release, phase=phase, last_seen=last_seen)
        left = deadline - time.monotonic()
        if left <= 0 or not is_worth_waiting_for(report):
            return report
        on_report(report)
        time.sleep(min(_PAUSE.total_seconds(), left))


def report_on_broken(target: BrokenTarget, trigger: Trigger) -> Report:
    """Give the report of a target whose settings are wrong: everything about it is unknown."""
    from shared.judge.checks import ORDER, conclude  # noqa: PLC0415  # see above

    because = "its settings are wrong: " + "; ".join(str(mistake) for mistake in target.mistakes)
    return Report(
        target=target.name,
        trigger=trigger,
        phase=None,
        started_at=datetime.now(UTC),
        took=timedelta(0),
        release=None,
        database=None,
        checks=tuple(conclude(name, [], Unavailable(because, lasting=True), timedelta(0)) for name in ORDER),
        migrations=(),
        coverage=None,
    )
