import json
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from shared.model.finding import Severity, Step
from shared.model.knowledge import Unavailable
from shared.model.not_compared import NOT_COMPARED
from shared.model.report import CheckResult, Coverage, LeftOut, ReleaseSummary, Report, Verdict
from shared.report.forms import FORMS, render, render_pieces
from shared.report.json import as_document
from shared.report.markdown import LARGEST
from shared.report.reading import as_report
from shared.report.wording import headline as headline_of
from tests.builders import NOW
from tests.report.sample import FAILED, HOSTILE, PENDING, report

GOLDEN = Path(__file__).parent / "golden"
EVERYTHING = report(HOSTILE, PENDING, FAILED, unknown="the database db:5432 refused the connection")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("everything.txt", "text"),
        ("everything.md", "markdown"),
        ("everything.json", "json"),
        ("everything.xml", "junit"),
        ("everything.sarif", "sarif"),
    ],
)
def test_golden(name: str, form: str, request: pytest.FixtureRequest) -> None:
    rendered = render([EVERYTHING], form)
    if request.config.getoption("--update-golden"):
        (GOLDEN / name).write_text(rendered)
    assert rendered == (GOLDEN / name).read_text()


@pytest.mark.parametrize("form", FORMS)
def test_control_characters_are_shown_not_obeyed(form: str) -> None:
    rendered = render([EVERYTHING], form)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", rendered.replace(r"\u202e", ""))


# Zero-width, reading direction, byte order mark, tags: none is seen, and each can make a name look like another.
UNSEEN = [0x061C, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x206A), 0xFEFF, 0xE0001, 0xE0041]


@pytest.mark.parametrize("form", FORMS)
def test_what_cannot_be_seen_is_shown(form: str) -> None:
    name = "".join(f"a{chr(code)}" for code in UNSEEN)
    hostile = replace(
        HOSTILE, subject=name, summary=f"{name} is odd", remedy=(Step(f"Look at {name}", f"psql -c {name}"),)
    )
    rendered = render([report(hostile)], form)
    assert [f"{code:04X}" for code in UNSEEN if chr(code) in rendered] == []
    if form == "json":
        assert [finding["subject"] for finding in json.loads(rendered)["findings"]] == [name]
    elif form == "sarif":
        (result,) = json.loads(rendered)["runs"][0]["results"]
        assert result["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": name}]
    else:
        flat = re.sub(r"[\s\\]", "", rendered)
        assert "".join(f"aU+{code:04X}" for code in UNSEEN) in flat


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("finding", [FAILED, PENDING], ids=["failed", "pending"])
def test_the_same_words_in_all(form: str, finding: object) -> None:
    flat = " ".join(unescape(render([EVERYTHING], form)).replace("\\", "").split())
    for sentence in (FAILED.summary, PENDING.summary, FAILED.remedy[-1].text, FAILED.remedy[-1].command):
        assert sentence is not None
        assert sentence in flat.replace("u2026", "…")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("reports", [[report(FAILED, HOSTILE)], [report(FAILED), report(PENDING)]], ids=["one", "two"])
def test_the_pieces_are_the_whole(reports: list[Report], form: str) -> None:
    assert "".join(render_pieces(reports, form)) == render(reports, form)


@pytest.mark.parametrize(
    ("findings", "unknown", "verdict", "headline"),
    [
        pytest.param((), None, "passed", "production matches release v1.42.0.", id="passed"),
        pytest.param((HOSTILE,), None, "warning", "production matches release v1.42.0, with 1 warning.", id="warning"),
        pytest.param((FAILED, HOSTILE), "x", "failed", "production does not match release v1.42.0: 1 critical, 1 warning.", id="failed before unknown"),
        pytest.param((), "x", "unknown", "Cannot check whether production matches release v1.42.0: seeds unknown.", id="unknown"),
        pytest.param((HOSTILE,), "x", "unknown", "Cannot check whether production matches release v1.42.0: seeds unknown, 1 warning.", id="unknown before warning"),
        pytest.param((replace(HOSTILE, severity=Severity.INFO),), None, "passed", "production matches release v1.42.0.", id="info changes nothing"),
    ],
)  # fmt: skip
def test_verdict_and_headline(findings: tuple[object, ...], unknown: str | None, verdict: str, headline: str) -> None:
    made = report(*findings, unknown=unknown)  # type: ignore[arg-type]  # findings
    assert json.loads(render([made], "json"))["verdict"] == verdict
    assert headline in render([made], "text")


