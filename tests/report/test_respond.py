"""docs/respond.md: a section for each code, made from the codes and from the prose beside them."""

import re
from pathlib import Path

import pytest

from shared.model.codes import CODES
from shared.report.respond import as_markdown, first_look, responses

PAGE = Path(__file__).parents[2] / "docs" / "respond.md"


def test_every_code_has_its_section_and_no_section_is_left_over() -> None:
    assert list(responses()) == list(CODES)


def test_the_page_is_what_is_made_of_them(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        PAGE.write_text(as_markdown(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == as_markdown()


def test_every_code_has_an_anchor_and_every_link_within_the_page_leads_to_one() -> None:
    headings = re.findall(r"^#+ (.+)$", as_markdown(), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(CODES) <= anchors
    assert set(re.findall(r"\]\(#([^)]+)\)", as_markdown())) <= anchors


def test_names_of_codes_in_the_prose_are_codes() -> None:
    named = re.findall(r"`([a-z]+(?:-[a-z]+)+)`", " ".join(each.first + each.fix for each in responses().values()))
    assert set(named) <= set(CODES)


def test_a_first_look_is_one_line_without_links() -> None:
    assert first_look("app-behind") == (
        "After a deployment it runs another release than the deployed one, or its newest revision is not ready. "
        "First look: did the new revision fail to start? Then app-unhealthy says why. Else its traffic was not moved."
    )
    assert [code for code in CODES if re.search(r"\n|\]\(", first_look(code))] == []


def test_a_code_of_a_newer_monitor_has_none() -> None:
    assert first_look("moon-full") == ""
