"""The command line: one parser, a file a command, and how every run ends."""

import signal
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NoReturn

from shared.doors.terminal.exits import COULD_NOT_TELL, INTERRUPTED, UsageError
from shared.doors.terminal.output import discard_standard_output, say
from shared.model.mistake import SettingsError

# Each is a module beside this one, in which `register` adds it to the parser; in the order of the help.
_COMMANDS = (
    "check",
    "verify",
    "plan",
    "explain",
    "remedy",
    "schema",
    "baseline",
    "silence",
    "unsilence",
    "silences",
    "test-alert",
    "preview",
    "demo",
)
_DESCRIPTION = """\
Checks whether a production PostgreSQL run by Prisma matches its release;
if not, says why, and which command fixes it. It only reads.
"""
_EPILOGUE = """\
exit status:
  0  passed, or warnings only
  2  failed
  1  unknown: a check has no result, or the call or the settings are wrong

examples:
  export DATABASE_URL=postgresql://reader:…@db.example.com/app
  monitor.py check --migrations prisma/migrations
  monitor.py check --target production --format json
  monitor.py verify --release v1.42.0 --wait 300
  monitor.py schema --migrations prisma/migrations
  monitor.py demo
"""


def main(arguments: Sequence[str]) -> int:
    """Run one command and give the exit status; mistakes become one sentence on standard error, never a traceback."""
    try:
        options, unknown = _parser(_meant(arguments)).parse_known_args(arguments)
        if unknown:
            # Said here, since argparse would send to the help of all commands, where options do not stand, and
            # would repeat values, of which one behind a misspelt --database-url is a secret.
            names = [each.partition("=")[0] for each in unknown if each.startswith("-")]
            what = f"unknown: {' '.join(names)}" if names else "more arguments than it takes"
            raise UsageError(f"{what}\n`monitor.py {arguments[0]} --help` says what there is")
        run: Callable[[Namespace], int] = options.run
        return run(options)
    except (UsageError, SettingsError) as error:
        say(str(error))
        return COULD_NOT_TELL
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (`| head`) has seen enough.
        discard_standard_output()
        return 128 + signal.SIGPIPE


class _Parser(ArgumentParser):
    """An argument parser whose mistakes end with our exit status, not with 2, which means "failed"."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}\n{self.format_usage().rstrip()}\n`{self.prog} --help` says more")


def _meant(arguments: Sequence[str]) -> Sequence[str]:
    """Give the command that is called, since importing the others takes time; all, where help or a mistake follows."""
    return arguments[:1] if arguments and arguments[0] in _COMMANDS else _COMMANDS


def _parser(names: Sequence[str]) -> ArgumentParser:
    parser = _Parser(
        prog="monitor.py",
        description=_DESCRIPTION,
        epilog=_EPILOGUE,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name in names:
        import_module(f"shared.doors.terminal.{name.replace('-', '_')}").register(commands)
    return parser
