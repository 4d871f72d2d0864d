"""What the environment says, and its variables put where the file names them."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..model.azure import Identity
from ..model.setting_types import FromEnvironment, InVault, Secret
from .problem import Location, Problem

_NAMED = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
# What Key Vault takes for a secret's name.
_IN_VAULT = re.compile(r"vault:[A-Za-z0-9-]{1,127}")
# Where Azure cannot put the secret in its place, an app setting's reference is itself the value.
_UNRESOLVED = "@Microsoft.KeyVault("


def environment() -> Mapping[str, str]:
    """Give the process's environment as it is at this moment."""
    return MappingProxyType(dict(os.environ))


def settings_path(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("MONITOR_CONFIG") or "monitor.toml")


def database_url(environ: Mapping[str, str]) -> Secret | None:
    """Give ``DATABASE_URL``, for a check without a settings file."""
    url = environ.get("DATABASE_URL")
    return Secret("env:DATABASE_URL", url) if url else None


def ssl_root_cert(environ: Mapping[str, str]) -> str | None:
    """Give the file of ``PGSSLROOTCERT``, libpq's own variable: those who may vouch for a server."""
    return environ.get("PGSSLROOTCERT") or None


def own_identity(environ: Mapping[str, str]) -> Identity:
    """Give the default Azure identity: the app's managed identity, else the login of `az`."""
    if environ.get("IDENTITY_ENDPOINT"):
        return Identity(environ.get("AZURE_CLIENT_ID") or None)
    return Identity(managed=False)


class Substitution:
    """Puts variables in place of the texts ``env:NAME``, at any depth, and keeps what is wrong with texts.

    ``vault:NAME`` is marked for what it is: only secrets may be fetched.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self._environ = environ

    def apply(self, document: dict[str, Any]) -> dict[str, Any]:
        """Give a copy of *document* with its variables; where one cannot be used stands an empty text."""
        return {key: self._fill(value, (key,)) for key, value in document.items()}

    def _fill(self, value: object, at: Location) -> object:
        match value:
            case dict():
                return {key: self._fill(inner, (*at, key)) for key, inner in value.items()}
            case list():
                return [self._fill(inner, (*at, place)) for place, inner in enumerate(value)]
            case str() if named := _NAMED.fullmatch(value):
                return FromEnvironment(self._variable(named[1], at), value)
            case str() if _IN_VAULT.fullmatch(value):
                return InVault(value)
            case str() if "\0" in value:
                # Neither PostgreSQL nor a file system takes one.
                self.problems.append(Problem(at, "must not hold a NUL character"))
        return value

    def _variable(self, name: str, at: Location) -> str:
        value = self._environ.get(name)
        if value and _is_text(value) and not value.startswith(_UNRESOLVED):
            return value
        self.problems.append(Problem(at, f"the environment variable {name} {_lack(value)}"))
        return ""


def _lack(value: str | None) -> str:
    """Say what is wrong with a variable's *value*, which may be a secret."""
    if not value:
        return "is not set" if value is None else "is empty"
    if value.startswith(_UNRESOLVED):
        return "is a reference to a Key Vault that Azure could not follow: may the app's identity read that secret?"
    return "does not hold UTF-8 text"


def _is_text(value: str) -> bool:
    """Say whether *value* is text: what was not UTF-8 reaches Python as lone surrogates."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value
