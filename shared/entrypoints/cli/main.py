"""The command line: one parser, a file a command, and how every run ends."""

import gc
import re
import signal
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from importlib import import_module
from itertools import takewhile
from typing import NoReturn

from ...model.mistake import SettingsError
from ...model.version import VERSION
from .called import COMMAND, called
from .exits import INTERRUPTED, UNKNOWN, UsageError
from .output import discard_standard_output, say

# Each is a module beside this one, whose `register` gives its parser what it takes; in the order of the help.
COMMANDS: Mapping[str, str] = {
    "init": "write settings for an application's repository, and check once",
    "check": "compare a database with its release now",
    "verify": "answer a pipeline whether a deployment succeeded",
    "plan": "predict what pending migrations will lock, rewrite, lose and break",
    "facts": "print what a plan without a database needs to know of a production",
    "watch": "show a deployment while it runs, who waits for it, and how to stop it",
    "serve": "show the status page to a browser at this machine",
    "link": "print a signed link to a target's status page or badge",
    "explain": "show how far one migration got, statement by statement",
    "remedy": "write how to fix the findings as a shell script",
    "schema": "print the schema of a release or of a database",
    "history": "list what changed in a database's schema, from check to check",
    "baseline": "print the present drift as settings, to be reviewed and accepted",
    "silence": "send no messages for a while about what is open now",
    "unsilence": "end a silence",
    "silences": "list the open incidents, and which are silenced",
    "test-alert": "send a message marked as a test to the channels, and print what each answered",
    "preview": "write what each kind of channel would receive of the last report; nothing is sent",
    "settings": "check the settings file, and list what it watches and which secrets it names",
    "completion": "print a script with which a shell completes commands and options",
    "demo": "rebuild a real incident on a private PostgreSQL and report it",
}
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
  migration-monitor check --migrations prisma/migrations
  migration-monitor check --target production --format json
  migration-monitor verify --release v1.42.0 --wait 300
  migration-monitor schema --migrations prisma/migrations
  migration-monitor demo
"""


def run_and_exit() -> NoReturn:
    """Run the command of this program's own arguments, and end the program with its exit status."""
    status = main(sys.argv[1:])
    # The system takes all memory back at once; looking through it for circles before would take a tenth of a check.
    gc.freeze()
    sys.exit(status)


def main(arguments: Sequence[str]) -> int:
    """Run one command and give the exit status; mistakes become one sentence on standard error, never a traceback."""
    try:
        _insist_on_command(arguments)
        parser, commands = parser_with([each for each in arguments if not each.startswith("-")][:1])
        # Said here, since argparse would name what is missing instead, or send to the help of all commands, where
        # options do not stand; and would repeat values: the one behind a misspelt --database-url is a secret.
        _insist_on_options(arguments, commands)
        options, unknown = parser.parse_known_args(arguments)
        if unknown:
            names = [each.partition("=")[0] for each in unknown if each.startswith("-")]
            what = f"unknown option {' '.join(names)}" if names else f"`{arguments[0]}` takes fewer arguments"
            raise UsageError(f"{what}\n`{called()} {arguments[0]} --help` lists what it takes")
        run: Callable[[Namespace], int] = options.run
        return run(options)
    except (UsageError, SettingsError) as error:
        say(str(error))
        return UNKNOWN
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

    def format_help(self) -> str:
        return super().format_help().replace(f"{COMMAND} ", f"{called()} ")


def _insist_on_command(arguments: Sequence[str]) -> None:
    """Raise `UsageError` where the first of *arguments* should be a command and is none."""
    name = arguments[0] if arguments else "-"
    if name.startswith("-") or name in COMMANDS:
        return
    # What is no word at all is not repeated: it may be a URL with a password.
    shown = f' "{name}"' if re.fullmatch(r"[A-Za-z][A-Za-z_-]{0,30}", name) else ""
    raise UsageError(f"unknown command{shown}{_meaning(name, COMMANDS)}\n`{called()} --help` lists all commands")


def _insist_on_options(arguments: Sequence[str], commands: Mapping[str, ArgumentParser]) -> None:
    """Raise `UsageError` where one of *arguments* is a long option that its command does not have."""
    command = commands.get(arguments[0]) if arguments else None
    if command is None:
        return
    written = takewhile(lambda each: each != "--", arguments[1:])
    names = [each.partition("=")[0] for each in written if each.startswith("--")]
    known = [option for action in command._actions for option in action.option_strings]  # argparse has no other way
    if wrong := [name for name in names if name not in known]:
        unknown = "; ".join(f"unknown option {name}{_meaning(name, known)}" for name in wrong)
        raise UsageError(f"{unknown}\n`{called()} {arguments[0]} --help` lists all options")


def _meaning(name: str, known: Iterable[str]) -> str:
    """Say which of *known* a misspelt *name* may mean; nothing where none is close."""
    from difflib import get_close_matches  # noqa: PLC0415  # only for a mistake

    close = get_close_matches(name.lower().replace("_", "-"), list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def parser_with(
    imported: Container[str], program: str | None = None
) -> tuple[ArgumentParser, Mapping[str, ArgumentParser]]:
    """Give the parser, and those of the commands by name. Only the *imported* ones know their options: it takes time.

    The *program* is named as it was called, by default.
    """
    parser = _Parser(
        prog=program or called(),
        description=_DESCRIPTION,
        epilog=_EPILOGUE,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{COMMAND} {VERSION}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, about in COMMANDS.items():
        command = commands.add_parser(name, help=about, allow_abbrev=False, formatter_class=RawDescriptionHelpFormatter)
        if name in imported:
            import_module(f".{name.replace('-', '_')}", __package__).register(command)
    return parser, commands.choices
