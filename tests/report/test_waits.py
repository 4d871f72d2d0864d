"""What a deployment waits for, in every form of a plan and of a report: a line, and no finding."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.model.holders import HolderKind, Need, Wait
from shared.model.plan import LockMode, Plan
from shared.report.json import as_document
from shared.report.markdown import as_markdown
from shared.report.plan.markdown import plan_as_markdown
from shared.report.plan.text import plan_as_text
from shared.report.plan.wording import waits
from shared.report.text import as_text
from tests.alerts.news import BEGAN, BROKEN
from tests.report.prediction import before_the_deployment

REPORT = before_the_deployment(BEGAN)
NEEDS = tuple(Need(BROKEN, line, LockMode.ACCESS_EXCLUSIVE) for line in (2, 5, 8))
DUMP = Wait(
    HolderKind.DUMP, 4711, "pg_dump", "backup", timedelta(minutes=12), (LockMode.ACCESS_SHARE,),
    (("public", "files"), ("public", "folders")), NEEDS,
)  # fmt: skip
SAID = (
    "Wait for this: the dump pg_dump (pid 4711, user backup), open for 12 min, holds AccessShare on public.files, "
    f"public.folders. Line 2 of {BROKEN} needs AccessExclusive, and 2 more statements wait for it."
)


def plan(*found: Wait) -> Plan:
    assert isinstance(REPORT.plan, Plan)
    return replace(REPORT.plan, waits=found)


@pytest.mark.parametrize(
    ("wait", "said"),
    [
        pytest.param(DUMP, SAID, id="a dump"),
        pytest.param(
            Wait(HolderKind.PREPARED, None, "transfer 7", "app", timedelta(days=2), (LockMode.ROW_EXCLUSIVE,), (("public", "files"),), NEEDS[:1]),
            f"Wait for this: the prepared transaction transfer 7 (user app), open for 48 h, holds RowExclusive on public.files. Line 2 of {BROKEN} needs AccessExclusive.",
            id="a prepared transaction",
        ),
        pytest.param(
            Wait(HolderKind.VACUUM, 12, None, None, None, (LockMode.SHARE_UPDATE_EXCLUSIVE,), (("public", "files"),), NEEDS[:2]),
            f"Wait for this: the autovacuum against wraparound (pid 12) holds ShareUpdateExclusive on public.files. Line 2 of {BROKEN} needs AccessExclusive, and 1 more statement waits for it.",
            id="an autovacuum",
        ),
    ],
)  # fmt: skip
def test_words(wait: Wait, said: str) -> None:
    assert list(waits(plan(wait))) == [said]


def test_every_form_says_it_and_only_where_it_is_so() -> None:
    with_dump, without = replace(REPORT, plan=plan(DUMP)), replace(REPORT, plan=plan())
    for form in (as_text, as_markdown):
        assert SAID in " ".join(form(with_dump).replace("\\", "").split())
        assert "Wait for this" not in form(without)
    assert SAID in " ".join(plan_as_text(plan(DUMP)).split())
    assert "⏳ Wait for this" in plan_as_markdown(plan(DUMP))
    assert with_dump.verdict == without.verdict
    assert with_dump.findings == without.findings


def test_names_of_others_cannot_write_the_page() -> None:
    hostile = replace(DUMP, name="<b>\x1b[31m\u202e|x|", user="[7](http://evil)")
    assert "\x1b" not in plan_as_text(plan(hostile))
    assert "<b>" not in plan_as_markdown(plan(hostile))
    assert "[7](http" not in as_markdown(replace(REPORT, plan=plan(hostile)))


def test_json() -> None:
    document = as_document(replace(REPORT, plan=plan(DUMP)))
    assert isinstance(document["plan"], dict)
    assert document["plan"]["waits"] == [
        {
            "kind": "dump",
            "pid": 4711,
            "name": "pg_dump",
            "user": "backup",
            "open_for": 720,
            "relations": ["public.files", "public.folders"],
            "modes": ["AccessShare"],
            "statements": [{"migration": BROKEN, "line": line, "mode": "AccessExclusive"} for line in (2, 5, 8)],
        }
    ]
