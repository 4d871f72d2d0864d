"""When a difference came about, as evidence: what the report's JSON Schema says of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from jsonschema import Draft202012Validator

from shared.checks.changed import with_changed
from shared.model.attribution import Actor, Before, Changed
from shared.model.finding import Finding, Severity
from shared.model.value import replace
from shared.report.changed import changed as sentence
from shared.report.json_schema import Schema, report_schema
from tests.tables import hold

_NOON = datetime(2025, 9, 4, 12, tzinfo=UTC)
_FINDING = Finding("schema-changed", "column public.t.a", Severity.CRITICAL, "It differs.")
_OTHERS = tuple(f"column public.t.c{number:02}" for number in range(25))
_CHECKS = Changed(_NOON, Before("check", _NOON + timedelta(hours=1)))
_CASES = {
    "two checks": _CHECKS,
    "a migration": Changed(None, Before("migration", _NOON, "20250904_m")),
    "a commit": Changed(_NOON - timedelta(hours=1), Before("commit", _NOON)),
    "the owner": replace(_CHECKS, by=Actor("alice", "owner")),
    "the log": replace(_CHECKS, by=Actor("alice", "log", _NOON, "DROP TABLE t")),
    "the activity log": Changed(by=Actor("alice@example.com", "activity log", _NOON)),
    "many of one transaction": replace(_CHECKS, same_transaction_as=_OTHERS),
}


def _evidence(changed: Changed) -> Finding:
    return with_changed(_FINDING, changed, {each: f"schema-changed:{each}" for each in _OTHERS})


def _closed(schema: Schema) -> Schema:
    """*schema* of documents that have no field but those that it names."""
    closed = {
        key: _closed(value)
        if isinstance(value, dict)
        else [_closed(each) if isinstance(each, dict) else each for each in value]
        if isinstance(value, list)
        else value
        for key, value in schema.items()
    }
    return {**closed, "additionalProperties": False} if schema.get("type") == "object" else closed


def _validator() -> Draft202012Validator:
    finding = report_schema()["properties"]["findings"]["items"]
    return Draft202012Validator(_closed(finding["properties"]["evidence"]["properties"]["changed"]))


def test_the_schema_has_every_field() -> None:
    validator = _validator()
    hold(lambda name: validator.validate(_evidence(_CASES[name]).evidence["changed"]), _CASES)


def _wrong() -> Iterator[dict[str, object]]:
    known = _evidence(_CASES["the log"]).evidence["changed"]
    assert isinstance(known, dict)
    yield {**known, "before": {"check": 1}}
    yield {**known, "before": {"migration": "20250904_m"}}
    yield {**known, "after": {"commit": _NOON.isoformat()}}
    yield {**known, "by": {"role": "alice", "how": "guessed", "at": None, "statement": None}}
    yield {key: value for key, value in known.items() if key != "after"}


@pytest.mark.parametrize("document", list(_wrong()))
def test_the_schema_refuses_what_is_wrong(document: dict[str, object]) -> None:
    assert not _validator().is_valid(document)


def test_of_many_in_one_transaction_twenty_are_named() -> None:
    found = _evidence(_CASES["many of one transaction"])
    changed = found.evidence["changed"]
    assert isinstance(changed, dict)
    same = changed["same_transaction_as"]
    assert isinstance(same, list)
    assert (len(same), changed["same_transaction_as_left_out"]) == (20, 5)
    assert (sentence(found) or "").endswith(
        "One transaction last wrote this and column public.t.c00, column public.t.c01, column public.t.c02 and 22 more."
    )
