"""The routes of the status page in the real Functions runtime: who is admitted, what is shown, what a form does once."""

import json
import logging
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pytest

from shared.alerts.links import Purpose, signed
from shared.entrypoints.cli.main import main
from shared.memory import MemoryFile
from shared.model.memory import Memory
from shared.report.html.rendering import content_security_policy
from tests.cloud.cloud import Cloud
from tests.entrypoints.conftest import PASSWORD, target_table
from tests.entrypoints.functions_runtime import FunctionsRuntime, Response

KEY = "viewer-key-0123456789"
LINK_KEY = "link-key-0123456789-0123456789-0"
HOST = "https://monitor.example.com/api/"
ALERTS = f"""
[alerts]
status_page = "{HOST}status"
viewer_key = "env:VIEWER_KEY"
link_key = "env:LINK_KEY"
weekly = false
"""
BY_KEY = {"X-Monitor-Key": KEY}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PRINCIPAL = {
    "auth_typ": "aad",
    "claims": [
        {"typ": "http://schemas.microsoft.com/identity/claims/objectidentifier", "val": "1-2-3"},
        {"typ": "preferred_username", "val": "ada@example.com"},
    ],
}


@pytest.fixture(autouse=True)
def no_key_in_any_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    for secret in (KEY, LINK_KEY, PASSWORD):
        assert secret not in caplog.text


@dataclass
class Site:
    """A monitor that watches ``production`` and ``other``, asked as by a browser: links are followed from their page."""

    functions: FunctionsRuntime
    configure: Callable[[str], None]
    folder: Path
    queued: list[str] = field(default_factory=list)

    def set_up(self, alerts: str = ALERTS, extra: str = "") -> None:
        self.configure(alerts + target_table("production", extra=extra) + target_table("other"))

    def ask(
        self, url: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Response:
        route = urlsplit(url).path.removeprefix("/api/").rstrip("/")
        name, _, target = route.partition("/")
        function = {"check": "check_now"}.get(name, name)
        answer, outputs = self.functions.exchange(
            function, method, url, body, headers=headers, route={"target": target} if target else {}
        )
        self.queued += outputs.get("due") or []
        return answer

    def get(self, route: str, headers: Mapping[str, str] | None = None) -> Response:
        return self.ask(HOST + route, headers=headers)

    def page(self, route: str, headers: Mapping[str, str] | None = None) -> "Page":
        answer = self.get(route, headers)
        assert answer.status == 200
        return Page(HOST + route, answer.body.decode())

    def post(
        self,
        page: "Page",
        purpose: str,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        action, hidden = page.form(purpose)
        return self.ask(action, "POST", {**FORM, **(headers or {})}, urlencode({**hidden, **(fields or {})}).encode())

    @property
    def memory(self) -> Memory:
        return MemoryFile(self.folder / "memory", "production").load()


@dataclass
class Page:
    url: str
    text: str

    def form(self, purpose: str) -> tuple[str, dict[str, str]]:
        """Give where the form for *purpose* leads, and its hidden fields."""
        (found,) = re.findall(rf'<form[^>]*action="(\.\./{purpose}/[^"]*)"[^>]*>(.*?)</form>', self.text, re.DOTALL)
        hidden = re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]*)"[^>]*value="([^"]*)"', found[1])
        return urljoin(self.url, unescape(found[0])), {unescape(name): unescape(value) for name, value in hidden}

    def has_form(self, purpose: str) -> bool:
        return f'action="../{purpose}/' in self.text


@pytest.fixture
def site(
    functions: FunctionsRuntime,
    configure: Callable[[str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Site:
    monkeypatch.setenv("VIEWER_KEY", KEY)
    monkeypatch.setenv("LINK_KEY", LINK_KEY)
    monkeypatch.delenv("WEBSITE_AUTH_ENABLED", raising=False)
    made = Site(functions, configure, tmp_path)
    made.set_up()
    # Its database cannot be reached: every check is unknown, and that is all that these tests need.
    for _ in range(2):
        functions.deliver("check_target", b'{"target": "production"}')
    return made


def link(purpose: Purpose = Purpose.PAGE, target: str = "production", about: str = "", days: float = 7) -> str:
    return signed(LINK_KEY, purpose, target, about=about, until=datetime.now(UTC) + timedelta(days=days))


def by_principal(principal: Any = PRINCIPAL) -> dict[str, str]:
    return {"X-MS-CLIENT-PRINCIPAL": b64encode(json.dumps(principal).encode()).decode()}


# Who is admitted

ROUTES = (
    "status",
    "status/production",
    "report/production",
    "badge/production",
    "metrics",
    "status/unknown",
    "report/unknown",
)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"X-Monitor-Key": KEY[:-1]}, id="a part of the key"),
        pytest.param({"X-Monitor-Key": LINK_KEY}, id="the other key"),
        pytest.param(by_principal(), id="a header that no platform wrote"),
    ],
)
def test_nobody_else_is_admitted(site: Site, route: str, headers: dict[str, str]) -> None:
    answer = site.get(route, headers)
    expected = site.get("status/unknown", BY_KEY)
    assert (answer.status, answer.body, answer.headers) == (404, expected.body, expected.headers)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(link(target="other"), id="another target"),
        pytest.param(link(Purpose.BADGE), id="another purpose"),
        pytest.param(link(days=-0.01), id="ended"),
        pytest.param(link()[:-1], id="a part of it"),
        pytest.param(signed(KEY.ljust(32, "0"), Purpose.PAGE, "production"), id="forged"),
        pytest.param("", id="empty"),
    ],
)
@pytest.mark.parametrize("route", ["status/production", "report/production"])
def test_a_link_that_is_not_for_this_opens_nothing(site: Site, route: str, token: str) -> None:
    answer = site.get(f"{route}?link={token}")
    assert (answer.status, answer.body) == (404, site.get("status/unknown").body)


