"""Which answers are wrong, by the counts alone."""

import pytest

from tests.clients.agreement import Table, Trial, problems

NOW = "now"


def trial(said: bool | None, *failed: str, operations: int = 3) -> Trial:
    return Trial("v1", "v2", operations, {name: f"P2022 {name}" for name in failed}, {NOW: said})


@pytest.mark.parametrize(
    ("trials", "wrong"),
    [
        pytest.param([trial(True), trial(False, "a"), trial(None), trial(None, "a")], [], id="nothing is wrong"),
        pytest.param(
            [trial(True, "a", "b"), trial(True)],
            ["now, v1 was said to work on the schema of v2; a failed: P2022 a, and 1 more"],
            id="said to work, and failed",
        ),
        pytest.param(
            [trial(False), *[trial(False, "a")] * 20, *[trial(True)] * 8],
            ["now, 1 of 9 that did not fail were said to fail (21 were):", "  v1 on the schema of v2"],
            id="more than a tenth of those that did not fail",
        ),
        pytest.param(
            [trial(False), *[trial(False, "a")] * 8, *[trial(True)] * 20],
            ["now, 1 of 21 that did not fail were said to fail (9 were):", "  v1 on the schema of v2"],
            id="more than a tenth of those that were said to fail",
        ),
        pytest.param([trial(False), *[trial(False, "a")] * 9, *[trial(True)] * 9], [], id="a tenth of both"),
        pytest.param(
            [trial(True, operations=0)], ["v1 on the schema of v2: no operation was tried"], id="nothing was tried"
        ),
        pytest.param([], ["no release was tried: there is none before the last migration"], id="no release"),
    ],
)
def test_problems(trials: list[Trial], wrong: list[str]) -> None:
    assert problems(trials, [NOW]) == wrong


def test_each_moment_is_evaluated() -> None:
    both = Trial("v1", "v2", 3, {"a": "P2022"}, {"before": False, "after": True})
    assert problems([both], ["before", "after"]) == ["after, v1 was said to work on the schema of v2; a failed: P2022"]


def test_the_table() -> None:
    trials = [trial(True), trial(True), trial(False, "a"), trial(None), trial(None, "a")]
    assert [line.split() for line in Table(NOW, trials).lines()] == [
        ["now", "failed", "did", "not", "fail"],
        ["said:", "works", "0", "2"],
        ["said:", "does", "not", "work", "1", "0"],
        ["said:", "may", "fail", "1", "1"],
    ]