@pytest.mark.parametrize(
    ("version", "called"),
    [
        ("v1.42.0", "release v1.42.0"),
        ("release", "release"),
        ("Release-42", "Release-42"),
        ("release_2026_11", "release_2026_11"),
        ("released", "release released"),
        (None, "its release"),
    ],
)
def test_a_release_that_is_called_release_is_called_so_once(version: str | None, called: str) -> None:
    made = replace(report(), release=ReleaseSummary(version, "archive", "sha256:0", 34))
    assert headline_of(made) == f"production matches {called}."


def test_causes_come_first_and_consequences_beneath() -> None:
    text = render([EVERYTHING], "text")
    positions = [text.index(finding.code) for finding in (FAILED, PENDING, HOSTILE)]
    assert positions == sorted(positions)
    assert "migration-pending  caused by the finding above" in text
    assert "seed-unexpected  possibly related to the finding above" in text


def test_findings_that_cause_each_other_are_all_listed() -> None:
    one = replace(FAILED, because=PENDING.because and (replace(PENDING.because[0], key=PENDING.key),))
    text = render([report(one, PENDING)], "text")
    assert one.summary.split(":")[0] in text
    assert PENDING.summary in text


def test_commands_never_wrap_and_sentences_do() -> None:
    lines = render([EVERYTHING], "text", width=40).splitlines()
    assert any(line.strip() == "npx prisma migrate resolve --rolled-back 20250904_fix_folders" for line in lines)
    sentences = [line for line in lines if "npx" not in line]
    assert max(map(len, sentences)) <= 42


@pytest.mark.parametrize(("width", "hang"), [(110, 24), (72, 24), (71, 6), (40, 6)])
def test_on_a_phone_reasons_hang_less(width: int, hang: int) -> None:
    lines = render([report(unknown="the database refused the connection " * 5)], "text", width=width).splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("  ? seeds"))
    assert len(lines[first + 1]) - len(lines[first + 1].lstrip()) == hang


def test_a_reason_is_written_once() -> None:
    one, two = (CheckResult(name, Verdict.UNKNOWN, timedelta(0), (), Unavailable("it is down")) for name in ("a", "b"))
    other = replace(one, name="c", unknown=Unavailable("it is locked"))
    text = render([replace(report(), checks=(one, two, other))], "text")
    assert [line.split("unknown")[1].strip() for line in text.splitlines() if line.startswith("  ?")] == [
        "it is down",
        "as above",
        "it is locked",
    ]


def test_a_remedy_that_several_findings_share_is_printed_once_and_named_at_the_others() -> None:
    others = [replace(PENDING, subject=f"m{number}", because=()) for number in range(3)]
    text = render([report(*others)], "text")
    assert text.count(PENDING.remedy[0].text) == 1
    assert text.index(PENDING.remedy[0].text) < text.index("→ The same steps as for m0.")
    assert text.count("→ The same steps as for m0.") == 2


def test_colour_only_where_it_is_asked_for() -> None:
    assert "\x1b[" not in render([report(FAILED)], "text")
    assert "\x1b[" in render([report(FAILED)], "text", colour=True)


def test_many_findings_of_one_kind_are_counted_not_listed() -> None:
    many = report(
        *(replace(PENDING, subject=f"m{number:03}", summary=f"m{number:03}.", because=()) for number in range(470))
    )
    for form in ("text", "markdown"):
        rendered = render([many], form)
        assert "… and 462 more migration-pending, from m008 to m469; the JSON report names each." in " ".join(
            rendered.split()
        )
        assert len(rendered.splitlines()) < 80
    assert len(json.loads(render([many], "json"))["findings"]) == 470


