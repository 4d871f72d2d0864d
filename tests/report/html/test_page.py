"""The status page: what it says, what it may hold, and that hostile names stay text."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from shared.model.finding import Severity
from shared.model.memory import Window
from shared.model.settings import AcceptedDrift
from shared.model.ways_back import WayBack
from shared.report.brief import brief_of
from shared.report.html.anchor import anchor_of
from shared.report.html.page import Remembered, fleet_page, target_page
from shared.report.html.rendering import content_security_policy
from shared.report.ways_back import as_objects
from tests.report.html.states import ALL_ACCESS, DEPLOYING, INCIDENT, NOW, PLANNED, Page, a_month, document

BROKEN = "20250904_160000_fix_folders_and_files_schema"
HOSTILE = "x\"'><img src=x onerror=alert(1)></script><script>alert(2)</script>{{ 7 * 7 }}\u202e\x1b[31m"


def test_it_says_what_is_wrong_why_and_what_to_do() -> None:
    page = Page(target_page(INCIDENT, NOW, ALL_ACCESS))
    for said in (
        "production does not match its release: 7 critical, 1 info.",
        f"migration {BROKEN} failed",
        "reads of whole folders records fail: P2022 (42703)",
        f"npx prisma migrate resolve --applied {BROKEN}",
        "users has 2 rows; the release seeds exactly 6.",
        "5 migrations",
        "2 migrations applied",
        "the release before this one",
        "Last 30 days",
        "Migration execution time 31.0 s",
        "Drift incidents 1",
        "index public.users_email_idx is missing in the database.",
        "for 4 h",
        "exactly 6",
        "2 rows",
    ):
        assert said in page.text, said
    assert anchor_of(f"migration {BROKEN}") in {attributes.get("id") for attributes in page.all("article")}


def test_it_shows_the_plan() -> None:
    page = Page(target_page(PLANNED, NOW))
    for said in ("Plan of the pending migrations", "fails 23502", "AccessExclusive on public.folders", "The safe way"):
        assert said in page.text, said


def test_it_shows_the_deployment_that_the_last_run_saw() -> None:
    page = Page(target_page(DEPLOYING, NOW))
    for said in (
        "A statement runs: 20250904_160000_fix_folders_and_files_schema/migration.sql, line 5",
        "AccessExclusive on public.folders",
        "nightly-report",
        "3 sessions: 3 on public.folders",
        "SELECT pg_cancel_backend(pid)",
        "1 of its 6 statements stays applied (line 2).",
    ):
        assert said in page.text, said


def test_it_shows_what_the_settings_accept_and_until_when() -> None:
    days = (NOW.date() - timedelta(days=1), NOW.date())
    accepted = [AcceptedDrift(f"schema-missing:index public.i{day.day}", "until the reindex", day) for day in days]
    text = Page(target_page(replace(INCIDENT, accepted=accepted), NOW)).text
    assert f"until {days[0]}: until the reindex expired" in text
    assert f"until {days[1]}: until the reindex" in text
    assert text.count("expired") == 1


def test_applied_migrations_unfold_to_their_statements() -> None:
    applied = [each for each in document("incident")["migrations"] if each["statements"]]
    assert {each["state"] for each in applied} == {"applied"}
    text = Page(target_page(INCIDENT, NOW, ALL_ACCESS)).text
    for each in applied:
        assert each["statements"][0]["sql"].split("\n")[0] in text


def test_targets_with_the_same_migrations_stand_beside_each_other() -> None:
    other = {"migrations": [{"name": "0_init", "state": "applied", "started_at": None, "finished_at": None}]}
    others = [INCIDENT, replace(PLANNED, name="staging"), Remembered("elsewhere", document("planned") | other)]
    page = Page(target_page(INCIDENT, NOW, others=others))
    assert "Migrationproductionstaging" in page.text
    assert "elsewhere" not in page.text


def test_what_a_reader_may_not_do_is_not_offered() -> None:
    assert [*Page(target_page(INCIDENT, NOW)).all("form")] == []
    forms = [*Page(target_page(INCIDENT, NOW, ALL_ACCESS)).all("form")]
    assert [(form["method"], form["action"]) for form in forms] == [("post", "/api/somewhere/production")] * 3
    named = Page(target_page(INCIDENT, NOW, replace(ALL_ACCESS, reader="ada@example.com")))
    assert "who" not in {field.get("name") for field in named.all("input")}
    assert "As ada@example.com" in named.text


@pytest.mark.parametrize(
    ("state", "said"),
    [
        pytest.param(Remembered("a", None), "no check of this target has ended yet", id="no run yet"),
        pytest.param(Remembered("a", None, None, "its settings are wrong"), "its settings are wrong", id="broken"),
        pytest.param(Remembered("a", {"version": 2}), "version 1", id="a report of another version"),
        pytest.param(
            replace(INCIDENT, memory=replace(a_month(), next_run_at=NOW - timedelta(hours=2))),
            "A check was due",
            id="a check that does not come",
        ),
    ],
)
def test_what_is_not_known_is_no_all_clear(state: Remembered, said: str) -> None:
    page = Page(target_page(state, NOW))
    assert "This is not an all-clear." in page.text
    assert said in page.text


def test_a_deployment_under_way_is_said() -> None:
    window = Window(NOW - timedelta(minutes=3), "verify", NOW, "v1.42.0")
    state = replace(INCIDENT, memory=replace(a_month(), window=window))
    assert "A deployment is under way of v1.42.0" in Page(target_page(state, NOW)).text


def _leaves(value: Any, spoil: Callable[[str, str], str], key: str = "") -> Any:
    match value:
        case dict():
            return {name: _leaves(inner, spoil, name) for name, inner in value.items()}
        case list():
            return [_leaves(inner, spoil, key) for inner in value]
        case str():
            return spoil(key, value)
    return value


# What is one of a few words, or a time, cannot be hostile: it is read as such or refused.
_WORDS = {"verdict", "trigger", "phase", "state", "severity", "code", "started_at", "finished_at", "silenced_until"}


def spoiled(name: str) -> dict[str, Any]:
    """A report whose every name and text is hostile."""
    found = _leaves(document(name), lambda key, text: text if key in _WORDS else text + HOSTILE)
    # The findings of a check are keys: they must fit.
    for finding in found["findings"]:
        finding["key"] = f"{finding['code']}:{finding['subject']}"
    keys = [finding["key"] for finding in found["findings"]]
    found["checks"] = [
        check | {"findings": keys if number == 0 else []} for number, check in enumerate(found["checks"])
    ]
    assert isinstance(found, dict)
    return found


def pages() -> Iterator[Any]:
    for name in ("incident", "planned", "deploying"):
        state = Remembered(f"production{HOSTILE}", spoiled(name), a_month())
        honest = Remembered("production", document(name), a_month())
        yield pytest.param(
            lambda state: target_page(state, NOW, ALL_ACCESS, [state, replace(state, name="b")]), honest, state, id=name
        )
        yield pytest.param(
            lambda state: fleet_page([brief_of(state)], NOW, ALL_ACCESS), honest, state, id=f"{name} in a fleet"
        )


@pytest.mark.parametrize(("draw", "honest", "hostile"), [*pages()])
def test_hostile_names_stay_text(draw: Callable[[Remembered], str], honest: Remembered, hostile: Remembered) -> None:
    html = draw(hostile)
    page = Page(html)
    assert {tag for tag, _ in page.elements} <= {tag for tag, _ in Page(draw(honest)).elements}
    assert not [attributes for _, attributes in page.elements if any(name.startswith("on") for name in attributes)]
    assert [*page.all("script")] == [{}]
    assert "\u202e" not in html
    assert "\x1b" not in html
    assert "{{ 7 * 7 }}" in page.text
    assert "U+202E" in page.text


def test_the_policy_admits_what_the_page_holds_and_nothing_else() -> None:
    page = Page(target_page(INCIDENT, NOW, ALL_ACCESS))
    for tag in ("style", "script"):
        digest = b64encode(sha256(page.raw[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in content_security_policy()
    assert not [attributes for _, attributes in page.elements if "style" in attributes]
    assert {link["href"].partition(":")[0] for link in page.all("link") if link["href"]} == {"data"}
    sources = {attributes["src"] for _, attributes in page.elements if attributes.get("src")}
    assert sources == set()


def many(count: int) -> Remembered:
    """The incident and *count* more findings; the last five are the worst."""
    report = document("incident")
    first = report["findings"][0]
    more = [
        first
        | {
            "key": f"migration-edited:{number}_of_many",
            "incident": f"migration {number}_of_many",
            "code": "migration-edited",
            "subject": f"{number}_of_many",
            "severity": (Severity.CRITICAL if number >= count - 5 else Severity.WARNING).value,
            "evidence": {},
            "remedy": first["remedy"][:2],
        }
        for number in range(count)
    ]
    report["findings"] += more
    report["checks"][0]["findings"] += [each["key"] for each in more]
    return Remembered("production", report, a_month())


def test_a_code_is_explained_once_on_a_page() -> None:
    page = target_page(many(3), NOW, ALL_ACCESS)
    meaning = "<summary><code>migration-edited</code>: meaning and first look</summary>"
    assert page.count(meaning) == 1
    assert "look at the history of the file in git" in Page(page).text


def test_a_page_stays_small() -> None:
    assert len(target_page(many(92), NOW, ALL_ACCESS).encode()) < 150_000


def test_of_many_findings_the_worst_are_shown_and_the_others_counted() -> None:
    page = Page(target_page(many(5_000), NOW, ALL_ACCESS))
    assert len([*page.all("article")]) <= 200
    assert "4999_of_many was edited" in page.text
    assert "4808 more findings, none of them worse, are not shown here" in page.text


def test_a_fleet_has_the_worst_first_and_names_in_their_natural_order() -> None:
    well = document("incident") | {"verdict": "passed", "findings": []}
    well["checks"] = [check | {"verdict": "passed", "findings": []} for check in well["checks"]]
    states = [Remembered(f"tenant-{number}", well) for number in (10, 2)]
    broken = Remembered("broken", None, None, "its settings are wrong")
    page = Page(fleet_page(list(map(brief_of, [*states, INCIDENT, broken])), NOW, ALL_ACCESS))
    links = [link["href"] for link in page.all("a")]
    assert links[-4:] == [f"/api/status/{name}" for name in ("production", "broken", "tenant-2", "tenant-10")]
    assert "1 failed 1 unknown 2 passed" in page.text


def test_a_fleet_of_500_stays_usable() -> None:
    states = [brief_of(replace(INCIDENT, name=f"tenant-{number}")) for number in range(500)]
    assert len(fleet_page(states, NOW, ALL_ACCESS).encode()) < 600_000


def test_a_way_back_that_is_not_known_is_not_said_to_fail() -> None:
    ways = [
        WayBack("v3", None, None, because="its schema.prisma cannot be read"),
        WayBack("v2", None, None),
        WayBack("v1", True, True),
    ]
    report = document("planned") | {"ways_back": as_objects(ways)}
    text = Page(target_page(Remembered("production", report), NOW)).text
    assert "v3not known now, not known after this deployment its schema.prisma cannot be read" in text
    assert "v2may fail now, may fail after this deployment" in text
    assert "v1works now, works after this deployment" in text
    older = [{name: value for name, value in way.items() if name != "predicted"} for way in report["ways_back"]]
    assert "v3may fail now" in Page(target_page(Remembered("production", report | {"ways_back": older}), NOW)).text


def test_a_report_from_before_newer_fields_is_shown() -> None:
    newer = {"measured", "ways_back", "plan", "server", "sleeps_until", "behind"}
    older = {name: value for name, value in document("incident").items() if name not in newer}
    older["migrations"] = [
        {name: each[name] for name in ("name", "state", "started_at", "finished_at")} for each in older["migrations"]
    ]
    page = Page(target_page(Remembered("production", json.loads(json.dumps(older))), NOW))
    assert f"migration {BROKEN} failed" in page.text
