"""The pieces that all messages are made of."""

import re
from datetime import UTC, datetime
from shlex import quote
from urllib.parse import quote as quote_url

from ...model.alerts import AlertSettings
from ...model.codes import CODES, row_of
from ...model.finding import Finding, Severity, Step
from ...model.message import Change, Event, Item, Kind, Link, Span
from ...model.moment import written
from ...model.news import UNKNOWN_CHECK, Decision, Why
from ...model.phrases import clipped, two_units
from ...model.value import replace
from ...postgres.sqlstates import in_words
from ...report.html.anchor import anchor_of
from ...report.wording import printable, problem
from ..links import LINK_LASTS, Purpose, signed

# What holds an underscore is always a name: migrations, columns, settings, variables.
_NAME = re.compile(r"[\w./:-]*\w_[\w./:-]*\w|\b_\w+")
_LONGEST_HEADLINE = 200
span = two_units
# The date and time in front of a migration's name, which say nothing on a lock screen.
_STAMP = re.compile(r"(\d{14}|\d{8}_\d{6}|\d{8}|\d{12})_(?=\D)")


def kind_of(decision: Decision) -> Kind:
    """Give the kind of message that a decision asks for: also a reminder of an unknown check is no all-clear."""
    if decision.why in {Why.RESOLVED, Why.WORKS_AGAIN}:
        return Kind.RESOLVED
    if decision.why is Why.CANNOT_CHECK or decision.incident.startswith(UNKNOWN_CHECK):
        return Kind.CANNOT_CHECK
    return Kind.REMINDER if decision.why is Why.REMINDER else Kind.INCIDENT


_CHANGES = {
    Why.OPENED: Change.OPENED,
    Why.RESOLVED: Change.RESOLVED,
    Why.WORKS_AGAIN: Change.RESOLVED,
    Why.REMINDER: Change.REMINDER,
    Why.VERIFY: Change.VERIFICATION,
}


def event_of(decision: Decision) -> Event:
    """Give for machines what became of an incident; an unknown check is an incident as well."""
    is_first = decision.notified == 0 and decision.why in {Why.CANNOT_CHECK, Why.FLAPPING}
    return Event(
        decision.incident,
        Change.OPENED if is_first else _CHANGES.get(decision.why, Change.CHANGED),
        decision.severity,
        decision.since,
        thread(decision.incident, decision.since),
        decision.total,
    )


def sentence(text: str, *names: str) -> tuple[Span, ...]:
    """Split *text* into spans: *names*, and every word with an underscore, become code."""
    shown = printable(text).replace("\n", " ")
    known = [re.escape(printable(name)) for name in sorted(set(names), key=len, reverse=True) if name]
    code = re.compile("|".join([rf"(?<![\w/]){name}(?!\w)" for name in known] + [_NAME.pattern]))
    spans, end = [], 0
    for found in code.finditer(shown):
        spans += [Span(shown[end : found.start()]), Span(found[0], code=True)]
        end = found.end()
    return tuple(span for span in [*spans, Span(shown[end:])] if span.text)


def item(text: str, *names: str, severity: Severity | None = None, command: str | None = None) -> Item:
    return Item(sentence(text, *names), severity=severity, command=None if command is None else printable(command))


def name_of(problem: str, *names: str) -> tuple[Span, ...]:
    """Give the name of a finding, which stands above what is said of it."""
    return sentence(f"{problem[:1].upper()}{problem[1:]}", *names)


def step_item(step: Step) -> Item:
    return Item(sentence(step.text), command=None if step.command is None else printable(step.command))


def summary(finding: Finding, alerts: AlertSettings) -> str:
    """What the finding says; where the settings do not allow the database's error line, its SQLSTATE in words."""
    hidden = _hidden_error(finding, alerts)
    if hidden is None:
        return finding.summary
    sqlstate = finding.evidence.get("sqlstate")
    error = f"{_place(finding)}{in_words(sqlstate if isinstance(sqlstate, str) else None)}"
    return finding.summary.replace(hidden, error)


def with_error_command(text: str, finding: Finding, alerts: AlertSettings, target: str) -> tuple[str, str | None]:
    """Give *text*, and where the finding's error line is left out of it, the command that shows that line."""
    if _hidden_error(finding, alerts) is None:
        return text, None
    command = f"migration-monitor explain {quote(finding.subject)} --target {quote(target)}"
    return f"{text} This command shows the error line:", command


