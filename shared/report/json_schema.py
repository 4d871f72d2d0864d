"""The JSON Schema of a report, from the model's own shapes.

Documents may grow fields and never lose one. More fields than are named here are allowed, and those that came after the
first version may be missing: a report that is kept may be of an earlier monitor.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from ..model.attribution import Actor
from ..model.codes import CODES
from ..model.diagnosis import MigrationStatus
from ..model.finding import Cause, Finding, Step
from ..model.plan import Blocks, Outcome
from ..model.release import Stale
from ..model.report import (
    AppSummary,
    CheckResult,
    Coverage,
    DatabaseSummary,
    LeftOut,
    Measurement,
    ReleaseSummary,
    ReplicaSummary,
    Report,
    ServerSummary,
    Verdict,
)
from ..model.ways_back import WayBack
from .json import VERSION

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_PLAIN: dict[object, Schema] = {
    str: TEXT,
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime: _MOMENT,
    NoneType: {"type": "null"},
}


def object_of(properties: Mapping[str, Schema], optional: Iterable[str] = ()) -> Schema:
    """An object that has all of *properties*, but for the *optional* ones, and may have more."""
    left_out = set(optional)
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in left_out],
    }


def report_schema() -> Schema:
    """Give the schema of a report: of a run, of the answer to `verify`, and of what is kept."""
    verdict = _one_of(each for each in Verdict if each is not Verdict.SKIPPED)
    return object_of(
        {
            "version": {"type": "integer", "const": VERSION},
            **_fields(Report, "target"),
            "verdict": verdict,
            **_fields(Report, "trigger", "phase", "started_at"),
            "took_ms": _COUNT,
            "release": _or_null(_release()),
            "database": _or_null(_database()),
            "server": _or_null(object_of(_all_fields(ServerSummary), optional=["earliest_restore"])),
            "app": _or_null(object_of(_all_fields(AppSummary))),
            "behind": _list({"enum": ["database", "app", "release"]}),
            **_fields(Report, "sleeps_until"),
            "checks": _list(_check()),
            "findings": _list(_finding()),
            "findings_left_out": _COUNT,
            "migrations": _list(_migration()),
            "measured": _list(object_of(_all_fields(Measurement))),
            "coverage": _or_null(_coverage()),
            "plan": _or_null(_plan()),
            "ways_back": _or_null(_list(_way_back())),
            "deployment": _or_null({"type": "object"}),
        },
        optional=[
            "server", "behind", "sleeps_until", "findings_left_out", "measured", "plan", "ways_back", "deployment",
        ],
    )  # fmt: skip


def _release() -> Schema:
    own = _fields(ReleaseSummary, "version", "source", "digest", "migrations", "origin", "folder", "instead_of")
    stale = {"stale": _or_null(object_of(_all_fields(Stale)))}
    return object_of({**own, **stale}, optional=["origin", "folder", "instead_of", "stale"])


def _database() -> Schema:
    own = _fields(
        DatabaseSummary, "name", "schema", "server_version", "applied", "another_server", "pooled", "role_powers"
    )
    replica = {"replica": _or_null(object_of(_all_fields(ReplicaSummary)))}
    return object_of({**own, **replica}, optional=["replica", "another_server", "pooled", "role_powers"])


def _check() -> Schema:
    own = _fields(CheckResult, "name", "verdict")
    return object_of({**own, "took_ms": _COUNT, "unknown_because": _or_null(TEXT), "findings": _list(TEXT)})


def _finding() -> Schema:
    return object_of(
        {
            "key": TEXT,
            "incident": TEXT,
            "check": _one_of(dict.fromkeys(code.check for code in CODES.values())),
            "code": _one_of(CODES),
            **_fields(Finding, "subject", "severity", "summary", "expected", "actual", "silenced_until"),
            "because": _list(object_of(_all_fields(Cause))),
            "remedy": _list(object_of(_all_fields(Step), optional=["choice", "asks", "prepares"])),
            "evidence": {"type": "object", "properties": {"changed": _changed()}},
        }
    )


def _changed() -> Schema:
    """When a difference came about, and who did it: `checks.changed` writes it."""
    check, commit = object_of({"check": _MOMENT}), object_of({"commit": _MOMENT})
    migration = object_of({"migration": TEXT, "finished_at": _MOMENT})
    by = object_of({**_fields(Actor, "role", "how", "statement"), "at": _or_null(_MOMENT)})
    return object_of(
        {
            "after": _or_null(check),
            "before": {"anyOf": [check, migration, commit, {"type": "null"}]},
            "by": _or_null(by),
            "same_transaction_as": _list(TEXT),
            "same_transaction_as_left_out": _COUNT,
        },
        optional=["same_transaction_as_left_out"],
    )


def _migration() -> Schema:
    moments = {"started_at": _or_null(_MOMENT), "finished_at": _or_null(_MOMENT)}
    own = _fields(MigrationStatus, "name", "state")
    statement = object_of({"line": _COUNT, "sql": TEXT})
    since = {"took_ms": _or_null(_COUNT), "statements": _or_null(_list(statement))}
    return object_of({**own, **moments, **since}, optional=since)


def _coverage() -> Schema:
    opaque = object_of({"subject": TEXT, "because": TEXT, "compared": {"type": "boolean"}})
    return object_of(
        {
            **_fields(Coverage, "objects", "kinds", "accepted", "unmatched", "not_compared"),
            "opaque": _list(opaque),
            "expired": _list(object_of({"key": TEXT, "until": {"type": "string", "format": "date"}})),
            "elsewhere": _list(
                object_of(
                    {"tables": TEXT, **_fields(LeftOut, "because", "objects", "compared", "leaves", "pattern")},
                    optional=["leaves", "pattern"],
                )
            ),
        },
        optional=["expired", "unmatched", "elsewhere"],
    )


def _plan() -> Schema:
    seconds = _or_null({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2})
    statement = object_of(
        {
            "migration": TEXT,
            "line": _COUNT,
            "sql": TEXT,
            "outcome": _of_type(Outcome),
            "sqlstate": _or_null(TEXT),
            "rows": _or_null(_COUNT),
            "locks": {"type": "object", "additionalProperties": TEXT},
            "rewrites": _list(TEXT),
            "scans": _list(TEXT),
            "blocks": _of_type(Blocks),
            "seconds": seconds,
            "held": seconds,
            "because": TEXT,
            "clients": _list(TEXT),
            "safer": _list(TEXT),
        },
        optional=["held"],
    )
    place = object_of({"migration": TEXT, "line": _COUNT})
    return object_of(
        {"verdict": _of_type(Verdict), "statements": _list(statement), "point_of_no_return": _or_null(place)},
        optional=["point_of_no_return"],
    )


def _way_back() -> Schema:
    own = _fields(WayBack, "release", "runs_today", "runs_after", "ended_by", "assumed")
    return object_of({**own, "because": TEXT}, optional=["ended_by", "assumed"])


# From types to schemas


def _all_fields(shape: type) -> dict[str, Schema]:
    return _fields(shape, *get_type_hints(shape))


def _fields(shape: type, *names: str) -> dict[str, Schema]:
    hints = get_type_hints(shape)
    return {name: _of_type(hints[name]) for name in names}


def _of_type(hint: Any) -> Schema:
    """The schema of the JSON that a value of the type *hint* becomes."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _one_of(hint)
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return _one_of(inner)
    if origin in {Union, UnionType}:
        return {"anyOf": [_of_type(each) for each in inner]}
    if origin is tuple:
        return _list(_of_type(inner[0]))
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _of_type(inner[1])}
    raise TypeError(hint)


def _one_of(values: Iterable[str]) -> Schema:
    return {"type": "string", "enum": [str(each) for each in values]}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}
