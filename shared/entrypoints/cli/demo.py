"""``migration-monitor demo``: the incident that this tool was born from, on a private PostgreSQL."""

from argparse import ArgumentParser, Namespace

from .exits import UsageError
from .output import terminal_style, write_text
from .outputs import print_reports


def register(parser: ArgumentParser) -> None:
    parser.set_defaults(run=_demo)


def _demo(_options: Namespace) -> int:
    try:
        from ...demo.show import Terminal, show  # noqa: PLC0415  # left out of deployments
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.endswith(".demo"):
            raise
        raise UsageError("the demo is not part of this installation: clone the repository for it") from None
    from ...report.plan.text import plan_as_text  # noqa: PLC0415  # it brings rich

    width, colour = terminal_style()
    return show(
        Terminal(
            lambda report: print_reports([report], "text"),
            lambda plan: write_text(plan_as_text(plan, width=width, colour=colour), None),
            width,
        )
    )