def _hidden_error(finding: Finding, alerts: AlertSettings) -> str | None:
    """The database's error line, which may quote rows, where the settings do not allow it in messages."""
    error = finding.evidence.get("error")
    return error if not alerts.error_lines and isinstance(error, str) and error else None


def _place(finding: Finding) -> str:
    """``folders.project_id: ``: the names that the server gave beside its error."""
    names = (finding.evidence.get(part) for part in ("table", "column"))
    place = ".".join(name for name in names if isinstance(name, str) and name)
    constraint = finding.evidence.get("constraint")
    place += f" ({constraint})" if isinstance(constraint, str) and constraint else ""
    return f"{place.strip()}: " if place else ""


def short(finding: Finding) -> str:
    """``migration fix_folders failed``: what fits into a headline."""
    if row_of(finding.code).of_migration:
        return problem(replace(finding, subject=short_name(finding.subject)))
    return problem(finding)


def short_name(migration: str) -> str:
    """``fix_folders`` of ``20250904_160000_fix_folders``."""
    return _STAMP.sub("", migration, count=1) if _STAMP.match(migration) else migration


def plain_name(incident: str) -> str:
    """``migration 2025…`` as it is, ``seed-missing:users`` as ``seed rows missing (users)``."""
    code, colon, subject = incident.partition(":")
    return f"{row_of(code).short} ({subject})" if colon and " " not in code else incident


def headline(text: str) -> str:
    return clipped(" ".join(printable(text).split()), _LONGEST_HEADLINE)


def moment(when: datetime, now: datetime) -> str:
    """``09:41 UTC`` of today, ``2025-09-05 09:41 UTC`` of another day."""
    when, now = when.astimezone(UTC), now.astimezone(UTC)
    return f"{when:%H:%M} UTC" if when.date() == now.date() else f"{when:%Y-%m-%d %H:%M} UTC"


def flapping(times: int) -> str:
    """Say why an incident is sent that ends and begins again and again."""
    return f"it was flapping, {times} times within a day; the next message follows when it is steady"


def thread(incident: str, since: datetime) -> str:
    """Name one life of an incident: should it come again next month, that is another conversation."""
    return f"{incident} {written(since)}"


def links(
    alerts: AlertSettings,
    target: str | None = None,
    now: datetime | None = None,
    incident: str | None = None,
    code: str = "",
) -> tuple[Link, ...]:
    """Give the pages that a message links to; that of *target* at *incident*, where links can be signed.

    The runbook is opened at the section of *code*, which a copy of docs/respond.md has, unless its address names one.
    """
    page = alerts.status_page
    if target is not None and now is not None:
        anchor = "" if incident is None else anchor_of(incident)
        page = signed_page(alerts, Purpose.PAGE, target, now, anchor) or page
    runbook = alerts.runbook
    if runbook is not None and code in CODES and "#" not in runbook:
        runbook = f"{runbook}#{code}"
    pages = (("Status page", page), ("Runbook", runbook))
    return tuple(Link(text, url) for text, url in pages if url is not None)


def code_of(decision: Decision) -> str:
    """Give the code of the worst finding of an incident; empty for a check that has no result."""
    worst = min(decision.findings, key=lambda finding: finding.severity.rank, default=None)
    return "" if worst is None else worst.code


def signed_badge(alerts: AlertSettings, target: str) -> str | None:
    """Give the address of the badge of *target*, without end; None without settings."""
    if alerts.status_page is None or alerts.link_key is None or not alerts.pages:
        return None
    token = signed(alerts.link_key.value, Purpose.BADGE, target)
    base, _, _ = alerts.status_page.rstrip("/").rpartition("/")
    return f"{base}/badge/{quote_url(target, safe='')}?link={token}"


def signed_page(alerts: AlertSettings, purpose: Purpose, target: str, now: datetime, about: str = "") -> str | None:
    """Give the address of the status page of *target* that opens without a key, for a week; None without settings."""
    if alerts.status_page is None or alerts.link_key is None or not alerts.pages:
        return None
    token = signed(alerts.link_key.value, purpose, target, about=about, until=now + LINK_LASTS)
    at = f"#{about}" if purpose is Purpose.PAGE and about else ""
    return f"{alerts.status_page.rstrip('/')}/{quote_url(target, safe='')}?link={token}{at}"
