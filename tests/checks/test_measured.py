"""What is said of every seed and endpoint, also where nothing is wrong with it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.checks.measured import measured
from shared.model.diagnosis import Diagnosis, UnknownTable
from shared.model.endpoint import Answer, BodyExpectation, EndpointExpectation, NoAnswer, Probe
from shared.model.facts import Facts
from shared.model.knowledge import Unavailable
from shared.model.report import Measurement, Verdict
from shared.model.seed import SeedCount, SeedExpectation, Uncountable
from shared.model.setting_types import Secret
from tests.builders import NOW, facts, reading, release, row

DIAGNOSIS = Diagnosis((), None, Unavailable("not compared"))
USERS, RULES = SeedExpectation("users", exact=6), SeedExpectation("rules", min=4, max_drop=10)
PLAIN = EndpointExpectation("folders", "https://api.example.com/folders", min_items=1, max_latency=timedelta(seconds=1))
KEYED = EndpointExpectation("admin", "https://api.example.com/admin", headers={"X-Key": Secret("env:KEY", "s3cret")})
AWAY = Unavailable("the server db:5432 is down", server="db:5432")


def answer(status: int = 200, seconds: float = 0.1) -> Answer:
    return Answer(status, b"[1]", cut=False, latency=timedelta(seconds=seconds), certificate_expires=None)


def of_seed(count: int | Uncountable | Unavailable, *accepted: str, before: int = 0) -> Measurement:
    found = facts(release("1"), reading(seeds=(SeedCount(RULES, count),)))
    found = replace(found, last_seen=replace(found.last_seen, seeds={"rules": before}))
    (only,) = measured(found, DIAGNOSIS, frozenset(accepted))
    return only


def of_endpoint(probe: Probe) -> Measurement:
    (only,) = measured(facts(release("1"), reading(), probe), DIAGNOSIS, frozenset())
    return only


@pytest.mark.parametrize(
    ("found", "value", "verdict", "because"),
    [
        pytest.param(of_seed(4), 4.0, Verdict.PASSED, None, id="as expected"),
        pytest.param(
            of_seed(1), 1.0, Verdict.FAILED, "rules has 1 row; the release seeds at least 4.", id="too few rows"
        ),
        pytest.param(
            of_seed(1, "seed-missing:rules"), 1.0, Verdict.PASSED, "The settings accept this difference.", id="accepted"
        ),
        pytest.param(
            of_seed(5, before=50), 5.0, Verdict.FAILED,
            "rules fell from 50 to 5 rows, by 90 %; max_drop allows 10 %.", id="most rows are gone",
        ),
        pytest.param(
            of_seed(Uncountable("there is no column x")), None, Verdict.FAILED,
            "rules cannot be counted: there is no column x.", id="not countable",
        ),
        pytest.param(of_seed(Unavailable("no right")), None, Verdict.UNKNOWN, "no right", id="not readable"),
        pytest.param(of_endpoint(Probe(PLAIN, (answer(),))), 100.0, Verdict.PASSED, None, id="answers"),
        pytest.param(
            of_endpoint(Probe(PLAIN, (answer(seconds=2),))), 2000.0, Verdict.WARNING,
            "GET /folders: expected within 1000 ms, got 2000 ms after 1 try.", id="slow",
        ),
        pytest.param(
            of_endpoint(Probe(PLAIN, (answer(), NoAnswer("refused")))), None, Verdict.FAILED,
            "GET /folders: no answer in 2 tries: refused.", id="no answer",
        ),
        pytest.param(
            of_endpoint(Probe(KEYED, (answer(401),))), 100.0, Verdict.UNKNOWN,
            "GET /admin answered 401: it refuses the monitor's credential; renew its credential", id="not let in",
        ),
    ],
)  # fmt: skip
def test_the_verdict_is_that_of_the_check(
    found: Measurement, value: float | None, verdict: Verdict, because: str | None
) -> None:
    assert (found.value, found.verdict, found.because) == (value, verdict, because)


def everything(found: Facts) -> list[tuple[str, str, str, str]]:
    return [
        (each.name, each.expected, each.unit, each.verdict.value) for each in measured(found, DIAGNOSIS, frozenset())
    ]


def test_all_are_named_in_the_order_of_the_settings() -> None:
    seeds = (SeedCount(USERS, 6), SeedCount(RULES, Unavailable("no right")))
    body = replace(KEYED, expectations=(BodyExpectation("status", "ok"),), contains="ok")
    found = facts(release("1"), reading(row("1"), seeds=seeds), Probe(PLAIN, (answer(),)), Probe(body, (answer(500),)))
    assert everything(found) == [
        ("users", "exactly 6", "rows", "passed"),
        ("rules", "at least 4", "rows", "unknown"),
        ("folders", "status 200, at least 1 item, within 1000 ms", "ms", "passed"),
        ("admin", """status 200, a body that contains 'ok', status = "ok\"""", "ms", "failed"),
    ]


@pytest.mark.parametrize(("sleeps", "verdict"), [(False, "unknown"), (True, "skipped")])
def test_all_are_named_where_nothing_could_be_read(sleeps: bool, verdict: str) -> None:
    found = facts(release("1"), AWAY)
    asked = replace(found.target, seeds=(USERS, RULES), endpoints=(PLAIN,))
    found = replace(found, target=asked, sleeps_until=NOW if sleeps else None)
    assert [each[-1] for each in everything(found)] == [verdict] * 3
    reasons = [each.because for each in measured(found, DIAGNOSIS, frozenset())]
    assert reasons == [AWAY.because, AWAY.because, "it was not measured"]


def test_a_table_that_no_migration_makes_is_a_mistake_of_the_settings() -> None:
    diagnosis = replace(DIAGNOSIS, unknown_tables=(UnknownTable("users", "app.users"),))
    found = facts(release("1"), reading(seeds=(SeedCount(USERS, Uncountable("there is no table users")),)))
    (only,) = measured(found, diagnosis, frozenset())
    assert only.because == "users cannot be counted: no migration creates users; did you mean app.users?"


def test_no_secret_of_a_request_is_in_it() -> None:
    assert "s3cret" not in str(of_endpoint(Probe(KEYED, (answer(500),))))
