"""The badge of a target: its words, its colours, and a picture that any XML parser reads."""

import json
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.memory import Memory, Run
from shared.model.report import CheckResult, Report, Verdict
from shared.report.badge import Badge, as_shields, as_svg, badge_of
from shared.report.html.page import Remembered
from shared.report.json import as_document
from tests.builders import NOW
from tests.report.sample import FAILED, HOSTILE, PENDING, report

HOUR, NOTHING = timedelta(hours=1), timedelta(0)
SVG = "{http://www.w3.org/2000/svg}"


def remembered(found: Report | None = None, memory: Memory | None = None, broken: str | None = None) -> Remembered:
    return Remembered("production", None if found is None else as_document(found), memory, broken)


def ran(ago: timedelta, due: timedelta | None) -> Memory:
    next_run_at = None if due is None else NOW - due
    return Memory("production", runs=(Run(NOW - ago, Verdict.PASSED, NOTHING),), next_run_at=next_run_at)


ASLEEP = replace(report(), checks=(CheckResult("history", Verdict.SKIPPED, NOTHING),), sleeps_until=NOW + HOUR)


@pytest.mark.parametrize(
    ("state", "message", "color"),
    [
        pytest.param(remembered(report()), "passed", "brightgreen", id="passed"),
        pytest.param(remembered(report(HOSTILE)), "1 warning", "yellow", id="a warning"),
        pytest.param(remembered(report(HOSTILE, replace(HOSTILE, subject="b"))), "2 warnings", "yellow", id="warnings"),
        pytest.param(remembered(report(FAILED, PENDING, HOSTILE)), "failed: 2 critical", "red", id="failed"),
        pytest.param(remembered(report(unknown="the server is down")), "unknown", "orange", id="unknown"),
        pytest.param(remembered(ASLEEP), "asleep", "lightgrey", id="asleep"),
        pytest.param(remembered(), "no run yet", "lightgrey", id="no run yet"),
        pytest.param(remembered(memory=Memory("production")), "no run yet", "lightgrey", id="nothing remembered"),
        pytest.param(remembered(broken="no release"), "unknown", "orange", id="broken settings"),
        pytest.param(Remembered("production", {"version": 9}), "unknown", "orange", id="a report of another version"),
        pytest.param(remembered(report(), ran(HOUR, 15 * HOUR / 60)), "passed", "brightgreen", id="a little late"),
        pytest.param(remembered(report(), ran(HOUR, None)), "passed", "brightgreen", id="no next run is known"),
        pytest.param(
            remembered(report(), ran(2 * HOUR, HOUR)), "stale since 2026-11-22 07:05 UTC", "lightgrey", id="overdue"
        ),
    ],
)
def test_words_and_colours(state: Remembered, message: str, color: str) -> None:
    badge = badge_of(state, NOW)
    assert badge == Badge("production", message, color)
    assert as_shields(badge) == {"schemaVersion": 1, "label": "production", "message": message, "color": color}
    json.dumps(as_shields(badge))


def texts(picture: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def test_the_picture() -> None:
    picture = as_svg(badge_of(remembered(report(FAILED)), NOW))
    root = ElementTree.fromstring(picture)
    assert root.tag == f"{SVG}svg"
    assert root.get("aria-label") == "production: failed: 1 critical"
    # Each with its shadow.
    assert texts(picture) == ["production"] * 2 + ["failed: 1 critical"] * 2
    assert not any(key in str(each.attrib) for each in root.iter() for key in ("href", "url(h", "src"))


@given(st.text())
def test_a_name_is_text_in_it(name: str) -> None:
    badge = badge_of(replace(remembered(report()), name=name), NOW)
    picture = as_svg(badge)
    assert texts(picture)[0] == badge.label
    assert {each.tag for each in ElementTree.fromstring(picture).iter()} == {
        f"{SVG}{tag}" for tag in ("svg", "title", "linearGradient", "stop", "clipPath", "rect", "g", "text")
    }


@pytest.mark.parametrize("name", ['"><script>alert(1)</script>', "&amp;", "\x1b[31m\u202e", "x" * 500, "]]>", "\ud800"])
def test_hostile_names(name: str) -> None:
    badge = badge_of(replace(remembered(report()), name=name), NOW)
    assert len(badge.label) <= 60
    assert texts(as_svg(badge))[0] == badge.label
    as_svg(badge).encode()
