"""The command line: one parser, a file a command, and how every run ends."""

import os
import signal
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from typing import NoReturn

from shared.doors.terminal import check, demo, preview, silence, silences, test_alert, unsilence, verify
from shared.doors.terminal.exits import COULD_NOT_TELL, INTERRUPTED, UsageError
from shared.model.mistake import SettingsError

_COMMANDS = (check, verify, silence, unsilence, silences, test_alert, preview, demo)
_DESCRIPTION = """\
Tells whether a production PostgreSQL run by Prisma is in step with its release;
if not, why, and which command mends it. It only ever reads.
"""
_EPILOGUE = """\
exit status:
  0  in step (passed, or warnings only)
  2  not in step
  1  could not tell: a check is unknown, or the call or the settings are wrong

examples:
  export DATABASE_URL=postgresql://reader:…@db.example.com/app
  monitor.py check --migrations prisma/migrations
  monitor.py check --target production --format json
  monitor.py verify --release v1.42.0 --wait 300
  monitor.py demo
"""


def main(arguments: Sequence[str]) -> int:
    """Run one command and give the exit status; mistakes become one sentence on standard error, never a traceback."""
    try:
        options = _parser().parse_args(arguments)
        run: Callable[[Namespace], int] = options.run
        status = run(options)
        sys.stdout.flush()
    except (UsageError, SettingsError) as error:
        print(f"monitor.py: {error}", file=sys.stderr)  # noqa: T201  # this is the terminal
        return COULD_NOT_TELL
    except KeyboardInterrupt:
        print("monitor.py: interrupted", file=sys.stderr)  # noqa: T201  # as above
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (`| head`) has seen enough. Python would complain once more at exit without this.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    return status


class _Parser(ArgumentParser):
    """An argument parser whose mistakes end with our exit status, not with 2, which means "not in step"."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}\n{self.format_usage().rstrip()}\n`{self.prog} --help` says more")


def _parser() -> ArgumentParser:
    parser = _Parser(
        prog="monitor.py",
        description=_DESCRIPTION,
        epilog=_EPILOGUE,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.register(commands)
    return parser
