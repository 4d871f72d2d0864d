"""The script that `remedy` writes, run by bash on a terminal with Prisma's own engine: it ends green."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.report.script import as_script
from tests.on_terminal import Done, run_on_terminal
from tests.remedies.production import Production
from tests.remedies.states import STATES, State

_MONITOR = Path(__file__).parents[2] / "monitor.py"


def written(here: Production) -> Path:
    path = here.checkout / "fix.sh"
    check = [sys.executable, str(_MONITOR), "check", "--migrations", str(here.migrations)]
    path.write_text(as_script(here.look(), check))
    return path


def run(here: Production, script: Path, answer: Callable[[str], str]) -> Done:
    environment = {**here.environment, "DATABASE_URL": here.url}
    return run_on_terminal(script, answer, folder=here.checkout, environment=environment)


# A script starts the monitor several times, each with the seconds that takes: one state of each kind.
_NAMES = (
    "failed, some, a gap",
    "nothing, some, a gap",
    "an invalid index",
    "odd names",
    "renamed",
    "a column in the way",
)


@pytest.mark.parametrize("state", [pytest.param(STATES[name], id=name) for name in _NAMES])
def test_following_the_script_ends_green(state: State, production: Callable[..., Production]) -> None:
    here = production("split", state.schema)
    here.ship(state.scripts)
    for action in state.happened:
        action(here)
    person = state.person

    def answer(question: str) -> str:
        if "ix what made" in question and person.fix:
            here.sql(person.fix)
        lines = [
            set(map(int, re.findall(r"\d+", found)))
            for found in re.findall(r"whether lines? ([\d, and]+) ran", question)
        ]
        return "no" if lines and lines[-1] <= person.ran else "yes"

    done = run(here, written(here), answer)
    after = here.look()
    assert {finding.code for finding in after.findings} == set(state.left), done.output
    assert after.verdict in state.verdicts
    assert here.sql(state.query) == list(state.rows), done.output
    assert done.status == 0, done.output