def test_a_link_opens_its_target_alone(site: Site) -> None:
    token = link()
    assert site.get(f"status/production?link={token}").status == 200
    assert site.get(f"report/production?link={token}").json["target"] == "production"
    for route in ("status", "metrics", "badge/production", "status/other", "report/other", "status/unknown"):
        assert site.get(f"{route}?link={token}").status == 404
    text = site.page(f"status/production?link={token}").text
    assert 'href="../status"' not in text
    assert "other" not in re.findall(r'href="([^"]*)"', text)


def test_who_is_signed_in_is_admitted_where_the_platform_does_that(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBSITE_AUTH_ENABLED", "True")
    for route in ROUTES[:5]:
        assert site.get(route, by_principal()).status == 200
    assert site.get("status/unknown", by_principal()).status == 404


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-MS-CLIENT-PRINCIPAL-NAME": "ada@example.com"},
        {"X-MS-CLIENT-PRINCIPAL": "no base64"},
        {"X-MS-CLIENT-PRINCIPAL": b64encode(b"no JSON").decode()},
        by_principal([]),
        by_principal({**PRINCIPAL, "auth_typ": "google"}),
        by_principal({**PRINCIPAL, "claims": None}),
        by_principal({**PRINCIPAL, "claims": [None, {"typ": "preferred_username", "val": "ada@example.com"}]}),
    ],
)
def test_no_other_header_signs_in(site: Site, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]) -> None:
    monkeypatch.setenv("WEBSITE_AUTH_ENABLED", "True")
    assert site.get("status/production", headers).status == 404


@pytest.mark.parametrize(
    "alerts",
    [
        pytest.param(ALERTS + "pages = false\n", id="switched off"),
        pytest.param("[alerts]\n", id="no key is configured"),
        pytest.param("this is no TOML", id="broken settings"),
    ],
)
def test_nothing_is_shown_to_anybody(site: Site, monkeypatch: pytest.MonkeyPatch, alerts: str) -> None:
    monkeypatch.setenv("WEBSITE_AUTH_ENABLED", "True")
    expected = site.get("status/unknown", BY_KEY)
    site.set_up(alerts)
    for route in ROUTES:
        for headers in ({}, BY_KEY, by_principal()):
            answer = site.get(f"{route}?link={link()}", headers)
            assert (answer.status, answer.body, answer.headers) == (404, expected.body, expected.headers)


