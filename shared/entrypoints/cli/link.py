"""``migration-monitor link``: a signed link to a target's status page, or to its badge."""

import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from ..watched import NoSuchTargetError, named_target
from .exits import PASSED, UsageError
from .options import add_named_target_options, settings_in

_DESCRIPTION = """\
Print a link to the status page of a target that opens without a login, for 7 days, as
messages have it; or with --badge to the badge of the target, which has no end. A new
`link_key` ends all of them.
"""


def register(parser: ArgumentParser) -> None:
    parser.description = _DESCRIPTION
    add_named_target_options(parser)
    parser.add_argument("--badge", action="store_true", help="the badge: an image for a README or a wiki")
    parser.set_defaults(run=_link)


def _link(options: Namespace) -> int:
    from ...alerts.link_key import with_link_key  # noqa: PLC0415  # as above
    from ...alerts.links import Purpose  # noqa: PLC0415  # `--help` needs none of it
    from ...alerts.messages.parts import signed_badge, signed_page  # noqa: PLC0415  # as above

    settings = settings_in(options)
    try:
        target = named_target(settings, options.target).name
    except NoSuchTargetError as error:
        raise UsageError(str(error)) from None
    alerts, problems = with_link_key(settings.alerts)
    if problems:
        raise UsageError(problems[0])
    now = datetime.now(UTC)
    link = signed_badge(alerts, target) if options.badge else signed_page(alerts, Purpose.PAGE, target, now)
    if link is None:
        raise UsageError("a signed link needs `status_page` and `link_key` in [alerts], and `pages` not false")
    sys.stdout.write(f"{link}\n")
    return PASSED
