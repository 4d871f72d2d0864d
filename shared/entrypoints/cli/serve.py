"""``migration-monitor serve``: the status page at this machine, from what was remembered here."""

import secrets
import sys
import traceback
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from ...model.setting_types import Secret
from ...model.settings import Settings
from ...model.value import replace
from ..watched import named_target
from .exits import PASSED, UsageError
from .notifying import Notifying, add_notify_option
from .options import settings_in
from .output import say

_PORT = 8765
_HIGHEST_PORT = 65535
_DESCRIPTION = """\
Show the status page of all targets to a browser at this machine, until interrupted. The
page has what `check --notify` and the deployed monitor remember. Nothing is checked but
by its button "Check now", which --notify adds: it does what `check --notify` does.
"""


def register(parser: ArgumentParser) -> None:
    parser.description = _DESCRIPTION
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings file (default: $MONITOR_CONFIG or monitor.toml)"
    )
    parser.add_argument("--port", type=int, default=_PORT, metavar="N", help=f"default: {_PORT}; 0 takes a free one")
    add_notify_option(parser)
    # What `report_on` asks for besides.
    parser.set_defaults(run=_serve, no_schema=False, prisma_schema=None)


def _serve(options: Namespace) -> int:
    from ..http.local import Checks, LocalServer  # noqa: PLC0415  # `--help` needs none of it
    from ..http.site import Site  # noqa: PLC0415  # as above

    if not 0 <= options.port <= _HIGHEST_PORT:
        raise UsageError(f"--port is 0 to {_HIGHEST_PORT}")
    settings = settings_in(options, notifies=options.notify)
    checks = Checks(_checking(options, settings)) if options.notify else None
    # Forms are signed here as anywhere; what is signed ends with this process.
    own_key = Secret("serve", secrets.token_urlsafe(32))
    shown = replace(settings, alerts=replace(settings.alerts, link_key=own_key))
    site = Site(shown, is_local=True, queues=checks is not None)
    try:
        server = LocalServer(site, options.port, checks)
    except OSError as error:
        raise UsageError(f"port {options.port} cannot be used: {error.strerror}; choose another with --port") from None
    with server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        server.serve_forever()
    return PASSED


def _checking(options: Namespace, settings: Settings) -> Callable[[str], None]:
    """Give what checks a target by its name, and notifies; what goes wrong is printed, and the page stays.

    Raises `UsageError` where the settings have no channel.
    """
    from .check import report_on  # noqa: PLC0415  # only where it checks

    Notifying(options, settings)

    def check(name: str) -> None:
        notifying = Notifying(options, settings)
        try:
            report = report_on(named_target(settings, name), options, notifying)
        except Exception:  # noqa: BLE001  # channels are notified of a bug, and it ends no server
            traceback.print_exc()
            return
        say(f"{name}: {report.verdict}")
        notifying.ended(PASSED)

    return check
