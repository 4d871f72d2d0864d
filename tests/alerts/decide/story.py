"""Runs one after the other, and what people receive: the language in which the decisions are tested."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from shared.alerts.channels.teams.settings import TeamsChannel
from shared.alerts.decide import decide
from shared.alerts.decide.silences import silenced, unsilenced
from shared.model.alerts import AlertSettings, TargetAlerts
from shared.model.finding import Finding, Severity
from shared.model.knowledge import Unavailable
from shared.model.last_seen import LastSeen
from shared.model.memory import Memory
from shared.model.news import Decision, News, Silence
from shared.model.report import CheckResult, Phase, ReleaseSummary, Report, Trigger, Verdict
from shared.model.setting_types import Secret
from tests.builders import NOW, target

TEAM = TeamsChannel(
    "team", ("critical", "warning", "info"), url=Secret("env:TEAMS", "https://teams.example.com/?sig=s3cret")
)
ALERTING = AlertSettings(channels=(TEAM,))
# How long a target that sleeps still does.
WAKES = timedelta(minutes=20)
CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO


def finding(code: str, subject: str, severity: Severity = CRITICAL, actual: str | None = None) -> Finding:
    return Finding(code, subject, severity, f"{subject}: {code}.", actual=actual)


PENDING = finding("migration-pending", "2")
FAILED = finding("migration-failed", "2")
RUNNING = finding("migration-running", "2", INFO)
ROLLED_BACK = finding("migration-rolled-back", "2")
EDITED = finding("migration-edited", "1", WARNING)
FEW_USERS = finding("seed-missing", "users", actual="2")
API_DOWN = finding("endpoint-unreachable", "folders")
SLOW = finding("endpoint-slow", "folders", WARNING)
LOCK_HELD = finding("migration-lock-held", "usasset", WARNING)
DRIFT = finding("schema-missing", "column public.folders.project_id")

_CHECK_OF = {
    "migration": "history",
    "history": "history",
    "seed": "seeds",
    "endpoint": "endpoints",
    "schema": "schema",
    "release": "history",
    "app": "app",
}
CHECKS = ("history", "schema", "seeds", "endpoints", "app")


def report(
    findings: Iterable[Finding],
    at: datetime,
    *,
    no_result: Iterable[str] = (),
    skipped: Iterable[str] = (),
    trigger: Trigger = Trigger.SCHEDULE,
    phase: Phase | None = None,
    version: str = "v2",
    seen: LastSeen | None = None,
    sleeps_until: datetime | None = None,
) -> Report:
    by_check: dict[str, list[Finding]] = {name: [] for name in CHECKS}
    for each in findings:
        by_check[_CHECK_OF[each.code.partition("-")[0]]].append(each)
    checks = []
    for name, found in by_check.items():
        reason = "the database does not answer" if name in set(no_result) else None
        verdict = Verdict.UNKNOWN if reason else Verdict.FAILED if found else Verdict.PASSED
        verdict = Verdict.SKIPPED if name in set(skipped) else verdict
        checks.append(CheckResult(name, verdict, timedelta(0), tuple(found), Unavailable(reason) if reason else None))
    return Report(
        "production", trigger, phase, at, timedelta(seconds=1), ReleaseSummary(version, "folder", version, 2), None,
        tuple(checks), (), None, seen, sleeps_until=sleeps_until,
    )  # fmt: skip


@dataclass
class Story:
    """Goes from run to run; `received` is what people were sent, as ``why incident``."""

    alerts: AlertSettings = ALERTING
    rules: TargetAlerts = field(default_factory=TargetAlerts)
    memory: Memory = field(default_factory=lambda: Memory("production"))
    now: datetime = NOW
    news: News | None = None

    def run(
        self,
        *findings: Finding,
        after: timedelta = timedelta(minutes=5),
        no_result: Iterable[str] = (),
        skipped: Iterable[str] = (),
        trigger: Trigger = Trigger.SCHEDULE,
        phase: Phase | None = None,
        version: str = "v2",
        seen: LastSeen | None = None,
        asleep: bool = False,
    ) -> list[str]:
        self.now += after
        made = report(
            findings,
            self.now,
            no_result=no_result,
            skipped=CHECKS if asleep else skipped,
            trigger=trigger,
            phase=phase,
            version=version,
            seen=seen,
            sleeps_until=self.now + WAKES if asleep else None,
        )
        watched = replace(target(), alerts=self.rules)
        outcome = decide(made, self.memory, self.alerts, watched, self.now)
        self.memory = outcome.memory
        self.news = outcome.news
        return received(self.news.decisions)

    def verify(self, phase: Phase, *findings: Finding, **rest: Any) -> list[str]:
        return self.run(*findings, trigger=Trigger.VERIFY, phase=phase, **rest)

    def silence(self, incident: str | None, hours: float = 4) -> None:
        silence = Silence(incident, "Ada", "on it", self.now + timedelta(hours=hours))
        self.memory = silenced(self.memory, silence, self.now)

    def unsilence(self, incident: str | None) -> None:
        self.memory = unsilenced(self.memory, incident)


def received(decisions: Iterable[Decision]) -> list[str]:
    return [f"{decision.why} {decision.incident}" for decision in decisions]
