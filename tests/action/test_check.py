"""``mode: check``: a production that is checked from a runner, and how the step ends."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import states
from tests.action.steps import Runner
from tests.entrypoints.conftest import PASSWORD

MIGRATIONS = str(states.migrations("up_to_date"))
NOBODY_HOME = f"postgresql://reader:{PASSWORD}@127.0.0.1:1/app"


@pytest.mark.parametrize(("state", "status", "verdict"), [("up_to_date", 0, "passed"), ("pending", 2, "failed")])
def test_a_production_is_compared_with_the_checkout(
    state: str,
    status: int,
    verdict: str,
    production: Callable[[str], str],
    runner: Runner,  # the fixture
) -> None:
    url = production(state)
    done = runner.step({}, {"DATABASE_URL": url}, mode="check", migrations=str(states.migrations(state)))
    assert (done.status, done.outputs["verdict"]) == (status, verdict), done.log
    assert json.loads(Path(done.outputs["json"]).read_text())["verdict"] == verdict
    assert "| check | verdict |" in done.summary
    assert bool(done.commands("error")) is (state == "pending")


@pytest.mark.parametrize(("on_unknown", "status"), [("fail", 1), ("warn", 0)])
def test_a_database_that_cannot_be_read(on_unknown: str, status: int, runner: Runner) -> None:
    environ = {"DATABASE_URL": NOBODY_HOME}
    done = runner.step({}, environ, mode="check", migrations=MIGRATIONS, on_unknown=on_unknown)
    assert (done.status, done.outputs["verdict"]) == (status, "unknown"), done.log
    assert PASSWORD not in done.log + done.summary
    assert done.summary


@pytest.mark.parametrize(
    ("environ", "inputs", "said"),
    [
        ({}, {}, "mode check needs `config`, or DATABASE_URL in the environment of the step"),
        ({}, {"target": "production"}, "`target` names one of the settings: give `config`, too"),
        ({"DATABASE_URL": NOBODY_HOME}, {"migrations": "nowhere"}, "There is no report: the log says why."),
        ({}, {"config": "nowhere.toml"}, "There is no report: the log says why."),
    ],
)
def test_wrong_inputs(environ: dict[str, str], inputs: dict[str, str], said: str, runner: Runner) -> None:
    done = runner.step({}, environ, mode="check", **inputs)
    assert done.status == 1, done.log
    assert said in done.log
