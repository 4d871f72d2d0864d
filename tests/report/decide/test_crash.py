"""Runs that die: each notes what it is about to tell, and that is all it leaves behind."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.model.finding import Finding
from tests.report.decide.story import API_DOWN, EDITED, FAILED, FEW_USERS, RUNNING, Story

SILENT: list[str] = []
USERS, FOLDERS = FEW_USERS.key, API_DOWN.key
Step = tuple[Callable[[Story], list[str]], list[str]]


def run(*findings: Finding, **rest: Any) -> Callable[[Story], list[str]]:
    return lambda story: story.run(*findings, **rest)


def dying(*findings: Finding, **rest: Any) -> Callable[[Story], list[str]]:
    return run(*findings, dies=True, **rest)


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([(dying(FAILED), ["opened migration 2"]), (run(FAILED), ["opened migration 2"]), (run(FAILED), SILENT)], id="its beginning is told again"),
        pytest.param([(dying(FAILED), ["opened migration 2"]), (run(), ["flapping migration 2"]), (run(), SILENT)], id="it is gone, and its beginning may have been heard"),
        pytest.param([(run(FAILED), ["opened migration 2"]), (dying(), ["resolved migration 2"]), (run(), ["resolved migration 2"]), (run(), SILENT)], id="its end is told again"),
        pytest.param([(run(FAILED), ["opened migration 2"]), (dying(), ["resolved migration 2"]), (run(FAILED), ["opened migration 2"])], id="its end may have been heard, and it is there again"),
        pytest.param(
            [(run(FEW_USERS), [f"opened {USERS}"]), (dying(), [f"resolved {USERS}"]), (dying(RUNNING, FEW_USERS, EDITED), ["opened migration 1"]),
             (run(FEW_USERS, EDITED), [f"opened {USERS}", "opened migration 1"])],
            id="a second run dies while a deployment holds it back",
        ),
        pytest.param(
            [(dying(FEW_USERS), [f"opened {USERS}"]), (dying(RUNNING, FEW_USERS, EDITED), ["opened migration 1"]),
             (run(EDITED), [f"flapping {USERS}", "opened migration 1"]), (run(EDITED), SILENT)],
            id="nothing but two notes is left of its beginning",
        ),
    ],
)  # fmt: skip
def test_what_a_run_that_died_may_have_told_is_told_again(steps: list[Step]) -> None:
    story = Story()
    assert [step(story) for step, _ in steps] == [expected for _, expected in steps]
