"""What a terminal shows is read on light and on dark palettes: commands and words have the terminal's own colour."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from rich.color import Color, ColorType
from rich.style import Style
from rich.text import Text

from shared.demo.incident import BROKEN
from shared.model.diagnosis import MigrationStatus
from shared.model.finding import Severity, Step
from shared.model.plan import Plan
from shared.model.report import Report
from shared.report.explanation import as_explanation
from shared.report.forms import render
from shared.report.plan.text import plan_as_text
from tests.alerts.news import BEGAN
from tests.contrast import ENOUGH, contrast
from tests.report.prediction import before_the_deployment
from tests.report.sample import FAILED, HOSTILE, PENDING, report

# Background, text, and the sixteen colours, as the programs ship them.
PALETTES = {
    "xterm": ("#000000", "#e5e5e5"),
    "xterm, reversed": ("#ffffff", "#000000"),
    "VS Code Dark+": ("#1e1e1e", "#cccccc"),
    "VS Code Light+": ("#ffffff", "#333333"),
    "Windows Terminal, Campbell": ("#0c0c0c", "#cccccc"),
    "Windows Terminal, One Half Light": ("#fafafa", "#383a42"),
    "macOS Terminal, Basic": ("#ffffff", "#000000"),
    "macOS Terminal, Pro": ("#000000", "#f2f2f2"),
    "GNOME Terminal, dark": ("#171421", "#d0cfcc"),
    "GitHub Light": ("#ffffff", "#24292e"),
    "Solarized Dark": ("#002b36", "#839496"),
}
COMMAND = "npx prisma migrate resolve --rolled-back 20250904_fix_folders"
INFO = replace(PENDING, severity=Severity.INFO, subject="20250906_later")
EVERYTHING = report(FAILED, PENDING, HOSTILE, INFO, unknown="the database refused the connection")


def plan() -> Plan:
    found = before_the_deployment(BEGAN).plan
    assert isinstance(found, Plan)
    return found


def broken() -> MigrationStatus:
    return next(each for each in before_the_deployment(BEGAN).migrations if each.name == BROKEN)


def many() -> list[Report]:
    return [EVERYTHING, replace(report(), target="staging"), replace(EVERYTHING, target="customer-berlin")]


FORMS = {
    "report": lambda: render([EVERYTHING], "text", width=100, colour=True),
    "reports": lambda: render(many(), "text", width=100, colour=True),
    "reports on a phone": lambda: render(many(), "text", width=40, colour=True),
    "plan": lambda: plan_as_text(plan(), width=100, colour=True),
    "explanation": lambda: as_explanation(broken(), plan(), width=100, colour=True),
}


def pieces(shown: str) -> Iterator[tuple[str, Style]]:
    """The pieces of one style each, but for blanks."""
    for line in Text.from_ansi(shown).split("\n"):
        ends = sorted({0, len(line), *(at for span in line.spans for at in (span.start, span.end))})
        for start, end in pairwise(ends):
            styles = [span.style for span in line.spans if span.start <= start and end <= span.end]
            if line.plain[start:end].strip():
                yield (
                    line.plain[start:end],
                    Style.combine([Style(), *(each for each in styles if isinstance(each, Style))]),
                )


def is_of_palette(colour: Color | None) -> bool:
    return colour is not None and (colour.type is ColorType.STANDARD or (colour.number or 0) < 16)


@pytest.mark.parametrize("form", FORMS)
def test_only_signs_have_a_colour_that_a_palette_may_hide(form: str) -> None:
    coloured = {text.strip() for text, style in pieces(FORMS[form]()) if is_of_palette(style.color)}
    assert coloured
    assert {text for text in coloured if len(text) > 1} == set()
    assert not [text for text, style in pieces(FORMS[form]()) if is_of_palette(style.bgcolor) or style.dim]


@pytest.mark.parametrize("palette", PALETTES)
def test_commands_have_enough_contrast(palette: str) -> None:
    ground, ink = PALETTES[palette]
    commands = [(text, style) for text, style in pieces(FORMS["report"]()) if COMMAND in text]
    assert len(commands) == 2  # at its step, and again at the end
    for _, style in commands:
        colour = ink if style.color is None else style.color.get_truecolor().hex
        assert contrast(colour, ground) >= min(ENOUGH, contrast(ink, ground))
        assert style.bgcolor is None


def test_every_word_with_a_ground_of_its_own_has_enough_contrast() -> None:
    grounded = {text.strip(): style for text, style in pieces(FORMS["report"]()) if style.bgcolor is not None}
    assert grounded.keys() == {"CRITICAL", "WARNING", "INFO"}
    for style in grounded.values():
        assert style.color is not None
        assert style.bgcolor is not None
        assert contrast(style.color.get_truecolor().hex, style.bgcolor.get_truecolor().hex) >= ENOUGH


def test_a_terminal_ends_with_the_verdict_and_the_first_command_that_fixes_something() -> None:
    lines = render([EVERYTHING], "text", width=100).splitlines()
    assert lines[lines.index(lines[0], 1) + 1 :] == [
        "  First command, for 20250904_fix_folders: Mark it as rolled back.",
        "    npx prisma migrate resolve --rolled-back 20250904_fix_folders",
    ]


def test_of_many_targets_the_table_comes_first_and_a_healthy_one_is_a_line() -> None:
    shown = render(many(), "text", width=100)
    assert shown.startswith("3 targets: 2 failed, 1 passed.\n")
    assert [line for line in shown.splitlines() if "staging matches" in line] == ["✓ staging matches release v1.42.0."]
    assert shown.index("✓ staging matches") < shown.index("✗ production does not match")
    page = render(many(), "markdown")
    assert page.startswith("## 3 targets: 2 failed, 1 passed.\n")
    assert "\n✅ staging matches release v1.42.0.\n" in page
    assert "## ✅" not in page


def test_a_step_is_printed_at_every_finding_that_needs_it() -> None:
    first = Step("In a checkout of the release, prepare the shell.", "cd apps/backend")
    one = replace(FAILED, remedy=(first, Step("Mark it.", "npx one")))
    other = replace(HOSTILE, subject="users", because=(), remedy=(first, Step("Seed again.", "npx two")))
    same = replace(other, subject="rules")
    shown = render([report(one, other, same)], "text", width=100)
    assert shown.split("  ✗ history")[0].count("cd apps/backend") == 2
    assert "→ The same steps as for users." in shown


@pytest.mark.parametrize(
    ("command", "language"),
    [
        ("ALTER TABLE a ADD COLUMN b int;", "sql"),
        ("-- what is missing\nCREATE INDEX i ON a(b);", "sql"),
        ("DO $$ BEGIN END $$;", "sql"),
        ("SET lock_timeout = '3s';\nALTER TABLE a DROP COLUMN b;", "sql"),
        ("psql \"$DATABASE_URL\" <<'SQL'\nSELECT 1;\nSQL", "sh"),
        ("npx prisma migrate deploy", "sh"),
        ("set -e", "sh"),
        ("migration-monitor explain x", "sh"),
    ],
)
def test_a_block_of_code_names_its_language(command: str, language: str) -> None:
    page = render([report(replace(FAILED, remedy=(Step("Do this.", command),)))], "markdown")
    assert f"\n  ```{language}\n  {command.splitlines()[0]}\n" in page


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        pytest.param("20250904_fix_folders_and_files_schema", ["20250904_fix_folders_and_", "files_schema is gone"], id="behind an underscore"),
        pytest.param("x" * 40, ["x" * 28, f"{'x' * 12} is gone"], id="without one"),
        pytest.param("short_name", ["short_name is gone"], id="fits"),
    ],
)  # fmt: skip
def test_a_name_longer_than_a_line_is_broken_where_it_reads_well(name: str, lines: list[str]) -> None:
    shown = render([report(replace(FAILED, summary=f"{name} is gone", remedy=(), evidence={}))], "text", width=32)
    found = [line.strip() for line in shown.split("CRITICAL", 1)[1].splitlines()[1:]]
    assert found[: len(lines)] == lines