def test_markdown_leaves_out_whole_findings_when_it_grows_too_large() -> None:
    many = [
        replace(FAILED, subject=f"m{number}", summary="x" * 2000, remedy=(Step(f"Fix m{number}."),))
        for number in range(1000)
    ]
    markdown = render([report(*many)], "markdown")
    assert LARGEST - 5000 < len(markdown.encode()) < 1024 * 1024
    assert re.search(r"… and \d+ more findings: see the JSON report\.", markdown)
    assert markdown.rstrip().endswith("the app's database (its secrets may not be read), schema.prisma.")


def test_junit_counts() -> None:
    suites = {suite.get("name"): suite for suite in ET.fromstring(render([EVERYTHING], "junit"))}
    counts = {
        name: [suite.get(key) for key in ("tests", "failures", "errors", "skipped")] for name, suite in suites.items()
    }
    assert counts == {
        "production history": ["3", "2", "0", "0"],
        "production schema": ["1", "0", "0", "1"],
        "production seeds": ["1", "0", "1", "0"],
    }


def test_several_reports_are_one_json_array() -> None:
    assert [document["target"] for document in json.loads(render([EVERYTHING, EVERYTHING], "json"))] == [
        "production"
    ] * 2


@pytest.mark.parametrize("form", ["text", "markdown", "json", "junit", "sarif"])
def test_what_is_silenced_stays_and_is_marked(form: str) -> None:
    silenced = replace(FAILED, silenced_until=NOW + timedelta(hours=4))
    text = render([report(silenced)], form)
    assert FAILED.subject in text
    assert ("2026-11-22T13:05:00Z" if form == "json" else "silenced until 2026-11-22 13:05 UTC") in text
    assert "silenced until" not in render([report(FAILED)], form)


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_what_is_compared_of_no_database_is_counted_and_what_is_not_of_this_one_is_named(form: str) -> None:
    of_this_one = "the table User of endpoint api (no migration creates it)"
    covered = Coverage(1, {}, {}, 0, (*NOT_COMPARED, of_this_one))
    text = " ".join(render([replace(report(), coverage=covered)], form).replace("\\", "").split())
    more = len(NOT_COMPARED) - 3
    assert (
        f"{of_this_one}, the app's database (its secrets may not be read), schema.prisma, rows other than seeds, "
        f"owners, privileges and roles, and {more} more that never are "
        "(JSON report: coverage.not_compared)."
    ) in text
    written = json.loads(render([replace(report(), coverage=covered)], "json"))
    assert written["coverage"]["not_compared"] == list(covered.not_compared)


ACCEPTED = Coverage(
    3, {}, {}, 2, ("schema.prisma",),
    expired={"schema-missing:index public.b": "2026-11-21"}, unmatched=("schema-changed:table public.t",),
)  # fmt: skip
SAID = (
    "Accepted in the settings: 2 findings; expired: schema-missing:index public.b (on 2026-11-21); "
    "found nowhere: schema-changed:table public.t."
)


@pytest.mark.parametrize("form", [form for form in FORMS if form not in {"json", "sarif"}])
def test_what_the_settings_accept_is_counted_and_what_accepts_nothing_is_named(form: str) -> None:
    checks = (*report().checks, CheckResult("schema", Verdict.PASSED, timedelta(0)))
    rendered = render([replace(report(FAILED), coverage=ACCEPTED, checks=checks)], form)
    assert SAID in " ".join(rendered.split())
    assert "Accepted in the settings" not in render([report(FAILED)], form)


def test_a_healthy_target_among_many_says_so_too() -> None:
    healthy = replace(report(), target="staging", coverage=ACCEPTED)
    for form in ("text", "markdown"):
        assert SAID in " ".join(render([healthy, report(FAILED)], form).split())


