"""How a command ends, as ``prisma migrate diff --exit-code`` and ``terraform plan`` have it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...model.report import Report

PASSED = 0
UNKNOWN = 1
FAILED = 2
INTERRUPTED = 130


class UsageError(Exception):
    """The call cannot be carried out as it stands; the text says what would be right."""


def exit_status(reports: "Iterable[Report]", *, strict: bool) -> int:
    """Give the worst outcome of all reports; *strict* takes a warning for a failure."""
    from ...model.report import Verdict  # noqa: PLC0415  # `--help` needs none of it

    verdicts = {report.verdict for report in reports}
    if Verdict.FAILED in verdicts or (strict and Verdict.WARNING in verdicts):
        return FAILED
    return UNKNOWN if Verdict.UNKNOWN in verdicts else PASSED
