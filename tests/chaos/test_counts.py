"""What the chaos counts as lost: that a channel believes to be so what is not, unless the message itself warned of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.harness import Chaos, Receipt
from tests.chaos.receivers import Killer, Receiver
from tests.chaos.victim import Sending

Alerts = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
FAILED: Alerts = (("key", (("staging", "migration 2"),)),)
UNKNOWN: Alerts = (("key", (("staging", "unknown seeds"),)),)
OVER: Alerts = (("key", ()),)


@pytest.fixture
def world(tmp_path: Path) -> Chaos:
    every = {name: Receiver(name, lambda: None) for name in ("team", "oncall", "mail", "chat", "paging")}
    return Chaos(tmp_path, 1, every, {}, Killer())


@pytest.fixture
def receives(world: Chaos) -> Callable[..., None]:
    def receive(*messages: Alerts, is_unsaved: bool = False) -> None:
        world.receipts["team"] = [
            Receipt(cycle, Sending(str(cycle), f"short {cycle}", world.now, alerts, is_unsaved), cycle, doubtful=False)
            for cycle, alerts in enumerate(messages)
        ]

    return receive


@pytest.mark.parametrize(
    ("messages", "lost"),
    [
        pytest.param((FAILED, OVER), [], id="it ended"),
        pytest.param((FAILED,), ["team: migration 2 of staging has ended, and that was not received"], id="no end"),
        pytest.param(
            (UNKNOWN,),
            ["team: (('staging', 'unknown seeds'),) of key: a check works again, and that was not received"],
            id="no end of an unknown check",
        ),
    ],
)
def test_what_is_over_and_nobody_received(
    world: Chaos, receives: Callable[..., None], messages: tuple[Alerts, ...], lost: list[str]
) -> None:
    receives(*messages)
    assert world.counted().lost == lost


@pytest.mark.parametrize("alerts", [FAILED, UNKNOWN])
def test_the_end_of_what_could_not_be_saved(world: Chaos, receives: Callable[..., None], alerts: Alerts) -> None:
    """The next process cannot know that it was sent: the message says that its end may not be reported."""
    receives(alerts, is_unsaved=True)
    assert world.counted().lost == []
    receives(alerts, is_unsaved=True)
    world.receipts["team"] += [Receipt(1, Sending("1", "s", world.now, alerts, is_unsaved=False), 1, doubtful=False)]
    assert world.counted().lost != [], "it was sent once more, and saved"