def test_machines_get_the_entries_that_accept_nothing() -> None:
    found = json.loads(render([replace(report(), coverage=ACCEPTED)], "json"))["coverage"]
    assert found["accepted"] == 2
    assert found["expired"] == [{"key": "schema-missing:index public.b", "until": "2026-11-21"}]
    assert found["unmatched"] == ["schema-changed:table public.t"]
    assert as_report(json.loads(render([replace(report(), coverage=ACCEPTED)], "json"))).coverage == ACCEPTED


LEFT_OUT = Coverage(
    7,
    {},
    {},
    0,
    (),
    elsewhere=(
        LeftOut("pgboss*", "queues", 41, leaves="schemas"),
        LeftOut("dms_*", "change data capture", 1, leaves="publications"),
        LeftOut("public.events_p*", "partitions", 1, ("table public.events_p1",)),
    ),
)


@pytest.mark.parametrize("form", [form for form in FORMS if form not in {"json", "sarif"}])
def test_what_belongs_to_something_else_is_named_with_what_of_it_is_compared(form: str) -> None:
    checks = (*report().checks, CheckResult("schema", Verdict.PASSED, timedelta(0)))
    rendered = render([replace(report(FAILED), coverage=LEFT_OUT, checks=checks)], form)
    assert (
        "Left out by the settings: schemas pgboss* (queues: 41 objects), publications dms_* (change data capture: "
        "1 object), public.events_p* (partitions: 1 object). "
        "Compared all the same, because migrations create it: table public.events_p1 (public.events_p*)."
    ) in " ".join(rendered.replace("\\", "").split())
    assert "Left out" not in render([replace(report(FAILED), coverage=replace(LEFT_OUT, elsewhere=()))], form)


def test_machines_get_what_belongs_to_something_else() -> None:
    document = json.loads(render([replace(report(), coverage=LEFT_OUT)], "json"))
    given = document["coverage"]["elsewhere"]
    made = ["table public.events_p1"]
    of_before = [
        {"tables": "pgboss*.*", "because": "queues", "objects": 41, "compared": []},
        {"tables": "", "because": "change data capture", "objects": 1, "compared": []},
        {"tables": "public.events_p*", "because": "partitions", "objects": 1, "compared": made},
    ]
    assert [{key: each[key] for key in ("tables", "because", "objects", "compared")} for each in given] == of_before
    assert [(each["leaves"], each["pattern"]) for each in given] == [
        ("schemas", "pgboss*"),
        ("publications", "dms_*"),
        ("tables", "public.events_p*"),
    ]
    assert as_report(document).coverage == LEFT_OUT
    document["coverage"]["elsewhere"] = of_before[2:]
    read = as_report(document).coverage
    assert read is not None
    assert read.elsewhere == LEFT_OUT.elsewhere[2:]


def test_since_when_a_server_can_be_restored_is_read_back() -> None:
    assert EVERYTHING.server is not None
    restorable = replace(EVERYTHING.server, earliest_restore=NOW)
    assert as_report(json.loads(render([replace(EVERYTHING, server=restorable)], "json"))).server == restorable


def test_what_was_measured_and_how_long_migrations_ran_are_read_back() -> None:
    document = json.loads(render([EVERYTHING], "json"))
    assert [each["took_ms"] for each in document["migrations"]] == [1000, None]
    found = as_report(document)
    assert found.measured == EVERYTHING.measured
    # Which files they have is not read back.
    unread = [{**each, "statements": None} for each in document["migrations"]]
    assert as_document(found)["migrations"] == unread != document["migrations"]


def test_a_report_of_before_these_fields_is_read_without_them() -> None:
    document = json.loads(render([EVERYTHING], "json"))
    del document["measured"]
    for each in document["migrations"]:
        del each["took_ms"]
    found = as_report(document)
    assert found.measured == ()
    assert [each.name for each in found.migrations] == ["1", "2"]