def test_another_key_ends_all_links(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    token = link()
    assert site.get(f"status/production?link={token}").status == 200
    monkeypatch.setenv("LINK_KEY", LINK_KEY[::-1])
    assert site.get(f"status/production?link={token}").status == 404


def test_a_link_key_of_a_vault(site: Site, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_CLIENT_ID", str(cloud.identity.client_id))
    vault = cloud.vault()
    vault.put("links", LINK_KEY)
    site.set_up(f'[azure]\nvault = "{vault.url}"\n[alerts]\nlink_key = "vault:links"\n')
    assert site.get("status/production").status == 404
    assert vault.asked == [], "nobody who brings nothing has a vault asked"
    assert site.get(f"status/production?link={link()}").status == 200
    site.set_up(f'[azure]\nvault = "{vault.url}"\n[alerts]\nlink_key = "vault:absent"\n')
    assert site.get(f"status/production?link={link()}").status == 404


# What is shown


@pytest.mark.parametrize("route", ["status", "status/production", "report/production"])
def test_what_is_shown_leaks_nothing_and_is_kept_by_its_reader_alone(site: Site, route: str) -> None:
    answer = site.get(route, BY_KEY)
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-frame-options"] == "DENY"
    is_page = route.startswith("status")
    policy = content_security_policy() if is_page else "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["content-security-policy"] == policy
    assert answer.headers["content-type"].startswith("text/html" if is_page else "application/json")


def test_what_has_not_changed_is_not_sent_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = site.get("report/production", BY_KEY)
    tag = answer.headers["etag"]
    for known in (tag, "*", f'"x", {tag}', tag.removeprefix("W/")):
        again = site.get("report/production", {**BY_KEY, "If-None-Match": known})
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert site.get("report/production", {**BY_KEY, "If-None-Match": '"x"'}).status == 200
    # Two checks of one second may say the same to the letter.
    monkeypatch.setenv("DATABASE_URL", f"postgresql://reader:{PASSWORD}@127.0.0.1:1/elsewhere")
    site.functions.deliver("check_target", b'{"target": "production"}')
    assert site.get("report/production", {**BY_KEY, "If-None-Match": tag}).status == 200


def test_head_is_the_answer_without_its_body(site: Site) -> None:
    answer = site.ask(f"{HOST}report/production", "HEAD", BY_KEY)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["etag"] == site.get("report/production", BY_KEY).headers["etag"]
    assert site.ask(f"{HOST}report/production", "HEAD").status == 404


def test_a_target_without_a_run_and_a_broken_one(site: Site) -> None:
    assert site.get("status/other", BY_KEY).status == 200
    assert site.get("report/other", BY_KEY).status == 503
    site.set_up(extra='interval = "1s"')
    assert site.get("status/production", BY_KEY).status == 200
    assert b"cannot be used" in site.get("status/production", BY_KEY).body


def test_an_address_with_a_slash_leads_to_the_one_without(site: Site) -> None:
    token = link()
    answer = site.get(f"status/production/?link={token}")
    assert answer.status == 308
    where = urljoin(f"{HOST}status/production/", answer.headers["location"])
    assert where == f"{HOST}status/production?{urlencode({'link': token})}"
    assert site.get("status/production/").status == 404


def test_a_badge_by_its_link(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["link", "--badge", "--target", "production"]) == 0
    address = capsys.readouterr().out.strip()
    picture = site.ask(address)
    assert (picture.status, picture.headers["content-type"]) == (200, "image/svg+xml; charset=utf-8")
    assert b"production: unknown" in picture.body
    shields = site.ask(f"{address}&format=shields")
    assert shields.json == {"schemaVersion": 1, "label": "production", "message": "unknown", "color": "orange"}
    again = site.ask(address, headers={"If-None-Match": picture.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    token = urlsplit(address).query
    for route in ("status/production", "report/production", "badge/other", "status", "metrics"):
        assert site.get(f"{route}?{token}").status == 404


def test_a_link_printed_at_a_terminal(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["link", "--target", "production"]) == 0
    assert site.ask(capsys.readouterr().out.strip()).status == 200
    assert main(["link", "--target", "unknown"]) == 1
    site.set_up(ALERTS.replace('link_key = "env:LINK_KEY"\n', ""))
    assert main(["link", "--target", "production"]) == 1
    assert "a signed link needs" in capsys.readouterr().err


def test_metrics_by_a_bearer_token(site: Site) -> None:
    answer = site.get("metrics", {"Authorization": f"Bearer {KEY}"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert b'migration_monitor_verdict{target="production",' in answer.body
    assert answer.body.endswith(b"# EOF\n")


# Forms

SILENCE = {"incident": "", "for": "4h", "who": "Ada", "why": "restoring the backup"}


def done(answer: Response) -> str:
    assert answer.status == 303
    where = urlsplit(urljoin(f"{HOST}silence/production", answer.headers["location"]))
    assert where.path == "/api/status/production"
    return dict(parse_qsl(where.query))["done"]


def test_a_silence_from_a_link(site: Site) -> None:
    token = link()
    before = datetime.now(UTC)
    answer = site.post(site.page(f"status/production?link={token}"), "silence", SILENCE)
    assert done(answer) == "silenced"
    (silence,) = [each.silence for each in site.memory.silences]
    assert (silence.incident, silence.who, silence.because) == (None, "Ada", "restoring the backup")
    assert before <= silence.until - timedelta(hours=4) <= datetime.now(UTC)
    assert [json.loads(message) for message in site.queued] == [{"target": "production"}]
    where = urljoin(f"{HOST}silence/production", answer.headers["location"])
    assert "The silence is saved." in site.ask(where).body.decode()


def test_a_silence_of_one_incident_by_who_is_signed_in(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBSITE_AUTH_ENABLED", "True")
    name = site.memory.incidents[0].name
    page = site.page("status/production", by_principal())
    assert done(site.post(page, "silence", {**SILENCE, "incident": name}, by_principal())) == "silenced"
    (silence,) = [each.silence for each in site.memory.silences]
    assert (silence.incident, silence.who) == (name, "ada@example.com")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_opens_every_link_changes_nothing(site: Site, method: str) -> None:
    before = site.memory
    page = site.page(f"status/production?link={link()}")
    for address in re.findall(r'(?:href|action|src)="([^"#][^"]*)"', page.text):
        where = urljoin(page.url, unescape(address))
        if where.startswith(HOST) and "/silence/" not in where and "/check/" not in where:
            site.ask(where, method)
    assert (site.memory, site.queued) == (before, [])
    # The host lets no other method through to what changes something.
    for function in ("silence", "check_now", "seen"):
        (binding,) = [each for each in site.functions.bindings[function] if each["type"] == "httpTrigger"]
        assert binding["methods"] == ["POST"]


def refusals(site: Site) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Give forms that are not what they seem: what is wrong, where each is sent, and its fields."""
    token = link()
    action, fields = site.page(f"status/production?link={token}").form("silence")
    about, until, mac = fields["token"].split(".")
    other_action, _ = site.page(f"status/production?link={link(days=6)}").form("silence")
    yield "forged", action, {"token": f"{about}.{until}.{'A' * 43}"}
    yield "a part of it", action, {"token": fields["token"][:-1]}
    yield "a later end", action, {"token": f"{about}.{int(until) + 1}.{mac}"}
    yield "none", action, {}
    yield "of another reader", other_action, fields
    yield "for another purpose", action, site.page(f"status/production?link={token}").form("check")[1]
    reader = f"link {token}"
    ended = datetime.now(UTC) - timedelta(seconds=1)
    yield "ended", action, {"token": signed(LINK_KEY, Purpose.SILENCE, "production", reader, about="n", until=ended)}
    later = ended + timedelta(hours=1)
    yield (
        "another target's",
        action,
        {"token": signed(LINK_KEY, Purpose.SILENCE, "other", reader, about="n", until=later)},
    )
    yield "without end", action, {"token": signed(LINK_KEY, Purpose.SILENCE, "production", reader, about="n")}


def test_all_forms_that_are_not_taken_are_answered_alike(site: Site) -> None:
    before = site.memory
    for what, action, fields in refusals(site):
        answer = site.ask(action, "POST", FORM, urlencode({**fields, **SILENCE}).encode())
        assert done(answer) == "refused", what
    assert (site.memory, site.queued) == (before, [])


def test_a_form_is_taken_once(site: Site) -> None:
    page = site.page(f"status/production?link={link()}")
    assert done(site.post(page, "silence", SILENCE)) == "silenced"
    after = site.memory
    assert done(site.post(page, "silence", {**SILENCE, "who": "Mallory"})) == "refused"
    assert site.memory == after


def test_a_form_without_its_reader_is_for_nobody(site: Site) -> None:
    action, fields = site.page(f"status/production?link={link()}").form("silence")
    body = urlencode({**fields, **SILENCE}).encode()
    answer = site.ask(action.partition("?")[0], "POST", FORM, body)
    assert (answer.status, answer.body) == (404, site.get("status/unknown").body)
    assert site.memory.silences == ()


@pytest.mark.parametrize(
    ("field_", "value"),
    [
        ("for", "90d"),
        ("for", ""),
        ("who", " "),
        ("who", "A" * 101),
        ("why", ""),
        ("who", "A\u202eda"),
        ("why", "x" * 501),
    ],
)
def test_what_is_missing_or_too_much_is_named_and_the_form_is_not_used(site: Site, field_: str, value: str) -> None:
    page = site.page(f"status/production?link={link()}")
    answer = site.post(page, "silence", {**SILENCE, field_: value})
    assert (answer.status, answer.json["field"]) == (400, field_)
    assert done(site.post(page, "silence", SILENCE)) == "silenced"


def test_what_is_not_open_is_not_silenced(site: Site) -> None:
    page = site.page(f"status/production?link={link()}")
    assert done(site.post(page, "silence", {**SILENCE, "incident": "no such"})) == "nothing-open"
    assert site.memory.silences == ()


def test_a_script_with_the_viewer_key_silences_by_json(site: Site) -> None:
    headers = {**BY_KEY, "Content-Type": "application/json; charset=utf-8"}
    answer = site.ask(f"{HOST}silence/production", "POST", headers, json.dumps(SILENCE).encode())
    assert (answer.status, list(answer.json)) == (200, ["silenced_until", "who"])
    assert [each.silence.who for each in site.memory.silences] == ["Ada"]
    for body in (b"[]", b"{", b'{"for": 1}', b"\xff", b"x" * 20_000):
        assert site.ask(f"{HOST}silence/production", "POST", headers, body).status == 400
    assert site.ask(f"{HOST}silence/production", "POST", {"Content-Type": "application/json"}, b"{}").status == 404


def test_json_of_another_reader_needs_a_form(site: Site) -> None:
    headers = {"Content-Type": "application/json"}
    answer = site.ask(f"{HOST}silence/production?link={link()}", "POST", headers, json.dumps(SILENCE).encode())
    assert (answer.status, site.memory.silences) == (403, ())


def test_a_check_is_queued_once_in_a_while(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.alerts.decide.forms.CHECK_EVERY", timedelta(days=1))
    page = site.page(f"status/production?link={link()}")
    assert done(site.post(page, "check")) == "queued"
    assert [json.loads(message) for message in site.queued] == [{"target": "production"}]
    soon = site.post(site.page(f"status/production?link={link()}"), "check")
    assert (soon.status, 1 <= int(soon.headers["retry-after"]) <= 86400) == (429, True)
    assert len(site.queued) == 1
    # A silence right after it is noted, and needs no second check.
    assert done(site.post(site.page(f"status/production?link={link()}"), "silence", SILENCE)) == "silenced"
    assert len(site.queued) == 1


def test_the_weekly_message_is_confirmed_by_its_link_alone(site: Site) -> None:
    assert not site.page("status/production", BY_KEY).has_form("seen")
    assert not site.page(f"status/production?link={link()}").has_form("seen")
    page = site.page(f"status/production?link={link(Purpose.WEEK, about='team')}")
    assert site.memory.weeks_seen == {}
    before = datetime.now(UTC)
    assert done(site.post(page, "seen")) == "seen"
    assert list(site.memory.weeks_seen) == ["team"]
    assert before <= site.memory.weeks_seen["team"] <= datetime.now(UTC)


def test_without_a_key_that_signs_there_is_no_form(site: Site) -> None:
    site.set_up(ALERTS.replace('link_key = "env:LINK_KEY"\n', ""))
    page = site.page("status/production", BY_KEY)
    assert not any(page.has_form(purpose) for purpose in ("silence", "check", "seen"))


def test_a_memory_that_another_run_holds_is_said(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.entrypoints.http.acts._LONGEST_TURN", timedelta(0))
    page = site.page(f"status/production?link={link()}")
    with MemoryFile(site.folder / "memory", "production").alone():
        assert site.post(page, "silence", SILENCE).status == 503
    assert done(site.post(page, "silence", SILENCE)) == "silenced"
