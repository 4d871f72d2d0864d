"""What a running client suffers, as reports and messages say it."""

from dataclasses import replace

import pytest

from shared.alerts.messages import compose
from shared.model.app import Image
from shared.model.finding import Finding, Json, Severity
from shared.model.message import Message
from shared.model.news import News, Why
from shared.model.report import AppSummary
from shared.report.impact import failing_tables, impact
from tests.alerts.news import ALERTS, BEGAN, EVERYTHING, decided, report

READS, CREATES = "reads of whole users records fail: P2022", "creates of users fail: P2011"


def pending(name: str, clients: list[str] | None, *tables: str) -> Finding:
    evidence: dict[str, Json] = {}
    if clients is not None:
        evidence = {"clients": list[Json](clients), "failing_tables": list[Json](tables)}
    return Finding("migration-pending", name, Severity.CRITICAL, f"{name} is pending.", evidence=evidence)


@pytest.mark.parametrize(
    ("suffered", "said"),
    [
        pytest.param([None], None, id="not known"),
        pytest.param([[]], "No operation of a running Prisma client is affected.", id="nobody"),
        pytest.param([[], None], None, id="nobody of one, and the other is not known"),
        pytest.param([[READS], None], f"1 Prisma operation is affected: {READS}.", id="one of two known"),
        pytest.param([[READS]], f"1 Prisma operation is affected: {READS}.", id="one"),
        pytest.param([[READS], [READS, CREATES], []], f"2 Prisma operations are affected: {READS}; {CREATES}.", id="of several findings, each once"),
        pytest.param([[READS, "creates of users fail: P2022", CREATES]], f"3 Prisma operations are affected: reads of whole users records and creates of users fail: P2022; {CREATES}.", id="those that end alike together"),
        pytest.param([[f"operation {n} fail: P{n}" for n in range(7)]], "7 Prisma operations are affected: operation 0 fail: P0; operation 1 fail: P1; operation 2 fail: P2; operation 3 fail: P3; and 3 more in the report.", id="many"),
    ],
)  # fmt: skip
def test_impact(suffered: list[list[str] | None], said: str | None) -> None:
    assert impact(pending(str(n), each) for n, each in enumerate(suffered)) == said


def test_failing_tables() -> None:
    found = [
        pending("1", [READS], "public.users", "public.files"),
        pending("2", [], "public.users"),
        pending("3", None),
    ]
    assert failing_tables(found) == ["public.users", "public.files"]


APP = AppSummary("api", "api--1", 100, Image.parse("r/api:v1").reference, "v1.42.0", None, True, True, None, None)


def sent(*found: Finding, app: AppSummary | None = None) -> Message:
    run = replace(report(*found, at=BEGAN), app=app)
    return compose(News(run, decided(Why.OPENED, *found)), ALERTS, BEGAN)


@pytest.mark.parametrize(
    ("app", "said"),
    [
        pytest.param(None, f"If the app runs v1.42.0, 1 Prisma operation is affected: {READS}.", id="app not watched"),
        pytest.param(APP, f"1 Prisma operation is affected: {READS}.", id="app watched"),
    ],
)
def test_a_message_says_it_after_the_problem(app: AppSummary | None, said: str) -> None:
    message = sent(pending("20250905_add_age", [READS], "public.users"), app=app)
    titles = [section.title for section in message.sections]
    assert titles[titles.index("PROBLEM") + 1] == "IMPACT"
    [impacts] = [section.items for section in message.sections if section.title == "IMPACT"]
    assert [item.text for item in impacts] == [said]


@pytest.mark.parametrize(
    ("found", "headline"),
    [
        pytest.param([pending("2_age", [READS], "public.users")], "migration 2_age is pending; Prisma operations on users fail", id="one table"),
        pytest.param([pending("2_age", [READS], "public.users", "public.files")], "migration 2_age is pending; Prisma operations on 2 tables fail", id="several tables"),
        pytest.param([pending("2_age", [])], "migration 2_age is pending", id="nobody"),
        pytest.param(EVERYTHING, "migration fix_folders_and_files_schema failed; 1 API endpoint fails; 3 more problems", id="endpoints say more"),
    ],
)  # fmt: skip
def test_the_headline_names_the_impact(found: list[Finding], headline: str) -> None:
    assert sent(*found).headline == f"production: {headline}, since 09:45 UTC"


def test_nobody_who_suffers_is_said_too() -> None:
    [impacts] = [section.items for section in sent(pending("2", [])).sections if section.title == "IMPACT"]
    assert [(item.text, item.severity) for item in impacts] == [
        ("No operation of a running Prisma client is affected.", None)
    ]
