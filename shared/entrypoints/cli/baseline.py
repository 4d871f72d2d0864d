"""``migration-monitor baseline``: write down the drift that is there, to be reviewed and accepted."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from datetime import date, timedelta

from ...model.finding import Finding
from ...model.report import Report, Trigger, Verdict
from ...model.settings import ACCEPTABLE, OPAQUE
from ...report.toml import basic_string
from ...report.wording import printable
from ...run import run
from .exits import PASSED, UNKNOWN
from .options import add_target_options, one_target
from .output import add_output_file, progress, write_text

# Long enough to fix it, short enough to be reviewed again.
_ACCEPTED_FOR = timedelta(days=90)
_DESCRIPTION = """\
Print the present findings of the schema check as accepted drift, for the target's
part of the settings file. Review it like code: give a reason and a last day for
each entry, and remove the entries that you do not accept.
"""
_EPILOGUE = """\
example:
  migration-monitor baseline --target production > accepted.toml
"""


def register(parser: ArgumentParser) -> None:
    parser.description, parser.epilog = _DESCRIPTION, _EPILOGUE
    add_target_options(parser)
    add_output_file(parser)
    parser.set_defaults(run=_baseline)


def _baseline(options: Namespace) -> int:
    target = one_target(options)
    with progress(f"{target.name}: reading …"):
        report = run(target, Trigger.TERMINAL)
    uncompared = report.coverage.uncompared if report.coverage is not None else ()
    write_text(as_accepted(drift(report), report.started_at.date(), uncompared), options.output)
    unknown = any(check.name == "schema" and check.verdict is Verdict.UNKNOWN for check in report.checks)
    return UNKNOWN if unknown else PASSED


def drift(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.key.startswith(ACCEPTABLE)]


def as_accepted(found: Iterable[Finding], today: date, uncompared: Iterable[str] = ()) -> str:
    """Give the drift, and what could not be compared, as TOML.

    The reason is left for a person to write, and stands out until one does.
    """
    keys = [(finding.summary, finding.key) for finding in found]
    keys += [(f"{subject} could not be compared: check it by hand.", f"{OPAQUE}{subject}") for subject in uncompared]
    blocks = [
        f"# {printable(comment).replace(chr(10), ' ')}\n[[target.accepted]]\nkey = {basic_string(key)}\n"
        f'because = "not reviewed yet"\nuntil = {today + _ACCEPTED_FOR}\n'
        for comment, key in keys
    ]
    return "\n".join(blocks) or "# There is no drift to accept.\n"
