"""``migration-monitor completion``: a script with which a shell completes commands, options and file names."""

from argparse import Action, ArgumentParser, Namespace
from collections.abc import Iterator, Mapping

from .called import COMMAND
from .exits import PASSED, UsageError
from .output import write_text

_SHELLS = ("bash", "zsh", "fish")
# What the help calls the name of a file or folder.
_PATHS = {"FILE", "PATH", "FOLDER", "DIR"}
_DESCRIPTION = f"""\
Print a script that completes the commands, options and file names of {COMMAND}.
"""
_EPILOGUE = f"""\
bash, in ~/.bashrc:
  source <({COMMAND} completion bash)
zsh, in a folder of $fpath:
  {COMMAND} completion zsh > ~/.zfunc/_{COMMAND}
fish:
  {COMMAND} completion fish > ~/.config/fish/completions/{COMMAND}.fish
"""


def register(parser: ArgumentParser) -> None:
    parser.description, parser.epilog = _DESCRIPTION, _EPILOGUE
    parser.add_argument("shell", choices=_SHELLS)
    parser.set_defaults(run=_completion)


def _completion(options: Namespace) -> int:
    try:
        import shtab  # noqa: PLC0415  # only this command needs it
    except ModuleNotFoundError:
        raise UsageError("the package shtab is not installed: a deployment in Azure needs no completion") from None

    from .main import COMMANDS, parser_with  # noqa: PLC0415  # it imports this module

    parser, commands = parser_with(COMMANDS, program=COMMAND)
    for action in _actions(commands):
        if action.metavar in _PATHS and action.choices is None:
            # The library's own way to say how a value is completed.
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    write_text(shtab.complete(parser, options.shell), None)
    return PASSED


def _actions(commands: Mapping[str, ArgumentParser]) -> Iterator[Action]:
    for command in commands.values():
        yield from command._actions  # argparse has no other way
