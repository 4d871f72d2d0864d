"""``migration-monitor unsilence``: take a silence back."""

from argparse import ArgumentParser, Namespace

from ...alerts.decide.silences import NothingToSilenceError, unsilenced
from ...memory import RememberError
from ...report.wording import printable
from .exits import PASSED, UsageError
from .options import add_named_target_options, named_target_of


def register(parser: ArgumentParser) -> None:
    parser.add_argument("incident", nargs="?", help="the incident; without it, the whole target")
    add_named_target_options(parser)
    parser.set_defaults(run=_unsilence)


def _unsilence(options: Namespace) -> int:
    _target, place = named_target_of(options)
    try:
        with place.alone():
            place.save(unsilenced(place.load(), options.incident))
    except (NothingToSilenceError, RememberError) as error:
        raise UsageError(printable(str(error))) from None
    print(printable(f"Messages are sent again from now on: {options.incident or 'the whole target'}"))  # noqa: T201  # this is the terminal
    return PASSED
