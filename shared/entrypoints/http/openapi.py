"""``GET /api/openapi.json``: what this API takes and answers, as an OpenAPI document, for who writes a client of it.

It says nothing of this installation, and so is shown to everybody. `docs/openapi.json` is the same.
After a change: ``python -m shared.entrypoints.http.openapi``.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from ...model.report import Verdict
from ...report.html.page import SILENCE_FOR
from ...report.json_schema import TEXT, Schema, object_of, report_schema
from .answer import HttpAnswer
from .verify_request import FIELDS

FILE = Path(__file__).parents[3] / "docs" / "openapi.json"
_JSON, _HTML, _SVG = "application/json", "text/html", "image/svg+xml"
_METRICS, _FORM = "application/openmetrics-text", "application/x-www-form-urlencoded"
_VERDICTS = [each.value for each in Verdict if each is not Verdict.SKIPPED]
_BY_FUNCTION_KEY: list[Schema] = [{"functionKey": []}, {"functionKeyInUrl": []}]
_BY_READER: list[Schema] = [{"viewerKey": []}, {"bearer": []}, {"signedLink": []}, {"signedIn": []}]
_BY_VIEWER: list[Schema] = [{"viewerKey": []}, {"bearer": []}]


def openapi() -> HttpAnswer:
    headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return HttpAnswer(HTTPStatus.OK, _text(), headers)


@cache
def _text() -> str:
    return written()


def written() -> str:
    """Write the document as it must stand in `FILE`."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def document() -> Schema:
    """Give the OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Migration Monitor",
            "version": "1",
            "description": (
                "Checks whether a production PostgreSQL matches its release. Objects may grow fields; none is removed "
                "or changes its meaning."
            ),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/api"}],
        "paths": dict(_paths()),
        "components": {
            "schemas": {
                "Report": report_schema(),
                "Error": object_of({"error": TEXT}),
                "FieldError": object_of({"field": TEXT, "error": TEXT}),
                "NotChecked": object_of({"verdict": {"const": Verdict.UNKNOWN.value}, "error": TEXT}),
                "CalledOff": object_of({"target": TEXT, "phase": {"const": "aborted"}}),
                "VerifyRequest": {"type": "object", "properties": dict(FIELDS), "additionalProperties": False},
            },
            "securitySchemes": {
                "functionKey": {"type": "apiKey", "in": "header", "name": "x-functions-key"},
                "functionKeyInUrl": {"type": "apiKey", "in": "query", "name": "code"},
                "viewerKey": {"type": "apiKey", "in": "header", "name": "X-Monitor-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
                "signedLink": {"type": "apiKey", "in": "query", "name": "link"},
                "signedIn": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "AppServiceAuthSession",
                    "description": "A person that the platform has signed in with Entra ID.",
                },
            },
        },
    }


def _paths() -> Iterator[tuple[str, Schema]]:
    yield "/verify", {"get": _verify("verifyByQuery", _questions()), "post": _verify("verify", [], body=True)}
    yield "/status", _read("status", "The status page of all targets.", _HTML, {}, None)
    yield "/status/{target}", _read("statusOfTarget", "The status page of one target.", _HTML, {}, _BY_READER)
    json_report = {"content": _content(_JSON, _ref("Report"))}
    yield "/report/{target}", _read("report", "The last report.", _JSON, json_report, _BY_READER, may_fail=True)
    shields = {"name": "format", "in": "query", "schema": {"enum": ["shields"]}, "description": "For shields.io."}
    badge = {"content": {_SVG: {"schema": TEXT}, _JSON: {"schema": {"type": "object"}}}}
    yield "/badge/{target}", _read("badge", "A badge of the verdict.", _SVG, badge, _BY_READER, shields)
    yield "/metrics", _read("metrics", "All targets for Prometheus.", _METRICS, {}, None)
    yield "/facts/{target}", {"parameters": [_target()], "get": _facts()}
    yield "/silence/{target}", _act("silence", "Silence what is open.", _silence(), {"for", "why"})
    yield "/check/{target}", _act("check", "Ask for a check now, once a minute at most.", {}, set(), too_soon=True)
    yield "/seen/{target}", _act("seen", "Confirm the weekly message.", {}, set())
    only = {"description": "This document.", "content": _content(_JSON, {"type": "object"})}
    yield "/openapi.json", {"get": {"operationId": "openapi", "security": [], "responses": {"200": only}}}


# Verify


def _verify(name: str, parameters: list[Schema], *, body: bool = False) -> Schema:
    verdict = {"X-Migration-Verdict": {"schema": {"enum": _VERDICTS}}}
    waiting = {
        "Location": {"required": True, "schema": TEXT},
        "Retry-After": {"required": True, "schema": {"type": "string", "pattern": "^[0-9]+$"}},
    }
    still = {"allOf": [_ref("Report"), object_of({"status_url": TEXT})]}
    answered = {"anyOf": [_ref("Report"), _ref("NotChecked"), _ref("CalledOff")]}
    unknown = {"anyOf": [_ref("Report"), _ref("NotChecked")]}
    operation: Schema = {
        "operationId": name,
        "summary": "Does production match the release that is, or was, deployed?",
        "description": "Fields of the query that are not named here are ignored, unless they look like one that is.",
        "security": _BY_FUNCTION_KEY,
        "parameters": [
            *parameters,
            {
                "name": "always",
                "in": "query",
                "schema": {"enum": ["200"]},
                "description": "Answer 200 whatever the verdict is: it is in the body and in the header.",
            },
        ],
        "responses": {
            "200": _answer("Passed, or a warning; with `always=200` any verdict.", answered, verdict),
            "202": _answer("Not settled yet: ask again at `Location`, with the same key.", still, verdict | waiting),
            "400": _answer("A field is wrong.", _ref("FieldError")),
            "401": {"description": "Without a function key."},
            "409": _answer("Failed.", _ref("Report"), verdict),
            "503": _answer("Unknown.", unknown, verdict),
        },
    }
    if body:
        operation["requestBody"] = {"content": _content(_JSON, _ref("VerifyRequest"))}
    return operation


def _questions() -> list[Schema]:
    return [{"name": name, "in": "query", "schema": schema} for name, schema in FIELDS.items()]


# What is read


def _read(
    name: str,
    summary: str,
    media_type: str,
    answer: Schema,
    security: list[Schema] | None,
    *parameters: Schema,
    may_fail: bool = False,
) -> Schema:
    """GET and HEAD of a route; one without *security* of its own is of all targets, which no link shows."""
    known = {"headers": {"ETag": {"schema": TEXT}}}
    answers: dict[str, Schema] = {
        "200": {"description": summary, "content": _content(media_type, TEXT), **known, **answer},
        "304": {"description": "As it was, by `If-None-Match`."},
        "404": _answer("There is no such target, or the caller may not see it.", _ref("Error")),
    }
    if name.startswith("status"):
        answers["308"] = {"description": "Without the slash at the end."}
    if may_fail:
        answers["503"] = _answer("There is nothing to read now.", _ref("Error"))
    without_body = {status: {"description": each["description"]} for status, each in answers.items()}
    path: Schema = {"parameters": [_target(), *parameters]} if security is not None else {}
    for method, responses in (("get", answers), ("head", without_body)):
        path[method] = {
            "operationId": name if method == "get" else f"{name}Head",
            "summary": summary,
            "security": _BY_VIEWER if security is None else security,
            "responses": responses,
        }
    return path


def _facts() -> Schema:
    return {
        "operationId": "facts",
        "summary": "What the plan of a pull request needs to know of this production; read now, once a minute at most.",
        "security": _BY_VIEWER,
        "responses": {
            "200": _answer("The facts.", object_of({"version": {"const": 1}, "target": TEXT, "tables": _objects()})),
            "404": _answer("There is no such target, or the caller may not see it.", _ref("Error")),
            "503": _answer("They could not be read.", _ref("Error")),
        },
    }


def _objects() -> Schema:
    return {"type": "array", "items": {"type": "object"}}


# What is done


def _act(name: str, summary: str, fields: Mapping[str, Schema], needed: set[str], *, too_soon: bool = False) -> Schema:
    own = {**fields, "token": {"type": "string", "description": "Of the page's form; not needed with the viewer key."}}
    body = {"type": "object", "properties": own, "additionalProperties": TEXT, "required": sorted(needed)}
    answers: dict[str, Schema] = {
        "200": _answer("What was done, to who sent JSON.", {"type": "object", "additionalProperties": TEXT}),
        "303": {"description": "The page that says what was done.", "headers": {"Location": {"schema": TEXT}}},
        "400": _answer("A field is wrong.", _ref("FieldError")),
        "403": _answer("The form was not made for this caller, has ended, or was sent before.", _ref("Error")),
        "404": _answer("There is no such target, or the caller may not do this.", _ref("Error")),
        "503": _answer("It could not be saved now.", _ref("Error")),
    }
    if too_soon:
        answers["429"] = _answer("It was asked for just now.", _ref("Error"), {"Retry-After": {"schema": TEXT}})
    operation = {
        "operationId": name,
        "summary": summary,
        "security": _BY_READER,
        "requestBody": {"content": {**_content(_JSON, body), **_content(_FORM, body)}},
        "responses": answers,
    }
    return {"parameters": [_target()], "post": operation}


def _silence() -> dict[str, Schema]:
    return {
        "for": {"type": "string", "enum": [*SILENCE_FOR]},
        "why": TEXT,
        "who": {"type": "string", "description": "Not needed of a person who is signed in."},
        "incident": {"type": "string", "description": "Everything that is open, where it is left out."},
    }


# Parts


def _target() -> Schema:
    return {"name": "target", "in": "path", "required": True, "schema": TEXT}


def _answer(description: str, schema: Schema, headers: Mapping[str, Schema] | None = None) -> Schema:
    found: Schema = {"description": description, "content": _content(_JSON, schema)}
    return {**found, "headers": dict(headers)} if headers else found


def _content(media_type: str, schema: Schema) -> dict[str, Any]:
    return {media_type: {"schema": schema}}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
