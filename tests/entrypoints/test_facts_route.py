"""`GET /api/facts/TARGET` in the real Functions runtime: who is admitted, and what is read how often."""

import hmac
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psycopg
import pytest

from shared.entrypoints.http import facts as route
from shared.settings.facts_file import read_facts_file
from tests.cloud.cloud import Cloud
from tests.entrypoints.conftest import PASSWORD, target_table
from tests.entrypoints.functions_runtime import FunctionsRuntime, Response

KEY = "viewer-key-0123456789"
OF_ALERTS = '[alerts]\nviewer_key = "env:VIEWER_KEY"\n'
Get = Callable[..., Response]


@pytest.fixture(autouse=True)
def nothing_kept(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    route._KEPT.clear()
    yield
    route._KEPT.clear()
    assert KEY not in caplog.text
    assert PASSWORD not in caplog.text


@pytest.fixture
def get(
    functions: FunctionsRuntime,
    production: Callable[[str], str],
    configure: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Get:
    """Ask for a target of a monitor that watches ``production`` and has a viewer key, unless *alerts* says otherwise."""
    production("up_to_date")
    monkeypatch.setenv("VIEWER_KEY", KEY)

    def got(name: str, headers: Mapping[str, str] | None = None, alerts: str = OF_ALERTS, extra: str = "") -> Response:
        configure(alerts + target_table("production", extra=extra))
        url = f"https://monitor.example.com/api/facts/{name}"
        return functions.request("facts", "GET", url, headers=headers, route={"target": name})

    return got


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Monitor-Key": KEY},
        {"x-monitor-key": KEY},
        {"Authorization": f"Bearer {KEY}"},
        {"authorization": f"bearer {KEY}"},
        {"X-Monitor-Key": KEY, "Authorization": "Bearer of-the-platform"},
    ],
)
def test_who_has_the_key_gets_the_facts(get: Get, headers: dict[str, str], tmp_path: Path) -> None:
    answer = get("production", headers)
    assert (answer.status, answer.headers["content-type"], answer.headers["cache-control"]) == (
        200, "application/json", "no-store",
    )  # fmt: skip
    assert (answer.json["version"], answer.json["target"]) == (1, "production")
    assert len(answer.json["applied"]) > 0
    # It is the file of `plan --facts`.
    (tmp_path / "facts.json").write_bytes(answer.body)
    assert read_facts_file(tmp_path / "facts.json").target == "production"


@pytest.mark.parametrize(
    ("name", "headers", "alerts"),
    [
        pytest.param("unknown", {"X-Monitor-Key": KEY}, OF_ALERTS, id="no such target"),
        pytest.param("", {"X-Monitor-Key": KEY}, OF_ALERTS, id="no name"),
        pytest.param("production", {}, OF_ALERTS, id="no key"),
        pytest.param("production", {"X-Monitor-Key": ""}, OF_ALERTS, id="an empty key"),
        pytest.param("production", {"X-Monitor-Key": KEY[:-1]}, OF_ALERTS, id="a part of it"),
        pytest.param("production", {"X-Monitor-Key": KEY + "0"}, OF_ALERTS, id="more than it"),
        pytest.param("production", {"X-Monitor-Key": "é" * 20}, OF_ALERTS, id="no ASCII"),
        pytest.param("production", {"Authorization": KEY}, OF_ALERTS, id="without the scheme"),
        pytest.param("production", {"Authorization": f"Basic {KEY}"}, OF_ALERTS, id="another scheme"),
        pytest.param(
            "production", {"X-Monitor-Key": "wrong", "Authorization": f"Bearer {KEY}"}, OF_ALERTS, id="two keys"
        ),
        pytest.param("production", {"X-Monitor-Key": KEY}, "", id="no key is configured"),
        pytest.param("production", {"X-Monitor-Key": ""}, "", id="none is, and none is given"),
        pytest.param("production", {"X-Monitor-Key": KEY}, "this is no TOML", id="broken settings"),
    ],
)
def test_all_others_get_one_answer(get: Get, name: str, headers: dict[str, str], alerts: str) -> None:
    expected = get("unknown", {"X-Monitor-Key": KEY})
    answer = get(name, headers, alerts)
    assert (answer.status, answer.body, answer.headers) == (404, expected.body, expected.headers)


def test_the_key_is_compared_in_constant_time(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return hmac.compare_digest(one, other)

    monkeypatch.setattr("shared.entrypoints.http.admission.key.compare_digest", compare)
    assert get("production", {"X-Monitor-Key": "wrong"}).status == 404
    assert get("production", {"X-Monitor-Key": KEY}).status == 200
    assert compared == [(b"wrong", KEY.encode()), (KEY.encode(), KEY.encode())]


def test_a_key_of_a_vault(get: Get, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_CLIENT_ID", str(cloud.identity.client_id))
    vault = cloud.vault()
    vault.put("viewer", KEY)
    vault.put("short", "short")
    settings = f'[azure]\nvault = "{vault.url}"\n[alerts]\nviewer_key = "vault:NAME"\n'
    assert get("production", {}, settings.replace("NAME", "viewer")).status == 404
    assert vault.asked == []
    assert get("production", {"X-Monitor-Key": KEY}, settings.replace("NAME", "viewer")).status == 200
    assert get("production", {"X-Monitor-Key": "wrong"}, settings.replace("NAME", "viewer")).status == 404
    assert get("production", {"X-Monitor-Key": "short"}, settings.replace("NAME", "short")).status == 404
    assert get("production", {"X-Monitor-Key": KEY}, settings.replace("NAME", "absent")).status == 404


def test_what_cannot_be_read_says_why_to_who_is_admitted(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://reader:{PASSWORD}@127.0.0.1:1/nowhere")
    answer = get("production", {"X-Monitor-Key": KEY})
    assert (answer.status, list(answer.json)) == (503, ["error"])
    assert PASSWORD not in answer.body.decode()
    assert get("production").status == 404


def test_a_sleeping_target_and_a_broken_one(get: Get) -> None:
    asleep = get("production", {"X-Monitor-Key": KEY}, extra="paused_until = 2999-01-01T00:00:00Z")
    assert (asleep.status, asleep.json) == (503, {"error": "the target sleeps until 2999-01-01 00:00 UTC"})
    broken = get("production", {"X-Monitor-Key": KEY}, extra='interval = "1s"')
    assert (broken.status, "cannot be used" in broken.json["error"]) == (503, True)


def test_the_database_is_read_once_a_minute(get: Get, database: str) -> None:
    headers = {"X-Monitor-Key": KEY}
    before = get("production", headers)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE by_hand (id int)")
    # Who asks meanwhile gets the same, without a connection.
    assert [get("production", headers).body for _ in range(3)] == [before.body] * 3
    later = route._KEPT["production"].at + 61
    answer = route.facts("production", headers, clock=lambda: later)
    assert "by_hand" in {each["name"] for each in json.loads(answer.body)["tables"]}
