"""``migration-monitor baseline``: write down the drift that is there, to be reviewed and accepted."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial

from ...model.codes import row_of
from ...model.finding import Finding
from ...model.knowledge import Unavailable
from ...model.report import Report, Trigger, Verdict
from ...model.settings import OPAQUE, BaselineOfPrivileges
from ...report.changed import changed
from ...report.toml import basic_string, text_of_lines
from ...report.wording import printable
from ...run import run
from ...run.privileges import baseline_of
from .exits import PASSED, UNKNOWN
from .notifying import Notifying
from .options import add_target_options, one_target, settings_of
from .output import add_output_file, progress, say, write_text

# Long enough to fix it, short enough to be reviewed again.
_ACCEPTED_FOR = timedelta(days=90)
_NOT_REVIEWED = "not reviewed yet"
_DESCRIPTION = """\
Print the present findings of the schema check as accepted drift, for the target's
part of the settings file. Review it like code: give a reason and a last day for
each entry, and remove the entries that you do not accept. Where the target compares
privileges, print what is granted beyond its migrations, too.
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
    settings = settings_of(options)
    target, remembered = one_target(options, settings), Notifying(options, settings)
    with progress(f"{target.name}: reading …"):
        report = run(
            target,
            Trigger.TERMINAL,
            last_seen=remembered.last_seen(target),
            read_seen_before=partial(remembered.seen_before, target),
        )
    uncompared = report.coverage.uncompared if report.coverage is not None else ()
    text = as_accepted(drift(report), report.started_at.date(), uncompared)
    if target.compare_privileges:
        with progress(f"{target.name}: reading owners and privileges …"):
            grants = baseline_of(target)
        if isinstance(grants, Unavailable):
            say(grants.because)
            return UNKNOWN
        text = f"{text}\n{as_grants(grants)}"
    write_text(text, options.output)
    unknown = any(
        check.name in {"schema", "privileges"} and check.verdict is Verdict.UNKNOWN for check in report.checks
    )
    return UNKNOWN if unknown else PASSED


def drift(report: Report) -> list[Finding]:
    """What the schema check found: privileges have a baseline of their own."""
    return [finding for finding in report.findings if row_of(finding.code).check == "schema"]


def as_accepted(found: Iterable[Finding], today: date, uncompared: Iterable[str] = ()) -> str:
    """Give the drift, and what could not be compared, as TOML.

    The reason is left for a person to write, and stands out until one does.
    """
    keys = [(finding.summary, finding.key, changed(finding)) for finding in found]
    keys += [
        (f"{subject} could not be compared: check it by hand.", f"{OPAQUE}{subject}", None) for subject in uncompared
    ]
    blocks = [
        f"# {printable(comment).replace(chr(10), ' ')}\n[[target.accepted]]\nkey = {basic_string(key)}\n"
        f"because = {basic_string(_reason(when))}\nuntil = {today + _ACCEPTED_FOR}\n"
        for comment, key, when in keys
    ]
    return "\n".join(blocks) or "# There is no drift to accept.\n"


def as_grants(grants: BaselineOfPrivileges) -> str:
    """Give the baseline of owners and privileges as TOML."""
    comment = "# What others than the migrations grant, as it is now: review it like code."
    return f"{comment}\n[target.grants]\nafter = {basic_string(grants.after)}\nsql = {text_of_lines(grants.sql)}\n"


def _reason(when: str | None) -> str:
    """What a person is to write, with what is known of how it came about."""
    return _NOT_REVIEWED if when is None else f"{_NOT_REVIEWED}. {printable(when)}"
