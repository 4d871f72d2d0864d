"""What a pipeline may ask, and the answer to a field that is wrong."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.entrypoints.http.verify_request import BadRequestError, VerifyRequest, parse


def body(**fields: object) -> bytes:
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    ("content", "query", "expected"),
    [
        pytest.param(b"", {}, VerifyRequest(None, None, timedelta(0), always_200=False), id="nothing at all"),
        pytest.param(b"{}", {}, VerifyRequest(None, None, timedelta(0), always_200=False), id="an empty object"),
        pytest.param(
            body(target="production", release="v1.42.0", wait_seconds=300),
            {},
            VerifyRequest("production", "v1.42.0", timedelta(minutes=5), always_200=False),
            id="everything",
        ),
        pytest.param(
            body(target=None, release=None, wait_seconds=None),
            {},
            VerifyRequest(None, None, timedelta(0), always_200=False),
            id="null is as good as left out",
        ),
        pytest.param(
            body(wait_seconds="300"),
            {},
            VerifyRequest(None, None, timedelta(minutes=5), always_200=False),
            id="a number as text, as pipelines' variables are",
        ),
        pytest.param(
            body(wait_seconds=3600), {}, VerifyRequest(None, None, timedelta(hours=1), always_200=False), id="an hour"
        ),
        pytest.param(
            b'\xef\xbb\xbf{"target": "production"}',
            {},
            VerifyRequest("production", None, timedelta(0), always_200=False),
            id="a byte order mark, as PowerShell writes it",
        ),
        pytest.param(
            b"", {"always": "200"}, VerifyRequest(None, None, timedelta(0), always_200=True), id="a status of 200"
        ),
        pytest.param(
            body(release="releases/2026-11+hot_fix.1"),
            {"code": "key"},
            VerifyRequest(None, "releases/2026-11+hot_fix.1", timedelta(0), always_200=False),
            id="with a function key",
        ),
        pytest.param(
            body(id="acme/app#4711.1"),
            {},
            VerifyRequest(None, None, timedelta(0), always_200=False, id="acme/app#4711.1"),
            id="a run of GitHub's",
        ),
        pytest.param(
            body(id=4711), {}, VerifyRequest(None, None, timedelta(0), always_200=False, id="4711"), id="a run's number"
        ),
    ],
)
def test_post(content: bytes, query: dict[str, str], expected: VerifyRequest) -> None:
    assert parse("POST", query, content) == expected


NOT_JSON = 'expected JSON, such as {"target": "production"}'
NO_OBJECT = 'expected a JSON object, such as {"target": "production"}'
NO_FIELD = "there is no such field; there are target, release, phase, wait_seconds, id"
NO_NAME = "expected a target's name, such as production"
NO_VERSION = "expected a version, such as v1.42.0"
NO_ID = "expected 1 to 128 letters, digits and . _ : / + @ # = -, such as run-4711"
NO_SECONDS = "expected whole seconds, 0 to 3600"
BAD = [
    pytest.param(b"target=production", "body", NOT_JSON, id="a form"),
    pytest.param(b'{"target": "prod', "body", NOT_JSON, id="cut"),
    pytest.param(b'{"target": "\xff"}', "body", NOT_JSON, id="not UTF-8"),
    pytest.param(b'{"wait_seconds": ' + b"9" * 5000 + b"}", "body", NOT_JSON, id="a number of 5000 digits"),
    pytest.param(b"[" * 60_000, "body", NOT_JSON, id="very deep lists"),
    pytest.param(b'{"a":' * 10_000, "body", NOT_JSON, id="very deep objects"),
    pytest.param(b"{}" + b" " * 65_535, "body", "at most 65536 bytes", id="64 KiB and a byte"),
    pytest.param(b"[]", "body", NO_OBJECT, id="a list"),
    pytest.param(b"null", "body", NO_OBJECT, id="null"),
    pytest.param(b'"production"', "body", NO_OBJECT, id="a text"),
    pytest.param(body(wait=5), "wait", NO_FIELD, id="an unknown field"),
    pytest.param(body(Target="production"), "Target", NO_FIELD, id="a field in capitals"),
    pytest.param(body(always="200"), "always", NO_FIELD, id="always belongs into the query"),
    pytest.param(body(code="key"), "code", NO_FIELD, id="the key belongs into the query"),
    pytest.param(body(**{"x" * 60_000: 1}), "x" * 100 + "…", NO_FIELD, id="a field with a very long name"),
    pytest.param(body(target=7), "target", NO_NAME, id="target: a number"),
    pytest.param(body(target=["production"]), "target", NO_NAME, id="target: a list"),
    pytest.param(body(target=""), "target", NO_NAME, id="target: empty"),
    pytest.param(body(release=1.42), "release", NO_VERSION, id="release: a number"),
    pytest.param(body(release=""), "release", NO_VERSION, id="release: empty"),
    pytest.param(body(release="../../etc/passwd"), "release", NO_VERSION, id="release: out of its folder"),
    pytest.param(body(release="v1/../../secrets"), "release", NO_VERSION, id="release: out of its folder, later"),
    pytest.param(body(release="/etc/passwd"), "release", NO_VERSION, id="release: from the root"),
    pytest.param(body(release="v1\n"), "release", NO_VERSION, id="release: with a line end"),
    pytest.param(body(release="v1\0"), "release", NO_VERSION, id="release: with a NUL"),
    pytest.param(body(release="v1 ; rm"), "release", NO_VERSION, id="release: with spaces"),
    pytest.param(body(release="v" * 201), "release", NO_VERSION, id="release: very long"),
    pytest.param(body(wait_seconds=-1), "wait_seconds", NO_SECONDS, id="wait_seconds: negative"),
    pytest.param(body(wait_seconds=3601), "wait_seconds", NO_SECONDS, id="wait_seconds: more than an hour"),
    pytest.param(body(wait_seconds=10**1000), "wait_seconds", NO_SECONDS, id="wait_seconds: huge"),
    pytest.param(body(wait_seconds=True), "wait_seconds", NO_SECONDS, id="wait_seconds: true is not 1"),
    pytest.param(body(wait_seconds=1.5), "wait_seconds", NO_SECONDS, id="wait_seconds: a fraction"),
    pytest.param(b'{"wait_seconds": NaN}', "wait_seconds", NO_SECONDS, id="wait_seconds: NaN"),
    pytest.param(b'{"wait_seconds": 1e999}', "wait_seconds", NO_SECONDS, id="wait_seconds: infinite"),
    pytest.param(body(wait_seconds="5m"), "wait_seconds", NO_SECONDS, id="wait_seconds: with a unit"),
    pytest.param(body(wait_seconds="٣"), "wait_seconds", NO_SECONDS, id="wait_seconds: Arabic digits"),
    pytest.param(body(wait_seconds=[5]), "wait_seconds", NO_SECONDS, id="wait_seconds: a list"),
    pytest.param(body(id=""), "id", NO_ID, id="id: empty"),
    pytest.param(body(id="two words"), "id", NO_ID, id="id: with a space"),
    pytest.param(body(id="4711\n"), "id", NO_ID, id="id: with a line end"),
    pytest.param(body(id="x" * 129), "id", NO_ID, id="id: very long"),
    pytest.param(body(id=True), "id", NO_ID, id="id: true is not 1"),
    pytest.param(body(id=[4711]), "id", NO_ID, id="id: a list"),
]


@pytest.mark.parametrize(("content", "field", "problem"), BAD)
def test_post_refused(content: bytes, field: str, problem: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        parse("POST", {}, content)
    assert (caught.value.field, caught.value.problem) == (field, problem)


@pytest.mark.parametrize(
    ("query", "field", "problem"),
    [
        pytest.param(
            {"release": "v1"},
            "release",
            "belongs into the body of a POST, not into its query",
            id="a release that would have been ignored",
        ),
        pytest.param({"always": "yes"}, "always", "the only choice is ?always=200", id="always: another value"),
        pytest.param({"always": ""}, "always", "the only choice is ?always=200", id="always: no value"),
        pytest.param(
            {"relase": "v1"}, "relase", "there is no such field; did you mean release?", id="a release, misspelt"
        ),
        pytest.param({"Always": "200"}, "Always", "there is no such field; did you mean always?", id="in another case"),
    ],
)
def test_query_of_a_post_refused(query: dict[str, str], field: str, problem: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        parse("POST", query, b"{}")
    assert (caught.value.field, caught.value.problem) == (field, problem)


def test_get_takes_the_query() -> None:
    query = {"target": "production", "release": "v1", "wait_seconds": "30", "always": "200", "code": "key"}
    assert parse("GET", query, b"") == VerifyRequest("production", "v1", timedelta(seconds=30), always_200=True)


def test_what_gateways_add_to_a_query_is_ignored() -> None:
    added = {
        "code": "key",
        "api-version": "1",
        "subscription-key": "k",
        "utm_source": "x",
        "sid": "1",
        "_": "2",
        "": "3",
    }
    asked = VerifyRequest("production", None, timedelta(0), always_200=False)
    assert parse("GET", {"target": "production", **added}, b"") == asked
    assert parse("POST", added, body(target="production")) == asked


@pytest.mark.parametrize(
    ("query", "field"),
    [
        pytest.param({"wait": "30"}, "wait", id="a part of a field"),
        pytest.param({"WaitSeconds": "30"}, "WaitSeconds", id="a field in another case"),
        pytest.param({"targets": "production"}, "targets", id="a field, misspelt"),
        pytest.param({"relase": "v1"}, "relase", id="a release, misspelt"),
        pytest.param({"wait_seconds": ""}, "wait_seconds", id="an empty wait"),
        pytest.param({"wait_seconds": "1e3"}, "wait_seconds", id="a wait in powers of ten"),
        pytest.param({"target": ""}, "target", id="an empty target"),
    ],
)
def test_get_refused(query: dict[str, str], field: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        parse("GET", query, b"")
    assert caught.value.field == field


ASKED = VerifyRequest("production", "v1", timedelta(minutes=5), always_200=False, id="4711")


def test_without_an_id_every_request_is_a_question_of_its_own() -> None:
    assert replace(ASKED, id=None).question() is None


def test_the_status_that_is_wanted_is_no_part_of_the_question() -> None:
    assert replace(ASKED, always_200=True).question() == ASKED.question()


@pytest.mark.parametrize(
    "other",
    [
        replace(ASKED, target="staging"),
        replace(ASKED, release="v2"),
        replace(ASKED, release=None),
        replace(ASKED, wait=timedelta(minutes=6)),
        replace(ASKED, phase="before"),
        replace(ASKED, id="4712"),
    ],
)
def test_every_field_makes_another_question(other: VerifyRequest) -> None:
    assert other.question() != ASKED.question()
