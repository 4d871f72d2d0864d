"""In which way an answer breaks what was expected of it: one line, one context."""

import json
from datetime import timedelta
from typing import Any, Final

import pytest

from shared.model.endpoint import Answer, BodyExpectation, Breach, EndpointExpectation
from shared.model.setting_types import Secret

JSON: Final = "endpoint-content"


def endpoint(**fields: Any) -> EndpointExpectation:
    return EndpointExpectation(**{"name": "folders", "url": "https://api.example/folders", **fields})


def answer(body: object = b"", status: int = 200, *, cut: bool = False, took: timedelta = timedelta(0)) -> Answer:
    """An answer with *body*, as JSON unless it is bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, content, cut, took, None)


def expects(*pairs: tuple[str, object]) -> dict[str, Any]:
    return {"expectations": tuple(BodyExpectation(path, equals) for path, equals in pairs)}


FOLDERS = {"data": [{"id": 1, "name": "Süd"}, {"id": 2, "name": None}], "total": 2, "ok": True}


@pytest.mark.parametrize(
    ("fields", "given"),
    [
        pytest.param({}, answer(b"anything"), id="nothing but a status is expected"),
        pytest.param({}, answer(b"\xff\xfe", cut=True), id="nor of a body that is cut"),
        pytest.param({"status": 401}, answer(status=401), id="another status"),
        pytest.param({"max_latency": timedelta(seconds=1)}, answer(took=timedelta(seconds=1)), id="just in time"),
        pytest.param({"contains": "Süd"}, answer("… Süd …".encode()), id="a text"),
        pytest.param({"contains": "Süd"}, answer("Süd".encode() + b"\xff"), id="a text beside what is not UTF-8"),
        pytest.param({"contains": "start"}, answer(b"start", cut=True), id="a text in what was read"),
        pytest.param({"min_items": 2}, answer([1, 2]), id="as many items"),
        pytest.param({"min_items": 0}, answer([]), id="none is enough"),
        pytest.param({"min_items": 1}, answer(b"\xef\xbb\xbf[1]"), id="JSON after a byte order mark"),
        pytest.param({"min_items": 2, "items": "data"}, answer(FOLDERS), id="items further in"),
        pytest.param({"min_items": 1, "items": "data[?id > `1`]"}, answer(FOLDERS), id="items by condition"),
        pytest.param(expects(("total", 2), ("data[0].name", "Süd")), answer(FOLDERS), id="values"),
        pytest.param(expects(("ok", True)), answer(FOLDERS), id="true"),
        pytest.param(expects(("total", 2)), answer({"total": 2.0}), id="2 is 2.0"),
        pytest.param(expects(("@", {"a": [1, {"b": None}]})), answer({"a": [1.0, {"b": None}]}), id="a whole value"),
        pytest.param(expects(("length(data)", 2)), answer(FOLDERS), id="a function"),
        pytest.param(expects(("missing", None)), answer(FOLDERS), id="nothing, where nothing is expected"),
    ],
)
def test_as_expected(fields: dict[str, Any], given: Answer) -> None:
    assert endpoint(**fields).broken_by(given) is None


@pytest.mark.parametrize(
    ("fields", "given", "breach"),
    [
        pytest.param({}, answer(status=500), Breach("endpoint-status", "status 200", "status 500"), id="status"),
        pytest.param(
            {"status": 401},
            answer(status=200),
            Breach("endpoint-status", "status 401", "status 200"),
            id="let in where it should not be",
        ),
        pytest.param(
            {"max_latency": timedelta(milliseconds=500)},
            answer(took=timedelta(milliseconds=812)),
            Breach("endpoint-slow", "within 500 ms", "812 ms"),
            id="slow",
        ),
        pytest.param(
            {"max_latency": timedelta(milliseconds=500)},
            answer(took=timedelta(milliseconds=500, microseconds=1)),
            Breach("endpoint-slow", "within 500 ms", "501 ms"),
            id="hardly too slow, and it shows",
        ),
        pytest.param(
            {"contains": "ready"}, answer(b"no"), Breach(JSON, "a body that contains 'ready'", "it does not"), id="text"
        ),
        pytest.param(
            {"contains": "ready"},
            answer(b"abc", cut=True),
            Breach(JSON, "a body that contains 'ready'", "not in its first 3 bytes"),
            id="no text in what was read",
        ),
        pytest.param({"min_items": 1}, answer(b""), Breach(JSON, "JSON", "an empty body"), id="empty"),
        pytest.param({"min_items": 1}, answer(b" \n"), Breach(JSON, "JSON", "an empty body"), id="blank"),
        pytest.param({"min_items": 1}, answer(b"<html>"), Breach(JSON, "JSON", "a body that is not JSON"), id="HTML"),
        pytest.param({"min_items": 1}, answer(b"[NaN]"), Breach(JSON, "JSON", "a body that is not JSON"), id="NaN"),
        pytest.param(
            {"min_items": 1}, answer(b"[" * 200_000), Breach(JSON, "JSON", "a body that is not JSON"), id="bottomless"
        ),
        pytest.param(
            {"min_items": 1}, answer(b"9" * 5000), Breach(JSON, "JSON", "a body that is not JSON"), id="a huge number"
        ),
        pytest.param(
            {"min_items": 1}, answer(b"[1]", cut=True), Breach(JSON, "JSON", "a body of more than 3 bytes"), id="cut"
        ),
        pytest.param({"min_items": 1}, answer([]), Breach(JSON, "at least 1 item", "0 items"), id="no items"),
        pytest.param({"min_items": 3}, answer([1]), Breach(JSON, "at least 3 items", "1 item"), id="too few items"),
        pytest.param({"min_items": 1}, answer({"a": 1}), Breach(JSON, "at least 1 item", "no list"), id="no list"),
        pytest.param({"min_items": 0}, answer(None), Breach(JSON, "at least 0 items", "no list"), id="null is no list"),
        pytest.param(
            {"min_items": 1, "items": "rows"},
            answer(FOLDERS),
            Breach(JSON, "at least 1 item", "no list at rows"),
            id="no list there",
        ),
        pytest.param(expects(("total", 3)), answer(FOLDERS), Breach(JSON, "total = 3", "something else"), id="value"),
        pytest.param(
            expects(("missing", "x")), answer(FOLDERS), Breach(JSON, 'missing = "x"', "nothing"), id="no value"
        ),
        pytest.param(
            expects(("a", "Süd")),
            answer({"a": "x"}),
            Breach(JSON, 'a = "Süd"', "something else"),
            id="shown as written",
        ),
        pytest.param(expects(("a", 1)), answer({"a": True}), Breach(JSON, "a = 1", "something else"), id="1, not true"),
        pytest.param(
            expects(("a", True)), answer({"a": 1}), Breach(JSON, "a = true", "something else"), id="true, not 1"
        ),
        pytest.param(
            expects(("a", 0)), answer({"a": False}), Breach(JSON, "a = 0", "something else"), id="0, not false"
        ),
        pytest.param(expects(("a", "1")), answer({"a": 1}), Breach(JSON, 'a = "1"', "something else"), id='"1", not 1'),
        pytest.param(
            expects(("a", [1])), answer({"a": [1, 2]}), Breach(JSON, "a = [1]", "something else"), id="a longer list"
        ),
        pytest.param(
            expects(("a", {"b": 1})),
            answer({"a": {"b": 1, "c": 2}}),
            Breach(JSON, 'a = {"b": 1}', "something else"),
            id="a larger object",
        ),
        pytest.param(
            expects(("sort(@)", [])), answer([1, "a"]), Breach(JSON, "sort(@) = []", "nothing"), id="not to be sorted"
        ),
        pytest.param(
            expects(("@[::0]", [])), answer([1]), Breach(JSON, "@[::0] = []", "nothing"), id="a slice without steps"
        ),
        pytest.param(
            expects(("ceil(@)", 1)), answer(b"1e999"), Breach(JSON, "ceil(@) = 1", "nothing"), id="beyond all numbers"
        ),
    ],
)
def test_broken(fields: dict[str, Any], given: Answer, breach: Breach) -> None:
    assert endpoint(**fields).broken_by(given) == breach


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param(answer({"a": 2}, 500, took=timedelta(minutes=1)), "endpoint-status", id="status before all"),
        pytest.param(answer({"a": 2}, took=timedelta(minutes=1)), "endpoint-content", id="content before time"),
        pytest.param(answer({"a": 1, "b": []}, took=timedelta(minutes=1)), "endpoint-slow", id="time at last"),
    ],
)
def test_the_first_breach_is_reported(given: Answer, code: str) -> None:
    expectation = endpoint(max_latency=timedelta(seconds=1), items="b", min_items=0, **expects(("a", 1)))
    breach = expectation.broken_by(given)
    assert breach is not None
    assert breach.code == code


def test_what_was_found_instead_is_not_shown() -> None:
    breach = endpoint(**expects(("user.email", "a@example"))).broken_by(answer({"user": {"email": "eve@example"}}))
    assert breach is not None
    assert "eve" not in repr(breach)


@pytest.mark.parametrize(
    ("headers", "credentials"),
    [
        pytest.param({}, set(), id="none"),
        pytest.param({"Accept": "text/plain"}, set(), id="plain"),
        pytest.param({"X-Session": Secret("env:S", "x"), "X-Team": "us"}, {"X-Session"}, id="a secret"),
        pytest.param({"AUTHORIZATION": Secret("env:S", "x")}, {"AUTHORIZATION"}, id="by any spelling"),
    ],
)
def test_credentials(headers: dict[str, str | Secret], credentials: set[str]) -> None:
    expectation = endpoint(headers=headers)
    assert (set(expectation.credentials), expectation.authenticates) == (credentials, bool(credentials))


@pytest.mark.parametrize("path", ["data[", "", "foo(@)", "data[?bar(@)]", "{a: baz(@)}", "@@"])
def test_no_jmespath_expression(path: str) -> None:
    with pytest.raises(ValueError, match="`path` is not a JMESPath expression"):
        BodyExpectation(path, 1)
    with pytest.raises(ValueError, match="`items` is not a JMESPath expression"):
        endpoint(items=path, min_items=1)


def test_a_secret_is_not_in_the_expectation_as_text() -> None:
    assert "t0ken" not in repr(endpoint(headers={"Authorization": Secret("env:TOKEN", "t0ken")}))
