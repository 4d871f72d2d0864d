"""What an incident says, as a digest: another one is news, the same one is not."""

import json
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256

from ...model.finding import Finding

# What is measured again in every run. A number in other findings (a type's length, a SQLSTATE) is their content.
_MEASURED = ("seed-", "endpoint-", "certificate-", "session-", "server-")
_FOLLOWS = frozenset({"clients", "failing_tables", "changed", "by"})
_LEFT_OUT = "_left_out"
# A number that is no part of a name.
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?!\w)")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?)?")


def digest_of(findings: Iterable[Finding]) -> str:
    """Give the same digest while *findings* say the same, whatever their order, their times and their running counts.

    Summaries, remedies and causes follow from the rest, and are left out.
    """
    contents = sorted(json.dumps(_content(finding), sort_keys=True) for finding in findings)
    return sha256("\n".join(contents).encode()).hexdigest()[:16]


def _content(finding: Finding) -> list[object]:
    measured = finding.code.startswith(_MEASURED)
    return [
        finding.code,
        finding.subject,
        finding.severity.value,
        _steady(finding.expected, measured),
        _steady(finding.actual, measured),
        {} if measured else _steady(_own(finding.evidence), measured),
    ]


def _own(evidence: Mapping[str, object]) -> dict[str, object]:
    """Leave out what follows from the rest, and from whether the running release is known at the moment."""
    return {key: value for key, value in evidence.items() if key not in _FOLLOWS and not key.endswith(_LEFT_OUT)}


def _steady(value: object, measured: bool) -> object:  # of one function, one module
    """Take out what changes by itself: moments, counts of evidence, and every number that was *measured*."""
    match value:
        case str():
            text = _MOMENT.sub("…", value)
            return _NUMBER.sub("…", text) if measured else text
        case bool() | None:
            return value
        case int() | float():
            return "…"
        case Mapping():
            return {key: _steady(inner, measured) for key, inner in value.items()}
        case list() | tuple():
            return [_steady(inner, measured) for inner in value]
    return value
