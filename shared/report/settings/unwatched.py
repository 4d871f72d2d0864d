"""What a target's settings leave unwatched."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from ...model.hours import DAYS, SleepingHours
from ...model.settings import Target
from ...model.value import dataclass


@dataclass(frozen=True, slots=True)
class Unwatched:
    """*what* is not watched, and the *setting* that would change it or says so."""

    what: str
    setting: str


def unwatched(target: Target, channels: Sequence[str], now: datetime) -> Iterator[Unwatched]:
    """Give what nobody would be notified of. *channels* are those that receive the target's messages."""
    yield from _missing(target)
    yield from _switched_off(target)
    yield from _left_out(target, now)
    if not channels:
        yield Unwatched("nobody is notified", "no [[alerts.channel]]")


def _missing(target: Target) -> Iterator[Unwatched]:
    missing = {
        "[[target.seed]]": ("rows that the release seeds", target.seeds),
        "[[target.endpoint]]": ("the API", target.endpoints),
        "[target.server]": ("the database server in Azure: its state, firewall and parameters", target.server),
        "[target.app]": ("the application in Azure: which release runs", target.app),
    }
    for setting, (what, has) in missing.items():
        if not has:
            yield Unwatched(what, f"no {setting}")


def _switched_off(target: Target) -> Iterator[Unwatched]:
    if not target.compare_schema:
        yield Unwatched("the schema", "compare_schema = false")
    if not target.privileges:
        yield Unwatched("whether the monitor's own role could write", "privileges = false")
    if target.plan == "off":
        yield Unwatched("what the next deployment will do", 'plan = "off"')
    elif target.plan == "deploy":
        yield Unwatched("on a schedule, rows that pending migrations will meet", 'plan = "deploy"')


def _left_out(target: Target, now: datetime) -> Iterator[Unwatched]:
    for elsewhere in target.elsewhere:
        named = (each if leaves == "tables" else f"{leaves} {each}" for leaves, each in elsewhere.patterns)
        yield Unwatched(f"{', '.join(named)} ({elsewhere.because})", "[[target.elsewhere]]")
    for drift in target.accepted:
        if drift.until >= now.date():
            yield Unwatched(f"{drift.key} until {drift.until} ({drift.because})", "[[target.accepted]]")
    for sleep in target.sleep:
        yield Unwatched(f"all but the server {_hours(sleep)}", "[target.sleep]")
    if target.paused_until is not None and target.paused_until > now:
        yield Unwatched(f"all but the server until {target.paused_until:%Y-%m-%d %H:%M %Z}", "paused_until")


def _hours(sleep: SleepingHours) -> str:
    days = "" if sleep.days == DAYS else f" on {', '.join(sleep.days)}"
    return f"from {sleep.begins} to {sleep.ends} {sleep.timezone}{days}"
