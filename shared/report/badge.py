"""A badge of one target: as SVG that looks like those of shields.io, and as JSON for their endpoint."""

from datetime import datetime
from html import escape

from ..model.finding import Json, Severity
from ..model.phrases import clipped, counted
from ..model.report import Report, Verdict
from ..model.value import dataclass
from .html.page import Remembered
from .lateness import stale_since
from .reading import NoReportError, as_report
from .wording import printable

_COLORS = {"brightgreen": "#4c1", "yellow": "#dfb317", "red": "#e05d44", "orange": "#fe7d37", "lightgrey": "#9f9f9f"}
_OF_VERDICT = {Verdict.WARNING: "yellow", Verdict.FAILED: "red", Verdict.UNKNOWN: "orange"}
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Badge:
    """*color* is a name that shields.io knows; the *message* says the same in words."""

    label: str
    message: str
    color: str


def badge_of(state: Remembered, now: datetime) -> Badge:
    """Give the badge of the last run; of one that is too old, since when."""
    return Badge(_fitting(state.name), *_message(state, now))


def as_shields(badge: Badge) -> dict[str, Json]:
    """Give the answer for ``https://img.shields.io/endpoint?url=…``."""
    return {"schemaVersion": 1, "label": badge.label, "message": badge.message, "color": badge.color}


def as_svg(badge: Badge) -> str:
    """Give the picture: nothing is loaded from anywhere, and the words are text."""
    left, right = _width(badge.label), _width(badge.message)
    width = left + right
    label, message = escape(badge.label), escape(badge.message)
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{label}: {message}">
<title>{label}: {message}</title>
<linearGradient id="s" x2="0" y2="100%">
<stop offset="0" stop-color="#bbb" stop-opacity=".1"/><stop offset="1" stop-opacity=".1"/>
</linearGradient>
<clipPath id="r"><rect width="{width}" height="20" rx="3" fill="#fff"/></clipPath>
<g clip-path="url(#r)">
<rect width="{left}" height="20" fill="#555"/>
<rect x="{left}" width="{right}" height="20" fill="{_COLORS[badge.color]}"/>
<rect width="{width}" height="20" fill="url(#s)"/>
</g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">
{_text(label, left / 2, left)}
{_text(message, left + right / 2, right)}
</g>
</svg>
"""


def _message(state: Remembered, now: datetime) -> tuple[str, str]:
    stale = stale_since(state.memory, now)
    if stale is not None:
        return f"stale since {stale:%Y-%m-%d %H:%M} UTC", "lightgrey"
    if state.broken is not None:
        return "unknown", "orange"
    if state.report is None:
        return "no run yet", "lightgrey"
    try:
        return _of_report(as_report(state.report))
    except NoReportError:
        return "unknown", "orange"


def _of_report(report: Report) -> tuple[str, str]:
    if report.sleeps_until is not None and report.verdict is Verdict.PASSED:
        return "asleep", "lightgrey"
    color = _OF_VERDICT.get(report.verdict, "brightgreen")
    severities = [finding.severity for finding in report.findings]
    match report.verdict:
        case Verdict.FAILED:
            return f"failed: {severities.count(Severity.CRITICAL)} critical", color
        case Verdict.WARNING:
            return counted(severities.count(Severity.WARNING), "warning"), color
    return report.verdict.value, color


def _fitting(text: str) -> str:
    return clipped(printable(text).replace("\n", " "), _LONGEST)


def _text(text: str, middle: float, width: int) -> str:
    """Give the text with its shadow; it is as long as its box wants it, whatever font the reader has."""
    length = f'textLength="{width - 10}" lengthAdjust="spacingAndGlyphs"'
    shadow = f'<text aria-hidden="true" x="{middle:g}" y="15" fill="#010101" fill-opacity=".3" {length}>{text}</text>'
    return f'{shadow}\n<text x="{middle:g}" y="14" {length}>{text}</text>'


def _width(text: str) -> int:
    """Estimate the width in Verdana of 11 pixels, with 5 on either side."""
    return 10 + round(sum(_width_of(character) for character in text))


def _width_of(character: str) -> float:
    if character in "ijlI.,:;'|!()[] ":
        return 4.2
    if character in "mwMW@%":
        return 10.5
    if not character.isascii():
        return 11.0
    return 7.6 if character.isupper() or character.isdigit() else 6.7
