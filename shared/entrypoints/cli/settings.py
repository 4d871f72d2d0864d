"""``migration-monitor settings``: is the settings file right, what does it watch, and can its secrets be read here?"""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from ...model.mistake import Mistake
from ...model.secrets import secrets_in
from ...model.setting_types import Secret
from ...model.settings import Settings
from ...prisma.connection_url import parse_connection_url
from ...report.json import dumps
from ...report.settings import Overview, as_document, as_text, overview
from ...settings import SettingsError, environment, settings_path
from .exits import PASSED, UNKNOWN
from .options import settings_in
from .output import add_output_file, write_text

_DESCRIPTION = """\
Check the settings file without a database: its mistakes, its targets and what each
does not watch, its channels, and the secrets that it names. No value is printed.
"""
_EPILOGUE = """\
exit status:
  0  the settings can be used
  1  there are mistakes, or secrets that cannot be read from here

examples:
  migration-monitor settings
  migration-monitor settings --resolve     also reads each secret of a vault once
  migration-monitor settings --format json
"""


def register(parser: ArgumentParser) -> None:
    parser.description, parser.epilog = _DESCRIPTION, _EPILOGUE
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings file (default: $MONITOR_CONFIG or monitor.toml)"
    )
    parser.add_argument("--resolve", action="store_true", help="read each secret, also from vaults")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    add_output_file(parser)
    parser.set_defaults(run=_settings)


def _settings(options: Namespace) -> int:
    found = _overview(options)
    text = as_text(found) if options.format == "text" else dumps(as_document(found), indent=2, end="\n")
    write_text(text, options.output)
    return PASSED if found.is_valid else UNKNOWN


def _overview(options: Namespace) -> Overview:
    file = str(options.config or settings_path(environment()))
    try:
        settings = settings_in(options, notifies=True)
    except SettingsError as error:
        return Overview(file, mistakes=error.mistakes)
    refusals = _refusals(settings) if options.resolve else {}
    mistakes = tuple(_misfits(file, settings)) if options.resolve and not any(refusals.values()) else ()
    return overview(file, settings, refusals, mistakes, datetime.now(UTC))


def _shapes(settings: Settings) -> Iterable[object]:
    return (*settings.targets, settings.alerts)


def _refusals(settings: Settings) -> Mapping[Secret, str | None]:
    """Ask for every secret that is in a vault, for all at once, and give why it cannot be read; None where it can."""
    from ...azure.error import AzureError  # noqa: PLC0415  # only who resolves needs Azure
    from ...azure.secrets import with_secrets  # noqa: PLC0415
    from ...net.background import Started  # noqa: PLC0415

    def refusal(secret: Secret) -> str | None:
        try:
            with_secrets(secret)
        except AzureError as error:
            return error.because
        return None

    wanted = {secret for shape in _shapes(settings) for secret in secrets_in(shape) if not secret.is_at_hand}
    asking = {secret: Started(lambda secret=secret: refusal(secret)) for secret in wanted}  # type: ignore[misc]
    return {secret: started.outcome() for secret, started in asking.items()}


def _misfits(file: str, settings: Settings) -> Iterator[Mistake]:
    """Give the secrets that can be read and are not what is asked for in their place."""
    from ...azure.error import AzureError  # noqa: PLC0415  # as above
    from ...azure.secrets import with_secrets  # noqa: PLC0415

    for target in settings.targets:
        try:
            url = with_secrets(target).database.url
        except AzureError as error:
            yield Mistake(file, f"target.{target.name}", error.because)
            continue
        if url is None:
            continue
        try:
            parse_connection_url(url.value)
        except ValueError as error:
            yield Mistake(file, f"target.{target.name}.database.url", f"{url.name}: {error}")
    try:
        with_secrets(settings.alerts)
    except AzureError as error:
        yield Mistake(file, "alerts", error.because)
