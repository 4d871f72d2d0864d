"""``monitor.py demo``: the incident that this tool was born from, on a private PostgreSQL."""

from argparse import Namespace
from typing import TYPE_CHECKING

from shared.doors.terminal.exits import UsageError
from shared.doors.terminal.output import write

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction


def register(commands: "_SubParsersAction[ArgumentParser]") -> None:
    parser = commands.add_parser("demo", help="rebuild a real incident on a private PostgreSQL, and report it")
    parser.set_defaults(run=_demo, format="text", output=None)


def _demo(options: Namespace) -> int:
    try:
        from demo.show import show  # noqa: PLC0415  # left out of deployments
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "demo":
            raise
        raise UsageError("the demo is not part of this installation: clone the repository for it") from None
    return show(lambda report: write([report], options))
