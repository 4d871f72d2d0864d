"""The function app in Microsoft's own runtime: indexed, and every trigger pulled, against a real database."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.entrypoints.http.verify import LONGEST_CHECK, LONGEST_HOLD, verify
from tests import states
from tests.cloud.azurite import Azurite
from tests.cloud.cloud import Cloud
from tests.entrypoints.conftest import APP, PASSWORD, target_table
from tests.entrypoints.functions_runtime import FunctionFailedError, FunctionsRuntime
from tests.gather.servers import Reply, http_server

STORAGE = {"queueName": "migration-checks", "connection": "AzureWebJobsStorage"}
URL = "https://monitor.example.com/api/verify"
VERDICT = "x-migration-verdict"

Configure = Callable[[str], None]
Production = Callable[[str], str]


@pytest.fixture(autouse=True)
def no_secret_in_any_log(caplog: pytest.LogCaptureFixture, postgres: PrivatePostgres) -> Iterator[None]:
    """Hold for every test here, whatever else it is about."""
    caplog.set_level(logging.DEBUG)
    yield
    assert PASSWORD not in caplog.text
    assert postgres.password not in caplog.text
    assert "the-function-key" not in caplog.text


def shown(route: str, *methods: str) -> list[dict[str, object]]:
    """Give the bindings of a route whose callers the monitor itself admits."""
    trigger = {"name": "req", "type": "httpTrigger", "direction": "IN", "route": route, "authLevel": "ANONYMOUS"}
    return [
        {**trigger, "methods": [*methods] or ["GET", "HEAD"]},
        {"name": "$return", "type": "http", "direction": "OUT"},
    ]


def test_the_bindings_that_the_host_gets(functions: FunctionsRuntime) -> None:
    due = {"name": "due", "type": "queue", "direction": "OUT", **STORAGE}
    assert functions.bindings == {
        "schedule": [
            {"name": "due", "type": "queue", "direction": "OUT", **STORAGE},
            # Without runOnStartup: each new instance would check everything again.
            {
                "name": "timer",
                "type": "timerTrigger",
                "direction": "IN",
                "schedule": "0 */5 * * * *",
                "useMonitor": True,
            },
        ],
        "check_target": [{"name": "message", "type": "queueTrigger", "direction": "IN", **STORAGE}],
        # Where Azure puts what was tried `maxDequeueCount` times.
        "poisoned": [
            {
                "name": "message",
                "type": "queueTrigger",
                "direction": "IN",
                "queueName": "migration-checks-poison",
                "connection": "AzureWebJobsStorage",
            }
        ],
        "verify": [
            {
                "name": "req",
                "type": "httpTrigger",
                "direction": "IN",
                "route": "verify",
                "methods": ["GET", "POST"],
                "authLevel": "FUNCTION",
            },
            {"name": "$return", "type": "http", "direction": "OUT"},
        ],
        # The monitor's own key admits here.
        "facts": [
            {
                "name": "req",
                "type": "httpTrigger",
                "direction": "IN",
                "route": "facts/{target}",
                "methods": ["GET"],
                "authLevel": "ANONYMOUS",
            },
            {"name": "$return", "type": "http", "direction": "OUT"},
        ],
        **{name: shown(f"{name}/{{target{'?' * (name == 'status')}}}") for name in ("status", "report", "badge")},
        "metrics": shown("metrics"),
        "openapi": shown("openapi.json", "GET"),
        "silence": [due, *shown("silence/{target}", "POST")],
        "check_now": [due, *shown("check/{target}", "POST")],
        "seen": shown("seen/{target}", "POST"),
    }


# Timer


def test_timer_queues_every_target_after_missed_ticks(functions: FunctionsRuntime, configure: Configure) -> None:
    configure(target_table("production") + target_table("staging", extra='interval = "24h"'))
    outputs = functions.tick("schedule", past_due=True)
    assert [json.loads(message) for message in outputs["due"]] == [{"target": "production"}, {"target": "staging"}]


def test_timer_queues_what_is_due_at_this_tick_only(functions: FunctionsRuntime, configure: Configure) -> None:
    often = target_table("often", extra='interval = "5m"')
    daily = [target_table(f"daily-{number}", extra='interval = "24h"') for number in range(8)]
    configure("".join([often, *daily]))
    due = [json.loads(message)["target"] for message in functions.tick("schedule")["due"]]
    assert due[0] == "often"
    assert len(due) < 9


def test_timer_fails_loudly_without_settings(functions: FunctionsRuntime, configure: Configure) -> None:
    configure("this is no TOML")
    with pytest.raises(FunctionFailedError, match=r"monitor\.toml: is not TOML"):
        functions.tick("schedule")


# Queue


def test_a_message_checks_its_target(
    functions: FunctionsRuntime, production: Production, caplog: pytest.LogCaptureFixture
) -> None:
    production("up_to_date")
    caplog.clear()
    functions.deliver("check_target", b'{"target": "production"}')
    (run,) = [record for record in caplog.records if record.name == "shared.entrypoints.timer"]
    heartbeat = json.loads(run.getMessage())
    assert (run.levelname, heartbeat["verdict"], heartbeat["checks"]["history"]) == ("INFO", "passed", "passed")
    assert (heartbeat["event"], heartbeat["target"], heartbeat["trigger"]) == (
        "migration-monitor.run",
        "production",
        "schedule",
    )


def test_a_message_may_come_as_text(
    functions: FunctionsRuntime, production: Production, caplog: pytest.LogCaptureFixture
) -> None:
    production("up_to_date")
    functions.deliver("check_target", '{"target": "production"}')
    assert '"verdict": "passed"' in caplog.text


def test_what_a_check_found_is_logged_for_people(
    functions: FunctionsRuntime, production: Production, caplog: pytest.LogCaptureFixture
) -> None:
    production("failed")
    functions.deliver("check_target", b'{"target": "production"}')
    run, found = [record for record in caplog.records if record.name == "shared.entrypoints.timer"]
    assert json.loads(run.getMessage())["verdict"] == "failed"
    assert found.levelname == "ERROR"
    headline, first, *_ = found.getMessage().splitlines()
    assert headline.startswith("production does not match its release: ")
    assert first.startswith("critical migration-failed:")


def test_a_database_that_does_not_exist_is_unknown(
    functions: FunctionsRuntime, configure: Configure, caplog: pytest.LogCaptureFixture
) -> None:
    configure(target_table("production", migrations=states.migrations("up_to_date")))
    functions.deliver("check_target", b'{"target": "production"}')
    run, found = [record for record in caplog.records if record.name == "shared.entrypoints.timer"]
    assert json.loads(run.getMessage())["verdict"] == "unknown"
    assert found.levelname == "WARNING"
    assert "history unknown: " in found.getMessage()


def test_a_target_that_was_taken_out_is_let_go(
    functions: FunctionsRuntime, configure: Configure, caplog: pytest.LogCaptureFixture
) -> None:
    configure(target_table("production"))
    functions.deliver("check_target", b'{"target": "gone"}')
    assert "Not checked: no target of that name; the settings have production" in caplog.text


def test_a_broken_target_is_unknown_and_others_are_checked(
    functions: FunctionsRuntime, production: Production, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    production("up_to_date")
    settings = tmp_path / "monitor.toml"
    settings.write_text(settings.read_text() + target_table("staging", extra='interval = "1s"'))
    for name in ("staging", "production"):
        functions.deliver("check_target", json.dumps({"target": name}).encode())
    runs = [json.loads(record.getMessage()) for record in caplog.records if record.getMessage().startswith("{")]
    assert [(run["target"], run["verdict"]) for run in runs if "event" in run] == [
        ("staging", "unknown"),
        ("production", "passed"),
    ]
    assert "`interval` must be" not in caplog.text
    assert "interval: must be 5m to 24h" in caplog.text


def test_a_message_that_is_none_of_ours_goes_to_the_poison_queue(
    functions: FunctionsRuntime, configure: Configure
) -> None:
    configure(target_table("production"))
    with pytest.raises(FunctionFailedError, match="a message of the queue is not like"):
        functions.deliver("check_target", b"production")


def test_people_are_notified_of_a_check_that_was_given_up(
    functions: FunctionsRuntime, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = '[[alerts.channel]]\nname = "team"\nkind = "teams"\nurl = "env:TEAMS_URL"\n'
    with http_server(lambda _: Reply(202)) as (port, posted):
        monkeypatch.setenv("TEAMS_URL", f"http://127.0.0.1:{port}/?sig={PASSWORD}")
        configure(channel + target_table("production"))
        functions.deliver("poisoned", b'{"target": "production"}')
    [card] = posted
    assert json.loads(card.body)["summary"].startswith("❔ production: a check was given up after several attempts.")


# HTTP


@pytest.mark.parametrize(
    ("state", "status", "verdict"),
    [
        pytest.param("up_to_date", 200, "passed", id="in step"),
        pytest.param("edited_trailing_newline", 200, "warning", id="a warning lets the deployment pass"),
        pytest.param("failed", 409, "failed", id="failed"),
    ],
)
def test_verify(
    functions: FunctionsRuntime,
    production: Production,
    postgres: PrivatePostgres,
    state: str,
    status: int,
    verdict: str,
) -> None:
    production(state)
    answer = functions.request("verify", "POST", URL, b'{"target": "production"}')
    assert (answer.status, answer.headers[VERDICT]) == (status, verdict)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert (answer.json["version"], answer.json["verdict"], answer.json["trigger"]) == (1, verdict, "verify")
    assert postgres.password.encode() not in answer.body


def test_verify_without_a_verdict_in_the_status(functions: FunctionsRuntime, production: Production) -> None:
    production("failed")
    answer = functions.request("verify", "POST", f"{URL}?always=200")
    assert (answer.status, answer.headers[VERDICT], answer.json["verdict"]) == (200, "failed", "failed")


def test_verify_what_cannot_be_seen(functions: FunctionsRuntime, configure: Configure) -> None:
    configure(target_table("production", migrations=states.migrations("up_to_date")))
    unknown = functions.request("verify", "POST", URL)
    assert (unknown.status, unknown.headers[VERDICT], unknown.json["verdict"]) == (503, "unknown", "unknown")
    kept = functions.request("verify", "POST", f"{URL}?always=200")
    assert (kept.status, kept.headers[VERDICT], kept.json["verdict"]) == (200, "unknown", "unknown")
    for answer in (unknown, kept):
        assert PASSWORD not in f"{answer.headers} {answer.body.decode()}"


def test_verify_a_release_that_the_source_does_not_know(functions: FunctionsRuntime, production: Production) -> None:
    """What is installed must never pass for the release that was asked for."""
    production("up_to_date")
    answer = functions.request("verify", "POST", URL, b'{"release": "v1.42.0"}')
    assert (answer.status, answer.headers[VERDICT]) == (503, "unknown")


@pytest.mark.parametrize(
    ("query", "body", "field"),
    [
        pytest.param("", b"target=production", "body", id="a form"),
        pytest.param("", b"\xff\xfe", "body", id="bytes"),
        pytest.param("", b"[" * 65_000, "body", id="very deep"),
        pytest.param("", b" " * 70_000, "body", id="too long"),
        pytest.param("", b"[1]", "body", id="not an object"),
        pytest.param("", b'{"\\ud800": 1}', "\ud800", id="a name that no encoding can say"),
        pytest.param("", b'{"target": "staging"}', "target", id="a target that there is not"),
        pytest.param("", b'{"release": "../v1"}', "release", id="a release with .."),
        pytest.param("", b'{"wait_seconds": true}', "wait_seconds", id="a wait that is none"),
        pytest.param("?release=v1", b"", "release", id="a field in the wrong place"),
        pytest.param("?always=please", b"", "always", id="always"),
    ],
)
def test_verify_refuses(functions: FunctionsRuntime, configure: Configure, query: str, body: bytes, field: str) -> None:
    configure(target_table("production"))
    answer = functions.request("verify", "POST", URL + query, body)
    assert answer.status == 400
    assert answer.json["field"] == field
    assert VERDICT not in answer.headers
    answer.body.decode("ascii")


def test_verify_asks_for_a_name_among_several(functions: FunctionsRuntime, configure: Configure) -> None:
    configure(target_table("production") + target_table("staging"))
    answer = functions.request("verify", "POST", URL)
    assert (answer.status, answer.json) == (
        400,
        {"field": "target", "error": "several targets: name one of production, staging"},
    )


def test_verify_with_a_key_in_the_url_repeats_it_nowhere(functions: FunctionsRuntime, configure: Configure) -> None:
    configure(target_table("production"))
    answer = functions.request(
        "verify", "POST", f"{URL}?code=the-function-key", headers={"x-functions-key": "the-function-key"}
    )
    assert answer.status == 503
    assert "the-function-key" not in f"{answer.headers} {answer.body.decode()}"


@pytest.mark.parametrize("query", ["", "?always=200"])
def test_verify_with_broken_settings_has_details_in_the_log_alone(
    functions: FunctionsRuntime, configure: Configure, caplog: pytest.LogCaptureFixture, query: str
) -> None:
    configure('[[targets]]\nname = "production"\n')
    answer = functions.request("verify", "POST", URL + query, b'{"target": "production"}')
    assert (answer.status, answer.headers[VERDICT]) == (200 if query else 503, "unknown")
    assert answer.json == {
        "verdict": "unknown",
        "error": "the monitor's settings cannot be used; its log says why",
    }
    assert "monitor.toml:1: targets: unknown key; did you mean `target`?" in caplog.text


def test_settings_are_searched_beside_the_app_in_any_working_directory(
    functions: FunctionsRuntime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MONITOR_CONFIG", "no-such-file.toml")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "no-such-file.toml").write_text(target_table("production"))
    assert functions.request("verify", "POST", URL).status == 503
    assert f"{APP / 'no-such-file.toml'}: there is no such file" in caplog.text


def test_verify_a_password_in_the_settings_is_in_no_answer(functions: FunctionsRuntime, configure: Configure) -> None:
    configure(target_table("production").replace("env:DATABASE_URL", f"postgresql://reader:{PASSWORD}@db/app"))
    answer = functions.request("verify", "POST", URL)
    assert (answer.status, answer.headers[VERDICT]) == (503, "unknown")
    assert "name the secret, do not write it here" in answer.body.decode()
    assert PASSWORD not in answer.body.decode()


def test_verify_a_broken_target_is_unknown_for_itself_alone(
    functions: FunctionsRuntime, production: Production, tmp_path: Path
) -> None:
    production("up_to_date")
    settings = tmp_path / "monitor.toml"
    settings.write_text(settings.read_text() + target_table("staging", extra='interval = "1s"'))
    # No waiting: time does not fix settings.
    broken = functions.request("verify", "POST", URL, b'{"target": "staging", "wait_seconds": 3600}')
    assert (broken.status, broken.json["verdict"], broken.json["target"]) == (503, "unknown", "staging")
    sound = functions.request("verify", "POST", URL, b'{"target": "production"}')
    assert (sound.status, sound.json["verdict"], sound.json["target"]) == (200, "passed", "production")


def test_verify_answers_at_once_where_waiting_does_not_help(
    functions: FunctionsRuntime, production: Production
) -> None:
    production("failed")
    assert functions.request("verify", "POST", URL, b'{"wait_seconds": 3600}').status == 409


def test_verify_goes_on_with_a_wait(functions: FunctionsRuntime, production: Production) -> None:
    """What is pending is waited for beyond the request; the URL given answers once it has arrived."""
    database = production("pending")
    assert functions.request("verify", "POST", URL).status == 409
    first = verify(
        "POST",
        f"{URL}?code=the-function-key&always=200",
        {"code": "the-function-key", "always": "200"},
        b'{"target": "production", "wait_seconds": 600}',
        hold=timedelta(milliseconds=1),
    )
    document = json.loads(first.body)
    assert (first.status, document["verdict"]) == (202, "failed")
    assert document["status_url"] == first.headers["Location"]
    assert first.headers["Location"] == f"{URL}?target=production&wait_seconds=599&always=200"
    assert first.headers["Retry-After"] == "5"

    deploy_pending(database)
    second = functions.request("verify", "GET", first.headers["Location"])
    assert (second.status, second.headers[VERDICT]) == (200, "passed")


def test_the_longest_request_ends_before_azure_cuts_it() -> None:
    cold_start = timedelta(seconds=15)
    assert cold_start + LONGEST_HOLD + LONGEST_CHECK < timedelta(seconds=230)


def deploy_pending(url: str) -> None:
    """Do as ``prisma migrate deploy`` would with the release of the state ``pending``."""
    with psycopg.connect(url, autocommit=True) as connection:
        applied = {name for (name,) in connection.execute("SELECT migration_name FROM _prisma_migrations")}
        for script in sorted(states.migrations("pending").glob("*/migration.sql")):
            if (name := script.parent.name) not in applied:
                connection.execute(script.read_bytes())
                connection.execute(
                    "INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)"
                    " VALUES (gen_random_uuid(), %s, %s, now(), 1)",
                    (sha256(script.read_bytes()).hexdigest(), name),
                )


# What it costs to start


HEAVY = {
    "azure.communication", "azure.core", "azure.identity", "azure.keyvault", "azure.mgmt", "azure.storage", "jinja2",
    "jmespath", "psycopg", "pydantic", "requests", "rich", "shared",
}  # fmt: skip
# What it takes to read the settings, and a memory that is in storage.
FOR_SETTINGS, FOR_MEMORY = {"pydantic", "shared"}, {"azure.core", "azure.identity", "requests"}
INDEX = """
import sys
from pathlib import Path
from tests.entrypoints.functions_runtime import FunctionsRuntime
functions = FunctionsRuntime(Path.cwd())
"""
PRINT_MODULES = "functions.close(); print(*sys.modules)"


def modules_after(script: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", INDEX + script + PRINT_MODULES], cwd=APP, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_indexing_imports_nothing_that_only_a_trigger_needs() -> None:
    assert modules_after("") & HEAVY == set()


def test_the_timer_imports_no_driver(configure: Configure) -> None:
    configure(target_table("production"))
    imported = modules_after("functions.tick('schedule'); ")
    assert "shared.entrypoints.timer" in imported
    assert imported & HEAVY == FOR_SETTINGS


def test_the_timer_imports_no_more_than_memory_in_storage_needs(
    configure: Configure, cloud: Cloud, azurite: Azurite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_ID", str(cloud.identity.client_id))
    configure(f'[memory]\ncontainer = "{azurite.url("blob")}/timer"\n{target_table("production")}')
    imported = modules_after("functions.tick('schedule'); ")
    assert imported & HEAVY == FOR_SETTINGS | FOR_MEMORY
