"""What a file's targets must keep that no shape can ask for: names fit for files and for URLs, and database URLs."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from ..model.hours import never_end
from ..model.setting_types import FromEnvironment, InVault
from ..model.settings import Target
from ..model.urls import is_vault
from ..prisma.connection_url import parse_connection_url
from .problem import Location, Problem, inside

NO_TARGET = Problem(("target",), "there is none: add one with [[target]]")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def is_name(text: object) -> bool:
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def target_names(document: dict[str, Any]) -> list[str]:
    """Give what each target is called; one without a usable name is ``unnamed-2`` by its place from one."""
    return [
        str(name) if is_name(name) else f"unnamed-{place}"
        for place, name in enumerate((inside(table, "name") for table in _tables(document)), 1)
    ]


def name_clashes(document: dict[str, Any]) -> Iterator[Problem]:
    """Give the targets whose names do not differ: which of them would be meant?"""
    # Windows and macOS take the files of production and Production for one.
    names = [name.casefold() for name in target_names(document)]
    uses = Counter(names)
    for place, name in enumerate(names):
        if uses[name] > 1:
            yield Problem(("target", place, "name"), "another target has the same name")


def target_problems(document: dict[str, Any]) -> Iterator[Problem]:
    """Give what is wrong with each target's name, its database's URL and its channels."""
    for place, table in enumerate(_tables(document)):
        name, url = inside(table, "name"), inside(inside(table, "database"), "url")
        if isinstance(name, str) and name and not _NAME.fullmatch(name):
            yield Problem(
                ("target", place, "name"),
                "must be 1 to 64 letters, digits, `.`, `_` and `-`, the first a letter or digit",
            )
        if isinstance(url, FromEnvironment) and url:
            try:
                parse_connection_url(url)
            except ValueError as error:
                yield Problem(("target", place, "database", "url"), f"{url.written}: {error}")
        yield from _unknown_channels(document, place, inside(inside(table, "alerts"), "channels"))


def sleep_problems(targets: Iterable[Target]) -> Iterator[Problem]:
    """Give the targets that would never be checked."""
    for place, target in enumerate(targets):
        if never_end(target.sleep):
            yield Problem(("target", place, "sleep"), "leaves no hour of the week for checks")


def vault_problems(document: dict[str, Any]) -> Iterator[Problem]:
    """Give the secrets that are named ``vault:NAME`` where no vault is named."""
    for_all, of_targets = inside(inside(document, "azure"), "vault"), _vaults_of_targets(document)
    for location in _in_vaults(document, ()):
        match location:
            case ("target", int(place), *_) if place < len(of_targets):
                vault = of_targets[place] or for_all
            case _:
                vault = vault_of_alerts(document)
        if not vault:
            yield Problem(location, "is in a vault, and none is named: set `vault` in [azure]")


def vault_of_alerts(document: dict[str, Any]) -> Any:
    """Give the vault of what belongs to no target: that of all, else the only one that targets name.

    Targets with other wrong settings are included: people must be notified of those.
    """
    named = [vault for vault in _vaults_of_targets(document) if isinstance(vault, str) and is_vault(vault)]
    only = named[0] if named and all(vault == named[0] for vault in named) else None
    return inside(inside(document, "azure"), "vault") or only


def _vaults_of_targets(document: dict[str, Any]) -> list[Any]:
    return [inside(table, "vault") for table in _tables(document)]


def _in_vaults(value: object, at: Location) -> Iterator[Location]:
    if isinstance(value, InVault):
        yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, each in inner:
        yield from _in_vaults(each, (*at, step))


def _unknown_channels(document: dict[str, Any], target: int, named: object) -> Iterator[Problem]:
    alerts = document.get("alerts", {})
    channels = alerts.get("channel", []) if isinstance(alerts, dict) else None
    known = [inside(channel, "name") for channel in channels] if isinstance(channels, list) else [None]
    if not all(isinstance(name, str) for name in known):
        return  # its own problem is reported there
    for place, name in enumerate(named if isinstance(named, list) else []):
        if isinstance(name, str) and name and name not in known:
            yield Problem(("target", target, "alerts", "channels", place), "no channel of [alerts] has this name")


def _tables(document: dict[str, Any]) -> list[object]:
    tables = document.get("target")
    return tables if isinstance(tables, list) else []
