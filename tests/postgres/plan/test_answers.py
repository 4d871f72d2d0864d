"""What answers of the analyser and of probes make of a prediction, in the order in which the server comes to them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.model.knowledge import Unavailable
from shared.model.plan import (
    Access,
    Analysis,
    Condition,
    Effects,
    Found,
    LockMode,
    NotProbed,
    Outcome,
    Prediction,
    Probe,
    ProbeAnswer,
    Raised,
)
from shared.model.question import Accepted, Answer, Question, Refused
from shared.postgres.plan.answers import settled

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=1)
NULLS, ORPHANS, CAST = (
    Probe(f"SELECT FROM {name}", (("public", "t"),), Access.SCAN) for name in ("nulls", "orphans", "cast")
)
EFFECTS = Effects({("public", "t"): LockMode.ACCESS_EXCLUSIVE})
HOLDS_NULL = Condition("23502", "t.x holds NULL", NULLS)
HAS_ORPHANS = Condition("23503", "rows of t refer to no row", ORPHANS)
CONVERTS = Condition("22P02", "a value does not convert", CAST)
OF_CODE = Condition("P0001", "a trigger decides")
BACKFILLED = replace(HOLDS_NULL, unsettled="line 3 changes t.x before")
ASKED = Analysis(Question("SELECT 1", ("public",)), "the default is read", frozenset({"42704"}))


def prediction(*conditions: Condition, outcome: Outcome = Outcome.DEPENDS, analyses: bool = False) -> Prediction:
    return Prediction(
        outcome,
        EFFECTS,
        conditions[0].sqlstate if conditions else None,
        ("it rewrites t", *(each.because for each in conditions)),
        ("the values of t.y",),
        analyses=(ASKED,) if analyses else (),
        conditions=conditions,
    )


@pytest.mark.parametrize(
    ("before", "probed", "outcome", "sqlstate", "at"),
    [
        pytest.param(prediction(outcome=Outcome.OK), {}, Outcome.OK, None, None, id="nothing to ask"),
        pytest.param(prediction(HOLDS_NULL), {}, Outcome.DEPENDS, "23502", None, id="not asked"),
        pytest.param(prediction(HOLDS_NULL), {NULLS: Found(0, NOON)}, Outcome.OK, None, NOON, id="no row in the way"),
        pytest.param(prediction(HOLDS_NULL), {NULLS: Found(3, NOON)}, Outcome.FAILS, "23502", NOON, id="rows in the way"),
        pytest.param(prediction(HOLDS_NULL), {NULLS: NotProbed("no right")}, Outcome.DEPENDS, "23502", None, id="no right"),
        pytest.param(prediction(OF_CODE), {}, Outcome.DEPENDS, "P0001", None, id="no query can decide"),
        pytest.param(prediction(CONVERTS), {CAST: Raised("22003", NOON)}, Outcome.FAILS, "22003", NOON, id="the query failed"),
        pytest.param(
            prediction(BACKFILLED), {NULLS: Found(3, NOON)}, Outcome.DEPENDS, "23502", None, id="rows that change before"
        ),
        pytest.param(
            prediction(HOLDS_NULL, HAS_ORPHANS), {NULLS: Found(0, LATER), ORPHANS: Found(0, NOON)}, Outcome.OK, None, NOON,
            id="none of two",
        ),
        pytest.param(
            prediction(HOLDS_NULL, HAS_ORPHANS), {NULLS: Found(1, NOON), ORPHANS: Found(1, LATER)}, Outcome.FAILS, "23502",
            NOON, id="the first of two",
        ),
        pytest.param(
            prediction(HOLDS_NULL, HAS_ORPHANS), {NULLS: NotProbed("too large"), ORPHANS: Found(1, LATER)}, Outcome.FAILS,
            "23503", LATER, id="it fails, whatever the first is",
        ),
        pytest.param(
            prediction(HOLDS_NULL, HAS_ORPHANS), {NULLS: Found(0, NOON)}, Outcome.DEPENDS, "23503", NOON,
            id="one of two is open",
        ),
        pytest.param(
            prediction(HOLDS_NULL, outcome=Outcome.UNKNOWN), {NULLS: Found(0, NOON)}, Outcome.UNKNOWN, "23502", NOON,
            id="unknown for another reason",
        ),
        pytest.param(
            prediction(HOLDS_NULL, outcome=Outcome.UNKNOWN), {NULLS: Found(1, NOON)}, Outcome.FAILS, "23502", NOON,
            id="it fails, whatever is unknown",
        ),
        pytest.param(
            prediction(outcome=Outcome.FAILS), {NULLS: Found(0, NOON)}, Outcome.FAILS, None, None, id="fails by the catalog"
        ),
    ],
)  # fmt: skip
def test_rows_settle_conditions_in_order(
    before: Prediction, probed: dict[Probe, ProbeAnswer], outcome: Outcome, sqlstate: str | None, at: datetime | None
) -> None:
    found = settled(before, {}, probed)
    assert (found.outcome, found.sqlstate, found.at) == (outcome, sqlstate, at)


@pytest.mark.parametrize(
    ("probe", "rows"),
    [
        pytest.param(NULLS, Found(3, NOON), id="rows of a table"),
        pytest.param(Probe("SELECT 1", (), Access.INDEX), None, id="what the server has: no row is in the way"),
    ],
)
def test_rows_in_the_way_are_those_of_tables(probe: Probe, rows: Found | None) -> None:
    found = settled(prediction(replace(HOLDS_NULL, probe=probe)), {}, {probe: Found(3, NOON)})
    assert (found.outcome, found.rows) == (Outcome.FAILS, rows)


@pytest.mark.parametrize(
    ("answer", "outcome", "sqlstate"),
    [
        pytest.param(None, Outcome.FAILS, "23502", id="not asked"),
        pytest.param(Accepted(), Outcome.FAILS, "23502", id="accepted"),
        pytest.param(Unavailable("busy"), Outcome.FAILS, "23502", id="no answer"),
        pytest.param(Refused("42883", "no such function"), Outcome.FAILS, "42883", id="refused"),
        pytest.param(Refused("42704", "no such type"), Outcome.FAILS, "23502", id="refused for what is only pending"),
    ],
)
def test_the_analyser_s_answer_comes_before_that_of_the_rows(
    answer: Answer | None, outcome: Outcome, sqlstate: str
) -> None:
    answers = {} if answer is None else {ASKED.question: answer}
    found = settled(prediction(HOLDS_NULL, analyses=True), answers, {NULLS: Found(2, NOON)})
    assert (found.outcome, found.sqlstate) == (outcome, sqlstate)


def test_a_question_that_says_nothing_leaves_the_statement_unknown() -> None:
    found = settled(
        prediction(outcome=Outcome.OK, analyses=True), {ASKED.question: Refused("42704", "no such type")}, {}
    )
    assert (found.outcome, found.because) == (
        Outcome.UNKNOWN,
        ("it rewrites t", "the server could not say: the default is read"),
    )


def test_what_fails_says_why_and_what_is_in_the_way() -> None:
    before = prediction(HOLDS_NULL, HAS_ORPHANS)
    rows = Found(1000, NOON, more=True)
    assert settled(before, {}, {NULLS: rows}) == Prediction(
        Outcome.FAILS,
        EFFECTS,
        "23502",
        ("t.x holds NULL",),
        conditions=before.conditions,
        rows=rows,
        at=NOON,
    )


def test_what_is_settled_is_no_longer_said() -> None:
    before = prediction(HOLDS_NULL, HAS_ORPHANS)
    found = settled(before, {}, {NULLS: Found(0, NOON), ORPHANS: NotProbed("no right to read p")})
    assert found == replace(
        before,
        sqlstate="23503",
        because=("it rewrites t", "rows of t refer to no row", "not probed: no right to read p"),
        at=NOON,
    )
