"""``migration-monitor serve``: the status page at this machine, from what was remembered here."""

import secrets
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ...model.setting_types import Secret
from ...model.value import replace
from .exits import PASSED, UsageError
from .options import settings_in

_PORT = 8765
_HIGHEST_PORT = 65535
_DESCRIPTION = """\
Show the status page of all targets to a browser at this machine, until interrupted. The
page has what `check --notify` and the deployed monitor remember: nothing is checked.
"""


def register(parser: ArgumentParser) -> None:
    parser.description = _DESCRIPTION
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings file (default: $MONITOR_CONFIG or monitor.toml)"
    )
    parser.add_argument("--port", type=int, default=_PORT, metavar="N", help=f"default: {_PORT}; 0 takes a free one")
    parser.set_defaults(run=_serve)


def _serve(options: Namespace) -> int:
    from ..http.local import LocalServer  # noqa: PLC0415  # `--help` needs none of it
    from ..http.site import Site  # noqa: PLC0415  # as above

    if not 0 <= options.port <= _HIGHEST_PORT:
        raise UsageError(f"--port is 0 to {_HIGHEST_PORT}")
    settings = settings_in(options)
    # Forms are signed here as anywhere; what is signed ends with this process.
    own_key = Secret("serve", secrets.token_urlsafe(32))
    site = Site(replace(settings, alerts=replace(settings.alerts, link_key=own_key)), is_local=True, queues=False)
    try:
        server = LocalServer(site, options.port)
    except OSError as error:
        raise UsageError(f"port {options.port} cannot be used: {error.strerror}; choose another with --port") from None
    with server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        server.serve_forever()
    return PASSED
