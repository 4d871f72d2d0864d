"""Under which settings migrations may have run in this database."""

from collections.abc import Iterator, Mapping
from typing import Any

from ...model.session import USUAL, Session, Sessions, date_order, time_zone
from .reading import Row

_Settings = Mapping[str, str]


def sessions(row: Row) -> Sessions:
    """What a role without settings of its own finds, and each role that has some."""
    own = [each for each in row["set"] or () if each["settings"]]
    base = dict(row["began_with"])
    if any(each["role"] == row["role"] for each in own):
        # What this session began with may be its role's alone: of the server's own nothing is known then.
        base |= {name: value for each in own if each["role"] == row["role"] for name, value in _usual(each["settings"])}
    base |= _settings(own, None)
    roles = sorted({each["role"] for each in own if each["role"] is not None})
    found = [_session(base), *(_session({**base, **_settings(own, role)}) for role in roles)]
    return Sessions(tuple(dict.fromkeys(found)))


def _settings(own: list[Any], role: str | None) -> dict[str, str]:
    """For all databases, then for this one, which goes before."""
    found: dict[str, str] = {}
    for each in sorted((each for each in own if each["role"] == role), key=lambda each: bool(each["database"])):
        found |= each["settings"]
    return found


def _usual(settings: _Settings) -> Iterator[tuple[str, str]]:
    usual = {"timezone": "UTC", "datestyle": "ISO, MDY", "intervalstyle": "postgres", "lc_monetary": "C"}
    return ((name, usual[name]) for name in settings)


def _session(settings: _Settings) -> Session:
    return Session(
        time_zone(settings.get("timezone", "UTC")),
        date_order(settings.get("datestyle", "")) or USUAL.date_order,
        settings.get("intervalstyle", "").lower() == "sql_standard",
        settings.get("lc_monetary", "C"),
    )
