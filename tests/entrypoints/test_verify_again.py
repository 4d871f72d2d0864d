"""A pipeline asks twice under one id: one answer, and nobody is alerted twice."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.entrypoints.http.answer import HttpAnswer
from shared.entrypoints.http.verify import verify
from shared.memory import MemoryFile
from shared.model.memory import Answer
from tests import states
from tests.entrypoints.conftest import TO_A_HOOK, target_table
from tests.entrypoints.functions_runtime import FunctionsRuntime, Response
from tests.entrypoints.test_function_app import URL, VERDICT, deploy_pending
from tests.gather.servers import Reply, Request, http_server


@dataclass
class Pipeline:
    functions: FunctionsRuntime
    folder: Path
    received: list[str] = field(default_factory=list)
    reply: Reply = field(default_factory=Reply)
    database: str = ""

    def ask(self, method: str = "POST", query: str = "", **fields: Any) -> Response:
        return self.functions.request("verify", method, URL + query, json.dumps(fields).encode())

    def ask_and_wait(self, **fields: Any) -> HttpAnswer:
        return verify("POST", URL, {}, json.dumps(fields).encode(), hold=timedelta(milliseconds=1))

    def receive(self, request: Request) -> Reply:
        self.received.append(json.loads(request.body)["message"]["headline"].partition(", ")[0])
        return self.reply

    @property
    def memory(self) -> MemoryFile:
        return MemoryFile(self.folder / "memory", "production")


@pytest.fixture
def pipeline_in(
    functions: FunctionsRuntime,
    configure: Callable[[str], None],
    database: str,
    postgres: PrivatePostgres,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Callable[[str], Pipeline]]:
    pipeline = Pipeline(functions, tmp_path, database=database)

    def make(state: str) -> Pipeline:
        states.load(state, database, postgres)
        monkeypatch.setenv("DATABASE_URL", database)
        configure(TO_A_HOOK + target_table("production", migrations=states.migrations(state)))
        return pipeline

    with http_server(pipeline.receive) as (port, _):
        monkeypatch.setenv("HOOK", f"http://127.0.0.1:{port}/s3cret")
        yield make


In = Callable[[str], Pipeline]


def test_the_same_id_gets_the_same_answer_and_no_second_alert(pipeline_in: In) -> None:
    pipeline = pipeline_in("failed")
    first = pipeline.ask(id="run-4711")
    assert (first.status, first.headers[VERDICT], len(pipeline.received)) == (409, "failed", 1)
    again = pipeline.ask(id="run-4711", target="production")
    assert (again.status, again.headers[VERDICT], again.body) == (409, "failed", first.body)
    assert len(pipeline.received) == 1
    other = pipeline.ask(id="run-4712")
    assert (other.status, len(pipeline.received)) == (409, 2)
    assert "s3cret" not in json.dumps(json.loads((pipeline.folder / "memory" / "production.json").read_text()))


def test_it_is_the_answer_of_its_moment(pipeline_in: In) -> None:
    """What happened since takes a new id to be seen."""
    pipeline = pipeline_in("pending")
    assert pipeline.ask(id="run-1").status == 409
    deploy_pending(pipeline.database)
    assert pipeline.ask(id="run-1").status == 409
    assert pipeline.ask(id="run-2").status == 200


def test_the_status_is_the_one_that_is_asked_for_now(pipeline_in: In) -> None:
    pipeline = pipeline_in("failed")
    first = pipeline.ask(id=4711)
    kept = pipeline.ask("POST", "?always=200", id="4711")
    assert (kept.status, kept.headers[VERDICT], kept.body) == (200, "failed", first.body)


@pytest.mark.parametrize("other", [{"release": "v2"}, {"phase": "before"}, {"phase": "aborted"}, {"wait_seconds": 5}])
def test_the_same_id_with_other_fields(pipeline_in: In, other: dict[str, Any]) -> None:
    pipeline = pipeline_in("up_to_date")
    assert pipeline.ask(id="run-4711").status == 200
    refused = pipeline.ask(id="run-4711", **other)
    assert (refused.status, refused.json["field"]) == (400, "id")
    assert refused.json["error"] == "it was used for a question with other fields; a new question takes a new id"


def test_what_cannot_be_seen_is_answered_the_same_too(pipeline_in: In, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = pipeline_in("up_to_date")
    with psycopg.connect(pipeline.database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        monkeypatch.setenv("DATABASE_URL", "postgresql://reader@127.0.0.1:1/nowhere")
    first = pipeline.ask(id="run-1")
    assert (first.status, pipeline.ask(id="run-1").body) == (503, first.body)
    assert len(pipeline.received) == 1


def test_a_wait_is_gone_on_with(pipeline_in: In) -> None:
    """By its URL, and by asking again; both end in the one answer, which is sent once."""
    pipeline = pipeline_in("pending")
    first = pipeline.ask_and_wait(id="run-1", wait_seconds=600)
    assert first.status == 202
    url = first.headers["Location"]
    assert url == f"{URL}?target=production&wait_seconds=600&id=run-1"
    (waiting,) = pipeline.memory.load().answers
    assert waiting.until is not None
    again = pipeline.ask_and_wait(id="run-1", wait_seconds=600)
    assert (again.status, again.headers["Location"]) == (202, url)
    assert pipeline.memory.load().answers == (waiting,), "asking again does not restart the wait"
    assert pipeline.received == []
    deploy_pending(pipeline.database)
    arrived = pipeline.functions.request("verify", "GET", url)
    assert (arrived.status, arrived.headers[VERDICT]) == (200, "passed")
    for _ in range(2):
        assert pipeline.functions.request("verify", "GET", url).body == arrived.body
        assert pipeline.ask(id="run-1", wait_seconds=600).body == arrived.body
    assert pipeline.received == []


def test_a_wait_that_is_over_is_answered_at_once(pipeline_in: In) -> None:
    pipeline = pipeline_in("pending")
    first = pipeline.ask_and_wait(id="run-1", wait_seconds=1)
    assert first.status == 202
    memory = pipeline.memory.load()
    (waiting,) = memory.answers
    with pipeline.memory.alone():
        over = Answer(waiting.question, waiting.at, until=waiting.at)
        pipeline.memory.save(replace(memory, answers=(over,)))
    answer = pipeline.functions.request("verify", "GET", first.headers["Location"])
    assert (answer.status, len(pipeline.received)) == (409, 1)
    assert pipeline.functions.request("verify", "GET", first.headers["Location"]).body == answer.body


def test_nobody_took_the_alert_and_the_answer_stands(pipeline_in: In) -> None:
    pipeline = pipeline_in("failed")
    pipeline.reply = Reply(503)
    first = pipeline.ask(id="run-1")
    assert (first.status, pipeline.ask(id="run-1").body, len(pipeline.received)) == (409, first.body, 1)


def test_where_nothing_can_be_remembered_the_url_goes_on_without_the_id(pipeline_in: In) -> None:
    pipeline = pipeline_in("pending")
    (pipeline.folder / "memory").write_text("in the way")
    first = pipeline.ask_and_wait(id="run-1", wait_seconds=600)
    assert (first.status, first.headers["Location"]) == (202, f"{URL}?target=production&wait_seconds=599")
    deploy_pending(pipeline.database)
    assert pipeline.functions.request("verify", "GET", first.headers["Location"]).status == 200
    assert pipeline.ask(id="run-1", wait_seconds=600).status == 200


def test_an_abortion_that_is_sent_twice_leaves_the_next_deployment_alone(pipeline_in: In) -> None:
    pipeline = pipeline_in("up_to_date")
    assert pipeline.ask(id="run-1", phase="before").status == 200
    first = pipeline.ask(id="run-1/aborted", phase="aborted")
    assert (first.status, pipeline.memory.load().window) == (200, None)
    assert pipeline.ask(id="run-1", phase="before").status == 200
    assert pipeline.memory.load().window is None, "nor is what was announced announced again"
    assert pipeline.ask(id="run-2", phase="before").status == 200
    again = pipeline.ask(id="run-1/aborted", phase="aborted")
    assert (again.status, again.body) == (200, first.body)
    assert pipeline.memory.load().window is not None
