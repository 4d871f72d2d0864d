"""The OpenAPI document: current, valid, and kept to by every route, through the real Functions runtime."""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shared.entrypoints.http.openapi import FILE, document, written
from shared.entrypoints.http.verify import verify
from tests.entrypoints.conftest import PASSWORD
from tests.entrypoints.functions_host import FUNCTION_KEY, functions_host
from tests.entrypoints.functions_runtime import FunctionsRuntime
from tests.entrypoints.test_function_app import deploy_pending
from tests.entrypoints.test_status_routes import ALERTS, KEY, LINK_KEY

# That a server answers is no promise of the document.
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
KEYS = {"x-functions-key": FUNCTION_KEY, "X-Monitor-Key": KEY}
OPERATIONS = [
    f"{method.upper()} {path}"
    for path, item in document()["paths"].items()
    for method in item
    if method != "parameters"
]


def test_the_file_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == written()


def test_it_is_a_valid_document() -> None:
    validate(document())


def test_every_route_is_described_and_no_other(functions: FunctionsRuntime) -> None:
    routes = {
        f"{method} /{binding['route'].replace('?', '')}"
        for bindings in functions.bindings.values()
        for binding in bindings
        if binding["type"] == "httpTrigger"
        for method in binding["methods"]
    }
    # The page of all targets is the same route.
    assert set(OPERATIONS) == routes | {"GET /status", "HEAD /status"}


@pytest.fixture
def api(
    functions: FunctionsRuntime,
    production: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """The address of a monitor that has checked ``production`` once."""
    monkeypatch.setenv("VIEWER_KEY", KEY)
    monkeypatch.setenv("LINK_KEY", LINK_KEY)
    production("failed")
    file = tmp_path / "monitor.toml"
    file.write_text(ALERTS + file.read_text())
    functions.deliver("check_target", b'{"target": "production"}')
    with functions_host(functions) as url:
        yield url


def test_it_is_served_to_everybody(functions: FunctionsRuntime, configure: Callable[[str], None]) -> None:
    """Whatever the settings are: it says nothing of this installation."""
    configure("this is no TOML")
    answer = functions.request("openapi", "GET", "https://monitor.example.com/api/openapi.json")
    assert (answer.status, answer.headers["content-type"], answer.json) == (200, "application/json", document())


def answers_conform(operation: Any, examples: int, seen: Counter[int]) -> None:
    """Ask for *operation* in many ways, right and wrong ones, by callers with keys and without."""
    by_mode = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @given(case=st.one_of(by_mode), is_known=st.booleans(), has_key=st.sampled_from([True, True, True, False]))
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def asked(case: Any, *, is_known: bool, has_key: bool) -> None:
        if is_known and "target" in case.path_parameters:
            case.path_parameters["target"] = "production"
        response = case.call(headers=KEYS if has_key else {})
        seen[response.status_code] += 1
        assert response.status_code != 500, response.text
        assert PASSWORD not in response.text
        case.validate_response(response, checks=CHECKS)

    asked()


def in_the_document(url: str, examples: int) -> dict[str, Counter[int]]:
    schema = schemathesis.openapi.from_dict(document())
    schema.config.update(base_url=url)
    statuses: dict[str, Counter[int]] = {}
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        answers_conform(operation, examples, statuses.setdefault(operation.label, Counter()))
    return statuses


def test_no_answer_is_out_of_the_document(api: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    statuses = in_the_document(api, 4)
    assert statuses.keys() == set(OPERATIONS)
    assert len({status for seen in statuses.values() for status in seen}) > 4


@pytest.mark.long
def test_no_answer_of_many_is_out_of_the_document(api: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    in_the_document(api, 40)


def wrong(body: str, path: str, method: str, status: str) -> list[str]:
    """In what *body* is not what the document says."""
    described = document()["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]
    schema = {**described, "components": document()["components"]}
    return [error.message for error in Draft202012Validator(schema).iter_errors(json.loads(body))]


@pytest.mark.parametrize("name", ["incident", "planned", "deploying"])
def test_a_report_that_was_kept_by_an_earlier_monitor_is_one(name: str) -> None:
    kept = (Path(__file__).parents[1] / "report" / "html" / f"{name}.json").read_text(encoding="utf-8")
    assert wrong(kept, "/report/{target}", "get", "200") == []
    assert wrong(kept.replace('"summary"', '"said"'), "/report/{target}", "get", "200") != []


# A pipeline that waits


def test_a_pipeline_asks_until_the_answer_is_there(production: Callable[[str], str]) -> None:
    """202 leads on to the next request, as often as needed; the last answer is the verdict, and stays it."""
    database = production("pending")
    url = "https://monitor.example.com/api/verify"
    asked = json.dumps({"target": "production", "wait_seconds": 600, "id": "run-1"}).encode()

    def answered(method: str, address: str, body: bytes) -> Any:
        query = dict(pair.split("=", 1) for pair in urlsplit(address).query.split("&") if pair)
        return verify(method, address, query, body, hold=timedelta(milliseconds=1))

    answer, statuses = answered("POST", url, asked), []
    while answer.status == 202:
        statuses.append(answer.status)
        assert wrong(answer.body, "/verify", "post", "202") == []
        assert json.loads(answer.body)["status_url"] == answer.headers["Location"]
        assert int(answer.headers["Retry-After"]) > 0
        if len(statuses) == 3:
            deploy_pending(database)
        assert len(statuses) < 20
        answer = answered("GET", answer.headers["Location"], b"")
    assert statuses == [202, 202, 202]
    assert (answer.status, answer.headers["X-Migration-Verdict"]) == (200, "passed")
    again = answered("POST", url, asked)
    assert (again.status, again.body) == (answer.status, answer.body)
