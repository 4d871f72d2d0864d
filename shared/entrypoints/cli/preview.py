"""``migration-monitor preview``: what would be sent of the last report, as files to look at; nothing is sent."""

import json
import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path

from ...alerts.messages import compose, sample
from ...alerts.messages.text import as_plain_text
from ...memory import MemoryPlace, memory_of
from ...model.alerts import AlertSettings
from ...model.finding import Severity
from ...model.memory import Memory
from ...model.message import Message
from ...model.news import UNKNOWN_CHECK, Decision, News, Why
from ...model.report import Report, Verdict
from ...model.settings import Settings
from ...report.reading import NoReportError, as_report
from ..watched import NoSuchTargetError, named_target
from .exits import PASSED, UsageError
from .options import settings_in


def register(parser: ArgumentParser) -> None:
    parser.description = "Write the messages of the last report as if all of it were new. Nothing is sent."
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings file (default: $MONITOR_CONFIG or monitor.toml)"
    )
    parser.add_argument("--target", metavar="NAME", help="whose last report; not needed where there is only one")
    parser.add_argument("--report", type=Path, metavar="FILE", help="a report as JSON, instead of the last one")
    parser.add_argument("--output", type=Path, metavar="FOLDER", default=Path("preview"), help="default: preview")
    parser.set_defaults(run=_preview)


def _preview(options: Namespace) -> int:
    # The libraries of mails are slow to import, and the other commands need none of them.
    from ...alerts.channels import previews  # noqa: PLC0415

    settings = settings_in(options)
    place = None if options.report else _place(settings, options.target)
    memory = None if place is None else place.load()
    message = _message(_report(options, place, memory), memory, settings.alerts)
    forms = {**previews(message), "message.txt": as_plain_text(message)}
    try:
        options.output.mkdir(parents=True, exist_ok=True)
        for name, text in forms.items():
            (options.output / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write into {options.output}: {error.strerror}") from None
    sys.stdout.write("".join(f"{options.output / name}\n" for name in forms))
    return PASSED


def _place(settings: Settings, name: str | None) -> MemoryPlace:
    try:
        target = named_target(settings, name)
    except NoSuchTargetError as error:
        raise UsageError(str(error)) from None
    return memory_of(target.name, settings.memory)


def _report(options: Namespace, place: MemoryPlace | None, memory: Memory | None) -> Report:
    try:
        kept = None if place is None or memory is None else _last_report(place, memory)
        return as_report(json.loads(options.report.read_bytes() if kept is None else kept))
    except OSError as error:
        raise UsageError(f"cannot read {options.report}: {error.strerror}") from None
    except (ValueError, RecursionError, NoReportError):
        raise UsageError("that is not the JSON of one report, as `check --format json` writes it") from None


def _last_report(place: MemoryPlace, memory: Memory) -> str:
    text = None if memory.last_report is None else place.text(memory.last_report)
    if text is None:
        raise UsageError(
            f"no report of {memory.target} is saved: run `check --notify` first, "
            "or give --report FILE from `check --format json`"
        )
    return text


def _message(report: Report, memory: Memory | None, alerts: AlertSettings) -> Message:
    """Word *report* as if all in it were new; where nothing is wrong, give the sample."""
    now = datetime.now(UTC)
    since = {incident.name: incident.since for incident in memory.incidents} if memory is not None else {}

    def opened(name: str, severity: Severity, why: Why) -> Decision:
        findings = tuple(finding for finding in report.findings if finding.incident == name)
        return Decision(name, why, severity, since.get(name, report.started_at), findings)

    names = {
        finding.incident: finding.severity
        for finding in sorted(report.findings, key=lambda finding: finding.severity.rank, reverse=True)
        if finding.severity is not Severity.INFO
    }
    unknown = [f"{UNKNOWN_CHECK}{check.name}" for check in report.checks if check.verdict is Verdict.UNKNOWN]
    decisions = [opened(name, severity, Why.OPENED) for name, severity in names.items()]
    decisions += [opened(name, Severity.CRITICAL, Why.CANNOT_CHECK) for name in unknown]
    return compose(News(report, tuple(decisions)), alerts, now) if decisions else sample("preview", alerts, now)
